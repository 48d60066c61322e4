/* What comes into the graph: its inputs, and their open dimensions. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "traces/import_onnx_content.h"
#include "traces/import_onnx_scope.h"

/* --- what the file says of a value -------------------------------------------------------- */

const Onnx__TensorShapeProto *onnx_tensor_shape(const Onnx__ValueInfoProto *info)
{
    const Onnx__TypeProto *type = info->type;
    bool tensor = type != NULL && type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    return tensor ? type->tensor_type->shape : NULL;
}

bool onnx_is_fixed(const Onnx__TensorShapeProto__Dimension *dim)
{
    return dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
           dim->dim_value > 0;
}

bool onnx_is_integer(const Onnx__ValueInfoProto *info)
{
    int type = info->type->tensor_type->elem_type; /* TensorProto.DataType: INT32, INT64, ... */
    return type == 5 || type == 6 || type == 7 || type == 12 || type == 13;
}

/* --- open dimensions ---------------------------------------------------------------------- */

/* A size by name: asked for by the user (--dim), or the batch, for first axes. */
struct size {
    const char *name; /* of the dimension, INPUT:INDEX, or an input that is one integer */
    int64_t value;
    bool asked_for, used;
};

enum { SIZES_MAX = 1024 };

struct sizes {
    struct size *items;
    size_t count;
};

static struct size *find_size(const struct sizes *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->items[i].name, name) == 0)
            return &s->items[i];
    return NULL;
}

static bool add_size(struct onnx_import *c, struct sizes *s, const char *text)
{
    const char *equals = strrchr(text, '=');
    char *end = NULL;
    long long value = equals != NULL && isdigit((unsigned char)equals[1]) != 0
                          ? strtoll(equals + 1, &end, 10)
                          : -1;
    if (equals == NULL || equals == text || value < 0 || *end != '\0' || value > ONNX_ELEMENTS_MAX)
        return diag_input(c->d, NULL, 0, "--dim takes NAME=N with N from 0 to 2^53, not '%.100s'",
                          import_clean_name(c->scratch, text, strlen(text)));
    const char *name = arena_strndup(c->scratch, text, (size_t)(equals - text));
    if (find_size(s, name) != NULL)
        return diag_input(c->d, NULL, 0, "--dim names '%.100s' twice", name);
    s->items[s->count++] = (struct size){name, value, true, false};
    return true;
}

static const char *dimension_name(const Onnx__TensorShapeProto__Dimension *dim)
{
    bool named = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    return named ? onnx_text(dim->dim_param) : "";
}

/* First axes without a size of their own are the batch, and so is every axis of the same name. */
static bool add_batch(struct onnx_import *c, struct sizes *s, const Onnx__GraphProto *g)
{
    for (size_t i = 0; i < g->n_input; i++) {
        const Onnx__TensorShapeProto *shape = onnx_tensor_shape(g->input[i]);
        if (shape == NULL || shape->n_dim == 0 || onnx_is_fixed(shape->dim[0]))
            continue;
        const char *name = dimension_name(shape->dim[0]);
        if (name[0] == '\0' || find_size(s, name) != NULL)
            continue;
        if (s->count >= SIZES_MAX)
            return onnx_fail(c, "its inputs name more than %d open dimensions", SIZES_MAX);
        s->items[s->count++] = (struct size){name, c->batch, false, false};
    }
    return true;
}

/* "past + 1": the sum of sizes that are known. */
static bool sum_of_sizes(struct onnx_import *c, const struct sizes *s, const char *text,
                         int64_t *out)
{
    char *rest = arena_strdup(c->scratch, text), *part;
    *out = 0;
    while ((part = strtok_r(rest, "+", &rest)) != NULL) {
        part += strspn(part, " ");
        size_t length = strlen(part);
        while (length > 0 && part[length - 1] == ' ')
            part[--length] = '\0';
        struct size *known = find_size(s, part);
        char *end = NULL;
        long long value = known != NULL ? known->value : strtoll(part, &end, 10);
        if ((known == NULL && (end == part || *end != '\0')) || value < 0 ||
            value > ONNX_ELEMENTS_MAX - *out)
            return false;
        if (known != NULL)
            known->used = true;
        *out += value;
    }
    return true;
}

static bool open_size(struct onnx_import *c, const struct sizes *s, const char *input, int axis,
                      const Onnx__TensorShapeProto__Dimension *dim, int64_t *out)
{
    const char *name = dimension_name(dim);
    char *place = arena_printf(c->scratch, "%s:%d", input, axis);
    struct size *known = find_size(s, place);
    known = known == NULL && name[0] != '\0' ? find_size(s, name) : known;
    if (known != NULL) {
        known->used = true;
        *out = known->value;
        if (axis == 0 && !c->dynamic_batch && *out > 0)
            c->batch = *out;
        c->dynamic_batch = c->dynamic_batch || axis == 0;
        return true;
    }
    if (strchr(name, '+') != NULL && sum_of_sizes(c, s, name, out))
        return true;
    if (axis == 0) {
        c->dynamic_batch = true;
        *out = c->batch;
        return true;
    }
    const char *option = name[0] != '\0' ? name : place;
    return onnx_fail(c, "input '%.100s' leaves dimension %d open: say its size with --dim %.100s=N",
                     import_clean_name(c->scratch, input, strlen(input)), axis,
                     import_clean_name(c->scratch, option, strlen(option)));
}

/* --- inputs ------------------------------------------------------------------------------- */

/* An input that is one integer may be told, like a size: a rate, a length. */
static void told_number(struct onnx_import *c, const struct sizes *s, struct onnx_value *v)
{
    struct size *told = find_size(s, v->name);
    if (told == NULL || shape_elements(&v->shape) != 1)
        return;
    told->used = true;
    double *content = onnx_numbers(c, 1);
    if (content != NULL)
        *content = (double)told->value;
    v->content = content;
    v->constant = v->integer = true;
}

static bool input_shape(struct onnx_import *c, const struct sizes *sizes,
                        const Onnx__ValueInfoProto *info, struct onnx_value *v)
{
    const char *name = import_clean_name(c->scratch, v->name, strlen(v->name));
    const Onnx__TensorShapeProto *s = onnx_tensor_shape(info);
    if (s == NULL)
        return onnx_fail(c, "input '%.100s' is not a tensor with a shape", name);
    if (s->n_dim > SHAPE_DIMS_MAX)
        return onnx_fail(c, "input '%.100s' has %zu dimensions; at most %d are read", name,
                         s->n_dim, SHAPE_DIMS_MAX);
    v->shape.dims = (int)s->n_dim;
    int64_t total = 1;
    for (int i = 0; i < v->shape.dims; i++) {
        v->shape.dim[i] = s->dim[i]->dim_value;
        if (!onnx_is_fixed(s->dim[i]))
            TRY(open_size(c, sizes, v->name, i, s->dim[i], &v->shape.dim[i]));
        if (__builtin_mul_overflow(total, v->shape.dim[i], &total) || total > ONNX_ELEMENTS_MAX)
            return onnx_fail(c, "input '%.100s' has more than 2^53 elements", name);
    }
    v->defined = true;
    v->constant = total == 0; /* nothing comes in: an empty cache */
    if (onnx_is_integer(info))
        told_number(c, sizes, v);
    return true;
}

/* The axis that is called so, or the first. */
static size_t batch_axis(const Onnx__TensorShapeProto *s)
{
    for (size_t i = 0; i < s->n_dim; i++)
        if (strncasecmp(dimension_name(s->dim[i]), "batch", 5) == 0)
            return i;
    return 0;
}

static bool all_used(struct onnx_import *c, const struct sizes *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].asked_for && !s->items[i].used)
            return onnx_fail(
                c,
                "--dim %.100s: no input leaves such a dimension open, and none is "
                "one integer of that name",
                import_clean_name(c->scratch, s->items[i].name, strlen(s->items[i].name)));
    return true;
}

/* In old files initialisers stand among the inputs too: those are not the network's input. */
bool onnx_define_inputs(struct onnx_import *c, const Onnx__GraphProto *g,
                        struct trace_header *header)
{
    struct sizes s = {0};
    s.items = ARENA_ARRAY(c->scratch, struct size, c->options->dim_count + g->n_input);
    for (size_t i = 0; i < c->options->dim_count; i++)
        TRY(add_size(c, &s, c->options->dims[i]));
    TRY(add_batch(c, &s, g));
    for (size_t i = 0; i < g->n_input; i++) {
        struct onnx_value *v = onnx_local(c, onnx_text(g->input[i]->name));
        if (v->defined)
            continue;
        TRY(input_shape(c, &s, g->input[i], v));
        if (header->batch == 0 && !v->constant && v->shape.dims > 1)
            header->batch = v->shape.dim[batch_axis(onnx_tensor_shape(g->input[i]))];
    }
    if (header->batch == 0)
        header->batch = c->dynamic_batch ? c->batch : 1;
    return all_used(c, &s);
}
