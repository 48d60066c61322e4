/* draw_rows.c — lines over rows of features: products, attention, transformers' blocks. */
#include "tests/graphs/pen.h"

/* --- static products -------------------------------------------------------------------------- */

/* [1, m, k] times a tensor of k by n. */
static int32_t add_product(struct pen *p, int32_t input, int64_t m, int64_t k, int64_t n)
{
    struct shape out = shape_of(3, 1, m, n, 0);
    struct op *o = pen_one(p, OP_MATMUL, NULL, input, &out);
    o->u.matmul.batch = 1;
    o->u.matmul.m = m;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    pen_weight(p, o, (double)m * (double)k * (double)n);
    return pen_last(p);
}

static int64_t draw_features(struct pen *p, int64_t m, int64_t k)
{
    int64_t n = pen_width(p);
    return (double)m * (double)k * (double)n > p->macs_left ? 1 : n;
}

bool draw_rows(struct pen *p)
{
    int64_t m = pen_chance(p, 0.6) ? 1 : pen_between(p, 1, 40), k = pen_width(p);
    add_product(p, -1, m, k, draw_features(p, m, k));
    return true;
}

static int32_t add_reshape(struct pen *p, int32_t input, const struct shape *out)
{
    const struct shape in = p->made[input];
    struct op *o = pen_one(p, pen_chance(p, 0.9) ? OP_RESHAPE : OP_TRANSPOSE, NULL, input, out);
    o->in = in;
    o->out = *out;
    return pen_last(p);
}

/* Images are made rows of first: flat, or a row for each pixel. */
bool draw_product(struct pen *p)
{
    int32_t input = pen_pick(p, pen_chance(p, 0.7) ? 3 : 4);
    if (input < 0 || !pen_has_room(p, 2))
        return false;
    struct shape s = p->made[input];
    if (s.dims == 4) {
        struct shape flat = pen_chance(p, 0.6)
                                ? shape_of(3, 1, 1, s.dim[1] * s.dim[2] * s.dim[3], 0)
                                : shape_of(3, 1, s.dim[2] * s.dim[3], s.dim[1], 0);
        if (flat.dim[2] > 20000)
            return false;
        input = pen_chance(p, 0.8) ? add_reshape(p, input, &flat) : input;
        s = flat;
    }
    add_product(p, input, s.dim[1], s.dim[2], draw_features(p, s.dim[1], s.dim[2]));
    return true;
}

/* --- products of two operands ----------------------------------------------------------------- */

static int32_t add_dynamic(struct pen *p, int32_t one, int32_t two, const int64_t size[4])
{
    struct shape out = shape_of(4, 1, size[0], size[1], size[3]);
    struct op *o = pen_line(p, OP_MATMUL, NULL, (const int32_t[]){one, two}, 2, &out);
    o->u.matmul.batch = size[0];
    o->u.matmul.m = size[1];
    o->u.matmul.k = size[2];
    o->u.matmul.n = size[3];
    pen_macs(p, (double)size[0] * (double)size[1] * (double)size[2] * (double)size[3]);
    return pen_last(p);
}

/* Any value of which the other can be a matrix. */
bool draw_dynamic(struct pen *p)
{
    int32_t one = pen_pick(p, 3), two = -1;
    if (one < 0)
        return false;
    int64_t m = p->made[one].dim[1], k = p->made[one].dim[2], n = 0;
    for (int32_t i = pen_last(p); i >= 0 && (two < 0 || pen_chance(p, 0.3)); i--)
        if (p->made[i].dims > 0 && shape_elements(&p->made[i]) % k == 0 &&
            (i != one || pen_chance(p, 0.2)))
            two = i;
    if (two < 0)
        return false;
    n = shape_elements(&p->made[two]) / k;
    if (n > 4096 || (double)m * (double)k * (double)n > p->macs_left)
        return false;
    add_dynamic(p, one, two, (const int64_t[]){1, m, k, n});
    p->made[pen_last(p)] = shape_of(3, 1, m, n, 0);
    return true;
}

/* --- attention -------------------------------------------------------------------------------- */

bool draw_tokens(struct pen *p)
{
    int64_t count = pen_chance(p, 0.4) ? 1 : pen_between(p, 1, 32);
    int64_t heads = INT64_C(1) << pen_between(p, 0, 3), width = heads * pen_between(p, 1, 24);
    struct shape out = shape_of(3, 1, count, width, 0);
    size_t tables = pen_chance(p, 0.5) && pen_has_room(p, 3) ? 2 : 1;
    for (size_t i = 0; i < tables; i++) {
        struct op *o = pen_one(p, OP_EMBEDDING, NULL, -1, &out);
        o->u.embedding.rows = pen_between(p, 1, 600);
        o->u.embedding.width = width;
        o->u.embedding.count = count;
        pen_weight(p, o, 0);
    }
    if (tables == 2) {
        struct op *o = pen_line(p, OP_ELEMENTWISE, "add", (const int32_t[]){0, 1}, 2, &out);
        o->in = o->out = out;
    }
    return true;
}

static int32_t add_same(struct pen *p, enum op_kind kind, const char *fn, int32_t one, int32_t two)
{
    const struct shape s = p->made[one];
    struct op *o = pen_line(p, kind, fn, (const int32_t[]){one, two}, 2, &s);
    o->in = o->out = s;
    return pen_last(p);
}

/* Keys and values of the tokens before, in a cache: what products read in their place. */
static int32_t add_cache(struct pen *p, int32_t keys, int32_t values, int64_t *positions)
{
    const struct shape none = {.dims = 0};
    struct trace_header *h = &p->graph->trace.header;
    int64_t each = 2 * shape_elements(&p->made[keys]) * h->kv_bits;
    int64_t tokens = p->made[keys].dim[1], row = each / tokens;
    if (h->context == 0)
        h->context = tokens + pen_between(p, 0, 300);
    *positions = h->context;
    struct op *o = pen_line(p, OP_KV_APPEND, NULL, (const int32_t[]){keys, values}, 2, &none);
    o->u.move.bytes = ceil_div(each, 8);
    o->u.move.position = *positions - tokens;
    o = pen_one(p, OP_KV_READ, NULL, pen_last(p), &none);
    o->u.move.bytes = ceil_div(row * *positions, 8);
    o->u.move.position = *positions;
    return pen_last(p);
}

/* Queries of all heads, keys and values of `shared` of them; a head is `width` wide. */
static int32_t add_heads(struct pen *p, const int32_t qkv[3], const int64_t heads[2], int64_t width)
{
    int64_t tokens = p->made[qkv[0]].dim[1], positions = tokens, group = heads[0] / heads[1];
    int32_t keys = qkv[1], values = qkv[2], query = qkv[0];
    if (pen_chance(p, 0.2))
        query = add_same(p, OP_ROPE, NULL, query, -1);
    if (pen_chance(p, 0.3))
        keys = values = add_cache(p, keys, values, &positions);
    int32_t qk =
        add_dynamic(p, query, keys, (const int64_t[]){heads[1], group * tokens, width, positions});
    if (pen_chance(p, 0.2))
        qk = add_same(p, OP_ELEMENTWISE, "mul", qk, -1);
    if (pen_chance(p, 0.9))
        qk = add_same(p, OP_SOFTMAX, NULL, qk, -1);
    int32_t pv =
        add_dynamic(p, qk, values, (const int64_t[]){heads[1], group * tokens, positions, width});
    p->made[pv] = shape_of(3, 1, tokens, heads[0] * width, 0);
    return pv;
}

bool draw_attention(struct pen *p)
{
    int32_t entry = pen_last(p), qkv[3];
    if (entry < 0 || p->made[entry].dims != 3 || !pen_has_room(p, 13))
        return false;
    int64_t tokens = p->made[entry].dim[1], width = p->made[entry].dim[2];
    if (6 * 4 * (double)tokens * (double)width * (double)(width + tokens + 300) > p->macs_left)
        return false;
    int64_t heads[2] = {pen_divisor(p, width), 0};
    heads[1] = pen_chance(p, 0.7) ? heads[0] : pen_divisor(p, heads[0]);
    int64_t each = width / heads[0], kept = each * heads[1];
    int32_t from =
        pen_chance(p, 0.7) ? add_same(p, OP_NORM, PEN_WORD(p, "layer", "rms"), entry, -1) : entry;
    for (int i = 0; i < 3; i++)
        qkv[i] = add_product(p, from, tokens, width, i ? kept : width);
    int32_t made = add_heads(p, qkv, heads, each);
    made = add_product(p, made, tokens, width, width);
    if (pen_chance(p, 0.8))
        made = add_same(p, OP_ELEMENTWISE, "add", entry, made);
    if (pen_chance(p, 0.5))
        draw_repeat(p, entry + 1);
    return true;
}

bool draw_mlp(struct pen *p)
{
    int32_t entry = pen_last(p);
    if (entry < 0 || p->made[entry].dims != 3 || !pen_has_room(p, 5))
        return false;
    int64_t rows = p->made[entry].dim[1], width = p->made[entry].dim[2], inner = pen_width(p);
    if (12 * (double)rows * (double)width * (double)inner > p->macs_left)
        return false;
    int32_t made = add_product(p, entry, rows, width, inner);
    made = add_same(p, OP_ELEMENTWISE, PEN_WORD(p, "gelu", "silu", "relu"), made, -1);
    made = add_product(p, made, rows, inner, width);
    if (pen_chance(p, 0.8))
        made = add_same(p, OP_ELEMENTWISE, "add", entry, made);
    if (pen_chance(p, 0.3))
        made = add_same(p, OP_NORM, "layer", made, -1);
    if (pen_chance(p, 0.5))
        draw_repeat(p, entry + 1);
    return true;
}
