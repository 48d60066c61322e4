/* heap.h — the pending events of a network, earliest first: of few packets, or the ends of
 * transfers.  Where very many packets are on their way noc/calendar.h is cheaper.
 *
 * Order: (cycle, transfer id, packet number).  A 4-ary heap of values: shallow, and one cache line
 * per level.  It grows in the arena. */
#ifndef CIMARRON_HEAP_H
#define CIMARRON_HEAP_H

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the head of a packet is. */
enum stage {
    AT_PORT,   /* at its source's injection port */
    AT_SOURCE, /* entering its first router, from the port */
    IN_MESH    /* entering a later router, from a link */
};

struct event {
    int64_t cycle; /* the head's arrival; for a completion the tail's */
    uint64_t id;   /* of the transfer */
    uint32_t packet;
    uint32_t flow;       /* index of the transfer in progress */
    int32_t bytes;       /* payload */
    int32_t link_cycles; /* that it holds a link between routers */
    int32_t port_cycles; /* that it holds an injection or ejection port */
    int32_t stage;       /* enum stage */
    uint32_t node;       /* that it enters */
};

struct heap {
    struct arena *arena;
    struct event *items;
    size_t count, capacity;
};

static inline bool event_before(const struct event *a, const struct event *b)
{
    if (a->cycle != b->cycle)
        return a->cycle < b->cycle;
    if (a->id != b->id)
        return a->id < b->id;
    return a->packet < b->packet;
}

void heap_push(struct heap *h, const struct event *e);
void heap_pop(struct heap *h); /* drops items[0]; the heap must not be empty */

/* `items` of `size` bytes with room for one more than `used`: the same, or a copy of twice the
 * capacity. */
void *heap_room(struct arena *a, void *items, size_t used, size_t *capacity, size_t size);

#ifdef __cplusplus
}
#endif
#endif
