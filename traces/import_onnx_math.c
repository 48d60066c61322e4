/* Elementwise functions and normalisations; folding scales into what precedes them. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx_content.h"

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
    onnx_unary_content(c, fn, v);
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
    onnx_binary_content(c, fn, v);
    TRY(onnx_emit(c, OP_ELEMENTWISE, fn, v, &op));
    op->in = op->out = s;
    return true;
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
    onnx_where_content(c, v);
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
