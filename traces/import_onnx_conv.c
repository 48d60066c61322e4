/* Convolutions, and those turned round.
 *
 * Over depth: each slice of the result is a convolution over as many slices of the input as the
 * kernel is deep, which lie side by side as channels.  That is how often each multiplies. */
#include <string.h>

#include "traces/import_onnx_window.h"

struct conv {
    struct onnx_window w;
    int64_t groups;
    int dims;             /* of the input */
    struct shape in, out; /* volumes */
    const struct onnx_value *weight;
};

/* --- weights ------------------------------------------------------------------------------ */

static bool read_weight(struct onnx_import *c, struct conv *v)
{
    const struct onnx_value *x = c->in[0], *weight = c->in[1];
    v->w = onnx_plain_window();
    v->dims = x->shape.dims;
    v->weight = weight;
    if (!weight->constant)
        return onnx_fail(c, "its weights are computed while the network runs; constant ones, or an "
                            "input of known shape, are needed");
    if (weight->shape.dims != v->dims || v->dims < 3 || v->dims > 5)
        return onnx_fail(c, "input has %d dimensions and weights %d; both need three to five",
                         v->dims, weight->shape.dims);
    for (int i = 2; i < v->dims; i++) {
        int64_t k = weight->shape.dim[i];
        if (k < 1 || k > ONNX_WINDOW_MAX)
            return onnx_fail(c, "its kernel has a side of %lld; 1 to %d are possible", (long long)k,
                             ONNX_WINDOW_MAX);
        v->w.kernel[AXES - v->dims + i] = k;
    }
    v->groups = onnx_int(c, "group", 1);
    if (v->groups < 1)
        return onnx_fail(c, "'group' is %lld; it must be at least 1", (long long)v->groups);
    return true;
}

static bool read_conv(struct onnx_import *c, struct conv *v)
{
    int64_t kernel[AXES];
    TRY(onnx_need(c, 2));
    TRY(read_weight(c, v));
    memcpy(kernel, v->w.kernel, sizeof kernel);
    TRY(onnx_read_window(c, v->dims - 2, &v->w));
    if (memcmp(kernel, v->w.kernel, sizeof kernel) != 0)
        return onnx_fail(c, "'kernel_shape' differs from its weights' shape");
    return true;
}

/* --- convolutions ------------------------------------------------------------------------- */

/* Input channels must be groups x those of one group. */
static bool check_channels(struct onnx_import *c, const struct conv *v)
{
    int64_t channels = v->in.dim[1], each = v->weight->shape.dim[1];
    if (channels % v->groups != 0 || channels / v->groups != each)
        return onnx_fail(c, "%lld input channels in %lld groups do not fit weights for %lld",
                         (long long)channels, (long long)v->groups, (long long)each);
    return true;
}

/* The slices that each slice of the result reads, side by side. */
static bool stack_slices(struct onnx_import *c, const struct conv *v, const struct onnx_value **x,
                         struct shape *in, struct shape *out)
{
    struct onnx_value *made;
    int64_t depth = v->out.dim[2];
    TRY(onnx_times(c, v->in.dim[0], depth, &in->dim[0]));
    TRY(onnx_times(c, v->in.dim[1], v->w.kernel[0], &in->dim[1]));
    out->dim[0] = in->dim[0];
    if (v->w.kernel[0] == 1 && depth == v->in.dim[2])
        return true; /* slice by slice, as they lie */
    TRY(onnx_step(c, OP_ELEMENTWISE, "copy", *x, in, in, &made));
    *x = made;
    return true;
}

static bool emit_conv(struct onnx_import *c, const struct conv *v)
{
    struct shape own = onnx_from_volume(&v->out, v->dims);
    struct shape in = onnx_from_volume(&v->in, 4), out = onnx_from_volume(&v->out, 4);
    const struct onnx_value *x = c->in[0];
    struct onnx_value *made;
    struct op *op;
    if (v->in.dim[2] > 1 || v->out.dim[2] > 1 || v->w.kernel[0] > 1)
        TRY(stack_slices(c, v, &x, &in, &out));
    TRY(onnx_define(c, 0, &own, &made));
    TRY(onnx_emit_of(c, OP_CONV2D, NULL, &x, 1, made, &op));
    op->in = in;
    op->out = out;
    op->u.conv.groups = v->groups;
    onnx_set_weight(c, op, v->weight, made);
    return onnx_write_window(c, &v->w, op);
}

bool onnx_conv(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct conv v;
    TRY(read_conv(c, &v));
    TRY(onnx_window_input(c, &v.w, &v.in));
    TRY(check_channels(c, &v));
    v.out = v.in;
    v.out.dim[1] = v.weight->shape.dim[0];
    TRY(onnx_slide(c, &v.w, &v.in, &v.out));
    return emit_conv(c, &v);
}

/* --- transposed ----------------------------------------------------------------------------
 *
 * Every input element is multiplied with a whole kernel, and where kernels overlap in the result
 * the products are added (Dumoulin and Visin, arXiv 1603.07285, section 4): a convolution of
 * kernel 1 whose output channels are those of all places in the kernel, the additions, and a move
 * to the places.  No zero is multiplied. */

/* What is asked for along one axis: the output's size. */
static bool transposed_size(struct onnx_import *c, const struct onnx_window *w, int axis,
                            int64_t in, int64_t extra, int64_t asked, int64_t *out)
{
    int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    int64_t full = (in - 1) * w->stride[axis] + reach + extra;
    *out = full - w->pad[axis] - w->pad[axis + AXES];
    if (w->mode == PAD_SAME_UPPER || w->mode == PAD_SAME_LOWER)
        *out = in * w->stride[axis];
    if (asked > 0)
        *out = asked;
    if (*out < 1)
        return onnx_fail(c, "its output would have a side of %lld", (long long)*out);
    return true;
}

static bool transposed_sizes(struct onnx_import *c, struct conv *v)
{
    int64_t extra[2 * AXES] = {0}, asked[2 * AXES] = {0};
    TRY(onnx_read_axes(c, "output_padding", v->dims - 2, 1, 0, extra));
    TRY(onnx_read_axes(c, "output_shape", v->dims - 2, 1, 1, asked));
    for (int axis = 0; axis < AXES; axis++)
        TRY(transposed_size(c, &v->w, axis, v->in.dim[2 + axis], extra[axis], asked[axis],
                            &v->out.dim[2 + axis]));
    return true;
}

static bool emit_products(struct onnx_import *c, const struct conv *v, struct onnx_value **made)
{
    struct op *op;
    struct shape in = onnx_shape4(v->in.dim[0], v->in.dim[1], 0, v->in.dim[4]), out;
    const struct onnx_value *x = c->in[0];
    const struct onnx_window one = onnx_plain_window();
    TRY(onnx_times(c, v->in.dim[2], v->in.dim[3], &in.dim[2]));
    out = in;
    out.dim[1] = v->out.dim[1];
    for (int axis = 0; axis < AXES; axis++)
        TRY(onnx_times(c, out.dim[1], v->w.kernel[axis], &out.dim[1]));
    TRY(onnx_step(c, OP_CONV2D, NULL, x, &in, &out, made));
    if (c->fold)
        return true;
    op = &c->ops[(*made)->op];
    op->u.conv.groups = v->groups;
    onnx_set_weight(c, op, v->weight, *made);
    return onnx_write_window(c, &one, op);
}

static bool overlaps(const struct onnx_window *w)
{
    for (int axis = 0; axis < AXES; axis++)
        if (w->dilation[axis] * (w->kernel[axis] - 1) + 1 > w->stride[axis])
            return true;
    return false;
}

/* The sums where they belong: the same elements, fewer of them, or zeros between them. */
static bool emit_places(struct onnx_import *c, const struct conv *v, const struct onnx_value *sums)
{
    struct shape own = onnx_from_volume(&v->out, v->dims);
    int64_t have = shape_elements(&sums->shape);
    struct onnx_value *made;
    struct op *op;
    TRY(onnx_define(c, 0, &own, &made));
    int64_t want = shape_elements(&own);
    enum op_kind kind = want == have ? OP_TRANSPOSE : want < have ? OP_SLICE : OP_ELEMENTWISE;
    TRY(onnx_emit_of(c, kind, kind == OP_ELEMENTWISE ? "copy" : NULL, &sums, 1, made, &op));
    op->out = onnx_from_volume(&v->out, 4); /* slices below each other */
    TRY(onnx_times(c, v->out.dim[2], v->out.dim[3], &op->out.dim[2]));
    op->in = kind == OP_ELEMENTWISE ? op->out : sums->shape;
    made->absorber = sums->absorber;
    return true;
}

bool onnx_conv_transpose(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct conv v;
    struct onnx_value *products, *sums;
    TRY(read_conv(c, &v));
    TRY(onnx_volume(c, &c->in[0]->shape, &v.in));
    if (v.in.dim[1] != v.weight->shape.dim[0] || v.in.dim[1] % v.groups != 0)
        return onnx_fail(c, "%lld input channels in %lld groups do not fit weights for %lld",
                         (long long)v.in.dim[1], (long long)v.groups,
                         (long long)v.weight->shape.dim[0]);
    v.out = v.in;
    TRY(onnx_times(c, v.weight->shape.dim[1], v.groups, &v.out.dim[1]));
    TRY(transposed_sizes(c, &v));
    TRY(emit_products(c, &v, &products));
    sums = products;
    if (overlaps(&v.w)) {
        TRY(onnx_step(c, OP_ELEMENTWISE, "add", products, &products->shape, &products->shape,
                      &sums));
        sums->absorber = products->absorber;
    }
    return emit_places(c, &v, sums);
}
