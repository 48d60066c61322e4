/* dram_class_set.h — classes of equal channels: which channel is in which, splitting, joining.
 *
 * Answers: for dram_classes.c, who is treated alike.  A class is a state, how many channels are in
 * it, and what each of them will have done for the transfers in flight. */
#ifndef CIMARRON_MEMORY_DRAM_CLASS_SET_H
#define CIMARRON_MEMORY_DRAM_CLASS_SET_H

#include "memory/dram_classes.h"
#include "memory/dram_memo_key.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DRAM_CLASS_BUCKETS = 256 };

/* What is known of a transfer: bursts that nothing can change any more, or all. */
struct dram_tally {
    int64_t done;
    double activates;
};

/* What one channel of a class will have done for a transfer after its certain state. */
struct dram_outcome {
    struct dram_tally tally;
    int32_t owner;
};

/* Bursts of a channel, numbered within it. */
struct dram_piece {
    int64_t from, to;
};

struct dram_class {
    struct dram_channel state; /* never further than what is certain */
    int64_t members;
    bool stale; /* outcomes must be found anew */
    int outcome_count;
    struct dram_outcome outcome[DRAM_SLOTS];
    /* While a transfer is handed out, or classes are joined; -1: none. */
    int64_t touched;
    int32_t other;   /* where touched members go; the class joined with; the next of its pieces */
    int32_t chained; /* the next with a key like this one's */
    uint64_t hash;
    struct dram_piece piece;
};

struct dram_classes {
    const struct dram_engine *engine;
    bool share;
    int64_t channels;
    struct dram_class *pool;
    struct dram_channel ahead; /* scratch */
    int32_t *of;               /* channel -> class */
    int32_t *live, *free;      /* classes in use; others */
    int32_t *hit;              /* scratch: those that a transfer touches */
    int64_t live_count, free_count, hit_count;
    int32_t bucket[DRAM_CLASS_BUCKETS];
    struct dram_key key[2];    /* scratch */
    int32_t owner[DRAM_SLOTS]; /* slot + DRAM_SLOTS * generation: old segments may linger */
    struct dram_tally sure[DRAM_SLOTS]; /* over all channels */
    struct dram_tally end[DRAM_SLOTS];
};

/* A free class, now in use, with so many members and no state. */
int32_t dram_class_take(struct dram_classes *k, int64_t members);

/* Another class in the same state, without members. */
int32_t dram_class_copy(struct dram_classes *k, int32_t of);

void dram_class_move(struct dram_classes *k, int64_t channel, int32_t to);

/* Adds what each of so many members has done. */
void dram_tally_add(struct dram_tally *t, const struct dram_tally *more, int64_t members);

/* Moves what a segment has come to into its transfer's account, unless that has ended. */
void dram_class_settle(struct dram_classes *k, const struct dram_class *c, struct dram_segment *g);

/* The members among channels [from, from + count), around the last one, apart from the others;
 * their classes into `hit`. */
void dram_class_split_touched(struct dram_classes *k, int64_t from, int64_t count);

/* The classes of these channels, split by what bursts [first, end) of the memory give them; the
 * piece of each into the class, new ones into `hit`. */
void dram_class_split_pieces(struct dram_classes *k, int64_t first, int64_t end, int64_t from,
                             int64_t count);

/* Joins those of `hit` that are equal. */
void dram_class_join_equal(struct dram_classes *k);

#ifdef __cplusplus
}
#endif
#endif
