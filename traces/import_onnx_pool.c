/* Pools.  Over depth: first height and width, slice by slice, then the slices; maxima and sums do
 * not care. */
#include "traces/import_onnx_window.h"

/* Height and width of every slice. */
static bool pool_slices(struct onnx_import *c, const char *fn, const struct onnx_window *w,
                        const struct shape *in, const struct shape *out, const struct onnx_value *x,
                        struct onnx_value *made)
{
    struct op *op;
    TRY(onnx_emit_of(c, OP_POOL, fn, &x, 1, made, &op));
    op->in = onnx_shape4(in->dim[0], in->dim[1], in->dim[3], in->dim[4]);
    TRY(onnx_times(c, in->dim[1], in->dim[2], &op->in.dim[1]));
    op->out = onnx_shape4(in->dim[0], op->in.dim[1], out->dim[3], out->dim[4]);
    return onnx_write_window(c, w, op);
}

static bool pool_depth(struct onnx_import *c, const char *fn, const struct onnx_window *w,
                       const struct shape *in, const struct shape *out, const struct onnx_value *x,
                       struct onnx_value *made)
{
    struct op *op;
    struct onnx_window deep = onnx_plain_window();
    deep.kernel[1] = w->kernel[0];
    deep.stride[1] = w->stride[0];
    deep.dilation[1] = w->dilation[0];
    deep.pad[1] = w->pad[0];
    deep.pad[1 + AXES] = w->pad[AXES];
    TRY(onnx_emit_of(c, OP_POOL, fn, &x, 1, made, &op));
    op->in = onnx_shape4(in->dim[0], in->dim[1], in->dim[2], 0);
    TRY(onnx_times(c, out->dim[3], out->dim[4], &op->in.dim[3]));
    op->out = op->in;
    op->out.dim[2] = out->dim[2];
    return onnx_write_window(c, &deep, op);
}

static bool emit_pool(struct onnx_import *c, const char *fn, const struct onnx_window *w,
                      const struct shape *in, const struct shape *out)
{
    struct shape own = onnx_from_volume(out, c->in[0]->shape.dims);
    struct onnx_value *made, *slices = onnx_nameless(c);
    TRY(onnx_define(c, 0, &own, &made));
    if (in->dim[2] == 1)
        return pool_slices(c, fn, w, in, out, c->in[0], made);
    TRY(pool_slices(c, fn, w, in, out, c->in[0], slices));
    return pool_depth(c, fn, w, in, out, slices, made);
}

/* Where each maximum lay; training and unpooling read it. */
static bool give_places(struct onnx_import *c)
{
    if (c->node->n_output < 2)
        return true;
    const struct onnx_value *out = onnx_local(c, c->node->output[0]);
    return onnx_alias(c, 1, out, &out->shape);
}

bool onnx_pool(struct onnx_import *c, const char *fn)
{
    struct onnx_window w = onnx_plain_window();
    struct shape in, out;
    TRY(onnx_need(c, 1));
    TRY(onnx_volume(c, &c->in[0]->shape, &in));
    TRY(onnx_read_window(c, c->in[0]->shape.dims - 2, &w));
    if (onnx_attribute(c, "kernel_shape") == NULL)
        return onnx_fail(c, "'kernel_shape' is missing");
    TRY(onnx_window_input(c, &w, &in));
    out = in;
    TRY(onnx_slide(c, &w, &in, &out));
    TRY(emit_pool(c, fn, &w, &in, &out));
    return give_places(c);
}

bool onnx_global_pool(struct onnx_import *c, const char *fn)
{
    struct onnx_window w = onnx_plain_window();
    struct shape in, out;
    TRY(onnx_need(c, 1));
    TRY(onnx_volume(c, &c->in[0]->shape, &in));
    out = in;
    for (int axis = 0; axis < AXES; axis++) {
        if (in.dim[2 + axis] > ONNX_WINDOW_MAX)
            return onnx_fail(c, "its input has a side of %lld; at most %d is possible",
                             (long long)in.dim[2 + axis], ONNX_WINDOW_MAX);
        w.kernel[axis] = in.dim[2 + axis];
        out.dim[2 + axis] = 1;
    }
    return emit_pool(c, fn, &w, &in, &out);
}
