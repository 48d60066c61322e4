/* package.h — dies on a substrate: what lies where, which links join them, what moves between them.
 *
 * Answers: whether the edges and areas of dies can carry the links and memory stacks that a config
 * asks for (refused with what is needed and what is there); the route between two dies, its latency
 * and its narrowest bandwidth; collectives over a ring of dies; and, as a server, when a transfer
 * between dies is done under contention.
 *
 * Structure.  A die is a rectangle, its lower left corner at (x, y), y to the north, on a tier
 * (above 0 only when the substrate is stacked).  A link joins two dies of one tier that face each
 * other with nothing between, no further apart than its reach; it takes edge_mm of both edges.
 * Between neighbouring tiers it takes the area of the overlap.  Memory stacks lie before an edge.
 *
 * Server.  Endpoints are dies.  A transfer is cut into packets of packet_bytes, or into 64 when
 * that is larger.  A packet crosses the links of its route cut-through, holding each in its
 * direction for its bytes over the rate; whoever arrives first goes first, ties by transfer id.  A
 * transfer to several dies goes as copies, one after the other.  Zero load: package_time_ps,
 * exactly. Left out: finite buffers (a blocked packet waits off the links), the networks inside the
 * dies, which the caller has, and training or power states of links.
 *
 * Sources: shoreline accounting as in UCIe 1.0, 2022; cut-through by Kermani and Kleinrock,
 * Computer Networks 1979; rings by Patarasuk and Yuan, JPDC 69, 2009. */
#ifndef CIMARRON_PACKAGE_H
#define CIMARRON_PACKAGE_H

#include "chiplet/link.h"
#include "chiplet/yield.h"
#include "core/base/server.h"
#include "memory/memory.h"
#include "noc/heap.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PACKAGE_DIES_MAX = 256, PACKAGE_STACKS_MAX = 16, PACKAGE_PACKETS = 64 };

enum side { SIDE_WEST, SIDE_EAST, SIDE_SOUTH, SIDE_NORTH, SIDES };

struct rectangle {
    double x, y, width, height; /* mm */
};

struct package_die {
    const char *name;
    const char *chip; /* the chip config that it is; "" when the package does not say */
    struct rectangle at;
    int64_t tier;
    double edge_mm[SIDES]; /* taken by links and memory ports */
    double io_mm2;         /* the same, area */
    int64_t stacks;        /* memory stacks attached */
};

/* A bundle of equal links between two dies. */
struct package_edge {
    const char *name;
    uint32_t a, b;
    int64_t count; /* links side by side */
    struct link link;
    bool vertical;          /* between tiers */
    enum side side_a;       /* of die a; die b uses the opposite one */
    double facing_mm;       /* edge that the two dies share; vertical: 0 */
    double gap_mm;          /* between the dies */
    double bytes_per_ps;    /* payload, each direction, all links */
    double raw_bits_per_ps; /* the same on the wires */
    time_ps latency_ps;     /* first byte in to first byte out */
};

struct package_memory {
    const char *name;
    uint32_t die;
    enum side side;
    int64_t count;
    struct memory **stacks; /* `count` of them, each with channels of its own */
    struct rectangle *at;   /* where each lies */
    double port_mm;         /* of the die's edge, per stack */
    double stack_usd;
};

struct package_flow {
    uint64_t id;
    int64_t bytes, sent, packet, delivered; /* delivered: to all destinations */
    const uint32_t *more_dst;
    uint32_t src, dst, copies, copy;
    uint32_t layer;  /* index into layers */
    time_ps latest;  /* last byte of what is delivered */
    uint32_t unused; /* when finished: the next free place */
};

struct package_layer {
    int32_t layer;
    double *bits; /* moved since the last account, one entry per edge */
};

struct package_done {
    uint64_t id;
    time_ps done;
};

struct package {
    struct server base;
    struct arena *arena;
    const char *name; /* base name of the config, or its title */
    const char *title;
    int kind; /* 0: the word "package" */
    int64_t year;
    int substrate;   /* enum substrate */
    int power_scope; /* index of a word */
    double regulator_efficiency, cooling_w_per_mm2;
    struct link host, fabric; /* fabric: to the next package */
    bool has_host, has_fabric;
    double width_mm, height_mm;
    double io_area_fraction; /* of a die that links and memory ports may take */
    double hop_ns;           /* through a die on the way */
    int64_t packet_bytes;

    struct package_die *dies;
    struct package_edge *edges;
    struct package_memory *memories;
    uint32_t die_count, edge_count, memory_count;
    time_ps hop_ps;
    int32_t *next_edge; /* [from * die_count + to]; -1: from is to */

    bool has_cost; /* the config has die_process and assembly */
    struct yield_process process;
    struct yield_assembly assembly;

    /* The server's state: links in use, packets on their way, what was done. */
    time_ps soonest_ps; /* no packet is delivered faster */
    time_ps *free_at;   /* [2 * edge + direction], direction 0 from a to b */
    struct heap events, arrivals;
    struct package_flow *flows;
    size_t flow_count, flow_capacity;
    uint32_t first_unused;
    struct package_done *ready;
    size_t ready_first, ready_end, ready_capacity;
    struct package_layer *layers;
    size_t layer_count, layer_capacity;
    double *idle_bits; /* booked per edge */
    double *moved_bits;
    time_ps accounted;
};

extern const struct cfg_schema package_schema, package_die_schema, package_edge_schema,
    package_memory_schema, package_stack_schema; /* for `cimarron list` */

extern const char *const side_words[];          /* "west", ..., NULL */
extern const char *const package_scope_words[]; /* "chip", "board", "system", NULL */

FALLIBLE bool package_open(struct arena *a, const struct cfg_group *g, struct package **out,
                           struct diag *d);

/* --- structure ------------------------------------------------------------------------------- */

double package_area_mm2(const struct package *p);    /* of the substrate */
double package_silicon_mm2(const struct package *p); /* of all dies */
int64_t package_stacks(const struct package *p);     /* memory stacks of all dies */
double package_die_memory_bytes_per_ps(const struct package *p, uint32_t die); /* of its stacks */
int64_t package_die_memory_bytes(const struct package *p, uint32_t die);

/* All lanes busy; standing by (both in mW, all links). */
double package_link_peak_mw(const struct package *p);
double package_link_idle_mw(const struct package *p);

/* Dollars of the whole package, dies by their area; false when the config has no prices. */
bool package_cost(const struct package *p, struct yield_package_cost *out);

/* --- routes ---------------------------------------------------------------------------------- */

/* Links crossed from a to b: the route of least latency, the same back and forth. */
int64_t package_hops(const struct package *p, uint32_t a, uint32_t b);
/* The die behind the first link of the route, and that link's index; a is not b. */
uint32_t package_step(const struct package *p, uint32_t a, uint32_t b, uint32_t *edge);
time_ps package_latency_ps(const struct package *p, uint32_t a, uint32_t b); /* of the first byte */
/* Payload of the narrowest link on the route, one direction; infinite when a is b. */
double package_bandwidth(const struct package *p, uint32_t a, uint32_t b);
/* Payload of both directions over the narrowest cut into halves (of n and n or n + 1 dies): exact
 * up to 16 dies; above, the narrower of the cuts across x and across y.  Infinite for one die. */
double package_bisection(const struct package *p);
/* Of a transfer alone, from the picosecond that follows its submission to its last byte. */
time_ps package_time_ps(const struct package *p, uint32_t a, uint32_t b, int64_t bytes);
/* Bits and their price, no contention; duration is the time alone. */
void package_transfer_cost(const struct package *p, uint32_t a, uint32_t b, double bytes,
                           struct cost *out);

/* --- collectives ------------------------------------------------------------------------------ */

/* A ring through some dies, in both directions at once, each with half of the data.  The order is
 * the best of all for up to 8 dies at the size given, and row by row back and forth above. */
struct package_ring {
    uint32_t count;
    uint32_t *order;
    double alpha_ps;         /* of a step: the slowest hop, and through the die that it ends in */
    double beta_ps_per_byte; /* per byte of a step's piece, by the most loaded link */
};

void package_ring_open(struct arena *a, const struct package *p, const uint32_t *dies,
                       uint32_t count, double bytes, struct package_ring *out);

/* Of `bytes` that every die holds, and sums; alpha-beta: 2 (n - 1) (alpha + bytes / n x beta). */
double package_all_reduce_ps(const struct package_ring *r, double bytes);
/* Of `bytes` in all, an n-th of which each die has (gather) or gets (reduce-scatter). */
double package_all_gather_ps(const struct package_ring *r, double bytes);
/* Bits moved, on PART_LINK, and the duration; additions are the caller's. */
void package_all_reduce_cost(const struct package *p, const struct package_ring *r, double bytes,
                             struct cost *out);
void package_all_gather_cost(const struct package *p, const struct package_ring *r, double bytes,
                             struct cost *out);

/* --- private to chiplet/ ---------------------------------------------------------------------- */

extern const struct server_ops package_server;                        /* package_server.c */
void package_server_open(struct package *p);                          /* package_server.c */
bool package_route(struct package *p, uint32_t *from, uint32_t *to);  /* false: no way between */
time_ps package_hold_ps(const struct package_edge *e, int64_t bytes); /* of a link by a packet */
int64_t package_packet(const struct package *p, int64_t bytes);       /* cut of such a transfer */

/* package_place.c: geometry and the edges and areas in use; complains with need and has. */
bool package_place(struct package *p, const struct cfg_group *g, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
