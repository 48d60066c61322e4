/* dram_books.h — what a DRAM did since it was asked last, layer by layer, and what it cost.
 *
 * Answers: the ledger's rows of activations, bursts, refreshes and standby.  Refreshes are those
 * due by the clock, whether a channel was busy or not.  Prices: dram.h. */
#ifndef CIMARRON_MEMORY_DRAM_BOOKS_H
#define CIMARRON_MEMORY_DRAM_BOOKS_H

#include "memory/dram.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of one layer. */
struct dram_work {
    int32_t layer;
    double activates, reads, writes; /* rows opened, bursts */
};

struct dram_books {
    struct arena *arena;
    const struct dram_spec *spec;
    const struct dram_prices *prices;
    struct dram_work *work; /* by layer, ascending */
    size_t work_count, work_room;
    int64_t accounted_refreshes;
    time_ps accounted;
};

/* `s` and `prices` must outlive the books. */
void dram_books_open(struct dram_books *m, struct arena *a, const struct dram_spec *s,
                     const struct dram_prices *prices);

/* Where a layer's work is counted; valid until the next call. */
struct dram_work *dram_books_of(struct dram_books *m, int32_t layer);

/* Moves what was counted into the ledger; static rows up to `now`, which falls in `cycle`. */
void dram_books_account(struct dram_books *m, struct ledger *l, time_ps now, int64_t cycle);

#ifdef __cplusplus
}
#endif
#endif
