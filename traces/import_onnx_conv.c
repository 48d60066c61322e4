/* Sliding windows: convolutions and pools. */
#include <string.h>

#include "traces/import_onnx.h"

enum auto_pad { PAD_GIVEN, PAD_VALID, PAD_SAME_UPPER, PAD_SAME_LOWER };

struct window {
    int64_t kernel[2], stride[2], dilation[2], pad[4];
    enum auto_pad mode;
    bool ceil;
};

/* --- reading ------------------------------------------------------------------------------ */

/* An attribute of one entry per spatial axis (or two, for pads) into [H, W] order; a 1-D tensor
 * is an image of height 1. */
static bool read_axes(struct onnx_import *c, const char *name, int spatial, int ends, int64_t least,
                      int64_t *out)
{
    int64_t given[4];
    size_t n, want = (size_t)(spatial * ends);
    TRY(onnx_ints(c, name, SIZE_MAX, given, 4, &n));
    if (n == 0)
        return true;
    if (n != want)
        return onnx_fail(c, "'%s' has %zu entries; %zu are needed", name, n, want);
    for (size_t i = 0; i < n; i++) {
        if (given[i] < least || given[i] > ONNX_WINDOW_MAX)
            return onnx_fail(c, "'%s' holds %lld; %lld to %d are possible", name,
                             (long long)given[i], (long long)least, ONNX_WINDOW_MAX);
        out[spatial == 2 ? i : 2 * i + 1] = given[i];
    }
    return true;
}

static enum auto_pad read_auto_pad(const struct onnx_import *c)
{
    return onnx_string_is(c, "auto_pad", "SAME_UPPER")   ? PAD_SAME_UPPER
           : onnx_string_is(c, "auto_pad", "SAME_LOWER") ? PAD_SAME_LOWER
           : onnx_string_is(c, "auto_pad", "VALID")      ? PAD_VALID
                                                         : PAD_GIVEN;
}

/* Everything but the kernel's default, which the caller has set. */
static bool read_window(struct onnx_import *c, int spatial, struct window *w)
{
    TRY(read_axes(c, "kernel_shape", spatial, 1, 1, w->kernel));
    TRY(read_axes(c, "strides", spatial, 1, 1, w->stride));
    TRY(read_axes(c, "dilations", spatial, 1, 1, w->dilation));
    w->mode = read_auto_pad(c);
    w->ceil = onnx_int(c, "ceil_mode", 0) != 0;
    if (w->mode == PAD_GIVEN)
        TRY(read_axes(c, "pads", spatial, 2, 0, w->pad));
    return true;
}

static struct window plain_window(void)
{
    return (struct window){.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
}

/* --- arithmetic --------------------------------------------------------------------------- */

/* Pads of one axis so that out = ceil(in / stride) (auto_pad SAME of the Conv schema). */
static void pad_same(struct window *w, int axis, int64_t in)
{
    int64_t out = ceil_div(in, w->stride[axis]);
    int64_t need = (out - 1) * w->stride[axis] + w->dilation[axis] * (w->kernel[axis] - 1) + 1 - in;
    if (need < 0)
        need = 0;
    int64_t less = need / 2;
    w->pad[axis] = w->mode == PAD_SAME_UPPER ? less : need - less;
    w->pad[axis + 2] = need - w->pad[axis];
}

/* The output's size along one axis.  ceil_mode lets the last window hang over; a window that
 * would begin in the far pad is dropped (Pool schemas).  What hangs over becomes pad. */
static bool slide_axis(struct onnx_import *c, struct window *w, int axis, int64_t in, int64_t *out)
{
    if (w->mode == PAD_SAME_UPPER || w->mode == PAD_SAME_LOWER)
        pad_same(w, axis, in);
    int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    int64_t room = in + w->pad[axis] + w->pad[axis + 2] - reach;
    if (room < 0)
        return onnx_fail(c, "its window reaches over %lld but the padded input has only %lld",
                         (long long)reach, (long long)(room + reach));
    *out = room / w->stride[axis] + 1;
    if (w->ceil && room % w->stride[axis] != 0 && *out * w->stride[axis] < in + w->pad[axis]) {
        w->pad[axis + 2] += *out * w->stride[axis] - room;
        *out += 1;
    }
    return true;
}

static bool slide(struct onnx_import *c, struct window *w, const struct shape *in,
                  struct shape *out)
{
    for (int axis = 0; axis < 2; axis++)
        TRY(slide_axis(c, w, axis, in->dim[2 + axis], &out->dim[2 + axis]));
    return true;
}

static bool write_window(struct onnx_import *c, const struct window *w, struct op *op)
{
    for (int i = 0; i < 2; i++) {
        op->u.conv.kernel[i] = (int32_t)w->kernel[i];
        op->u.conv.stride[i] = (int32_t)w->stride[i];
        op->u.conv.dilation[i] = (int32_t)w->dilation[i];
    }
    for (int i = 0; i < 4; i++) {
        if (w->pad[i] > INT32_MAX)
            return onnx_fail(c, "its pads come to %lld", (long long)w->pad[i]);
        op->u.conv.pad[i] = (int32_t)w->pad[i];
    }
    return true;
}

/* The shape that the window slides over; an explicit Pad before it joins the window's own. */
static bool take_input(struct onnx_import *c, struct window *w, struct shape *image)
{
    struct onnx_value *x = c->in[0];
    if (w->mode == PAD_SAME_UPPER || w->mode == PAD_SAME_LOWER)
        TRY(onnx_materialise_pad(c, x));
    if (x->padded)
        for (int i = 0; i < 4; i++)
            w->pad[i] += x->pad[i];
    return onnx_image(c, x->padded ? &x->bare : &x->shape, image);
}

/* Back from [N, C, H, W] to the tensor's own three or four dimensions. */
static struct shape own_shape(const struct shape *image, int dims)
{
    struct shape s = *image;
    if (dims == 3) {
        s.dim[2] = image->dim[3];
        s.dims = 3;
    }
    return s;
}

/* --- convolutions ------------------------------------------------------------------------- */

static bool read_weight(struct onnx_import *c, struct window *w, int64_t *groups)
{
    const struct onnx_value *x = c->in[0], *weight = c->in[1];
    if (!weight->constant)
        return onnx_fail(c, "its weights are computed while the network runs; constant ones are "
                            "needed");
    if (weight->shape.dims != x->shape.dims || x->shape.dims < 3 || x->shape.dims > 4)
        return onnx_fail(c, "input has %d dimensions and weights %d; both need three or four",
                         x->shape.dims, weight->shape.dims);
    int spatial = x->shape.dims - 2;
    for (int i = 0; i < spatial; i++) {
        int64_t k = weight->shape.dim[2 + i];
        if (k < 1 || k > ONNX_WINDOW_MAX)
            return onnx_fail(c, "its kernel has a side of %lld; 1 to %d are possible", (long long)k,
                             ONNX_WINDOW_MAX);
        w->kernel[spatial == 2 ? i : 1] = k;
    }
    *groups = onnx_int(c, "group", 1);
    if (*groups < 1)
        return onnx_fail(c, "'group' is %lld; it must be at least 1", (long long)*groups);
    return true;
}

/* Input channels must be groups x those of one group. */
static bool check_channels(struct onnx_import *c, int64_t channels, int64_t groups, int64_t each)
{
    if (channels % groups != 0 || channels / groups != each)
        return onnx_fail(c, "%lld input channels in %lld groups do not fit weights for %lld",
                         (long long)channels, (long long)groups, (long long)each);
    return true;
}

static bool emit_conv(struct onnx_import *c, const struct window *w, const struct shape *in,
                      const struct shape *out, int64_t groups)
{
    struct shape own = own_shape(out, c->in[0]->shape.dims);
    struct op *op;
    TRY(onnx_simple(c, OP_CONV2D, NULL, in, &own, &op));
    op->out = *out;
    op->u.conv.groups = groups;
    onnx_set_weight(c, op, c->in[1]);
    return write_window(c, w, op);
}

static bool same_kernel(struct onnx_import *c, const struct window *w, const int64_t kernel[2])
{
    if (w->kernel[0] != kernel[0] || w->kernel[1] != kernel[1])
        return onnx_fail(c, "'kernel_shape' differs from its weights' shape");
    return true;
}

bool onnx_conv(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct window w = plain_window();
    struct shape in, out;
    int64_t groups, kernel[2];
    TRY(onnx_need(c, 2));
    TRY(read_weight(c, &w, &groups));
    memcpy(kernel, w.kernel, sizeof kernel);
    TRY(read_window(c, c->in[0]->shape.dims - 2, &w));
    TRY(same_kernel(c, &w, kernel));
    TRY(take_input(c, &w, &in));
    TRY(check_channels(c, in.dim[1], groups, c->in[1]->shape.dim[1]));
    out = in;
    out.dim[1] = c->in[1]->shape.dim[0];
    TRY(slide(c, &w, &in, &out));
    return emit_conv(c, &w, &in, &out, groups);
}

/* What is asked for along one axis of a transposed convolution: the output's size. */
static bool transposed_size(struct onnx_import *c, struct window *w, int axis, int64_t in,
                            int64_t extra, int64_t asked, int64_t *out)
{
    int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    int64_t full = (in - 1) * w->stride[axis] + reach + extra;
    *out = full - w->pad[axis] - w->pad[axis + 2];
    if (w->mode == PAD_SAME_UPPER || w->mode == PAD_SAME_LOWER)
        *out = in * w->stride[axis];
    if (asked > 0)
        *out = asked;
    if (*out < 1)
        return onnx_fail(c, "its output would have a side of %lld", (long long)*out);
    return true;
}

/* A transposed convolution is a convolution of stride 1 over the input with stride - 1 zeros
 * between its elements (Dumoulin and Visin, arXiv 1603.07285, section 4). */
static bool stuff_axis(struct onnx_import *c, struct window *w, int axis, int64_t *in, int64_t out)
{
    int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    int64_t lead = reach - 1 - w->pad[axis];
    *in = (*in - 1) * w->stride[axis] + 1;
    w->stride[axis] = 1;
    if (lead < 0) { /* cropped on this side */
        *in += lead;
        lead = 0;
    }
    int64_t trail = out - 1 + reach - *in - lead;
    if (trail < 0) {
        *in += trail;
        trail = 0;
    }
    if (*in < 1)
        return onnx_fail(c, "its pads crop the whole input away");
    w->pad[axis] = lead;
    w->pad[axis + 2] = trail;
    return true;
}

static bool stuff(struct onnx_import *c, struct window *w, int spatial, struct shape *in,
                  struct shape *out)
{
    int64_t extra[2] = {0, 0}, asked[2] = {0, 0};
    TRY(read_axes(c, "output_padding", spatial, 1, 0, extra));
    TRY(read_axes(c, "output_shape", spatial, 1, 1, asked));
    for (int axis = 0; axis < 2; axis++) {
        TRY(transposed_size(c, w, axis, in->dim[2 + axis], extra[axis], asked[axis],
                            &out->dim[2 + axis]));
        TRY(stuff_axis(c, w, axis, &in->dim[2 + axis], out->dim[2 + axis]));
    }
    return true;
}

bool onnx_conv_transpose(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct window w = plain_window();
    struct shape in, out;
    int64_t groups, kernel[2];
    TRY(onnx_need(c, 2));
    TRY(read_weight(c, &w, &groups));
    memcpy(kernel, w.kernel, sizeof kernel);
    TRY(read_window(c, c->in[0]->shape.dims - 2, &w));
    TRY(same_kernel(c, &w, kernel));
    TRY(onnx_image(c, &c->in[0]->shape, &in));
    if (in.dim[1] != c->in[1]->shape.dim[0])
        return onnx_fail(c, "%lld input channels do not fit weights for %lld", (long long)in.dim[1],
                         (long long)c->in[1]->shape.dim[0]);
    out = in;
    if (__builtin_mul_overflow(c->in[1]->shape.dim[1], groups, &out.dim[1]))
        return onnx_fail(c, "it has too many output channels");
    TRY(stuff(c, &w, c->in[0]->shape.dims - 2, &in, &out));
    c->stuffed = true;
    return emit_conv(c, &w, &in, &out, groups);
}

/* --- pools -------------------------------------------------------------------------------- */

static bool emit_pool(struct onnx_import *c, const char *fn, const struct window *w,
                      const struct shape *in, const struct shape *out)
{
    struct shape own = own_shape(out, c->in[0]->shape.dims);
    struct op *op;
    TRY(onnx_simple(c, OP_POOL, fn, in, &own, &op));
    op->out = *out;
    return write_window(c, w, op);
}

bool onnx_pool(struct onnx_import *c, const char *fn)
{
    struct window w = plain_window();
    struct shape in, out;
    TRY(onnx_need(c, 1));
    int dims = c->in[0]->shape.dims;
    if (dims < 3 || dims > 4)
        return onnx_fail(c, "its input has %d dimensions; three or four are read", dims);
    TRY(read_window(c, dims - 2, &w));
    if (onnx_attribute(c, "kernel_shape") == NULL)
        return onnx_fail(c, "'kernel_shape' is missing");
    if (w.dilation[0] != 1 || w.dilation[1] != 1)
        return onnx_fail(c, "dilated pooling is not supported; use dilation 1");
    TRY(take_input(c, &w, &in));
    out = in;
    TRY(slide(c, &w, &in, &out));
    return emit_pool(c, fn, &w, &in, &out);
}

bool onnx_global_pool(struct onnx_import *c, const char *fn)
{
    struct window w = plain_window();
    struct shape in, out;
    TRY(onnx_need(c, 1));
    TRY(onnx_image(c, &c->in[0]->shape, &in));
    out = in;
    for (int axis = 0; axis < 2; axis++) {
        if (in.dim[2 + axis] > ONNX_WINDOW_MAX)
            return onnx_fail(c, "its input has a side of %lld; at most %d is possible",
                             (long long)in.dim[2 + axis], ONNX_WINDOW_MAX);
        w.kernel[axis] = in.dim[2 + axis];
        out.dim[2 + axis] = 1;
    }
    return emit_pool(c, fn, &w, &in, &out);
}
