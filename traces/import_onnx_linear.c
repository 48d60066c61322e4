/* Matrix products and table look-ups. */
#include "traces/import_onnx.h"

static struct shape rows_and_columns(const struct shape *s, bool swap)
{
    return swap ? onnx_shape2(s->dim[1], s->dim[0]) : *s;
}

static bool emit_product(struct onnx_import *c, const struct shape *out, int64_t batch, int64_t m,
                         int64_t k, int64_t n, const struct onnx_value *weight)
{
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_define(c, 0, out, &v));
    TRY(onnx_emit(c, OP_MATMUL, NULL, v, &op));
    op->u.matmul.batch = batch;
    op->u.matmul.m = m;
    op->u.matmul.k = k;
    op->u.matmul.n = n;
    if (weight != NULL)
        onnx_set_weight(c, op, weight);
    return true;
}

/* --- Gemm --------------------------------------------------------------------------------- */

bool onnx_gemm(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 2));
    const struct onnx_value *a = c->in[0], *b = c->in[1];
    if (a->shape.dims != 2 || b->shape.dims != 2)
        return onnx_fail(c, "its inputs have %d and %d dimensions; Gemm takes two", a->shape.dims,
                         b->shape.dims);
    if (c->n_in > 2 && c->in[2] != NULL && !c->in[2]->constant)
        return onnx_fail(c, "its bias is computed while the network runs; a constant one is "
                            "needed");
    struct shape x = rows_and_columns(&a->shape, onnx_int(c, "transA", 0) != 0);
    struct shape y = rows_and_columns(&b->shape, onnx_int(c, "transB", 0) != 0);
    if (x.dim[1] != y.dim[0])
        return onnx_fail(c, "%lld columns meet %lld rows", (long long)x.dim[1],
                         (long long)y.dim[0]);
    struct shape out = onnx_shape2(x.dim[0], y.dim[1]);
    if (a->constant && !b->constant) /* (B^T A^T)^T: the constant side is the weight */
        return emit_product(c, &out, 1, out.dim[1], x.dim[1], out.dim[0], a);
    return emit_product(c, &out, 1, out.dim[0], x.dim[1], out.dim[1], b->constant ? b : NULL);
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

static bool times(struct onnx_import *c, int64_t a, int64_t b, int64_t *out)
{
    if (__builtin_mul_overflow(a, b, out) || *out > ONNX_ELEMENTS_MAX)
        return onnx_fail(c, "the product would have more than 2^53 rows");
    return true;
}

/* One side is a constant of `own` matrices; the other side's rows are spread over them. */
static bool static_product(struct onnx_import *c, const struct shape *out, int64_t lead,
                           const struct onnx_value *weight, int64_t rows, int64_t k, int64_t n)
{
    int64_t own = onnx_span(&weight->shape, 0, weight->shape.dims - 2), m;
    TRY(times(c, rows, own > 0 ? lead / own : 1, &m));
    return emit_product(c, out, own, m, k, n, weight);
}

bool onnx_matmul(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 2));
    const struct onnx_value *a = c->in[0], *b = c->in[1];
    if (a->shape.dims < 1 || b->shape.dims < 1)
        return onnx_fail(c, "an input is a single number; MatMul takes vectors and matrices");
    struct shape x = as_matrix(&a->shape, true), y = as_matrix(&b->shape, false), out;
    int64_t m = x.dim[x.dims - 2], k = x.dim[x.dims - 1], n = y.dim[y.dims - 1], lead, rows;
    if (k != y.dim[y.dims - 2])
        return onnx_fail(c, "%lld columns meet %lld rows", (long long)k,
                         (long long)y.dim[y.dims - 2]);
    TRY(product_shape(c, &x, &y, &lead, &out));
    if (b->constant)
        return static_product(c, &out, lead, b, m, k, n);
    if (a->constant)
        return static_product(c, &out, lead, a, n, k, m);
    if (onnx_span(&y, 0, y.dims - 2) > 1)
        return emit_product(c, &out, lead, m, k, n, NULL);
    TRY(times(c, m, lead, &rows)); /* one matrix on the right: one tall product */
    return emit_product(c, &out, 1, rows, k, n, NULL);
}

/* --- Gather ------------------------------------------------------------------------------- */

static bool gather_content(struct onnx_import *c, struct onnx_value *out)
{
    const struct onnx_value *data = c->in[0], *at = c->in[1];
    int64_t n = shape_elements(&at->shape);
    if (!out->constant || data->content == NULL || at->content == NULL || data->shape.dims != 1 ||
        n > ONNX_CONTENT_MAX)
        return true;
    double *content = ARENA_ARRAY(c->scratch, double, n);
    for (int64_t i = 0; i < n; i++) {
        int index;
        TRY(onnx_axis(c, onnx_whole(at->content[i]), (int)data->shape.dim[0], &index));
        content[i] = data->content[index];
    }
    out->content = content;
    out->integer = data->integer;
    return true;
}

static bool emit_look_up(struct onnx_import *c, struct onnx_value *out, int axis)
{
    const struct onnx_value *table = c->in[0], *at = c->in[1];
    struct op *op;
    if (axis != 0)
        return onnx_fail(c, "a look-up along axis %d is not supported; use axis 0", axis);
    TRY(onnx_emit(c, OP_EMBEDDING, NULL, out, &op));
    op->u.embedding.rows = table->shape.dim[0];
    op->u.embedding.width = onnx_span(&table->shape, 1, table->shape.dims);
    op->u.embedding.count = shape_elements(&at->shape);
    onnx_set_weight(c, op, table);
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
        return gather_content(c, v);
    if (c->in[0]->constant)
        return emit_look_up(c, v, axis);
    bool part = shape_elements(&s) <= shape_elements(data);
    TRY(onnx_emit(c, part ? OP_SLICE : OP_ELEMENTWISE, part ? NULL : "gather", v, &op));
    op->in = *data;
    op->out = s;
    return true;
}
