/* package_server.c — transfers between dies: submit, advance, collect, account. */
#include <assert.h>
#include <string.h>

#include "chiplet/package.h"

static time_ps later(time_ps a, time_ps b)
{
    return a > b ? a : b;
}

/* --- layers and transfers ------------------------------------------------------------------- */

static uint32_t find_layer(struct package *p, int32_t layer)
{
    for (size_t i = p->layer_count; i-- > 0;) /* transfers of a layer come together */
        if (p->layers[i].layer == layer)
            return (uint32_t)i;
    p->layers =
        heap_room(p->arena, p->layers, p->layer_count, &p->layer_capacity, sizeof *p->layers);
    p->layers[p->layer_count] =
        (struct package_layer){layer, ARENA_ARRAY(p->arena, double, p->edge_count)};
    return (uint32_t)p->layer_count++;
}

static uint32_t new_flow(struct package *p)
{
    if (p->first_unused != 0) {
        uint32_t index = p->first_unused - 1;
        p->first_unused = p->flows[index].unused;
        return index;
    }
    p->flows = heap_room(p->arena, p->flows, p->flow_count, &p->flow_capacity, sizeof *p->flows);
    return (uint32_t)p->flow_count++;
}

static uint32_t destination(const struct package_flow *f, uint32_t copy)
{
    return copy == 0 ? f->dst : f->more_dst[copy - 1];
}

/* `bytes` of a transfer are with their destination at `at`; the last of all ends it. */
static void deliver(struct package *p, uint32_t index, int64_t bytes, time_ps at)
{
    struct package_flow *f = &p->flows[index];
    f->delivered += bytes;
    f->latest = later(f->latest, at);
    if (f->delivered < f->bytes * f->copies)
        return;
    heap_push(&p->arrivals, &(struct event){.cycle = f->latest, .id = f->id});
    f->unused = p->first_unused;
    p->first_unused = index + 1;
}

/* --- packets -------------------------------------------------------------------------------- */

/* Whether there is a packet to send; copies for the source's own die never leave it. */
static bool has_packet(struct package *p, uint32_t index, time_ps now)
{
    struct package_flow *f = &p->flows[index];
    for (; f->copy < f->copies; f->copy++, f->sent = 0) {
        if (destination(f, f->copy) != f->src && f->sent < f->bytes)
            return true;
        if (destination(f, f->copy) == f->src) {
            bool last = f->copy + 1 == f->copies;
            deliver(p, index, f->bytes, now + p->hop_ps);
            if (last)
                return false; /* the transfer may be gone */
        }
    }
    return false;
}

/* The top event's packet, whose head is in die `node`, takes the next link of its route to the die
 * that `packet` of its flow goes to.  `before`: how long it held the link that it came over. */
static void cross(struct package *p, struct event *e, time_ps before)
{
    struct package_flow *f = &p->flows[e->flow];
    uint32_t to = (uint32_t)e->link_cycles, edge;
    uint32_t next = package_step(p, e->node, to, &edge);
    const struct package_edge *l = &p->edges[edge];
    time_ps hold = package_hold_ps(l, e->bytes);
    time_ps *free_at = &p->free_at[2 * edge + (l->a == e->node ? 0 : 1)];
    time_ps start = later(*free_at, e->cycle + later(0, before - hold));
    *free_at = start + hold;
    p->layers[f->layer].bits[edge] += 8.0 * e->bytes * l->link.wire_bits_per_bit;
    e->port_cycles = (int32_t)edge;
    e->cycle = start + l->latency_ps;
    e->node = next;
    if (next == to) {
        deliver(p, e->flow, e->bytes, e->cycle + hold);
        return;
    }
    e->cycle += p->hop_ps;
    e->stage = IN_MESH;
    heap_push(&p->events, e);
}

/* A transfer's next packet leaves its source; the one behind it follows when the link is free. */
static void inject(struct package *p, struct event *e)
{
    struct package_flow *f = &p->flows[e->flow];
    int64_t left = f->bytes - f->sent;
    e->bytes = (int32_t)(left < f->packet ? left : f->packet);
    e->link_cycles = (int32_t)destination(f, f->copy);
    e->node = f->src;
    f->sent += e->bytes;
    uint32_t edge, to = (uint32_t)e->link_cycles, index = e->flow;
    (void)package_step(p, f->src, to, &edge);
    size_t way = 2 * edge + (p->edges[edge].a == f->src ? 0u : 1u);
    struct event follower = *e;
    follower.packet++;
    bool last = f->sent == f->bytes && f->copy + 1 == f->copies;
    cross(p, e, 0);
    if (last)
        return; /* its place may be in use again */
    follower.cycle = p->free_at[way];
    follower.flow = index;
    if (has_packet(p, index, follower.cycle))
        heap_push(&p->events, &follower);
}

static void step(struct package *p)
{
    struct event e = p->events.items[0];
    heap_pop(&p->events);
    if (e.stage == AT_PORT)
        inject(p, &e);
    else
        cross(p, &e, package_hold_ps(&p->edges[e.port_cycles], e.bytes));
}

/* --- the server ----------------------------------------------------------------------------- */

/* Latched a picosecond later, so that what comes at one time goes in the order of ids. */
static bool package_submit(struct server *s, const struct transfer *t, time_ps now)
{
    struct package *p = (struct package *)s;
    assert(t->bytes > 0 && t->src < p->die_count && t->dst < p->die_count);
    uint32_t layer = find_layer(p, t->layer), index = new_flow(p), copies = t->more_count + 1;
    assert(t->bytes < INT64_MAX / copies);
    p->flows[index] = (struct package_flow){.id = t->id,
                                            .bytes = t->bytes,
                                            .packet = package_packet(p, t->bytes),
                                            .more_dst = t->more_dst,
                                            .src = t->src,
                                            .dst = t->dst,
                                            .copies = copies,
                                            .layer = layer};
    if (has_packet(p, index, now + 1))
        heap_push(&p->events,
                  &(struct event){.cycle = now + 1, .id = t->id, .flow = index, .stage = AT_PORT});
    return true;
}

static void finish_until(struct package *p, time_ps now)
{
    if (p->ready_first == p->ready_end)
        p->ready_first = p->ready_end = 0;
    for (; p->arrivals.count > 0 && p->arrivals.items[0].cycle <= now; heap_pop(&p->arrivals)) {
        p->ready =
            heap_room(p->arena, p->ready, p->ready_end, &p->ready_capacity, sizeof *p->ready);
        p->ready[p->ready_end++] =
            (struct package_done){p->arrivals.items[0].id, p->arrivals.items[0].cycle};
    }
}

static time_ps package_advance(struct server *s, time_ps now)
{
    struct package *p = (struct package *)s;
    while (p->events.count > 0 && p->events.items[0].cycle <= now)
        step(p);
    finish_until(p, now);
    time_ps next = p->arrivals.count > 0 ? p->arrivals.items[0].cycle : TIME_NEVER;
    if (p->events.count > 0 && p->events.items[0].cycle + p->soonest_ps < next)
        next = p->events.items[0].cycle + p->soonest_ps;
    return next;
}

static bool package_collect(struct server *s, uint64_t *id, time_ps *done)
{
    struct package *p = (struct package *)s;
    if (p->ready_first == p->ready_end)
        return false;
    *id = p->ready[p->ready_first].id;
    *done = p->ready[p->ready_first++].done;
    return true;
}

/* --- books ---------------------------------------------------------------------------------- */

static void book(struct ledger *l, int32_t layer, const char *action, double count,
                 struct quantity pj)
{
    if (count > 0 && pj.value > 0)
        ledger_add(l, PART_LINK, layer, action, count, pj);
}

/* The time of bits that did not move up to now, less what was booked before.  Links that are
 * reserved ahead may have moved more than the time allows yet: then nothing is booked. */
static void book_idle(struct package *p, struct ledger *l, uint32_t edge, time_ps now)
{
    const struct package_edge *e = &p->edges[edge];
    double idle = 2 * e->raw_bits_per_ps * (double)now - p->moved_bits[edge] - p->idle_bits[edge];
    if (idle <= 0)
        return;
    book(l, LEDGER_STATIC, "idle bit", idle, e->link.idle_pj_per_bit);
    p->idle_bits[edge] += idle;
}

static void package_account(struct server *s, struct ledger *l, time_ps now)
{
    struct package *p = (struct package *)s;
    double ns = (double)(now - p->accounted) * 1e-3; /* 1 mW for 1 ns is 1 pJ */
    for (size_t i = 0; i < p->layer_count; i++)
        for (uint32_t e = 0; e < p->edge_count; e++) {
            double *bits = &p->layers[i].bits[e];
            book(l, p->layers[i].layer, "bit", *bits, p->edges[e].link.pj_per_bit);
            p->moved_bits[e] += *bits;
            *bits = 0;
        }
    for (uint32_t e = 0; e < p->edge_count; e++) {
        book_idle(p, l, e, now);
        book(l, LEDGER_STATIC, "link ns", ns * (double)p->edges[e].count,
             p->edges[e].link.static_mw);
    }
    p->accounted = now;
}

const struct server_ops package_server = {.submit = package_submit,
                                          .advance = package_advance,
                                          .collect = package_collect,
                                          .account = package_account};

void package_server_open(struct package *p)
{
    p->base.ops = &package_server;
    p->events.arena = p->arrivals.arena = p->arena;
    p->free_at = ARENA_ARRAY(p->arena, time_ps, 2 * p->edge_count);
    p->idle_bits = ARENA_ARRAY(p->arena, double, p->edge_count);
    p->soonest_ps = p->hop_ps;
    for (uint32_t i = 0; i < p->edge_count; i++)
        if (i == 0 || p->edges[i].latency_ps + 1 < p->soonest_ps)
            p->soonest_ps = p->edges[i].latency_ps + 1; /* a packet holds a link for 1 ps or more */
    p->moved_bits = ARENA_ARRAY(p->arena, double, p->edge_count);
}
