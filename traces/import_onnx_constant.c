/* Constants that nodes make: given, filled, counted, or the shape of something. */
#include <math.h>

#include "traces/import_onnx_content.h"

static bool define_numbers(struct onnx_import *c, const struct shape *s, const double *content,
                           bool integer)
{
    struct onnx_value *v;
    c->fold = true;
    TRY(onnx_define(c, 0, s, &v));
    v->content = content;
    v->integer = integer;
    return true;
}

static bool constant_of_tensor(struct onnx_import *c, const Onnx__TensorProto *t)
{
    if (c->node->n_output == 0)
        return onnx_fail(c, "it has no output");
    return onnx_define_tensor(c, onnx_local(c, c->node->output[0]), t);
}

static bool constant_of_list(struct onnx_import *c, const Onnx__AttributeProto *a, bool integer)
{
    size_t n = integer ? a->n_ints : a->n_floats;
    struct shape s = {.dim = {(int64_t)n}, .dims = 1};
    double *content = onnx_numbers(c, (int64_t)n);
    for (size_t i = 0; i < n && content != NULL; i++)
        content[i] = integer ? (double)a->ints[i] : (double)a->floats[i];
    return define_numbers(c, &s, content, integer);
}

static bool constant_of_number(struct onnx_import *c, double x, bool integer)
{
    struct shape s = {.dims = 0};
    double *content = onnx_numbers(c, 1);
    if (content != NULL)
        *content = x;
    return define_numbers(c, &s, content, integer);
}

bool onnx_constant(struct onnx_import *c, const char *fn)
{
    (void)fn;
    const Onnx__AttributeProto *a;
    if ((a = onnx_attribute(c, "value")) != NULL && a->t != NULL)
        return constant_of_tensor(c, a->t);
    if ((a = onnx_attribute(c, "value_int")) != NULL)
        return constant_of_number(c, (double)a->i, true);
    if ((a = onnx_attribute(c, "value_float")) != NULL)
        return constant_of_number(c, (double)a->f, false);
    if ((a = onnx_attribute(c, "value_ints")) != NULL)
        return constant_of_list(c, a, true);
    if ((a = onnx_attribute(c, "value_floats")) != NULL)
        return constant_of_list(c, a, false);
    return onnx_fail(c, "it has no value that is read; a tensor, a number or a list is needed");
}

/* n copies of the attribute's one value; NULL when they are too many to matter. */
static const double *filled(struct onnx_import *c, const Onnx__AttributeProto *a, int64_t n,
                            bool *integer)
{
    const double *value = NULL;
    *integer = false;
    if (a != NULL && a->t != NULL)
        value = onnx_tensor_content(c, a->t, integer);
    double *content = onnx_numbers(c, n);
    bool one = value != NULL && (a->t->n_dims == 0 || (a->t->n_dims == 1 && a->t->dims[0] == 1));
    for (int64_t i = 0; i < n && content != NULL; i++)
        content[i] = one ? value[0] : 0;
    return content;
}

bool onnx_constant_of_shape(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct shape s;
    size_t n;
    bool integer;
    TRY(onnx_need(c, 1));
    TRY(onnx_ints(c, "shape", 0, s.dim, SHAPE_DIMS_MAX, &n));
    s.dims = (int)n;
    struct onnx_value *v;
    c->fold = true;
    TRY(onnx_define(c, 0, &s, &v));
    v->content = filled(c, onnx_attribute(c, "value"), shape_elements(&s), &integer);
    v->integer = integer;
    return true;
}

bool onnx_shape_of(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 1));
    const struct shape *in = &c->in[0]->shape;
    int64_t start = onnx_int(c, "start", 0), end = onnx_int(c, "end", in->dims);
    start = start < -in->dims ? 0 : start < 0 ? start + in->dims : start;
    end = end < -in->dims ? 0 : end < 0 ? end + in->dims : end;
    end = end > in->dims ? in->dims : end;
    int64_t n = end > start ? end - start : 0;
    double *content = onnx_numbers(c, n);
    for (int64_t i = 0; i < n && content != NULL; i++)
        content[i] = (double)in->dim[start + i];
    struct shape s = {.dim = {n}, .dims = 1};
    return define_numbers(c, &s, content, true);
}

/* The number of elements. */
bool onnx_size_of(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 1));
    return constant_of_number(c, (double)shape_elements(&c->in[0]->shape), true);
}

bool onnx_range(struct onnx_import *c, const char *fn)
{
    (void)fn;
    TRY(onnx_need(c, 3));
    for (size_t i = 0; i < 3; i++)
        if (c->in[i]->content == NULL || shape_elements(&c->in[i]->shape) != 1)
            return onnx_fail(c, "its bounds are computed while the network runs; fixed ones are "
                                "needed");
    double start = c->in[0]->content[0], limit = c->in[1]->content[0];
    double step = c->in[2]->content[0];
    if (!(fabs(step) > 0))
        return onnx_fail(c, "its step is 0");
    double count = ceil((limit - start) / step);
    int64_t n = count > 0 ? onnx_whole(count) : 0;
    struct shape s = {.dim = {n}, .dims = 1};
    double *content = onnx_numbers(c, n);
    for (int64_t i = 0; content != NULL && i < n; i++)
        content[i] = start + (double)i * step;
    return define_numbers(c, &s, content, c->in[0]->integer);
}
