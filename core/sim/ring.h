/* ring.h — records by number, the oldest of which go: those in [first, end) are there.
 *
 * What a long run keeps is what is under way, however much is behind it. */
#ifndef CIMARRON_RING_H
#define CIMARRON_RING_H

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ring {
    char *records;
    size_t size; /* of a record, in bytes */
    int64_t first, end, room;
};

/* Empty, for records of `size` bytes. */
struct ring ring_of(size_t size);

/* Makes the ring reach up to `end`; records that are new are zero. */
void ring_reach(struct ring *r, struct arena *a, int64_t end);

/* Record number i, which is in [first, end). */
void *ring_at(const struct ring *r, int64_t i);

/* Forgets what is before `first`, which is at most `end`; nothing comes back. */
void ring_forget(struct ring *r, int64_t first);

#ifdef __cplusplus
}
#endif
#endif
