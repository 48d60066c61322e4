/* build.c — from operators to stages.
 *
 * An op with static weights is an array stage; a product of two operands is one where the design
 * writes operands into arrays and that is faster (dynamic.c).  Element-wise work, norms and softmax
 * join the stage that produces their operand when nobody else reads it, else the stage that
 * consumes their result; concat and reshape move nothing of their own: their readers read the
 * parts.  What is left (pools, other dynamic products, ...) is a vector stage. */
#include <string.h>

#include "core/plan/builder.h"

static void count_uses(struct builder *b)
{
    const struct trace *t = b->p->trace;
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; k < t->ops[i].n_inputs; k++) {
            struct value *v = builder_input(b, &t->ops[i], k);
            v->uses++;
            v->reader = (int32_t)i;
        }
    }
}

static void copy_leaves(struct builder *b, struct value *to, const struct value *from)
{
    to->leaves = ARENA_ARRAY(b->p->arena, struct leaf, from->count);
    memcpy(to->leaves, from->leaves, from->count * sizeof *from->leaves);
    to->count = from->count;
    memcpy(to->pending, from->pending, sizeof to->pending);
    to->pending_count = from->pending_count;
}

/* --- between devices -------------------------------------------------------------------- */

/* What devices that share a layer put together; it is booked on the op that made their parts. */
static bool exchange(struct builder *b, const struct op *o, struct value *out, struct diag *d)
{
    struct tensor_view v;
    TRY(plan_view_out(b->p, o, &v, d));
    int32_t index = plan_add_stage(b->p, STAGE_RING, o);
    TRY(builder_shape(b->p, index, &v, o));
    b->p->stages[index].layer = o->inputs[0];
    builder_read(b, builder_input(b, o, 0), index, false, false);
    builder_set_tail(b, index, NULL); /* nothing joins it: it has no tiles */
    builder_set_leaf(b, out, index);
    return true;
}

/* --- one op ----------------------------------------------------------------------------- */

/* The tiles that vector work on this value would live in. */
static double host_tiles(const struct builder *b, const struct value *v)
{
    const struct plan *p = b->p;
    const struct stage *s = v->count ? &p->stages[v->leaves[0].stage] : NULL;
    while (s && s->kind == STAGE_VECTOR) {
        int32_t first = -1;
        for (int32_t e = s->last_in; e >= 0; e = p->edges[e].next_in)
            if (p->stages[p->edges[e].producer].kind != STAGE_SOURCE)
                first = p->edges[e].producer; /* the edge added first is the last here */
        s = first >= 0 ? &p->stages[first] : NULL;
    }
    return s && s->kind == STAGE_ARRAY
               ? (double)ceil_div(s->arrays_per_copy, p->system->arrays_per_tile)
               : 1;
}

static bool share_a_stage(const struct value *x, const struct value *y)
{
    for (size_t i = 0; i < x->count; i++)
        for (size_t k = 0; k < y->count; k++)
            if (x->leaves[i].stage == y->leaves[k].stage)
                return true;
    return false;
}

/* Is the second operand of this product written into arrays? */
static bool writes_operand(struct builder *b, const struct op *o, const struct tensor_view *v)
{
    const struct plan *p = b->p;
    if (!p->system->operands_in_arrays || p->lanes_only || o->kind != OP_MATMUL || o->weight ||
        o->n_inputs != 2)
        return false;
    const struct value *rows = builder_input(b, o, 0);
    return !share_a_stage(rows, builder_input(b, o, 1)) &&
           plan_writing_pays(p, o, v, host_tiles(b, rows));
}

static void read_operand(struct builder *b, const struct op *o, size_t k, int32_t consumer)
{
    struct plan *p = b->p;
    const struct op *from = &p->trace->ops[trace_index(p->trace, o->inputs[k])];
    bool slides = o->kind == OP_CONV2D || o->kind == OP_POOL, product = o->kind == OP_MATMUL;
    size_t edge = p->edge_count;
    if (op_is_cache(from) && product)
        builder_read_cache(b, o, from, consumer);
    else
        builder_read(b, builder_input(b, o, k), consumer, slides && k == 0, k > 0 && product);
    for (; k > 0 && p->stages[consumer].dynamic && edge < p->edge_count; edge++)
        p->edges[edge].written = true;
}

static bool new_stage(struct builder *b, const struct op *o, struct value *out, struct diag *d)
{
    struct plan *p = b->p;
    struct tensor_view v;
    int32_t input = -1;
    TRY(plan_view_out(p, o, &v, d));
    bool writes = writes_operand(b, o, &v), arrays = op_has_arrays(o) || writes;
    if (o->n_inputs == 0)
        TRY(builder_graph_input(b, o, &input, d));
    int32_t index = plan_add_stage(p, arrays ? STAGE_ARRAY : STAGE_VECTOR, o);
    TRY(builder_shape(p, index, &v, o));
    p->stages[index].macs = op_macs(o) / (double)p->samples;
    p->stages[index].dynamic = writes;
    if (arrays)
        TRY(plan_tile(p, &p->stages[index], d));
    for (size_t k = 0; k < o->n_inputs; k++)
        read_operand(b, o, k, index);
    if (input >= 0)
        plan_add_edge(p, input, index, 0, 1);
    if (input >= 0 && (o->kind == OP_CONV2D || o->kind == OP_POOL))
        p->edges[p->edge_count - 1].slides = true;
    builder_set_leaf(b, out, index);
    builder_set_tail(b, index, o);
    return true;
}

static bool join_parts(struct builder *b, const struct op *o, struct value *out)
{
    double total = 0, at = 0;
    size_t count = 0;
    for (size_t k = 0; k < o->n_inputs; k++) {
        total += (double)shape_elements(&o->more_in[k]);
        count += builder_input(b, o, k)->count;
    }
    out->leaves = ARENA_ARRAY(b->p->arena, struct leaf, count);
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = builder_input(b, o, k);
        double share = (double)shape_elements(&o->more_in[k]) / total;
        for (size_t i = 0; i < v->count; i++) {
            struct leaf *l = &out->leaves[out->count++];
            l->stage = v->leaves[i].stage;
            l->low = at + share * v->leaves[i].low;
            l->high = at + share * v->leaves[i].high;
        }
        at += share;
    }
    return true;
}

static bool can_join_parts(struct builder *b, const struct op *o)
{
    if (o->kind != OP_CONCAT || !o->more_in || o->n_inputs == 0)
        return false;
    for (size_t k = 0; k < o->n_inputs; k++)
        if (builder_input(b, o, k)->pending_count)
            return false;
    return true;
}

static bool refuse(const struct op *o, struct diag *d)
{
    switch (o->kind) {
    case OP_ALL_REDUCE:
    case OP_ALL_GATHER:
    case OP_REDUCE_SCATTER:
    case OP_ALL_TO_ALL:
    case OP_SEND:
    case OP_RECV:
    case OP_OPTIMIZER:
    case OP_CHECKPOINT:
        return diag_cannot(d,
                           "op %d is a %s: a single chip cannot run a trace with collectives "
                           "or training steps",
                           o->id, op_kind_name((enum op_kind)o->kind));
    default:
        return true;
    }
}

static bool add_op(struct builder *b, const struct op *o, struct value *out, struct diag *d)
{
    if (b->p->tensor > 1 && (o->kind == OP_ALL_REDUCE || o->kind == OP_ALL_GATHER))
        return exchange(b, o, out, d);
    TRY(refuse(o, d));
    if (o->kind == OP_KV_READ)
        return true;
    if (o->kind == OP_KV_APPEND) {
        builder_append_cache(b, o, out);
        return true;
    }
    if (o->kind == OP_EMBEDDING)
        return builder_look_up(b, o, out, d);
    if (o->kind == OP_RESHAPE && o->n_inputs == 1) {
        copy_leaves(b, out, builder_input(b, o, 0));
        for (size_t i = 0; i < out->count; i++) /* whoever ends here still ends here */
            if (builder_ends_with(b, out->leaves[i].stage, o->inputs[0]) &&
                builder_input(b, o, 0)->uses == 1)
                builder_set_tail(b, out->leaves[i].stage, o);
        return true;
    }
    if (can_join_parts(b, o))
        return join_parts(b, o, out);
    if (op_is_elementwise(o) && o->n_inputs > 0) {
        int32_t host = builder_host(b, o);
        if (host >= 0)
            return builder_join(b, o, out, host);
        if (builder_reader_takes(b, o, out) &&
            builder_input(b, o, 0)->pending_count < STAGE_OPS_MAX) {
            copy_leaves(b, out, builder_input(b, o, 0));
            out->pending[out->pending_count++] = o;
            return true;
        }
    }
    return new_stage(b, o, out, d);
}

/* --- results ---------------------------------------------------------------------------- */

static void add_sinks(struct builder *b)
{
    struct plan *p = b->p;
    for (size_t i = 0; i < p->trace->count; i++) {
        const struct op *o = &p->trace->ops[i];
        if (b->values[i].uses || op_is_cache(o))
            continue;
        int32_t sink = plan_add_stage(p, STAGE_SINK, NULL);
        builder_read(b, &b->values[i], sink, false, false);
        const struct stage *from = &p->stages[b->values[i].leaves[0].stage];
        struct stage *s = &p->stages[sink];
        s->layer = from->kind == STAGE_RING ? from->layer : o->id;
        s->rows = from->rows;
        s->width = from->width;
        s->channels = from->channels;
        s->row_bytes = from->row_bytes;
    }
}

bool plan_build(struct plan *p, struct diag *d)
{
    struct builder b;
    memset(&b, 0, sizeof b);
    b.p = p;
    b.source = -1;
    b.values = ARENA_ARRAY(p->arena, struct value, p->trace->count);
    count_uses(&b);
    for (size_t i = 0; i < p->trace->count; i++) {
        TRY(plan_check_stages(p, &p->trace->ops[i], 1, d));
        TRY(add_op(&b, &p->trace->ops[i], &b.values[i], d));
    }
    add_sinks(&b);
    return true;
}
