/* graph.c — stages and edges come into being; indices stay valid, pointers do not. */
#include <string.h>

#include "core/plan/internal.h"

static void *grown(struct arena *a, const void *old, size_t count, size_t size)
{
    bool full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);
    if (!full && count > 0)
        return NULL;
    size_t capacity = count < 8 ? 8 : 2 * count;
    void *fresh = arena_alloc(a, capacity, size);
    if (count)
        memcpy(fresh, old, count * size);
    return fresh;
}

int32_t plan_add_stage(struct plan *p, enum stage_kind kind, const struct op *o)
{
    struct stage *more = grown(p->arena, p->stages, p->stage_count, sizeof *p->stages);
    if (more)
        p->stages = more;
    struct stage *s = &p->stages[p->stage_count];
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->op = o;
    s->layer = o ? o->id : LEDGER_STATIC;
    s->copies = 1;
    s->part[1] = 1;
    s->last_in = s->last_out = s->beside.stage = -1;
    return (int32_t)p->stage_count++;
}

int32_t plan_add_edge(struct plan *p, int32_t producer, int32_t consumer, double low, double high)
{
    struct edge *more = grown(p->arena, p->edges, p->edge_count, sizeof *p->edges);
    if (more)
        p->edges = more;
    struct edge *e = &p->edges[p->edge_count];
    memset(e, 0, sizeof *e);
    e->producer = producer;
    e->consumer = consumer;
    e->channel[0] = low;
    e->channel[1] = high;
    e->next_in = p->stages[consumer].last_in;
    e->next_out = p->stages[producer].last_out;
    p->stages[consumer].last_in = p->stages[producer].last_out = (int32_t)p->edge_count;
    return (int32_t)p->edge_count++;
}

void plan_link_edges(struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        p->stages[i].in_count = p->stages[i].out_count = 0;
    for (size_t e = 0; e < p->edge_count; e++) {
        p->stages[p->edges[e].producer].out_count++;
        p->stages[p->edges[e].consumer].in_count++;
    }
    for (size_t i = 0; i < p->stage_count; i++) {
        struct stage *s = &p->stages[i];
        s->in = ARENA_ARRAY(p->arena, int32_t, s->in_count);
        s->out = ARENA_ARRAY(p->arena, int32_t, s->out_count);
        s->in_count = s->out_count = 0;
    }
    for (size_t e = 0; e < p->edge_count; e++) {
        struct stage *from = &p->stages[p->edges[e].producer];
        struct stage *to = &p->stages[p->edges[e].consumer];
        from->out[from->out_count++] = (int32_t)e;
        to->in[to->in_count++] = (int32_t)e;
    }
}
