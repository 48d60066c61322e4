/* Sliding windows: their attributes and arithmetic. */
#include "traces/import_onnx_window.h"

#include <string.h>

/* --- reading ------------------------------------------------------------------------------ */

bool onnx_read_axes(struct onnx_import *c, const char *name, int spatial, int ends, int64_t least,
                    int64_t *out)
{
    int64_t given[2 * AXES];
    size_t n, want = (size_t)(spatial * ends);
    TRY(onnx_ints(c, name, SIZE_MAX, given, COUNT_OF(given), &n));
    if (n == 0)
        return true;
    if (n != want)
        return onnx_fail(c, "'%s' has %zu entries; %zu are needed", name, n, want);
    for (int i = 0; i < (int)n; i++) {
        if (given[i] < least || given[i] > ONNX_WINDOW_MAX)
            return onnx_fail(c, "'%s' holds %lld; %lld to %d are possible", name,
                             (long long)given[i], (long long)least, ONNX_WINDOW_MAX);
        out[i / spatial * AXES + AXES - spatial + i % spatial] = given[i];
    }
    return true;
}

static enum onnx_auto_pad read_auto_pad(const struct onnx_import *c)
{
    return onnx_string_is(c, "auto_pad", "SAME_UPPER")   ? PAD_SAME_UPPER
           : onnx_string_is(c, "auto_pad", "SAME_LOWER") ? PAD_SAME_LOWER
           : onnx_string_is(c, "auto_pad", "VALID")      ? PAD_VALID
                                                         : PAD_GIVEN;
}

bool onnx_read_window(struct onnx_import *c, int spatial, struct onnx_window *w)
{
    TRY(onnx_read_axes(c, "kernel_shape", spatial, 1, 1, w->kernel));
    TRY(onnx_read_axes(c, "strides", spatial, 1, 1, w->stride));
    TRY(onnx_read_axes(c, "dilations", spatial, 1, 1, w->dilation));
    w->mode = read_auto_pad(c);
    w->ceil = onnx_int(c, "ceil_mode", 0) != 0;
    if (w->mode == PAD_GIVEN)
        TRY(onnx_read_axes(c, "pads", spatial, 2, 0, w->pad));
    return true;
}

struct onnx_window onnx_plain_window(void)
{
    return (struct onnx_window){.kernel = {1, 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
}

/* --- shapes ------------------------------------------------------------------------------- */

bool onnx_volume(struct onnx_import *c, const struct shape *s, struct shape *out)
{
    if (s->dims < 3 || s->dims > 5)
        return onnx_fail(c, "its input has %d dimensions; three to five are read", s->dims);
    *out = (struct shape){.dim = {s->dim[0], s->dim[1], 1, 1, 1}, .dims = 5};
    for (int i = 2; i < s->dims; i++) {
        out->dim[5 - s->dims + i] = s->dim[i];
        if (s->dim[i] > INT32_MAX)
            return onnx_fail(c, "its input has a side beyond 2^31");
    }
    return true;
}

struct shape onnx_from_volume(const struct shape *volume, int dims)
{
    struct shape s = {.dim = {volume->dim[0], volume->dim[1]}, .dims = dims};
    for (int i = 2; i < dims; i++)
        s.dim[i] = volume->dim[5 - dims + i];
    return s;
}

bool onnx_window_input(struct onnx_import *c, struct onnx_window *w, struct shape *volume)
{
    struct onnx_value *x = c->in[0];
    if (w->mode == PAD_SAME_UPPER || w->mode == PAD_SAME_LOWER)
        TRY(onnx_materialise_pad(c, x));
    for (int i = 0; i < 2 && x->padded; i++) { /* of height and width, as in onnx_value.pad */
        w->pad[1 + i] += x->pad[i];
        w->pad[AXES + 1 + i] += x->pad[2 + i];
    }
    return onnx_volume(c, x->padded ? &x->bare : &x->shape, volume);
}

/* --- arithmetic --------------------------------------------------------------------------- */

/* Pads of one axis so that out = ceil(in / stride) (auto_pad SAME of the Conv schema). */
static void pad_same(struct onnx_window *w, int axis, int64_t in)
{
    int64_t out = ceil_div(in, w->stride[axis]);
    int64_t need = (out - 1) * w->stride[axis] + w->dilation[axis] * (w->kernel[axis] - 1) + 1 - in;
    if (need < 0)
        need = 0;
    int64_t less = need / 2;
    w->pad[axis] = w->mode == PAD_SAME_UPPER ? less : need - less;
    w->pad[axis + AXES] = need - w->pad[axis];
}

/* The output's size along one axis.  ceil_mode lets the last window hang over; a window that
 * would begin in the far pad is dropped (Pool schemas).  What hangs over becomes pad. */
static bool slide_axis(struct onnx_import *c, struct onnx_window *w, int axis, int64_t in,
                       int64_t *out)
{
    if (w->mode == PAD_SAME_UPPER || w->mode == PAD_SAME_LOWER)
        pad_same(w, axis, in);
    int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    int64_t room = in + w->pad[axis] + w->pad[axis + AXES] - reach;
    if (room < 0)
        return onnx_fail(c, "its window reaches over %lld but the padded input has only %lld",
                         (long long)reach, (long long)(room + reach));
    *out = room / w->stride[axis] + 1;
    if (w->ceil && room % w->stride[axis] != 0 && *out * w->stride[axis] < in + w->pad[axis]) {
        w->pad[axis + AXES] += *out * w->stride[axis] - room;
        *out += 1;
    }
    return true;
}

bool onnx_slide(struct onnx_import *c, struct onnx_window *w, const struct shape *in,
                struct shape *out)
{
    for (int axis = 0; axis < AXES; axis++)
        TRY(slide_axis(c, w, axis, in->dim[2 + axis], &out->dim[2 + axis]));
    return true;
}

bool onnx_write_window(struct onnx_import *c, const struct onnx_window *w, struct op *op)
{
    for (int i = 0; i < 2; i++) {
        op->u.conv.kernel[i] = (int32_t)w->kernel[1 + i];
        op->u.conv.stride[i] = (int32_t)w->stride[1 + i];
        op->u.conv.dilation[i] = (int32_t)w->dilation[1 + i];
        for (int end = 0; end < 2; end++) {
            int64_t pad = w->pad[1 + i + end * AXES];
            if (pad > INT32_MAX)
                return onnx_fail(c, "its pads come to %lld", (long long)pad);
            op->u.conv.pad[i + 2 * end] = (int32_t)pad;
        }
    }
    return true;
}
