/* Reductions. */
#include <string.h>

#include "traces/import_onnx_content.h"

static bool reduced_axes(struct onnx_import *c, const char *fn, int dims, bool reduced[])
{
    int64_t axes[SHAPE_DIMS_MAX];
    size_t n;
    int axis;
    for (int i = 0; i < SHAPE_DIMS_MAX; i++)
        reduced[i] = false;
    if (strncmp(fn, "arg", 3) == 0) {
        TRY(onnx_axis(c, onnx_int(c, "axis", 0), dims, &axis));
        reduced[axis] = true;
        return true;
    }
    TRY(onnx_ints(c, "axes", 1, axes, COUNT_OF(axes), &n));
    bool all = n == 0 && onnx_int(c, "noop_with_empty_axes", 0) == 0;
    for (int i = 0; i < dims && all; i++)
        reduced[i] = true;
    for (size_t i = 0; i < n; i++) {
        TRY(onnx_axis(c, axes[i], dims, &axis));
        reduced[axis] = true;
    }
    return true;
}

/* A reduction is a pool over one long row per result; over height and width it is a global pool. */
static bool pool_of_reduction(struct onnx_import *c, const struct shape *s, const bool reduced[],
                              struct op *op)
{
    int64_t row = 1, batch = s->dims > 0 && !reduced[0] ? s->dim[0] : 1, rest = 1;
    for (int i = 0; i < s->dims; i++) {
        if (reduced[i])
            row *= s->dim[i];
        else if (i > 0)
            rest *= s->dim[i];
    }
    bool image = s->dims == 4 && !reduced[0] && !reduced[1] && reduced[2] && reduced[3];
    int64_t high = image ? s->dim[2] : 1, wide = image ? s->dim[3] : row;
    if (high > ONNX_WINDOW_MAX || wide > ONNX_WINDOW_MAX)
        return onnx_fail(c, "it reduces %lld elements to one; at most %d are possible",
                         (long long)row, ONNX_WINDOW_MAX);
    op->in = onnx_shape4(batch, rest, high, wide);
    op->out = onnx_shape4(batch, rest, 1, 1);
    op->u.conv.kernel[0] = (int32_t)high;
    op->u.conv.kernel[1] = (int32_t)wide;
    for (int i = 0; i < 2; i++)
        op->u.conv.stride[i] = op->u.conv.dilation[i] = 1;
    return true;
}

/* Of a list as a whole: a product of sizes, the largest, the sum. */
static void reduced_content(struct onnx_import *c, const char *fn, struct onnx_value *out)
{
    static const struct {
        const char *reduction, *step;
    } steps[] = {{"prod", "mul"}, {"sum", "add"}, {"max", "max"}, {"min", "min"}};
    const struct onnx_value *x = c->in[0];
    int64_t n = shape_elements(&x->shape);
    if (!out->constant || x->content == NULL || n < 1 || shape_elements(&out->shape) != 1)
        return;
    double *result = onnx_numbers(c, 1);
    for (size_t k = 0; k < COUNT_OF(steps) && result != NULL; k++) {
        if (strcmp(steps[k].reduction, fn) != 0)
            continue;
        *result = x->content[0];
        for (int64_t i = 1; i < n; i++)
            if (!onnx_apply(c, steps[k].step, false, *result, x->content[i], result))
                return;
        out->content = result;
        out->integer = x->integer;
    }
}

bool onnx_reduce(struct onnx_import *c, const char *fn)
{
    bool reduced[SHAPE_DIMS_MAX], keep = onnx_int(c, "keepdims", 1) != 0;
    struct shape out = {.dims = 0};
    struct onnx_value *v;
    struct op *op;
    TRY(onnx_need(c, 1));
    const struct shape s = c->in[0]->shape;
    TRY(reduced_axes(c, fn, s.dims, reduced));
    for (int i = 0; i < s.dims; i++)
        if (!reduced[i] || keep)
            out.dim[out.dims++] = reduced[i] ? 1 : s.dim[i];
    TRY(onnx_define(c, 0, &out, &v));
    reduced_content(c, fn, v);
    if (c->fold)
        return true;
    TRY(onnx_emit(c, OP_POOL, fn, v, &op));
    return pool_of_reduction(c, &s, reduced, op);
}
