/* dram_memo_key.h — the state of a channel that decides its future, as words to compare.
 *
 * Answers: whether two channels, or one at two times, will do the same.  Times count from now and
 * those that have come are all 0; rows count from the row of the segment being taken in, or from 0
 * where two channels at the same time are compared. */
#ifndef CIMARRON_MEMORY_DRAM_MEMO_KEY_H
#define CIMARRON_MEMORY_DRAM_MEMO_KEY_H

#include "memory/dram_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    DRAM_KEY_WORDS = 32 + 5 * DRAM_BANKS_MAX + 3 * DRAM_BANKS_MAX + 10 * DRAM_PSEUDO_MAX +
                     5 * DRAM_POOL + 5 * DRAM_SEGMENTS
};

struct dram_key {
    size_t count;
    uint64_t hash;
    int64_t word[DRAM_KEY_WORDS];
};

/* The state of `c`, which is taking in a segment. */
void dram_key_make(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c);

/* `base` with its last word: cycles to the next refresh, or -1 for a stretch without one. */
void dram_key_end(struct dram_key *k, const struct dram_key *base, int64_t distance);

/* All of `c`: its cycle, its state, whose its requests are, what it has yet to take in.  What is
 * done for a segment so far is left out: it decides nothing. */
void dram_key_whole(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c);

bool dram_key_equal(const struct dram_key *a, const struct dram_key *b);

#ifdef __cplusplus
}
#endif
#endif
