/* Matrix products and table look-ups. */
#include "traces/import_onnx_content.h"

static struct shape rows_and_columns(const struct shape *s, bool swap)
{
    return swap ? onnx_shape2(s->dim[1], s->dim[0]) : *s;
}

static bool emit_product(struct onnx_import *c, const struct shape *out,
                         const struct onnx_product *p)
{
    struct onnx_value *v;
    TRY(onnx_multiply(c, p, out, &v));
    return onnx_give(c, 0, v);
}

/* --- Gemm --------------------------------------------------------------------------------- */

/* What is added to the product: constants live in its weights' place, anything else is an
 * operator. */
static bool give_biased(struct onnx_import *c, struct onnx_value *product)
{
    struct onnx_value *sum = product;
    struct shape s;
    const struct onnx_value *bias = c->n_in > 2 ? c->in[2] : NULL;
    if (bias != NULL)
        TRY(onnx_broadcast(c, &product->shape, &bias->shape, &s));
    if (bias != NULL && !bias->constant)
        TRY(onnx_step2(c, OP_ELEMENTWISE, "add", product, bias, &product->shape, &sum));
    return onnx_give(c, 0, sum);
}

bool onnx_gemm(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct onnx_value *made;
    TRY(onnx_need(c, 2));
    const struct onnx_value *a = c->in[0], *b = c->in[1];
    if (a->shape.dims != 2 || b->shape.dims != 2)
        return onnx_fail(c, "its inputs have %d and %d dimensions; Gemm takes two", a->shape.dims,
                         b->shape.dims);
    struct shape x = rows_and_columns(&a->shape, onnx_int(c, "transA", 0) != 0);
    struct shape y = rows_and_columns(&b->shape, onnx_int(c, "transB", 0) != 0);
    if (x.dim[1] != y.dim[0])
        return onnx_fail(c, "%lld columns meet %lld rows", (long long)x.dim[1],
                         (long long)y.dim[0]);
    struct shape out = onnx_shape2(x.dim[0], y.dim[1]);
    struct onnx_product p = {a, b, b->constant ? b : NULL, 1, out.dim[0], x.dim[1], out.dim[1]};
    if (a->constant && !b->constant) /* (B^T A^T)^T: the constant side is the weight */
        p = (struct onnx_product){b, a, a, 1, out.dim[1], x.dim[1], out.dim[0]};
    TRY(onnx_multiply(c, &p, &out, &made));
    return give_biased(c, made);
}

/* --- MatMul ------------------------------------------------------------------------------- */

/* A vector on the left is a row, one on the right a column. */
static struct shape as_matrix(const struct shape *s, bool left)
{
    if (s->dims != 1)
        return *s;
    return left ? onnx_shape2(1, s->dim[0]) : onnx_shape2(s->dim[0], 1);
}

/* NumPy's rule: leading dimensions broadcast, vectors lose the axis they were given. */
static bool product_shape(struct onnx_import *c, const struct shape *x, const struct shape *y,
                          int64_t *lead, struct shape *out)
{
    struct shape xl = *x, yl = *y;
    xl.dims -= 2;
    yl.dims -= 2;
    TRY(onnx_broadcast(c, &xl, &yl, out));
    *lead = 1;
    for (int i = 0; i < out->dims; i++)
        if (__builtin_mul_overflow(*lead, out->dim[i], lead) || *lead > ONNX_ELEMENTS_MAX)
            return onnx_fail(c, "its result has more than 2^53 elements");
    if (c->in[0]->shape.dims > 1)
        out->dim[out->dims++] = x->dim[x->dims - 2];
    if (c->in[1]->shape.dims > 1)
        out->dim[out->dims++] = y->dim[y->dims - 1];
    return true;
}

/* One side is a constant of `own` matrices; the other side's rows are spread over them. */
static bool static_product(struct onnx_import *c, const struct shape *out, int64_t lead,
                           const struct onnx_value *from, const struct onnx_value *weight,
                           const int64_t mkn[3])
{
    int64_t own = onnx_span(&weight->shape, 0, weight->shape.dims - 2), m;
    TRY(onnx_times(c, mkn[0], own > 0 ? lead / own : 1, &m));
    return emit_product(c, out,
                        &(struct onnx_product){from, weight, weight, own, m, mkn[1], mkn[2]});
}

/* Matrices x times y, of which c->in[0] and c->in[1] hold the data. */
static bool multiply_matrices(struct onnx_import *c, const struct shape *x, const struct shape *y)
{
    const struct onnx_value *a = c->in[0], *b = c->in[1];
    int64_t m = x->dim[x->dims - 2], k = x->dim[x->dims - 1], n = y->dim[y->dims - 1], lead, rows;
    struct shape out;
    if (k != y->dim[y->dims - 2])
        return onnx_fail(c, "%lld columns meet %lld rows", (long long)k,
                         (long long)y->dim[y->dims - 2]);
    TRY(product_shape(c, x, y, &lead, &out));
    if (b->constant)
        return static_product(c, &out, lead, a, b, (const int64_t[]){m, k, n});
    if (a->constant)
        return static_product(c, &out, lead, b, a, (const int64_t[]){n, k, m});
    if (onnx_span(y, 0, y->dims - 2) > 1)
        return emit_product(c, &out, &(struct onnx_product){a, b, NULL, lead, m, k, n});
    TRY(onnx_times(c, m, lead, &rows)); /* one matrix on the right: one tall product */
    return emit_product(c, &out, &(struct onnx_product){a, b, NULL, 1, rows, k, n});
}

bool onnx_matmul(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 2));
    const struct onnx_value *a = c->in[0], *b = c->in[1];
    if (a->shape.dims < 1 || b->shape.dims < 1)
        return onnx_fail(c, "an input is a single number; MatMul takes vectors and matrices");
    struct shape x = as_matrix(&a->shape, true), y = as_matrix(&b->shape, false);
    return multiply_matrices(c, &x, &y);
}

/* The last two axes change places; of com.microsoft's attributes trans* only these. */
static struct shape turned(const struct shape *s, bool swap)
{
    struct shape t = *s;
    if (swap && s->dims >= 2) {
        t.dim[s->dims - 1] = s->dim[s->dims - 2];
        t.dim[s->dims - 2] = s->dim[s->dims - 1];
    }
    return t;
}

bool onnx_fused_matmul(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 2));
    if (onnx_int(c, "transBatchA", 0) != 0 || onnx_int(c, "transBatchB", 0) != 0)
        return onnx_fail(c, "'transBatchA' and 'transBatchB' are not supported");
    struct shape x = turned(&c->in[0]->shape, onnx_int(c, "transA", 0) != 0);
    struct shape y = turned(&c->in[1]->shape, onnx_int(c, "transB", 0) != 0);
    if (x.dims < 2 || y.dims < 2)
        return onnx_fail(c, "its inputs have %d and %d dimensions; at least two are needed", x.dims,
                         y.dims);
    return multiply_matrices(c, &x, &y);
}

/* Weights of few bits, packed: only their sizes are read (com.microsoft MatMulNBits). */
bool onnx_matmul_bits(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int64_t k = onnx_int(c, "K", 0), n = onnx_int(c, "N", 0), rows;
    TRY(onnx_need(c, 2));
    struct shape out = c->in[0]->shape;
    if (out.dims < 1 || k < 1 || n < 1 || out.dim[out.dims - 1] != k || !c->in[1]->constant)
        return onnx_fail(c, "'K', 'N' and constant weights are needed, and 'K' columns");
    rows = onnx_span(&out, 0, out.dims - 1);
    out.dim[out.dims - 1] = n;
    return emit_product(c, &out, &(struct onnx_product){c->in[0], NULL, c->in[1], 1, rows, k, n});
}

/* --- Gather ------------------------------------------------------------------------------- */

/* The blocks of `data` behind its axis that `at` names. */
static bool gather_content(struct onnx_import *c, struct onnx_value *out, int axis)
{
    const struct onnx_value *data = c->in[0], *at = c->in[1];
    int64_t n = shape_elements(&at->shape), size = data->shape.dim[axis], to = 0;
    if (!out->constant || data->content == NULL || at->content == NULL)
        return true;
    int64_t before = onnx_span(&data->shape, 0, axis);
    int64_t block = onnx_span(&data->shape, axis + 1, data->shape.dims);
    double *content = onnx_numbers(c, shape_elements(&out->shape));
    for (int64_t i = 0; i < before * n && content != NULL; i++) {
        int64_t index = onnx_whole(at->content[i % n]);
        if (index < -size || index >= size)
            return onnx_fail(c, "it looks up %lld of %lld", (long long)index, (long long)size);
        const double *from = data->content + (i / n * size + (index + size) % size) * block;
        for (int64_t k = 0; k < block; k++)
            content[to++] = from[k];
    }
    out->content = content;
    out->integer = data->integer;
    return true;
}

static bool emit_look_up(struct onnx_import *c, struct onnx_value *out)
{
    const struct onnx_value *table = c->in[0], *at = c->in[1];
    struct op *op;
    TRY(onnx_emit(c, OP_EMBEDDING, NULL, out, &op));
    op->u.embedding.rows = table->shape.dim[0];
    op->u.embedding.width = onnx_span(&table->shape, 1, table->shape.dims);
    op->u.embedding.count = shape_elements(&at->shape);
    onnx_set_weight(c, op, table, out);
    out->absorber = -1;
    return true;
}

bool onnx_gather(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int axis;
    struct shape s = {.dims = 0};
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_need(c, 2));
    const struct shape *data = &c->in[0]->shape, *at = &c->in[1]->shape;
    TRY(onnx_axis(c, onnx_int(c, "axis", 0), data->dims, &axis));
    if (data->dims - 1 + at->dims > SHAPE_DIMS_MAX)
        return onnx_fail(c, "its result has more than %d dimensions", SHAPE_DIMS_MAX);
    for (int i = 0; i < axis; i++)
        s.dim[s.dims++] = data->dim[i];
    for (int i = 0; i < at->dims; i++)
        s.dim[s.dims++] = at->dim[i];
    for (int i = axis + 1; i < data->dims; i++)
        s.dim[s.dims++] = data->dim[i];
    TRY(onnx_define(c, 0, &s, &v));
    if (c->fold)
        return gather_content(c, v, axis);
    if (c->in[0]->constant && axis == 0)
        return emit_look_up(c, v);
    bool part = shape_elements(&s) <= shape_elements(data);
    TRY(onnx_emit(c, part ? OP_SLICE : OP_ELEMENTWISE, part ? NULL : "gather", v, &op));
    op->in = *data;
    op->out = s;
    return true;
}
