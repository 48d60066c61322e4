/* Attention as one node, of ONNX opset 23 and of com.microsoft: scores of every query with every
 * key, a softmax over the keys, sums of values.  Several query heads may share a head of keys and
 * values. */
#include "traces/import_onnx.h"

struct attention {
    const struct onnx_value *q, *k, *v, *mask, *past_k, *past_v;
    int64_t batch, heads, kv_heads, queries, keys, past, depth, v_depth;
};

/* --- the core ----------------------------------------------------------------------------- */

static bool join_past(struct onnx_import *c, const struct attention *a,
                      const struct onnx_value *past, const struct onnx_value *now, int64_t depth,
                      const struct onnx_value **all)
{
    struct onnx_value *made;
    struct shape s = onnx_shape4(a->batch, a->kv_heads, a->past + a->keys, depth);
    *all = now;
    if (past == NULL || a->past == 0)
        return true;
    TRY(onnx_step2(c, OP_ELEMENTWISE, "concat", past, now, &s, &made));
    *all = made;
    return true;
}

/* Y in the shape asked for; what is kept for the next step as outputs 1 and 2. */
static bool attend(struct onnx_import *c, const struct attention *a, const struct shape *out)
{
    const struct onnx_value *k, *v, *scores;
    struct onnx_value *made;
    int64_t keys = a->past + a->keys, batch;
    TRY(onnx_times(c, a->batch, a->heads, &batch));
    TRY(join_past(c, a, a->past_k, a->k, a->depth, &k));
    TRY(join_past(c, a, a->past_v, a->v, a->v_depth, &v));
    struct shape square = onnx_shape4(a->batch, a->heads, a->queries, keys);
    struct onnx_product qk = {a->q, k, NULL, batch, a->queries, a->depth, keys};
    TRY(onnx_multiply(c, &qk, &square, &made));
    scores = made;
    if (a->mask != NULL && !a->mask->constant) {
        TRY(onnx_step2(c, OP_ELEMENTWISE, "add", scores, a->mask, &square, &made));
        scores = made;
    }
    TRY(onnx_step(c, OP_SOFTMAX, NULL, scores, &square, &square, &made));
    scores = made;
    struct onnx_product pv = {scores, v, NULL, batch, a->queries, keys, a->v_depth};
    TRY(onnx_multiply(c, &pv, out, &made));
    TRY(onnx_give(c, 0, made));
    struct shape kept = onnx_shape4(a->batch, a->kv_heads, keys, a->depth);
    TRY(onnx_alias(c, 1, k, &kept));
    kept.dim[3] = a->v_depth;
    return onnx_alias(c, 2, v, &kept);
}

/* A cache of [batch, heads, tokens, depth]. */
static bool read_past(struct onnx_import *c, struct attention *a, size_t k, size_t v)
{
    a->past_k = k < c->n_in ? c->in[k] : NULL;
    a->past_v = v < c->n_in ? c->in[v] : NULL;
    if ((a->past_k == NULL) != (a->past_v == NULL))
        return onnx_fail(c, "past keys and past values come together");
    if (a->past_k == NULL)
        return true;
    if (a->past_k->shape.dims != 4 || a->past_v->shape.dims != 4)
        return onnx_fail(c, "past keys and values need four dimensions");
    a->past = a->past_k->shape.dim[2];
    return true;
}

/* [batch, tokens, heads x depth] or [batch, heads, tokens, depth]. */
static bool read_heads(struct onnx_import *c, const struct onnx_value *v, int64_t heads,
                       int64_t *own_heads, int64_t *tokens, int64_t *depth)
{
    const struct shape *s = &v->shape;
    if (s->dims == 4) {
        *own_heads = s->dim[1];
        *tokens = s->dim[2];
        *depth = s->dim[3];
        return true;
    }
    if (s->dims != 3 || heads < 1 || s->dim[2] % heads != 0)
        return onnx_fail(c,
                         "%lld heads do not divide its inputs, which need three or four "
                         "dimensions",
                         (long long)heads);
    *own_heads = heads;
    *tokens = s->dim[1];
    *depth = s->dim[2] / heads;
    return true;
}

static bool read_three(struct onnx_import *c, struct attention *a, int64_t heads, int64_t kv_heads)
{
    int64_t v_heads, v_keys, k_depth;
    TRY(onnx_need(c, 3));
    a->q = c->in[0];
    a->k = c->in[1];
    a->v = c->in[2];
    TRY(read_heads(c, a->q, heads, &a->heads, &a->queries, &a->depth));
    TRY(read_heads(c, a->k, kv_heads, &a->kv_heads, &a->keys, &k_depth));
    TRY(read_heads(c, a->v, kv_heads, &v_heads, &v_keys, &a->v_depth));
    a->batch = a->q->shape.dim[0];
    if (k_depth != a->depth || v_keys != a->keys || v_heads != a->kv_heads ||
        a->heads % a->kv_heads != 0)
        return onnx_fail(c, "its queries, keys and values do not fit each other");
    return true;
}

static struct shape result_shape(const struct attention *a)
{
    struct shape s = onnx_shape4(a->batch, a->heads, a->queries, a->v_depth);
    if (a->q->shape.dims == 4)
        return s;
    return (struct shape){.dim = {a->batch, a->queries, a->heads * a->v_depth}, .dims = 3};
}

/* --- the nodes ---------------------------------------------------------------------------- */

/* Opset 23: Q, K, V, mask, past keys, past values. */
static bool plain_attention(struct onnx_import *c)
{
    struct attention a = {0};
    int64_t heads = onnx_int(c, "q_num_heads", 0);
    TRY(read_three(c, &a, heads, onnx_int(c, "kv_num_heads", heads)));
    a.mask = onnx_input(c, 3);
    TRY(read_past(c, &a, 4, 5));
    struct shape out = result_shape(&a);
    return attend(c, &a, &out);
}

/* com.microsoft Attention: one product makes queries, keys and values, side by side; a past of
 * [2, batch, heads, tokens, depth]. */
bool onnx_packed_attention(struct onnx_import *c, const char *fn)
{
    struct attention a = {.heads = onnx_int(c, "num_heads", 0)};
    struct onnx_value *all, *part[3];
    int64_t widths[3] = {0}, rows;
    size_t n;
    (void)fn;
    TRY(onnx_need(c, 2));
    const struct shape *x = &c->in[0]->shape, *w = &c->in[1]->shape;
    if (x->dims != 3 || w->dims != 2 || w->dim[0] != x->dim[2] || !c->in[1]->constant)
        return onnx_fail(c, "it needs inputs [batch, tokens, width] and constant weights for them");
    TRY(onnx_ints(c, "qkv_hidden_sizes", SIZE_MAX, widths, 3, &n));
    for (size_t i = 0; i < 3 && n == 0; i++)
        widths[i] = w->dim[1] / 3;
    if (a.heads < 1 || widths[0] < 1 || widths[0] != widths[1] || widths[0] % a.heads != 0 ||
        widths[2] < 1 || widths[2] % a.heads != 0 || widths[0] > w->dim[1] ||
        widths[2] != w->dim[1] - 2 * widths[0])
        return onnx_fail(c, "'num_heads' %lld does not fit weights of %lld columns",
                         (long long)a.heads, (long long)w->dim[1]);
    TRY(onnx_times(c, x->dim[0], x->dim[1], &rows));
    struct shape s = {.dim = {x->dim[0], x->dim[1], w->dim[1]}, .dims = 3};
    struct onnx_product qkv = {c->in[0], NULL, c->in[1], 1, rows, x->dim[2], w->dim[1]};
    TRY(onnx_multiply(c, &qkv, &s, &all));
    for (size_t i = 0; i < 3; i++) {
        struct shape own = s;
        own.dim[2] = widths[i];
        TRY(onnx_step(c, OP_SLICE, NULL, all, &s, &own, &part[i]));
    }
    a.q = part[0];
    a.k = part[1];
    a.v = part[2];
    a.kv_heads = a.heads;
    a.batch = x->dim[0];
    a.queries = a.keys = x->dim[1];
    a.depth = widths[0] / a.heads;
    a.v_depth = widths[2] / a.heads;
    const struct onnx_value *past = onnx_input(c, 4);
    if (past != NULL && past->shape.dims == 5) {
        a.past = past->shape.dim[3];
        a.past_k = a.past_v = past;
    }
    struct shape out = result_shape(&a);
    TRY(attend(c, &a, &out));
    if (c->node->n_output > 1) { /* keys and values kept in one */
        struct onnx_value *kept = onnx_local(c, c->node->output[1]);
        kept->shape =
            (struct shape){.dim = {2, a.batch, a.heads, a.past + a.keys, a.depth}, .dims = 5};
    }
    return true;
}

bool onnx_attention(struct onnx_import *c, const char *fn)
{
    return onnx_is_microsoft(c) ? onnx_packed_attention(c, fn) : plain_attention(c);
}

/* com.microsoft MultiHeadAttention: queries, keys and values, or keys and values packed as
 * [batch, tokens, heads, 2, depth], or all three as [.., 3, ..]. */
static bool unpack_heads(struct onnx_import *c, int64_t heads)
{
    const struct onnx_value *packed = c->n_in > 1 && c->in[1] != NULL ? c->in[1] : c->in[0];
    const struct shape *s = &packed->shape;
    if (s->dims != 5)
        return onnx_fail(c, "packed keys and values need five dimensions");
    size_t parts = packed == c->in[0] ? 3 : 2;
    struct onnx_value **in = ARENA_ARRAY(c->scratch, struct onnx_value *, c->n_in + 3);
    struct shape own = onnx_shape4(s->dim[0], heads, s->dim[1], s->dim[4]);
    for (size_t i = 0; i < c->n_in; i++)
        in[i] = c->in[i];
    for (size_t i = 3 - parts; i < 3; i++)
        TRY(onnx_step(c, OP_SLICE, NULL, packed, s, &own, &in[i]));
    c->in = in;
    c->n_in = c->n_in < 3 ? 3 : c->n_in;
    return true;
}

bool onnx_multi_head_attention(struct onnx_import *c, const char *fn)
{
    struct attention a = {0};
    int64_t heads = onnx_int(c, "num_heads", 0);
    (void)fn;
    TRY(onnx_need(c, 1));
    if (c->n_in < 3 || c->in[2] == NULL)
        TRY(unpack_heads(c, heads));
    TRY(read_three(c, &a, heads, heads));
    a.mask = onnx_input(c, 5);
    TRY(read_past(c, &a, 6, 7));
    struct shape out = {.dim = {a.batch, a.queries, a.heads * a.v_depth}, .dims = 3};
    return attend(c, &a, &out);
}

/* com.microsoft GroupQueryAttention: queries, keys, values (or all packed in the queries), past
 * keys, past values. */
bool onnx_group_query_attention(struct onnx_import *c, const char *fn)
{
    struct attention a = {0};
    int64_t heads = onnx_int(c, "num_heads", 0), kv_heads = onnx_int(c, "kv_num_heads", heads);
    (void)fn;
    TRY(onnx_need(c, 1));
    if (c->n_in < 3 || c->in[1] == NULL) {
        struct shape s = c->in[0]->shape;
        int64_t all = heads + 2 * kv_heads;
        if (heads < 1 || kv_heads < 1 || all > ONNX_WINDOW_MAX || s.dims != 3 ||
            s.dim[2] % all != 0)
            return onnx_fail(c, "%lld and twice %lld heads do not divide its packed input",
                             (long long)heads, (long long)kv_heads);
        struct onnx_value **in = ARENA_ARRAY(c->scratch, struct onnx_value *, c->n_in + 3);
        for (size_t i = 3; i < c->n_in; i++)
            in[i] = c->in[i];
        for (size_t i = 0; i < 3; i++) {
            struct shape own = s;
            own.dim[2] = s.dim[2] / all * (i == 0 ? heads : kv_heads);
            TRY(onnx_step(c, OP_SLICE, NULL, c->in[0], &s, &own, &in[i]));
        }
        c->in = in;
        c->n_in = c->n_in < 3 ? 3 : c->n_in;
    }
    TRY(read_three(c, &a, heads, kv_heads));
    TRY(read_past(c, &a, 3, 4));
    struct shape out = result_shape(&a);
    return attend(c, &a, &out);
}

bool onnx_rotary(struct onnx_import *c, const char *fn)
{
    struct op *op;
    (void)fn;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    return onnx_simple(c, OP_ROPE, NULL, &s, &s, &op);
}
