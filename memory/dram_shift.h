/* dram_shift.h — a channel's state moved to a later time and to other rows; counts of what
 * happened.
 *
 * Answers: the state in which a channel is that did elsewhere in time what it did here.  Nothing
 * checks that it would: dram_memo.h does. */
#ifndef CIMARRON_MEMORY_DRAM_SHIFT_H
#define CIMARRON_MEMORY_DRAM_SHIFT_H

#include "memory/dram_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dram_shift {
    int64_t cycles, rows;
    uint64_t order;  /* requests that have come meanwhile */
    int32_t segment; /* place in the ring of the one that all requests belong to */
};

/* All cycles (the next refresh too), open rows and waiting requests; not the ring of segments. */
void dram_shift(const struct dram_spec *s, struct dram_channel *c, const struct dram_shift *by);

void dram_counts_add(struct dram_counts *to, const struct dram_counts *more);
struct dram_counts dram_counts_between(const struct dram_counts *a, const struct dram_counts *b);

#ifdef __cplusplus
}
#endif
#endif
