/* twin.c — work that occurs again: equal blocks of a trace, equal segments of a plan.
 *
 * Two ops are alike when all but their names agree.  The longest run in which every op is like the
 * one `length` before it is a run of equal blocks (the layers of a transformer).  Segments are cut
 * at block borders, so that equal blocks make equal segments; a segment is the twin of an earlier
 * one when everything that decides its time and energy is equal: stages, copies, places, chunks,
 * flows, prices, loads.  Between segments the pipeline is empty: what twins do differs only by the
 * phase of memory refresh. */
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

static uint64_t flow_print(uint64_t h, const struct flow *f)
{
    h = mix(mix_double(h, f->bytes_per_row), (uint64_t)f->src << 32 | f->count);
    return mix_bytes(h, f->dst, f->count * sizeof *f->dst);
}

static uint64_t cost_print(uint64_t h, const struct cost *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        h = mix(mix_double(h, c->actions[i].count), (uint64_t)c->actions[i].part);
        h = mix_double(h, c->actions[i].pj.value);
    }
    return h;
}

static uint64_t edge_print(const struct plan *p, const struct segment *g, uint64_t h,
                           const struct edge *e)
{
    const struct stage *to = &p->stages[e->consumer];
    h = mix(h, (uint64_t)(e->producer - g->first_stage));
    h = mix_bytes(h, e->needs, (size_t)to->steps * sizeof *e->needs);
    h = mix_bytes(h, e->frees, (size_t)to->steps * sizeof *e->frees);
    for (size_t f = 0; f < e->flow_count; f++)
        h = flow_print(h, &e->flows[f]);
    return h;
}

static uint64_t stage_print(const struct plan *p, const struct segment *g, uint64_t h,
                            const struct stage *s)
{
    h = mix(mix(h, (uint64_t)s->kind), (uint64_t)s->rows);
    h = mix(mix(h, (uint64_t)s->rows_per_chunk), (uint64_t)s->steps);
    h = mix(mix(h, (uint64_t)s->copies), (uint64_t)s->capacity_chunks);
    h = mix(mix(h, s->fused_count), (uint64_t)s->width);
    h = mix_double(mix_double(h, s->row_bytes), s->mvm_ps);
    h = mix_double(mix_double(h, s->vector_row_ps), s->buffer_row_ps);
    for (size_t i = 0; i < s->cost_count; i++)
        h = cost_print(h, &s->costs[i].cost);
    for (size_t i = 0; i < s->partial_flow_count; i++)
        h = flow_print(h, &s->partial_flows[i]);
    for (size_t i = 0; i < s->in_count; i++)
        h = edge_print(p, g, h, &p->edges[s->in[i]]);
    return mix(h, s->out_count);
}

static uint64_t segment_print(const struct plan *p, const struct segment *g)
{
    uint64_t h = mix_double((uint64_t)g->stage_count, g->write_ps);
    for (int32_t i = 0; i < g->stage_count; i++)
        h = stage_print(p, g, h, &p->stages[g->first_stage + i]);
    for (size_t i = 0; i < g->write_count; i++)
        h = cost_print(h, &g->writes[i].cost);
    for (size_t i = 0; i < g->load_count; i++)
        h = flow_print(mix_double(h, g->loads[i].bytes), &g->loads[i].flow);
    return h;
}

void plan_twins(struct plan *p)
{
    uint64_t *print = ARENA_ARRAY(p->arena, uint64_t, p->segment_count);
    for (size_t g = 0; g < p->segment_count; g++) {
        p->segments[g].twin = -1;
        print[g] = segment_print(p, &p->segments[g]);
        for (size_t k = 0; k < g && p->segments[g].twin < 0; k++)
            if (print[k] == print[g] && p->segments[k].twin < 0)
                p->segments[g].twin = (int32_t)k;
    }
}
