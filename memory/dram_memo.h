/* dram_memo.h — streams repeat from refresh to refresh; what was met before is not simulated again.
 *
 * Answers: the state of a channel one refresh interval later, when a state equal to the present
 * one (up to a shift in time and by whole rows) was met before.  Exact: the key is the whole state
 * that decides the future, compared word by word; the answer is what the simulation gave then.
 * It applies only in the middle of a long segment, when everything in the queues belongs to it and
 * the address mapping has its row bits on top (so that the next row looks like this one). */
#ifndef CIMARRON_MEMORY_DRAM_MEMO_H
#define CIMARRON_MEMORY_DRAM_MEMO_H

#include "memory/dram_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* At most `capacity` intervals are kept; later ones are simulated each time. */
struct dram_memo *dram_memo_open(struct arena *a, const struct dram_spec *s, size_t capacity);

/* Called in the cycle before a refresh is due.  True: the channel now stands one refresh interval
 * later, not beyond `until`.  False: nothing was done (the interval may be recorded as it runs). */
bool dram_memo_skip(const struct dram_engine *e, struct dram_channel *c, int64_t until);

/* Intervals answered from memory so far. */
int64_t dram_memo_hits(const struct dram_memo *m);

#ifdef __cplusplus
}
#endif
#endif
