/* Explicit pads: they wait for the window that follows, or become a copy; negative ones crop. */
#include "traces/import_onnx.h"

/* The pads of all axes: [begin of each axis..., end of each axis...]. */
static bool read_pads(struct onnx_import *c, int dims, int64_t begin[], int64_t end[])
{
    int64_t given[2 * SHAPE_DIMS_MAX], axes[SHAPE_DIMS_MAX];
    size_t n, n_axes;
    TRY(onnx_ints(c, "pads", 1, given, COUNT_OF(given), &n));
    TRY(onnx_ints(c, "axes", 3, axes, COUNT_OF(axes), &n_axes));
    for (int i = 0; i < dims; i++)
        begin[i] = end[i] = 0;
    size_t named = n_axes > 0 ? n_axes : (size_t)dims;
    if (n != 2 * named)
        return onnx_fail(c, "'pads' has %zu entries; %zu are needed", n, 2 * named);
    for (size_t i = 0; i < named; i++) {
        int axis = (int)i;
        if (n_axes > 0)
            TRY(onnx_axis(c, axes[i], dims, &axis));
        begin[axis] = given[i];
        end[axis] = given[i + named];
        if (begin[axis] < -ONNX_WINDOW_MAX || end[axis] < -ONNX_WINDOW_MAX ||
            begin[axis] > ONNX_WINDOW_MAX || end[axis] > ONNX_WINDOW_MAX)
            return onnx_fail(c, "'pads' must be from %d to %d", -ONNX_WINDOW_MAX, ONNX_WINDOW_MAX);
    }
    return true;
}

/* Pads of an image's height and width may wait for the window that follows. */
static void await_window(struct onnx_value *out, const struct onnx_value *in, const int64_t begin[],
                         const int64_t end[])
{
    int dims = in->shape.dims;
    for (int i = 0; i < dims; i++)
        if (begin[i] < 0 || end[i] < 0)
            return;
    if (dims < 3 || dims > 4 || begin[0] + end[0] + begin[1] + end[1] != 0)
        return;
    out->padded = true;
    out->bare = in->shape;
    for (int axis = 2; axis < dims; axis++) {
        int side = dims == 4 ? axis - 2 : 1;
        out->pad[side] = (int32_t)begin[axis];
        out->pad[side + 2] = (int32_t)end[axis];
    }
}

bool onnx_pad(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int64_t begin[SHAPE_DIMS_MAX], end[SHAPE_DIMS_MAX];
    struct onnx_value *v;
    TRY(onnx_need(c, 1));
    const struct onnx_value *x = c->in[0];
    TRY(read_pads(c, x->shape.dims, begin, end));
    struct shape s = x->shape;
    for (int i = 0; i < s.dims; i++)
        s.dim[i] += begin[i] + end[i];
    if (onnx_same_shape(&s, &x->shape))
        return onnx_alias(c, 0, x, &s);
    TRY(onnx_define(c, 0, &s, &v));
    v->op = x->op;
    if (c->fold)
        return true;
    await_window(v, x, begin, end);
    if (v->padded)
        return true;
    struct op *op; /* another axis: a copy right here */
    bool part = shape_elements(&s) < shape_elements(&x->shape);
    TRY(onnx_emit(c, part ? OP_SLICE : OP_ELEMENTWISE, part ? NULL : "pad", v, &op));
    op->in = part ? x->shape : s;
    op->out = s;
    return true;
}
