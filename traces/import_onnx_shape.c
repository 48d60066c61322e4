/* The same data in another shape, order or part. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx.h"

static bool same_shape(const struct shape *a, const struct shape *b)
{
    return a->dims == b->dims && memcmp(a->dim, b->dim, (size_t)a->dims * sizeof a->dim[0]) == 0;
}

/* --- reshape and its relatives ------------------------------------------------------------- */

static bool reshape_to(struct onnx_import *c, const struct shape *s)
{
    struct op *op;
    const struct onnx_value *x = c->in[0];
    if (x->constant || same_shape(&x->shape, s))
        return onnx_alias(c, 0, x, s);
    const struct shape in = x->shape;
    return onnx_simple(c, OP_RESHAPE, NULL, &in, s, &op);
}

bool onnx_identity(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 1));
    return onnx_alias(c, 0, c->in[0], &c->in[0]->shape);
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
    v = onnx_value(c, c->node->output[0]);
    int64_t n = shape_elements(&x->shape);
    double *content = ARENA_ARRAY(c->scratch, double, n);
    for (int64_t i = 0; i < n; i++)
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
    if (same_shape(&in, &s) && !x->constant)
        return onnx_alias(c, 0, x, &s);
    TRY(onnx_define(c, 0, &s, &v));
    if (c->fold && in.dims == 1 && x->content != NULL) {
        double *content = ARENA_ARRAY(c->scratch, double, s.dim[0]);
        for (int64_t i = 0; i < s.dim[0]; i++)
            content[i] = x->content[cuts[0].start + i * cuts[0].step];
        v->content = content;
        v->integer = x->integer;
    }
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
    for (size_t i = 0; i < c->node->n_output; i++) {
        struct onnx_value *v;
        struct op *op;
        struct shape s = in;
        s.dim[axis] = sizes[i];
        TRY(onnx_define(c, i, &s, &v));
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

static void concat_content(struct onnx_import *c, struct onnx_value *out)
{
    if (!out->constant || out->shape.dims != 1 || out->shape.dim[0] > ONNX_CONTENT_MAX)
        return;
    double *content = ARENA_ARRAY(c->scratch, double, out->shape.dim[0]);
    int64_t at = 0;
    for (size_t i = 0; i < c->n_in; i++) {
        const struct onnx_value *x = c->in[i];
        if (x->content == NULL)
            return;
        for (int64_t k = 0; k < x->shape.dim[0]; k++)
            content[at++] = x->content[k];
    }
    out->content = content;
    out->integer = c->in[0]->integer;
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
    if (c->n_in == 1)
        return onnx_alias(c, 0, c->in[0], &s);
    TRY(onnx_define(c, 0, &s, &v));
    concat_content(c, v);
    bool produced = all_produced(c);
    TRY(onnx_emit(c, produced ? OP_CONCAT : OP_ELEMENTWISE, produced ? NULL : "concat", v, &op));
    op->in = op->out = s;
    if (produced && !c->fold)
        list_shapes(c, op);
    return true;
}

static bool copy_to(struct onnx_import *c, const char *fn, const struct shape *s)
{
    struct op *op;
    const struct onnx_value *x = c->in[0];
    const struct shape in = x->shape;
    if (same_shape(&in, s))
        return onnx_alias(c, 0, x, s);
    struct onnx_value *v;
    TRY(onnx_define(c, 0, s, &v));
    int64_t n = shape_elements(s);
    if (c->fold && x->content != NULL && shape_elements(&in) == 1 && n <= ONNX_CONTENT_MAX) {
        double *content = ARENA_ARRAY(c->scratch, double, n);
        for (int64_t i = 0; i < n; i++)
            content[i] = x->content[0];
        v->content = content;
        v->integer = x->integer;
    }
    TRY(onnx_emit(c, OP_ELEMENTWISE, fn, v, &op));
    op->in = op->out = *s; /* every element written once */
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
    return copy_to(c, "copy", &s);
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
    return copy_to(c, "copy", &s);
}

/* Scale factors: an attribute (Upsample 7), or a constant input. */
static const double *resize_scales(struct onnx_import *c, size_t *n)
{
    const Onnx__AttributeProto *a = onnx_attribute(c, "scales");
    *n = 0;
    if (a != NULL && a->n_floats <= SHAPE_DIMS_MAX) {
        double *scales = ARENA_ARRAY(c->scratch, double, a->n_floats);
        for (*n = 0; *n < a->n_floats; (*n)++)
            scales[*n] = (double)a->floats[*n];
        return scales;
    }
    size_t at = c->n_in == 2 ? 1 : 2; /* Resize 11 put a region before the scales */
    if (at >= c->n_in || c->in[at] == NULL || c->in[at]->content == NULL)
        return NULL;
    *n = (size_t)shape_elements(&c->in[at]->shape);
    return c->in[at]->content;
}

static bool resized_by_scales(struct onnx_import *c, struct shape *s)
{
    size_t n;
    const double *scales = resize_scales(c, &n);
    if (scales == NULL || n != (size_t)s->dims)
        return onnx_fail(c, "constant 'scales' or 'sizes', one per dimension, are needed");
    for (int i = 0; i < s->dims; i++)
        s->dim[i] = onnx_whole(floor((double)s->dim[i] * scales[i]));
    return true;
}

bool onnx_resize(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int64_t sizes[SHAPE_DIMS_MAX];
    size_t n;
    TRY(onnx_need(c, 1));
    struct shape s = c->in[0]->shape;
    TRY(onnx_ints(c, "sizes", 3, sizes, SHAPE_DIMS_MAX, &n));
    if (n == (size_t)s.dims && n > 0)
        memcpy(s.dim, sizes, n * sizeof sizes[0]);
    else
        TRY(resized_by_scales(c, &s));
    bool nearest = onnx_attribute(c, "mode") == NULL || onnx_string_is(c, "mode", "nearest");
    return copy_to(c, nearest ? "copy" : "interpolate", &s);
}
