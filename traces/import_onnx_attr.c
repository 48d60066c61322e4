/* Attributes, axes, shapes and small constants of ONNX nodes. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx_content.h"

static const Onnx__AttributeProto *find_attribute(Onnx__AttributeProto *const *list, size_t n,
                                                  const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (list[i]->name != NULL && strcmp(list[i]->name, name) == 0)
            return list[i];
    return NULL;
}

/* In a function an attribute may stand for one of the node that calls it, and so on outwards. */
const Onnx__AttributeProto *onnx_attribute(const struct onnx_import *c, const char *name)
{
    const Onnx__AttributeProto *a = find_attribute(c->node->attribute, c->node->n_attribute, name);
    const struct onnx_scope *s = c->scope;
    while (a != NULL && onnx_text(a->ref_attr_name)[0] != '\0') {
        if (s == NULL || s->call == NULL)
            return NULL;
        name = a->ref_attr_name;
        a = find_attribute(s->call->attribute, s->call->n_attribute, name);
        if (a == NULL)
            return find_attribute(s->function->defaults, s->function->n_defaults, name);
        s = s->caller;
    }
    return a;
}

bool onnx_is_microsoft(const struct onnx_import *c)
{
    return strcmp(onnx_text(c->node->domain), "com.microsoft") == 0;
}

int64_t onnx_int(const struct onnx_import *c, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *a = onnx_attribute(c, name);
    return a != NULL && a->has_i ? a->i : otherwise;
}

bool onnx_string_is(const struct onnx_import *c, const char *name, const char *text)
{
    const Onnx__AttributeProto *a = onnx_attribute(c, name);
    return a != NULL && a->has_s && a->s.len == strlen(text) &&
           memcmp(a->s.data, text, a->s.len) == 0;
}

int64_t onnx_whole(double x)
{
    const double limit = 4611686018427387904.0; /* 2^62 */
    if (isnan(x))
        return 0;
    return x >= limit ? INT64_C(1) << 62 : x <= -limit ? -(INT64_C(1) << 62) : (int64_t)x;
}

static int64_t clamped(int64_t x)
{
    const int64_t limit = INT64_C(1) << 62;
    return x > limit ? limit : x < -limit ? -limit : x;
}

static bool ints_of_attribute(struct onnx_import *c, const char *name,
                              const Onnx__AttributeProto *a, int64_t *out, size_t max, size_t *n)
{
    if (a->n_ints > max)
        return onnx_fail(c, "'%s' has %zu entries; at most %zu are read", name, a->n_ints, max);
    *n = a->n_ints;
    for (size_t i = 0; i < *n; i++)
        out[i] = clamped(a->ints[i]);
    return true;
}

bool onnx_ints(struct onnx_import *c, const char *name, size_t index, int64_t *out, size_t max,
               size_t *n)
{
    *n = 0;
    const Onnx__AttributeProto *a = onnx_attribute(c, name);
    if (a != NULL)
        return ints_of_attribute(c, name, a, out, max, n);
    if (index >= c->n_in || c->in[index] == NULL)
        return true;
    const struct onnx_value *v = c->in[index];
    if (v->content == NULL)
        return onnx_fail(c, "its '%s' is computed while the network runs; a fixed one is needed",
                         name);
    int64_t count = shape_elements(&v->shape);
    if ((uint64_t)count > max)
        return onnx_fail(c, "'%s' has %lld entries; at most %zu are read", name, (long long)count,
                         max);
    *n = (size_t)count;
    for (size_t i = 0; i < *n; i++)
        out[i] = onnx_whole(v->content[i]);
    return true;
}

bool onnx_axis(struct onnx_import *c, int64_t axis, int dims, int *out)
{
    if (axis < -dims || axis >= dims)
        return onnx_fail(c, "axis %lld does not exist in a tensor of %d dimensions",
                         (long long)axis, dims);
    *out = (int)(axis < 0 ? axis + dims : axis);
    return true;
}

/* --- small constants --------------------------------------------------------------------- */

enum onnx_type { /* TensorProto.DataType */
                 TYPE_FLOAT = 1,
                 TYPE_UINT8 = 2,
                 TYPE_INT8 = 3,
                 TYPE_INT32 = 6,
                 TYPE_INT64 = 7,
                 TYPE_BOOL = 9,
                 TYPE_DOUBLE = 11
};

static double raw_element(const uint8_t *at, int type)
{
    float f;
    double x;
    int32_t i;
    int64_t l;
    switch (type) {
    case TYPE_FLOAT:
        return memcpy(&f, at, sizeof f), (double)f;
    case TYPE_DOUBLE:
        return memcpy(&x, at, sizeof x), x;
    case TYPE_INT32:
        return memcpy(&i, at, sizeof i), (double)i;
    case TYPE_INT64:
        return memcpy(&l, at, sizeof l), (double)l;
    case TYPE_INT8:
        return (double)(int8_t)*at;
    default: /* unsigned bytes, truth values */
        return (double)*at;
    }
}

static size_t element_bytes(int type)
{
    switch (type) {
    case TYPE_FLOAT:
    case TYPE_INT32:
        return 4;
    case TYPE_INT64:
    case TYPE_DOUBLE:
        return 8;
    case TYPE_UINT8:
    case TYPE_INT8:
    case TYPE_BOOL:
        return 1;
    default:
        return 0;
    }
}

static size_t tensor_elements(const Onnx__TensorProto *t)
{
    size_t count = 1;
    for (size_t i = 0; i < t->n_dims; i++) {
        if (t->dims[i] < 0 || t->dims[i] > ONNX_CONTENT_MAX)
            return SIZE_MAX;
        count *= (size_t)t->dims[i];
        if (count > ONNX_CONTENT_MAX)
            return SIZE_MAX;
    }
    return count;
}

static double typed_element(const Onnx__TensorProto *t, size_t i)
{
    switch (t->data_type) {
    case TYPE_FLOAT:
        return (double)t->float_data[i];
    case TYPE_DOUBLE:
        return t->double_data[i];
    case TYPE_INT64:
        return (double)t->int64_data[i];
    default:
        return (double)t->int32_data[i];
    }
}

static size_t typed_elements(const Onnx__TensorProto *t)
{
    switch (t->data_type) {
    case TYPE_FLOAT:
        return t->n_float_data;
    case TYPE_DOUBLE:
        return t->n_double_data;
    case TYPE_INT64:
        return t->n_int64_data;
    default:
        return t->n_int32_data;
    }
}

const double *onnx_tensor_content(struct onnx_import *c, const Onnx__TensorProto *t, bool *integer)
{
    size_t count = tensor_elements(t), bytes = element_bytes(t->data_type);
    *integer = t->data_type != TYPE_FLOAT && t->data_type != TYPE_DOUBLE;
    if (count > ONNX_CONTENT_MAX || bytes == 0)
        return NULL;
    bool raw = t->has_raw_data && t->raw_data.len == count * bytes;
    if (!raw && typed_elements(t) != count)
        return NULL;
    bool again = c->scope->depth > 0; /* read once per trip; else the file's size is the limit */
    double *content =
        again ? onnx_numbers(c, (int64_t)count) : ARENA_ARRAY(c->scratch, double, count);
    for (size_t i = 0; i < count && content != NULL; i++)
        content[i] =
            raw ? raw_element(t->raw_data.data + i * bytes, t->data_type) : typed_element(t, i);
    return content;
}

/* --- shapes ------------------------------------------------------------------------------ */

struct shape onnx_shape2(int64_t a, int64_t b)
{
    return (struct shape){.dim = {a, b}, .dims = 2};
}

struct shape onnx_shape4(int64_t n, int64_t ch, int64_t h, int64_t w)
{
    return (struct shape){.dim = {n, ch, h, w}, .dims = 4};
}

int64_t onnx_span(const struct shape *s, int from, int to)
{
    int64_t product = 1;
    for (int i = from; i < to; i++)
        product *= s->dim[i];
    return product;
}

bool onnx_same_shape(const struct shape *a, const struct shape *b)
{
    return a->dims == b->dims && memcmp(a->dim, b->dim, (size_t)a->dims * sizeof a->dim[0]) == 0;
}

bool onnx_times(struct onnx_import *c, int64_t a, int64_t b, int64_t *out)
{
    if (__builtin_mul_overflow(a, b, out) || *out > ONNX_ELEMENTS_MAX)
        return onnx_fail(c, "it would have more than 2^53 rows");
    return true;
}

bool onnx_broadcast(struct onnx_import *c, const struct shape *a, const struct shape *b,
                    struct shape *out)
{
    out->dims = a->dims > b->dims ? a->dims : b->dims;
    for (int i = 0; i < out->dims; i++) {
        int ia = i - (out->dims - a->dims), ib = i - (out->dims - b->dims);
        int64_t x = ia < 0 ? 1 : a->dim[ia], y = ib < 0 ? 1 : b->dim[ib];
        if (x != y && x != 1 && y != 1)
            return onnx_fail(c, "sizes %lld and %lld of its inputs do not match", (long long)x,
                             (long long)y);
        out->dim[i] = x == 1 ? y : x;
    }
    return true;
}
