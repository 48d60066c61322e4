/* Parts, joins and copies of tensors. */
#include <assert.h>
#include <string.h>

#include "traces/import_onnx_content.h"

/* --- parts -------------------------------------------------------------------------------- */

struct cut {
    int64_t start, step, count;
};

/* Python's rule for start:end:step of an axis of this size (Slice schema). */
static bool cut_axis(struct onnx_import *c, int64_t start, int64_t end, int64_t step, int64_t size,
                     struct cut *out)
{
    if (step == 0)
        return onnx_fail(c, "'steps' holds 0");
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    start = start < 0 ? start + size : start;
    end = end < 0 ? end + size : end;
    start = start < low ? low : start > high ? high : start;
    end = end < low ? low : end > high ? high : end;
    int64_t span = step > 0 ? end - start : start - end, pace = step > 0 ? step : -step;
    *out = (struct cut){start, step, span > 0 ? (span - 1) / pace + 1 : 0};
    return true;
}

static bool read_cuts(struct onnx_import *c, const struct shape *in, struct cut cuts[])
{
    int64_t starts[SHAPE_DIMS_MAX], ends[SHAPE_DIMS_MAX], axes[SHAPE_DIMS_MAX];
    int64_t steps[SHAPE_DIMS_MAX];
    size_t n, n_ends, n_axes, n_steps;
    TRY(onnx_ints(c, "starts", 1, starts, SHAPE_DIMS_MAX, &n));
    TRY(onnx_ints(c, "ends", 2, ends, SHAPE_DIMS_MAX, &n_ends));
    TRY(onnx_ints(c, "axes", 3, axes, SHAPE_DIMS_MAX, &n_axes));
    TRY(onnx_ints(c, "steps", 4, steps, SHAPE_DIMS_MAX, &n_steps));
    if (n != n_ends || (n_axes > 0 && n_axes != n) || (n_steps > 0 && n_steps != n))
        return onnx_fail(c, "'starts', 'ends', 'axes' and 'steps' differ in length");
    for (int i = 0; i < in->dims; i++)
        cuts[i] = (struct cut){0, 1, in->dim[i]};
    for (size_t i = 0; i < n; i++) {
        int axis;
        TRY(onnx_axis(c, n_axes > 0 ? axes[i] : (int64_t)i, in->dims, &axis));
        TRY(cut_axis(c, starts[i], ends[i], n_steps > 0 ? steps[i] : 1, in->dim[axis],
                     &cuts[axis]));
    }
    return true;
}

bool onnx_slice(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct cut cuts[SHAPE_DIMS_MAX];
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct onnx_value *x = c->in[0];
    const struct shape in = x->shape;
    TRY(read_cuts(c, &in, cuts));
    struct shape s = {.dims = in.dims};
    for (int i = 0; i < in.dims; i++)
        s.dim[i] = cuts[i].count;
    if (onnx_same_shape(&in, &s) && !x->constant)
        return onnx_alias(c, 0, x, &s);
    TRY(onnx_define(c, 0, &s, &v));
    struct onnx_view own = onnx_view_of(&in), view = {0};
    for (int i = 0; i < in.dims; i++) {
        view.offset += cuts[i].start * own.step[i];
        if (cuts[i].count > 1)
            view.step[i] = cuts[i].step * own.step[i];
    }
    onnx_look(c, v, x, &view);
    TRY(onnx_emit(c, OP_SLICE, NULL, v, &op));
    op->in = in;
    op->out = s;
    return true;
}

/* Sizes of the parts: given, or as equal as can be (Split schema). */
static bool split_sizes(struct onnx_import *c, int64_t size, int64_t *sizes)
{
    size_t parts = c->node->n_output, n;
    TRY(onnx_ints(c, "split", 1, sizes, parts, &n));
    if (n != 0 && n != parts)
        return onnx_fail(c, "'split' has %zu sizes for %zu outputs", n, parts);
    int64_t each = ceil_div(size, (int64_t)parts), left = size;
    for (size_t i = 0; i < parts; i++) {
        if (n == 0)
            sizes[i] = left < each ? left : each;
        if (sizes[i] < 0 || sizes[i] > left)
            return onnx_fail(c, "the sizes of its parts do not sum to %lld", (long long)size);
        left -= sizes[i];
    }
    if (left != 0)
        return onnx_fail(c, "the sizes of its parts do not sum to %lld", (long long)size);
    return true;
}

bool onnx_split(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int axis;
    TRY(onnx_need(c, 1));
    const struct shape in = c->in[0]->shape;
    TRY(onnx_axis(c, onnx_int(c, "axis", 0), in.dims, &axis));
    if (c->node->n_output == 0)
        return onnx_fail(c, "it has no outputs");
    int64_t *sizes = ARENA_ARRAY(c->scratch, int64_t, c->node->n_output);
    TRY(split_sizes(c, in.dim[axis], sizes));
    struct onnx_view view = onnx_view_of(&in);
    const int64_t step = view.step[axis];
    for (size_t i = 0; i < c->node->n_output; view.offset += sizes[i++] * step) {
        struct onnx_value *v;
        struct op *op;
        struct shape s = in;
        s.dim[axis] = sizes[i];
        TRY(onnx_define(c, i, &s, &v));
        onnx_look(c, v, c->in[0], &view);
        TRY(onnx_emit(c, OP_SLICE, NULL, v, &op));
        op->in = in;
        op->out = s;
    }
    return true;
}

/* --- joins and copies ---------------------------------------------------------------------- */

static bool concat_shape(struct onnx_import *c, int axis, struct shape *s)
{
    *s = c->in[0]->shape;
    for (size_t i = 1; i < c->n_in; i++) {
        const struct shape *x = &c->in[i]->shape;
        for (int d = 0; d < s->dims; d++)
            if (x->dims != s->dims || (d != axis && x->dim[d] != s->dim[d]))
                return onnx_fail(c, "its inputs differ in more than axis %d", axis);
        s->dim[axis] += x->dim[axis];
        if (s->dim[axis] > ONNX_ELEMENTS_MAX)
            return onnx_fail(c, "its result has more than 2^53 elements");
    }
    return true;
}

/* Block by block: what lies behind the axis in each part. */
static void concat_content(struct onnx_import *c, struct onnx_value *out, int axis)
{
    int64_t before = onnx_span(&out->shape, 0, axis), to = 0;
    double *content = out->constant ? onnx_numbers(c, shape_elements(&out->shape)) : NULL;
    for (size_t k = 0; k < c->n_in; k++)
        if (c->in[k]->content == NULL && shape_elements(&c->in[k]->shape) > 0)
            return;
    for (int64_t i = 0; i < before && content != NULL; i++)
        for (size_t k = 0; k < c->n_in; k++) {
            int64_t block = onnx_span(&c->in[k]->shape, axis, out->shape.dims);
            assert(block == 0 || c->in[k]->content);
            for (int64_t j = 0; j < block; j++)
                content[to++] = c->in[k]->content[i * block + j];
        }
    out->content = content;
    out->integer = c->in[0]->integer;
}

/* Parts without elements (an empty cache) are as if they were not there. */
static void drop_empty(struct onnx_import *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_in; i++)
        if (shape_elements(&c->in[i]->shape) > 0)
            c->in[n++] = c->in[i];
    c->n_in = n > 0 ? n : c->n_in;
}

/* The trace's concat lists a shape per producer; parts that are constant or the graph's own
 * input have none, and then the join is a copy. */
static bool all_produced(const struct onnx_import *c)
{
    for (size_t i = 0; i < c->n_in; i++)
        if (c->in[i]->constant || c->in[i]->op < 0)
            return false;
    return true;
}

static void list_shapes(struct onnx_import *c, struct op *op)
{
    struct shape *shapes = ARENA_ARRAY(c->keep, struct shape, c->n_in);
    for (size_t i = 0; i < c->n_in; i++)
        shapes[i] = c->in[i]->shape;
    op->more_in = shapes;
    op->in = (struct shape){.dims = 0};
}

bool onnx_concat(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int axis;
    struct shape s;
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_need(c, c->n_in > 0 ? c->n_in : 1));
    TRY(onnx_axis(c, onnx_int(c, "axis", 1), c->in[0]->shape.dims, &axis));
    TRY(concat_shape(c, axis, &s));
    drop_empty(c);
    if (c->n_in == 1)
        return onnx_alias(c, 0, c->in[0], &s);
    TRY(onnx_define(c, 0, &s, &v));
    concat_content(c, v, axis);
    bool produced = all_produced(c);
    TRY(onnx_emit(c, produced ? OP_CONCAT : OP_ELEMENTWISE, produced ? NULL : "concat", v, &op));
    op->in = op->out = s;
    if (produced && !c->fold)
        list_shapes(c, op);
    return true;
}

bool onnx_copy(struct onnx_import *c, const char *fn, const struct shape *s, bool spread)
{
    struct op *op;
    const struct onnx_value *x = c->in[0];
    const struct shape in = x->shape;
    if (onnx_same_shape(&in, s))
        return onnx_alias(c, 0, x, s);
    struct onnx_value *v;
    TRY(onnx_define(c, 0, s, &v));
    struct onnx_view view = onnx_view_broadcast(&in, s);
    if (spread)
        onnx_look(c, v, x, &view);
    TRY(onnx_emit(c, OP_ELEMENTWISE, fn, v, &op));
    op->in = op->out = *s;
    return true;
}

bool onnx_expand(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct shape wanted, s;
    size_t n;
    TRY(onnx_need(c, 2));
    TRY(onnx_ints(c, "shape", 1, wanted.dim, SHAPE_DIMS_MAX, &n));
    wanted.dims = (int)n;
    TRY(onnx_broadcast(c, &c->in[0]->shape, &wanted, &s));
    return onnx_copy(c, "copy", &s, true);
}

bool onnx_tile(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int64_t times[SHAPE_DIMS_MAX];
    size_t n;
    TRY(onnx_need(c, 2));
    TRY(onnx_ints(c, "repeats", 1, times, SHAPE_DIMS_MAX, &n));
    struct shape s = c->in[0]->shape;
    if (n != (size_t)s.dims)
        return onnx_fail(c, "'repeats' has %zu entries for %d dimensions", n, s.dims);
    for (int i = 0; i < s.dims; i++)
        if (__builtin_mul_overflow(s.dim[i], times[i], &s.dim[i]))
            return onnx_fail(c, "its result has more than 2^53 elements");
    return onnx_copy(c, "copy", &s, shape_elements(&c->in[0]->shape) == 1);
}
