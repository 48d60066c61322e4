#include "traces/op_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int64_t EXACT_MAX = INT64_C(1) << 53;
static const double PRODUCT_MAX = 1e18;
enum { EXPERTS_MAX = 1 << 20 };

static bool wrong(char *why, const char *format, ...) PRINTF_LIKE(2, 3);

static bool wrong(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, OP_WHY_MAX, format, args);
    va_end(args);
    return false;
}

static bool size_is_positive(const char *key, int64_t value, char *why)
{
    if (value < 1)
        return wrong(why, "%s is %" PRId64 "; sizes are at least 1", key, value);
    if (value > EXACT_MAX)
        return wrong(why, "%s is beyond 2^53", key);
    return true;
}

static bool shape_is_possible(const char *key, const struct shape *s, char *why)
{
    double product = 1;
    if (s->dims < 1 || s->dims > SHAPE_DIMS_MAX)
        return wrong(why, "%s has %d dimensions; 1 to %d are possible", key, s->dims,
                     SHAPE_DIMS_MAX);
    for (int i = 0; i < s->dims; i++) {
        TRY(size_is_positive(key, s->dim[i], why));
        product *= (double)s->dim[i];
    }
    if (product > PRODUCT_MAX)
        return wrong(why, "%s has more than 10^18 elements", key);
    return true;
}

static bool shapes_are_possible(const struct op *o, char *why)
{
    if (o->in.dims > 0)
        TRY(shape_is_possible("in", &o->in, why));
    if (o->out.dims > 0)
        TRY(shape_is_possible("out", &o->out, why));
    return true;
}

static bool both_shapes(const struct op *o, char *why)
{
    TRY(shape_is_possible("in", &o->in, why));
    return shape_is_possible("out", &o->out, why);
}

static bool same_elements(const struct op *o, char *why)
{
    TRY(both_shapes(o, why));
    int64_t in = shape_elements(&o->in), out = shape_elements(&o->out);
    if (in != out)
        return wrong(why, "out has %" PRId64 " elements and in %" PRId64 "; %s keeps them", out, in,
                     op_kind_name((enum op_kind)o->kind));
    return true;
}

static bool image_shapes(const struct op *o, char *why)
{
    TRY(both_shapes(o, why));
    if (o->in.dims != 4 || o->out.dims != 4)
        return wrong(why, "in and out are [N, C, H, W]: four dimensions");
    if (o->in.dim[0] != o->out.dim[0])
        return wrong(why, "out has batch %" PRId64 " and in %" PRId64, o->out.dim[0], o->in.dim[0]);
    return true;
}

/* Out size along one axis (0 height, 1 width): at least `low`, at most `high`. */
static bool window_fits(const struct op *o, int axis, bool ceil_allowed, char *why)
{
    int64_t in = o->in.dim[2 + axis], out = o->out.dim[2 + axis];
    int64_t pads = (int64_t)o->u.conv.pad[axis] + o->u.conv.pad[axis + 2];
    int64_t reach = (int64_t)o->u.conv.dilation[axis] * (o->u.conv.kernel[axis] - 1) + 1;
    int64_t room = in + pads - reach, stride = o->u.conv.stride[axis];
    const char *side = axis == 0 ? "height" : "width";
    if (room < 0)
        return wrong(why, "kernel reaches over %" PRId64 " but the padded in %s is %" PRId64, reach,
                     side, in + pads);
    int64_t low = room / stride + 1;
    int64_t high = ceil_allowed && room % stride != 0 ? low + 1 : low;
    if (out < low || out > high)
        return wrong(why,
                     "out %s is %" PRId64 "; in %" PRId64 ", kernel %d, stride %" PRId64
                     ", pad %" PRId64 ", dilation %d make it %" PRId64,
                     side, out, in, o->u.conv.kernel[axis], stride, pads, o->u.conv.dilation[axis],
                     low);
    return true;
}

static bool window_numbers(const struct op *o, char *why)
{
    for (int i = 0; i < 2; i++) {
        TRY(size_is_positive("kernel", o->u.conv.kernel[i], why));
        TRY(size_is_positive("stride", o->u.conv.stride[i], why));
        TRY(size_is_positive("dilation", o->u.conv.dilation[i], why));
    }
    for (int i = 0; i < 4; i++) {
        if (o->u.conv.pad[i] < 0)
            return wrong(why, "pad is %d; it cannot be negative", o->u.conv.pad[i]);
    }
    return true;
}

static bool conv_is_possible(const struct op *o, char *why)
{
    TRY(image_shapes(o, why));
    TRY(window_numbers(o, why));
    TRY(size_is_positive("groups", o->u.conv.groups, why));
    if (o->in.dim[1] % o->u.conv.groups != 0 || o->out.dim[1] % o->u.conv.groups != 0)
        return wrong(
            why, "groups %" PRId64 " does not divide %" PRId64 " in and %" PRId64 " out channels",
            o->u.conv.groups, o->in.dim[1], o->out.dim[1]);
    if (!o->weight)
        return wrong(why, "conv2d needs the key \"weight\"");
    return window_fits(o, 0, false, why) && window_fits(o, 1, false, why);
}

static bool pool_is_possible(const struct op *o, char *why)
{
    TRY(image_shapes(o, why));
    TRY(window_numbers(o, why));
    if (o->in.dim[1] != o->out.dim[1])
        return wrong(why, "out has %" PRId64 " channels and in %" PRId64 "; pool keeps them",
                     o->out.dim[1], o->in.dim[1]);
    return window_fits(o, 0, true, why) && window_fits(o, 1, true, why);
}

static bool concat_joins_along(const struct op *o, int axis)
{
    int64_t sum = 0;
    for (size_t i = 0; i < o->n_inputs; i++) {
        for (int d = 0; d < o->out.dims; d++) {
            if (d != axis && o->more_in[i].dim[d] != o->out.dim[d])
                return false;
        }
        sum += o->more_in[i].dim[axis];
    }
    return sum == o->out.dim[axis];
}

static bool concat_is_possible(const struct op *o, char *why)
{
    TRY(shape_is_possible("out", &o->out, why));
    if (o->n_inputs == 0 || !o->more_in)
        return wrong(why, "in is a list of shapes, one for each of the inputs");
    for (size_t i = 0; i < o->n_inputs; i++) {
        TRY(shape_is_possible("in", &o->more_in[i], why));
        if (o->more_in[i].dims != o->out.dims)
            return wrong(why, "in has a shape of %d dimensions and out has %d", o->more_in[i].dims,
                         o->out.dims);
    }
    for (int axis = 0; axis < o->out.dims; axis++) {
        if (concat_joins_along(o, axis))
            return true;
    }
    return wrong(why, "out is not the sum of the shapes in \"in\" along any one axis");
}

static bool matmul_is_possible(const struct op *o, char *why)
{
    TRY(size_is_positive("batch", o->u.matmul.batch, why));
    TRY(size_is_positive("m", o->u.matmul.m, why));
    TRY(size_is_positive("k", o->u.matmul.k, why));
    TRY(size_is_positive("n", o->u.matmul.n, why));
    if (o->u.matmul.experts == 0)
        return true;
    TRY(size_is_positive("experts", o->u.matmul.experts, why));
    if (o->u.matmul.experts > EXPERTS_MAX)
        return wrong(why, "experts is beyond %d", EXPERTS_MAX);
    if (!o->weight)
        return wrong(why, "experts are matrices of a weight, and this matmul has none");
    if (o->u.matmul.batch > o->u.matmul.experts)
        return wrong(why, "batch is %" PRId64 " of only %" PRId64 " experts", o->u.matmul.batch,
                     o->u.matmul.experts);
    return true;
}

static bool embedding_is_possible(const struct op *o, char *why)
{
    TRY(size_is_positive("rows", o->u.embedding.rows, why));
    TRY(size_is_positive("width", o->u.embedding.width, why));
    TRY(size_is_positive("count", o->u.embedding.count, why));
    if (!o->weight)
        return wrong(why, "embedding needs the key \"weight\"");
    return true;
}

static bool route_is_possible(const struct op *o, char *why)
{
    TRY(size_is_positive("tokens", o->u.route.tokens, why));
    TRY(size_is_positive("experts", o->u.route.experts, why));
    TRY(size_is_positive("top_k", o->u.route.top_k, why));
    if (o->u.route.top_k > o->u.route.experts)
        return wrong(why, "top_k is %" PRId64 " of only %" PRId64 " experts", o->u.route.top_k,
                     o->u.route.experts);
    double sum = 0;
    for (int64_t i = 0; o->load && i < o->u.route.experts; i++) {
        if (!(o->load[i] >= 0))
            return wrong(why, "load has a negative share");
        sum += o->load[i];
    }
    if (o->load && fabs(sum - 1) > 1e-3)
        return wrong(why, "load sums to %g; shares sum to 1", sum);
    return true;
}

static bool move_is_possible(const struct op *o, char *why)
{
    TRY(size_is_positive("bytes", o->u.move.bytes, why));
    if (o->kind == OP_KV_APPEND || o->kind == OP_KV_READ) {
        if (o->u.move.position < 0 || o->u.move.position > EXACT_MAX)
            return wrong(why, "position is %" PRId64 "; it is from 0 to 2^53", o->u.move.position);
        return true;
    }
    if (o->kind == OP_OPTIMIZER || o->kind == OP_CHECKPOINT)
        return size_is_positive("parameters", o->u.move.parameters, why);
    return size_is_positive("group", o->u.move.group, why);
}

static bool has_function(const struct op *o, char *why)
{
    if (!o->fn || o->fn[0] == '\0')
        return wrong(why, "%s needs the key \"fn\"", op_kind_name((enum op_kind)o->kind));
    return true;
}

static bool kind_is_possible(const struct op *o, char *why)
{
    switch ((enum op_kind)o->kind) {
    case OP_CONV2D:
        return conv_is_possible(o, why);
    case OP_MATMUL:
        return matmul_is_possible(o, why);
    case OP_EMBEDDING:
        return embedding_is_possible(o, why);
    case OP_NORM:
        return has_function(o, why) && same_elements(o, why);
    case OP_ELEMENTWISE:
        return has_function(o, why) && both_shapes(o, why);
    case OP_POOL:
        return has_function(o, why) && pool_is_possible(o, why);
    case OP_SOFTMAX:
    case OP_ROPE:
    case OP_RESHAPE:
    case OP_TRANSPOSE:
        return same_elements(o, why);
    case OP_CONCAT:
        return concat_is_possible(o, why);
    case OP_SLICE:
        TRY(both_shapes(o, why));
        if (shape_elements(&o->out) > shape_elements(&o->in))
            return wrong(why, "out has more elements than in; slice takes a part");
        return true;
    case OP_ROUTE:
        return route_is_possible(o, why);
    default:
        return move_is_possible(o, why);
    }
}

static bool bits_are_possible(const char *key, int bits, char *why)
{
    if (bits < 1 || bits > OP_BITS_MAX)
        return wrong(why, "%s is %d; 1 to %d are possible", key, bits, OP_BITS_MAX);
    return true;
}

bool op_check(const struct op *o, char why[OP_WHY_MAX])
{
    if (o->kind >= OP_KIND_COUNT)
        return wrong(why, "op has no known kind");
    if (o->id < 0)
        return wrong(why, "id is %d; ids are 0 or more", o->id);
    if (!o->name)
        return wrong(why, "the key \"name\" is missing");
    TRY(bits_are_possible("activation_bits", o->activation_bits, why));
    TRY(bits_are_possible("weight_bits", o->weight_bits, why));
    TRY(shapes_are_possible(o, why));
    TRY(kind_is_possible(o, why));
    if (op_macs(o) > PRODUCT_MAX)
        return wrong(why, "it has more than 10^18 MACs");
    if (op_out_elements(o) > PRODUCT_MAX)
        return wrong(why, "it has more than 10^18 results");
    if (op_weight_elements(o) > PRODUCT_MAX)
        return wrong(why, "its weight has more than 10^18 elements");
    return true;
}

bool op_check_next(const struct op *o, struct id_set *ids, const char *path, struct diag *d)
{
    char why[OP_WHY_MAX];
    if (!op_check(o, why))
        return diag_input(d, path, 0, "operator %d (%.80s): %s", o->id,
                          o->name ? o->name : "no name", why);
    for (size_t i = 0; i < o->n_inputs; i++) {
        if (!id_set_has(ids, o->inputs[i]))
            return diag_input(d, path, 0, "operator %d: input %d is not an earlier operator", o->id,
                              o->inputs[i]);
    }
    if (id_set_has(ids, o->id))
        return diag_input(d, path, 0, "operator %d: the id is taken already", o->id);
    return id_set_add(ids, o->id) || diag_cannot(d, "there is not enough memory for a trace");
}
