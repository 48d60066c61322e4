/* shard.c — the trace of one of several equal devices that share every layer.
 *
 * The first product of a pair is cut by columns, work on heads by heads, the product that reads
 * what was cut by rows; each device then holds a summand of its result, and an all-reduce puts in
 * its place the sum (Shoeybi et al., Megatron-LM, 2019).  Sums of summands are left summands:
 * experts, and parallel branches, are added up before they are reduced.  What needs a divided
 * tensor whole gets it by an all-gather: softmax and norms over a divided dimension, and whoever
 * reads the result.  Everything else is done by each device again: tables, norms, residuals,
 * routers.  Operators are told apart by kind, shape and inputs, never by name.
 *
 * Heads must divide evenly.  Other widths are rounded up: it is the device with the widest piece
 * that is planned.  Convolutions, collectives of the trace's own and training are refused. */
#include <assert.h>
#include <string.h>

#include "core/plan/internal.h"

enum held { HELD_WHOLE, HELD_PIECE, HELD_SUMMAND };

/* What a device has of one tensor. */
struct shard {
    enum held held;
    int32_t whole; /* the operator that gives it whole, collectives included; -1: nobody yet */
    bool repeated; /* a product that each device does again */
    bool read;
};

struct sharding {
    struct arena *arena;
    const struct trace *of;
    struct shard *shards; /* by index in `of` */
    int64_t ways;
    struct op *ops;
    size_t count;
    int32_t next_id;
    bool divides; /* anything at all */
};

static size_t source(const struct sharding *s, const struct op *o, size_t input)
{
    int64_t index = trace_index(s->of, o->inputs[input]);
    assert(index >= 0);
    return (size_t)index;
}

/* --- collectives ----------------------------------------------------------------------------- */

/* Heads of [batch, heads, rows, width]; else the last dimension. */
static int64_t *divided(struct shape *x)
{
    return x->dims == 4 ? &x->dim[1] : &x->dim[x->dims - 1];
}

static struct shape output(const struct op *o)
{
    if (o->kind != OP_MATMUL)
        return o->out;
    return (struct shape){.dim = {o->u.matmul.batch * o->u.matmul.m, o->u.matmul.n}, .dims = 2};
}

static void divide(const struct sharding *s, struct shape *x)
{
    if (x->dims > 0)
        *divided(x) = ceil_div(*divided(x), s->ways);
}

/* Makes a tensor whole on all devices, once. */
static void make_whole(struct sharding *s, size_t index)
{
    struct shard *x = &s->shards[index];
    const struct op *from = &s->of->ops[index];
    if (x->whole >= 0)
        return;
    bool sums = x->held == HELD_SUMMAND;
    struct op *o = &s->ops[s->count++];
    memset(o, 0, sizeof *o);
    o->name = sums ? "all-reduce" : "all-gather";
    o->kind = sums ? OP_ALL_REDUCE : OP_ALL_GATHER;
    o->id = x->whole = s->next_id++;
    o->inputs = &from->id;
    o->n_inputs = 1;
    o->activation_bits = from->activation_bits;
    o->weight_bits = from->weight_bits;
    o->in = o->out = output(from);
    if (!sums)
        divide(s, &o->in);
    o->u.move.group = s->ways;
    o->u.move.bytes = (int64_t)(op_out_elements(o) * o->activation_bits / 8);
    if (sums)
        x->held = HELD_WHOLE;
}

/* Sums are all that summands are good for. */
static void add_summands(struct sharding *s, const struct op *o)
{
    for (size_t k = 0; k < o->n_inputs; k++)
        if (s->shards[source(s, o, k)].held == HELD_SUMMAND)
            make_whole(s, source(s, o, k));
}

static size_t count_held(const struct sharding *s, const struct op *o, enum held held)
{
    size_t n = 0;
    for (size_t k = 0; k < o->n_inputs; k++)
        n += s->shards[source(s, o, k)].held == held;
    return n;
}

/* The operator takes its inputs as the device has them, or whole. */
static void take_inputs(struct sharding *s, struct op *o, bool whole)
{
    int32_t *ids = ARENA_ARRAY(s->arena, int32_t, o->n_inputs);
    for (size_t k = 0; k < o->n_inputs; k++) {
        size_t from = source(s, o, k);
        if (whole)
            make_whole(s, from);
        bool collected = s->shards[from].held == HELD_WHOLE || whole;
        ids[k] = collected ? s->shards[from].whole : o->inputs[k];
    }
    o->inputs = ids;
}

/* --- operators ------------------------------------------------------------------------------- */

static bool is_uneven(const struct sharding *s, const struct op *o, int64_t heads, struct diag *d)
{
    return diag_input(d, NULL, 0,
                      "op %d (%s) has %lld heads of keys and values: --tensor takes a number "
                      "that divides them, not %lld",
                      o->id, o->name ? o->name : "", (long long)heads, (long long)s->ways);
}

static bool shard_static(struct sharding *s, struct op *o, struct shard *out)
{
    add_summands(s, o);
    bool cut = count_held(s, o, HELD_PIECE) > 0;
    if (cut) {
        o->u.matmul.k = ceil_div(o->u.matmul.k, s->ways);
        out->held = HELD_SUMMAND;
    } else if (!out->repeated && o->u.matmul.n >= s->ways) {
        o->u.matmul.n = ceil_div(o->u.matmul.n, s->ways);
        out->held = HELD_PIECE;
    }
    s->divides = s->divides || out->held != HELD_WHOLE;
    take_inputs(s, o, false);
    return true;
}

/* Products of two activations, or with a cache, are those of heads. */
static bool shard_dynamic(struct sharding *s, struct op *o, struct shard *out, struct diag *d)
{
    add_summands(s, o);
    size_t pieces = count_held(s, o, HELD_PIECE);
    int64_t heads = o->u.matmul.batch / s->of->header.batch;
    if (pieces == 0) {
        take_inputs(s, o, false);
        return true;
    }
    if (pieces < o->n_inputs)
        return diag_input(d, NULL, 0,
                          "op %d (%s) reads an operand that devices share and one that they do not",
                          o->id, o->name ? o->name : "");
    if (heads % s->ways != 0)
        return is_uneven(s, o, heads, d);
    o->u.matmul.batch /= s->ways;
    out->held = HELD_PIECE;
    take_inputs(s, o, false);
    return true;
}

/* Keys and values lie with the heads that they belong to; what was appended before this trace
 * begins lies so, too. */
static void shard_cache(struct sharding *s, struct op *o, struct shard *out)
{
    add_summands(s, o);
    if (o->n_inputs == 0 || count_held(s, o, HELD_PIECE) == o->n_inputs) {
        o->u.move.bytes = ceil_div(o->u.move.bytes, s->ways);
        out->held = HELD_PIECE;
    }
    take_inputs(s, o, out->held == HELD_WHOLE);
}

/* Does it look along the dimension that is divided? */
static bool looks_along(const struct op *o)
{
    return (o->kind == OP_SOFTMAX || o->kind == OP_NORM) && o->in.dims != 4;
}

static bool is_sum(const struct op *o)
{
    return o->kind == OP_ELEMENTWISE && o->fn && strcmp(o->fn, "add") == 0;
}

/* Work on elements, rows or heads, and moves: on what the device has. */
static void shard_elements(struct sharding *s, struct op *o, struct shard *out)
{
    if (o->n_inputs > 0 && is_sum(o) && count_held(s, o, HELD_SUMMAND) == o->n_inputs) {
        out->held = HELD_SUMMAND;
        take_inputs(s, o, false);
        return;
    }
    add_summands(s, o);
    size_t pieces = count_held(s, o, HELD_PIECE);
    if (pieces == 0 || pieces < o->n_inputs || looks_along(o)) {
        take_inputs(s, o, true);
        return;
    }
    divide(s, &o->in);
    divide(s, &o->out);
    out->held = HELD_PIECE;
    take_inputs(s, o, false);
}

static bool refuse(const struct op *o, struct diag *d)
{
    return diag_input(d, NULL, 0,
                      "op %d (%s) is a %s: only layers of products with heads, norms and element-"
                      "wise work between them can be shared by devices",
                      o->id, o->name ? o->name : "", op_kind_name((enum op_kind)o->kind));
}

static bool shard_op(struct sharding *s, struct op *o, struct shard *out, struct diag *d)
{
    switch ((enum op_kind)o->kind) {
    case OP_MATMUL:
        return o->weight ? shard_static(s, o, out) : shard_dynamic(s, o, out, d);
    case OP_KV_APPEND:
    case OP_KV_READ:
        shard_cache(s, o, out);
        return true;
    case OP_SOFTMAX:
    case OP_NORM:
    case OP_ELEMENTWISE:
    case OP_ROPE:
    case OP_RESHAPE:
    case OP_TRANSPOSE:
    case OP_SLICE:
        shard_elements(s, o, out);
        return true;
    case OP_EMBEDDING:
    case OP_POOL:
    case OP_CONCAT:
    case OP_ROUTE:
        add_summands(s, o);
        take_inputs(s, o, true);
        return true;
    default:
        return refuse(o, d);
    }
}

/* --- the whole ------------------------------------------------------------------------------- */

/* A router is small, and each device needs all of what it says: a product whose result reaches a
 * routing through work on elements alone is done by each device again. */
static void find_routers(struct sharding *s)
{
    for (size_t i = s->of->count; i-- > 0;) {
        const struct op *o = &s->of->ops[i];
        bool passes =
            s->shards[i].repeated && o->n_inputs == 1 && o->kind != OP_MATMUL && o->kind != OP_NORM;
        for (size_t k = 0; k < o->n_inputs; k++) {
            s->shards[source(s, o, k)].read = true;
            if (passes || o->kind == OP_ROUTE)
                s->shards[source(s, o, k)].repeated = true;
        }
    }
}

static bool shard_ops(struct sharding *s, struct diag *d)
{
    for (size_t i = 0; i < s->of->count; i++) {
        struct op copy = s->of->ops[i];
        struct shard *x = &s->shards[i];
        TRY(shard_op(s, &copy, x, d));
        s->ops[s->count++] = copy;
        x->whole = x->held == HELD_WHOLE ? copy.id : -1;
        if (!x->read && copy.kind != OP_KV_APPEND && copy.kind != OP_KV_READ)
            make_whole(s, i);
    }
    return s->divides ||
           diag_input(d, NULL, 0, "nothing in %s can be shared by devices", s->of->header.name);
}

bool plan_shard(struct arena *a, const struct trace *whole, int64_t ways, struct trace **out,
                struct diag *d)
{
    struct sharding s = {.arena = a, .of = whole, .ways = ways};
    struct trace *t = ARENA_NEW(a, struct trace);
    for (size_t i = 0; i < whole->count; i++)
        s.next_id = whole->ops[i].id >= s.next_id ? whole->ops[i].id + 1 : s.next_id;
    s.shards = ARENA_ARRAY(a, struct shard, whole->count);
    s.ops = ARENA_ARRAY(a, struct op, 2 * whole->count);
    find_routers(&s);
    TRY(shard_ops(&s, d));
    *t = *whole;
    t->ops = s.ops;
    t->count = s.count;
    *out = t;
    return trace_index_ids(a, t, d);
}
