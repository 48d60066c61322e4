/* ledger.h — the books of one run: who did what how often, at which price.
 *
 * Parts count; the ledger multiplies, in one loop.  Nothing else adds energy.  A row is
 * (part, layer, action, price); counts of equal rows add up.  Static, refresh and background
 * energy go to layer LEDGER_STATIC.  Sums run in the order in which rows first appeared, so
 * equal runs give equal bytes. */
#ifndef CIMARRON_LEDGER_H
#define CIMARRON_LEDGER_H

#include "core/base/arena.h"
#include "core/base/costed.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { LEDGER_STATIC = -1 };

struct ledger_row {
    enum part part;
    int32_t layer; /* the trace's op id, or LEDGER_STATIC */
    const char *action;
    double count;
    struct quantity pj;
};

struct ledger;

struct ledger *ledger_open(struct arena *a);

/* count >= 0; pj.value >= 0.  `action` is a string literal. */
void ledger_add(struct ledger *l, enum part part, int32_t layer, const char *action, double count,
                struct quantity pj);
void ledger_add_cost(struct ledger *l, int32_t layer, const struct cost *c, double times);

/* l += times * (after - before), row by row: repeating a period by arithmetic.  `before` must
 * be an earlier snapshot of `after`; each may be the same ledger as l. */
void ledger_add_period(struct ledger *l, const struct ledger *before, const struct ledger *after,
                       double times);
struct ledger *ledger_snapshot(const struct ledger *l, struct arena *a);

size_t ledger_rows(const struct ledger *l);
const struct ledger_row *ledger_row(const struct ledger *l, size_t index);

/* The one loop: total energy in pJ, and where it went. */
struct ledger_sums {
    double total_pj;
    double part_pj[PART_COUNT];
    double assumed_pj; /* the share whose price is FROM_ASSUMED */
};
void ledger_sum(const struct ledger *l, struct ledger_sums *out);

/* Energy of the rows of one layer, in pJ; several at once: ledger_sum_layers fills
 * pj[i] for ids[i] (any order, ids unique; LEDGER_STATIC allowed). */
void ledger_sum_layers(const struct ledger *l, const int32_t *ids, size_t count, double *pj);

#ifdef __cplusplus
}
#endif
#endif
