/* Elementwise functions, normalisations, reductions; folding scales into what precedes them. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx.h"

/* --- content of small constants ----------------------------------------------------------- */

static bool apply_unary(const char *fn, double x, double *y)
{
    if (strcmp(fn, "neg") == 0)
        *y = -x;
    else if (strcmp(fn, "abs") == 0)
        *y = fabs(x);
    else if (strcmp(fn, "floor") == 0)
        *y = floor(x);
    else if (strcmp(fn, "ceil") == 0)
        *y = ceil(x);
    else if (strcmp(fn, "round") == 0)
        *y = nearbyint(x);
    else if (strcmp(fn, "sqrt") == 0)
        *y = sqrt(x);
    else if (strcmp(fn, "not") == 0)
        *y = x == 0 ? 1 : 0;
    else
        return false;
    return true;
}

/* The remainder has the divisor's sign, or for fmod the dividend's (Mod schema). */
static double modulo(double x, double y, bool c_style)
{
    double rest = y != 0 ? fmod(x, y) : 0;
    return !c_style && rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

static bool compare(const char *fn, double x, double y, double *z)
{
    bool holds;
    if (strcmp(fn, "equal") == 0)
        holds = x == y;
    else if (strcmp(fn, "less") == 0)
        holds = x < y;
    else if (strcmp(fn, "greater") == 0)
        holds = x > y;
    else if (strcmp(fn, "less_equal") == 0)
        holds = x <= y;
    else if (strcmp(fn, "greater_equal") == 0)
        holds = x >= y;
    else if (strcmp(fn, "and") == 0)
        holds = x != 0 && y != 0;
    else if (strcmp(fn, "or") == 0)
        holds = x != 0 || y != 0;
    else if (strcmp(fn, "xor") == 0)
        holds = (x != 0) != (y != 0);
    else
        return false;
    *z = holds ? 1 : 0;
    return true;
}

static bool apply_binary(const struct onnx_import *c, const char *fn, bool integer, double x,
                         double y, double *z)
{
    if (strcmp(fn, "add") == 0)
        *z = x + y;
    else if (strcmp(fn, "sub") == 0)
        *z = x - y;
    else if (strcmp(fn, "mul") == 0)
        *z = x * y;
    else if (strcmp(fn, "div") == 0)
        *z = integer ? (y != 0 ? trunc(x / y) : 0) : x / y;
    else if (strcmp(fn, "mod") == 0)
        *z = modulo(x, y, onnx_int(c, "fmod", 0) != 0);
    else if (strcmp(fn, "pow") == 0)
        *z = pow(x, y);
    else if (strcmp(fn, "min") == 0)
        *z = x < y ? x : y;
    else if (strcmp(fn, "max") == 0)
        *z = x > y ? x : y;
    else
        return compare(fn, x, y, z);
    return true;
}

static void unary_content(struct onnx_import *c, const char *fn, struct onnx_value *out)
{
    const struct onnx_value *x = c->in[0];
    int64_t n = shape_elements(&out->shape);
    double *content = out->constant && x->content != NULL ? onnx_numbers(c, n) : NULL;
    if (content == NULL)
        return;
    for (int64_t i = 0; i < n; i++)
        if (!apply_unary(fn, x->content[i], &content[i]))
            return;
    out->content = content;
    out->integer = x->integer;
}

/* v's content, as large as the result. */
static const double *spread(struct onnx_import *c, const struct onnx_value *v,
                            const struct shape *s)
{
    struct onnx_value *wide = onnx_nameless(c);
    struct onnx_view view = onnx_view_broadcast(&v->shape, s);
    wide->shape = *s;
    wide->constant = true;
    onnx_look(c, wide, v, &view);
    return wide->content;
}

/* Of two operands, or more that are folded from the left. */
static void binary_content(struct onnx_import *c, const char *fn, struct onnx_value *out)
{
    int64_t n = shape_elements(&out->shape);
    double *content = out->constant ? onnx_numbers(c, n) : NULL;
    for (size_t k = 0; k < c->n_in; k++) {
        const double *x = content != NULL ? spread(c, c->in[k], &out->shape) : NULL;
        if (x == NULL)
            return;
        for (int64_t i = 0; i < n; i++)
            if (k == 0)
                content[i] = x[i];
            else if (!apply_binary(c, fn, c->in[0]->integer, content[i], x[i], &content[i]))
                return;
    }
    out->content = content;
    out->integer = c->in[0]->integer;
}

/* --- folding ------------------------------------------------------------------------------ */

/* A value that only this node reads and that comes straight from an operator with stored
 * weights (or a batch norm): a scale or shift per channel can live in those weights. */
static bool foldable(const struct onnx_import *c, const struct onnx_value *v)
{
    return !c->options->keep_norm && !v->constant && v->absorber >= 0 && v->uses == 1 && !v->padded;
}

/* Whether constant k holds one number per channel of v, or one for all. */
static bool per_channel(const struct onnx_import *c, const struct onnx_value *v,
                        const struct onnx_value *k)
{
    if (!k->constant || k->shape.dims > v->shape.dims)
        return false;
    int channel = c->ops[v->absorber].kind == OP_MATMUL ? v->shape.dims - 1 : 1;
    for (int i = 0; i < k->shape.dims; i++) {
        int axis = i + v->shape.dims - k->shape.dims;
        if (k->shape.dim[i] != 1 && (axis != channel || k->shape.dim[i] != v->shape.dim[axis]))
            return false;
    }
    return true;
}

static bool is_scale_or_shift(const char *fn)
{
    return strcmp(fn, "add") == 0 || strcmp(fn, "sub") == 0 || strcmp(fn, "mul") == 0 ||
           strcmp(fn, "div") == 0;
}

/* The value that this node's constant can be folded into, or NULL. */
static const struct onnx_value *fold_target(const struct onnx_import *c, const char *fn)
{
    if (c->n_in != 2 || !is_scale_or_shift(fn))
        return NULL;
    for (size_t i = 0; i < 2; i++) {
        const struct onnx_value *v = c->in[i], *k = c->in[1 - i];
        bool ordered = i == 0 || strcmp(fn, "div") != 0; /* k / v is no scale */
        if (ordered && foldable(c, v) && per_channel(c, v, k))
            return v;
    }
    return NULL;
}

/* --- elementwise -------------------------------------------------------------------------- */

bool onnx_unary(struct onnx_import *c, const char *fn)
{
    struct op *op;
    struct onnx_value *v;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    TRY(onnx_define(c, 0, &s, &v));
    unary_content(c, fn, v);
    TRY(onnx_emit(c, OP_ELEMENTWISE, fn, v, &op));
    op->in = op->out = s;
    return true;
}

bool onnx_binary(struct onnx_import *c, const char *fn)
{
    struct op *op;
    struct onnx_value *v;
    TRY(onnx_need(c, c->n_in > 1 ? c->n_in : 1));
    struct shape s = c->in[0]->shape;
    for (size_t i = 1; i < c->n_in; i++) {
        struct shape so_far = s;
        TRY(onnx_broadcast(c, &so_far, &c->in[i]->shape, &s));
    }
    const struct onnx_value *target = fold_target(c, fn);
    if (target != NULL)
        return onnx_alias(c, 0, target, &target->shape);
    TRY(onnx_define(c, 0, &s, &v));
    binary_content(c, fn, v);
    TRY(onnx_emit(c, OP_ELEMENTWISE, fn, v, &op));
    op->in = op->out = s;
    return true;
}

static void where_content(struct onnx_import *c, struct onnx_value *out)
{
    int64_t n = shape_elements(&out->shape);
    double *content = out->constant ? onnx_numbers(c, n) : NULL;
    const double *of[3];
    for (size_t k = 0; k < 3; k++) {
        of[k] = content != NULL ? spread(c, c->in[k], &out->shape) : NULL;
        if (of[k] == NULL)
            return;
    }
    for (int64_t i = 0; i < n; i++)
        content[i] = of[of[0][i] != 0 ? 1 : 2][i];
    out->content = content;
    out->integer = c->in[1]->integer;
}

bool onnx_where(struct onnx_import *c, const char *fn)
{
    struct op *op;
    struct onnx_value *v;
    struct shape pair, s;
    TRY(onnx_need(c, 3));
    TRY(onnx_broadcast(c, &c->in[0]->shape, &c->in[1]->shape, &pair));
    TRY(onnx_broadcast(c, &pair, &c->in[2]->shape, &s));
    TRY(onnx_define(c, 0, &s, &v));
    where_content(c, v);
    TRY(onnx_emit(c, OP_ELEMENTWISE, fn, v, &op));
    op->in = op->out = s;
    return true;
}

/* --- normalisation ------------------------------------------------------------------------ */

bool onnx_norm(struct onnx_import *c, const char *fn)
{
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    return onnx_simple(c, OP_NORM, fn, &s, &s, &op);
}

/* Inference only scales and shifts each channel (Ioffe and Szegedy, ICML 2015, eq. 11). */
bool onnx_batch_norm(struct onnx_import *c, const char *fn)
{
    TRY(onnx_need(c, 5));
    const struct onnx_value *x = c->in[0];
    bool by_constants = true;
    for (size_t i = 1; i < 5; i++)
        by_constants = by_constants && c->in[i]->constant;
    if (x->shape.dims < 2)
        return onnx_fail(c, "its input has %d dimensions; at least two are needed", x->shape.dims);
    if (by_constants && foldable(c, x))
        return onnx_alias(c, 0, x, &x->shape);
    struct onnx_value *v;
    struct op *op;
    const struct shape s = x->shape;
    TRY(onnx_define(c, 0, &s, &v));
    TRY(onnx_emit(c, OP_NORM, fn, v, &op));
    op->in = op->out = s;
    v->absorber = v->op; /* a further scale or shift joins it */
    return true;
}

/* The trace's softmax runs over the last dimension: before opset 13 everything from `axis` on is
 * one row; after it the axis is moved to the end. */
static struct shape softmax_rows(const struct shape *s, int axis, bool flattened)
{
    if (flattened)
        return onnx_shape2(onnx_span(s, 0, axis), onnx_span(s, axis, s->dims));
    struct shape rows = *s;
    for (int i = axis; i + 1 < s->dims; i++)
        rows.dim[i] = s->dim[i + 1];
    rows.dim[s->dims - 1] = s->dim[axis];
    return rows;
}

bool onnx_softmax(struct onnx_import *c, const char *fn)
{
    int axis;
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    bool flattened = c->opset < 13;
    TRY(onnx_axis(c, onnx_int(c, "axis", flattened ? 1 : -1), s.dims, &axis));
    TRY(onnx_simple(c, OP_SOFTMAX, fn, &s, &s, &op));
    op->in = op->out = softmax_rows(&s, axis, flattened);
    return true;
}

/* --- reduction ---------------------------------------------------------------------------- */

static bool reduced_axes(struct onnx_import *c, const char *fn, int dims, bool reduced[])
{
    int64_t axes[SHAPE_DIMS_MAX];
    size_t n;
    int axis;
    for (int i = 0; i < SHAPE_DIMS_MAX; i++)
        reduced[i] = false;
    if (strncmp(fn, "arg", 3) == 0) {
        TRY(onnx_axis(c, onnx_int(c, "axis", 0), dims, &axis));
        reduced[axis] = true;
        return true;
    }
    TRY(onnx_ints(c, "axes", 1, axes, COUNT_OF(axes), &n));
    bool all = n == 0 && onnx_int(c, "noop_with_empty_axes", 0) == 0;
    for (int i = 0; i < dims && all; i++)
        reduced[i] = true;
    for (size_t i = 0; i < n; i++) {
        TRY(onnx_axis(c, axes[i], dims, &axis));
        reduced[axis] = true;
    }
    return true;
}

/* A reduction is a pool over one long row per result; over height and width it is a global pool. */
static bool pool_of_reduction(struct onnx_import *c, const struct shape *s, const bool reduced[],
                              struct op *op)
{
    int64_t row = 1, batch = s->dims > 0 && !reduced[0] ? s->dim[0] : 1, rest = 1;
    for (int i = 0; i < s->dims; i++) {
        if (reduced[i])
            row *= s->dim[i];
        else if (i > 0)
            rest *= s->dim[i];
    }
    bool image = s->dims == 4 && !reduced[0] && !reduced[1] && reduced[2] && reduced[3];
    int64_t high = image ? s->dim[2] : 1, wide = image ? s->dim[3] : row;
    if (high > ONNX_WINDOW_MAX || wide > ONNX_WINDOW_MAX)
        return onnx_fail(c, "it reduces %lld elements to one; at most %d are possible",
                         (long long)row, ONNX_WINDOW_MAX);
    op->in = onnx_shape4(batch, rest, high, wide);
    op->out = onnx_shape4(batch, rest, 1, 1);
    op->u.conv.kernel[0] = (int32_t)high;
    op->u.conv.kernel[1] = (int32_t)wide;
    for (int i = 0; i < 2; i++)
        op->u.conv.stride[i] = op->u.conv.dilation[i] = 1;
    return true;
}

/* Of a list as a whole: a product of sizes, the largest, the sum. */
static void reduced_content(struct onnx_import *c, const char *fn, struct onnx_value *out)
{
    static const struct {
        const char *reduction, *step;
    } steps[] = {{"prod", "mul"}, {"sum", "add"}, {"max", "max"}, {"min", "min"}};
    const struct onnx_value *x = c->in[0];
    int64_t n = shape_elements(&x->shape);
    if (!out->constant || x->content == NULL || n < 1 || shape_elements(&out->shape) != 1)
        return;
    double *result = onnx_numbers(c, 1);
    for (size_t k = 0; k < COUNT_OF(steps) && result != NULL; k++) {
        if (strcmp(steps[k].reduction, fn) != 0)
            continue;
        *result = x->content[0];
        for (int64_t i = 1; i < n; i++)
            if (!apply_binary(c, steps[k].step, false, *result, x->content[i], result))
                return;
        out->content = result;
        out->integer = x->integer;
    }
}

bool onnx_reduce(struct onnx_import *c, const char *fn)
{
    bool reduced[SHAPE_DIMS_MAX], keep = onnx_int(c, "keepdims", 1) != 0;
    struct shape out = {.dims = 0};
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    TRY(reduced_axes(c, fn, s.dims, reduced));
    for (int i = 0; i < s.dims; i++)
        if (!reduced[i] || keep)
            out.dim[out.dims++] = reduced[i] ? 1 : s.dim[i];
    TRY(onnx_define(c, 0, &out, &v));
    reduced_content(c, fn, v);
    if (c->fold)
        return true;
    TRY(onnx_emit(c, OP_POOL, fn, v, &op));
    return pool_of_reduction(c, &s, reduced, op);
}
