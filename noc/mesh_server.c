/* mesh_server.c — a mesh as a server of transfers: submit, advance, collect, account. */
#include <assert.h>

#include "noc/cycles.h"
#include "noc/mesh.h"

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

void mesh_finish(struct mesh *m, uint32_t flow, int64_t cycle)
{
    heap_push(&m->arrivals, &(struct event){.cycle = cycle, .id = m->flows[flow].id});
    drop_flow(m, flow);
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
        mesh_play_cycle(m);
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
                                       .account = mesh_account};
