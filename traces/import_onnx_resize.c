/* Images of another size. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx.h"

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

/* The axes that scales or sizes are given for, all unless 'axes' says which (opset 18). */
static bool resized_axes(struct onnx_import *c, int dims, int64_t axes[], size_t *n)
{
    TRY(onnx_ints(c, "axes", SIZE_MAX, axes, SHAPE_DIMS_MAX, n));
    for (int i = 0; i < dims && *n == 0; i++)
        axes[i] = i;
    *n = *n == 0 ? (size_t)dims : *n;
    for (size_t i = 0; i < *n; i++) {
        int axis;
        TRY(onnx_axis(c, axes[i], dims, &axis));
        axes[i] = axis;
    }
    return true;
}

bool onnx_resize(struct onnx_import *c, const char *fn)
{
    (void)fn;
    int64_t sizes[SHAPE_DIMS_MAX], axes[SHAPE_DIMS_MAX];
    size_t n, n_sizes, n_scales;
    TRY(onnx_need(c, 1));
    struct shape s = c->in[0]->shape;
    TRY(resized_axes(c, s.dims, axes, &n));
    TRY(onnx_ints(c, "sizes", 3, sizes, SHAPE_DIMS_MAX, &n_sizes));
    const double *scales = n_sizes == 0 ? resize_scales(c, &n_scales) : NULL;
    if (n_sizes != n && (scales == NULL || n_scales != n))
        return onnx_fail(c, "constant 'scales' or 'sizes', one per dimension, are needed");
    for (size_t i = 0; i < n; i++) {
        int64_t *size = &s.dim[axes[i]];
        *size = scales != NULL ? onnx_whole(floor((double)*size * scales[i])) : sizes[i];
    }
    bool nearest = onnx_attribute(c, "mode") == NULL || onnx_string_is(c, "mode", "nearest");
    return onnx_copy(c, nearest ? "copy" : "interpolate", &s, false);
}
