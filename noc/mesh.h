/* mesh.h — a 2-D mesh of routers, packet by packet: virtual cut-through with link reservation.
 *
 * A transfer is cut into packets of at most packet_bytes; its next packet enters the injection
 * port when the one before has left it.  One event per packet and router: the head arrives, the
 * route (x first or y first) names the link, and the packet holds that link for as long as its
 * flits need, from the first cycle at which the link is free and the router's pipeline has passed
 * the head.  Links are served in order of (arrival, transfer id, packet), so that transfers
 * interleave packet by packet.  Idle routers cost nothing.  Injection and ejection ports are links.
 *
 * Zero load, H links crossed, port_bits = link_bits: the last byte arrives
 *     2 port_cycles + (H + 1) router_cycles + H link_cycles + sum of flits
 * cycles after the first edge that follows the submission.  With wider ports the flits are those of
 * the links (H > 0) or ports (H = 0); with narrower ports those of the ports, and, since a packet
 * is whole before it enters a wide link, H > 0 adds once what a packet takes longer on a port than
 * on a link.  BookSim2's zero-load formula is the same with port_cycles = 1 and equal widths.
 *
 * Seams: a mesh over several dies has links of another rate and latency between them.  A seam is
 * held for the packet's bytes with headers over its own rate, in 256ths of a cycle, rounded up; the
 * head enters it as soon as it is free, and the tail leaves it no sooner than it came.  So a fast
 * seam takes the flits as they come, and other packets pass between them; behind a slow one the
 * router starts a packet so late that its links, which run at their own rate, do not wait for the
 * tail.  With seam_cycles = latency rounded up, and S = hold rounded up, each crossing adds
 *     seam_cycles - link_cycles + max(0, S - flits of a packet)
 * to the zero load above (the last term not when it follows another seam without a link of a die
 * between); of several packets the slowest link of the way sets the pace.
 *
 * Multicast: the dimension-ordered paths from a source to all its destinations form a tree.  A
 * packet crosses each of its links once, and where the tree forks the router sends it over each
 * branch as soon as that one is free.  A router counts a flit for each output, so that a fork pays
 * for every branch.  Left out: that a router may hold back all branches until the last is free.
 *
 * Exact: no link carries more than its rate.  Left out: finite input buffers (a blocked packet
 * waits outside the links, so trees of blocked links do not form), virtual channels, credits,
 * and allocation losses; beyond about 0.7 of saturation real routers are slower.  With
 * train_packets > 1 a transfer alone at its port sends so many packets as one.
 *
 * Source of the model: cut-through by Kermani and Kleinrock, Computer Networks 1979; the timing
 * formula and its check: docs/MODELS.md. */
#ifndef CIMARRON_MESH_H
#define CIMARRON_MESH_H

#include "core/tech/component.h"
#include "noc/calendar.h"
#include "noc/heap.h"
#include "noc/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As the config gives it. */
struct mesh_config {
    const char *kind;
    double clock_mhz;
    int64_t link_bits, port_bits;
    int64_t router_cycles, link_cycles, port_cycles;
    int64_t packet_bytes, header_bytes, train_packets;
    int64_t router_ports;
    int routing; /* index of "xy", "yx" */
    bool multicast;
    struct quantity wire_pj_per_bit_mm, link_mm, port_mm;
};

enum { SEAM_PARTS = 256 /* of a cycle, in which seams are held */ };

/* A way out of a router in a tree, straight on to where the tree turns, forks, or leaves the mesh.
 * The exits of one router stand together. */
struct tree_exit {
    uint32_t link : 31; /* the first: index into mesh.free_at */
    uint32_t last : 1;  /* of its router */
    int32_t run;        /* links between routers; 0: it is an ejection port */
    int32_t onward;     /* from here to the first exit of the router behind, if there is one */
};

/* What several destinations are reached by from one source.  With multicast one tree; without it
 * a path of its own for each of them, served as copies. */
struct tree {
    uint64_t hash; /* of source and destinations */
    uint32_t src, count;
    const uint32_t *dst;  /* `count` endpoints */
    uint32_t copies;      /* 1, or `count` */
    const uint32_t *root; /* the first exit of each copy */
    const struct tree_exit *exits;
};

/* All trees met so far, found by what they reach, and room to build one in. */
struct tree_found {
    uint32_t from, to; /* nodes; to itself: out of the mesh */
    uint32_t link;
};
struct tree_mark {
    uint64_t turn; /* when this router was last met */
    uint32_t node;
};
struct forest {
    const struct tree **trees;
    size_t count, capacity;
    uint32_t *index; /* open addressing: position + 1 in trees, 0 none */
    size_t index_size;
    struct tree_mark *marks; /* one per router, and one that holds the number of turns */
    struct tree_found *found;
    size_t found_capacity;
};

/* A transfer in progress; a finished one's place is reused. */
struct flow {
    uint64_t id;
    int64_t bytes, sent, delivered; /* sent: of this copy; delivered: to all destinations */
    const struct tree *tree;        /* NULL: to dst alone */
    int64_t latest;                 /* with a tree: the last cycle of what is delivered */
    uint32_t src;
    union {
        uint32_t dst;
        uint32_t copy;   /* with a tree: the one that is being sent */
        uint32_t unused; /* when finished: the next free place */
    };
    int16_t x, y;   /* of the router of dst */
    uint32_t layer; /* index into mesh.layers */
};

/* What the transfers of one layer did since the last account. */
struct layer_counts {
    int32_t layer;
    int64_t router_flits, link_flits, port_flits;
    int64_t seam_bytes; /* with headers */
};

struct completion {
    uint64_t id;
    time_ps done;
};

enum direction { EAST, WEST, SOUTH, NORTH, DIRECTIONS };

struct mesh {
    struct network net;
    struct arena *arena;
    struct mesh_config cfg;
    int64_t khz, width, height, concentration, tiles, endpoints;
    const int64_t *port_router;

    struct quantity router_pj, link_pj, port_pj; /* per flit */
    struct quantity leakage;                     /* mW of the whole network */

    bool *is_seam; /* per link between routers; NULL: no seams */
    struct network_seam seam;
    double seam_bits;    /* per cycle */
    int64_t seam_cycles; /* latency */

    int64_t to_next[DIRECTIONS]; /* from a link to the next straight on, by direction */
    int64_t *free_at; /* cycle from which a link is free; links, then injection, then ejection; of a
                         seam in 256ths */
    int32_t *senders; /* transfers at an endpoint's injection port */
    struct forest forest;
    struct calendar pending; /* packets on their way */
    struct heap arrivals;    /* transfers that will have ended */

    struct flow *flows;
    size_t flow_count, flow_capacity;
    uint32_t first_unused;

    struct completion *ready; /* a queue: [ready_first, ready_end) */
    size_t ready_first, ready_end, ready_capacity;

    struct layer_counts *layers;
    size_t layer_count, layer_capacity;
    uint32_t *layer_index; /* open addressing: position + 1 in layers, 0 none */
    size_t index_size;

    time_ps accounted; /* static energy is booked up to here */
};

extern const struct server_ops mesh_server; /* mesh_server.c */
/* A transfer's last byte is where it goes at this cycle: its place is free. */
void mesh_finish(struct mesh *m, uint32_t flow, int64_t cycle);
/* mesh_hop.c: all heads of the next cycle that has some, in order. */
void mesh_play_cycle(struct mesh *m);
extern const struct network_kind network_mesh; /* mesh.c */

/* The router on which an endpoint hangs, row-major. */
int64_t mesh_router(const struct mesh *m, uint32_t endpoint);

/* mesh_seam.c: marks the links across seams; the rate of a link, bytes per ps. */
void mesh_set_seams(struct mesh *m, const struct network_shape *s);
double mesh_link_rate(const struct network *n, size_t link);

/* mesh_tree.c: the tree of a transfer to several endpoints, built when it is met first; and the
 * load that it puts on each link. */
const struct tree *mesh_tree(struct mesh *m, const struct transfer *t);
void mesh_add_load_tree(const struct network *n, const struct transfer *t, double *load);

static inline uint64_t mesh_mixed(uint64_t hash, int64_t word)
{
    uint64_t z = (hash ^ (uint64_t)word) + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The direction in which a packet at (x, y) leaves for (to_x, to_y); the two differ. */
static inline enum direction mesh_route(const struct mesh *m, int x, int y, int to_x, int to_y)
{
    bool along_x = m->cfg.routing == 0 ? x != to_x : y == to_y;
    if (along_x)
        return to_x > x ? EAST : WEST;
    return to_y > y ? SOUTH : NORTH;
}

static inline size_t mesh_link(const struct mesh *m, int x, int y, enum direction way)
{
    return ((size_t)y * (size_t)m->width + (size_t)x) * DIRECTIONS + (size_t)way;
}

/* Does this link between routers leave a die? */
static inline bool mesh_is_seam(const struct mesh *m, size_t link)
{
    return m->is_seam != NULL && m->is_seam[link];
}

/* The link straight on behind this one. */
static inline uint32_t mesh_next_link(const struct mesh *m, uint32_t link)
{
    return (uint32_t)(link + m->to_next[link % DIRECTIONS]);
}

static inline size_t mesh_injection(const struct mesh *m, uint32_t endpoint)
{
    return (size_t)(m->width * m->height) * DIRECTIONS + endpoint;
}

static inline size_t mesh_ejection(const struct mesh *m, uint32_t endpoint)
{
    return mesh_injection(m, endpoint) + (size_t)m->endpoints;
}

#ifdef __cplusplus
}
#endif
#endif
