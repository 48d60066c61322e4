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
    struct quantity wire_pj_per_bit_mm, link_mm, port_mm;
};

/* A transfer in progress; a finished one's place is reused. */
struct flow {
    uint64_t id;
    int64_t bytes, sent, delivered;
    uint32_t src, dst;
    int16_t x, y;    /* of the destination's router */
    uint32_t layer;  /* index into mesh.layers */
    uint32_t unused; /* next free place */
};

/* What the transfers of one layer did since the last account. */
struct layer_counts {
    int32_t layer;
    int64_t router_flits, link_flits, port_flits;
};

struct completion {
    uint64_t id;
    time_ps done;
};

struct mesh {
    struct network net;
    struct arena *arena;
    struct mesh_config cfg;
    int64_t khz, width, height, concentration, tiles, endpoints;
    const int64_t *port_router;

    struct quantity router_pj, link_pj, port_pj; /* per flit */
    struct quantity leakage;                     /* mW of the whole network */

    int64_t *free_at; /* cycle from which a link is free; links, then injection, then ejection */
    int32_t *senders; /* transfers at an endpoint's injection port */
    struct heap events, arrivals;

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

enum direction { EAST, WEST, SOUTH, NORTH, DIRECTIONS };

extern const struct server_ops mesh_server;    /* mesh_server.c */
extern const struct network_kind network_mesh; /* mesh.c */

/* The router on which an endpoint hangs, row-major. */
int64_t mesh_router(const struct mesh *m, uint32_t endpoint);

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
