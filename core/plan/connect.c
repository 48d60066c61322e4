/* connect.c — values of ops, the stages that make them, and edges to those who read them. */
#include <assert.h>
#include <string.h>

#include "core/plan/builder.h"

bool builder_shape(struct plan *p, int32_t index, const struct tensor_view *v, const struct op *o)
{
    struct stage *s = &p->stages[index];
    int in_bits, w_bits;
    plan_bits(p, o, &in_bits, &w_bits);
    s->rows = v->rows;
    s->width = v->width;
    s->channels = v->channels;
    s->row_bytes = (double)v->width * (double)v->channels * in_bits / 8.0;
    return true;
}

struct value *builder_input(struct builder *b, const struct op *o, size_t k)
{
    return &b->values[trace_index(b->p->trace, o->inputs[k])];
}

void builder_set_leaf(struct builder *b, struct value *v, int32_t stage)
{
    v->leaves = ARENA_NEW(b->p->arena, struct leaf);
    v->leaves[0].stage = stage;
    v->leaves[0].low = 0;
    v->leaves[0].high = 1;
    v->count = 1;
}

void builder_set_tail(struct builder *b, int32_t stage, const struct op *o)
{
    if ((size_t)stage >= b->tail_capacity) {
        size_t capacity = 2 * (size_t)stage + 16;
        const struct op **more = ARENA_ARRAY(b->p->arena, const struct op *, capacity);
        if (b->tail_capacity)
            memcpy(more, b->tails, b->tail_capacity * sizeof *more);
        b->tails = more;
        b->tail_capacity = capacity;
    }
    assert(b->tails);
    b->tails[stage] = o;
}

bool builder_ends_with(const struct builder *b, int32_t stage, int32_t id)
{
    assert(b->tails && (size_t)stage < b->tail_capacity);
    return b->tails[stage] && b->tails[stage]->id == id;
}

static struct edge *find_edge(struct plan *p, int32_t producer, int32_t consumer, double low)
{
    for (int32_t i = p->stages[consumer].last_in; i >= 0; i = p->edges[i].next_in)
        if (p->edges[i].producer == producer && p->edges[i].channel[0] == low)
            return &p->edges[i];
    return NULL;
}

void builder_read(struct builder *b, const struct value *v, int32_t consumer, bool slides,
                  bool whole)
{
    struct plan *p = b->p;
    struct stage *s = &p->stages[consumer];
    for (size_t i = 0; i < v->pending_count && s->fused_count < STAGE_OPS_MAX; i++)
        s->fused[s->fused_count++] = v->pending[i];
    for (size_t i = 0; i < v->count; i++) {
        const struct leaf *part = &v->leaves[i];
        struct edge *e = find_edge(p, part->stage, consumer, part->low);
        if (!e) {
            int32_t fresh = plan_add_edge(p, part->stage, consumer, part->low, part->high);
            e = &p->edges[fresh]; /* adding may have moved the edges */
        }
        e->slides = e->slides || slides;
        e->whole = e->whole || whole;
    }
}

bool builder_graph_input(struct builder *b, const struct op *o, int32_t *stage, struct diag *d)
{
    struct tensor_view v;
    TRY(plan_view_in(b->p, o, &v, d));
    const struct stage *last = b->source >= 0 ? &b->p->stages[b->source] : NULL;
    if (!last || last->rows != v.rows || last->width != v.width || last->channels != v.channels) {
        b->source = plan_add_stage(b->p, STAGE_SOURCE, NULL);
        builder_set_tail(b, b->source, NULL);
        TRY(builder_shape(b->p, b->source, &v, o));
        b->p->stages[b->source].layer = o->id;
    }
    *stage = b->source;
    return true;
}
