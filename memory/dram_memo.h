/* dram_memo.h — streams repeat themselves; what was met before is not simulated again.
 *
 * Answers: the state of a channel some hundred bursts later, when a state equal to the present one
 * (up to a shift in time and by whole rows) was met before, with the next refresh far off or
 * equally far.  Exact: the key is the whole state that decides the future, compared word by word;
 * the answer is what the simulation gave then.  Known stretches are linked, so a long stream goes
 * from one to the next without touching the state. It applies only inside a segment, when
 * everything in the queues belongs to it, and where the address mapping has its row bits on top (so
 * that the next row looks like this one). */
#ifndef CIMARRON_MEMORY_DRAM_MEMO_H
#define CIMARRON_MEMORY_DRAM_MEMO_H

#include "memory/dram_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* At most `capacity` stretches are kept (about 14 KiB each); others are simulated each time. */
struct dram_memo *dram_memo_open(struct arena *a, const struct dram_spec *s, size_t capacity);

/* Is the channel, between two cycles, where a stretch may start or end?  Says so once each time. */
bool dram_memo_boundary(struct dram_channel *c);

/* Called at a boundary.  True: the channel has moved on along known stretches, not beyond `until`.
 * Records what it does next either way. */
bool dram_memo_skip(const struct dram_engine *e, struct dram_channel *c, int64_t until);

/* A channel was written from outside: what is being recorded is not kept. */
void dram_memo_forget(struct dram_memo *m);

/* Stretches answered from memory so far. */
int64_t dram_memo_hits(const struct dram_memo *m);

#ifdef __cplusplus
}
#endif
#endif
