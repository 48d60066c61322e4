/* twin.c — work that occurs again: equal blocks of a trace, equal segments of a plan.
 *
 * Two ops are alike when all but their names agree.  The longest run in which every op is like the
 * one `length` before it is a run of equal blocks (the layers of a transformer).  Segments are cut
 * at block borders, so that equal blocks make equal segments; a segment is the twin of an earlier
 * one when everything that planning starts from is equal: ops, statistics, shapes, edges.  Planning
 * is determinate, so that all that follows is equal too, and is done once.  Between segments the
 * pipeline is empty: what twins do differs only by the phase of memory refresh. */
#include <stdlib.h>
#include <string.h>

#include "core/plan/internal.h"

/* --- hashing -------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, const void *data, size_t size)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < size; i++)
        h = (h ^ at[i]) * 0x100000001b3u;
    return mix(h, size);
}

static uint64_t mix_double(uint64_t h, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return mix(h, bits);
}

/* --- blocks --------------------------------------------------------------------------------- */

static uint64_t op_print(const struct op *o)
{
    uint64_t h = mix(o->kind, (uint64_t)o->activation_bits << 8 | o->weight_bits);
    h = mix_bytes(h, o->in.dim, sizeof o->in.dim[0] * (size_t)o->in.dims);
    h = mix_bytes(h, o->out.dim, sizeof o->out.dim[0] * (size_t)o->out.dims);
    h = mix(h, o->n_inputs);
    if (o->kind == OP_MATMUL) {
        h = mix(mix(h, (uint64_t)o->u.matmul.batch), (uint64_t)o->u.matmul.m);
        h = mix(mix(h, (uint64_t)o->u.matmul.k), (uint64_t)o->u.matmul.n);
        h = mix(mix(h, o->weight != NULL), (uint64_t)o->u.matmul.experts);
    }
    return o->fn ? mix_bytes(h, o->fn, strlen(o->fn)) : h;
}

enum { BLOCK_OPS_MAX = 4096 };

/* The longest run of equal blocks: ops [first, first + length x times); false when there is none
 * of at least two blocks of several ops. */
struct blocks {
    size_t first, length, times;
};

static bool find_blocks(struct arena *a, const struct trace *t, struct blocks *out)
{
    uint64_t *print = ARENA_ARRAY(a, uint64_t, t->count);
    size_t covered = 0;
    for (size_t i = 0; i < t->count; i++)
        print[i] = op_print(&t->ops[i]);
    for (size_t length = 4; length <= t->count / 2 && length <= BLOCK_OPS_MAX; length++) {
        size_t run = 0;
        if (covered + length > t->count)
            break; /* no longer block can cover more */
        for (size_t i = length; i <= t->count; i++) {
            if (i < t->count && print[i] == print[i - length]) {
                run++;
                continue;
            }
            size_t times = run / length + 1;
            if (times > 1 && times * length > covered + length) {
                covered = times * length;
                *out = (struct blocks){i - run - length, length, times};
            }
            run = 0;
        }
    }
    return covered > 0;
}

bool *plan_block_starts(const struct plan *p)
{
    struct blocks b;
    bool *starts = ARENA_ARRAY(p->arena, bool, p->trace->count + 1);
    if (find_blocks(p->arena, p->trace, &b))
        for (size_t k = 0; k <= b.times; k++)
            starts[b.first + k * b.length] = true;
    return starts;
}

/* --- twins ---------------------------------------------------------------------------------- */

static uint64_t mix_stats(uint64_t h, const struct operand_stats *x)
{
    h = mix_double(mix_double(h, x->density), x->bit_density);
    h = mix_double(mix_double(h, x->bit_toggle), x->mean);
    return mix_double(h, x->mean_square);
}

/* All of an op that decides its time and energy. */
static uint64_t work_print(uint64_t h, const struct op *o)
{
    struct operand_stats activation = op_activation_stats(o), weight = op_weight_stats(o);
    h = mix_stats(mix_stats(mix(h, op_print(o)), &activation), &weight);
    if (o->kind == OP_CONV2D || o->kind == OP_POOL) {
        h = mix_bytes(h, o->u.conv.kernel, sizeof o->u.conv.kernel);
        h = mix_bytes(h, o->u.conv.stride, sizeof o->u.conv.stride);
        h = mix_bytes(h, o->u.conv.pad, sizeof o->u.conv.pad);
        h = mix_bytes(h, o->u.conv.dilation, sizeof o->u.conv.dilation);
        h = mix(h, (uint64_t)o->u.conv.groups);
    }
    return h;
}

static uint64_t edge_print(const struct segment *g, uint64_t h, const struct edge *e)
{
    h = mix(h, (uint64_t)(e->producer - g->first_stage) << 32 |
                   (uint32_t)(e->consumer - g->first_stage));
    h = mix_double(mix_double(h, e->channel[0]), e->channel[1]);
    return mix(h, (uint64_t)e->written << 3 | (uint64_t)e->aside << 2 | (uint64_t)e->slides << 1 |
                      e->whole);
}

static uint64_t stage_print(uint64_t h, const struct stage *s)
{
    h = mix(mix(mix(h, s->kind), (uint64_t)s->rows), (uint64_t)s->width);
    h = mix(h, (uint64_t)s->handover << 1 | s->cache); /* what else goes over the edge */
    h = mix(mix_double(h, s->row_bytes), (uint64_t)s->channels);
    h = mix_double(mix_double(h, s->part[0]), s->part[1]);
    h = mix(mix_double(h, s->cache_bytes), s->fused_count);
    if (s->op)
        h = work_print(h, s->op);
    for (size_t i = 0; i < s->fused_count; i++)
        h = work_print(h, s->fused[i]);
    return h;
}

static uint64_t segment_print(const struct plan *p, const struct segment *g)
{
    uint64_t h = mix((uint64_t)g->stage_count, g->crosses);
    for (int32_t i = 0; i < g->stage_count; i++)
        h = stage_print(h, &p->stages[g->first_stage + i]);
    for (int32_t i = 0; i < g->edge_count; i++)
        h = edge_print(g, h, &p->edges[g->first_edge + i]);
    return h;
}

struct seen {
    uint64_t print;
    int32_t segment;
};

static int by_print(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->print != y->print)
        return x->print < y->print ? -1 : 1;
    return x->segment < y->segment ? -1 : x->segment > y->segment;
}

void plan_twins(struct plan *p)
{
    struct seen *seen = ARENA_ARRAY(p->arena, struct seen, p->segment_count);
    for (size_t g = 0; g < p->segment_count; g++)
        seen[g] = (struct seen){segment_print(p, &p->segments[g]), (int32_t)g};
    qsort(seen, p->segment_count, sizeof *seen, by_print);
    for (size_t first = 0, i = 1; i < p->segment_count; i++) {
        if (seen[i].print == seen[first].print)
            p->segments[seen[i].segment].twin = seen[first].segment;
        else
            first = i;
    }
}

const struct segment *plan_model(const struct plan *p, const struct segment *g)
{
    return g->twin < 0 ? g : &p->segments[g->twin];
}

bool plan_is_twin(const struct plan *p, const struct stage *s)
{
    return p->segments[s->segment].twin >= 0;
}

bool plan_layer_again(const struct plan *p, int32_t from, int32_t to, int32_t layer, int32_t *out)
{
    const struct segment *a = &p->segments[from], *b = &p->segments[to];
    for (int32_t i = 0; i < a->stage_count; i++) {
        const struct stage *s = &p->stages[a->first_stage + i];
        for (size_t k = 0; k <= s->fused_count; k++)
            if (stage_cost_layer(s, k) == layer) {
                *out = stage_cost_layer(&p->stages[b->first_stage + i], k);
                return true;
            }
    }
    return false;
}
