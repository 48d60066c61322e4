/* What picks, places or makes up elements: sorted, by index, by condition, at random. */
#include "traces/import_onnx_content.h"

/* A result of shape s put together from elements of `data`. */
static bool emit_picked(struct onnx_import *c, const struct shape *data, const struct shape *s,
                        const char *fn)
{
    struct op *op;
    bool part = shape_elements(s) <= shape_elements(data);
    TRY(onnx_simple(c, part ? OP_SLICE : OP_ELEMENTWISE, part ? NULL : fn, data, s, &op));
    return true;
}

/* The k largest of each row: every element is compared, k are kept. */
bool onnx_top_k(struct onnx_import *c, const char *fn)
{
    int axis;
    int64_t k[1];
    size_t n;
    struct onnx_value *sorted, *kept;
    TRY(onnx_need(c, 1));
    struct shape s = c->in[0]->shape;
    TRY(onnx_axis(c, onnx_int(c, "axis", -1), s.dims, &axis));
    const Onnx__AttributeProto *given = onnx_attribute(c, "k"); /* before opset 10 */
    TRY(onnx_ints(c, "K", 1, k, 1, &n));
    if (given != NULL)
        k[0] = given->i;
    if ((n == 0 && given == NULL) || k[0] < 1 || k[0] > s.dim[axis])
        return onnx_fail(c, "'k' must be a constant from 1 to %lld", (long long)s.dim[axis]);
    TRY(onnx_step(c, OP_ELEMENTWISE, fn, c->in[0], &s, &s, &sorted));
    s.dim[axis] = k[0];
    TRY(onnx_step(c, OP_SLICE, NULL, sorted, &sorted->shape, &s, &kept));
    for (size_t i = 0; i < c->node->n_output && i < 2; i++)
        TRY(onnx_give(c, i, kept));
    return true;
}

bool onnx_gather_elements(struct onnx_import *c, const char *fn)
{
    TRY(onnx_need(c, 2));
    const struct shape data = c->in[0]->shape, s = c->in[1]->shape;
    return emit_picked(c, &data, &s, fn);
}

/* The last axis of the indices names the first of the data, behind the batch. */
bool onnx_gather_nd(struct onnx_import *c, const char *fn)
{
    TRY(onnx_need(c, 2));
    const struct shape data = c->in[0]->shape, at = c->in[1]->shape;
    int64_t batch = onnx_int(c, "batch_dims", 0), named = at.dims > 0 ? at.dim[at.dims - 1] : 0;
    if (at.dims < 1 || batch < 0 || batch >= at.dims || named < 1 || named > data.dims - batch)
        return onnx_fail(c, "its indices do not fit data of %d dimensions", data.dims);
    struct shape s = at;
    s.dims--;
    for (int i = (int)(batch + named); i < data.dims; i++) {
        if (s.dims == SHAPE_DIMS_MAX)
            return onnx_fail(c, "its result has more than %d dimensions", SHAPE_DIMS_MAX);
        s.dim[s.dims++] = data.dim[i];
    }
    return emit_picked(c, &data, &s, fn);
}

bool onnx_one_hot(struct onnx_import *c, const char *fn)
{
    double depth;
    int axis;
    struct op *op;
    TRY(onnx_need(c, 2));
    struct shape s = c->in[0]->shape;
    if (!onnx_one_number(c->in[1], &depth) || s.dims == SHAPE_DIMS_MAX)
        return onnx_fail(c, "a constant depth and at most %d dimensions are needed",
                         SHAPE_DIMS_MAX - 1);
    TRY(onnx_axis(c, onnx_int(c, "axis", -1), s.dims + 1, &axis));
    for (int i = s.dims++; i > axis; i--)
        s.dim[i] = s.dim[i - 1];
    s.dim[axis] = onnx_whole(depth);
    return onnx_simple(c, OP_ELEMENTWISE, fn, &s, &s, &op);
}

/* How many there are is known of a constant alone. */
bool onnx_non_zero(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct onnx_value *v;
    int64_t count = 0, at = 0;
    TRY(onnx_need(c, 1));
    const struct onnx_value *x = c->in[0];
    if (x->content == NULL)
        return onnx_fail(c, "how many elements are not zero is known only while the network runs");
    int64_t n = shape_elements(&x->shape);
    for (int64_t i = 0; i < n; i++)
        count += x->content[i] != 0;
    struct shape s = onnx_shape2(x->shape.dims, count);
    struct onnx_view own = onnx_view_of(&x->shape);
    TRY(onnx_define(c, 0, &s, &v));
    double *content = onnx_numbers(c, x->shape.dims * count);
    for (int64_t i = 0; i < n && content != NULL; i++) {
        if (!(x->content[i] != 0))
            continue;
        for (int d = 0; d < x->shape.dims; d++)
            content[d * count + at] = (double)(i / own.step[d] % x->shape.dim[d]);
        at++;
    }
    v->content = content;
    v->integer = true;
    return true;
}

/* Diagonals, random numbers: as large as the input, known to nobody, read by nobody's producer. */
bool onnx_made_up_like(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct onnx_value *v;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    c->fold = true;
    return onnx_define(c, 0, &s, &v);
}

bool onnx_made_up(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct onnx_value *v;
    struct shape s;
    size_t n;
    TRY(onnx_ints(c, "shape", SIZE_MAX, s.dim, SHAPE_DIMS_MAX, &n));
    s.dims = (int)n;
    c->fold = true;
    return onnx_define(c, 0, &s, &v);
}

/* Samples of an image at the places of a grid [N, H, W, 2]. */
bool onnx_grid_sample(struct onnx_import *c, const char *fn)
{
    struct op *op;
    TRY(onnx_need(c, 2));
    const struct shape *image = &c->in[0]->shape, *grid = &c->in[1]->shape;
    if (image->dims != grid->dims || image->dims < 3)
        return onnx_fail(c, "its grid does not fit an image of %d dimensions", image->dims);
    struct shape s = *image;
    for (int i = 2; i < s.dims; i++)
        s.dim[i] = grid->dim[i - 1];
    return onnx_simple(c, OP_ELEMENTWISE, fn, &s, &s, &op);
}
