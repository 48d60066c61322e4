/* The same data in another shape or order. */
#include <math.h>

#include "traces/import_onnx_content.h"

/* --- reshape and its relatives ------------------------------------------------------------- */

static bool reshape_to(struct onnx_import *c, const struct shape *s)
{
    struct op *op;
    const struct onnx_value *x = c->in[0];
    if (x->constant || onnx_same_shape(&x->shape, s))
        return onnx_alias(c, 0, x, s);
    const struct shape in = x->shape;
    return onnx_simple(c, OP_RESHAPE, NULL, &in, s, &op);
}

bool onnx_identity(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 1));
    for (size_t i = 0; i < c->node->n_output; i++) /* Dropout: what it kept */
        TRY(onnx_alias(c, i, c->in[0], &c->in[0]->shape));
    return true;
}

bool onnx_cast(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct onnx_value *v;
    TRY(onnx_need(c, 1));
    int64_t to = onnx_int(c, "to", 1);
    bool whole = to >= 2 && to <= 13 && to != 8 && to != 10 && to != 11; /* TensorProto.DataType */
    const struct onnx_value *x = c->in[0];
    TRY(onnx_alias(c, 0, x, &x->shape));
    if (c->node->n_output == 0 || x->content == NULL)
        return true;
    v = onnx_local(c, c->node->output[0]);
    int64_t n = shape_elements(&x->shape);
    double *content = onnx_numbers(c, n);
    for (int64_t i = 0; i < n && content != NULL; i++)
        content[i] = whole ? trunc(x->content[i]) : x->content[i];
    v->content = content;
    v->integer = whole;
    return true;
}

/* 0 keeps a dimension, one -1 takes what is left. */
static bool resolve_reshape(struct onnx_import *c, const struct shape *in, struct shape *s)
{
    int64_t total = shape_elements(in), known = 1;
    int open = -1;
    bool allow_zero = onnx_int(c, "allowzero", 0) != 0;
    for (int i = 0; i < s->dims; i++) {
        if (s->dim[i] == 0 && !allow_zero && i < in->dims)
            s->dim[i] = in->dim[i];
        if (s->dim[i] == -1 && open < 0)
            open = i;
        else if (s->dim[i] < 1 && total > 0)
            return onnx_fail(c,
                             "'shape' holds %lld; sizes, 0 for as before and one -1 are possible",
                             (long long)s->dim[i]);
        else if (__builtin_mul_overflow(known, s->dim[i], &known))
            return onnx_fail(c, "'shape' has more than 2^63 elements");
    }
    if (open >= 0)
        s->dim[open] = known > 0 ? total / known : 0;
    if (shape_elements(s) == total)
        return true;
    /* A graph exported for batch 1 and read with a larger one. */
    if (c->dynamic_batch && s->dims > 0 && known <= ONNX_ELEMENTS_MAX &&
        known == total / c->batch && total % c->batch == 0) {
        s->dim[0] *= c->batch;
        return true;
    }
    return onnx_fail(c, "%lld elements cannot take a shape of %lld", (long long)total,
                     (long long)shape_elements(s));
}

bool onnx_reshape(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct shape s;
    size_t n;
    TRY(onnx_need(c, 1));
    TRY(onnx_ints(c, "shape", 1, s.dim, SHAPE_DIMS_MAX, &n));
    s.dims = (int)n;
    TRY(resolve_reshape(c, &c->in[0]->shape, &s));
    return reshape_to(c, &s);
}

bool onnx_flatten(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 1));
    const struct shape *in = &c->in[0]->shape;
    int64_t axis = onnx_int(c, "axis", 1);
    if (axis < -in->dims || axis > in->dims)
        return onnx_fail(c, "axis %lld does not exist in a tensor of %d dimensions",
                         (long long)axis, in->dims);
    int at = (int)(axis < 0 ? axis + in->dims : axis);
    struct shape s = onnx_shape2(onnx_span(in, 0, at), onnx_span(in, at, in->dims));
    return reshape_to(c, &s);
}

/* The axes named by attribute or second input, as flags over `dims` dimensions. */
static bool named_axes(struct onnx_import *c, int dims, bool named[], size_t *n)
{
    int64_t axes[SHAPE_DIMS_MAX];
    TRY(onnx_ints(c, "axes", 1, axes, COUNT_OF(axes), n));
    for (int i = 0; i < SHAPE_DIMS_MAX; i++)
        named[i] = false;
    for (size_t i = 0; i < *n; i++) {
        int axis;
        TRY(onnx_axis(c, axes[i], dims, &axis));
        if (named[axis])
            return onnx_fail(c, "axis %d is named twice", axis);
        named[axis] = true;
    }
    return true;
}

bool onnx_squeeze(struct onnx_import *c, const char *fn)
{
    (void)fn;
    bool named[SHAPE_DIMS_MAX];
    size_t n;
    struct shape s = {.dims = 0};
    TRY(onnx_need(c, 1));
    const struct shape *in = &c->in[0]->shape;
    TRY(named_axes(c, in->dims, named, &n));
    for (int i = 0; i < in->dims; i++) {
        if (named[i] && in->dim[i] != 1)
            return onnx_fail(c, "axis %d has size %lld; only 1 can be squeezed", i,
                             (long long)in->dim[i]);
        if (!named[i] && (n > 0 || in->dim[i] != 1))
            s.dim[s.dims++] = in->dim[i];
    }
    return reshape_to(c, &s);
}

bool onnx_unsqueeze(struct onnx_import *c, const char *fn)
{
    (void)fn;
    bool named[SHAPE_DIMS_MAX];
    int64_t axes[SHAPE_DIMS_MAX];
    size_t n;
    TRY(onnx_need(c, 1));
    const struct shape *in = &c->in[0]->shape;
    TRY(onnx_ints(c, "axes", 1, axes, COUNT_OF(axes), &n));
    struct shape s = {.dims = in->dims + (int)n};
    if (s.dims > SHAPE_DIMS_MAX)
        return onnx_fail(c, "its result has more than %d dimensions", SHAPE_DIMS_MAX);
    TRY(named_axes(c, s.dims, named, &n));
    for (int i = 0, from = 0; i < s.dims; i++)
        s.dim[i] = named[i] ? 1 : in->dim[from++];
    return reshape_to(c, &s);
}

/* --- order -------------------------------------------------------------------------------- */

static bool read_order(struct onnx_import *c, int dims, int order[])
{
    int64_t given[SHAPE_DIMS_MAX];
    bool seen[SHAPE_DIMS_MAX] = {false};
    size_t n;
    TRY(onnx_ints(c, "perm", SIZE_MAX, given, COUNT_OF(given), &n));
    if (n != 0 && n != (size_t)dims)
        return onnx_fail(c, "'perm' has %zu entries for %d dimensions", n, dims);
    for (int i = 0; i < dims; i++) {
        order[i] = dims - 1 - i; /* the default reverses */
        if (n > 0)
            TRY(onnx_axis(c, given[i], dims, &order[i]));
        if (seen[order[i]])
            return onnx_fail(c, "'perm' names axis %d twice", order[i]);
        seen[order[i]] = true;
    }
    return true;
}

bool onnx_transpose(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int order[SHAPE_DIMS_MAX];
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct onnx_value *x = c->in[0];
    const struct shape in = x->shape;
    struct shape s = {.dims = in.dims};
    TRY(read_order(c, in.dims, order));
    for (int i = 0; i < in.dims; i++)
        s.dim[i] = in.dim[order[i]];
    if (in.dims < 2)
        return onnx_alias(c, 0, x, &s);
    TRY(onnx_define(c, 0, &s, &v));
    if (c->fold) {
        struct onnx_view own = onnx_view_of(&in), view = {0};
        for (int i = 0; i < in.dims; i++)
            view.step[i] = own.step[order[i]];
        onnx_look(c, v, x, &view);
        v->root = x->root; /* the same weights, read across */
        v->tensor = x->tensor;
        return true;
    }
    TRY(onnx_emit(c, OP_TRANSPOSE, NULL, v, &op));
    op->in = in;
    op->out = s;
    return true;
}

/* Blocks of channels and pixels change places; `to_depth` says which way. */
static bool move_blocks(struct onnx_import *c, bool to_depth)
{
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct shape in = c->in[0]->shape;
    int64_t b = onnx_int(c, "blocksize", 0);
    if (in.dims != 4 || b < 1 || b > ONNX_WINDOW_MAX)
        return onnx_fail(c, "it needs four dimensions and a 'blocksize' from 1 to %d",
                         ONNX_WINDOW_MAX);
    bool whole = to_depth ? in.dim[2] % b == 0 && in.dim[3] % b == 0 : in.dim[1] % (b * b) == 0;
    if (!whole)
        return onnx_fail(c, "'blocksize' %lld does not divide its input", (long long)b);
    struct shape out = in;
    out.dim[1] = to_depth ? in.dim[1] * b * b : in.dim[1] / (b * b);
    for (int i = 2; i < 4; i++)
        out.dim[i] = to_depth ? in.dim[i] / b : in.dim[i] * b;
    return onnx_simple(c, OP_TRANSPOSE, NULL, &in, &out, &op);
}

bool onnx_depth_to_space(struct onnx_import *c, const char *fn)
{
    (void)fn;
    return move_blocks(c, false);
}

bool onnx_space_to_depth(struct onnx_import *c, const char *fn)
{
    (void)fn;
    return move_blocks(c, true);
}
