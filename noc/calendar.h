/* calendar.h — the pending packet heads of a mesh: all of the earliest cycle at once, in order.
 *
 * Answers: which heads come next, in the order (cycle, transfer id, packet).  Only the branches of
 * one multicast packet can share all three, and they never want the same link.  Time only moves
 * forward: nothing may be put before the cycle that was taken last.
 *
 * A wheel of levels.  Level 0 has a bucket for each of the next cycles, level k one for each digit
 * of 256^k cycles; a head lies at the level of the highest digit in which its cycle differs from
 * the cycle that was taken last, and moves down when that comes near.  Putting and taking cost the
 * same however many wait.  A bucket is a chain of blocks, in which heads stand in the order in
 * which they were put: a few rising runs, since heads that cross a router in order come to the next
 * in order. Taking merges the runs.  Blocks go round; all grows in the arena.
 *
 * Source: G. Varghese and A. Lauck, Hashed and Hierarchical Timing Wheels, SOSP 1987. */
#ifndef CIMARRON_CALENDAR_H
#define CIMARRON_CALENDAR_H

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the head of a packet is. */
enum hop_stage {
    HOP_AT_PORT, /* at its source's injection port */
    HOP_IN_MESH, /* entering a router, for one destination */
    HOP_IN_TREE  /* entering a router, for several */
};

struct tree_exit;

/* The head of a packet arrives. */
struct hop {
    int64_t cycle; /* >= 0 */
    uint64_t id;   /* of the transfer */
    uint32_t packet;
    uint32_t flow;                /* index of the transfer in progress */
    uint32_t layer;               /* index of the layer that pays */
    int32_t stage;                /* enum hop_stage */
    int32_t bytes;                /* payload */
    int32_t link_cycles;          /* that it holds a link between routers */
    int32_t port_cycles;          /* that it holds an injection or ejection port */
    int32_t behind;               /* cycles from the head's arrival at a router to the tail's */
    uint32_t link;                /* straight on from the router that it enters */
    int32_t run;                  /* links straight on before it turns, forks, or leaves the mesh */
    const struct tree_exit *exit; /* in a tree: the first of the router at which the run ends */
};

enum {
    CALENDAR_DIGIT = 8, /* bits */
    CALENDAR_BUCKETS = 1 << CALENDAR_DIGIT,
    CALENDAR_LEVELS = 64 / CALENDAR_DIGIT,
    CALENDAR_WORDS = CALENDAR_BUCKETS / 64,
    HOP_BLOCK = 16 /* hops: a kilobyte */
};

struct hop_block {
    struct hop_block *next;
    struct hop hops[HOP_BLOCK];
};

/* All blocks but the last are full. */
struct hop_bucket {
    struct hop_block *first, *last;
    int64_t least; /* cycle of its earliest */
    uint32_t fill; /* hops in the last block */
};

struct hop_level {
    uint64_t used[CALENDAR_WORDS]; /* a bit for each bucket that holds something */
    struct hop_bucket buckets[CALENDAR_BUCKETS];
};

/* A head whose turn has come. */
struct hop_turn {
    uint64_t id;
    uint32_t packet;
    struct hop *hop;
};

struct calendar {
    struct arena *arena;
    int64_t now; /* the cycle that was taken last */
    size_t count;
    struct hop_level *levels; /* CALENDAR_LEVELS, made with the first hop */
    struct hop_bucket taken;
    struct hop_block *idle;
    struct hop_turn *turns, *aside; /* of what was taken, and room to merge */
    size_t turn_capacity;
    size_t *runs; /* where each begins among the turns */
};

/* Puts a copy of `h` aside for its cycle, which is not before the one taken last. */
void calendar_put(struct calendar *c, const struct hop *h);

/* The earliest pending cycle; INT64_MAX: there is none. */
int64_t calendar_next(const struct calendar *c);

/* Takes all hops of the earliest cycle; there must be one.  `turns` gets them in order; they stay
 * where they are, for the caller to change, until the next take.  What is put meanwhile for the
 * same cycle belongs to the next take. */
size_t calendar_take(struct calendar *c, struct hop_turn **turns);

#ifdef __cplusplus
}
#endif
#endif
