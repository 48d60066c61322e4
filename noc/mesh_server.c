/* mesh_server.c — packets on their way through a mesh: submit, advance, collect, account. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* --- layers ------------------------------------------------------------------------------- */

static size_t layer_slot(const struct mesh *m, int32_t layer)
{
    uint32_t hash = (uint32_t)layer * UINT32_C(2654435761);
    size_t at = hash & (m->index_size - 1);
    while (m->layer_index[at] != 0 && m->layers[m->layer_index[at] - 1].layer != layer)
        at = (at + 1) & (m->index_size - 1);
    return at;
}

static void index_layers(struct mesh *m, size_t size)
{
    m->index_size = size;
    m->layer_index = ARENA_ARRAY(m->arena, uint32_t, size);
    for (size_t i = 0; i < m->layer_count; i++)
        m->layer_index[layer_slot(m, m->layers[i].layer)] = (uint32_t)i + 1;
}

static uint32_t find_layer(struct mesh *m, int32_t layer)
{
    if (2 * (m->layer_count + 1) > m->index_size)
        index_layers(m, m->index_size > 0 ? 2 * m->index_size : 64);
    size_t slot = layer_slot(m, layer);
    if (m->layer_index[slot] == 0) {
        m->layers =
            heap_room(m->arena, m->layers, m->layer_count, &m->layer_capacity, sizeof *m->layers);
        m->layers[m->layer_count] = (struct layer_counts){.layer = layer};
        m->layer_index[slot] = (uint32_t)++m->layer_count;
    }
    return m->layer_index[slot] - 1;
}

/* --- transfers ---------------------------------------------------------------------------- */

static uint32_t new_flow(struct mesh *m)
{
    if (m->first_unused != 0) {
        uint32_t index = m->first_unused - 1;
        m->first_unused = m->flows[index].unused;
        return index;
    }
    m->flows = heap_room(m->arena, m->flows, m->flow_count, &m->flow_capacity, sizeof *m->flows);
    return (uint32_t)m->flow_count++;
}

static void drop_flow(struct mesh *m, uint32_t index)
{
    m->flows[index].unused = m->first_unused;
    m->first_unused = index + 1;
}

/* Where a transfer goes: one router, or a tree. */
static void set_way(struct mesh *m, struct flow *f, const struct transfer *t)
{
    int64_t to = mesh_router(m, t->dst);
    if (t->more_count > 0) {
        f->tree = mesh_tree(m, t);
        assert(t->bytes < INT64_MAX / f->tree->count);
        assert(t->bytes / m->cfg.packet_bytes + 1 < UINT32_MAX / f->tree->copies);
        return;
    }
    f->dst = t->dst;
    f->x = (int16_t)(to % m->width);
    f->y = (int16_t)(to / m->width);
}

static bool mesh_submit(struct server *s, const struct transfer *t, time_ps now)
{
    struct mesh *m = (struct mesh *)s;
    assert(t->bytes > 0 && t->src < m->endpoints && t->dst < m->endpoints);
    assert(t->bytes / m->cfg.packet_bytes < UINT32_MAX);
    uint32_t index = new_flow(m);
    m->flows[index] = (struct flow){
        .id = t->id, .bytes = t->bytes, .src = t->src, .layer = find_layer(m, t->layer)};
    set_way(m, &m->flows[index], t);
    m->senders[t->src]++;
    /* Latched by the next edge: what is submitted at one time is served in the order of ids,
     * whatever the order of the calls. */
    calendar_put(&m->pending, &(struct hop){.cycle = cycles_until(now, m->khz) + 1,
                                            .id = t->id,
                                            .flow = index,
                                            .stage = HOP_AT_PORT});
    return true;
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

/* --- one hop ------------------------------------------------------------------------------ */

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

/* A transfer's last byte is where it goes. */
static void finish(struct mesh *m, uint32_t flow, int64_t cycle)
{
    heap_push(&m->arrivals, &(struct event){.cycle = cycle, .id = m->flows[flow].id});
    drop_flow(m, flow);
}

/* A packet leaves its destination's router through the ejection port. */
static void eject(struct mesh *m, const struct hop *e)
{
    struct flow *f = &m->flows[e->flow];
    int64_t start = reserve(m, mesh_ejection(m, f->dst), e, e->port_cycles);
    m->layers[e->layer].router_flits += e->link_cycles;
    m->layers[e->layer].port_flits += e->port_cycles;
    f->delivered += e->bytes;
    if (f->delivered == f->bytes)
        finish(m, e->flow, start + m->cfg.port_cycles + e->port_cycles);
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
        finish(m, e->flow, f->latest);
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

/* Lets the processor fetch what a head will want at its turn. */
static void look_ahead(const struct mesh *m, const struct hop *e)
{
    __builtin_prefetch(&m->free_at[e->link], 1);
    if (e->run == 0)
        __builtin_prefetch(e->exit);
}

/* All heads of one cycle, in order.  A port without latency lets a head into its first router in
 * the same cycle, at its turn. */
static void play_cycle(struct mesh *m)
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

/* --- time --------------------------------------------------------------------------------- */

static void finish_until(struct mesh *m, int64_t last)
{
    if (m->ready_first == m->ready_end)
        m->ready_first = m->ready_end = 0;
    for (; m->arrivals.count > 0 && m->arrivals.items[0].cycle <= last; heap_pop(&m->arrivals)) {
        const struct event *e = &m->arrivals.items[0];
        m->ready =
            heap_room(m->arena, m->ready, m->ready_end, &m->ready_capacity, sizeof *m->ready);
        m->ready[m->ready_end++] =
            (struct completion){.id = e->id, .done = cycles_to_ps(e->cycle, m->khz)};
    }
}

/* No transfer ends before this: the next known arrival, or the soonest that a pending packet
 * could still cause. */
static time_ps next_news(const struct mesh *m)
{
    int64_t next = INT64_MAX;
    if (m->arrivals.count > 0)
        next = m->arrivals.items[0].cycle;
    if (m->pending.count > 0) {
        int64_t soonest = calendar_next(&m->pending) + m->cfg.router_cycles + m->cfg.port_cycles;
        next = soonest < next ? soonest : next;
    }
    return next == INT64_MAX ? TIME_NEVER : cycles_to_ps(next, m->khz);
}

static time_ps mesh_advance(struct server *s, time_ps now)
{
    struct mesh *m = (struct mesh *)s;
    int64_t last = cycles_until(now, m->khz);
    while (calendar_next(&m->pending) <= last)
        play_cycle(m);
    finish_until(m, last);
    return next_news(m);
}

static bool mesh_collect(struct server *s, uint64_t *id, time_ps *done)
{
    struct mesh *m = (struct mesh *)s;
    if (m->ready_first == m->ready_end)
        return false;
    *id = m->ready[m->ready_first].id;
    *done = m->ready[m->ready_first].done;
    m->ready_first++;
    return true;
}

/* --- books -------------------------------------------------------------------------------- */

static void book(struct ledger *l, enum part part, int32_t layer, const char *action, double count,
                 struct quantity pj)
{
    if (count > 0 && pj.value > 0)
        ledger_add(l, part, layer, action, count, pj);
}

static void mesh_account(struct server *s, struct ledger *l, time_ps now)
{
    struct mesh *m = (struct mesh *)s;
    for (size_t i = 0; i < m->layer_count; i++) {
        struct layer_counts *c = &m->layers[i];
        book(l, PART_NOC_ROUTER, c->layer, "flit", (double)c->router_flits, m->router_pj);
        book(l, PART_NOC_LINK, c->layer, "flit", (double)c->link_flits, m->link_pj);
        book(l, PART_NOC_LINK, c->layer, "port flit", (double)c->port_flits, m->port_pj);
        book(l, PART_LINK, c->layer, "seam bit",
             8 * (double)c->seam_bytes * m->seam.wire_bits_per_bit, m->seam.pj_per_bit);
        *c = (struct layer_counts){.layer = c->layer};
    }
    /* 1 mW for 1 ns is 1 pJ. */
    double ns = (double)(now - m->accounted) * 1e-3;
    book(l, PART_LEAKAGE, LEDGER_STATIC, "network ns", ns, m->leakage);
    m->accounted = now;
}

const struct server_ops mesh_server = {.submit = mesh_submit,
                                       .advance = mesh_advance,
                                       .collect = mesh_collect,
                                       .account = mesh_account,
                                       .state = mesh_state};
