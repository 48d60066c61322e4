/* draw_image.c — lines over images: convolutions, pools, branches. */
#include "tests/graphs/pen.h"

enum { SIDE_MAX = 4096 };

static int64_t draw_side(struct pen *p)
{
    static const int64_t usual[] = {1, 2, 3, 5, 7, 8, 9, 13, 14, 16, 18, 27, 28, 32};
    return pen_chance(p, 0.8) ? usual[pen_between(p, 0, (int64_t)COUNT_OF(usual) - 1)]
                              : pen_between(p, 1, 40);
}

/* --- windows ---------------------------------------------------------------------------------- */

/* A window along one axis of `in` values; what comes out. */
static int64_t draw_axis(struct pen *p, int axis, int64_t in, bool pool, struct op *o)
{
    static const int32_t kernels[] = {1, 1, 1, 2, 3, 3, 3, 3, 4, 5, 5, 7};
    int32_t kernel = kernels[pen_between(p, 0, (int64_t)COUNT_OF(kernels) - 1)];
    int32_t dilation = pool || pen_chance(p, 0.85) ? 1 : (int32_t)pen_between(p, 2, 3);
    int32_t reach = dilation * (kernel - 1) + 1, pad[2] = {reach / 2, reach / 2};
    if (pen_chance(p, 0.25))
        pad[0] = pad[1] = 0;
    for (int side = 0; side < 2 && pen_chance(p, 0.2); side++)
        pad[side] = (int32_t)pen_between(p, 0, kernel);
    if (in + pad[0] + pad[1] < reach) {
        kernel = dilation = reach = 1;
        pad[0] = pad[1] = 0;
    }
    int64_t room = in + pad[0] + pad[1] - reach;
    int64_t stride = pen_chance(p, 0.75)   ? 1
                     : pen_chance(p, 0.5)  ? 2
                     : pen_chance(p, 0.25) ? kernel
                                           : pen_between(p, 1, in + 2);
    o->u.conv.kernel[axis] = kernel;
    o->u.conv.dilation[axis] = dilation;
    o->u.conv.stride[axis] = (int32_t)stride;
    o->u.conv.pad[axis] = pad[0];
    o->u.conv.pad[axis + 2] = pad[1];
    bool ceils = pool && room % stride != 0 && pen_chance(p, 0.3);
    return room / stride + 1 + ceils;
}

/* Both axes; the second is often as the first. */
static void draw_window(struct pen *p, bool pool, const struct shape *in, struct op *o,
                        int64_t out[2])
{
    out[0] = draw_axis(p, 0, in->dim[2], pool, o);
    if (in->dim[2] != in->dim[3] || pen_chance(p, 0.25)) {
        out[1] = draw_axis(p, 1, in->dim[3], pool, o);
        return;
    }
    out[1] = out[0];
    o->u.conv.kernel[1] = o->u.conv.kernel[0];
    o->u.conv.dilation[1] = o->u.conv.dilation[0];
    o->u.conv.stride[1] = o->u.conv.stride[0];
    o->u.conv.pad[1] = o->u.conv.pad[0];
    o->u.conv.pad[3] = o->u.conv.pad[2];
}

/* Kernel 1, and a stride that passes over the last rows of `in`. */
static void skipping_window(struct pen *p, const struct shape *in, struct op *o, int64_t out[2])
{
    for (int axis = 0; axis < 2; axis++) {
        int64_t side = in->dim[2 + axis], stride = pen_between(p, 2, side > 2 ? side : 2);
        o->u.conv.kernel[axis] = o->u.conv.dilation[axis] = 1;
        o->u.conv.stride[axis] = (int32_t)stride;
        o->u.conv.pad[axis] = o->u.conv.pad[axis + 2] = 0;
        out[axis] = (side - 1) / stride + 1;
    }
}

/* --- convolutions ----------------------------------------------------------------------------- */

static void draw_channels(struct pen *p, int64_t in, int64_t *out, int64_t *groups)
{
    *groups = 1;
    *out = pen_width(p);
    if (pen_chance(p, 0.7))
        return;
    *groups = pen_chance(p, 0.5) ? in : pen_divisor(p, in);
    *out = *groups * pen_between(p, 1, *groups > 64 ? 2 : 8);
}

static double conv_macs(const struct shape *in, const struct op *window, const int64_t sides[2],
                        int64_t channels, int64_t groups)
{
    return (double)(channels * sides[0] * sides[1]) * (double)(in->dim[1] / groups) *
           window->u.conv.kernel[0] * window->u.conv.kernel[1];
}

/* A convolution whose window stands in `window`; of one channel where more are too much work. */
static void add_conv(struct pen *p, int32_t input, const struct shape *in, const struct op *window,
                     const int64_t sides[2])
{
    int64_t channels, groups;
    draw_channels(p, in->dim[1], &channels, &groups);
    if (conv_macs(in, window, sides, channels, groups) > p->macs_left)
        channels = groups = 1;
    struct shape out = shape_of(4, 1, channels, sides[0], sides[1]);
    struct op *o = pen_one(p, OP_CONV2D, NULL, input, &out);
    o->u = window->u;
    o->u.conv.groups = groups;
    o->in = *in;
    o->out = out;
    pen_weight(p, o, conv_macs(in, window, sides, channels, groups));
}

bool draw_image(struct pen *p)
{
    struct op window = {0};
    int64_t sides[2], height = draw_side(p);
    int64_t width = pen_chance(p, 0.7) ? height : draw_side(p);
    struct shape in = shape_of(4, 1, pen_width(p), height, width);
    draw_window(p, false, &in, &window, sides);
    add_conv(p, -1, &in, &window, sides);
    return true;
}

static bool draw_windowed(struct pen *p, bool skips)
{
    struct op window = {0};
    int64_t sides[2];
    int32_t input = pen_pick(p, 4);
    if (input < 0)
        return false;
    const struct shape in = p->made[input];
    if (skips)
        skipping_window(p, &in, &window, sides);
    else
        draw_window(p, false, &in, &window, sides);
    if (sides[0] > SIDE_MAX || sides[1] > SIDE_MAX)
        return false;
    add_conv(p, input, &in, &window, sides);
    return true;
}

bool draw_conv(struct pen *p)
{
    return draw_windowed(p, false);
}

bool draw_skipping(struct pen *p)
{
    return draw_windowed(p, true);
}

/* --- pools ------------------------------------------------------------------------------------ */

static void add_pool(struct pen *p, int32_t input, const struct op *window, const int64_t sides[2])
{
    const struct shape in = p->made[input];
    struct shape out = shape_of(4, 1, in.dim[1], sides[0], sides[1]);
    struct op *o = pen_one(p, OP_POOL, PEN_WORD(p, "max", "avg"), input, &out);
    o->u = window->u;
    o->u.conv.groups = 1;
    o->in = in;
    o->out = out;
}

bool draw_pool(struct pen *p)
{
    struct op window = {0};
    int64_t sides[2];
    int32_t input = pen_pick(p, 4);
    if (input < 0)
        return false;
    draw_window(p, true, &p->made[input], &window, sides);
    add_pool(p, input, &window, sides);
    return true;
}

bool draw_global_pool(struct pen *p)
{
    struct op window = {0};
    int32_t input = pen_pick(p, 4);
    if (input < 0)
        return false;
    for (int axis = 0; axis < 2; axis++) {
        window.u.conv.kernel[axis] = (int32_t)p->made[input].dim[2 + axis];
        window.u.conv.stride[axis] = window.u.conv.dilation[axis] = 1;
    }
    add_pool(p, input, &window, (const int64_t[]){1, 1});
    return true;
}

/* --- several operands, or none of their own --------------------------------------------------- */

static void add_like(struct pen *p, enum op_kind kind, const char *fn, const int32_t *inputs,
                     size_t count)
{
    const struct shape s = p->made[inputs[0]];
    struct op *o = pen_line(p, kind, fn, inputs, count, &s);
    o->in = o->out = s;
}

bool draw_unary(struct pen *p)
{
    int32_t input = pen_pick(p, pen_chance(p, 0.5) ? 4 : 3);
    if (input < 0)
        return false;
    if (pen_chance(p, 0.6))
        add_like(p, OP_ELEMENTWISE, PEN_WORD(p, "relu", "sigmoid", "tanh", "gelu", "silu"), &input,
                 1);
    else if (pen_chance(p, 0.7))
        add_like(p, OP_NORM, PEN_WORD(p, "batch", "layer", "rms", "lrn", "group"), &input, 1);
    else
        add_like(p, OP_SOFTMAX, NULL, &input, 1);
    return true;
}

bool draw_add(struct pen *p)
{
    int32_t one = pen_pick(p, pen_chance(p, 0.7) ? 4 : 3);
    if (one < 0)
        return false;
    int32_t other = pen_pick_alike(p, &p->made[one], one);
    if (other < 0 && pen_chance(p, 0.9))
        return false;
    add_like(p, OP_ELEMENTWISE, PEN_WORD(p, "add", "mul"),
             (const int32_t[]){one, other < 0 ? one : other}, 2);
    return true;
}

bool draw_gate(struct pen *p)
{
    for (int32_t gate = pen_last(p); gate >= 0; gate--) {
        const struct shape *g = &p->made[gate];
        if (g->dims != 4 || g->dim[2] != 1 || g->dim[3] != 1)
            continue;
        for (int32_t i = gate - 1; i >= 0; i--)
            if (p->made[i].dims == 4 && p->made[i].dim[1] == g->dim[1]) {
                add_like(p, OP_ELEMENTWISE, "mul", (const int32_t[]){i, gate}, 2);
                return true;
            }
    }
    return false;
}

/* Along channels; now and then along rows, where nobody can lay the parts side by side. */
bool draw_concat(struct pen *p)
{
    int32_t first = pen_pick(p, 4), inputs[GRAPH_INPUTS_MAX];
    size_t count = 0;
    int axis = pen_chance(p, 0.9) ? 1 : 2;
    if (first < 0)
        return false;
    struct shape out = p->made[first];
    out.dim[axis] = 0;
    for (int32_t i = pen_last(p); i >= 0 && count < GRAPH_INPUTS_MAX; i--) {
        struct shape s = p->made[i], same = out;
        same.dim[axis] = s.dim[axis];
        if (!shapes_equal(&s, &same) || pen_chance(p, 0.15))
            continue;
        inputs[count++] = i;
        out.dim[axis] += s.dim[axis];
    }
    if (count == 0 || out.dim[1] > 2000)
        return false;
    struct op *o = pen_line(p, OP_CONCAT, NULL, inputs, count, &out);
    struct shape *in = ARENA_ARRAY(p->arena, struct shape, count);
    for (size_t i = 0; i < count; i++)
        in[i] = p->made[inputs[i]];
    o->more_in = in;
    o->out = out;
    return true;
}

bool draw_slice(struct pen *p)
{
    int32_t input = pen_pick(p, 4);
    if (input < 0 || p->made[input].dim[1] < 2)
        return false;
    struct shape in = p->made[input], out = in;
    out.dim[1] = pen_between(p, 1, in.dim[1]);
    struct op *o = pen_one(p, OP_SLICE, NULL, input, &out);
    o->in = in;
    o->out = out;
    return true;
}

/* --- a block ---------------------------------------------------------------------------------- */

/* A square convolution that keeps the shape of what it reads. */
static void add_same(struct pen *p, int32_t input)
{
    const struct shape s = p->made[input];
    int32_t kernel = pen_chance(p, 0.5) ? 3 : 1;
    int64_t groups = pen_chance(p, 0.2) ? s.dim[1] : 1;
    struct op *o = pen_one(p, OP_CONV2D, NULL, input, &s);
    o->in = o->out = s;
    for (int i = 0; i < 4; i++)
        o->u.conv.pad[i] = kernel / 2;
    for (int i = 0; i < 2; i++) {
        o->u.conv.kernel[i] = kernel;
        o->u.conv.stride[i] = o->u.conv.dilation[i] = 1;
    }
    o->u.conv.groups = groups;
    pen_weight(p, o,
               (double)(s.dim[1] * s.dim[2] * s.dim[3]) * (double)(s.dim[1] / groups) * kernel *
                   kernel);
}

bool draw_residual(struct pen *p)
{
    int32_t entry = pen_last(p);
    if (entry < 0 || p->made[entry].dims != 4 || !pen_has_room(p, 4))
        return false;
    const struct shape *s = &p->made[entry];
    if ((double)(s->dim[1] * s->dim[1] * s->dim[2] * s->dim[3]) * 9 * 2 * 6 > p->macs_left)
        return false;
    add_same(p, entry);
    add_like(p, OP_ELEMENTWISE, "relu", (const int32_t[]){pen_last(p)}, 1);
    if (pen_chance(p, 0.5))
        add_same(p, pen_last(p));
    if (pen_chance(p, 0.7))
        add_like(p, OP_ELEMENTWISE, "add", (const int32_t[]){entry, pen_last(p)}, 2);
    if (pen_chance(p, 0.7))
        draw_repeat(p, entry + 1);
    return true;
}
