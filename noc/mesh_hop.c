/* mesh_hop.c — packets on their way through a mesh, one hop at a time: which links they hold, from
 * when, and where their heads go next. */
#include <math.h>
#include <stdlib.h>

#include "noc/cycles.h"
#include "noc/mesh.h"

enum { AHEAD = 6 /* turns */ };

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t cycles_for(int64_t bytes, int64_t bits)
{
    return ceil_div(bytes * 8, bits);
}

/* The bytes of the next packet, or of the next train when nobody else waits at this port. */
static int64_t next_bytes(const struct mesh *m, const struct flow *f)
{
    int64_t packets = m->senders[f->src] == 1 ? m->cfg.train_packets : 1;
    int64_t most = packets * m->cfg.packet_bytes, left = f->bytes - f->sent;
    return left < most ? left : most;
}

/* Bytes with their packets' headers. */
static int64_t framed(const struct mesh *m, int64_t bytes)
{
    return bytes + ceil_div(bytes, m->cfg.packet_bytes) * m->cfg.header_bytes;
}

/* --- links ---------------------------------------------------------------------------------- */

/* Holds a link for `hold` cycles: from when it is free, the head has passed the router, and the
 * tail, which arrives behind it, need no longer be waited for. */
static int64_t reserve(struct mesh *m, size_t link, const struct hop *e, int64_t hold)
{
    int64_t ready = e->cycle + m->cfg.router_cycles;
    int64_t start = later(later(m->free_at[link], ready), ready + e->behind - hold);
    m->free_at[link] = start + hold;
    return start;
}

/* A seam is held at its own rate, in parts of a cycle; routers see whole cycles again. */
static void take_seam(struct mesh *m, size_t link, struct hop *e, struct layer_counts *count)
{
    int64_t ready = e->cycle + m->cfg.router_cycles, wire = framed(m, e->bytes);
    int64_t hold = (int64_t)ceil(8.0 * (double)wire / m->seam_bits * SEAM_PARTS);
    int64_t start = later(m->free_at[link], ready * SEAM_PARTS);
    int64_t tail = later(start + hold, (ready + e->behind) * SEAM_PARTS);
    m->free_at[link] = start + hold;
    e->cycle = ceil_div(start, SEAM_PARTS) + m->seam_cycles;
    e->behind = (int32_t)(ceil_div(tail, SEAM_PARTS) - ceil_div(start, SEAM_PARTS));
    count->seam_bytes += wire;
}

/* The packet takes a link between routers, and goes to the router behind it. */
static void take_link(struct mesh *m, size_t link, struct hop *e)
{
    struct layer_counts *count = &m->layers[e->layer];
    if (mesh_is_seam(m, link)) {
        take_seam(m, link, e, count);
        return;
    }
    e->cycle = reserve(m, link, e, e->link_cycles) + m->cfg.link_cycles;
    e->behind = e->link_cycles;
    count->link_flits += e->link_cycles;
}

/* --- into the mesh ---------------------------------------------------------------------------- */

/* A transfer that has been sent to one destination turns to the next; false: there is none. */
static bool next_copy(struct flow *f)
{
    if (f->tree == NULL || f->copy + 1 == f->tree->copies)
        return false;
    f->copy++;
    f->sent = 0;
    return true;
}

/* A packet is before its source's router. */
static void enter(const struct mesh *m, const struct flow *f, struct hop *e)
{
    e->layer = f->layer;
    e->link = (uint32_t)mesh_router(m, f->src) * DIRECTIONS;
    e->stage = f->tree != NULL ? HOP_IN_TREE : HOP_IN_MESH;
    if (f->tree != NULL)
        e->exit = &f->tree->exits[f->tree->root[f->copy]];
}

/* A packet takes the injection port, and is before its first router; the one behind it follows. */
static void inject(struct mesh *m, struct hop *e)
{
    struct flow *f = &m->flows[e->flow];
    int64_t bytes = next_bytes(m, f), wire = framed(m, bytes);
    size_t port = mesh_injection(m, f->src);
    int64_t hold = cycles_for(wire, m->cfg.port_bits);
    int64_t start = later(m->free_at[port], e->cycle);
    m->free_at[port] = start + hold;
    m->layers[f->layer].port_flits += hold;
    f->sent += bytes;

    struct hop follower = *e;
    follower.cycle = start + hold;
    follower.packet++;

    e->cycle = start + m->cfg.port_cycles;
    e->bytes = (int32_t)bytes;
    e->port_cycles = (int32_t)hold;
    e->behind = e->port_cycles;
    e->link_cycles = (int32_t)cycles_for(wire, m->cfg.link_bits);
    enter(m, f, e);
    if (f->sent < f->bytes || next_copy(f))
        calendar_put(&m->pending, &follower);
    else
        m->senders[f->src]--;
}

/* --- through routers, and out ----------------------------------------------------------------- */

/* A packet leaves its destination's router through the ejection port. */
static void eject(struct mesh *m, const struct hop *e)
{
    struct flow *f = &m->flows[e->flow];
    int64_t start = reserve(m, mesh_ejection(m, f->dst), e, e->port_cycles);
    m->layers[e->layer].router_flits += e->link_cycles;
    m->layers[e->layer].port_flits += e->port_cycles;
    f->delivered += e->bytes;
    if (f->delivered == f->bytes)
        mesh_finish(m, e->flow, start + m->cfg.port_cycles + e->port_cycles);
}

/* A packet leaves a router of its tree through an ejection port. */
static void deliver(struct mesh *m, const struct hop *e, int64_t start)
{
    struct flow *f = &m->flows[e->flow];
    m->layers[e->layer].router_flits += e->link_cycles;
    m->layers[e->layer].port_flits += e->port_cycles;
    f->delivered += e->bytes;
    f->latest = later(f->latest, start + m->cfg.port_cycles + e->port_cycles);
    if (f->delivered == f->bytes * f->tree->count)
        mesh_finish(m, e->flow, f->latest);
}

/* A packet crosses a router, and the link straight on. */
static void go_on(struct mesh *m, struct hop *e)
{
    m->layers[e->layer].router_flits += e->link_cycles;
    take_link(m, e->link, e);
    e->link = mesh_next_link(m, e->link);
    e->run--;
    calendar_put(&m->pending, e);
}

/* A packet crosses a router of its tree, and all links behind it. */
static void fork_packet(struct mesh *m, const struct hop *e)
{
    const struct tree_exit *out = e->exit;
    do {
        if (out->run == 0) {
            deliver(m, e, reserve(m, out->link, e, e->port_cycles));
            continue;
        }
        struct hop branch = *e;
        branch.link = out->link;
        branch.run = out->run;
        branch.exit = out + out->onward;
        go_on(m, &branch);
    } while (!out++->last);
}

/* A packet for one destination turns to where the rest of its way goes; false: it is there. */
static bool turn(const struct mesh *m, struct hop *e)
{
    const struct flow *f = &m->flows[e->flow];
    uint32_t router = e->link / DIRECTIONS, width = (uint32_t)m->width;
    int x = (int)(router % width), y = (int)(router / width);
    if (x == f->x && y == f->y)
        return false;
    enum direction way = mesh_route(m, x, y, f->x, f->y);
    e->link = (uint32_t)mesh_link(m, x, y, way);
    e->run = way == EAST || way == WEST ? abs(f->x - x) : abs(f->y - y);
    return true;
}

/* A packet crosses a router, and what lies behind it. */
static void cross(struct mesh *m, struct hop *e)
{
    if (e->run == 0 && e->stage == HOP_IN_TREE)
        fork_packet(m, e);
    else if (e->run > 0 || turn(m, e))
        go_on(m, e);
    else
        eject(m, e);
}

/* --- turns ------------------------------------------------------------------------------------ */

/* Lets the processor fetch what a head will want at its turn. */
static void look_ahead(const struct mesh *m, const struct hop *e)
{
    __builtin_prefetch(&m->free_at[e->link], 1);
    if (e->run == 0)
        __builtin_prefetch(e->exit);
}

/* All heads of one cycle, in order.  A port without latency lets a head into its first router in
 * the same cycle, at its turn. */
void mesh_play_cycle(struct mesh *m)
{
    struct hop_turn *turns;
    size_t count = calendar_take(&m->pending, &turns);
    int64_t cycle = m->pending.now;
    for (size_t i = 0; i < count; i++) {
        struct hop *e = turns[i].hop;
        if (i + AHEAD < count)
            look_ahead(m, turns[i + AHEAD].hop);
        if (e->stage == HOP_AT_PORT)
            inject(m, e);
        if (e->cycle > cycle)
            calendar_put(&m->pending, e);
        else
            cross(m, e);
    }
}
