/* build.c — from operators to stages.
 *
 * An op with static weights is an array stage; a product of two operands is one where the design
 * writes operands into arrays and that is faster (dynamic.c).  Element-wise work, norms and softmax
 * join the stage that produces their operand when nobody else reads it, else the stage that
 * consumes their result; concat and reshape move nothing of their own: their readers read the
 * parts.  What is left (pools, other dynamic products, ...) is a vector stage. */
#include <assert.h>
#include <string.h>

#include "core/plan/internal.h"

/* A part of an op's output: made by `stage`, lying at these shares of the channels. */
struct leaf {
    int32_t stage;
    double low, high;
};

struct value { /* the output of one op */
    struct leaf *leaves;
    size_t count;
    const struct op *pending[STAGE_OPS_MAX]; /* element-wise work left to the reader */
    size_t pending_count;
    int32_t uses;   /* ops that read it */
    int32_t reader; /* the last of them */
};

struct builder {
    struct plan *p;
    struct value *values;    /* by op index */
    const struct op **tails; /* by stage: the last op that joined it */
    int32_t source;          /* the graph's input, -1 before it is needed */
    size_t tail_capacity;
};

static bool shape_stage(struct plan *p, int32_t index, const struct tensor_view *v,
                        const struct op *o)
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

/* --- values ----------------------------------------------------------------------------- */

static struct value *input_value(struct builder *b, const struct op *o, size_t k)
{
    return &b->values[trace_index(b->p->trace, o->inputs[k])];
}

static void count_uses(struct builder *b)
{
    const struct trace *t = b->p->trace;
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; k < t->ops[i].n_inputs; k++) {
            struct value *v = input_value(b, &t->ops[i], k);
            v->uses++;
            v->reader = (int32_t)i;
        }
    }
}

static void set_leaf(struct builder *b, struct value *v, int32_t stage)
{
    v->leaves = ARENA_NEW(b->p->arena, struct leaf);
    v->leaves[0].stage = stage;
    v->leaves[0].low = 0;
    v->leaves[0].high = 1;
    v->count = 1;
}

static void set_tail(struct builder *b, int32_t stage, const struct op *o)
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

/* Whether op `id` is the last that joined this stage.  Every stage of a leaf has its tail set. */
static bool ends_with(const struct builder *b, int32_t stage, int32_t id)
{
    assert(b->tails && (size_t)stage < b->tail_capacity);
    return b->tails[stage] && b->tails[stage]->id == id;
}

static void copy_leaves(struct builder *b, struct value *to, const struct value *from)
{
    to->leaves = ARENA_ARRAY(b->p->arena, struct leaf, from->count);
    memcpy(to->leaves, from->leaves, from->count * sizeof *from->leaves);
    to->count = from->count;
    memcpy(to->pending, from->pending, sizeof to->pending);
    to->pending_count = from->pending_count;
}

/* --- edges ------------------------------------------------------------------------------ */

static struct edge *find_edge(struct plan *p, int32_t producer, int32_t consumer, double low)
{
    for (int32_t i = p->stages[consumer].last_in; i >= 0; i = p->edges[i].next_in)
        if (p->edges[i].producer == producer && p->edges[i].channel[0] == low)
            return &p->edges[i];
    return NULL;
}

static void read_value(struct builder *b, const struct value *v, int32_t consumer, bool slides,
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

/* Readers of inputs of one shape share a source: they read the same image. */
static bool graph_input(struct builder *b, const struct op *o, int32_t *stage, struct diag *d)
{
    struct tensor_view v;
    TRY(plan_view_in(b->p, o, &v, d));
    const struct stage *last = b->source >= 0 ? &b->p->stages[b->source] : NULL;
    if (!last || last->rows != v.rows || last->width != v.width || last->channels != v.channels) {
        b->source = plan_add_stage(b->p, STAGE_SOURCE, NULL);
        set_tail(b, b->source, NULL);
        TRY(shape_stage(b->p, b->source, &v, o));
        b->p->stages[b->source].layer = o->id;
    }
    *stage = b->source;
    return true;
}

/* --- what memory holds ---------------------------------------------------------------------- */

static bool is_cache(const struct op *o)
{
    return o->kind == OP_KV_READ || o->kind == OP_KV_APPEND;
}

/* A source that streams `bytes` per sample from memory in `rows` rows, booked on op `o`. */
static int32_t memory_source(struct builder *b, const struct op *o, double bytes, int64_t rows)
{
    int32_t index = plan_add_stage(b->p, STAGE_SOURCE, NULL);
    struct stage *s = &b->p->stages[index];
    set_tail(b, index, NULL);
    s->layer = o->id;
    s->rows = rows;
    s->width = s->channels = 1;
    s->row_bytes = bytes / (double)rows;
    return index;
}

/* The op that appends this step's keys and values to a cache; NULL: nothing was appended. */
static const struct op *append_to(const struct builder *b, const struct op *cache)
{
    if (cache->n_inputs == 0)
        return NULL;
    const struct op *o = &b->p->trace->ops[trace_index(b->p->trace, cache->inputs[0])];
    return o->kind == OP_KV_APPEND && o->n_inputs == 2 ? o : NULL;
}

/* What the step appends goes to the product straight: the keys to that over the width of a head,
 * the values to that over positions. */
static void read_appended(struct builder *b, const struct op *product, const struct op *cache,
                          const struct op *append, int32_t consumer)
{
    bool values = product->u.matmul.k == cache->u.move.position;
    read_value(b, input_value(b, append, values), consumer, false, true);
}

/* The keys or values that a dynamic product reads: its second operand, once per KV head.  What the
 * step itself appends goes the same way: the cache is read as it stands at the step's end. */
static void read_cache(struct builder *b, const struct op *product, const struct op *cache,
                       int32_t consumer)
{
    const struct plan *p = b->p;
    double elements =
        (double)product->u.matmul.batch * (double)product->u.matmul.k * (double)product->u.matmul.n;
    double bytes = elements * p->trace->header.kv_bits / 8 / (double)p->samples;
    const struct op *append = append_to(b, cache);
    struct stage *s = &b->p->stages[consumer];
    if (!p->system->memory) { /* the cache lies with the product */
        s->cache_bytes += bytes;
        s->cache_read_bytes += s->dynamic ? 0 : bytes; /* arrays: stage_operand_cost */
        if (append)
            read_appended(b, product, cache, append, consumer);
        return;
    }
    if (s->dynamic && append && append->u.move.position == 0) { /* none is older */
        read_appended(b, product, cache, append, consumer);
        return;
    }
    /* A few pieces, so that reading and sending overlap: the product needs all of it anyway. */
    int32_t source = memory_source(b, product, bytes, 4);
    b->p->stages[source].cache = true;
    int32_t edge = plan_add_edge(b->p, source, consumer, 0, 1);
    b->p->edges[edge].whole = true;
}

/* Keys and values that join the cache leave for memory, or stay where they are made when there is
 * none and no step reads them. */
static void append_cache(struct builder *b, const struct op *o, const struct value *out)
{
    double each = (double)o->u.move.bytes / (double)b->p->samples / (double)o->n_inputs;
    if (!b->p->system->memory) {
        for (size_t k = 0; k < o->n_inputs && !out->uses; k++)
            b->p->stages[input_value(b, o, k)->leaves[0].stage].cache_bytes += each;
        return;
    }
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = input_value(b, o, k);
        int32_t sink = plan_add_stage(b->p, STAGE_SINK, NULL);
        read_value(b, v, sink, false, false);
        const struct stage *from = &b->p->stages[v->leaves[0].stage];
        struct stage *s = &b->p->stages[sink];
        s->layer = o->id;
        s->rows = from->rows;
        s->width = from->width;
        s->channels = from->channels;
        s->row_bytes = each / (double)from->rows;
    }
}

/* A table look-up: rows of the table come from memory, or over the host link without one. */
static bool look_up(struct builder *b, const struct op *o, struct value *out, struct diag *d)
{
    struct tensor_view v;
    TRY(plan_view_out(b->p, o, &v, d));
    int32_t source =
        memory_source(b, o, (double)v.rows * (double)v.channels * o->activation_bits / 8, v.rows);
    b->p->stages[source].channels = v.channels;
    set_leaf(b, out, source);
    return true;
}

/* --- between devices -------------------------------------------------------------------- */

/* What devices that share a layer put together; it is booked on the op that made their parts. */
static bool exchange(struct builder *b, const struct op *o, struct value *out, struct diag *d)
{
    struct tensor_view v;
    TRY(plan_view_out(b->p, o, &v, d));
    int32_t index = plan_add_stage(b->p, STAGE_RING, o);
    TRY(shape_stage(b->p, index, &v, o));
    b->p->stages[index].layer = o->inputs[0];
    read_value(b, input_value(b, o, 0), index, false, false);
    set_tail(b, index, NULL); /* nothing joins it: it has no tiles */
    set_leaf(b, out, index);
    return true;
}

/* --- one op ----------------------------------------------------------------------------- */

static bool is_elementwise(const struct op *o)
{
    switch (o->kind) {
    case OP_ELEMENTWISE:
    case OP_SOFTMAX:
    case OP_ROPE:
        return true;
    case OP_NORM:
        return !o->fn || strcmp(o->fn, "group") != 0;
    default:
        return false;
    }
}

/* May the work of `o` wait for the stage that reads it? */
static bool reader_takes(const struct builder *b, const struct op *o, const struct value *v)
{
    if (v->uses != 1 || o->n_inputs > 1 || o->kind == OP_SOFTMAX)
        return false;
    const struct op *r = &b->p->trace->ops[v->reader];
    return op_has_arrays(r) || r->kind == OP_POOL || (is_elementwise(r) && r->n_inputs == 1);
}

/* Are all operands of `o` made no later than stage `host`?  Else the pipeline would turn back. */
static bool made_before(struct builder *b, const struct op *o, int32_t host)
{
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = input_value(b, o, k);
        for (size_t i = 0; i < v->count; i++)
            if (v->leaves[i].stage > host)
                return false;
    }
    return true;
}

/* The latest stage that ends in an operand that only `o` reads; -1 when there is none. */
static int32_t host_for(struct builder *b, const struct op *o)
{
    int32_t host = -1;
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = input_value(b, o, k);
        if (v->uses != 1 || v->count != 1 || v->pending_count)
            continue;
        int32_t s = v->leaves[0].stage;
        const struct stage *at = &b->p->stages[s];
        if (ends_with(b, s, o->inputs[k]) && at->fused_count < STAGE_OPS_MAX && s > host)
            host = s;
    }
    return host >= 0 && made_before(b, o, host) ? host : -1;
}

static bool join_host(struct builder *b, const struct op *o, struct value *out, int32_t host)
{
    struct stage *s = &b->p->stages[host];
    s->fused[s->fused_count++] = o;
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = input_value(b, o, k);
        if (v->count == 1 && v->leaves[0].stage == host)
            continue;
        size_t edges = b->p->edge_count;
        read_value(b, v, host, false, false);
        for (; edges < b->p->edge_count; edges++) /* not those that also feed the product */
            b->p->edges[edges].aside = true;
    }
    set_tail(b, host, o);
    set_leaf(b, out, host);
    return true;
}

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
    const struct value *rows = input_value(b, o, 0);
    return !share_a_stage(rows, input_value(b, o, 1)) &&
           plan_writing_pays(p, o, v, host_tiles(b, rows));
}

static void read_operand(struct builder *b, const struct op *o, size_t k, int32_t consumer)
{
    struct plan *p = b->p;
    const struct op *from = &p->trace->ops[trace_index(p->trace, o->inputs[k])];
    bool slides = o->kind == OP_CONV2D || o->kind == OP_POOL, product = o->kind == OP_MATMUL;
    size_t edge = p->edge_count;
    if (is_cache(from) && product)
        read_cache(b, o, from, consumer);
    else
        read_value(b, input_value(b, o, k), consumer, slides && k == 0, k > 0 && product);
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
        TRY(graph_input(b, o, &input, d));
    int32_t index = plan_add_stage(p, arrays ? STAGE_ARRAY : STAGE_VECTOR, o);
    TRY(shape_stage(p, index, &v, o));
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
    set_leaf(b, out, index);
    set_tail(b, index, o);
    return true;
}

static bool join_parts(struct builder *b, const struct op *o, struct value *out)
{
    double total = 0, at = 0;
    size_t count = 0;
    for (size_t k = 0; k < o->n_inputs; k++) {
        total += (double)shape_elements(&o->more_in[k]);
        count += input_value(b, o, k)->count;
    }
    out->leaves = ARENA_ARRAY(b->p->arena, struct leaf, count);
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = input_value(b, o, k);
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
        if (input_value(b, o, k)->pending_count)
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
        append_cache(b, o, out);
        return true;
    }
    if (o->kind == OP_EMBEDDING)
        return look_up(b, o, out, d);
    if (o->kind == OP_RESHAPE && o->n_inputs == 1) {
        copy_leaves(b, out, input_value(b, o, 0));
        for (size_t i = 0; i < out->count; i++) /* whoever ends here still ends here */
            if (ends_with(b, out->leaves[i].stage, o->inputs[0]) && input_value(b, o, 0)->uses == 1)
                set_tail(b, out->leaves[i].stage, o);
        return true;
    }
    if (can_join_parts(b, o))
        return join_parts(b, o, out);
    if (is_elementwise(o) && o->n_inputs > 0) {
        int32_t host = host_for(b, o);
        if (host >= 0)
            return join_host(b, o, out, host);
        if (reader_takes(b, o, out) && input_value(b, o, 0)->pending_count < STAGE_OPS_MAX) {
            copy_leaves(b, out, input_value(b, o, 0));
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
        if (b->values[i].uses || is_cache(o))
            continue;
        int32_t sink = plan_add_stage(p, STAGE_SINK, NULL);
        read_value(b, &b->values[i], sink, false, false);
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
    for (size_t i = 0; i < p->trace->count; i++)
        TRY(add_op(&b, &p->trace->ops[i], &b.values[i], d));
    add_sinks(&b);
    return true;
}
