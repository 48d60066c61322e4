#include "traces/op.h"

#include <string.h>

static const char *const KIND_NAMES[] = {
#define OP(id, name, help) name,
#include "traces/ops.def"
#undef OP
};

static const int64_t EXACT_MAX = INT64_C(1) << 53; /* the largest integer a double holds exactly */

const char *op_kind_name(enum op_kind k)
{
    return (size_t)k < OP_KIND_COUNT ? KIND_NAMES[k] : "?";
}

bool op_kind_find(const char *name, enum op_kind *k)
{
    for (size_t i = 0; i < OP_KIND_COUNT; i++) {
        if (strcmp(KIND_NAMES[i], name) == 0) {
            *k = (enum op_kind)i;
            return true;
        }
    }
    return false;
}

int64_t shape_elements(const struct shape *s)
{
    int64_t product = 1;
    for (int i = 0; i < s->dims; i++)
        product = count_times(product, s->dim[i]);
    return product;
}

struct operand_stats op_activation_stats(const struct op *o)
{
    if (o->stats && !o->stats->activation.is_default)
        return o->stats->activation;
    return stats_default_activation(o->activation_bits);
}

struct operand_stats op_weight_stats(const struct op *o)
{
    if (o->stats && !o->stats->weights.is_default)
        return o->stats->weights;
    return stats_default_weight(o->weight_bits);
}

/* Input channels per group times the kernel's area: K of the convolution as a matrix product. */
static int64_t conv_depth(const struct op *o)
{
    int64_t area = count_times(o->u.conv.kernel[0], o->u.conv.kernel[1]);
    return count_times(o->in.dim[1] / o->u.conv.groups, area);
}

int64_t op_macs_exact(const struct op *o)
{
    if (o->kind == OP_CONV2D)
        return count_times(conv_depth(o), shape_elements(&o->out));
    if (o->kind == OP_MATMUL)
        return count_times(op_out_exact(o), o->u.matmul.k);
    return 0;
}

static int64_t matrices(const struct op *o)
{
    return o->u.matmul.experts > 0 ? o->u.matmul.experts : o->u.matmul.batch;
}

int64_t op_weights_exact(const struct op *o)
{
    if (!o->weight)
        return 0;
    if (o->kind == OP_CONV2D)
        return count_times(o->out.dim[1], conv_depth(o));
    if (o->kind == OP_MATMUL)
        return count_times(matrices(o), count_times(o->u.matmul.k, o->u.matmul.n));
    if (o->kind == OP_EMBEDDING)
        return count_times(o->u.embedding.rows, o->u.embedding.width);
    return 0;
}

int64_t op_out_exact(const struct op *o)
{
    if (o->kind == OP_MATMUL)
        return count_times(count_times(o->u.matmul.batch, o->u.matmul.m), o->u.matmul.n);
    if (o->kind == OP_EMBEDDING)
        return count_times(o->u.embedding.count, o->u.embedding.width);
    return o->out.dims > 0 ? shape_elements(&o->out) : 0;
}

double op_macs(const struct op *o)
{
    return (double)op_macs_exact(o);
}

double op_weight_elements(const struct op *o)
{
    return (double)op_weights_exact(o);
}

double op_out_elements(const struct op *o)
{
    return (double)op_out_exact(o);
}

double op_weight_elements_read(const struct op *o)
{
    double whole = op_weight_elements(o);
    if (!o->weight || whole <= 0)
        return 0;
    if (o->kind == OP_MATMUL)
        return whole / (double)matrices(o) * (double)o->u.matmul.batch;
    if (o->kind == OP_EMBEDDING && o->u.embedding.count < o->u.embedding.rows)
        return (double)o->u.embedding.count * (double)o->u.embedding.width;
    return whole;
}

static bool scale(int64_t *value, int64_t n)
{
    return !__builtin_mul_overflow(*value, n, value) && *value <= EXACT_MAX;
}

static bool scale_shape(struct shape *s, int64_t n)
{
    return s->dims == 0 || (scale(&s->dim[0], n) && shape_elements(s) <= EXACT_MAX);
}

/* The same rows in all; the largest number of experts that they divide over. */
static bool scale_experts(struct op *o, int64_t n)
{
    int64_t rows = o->u.matmul.batch, hit = o->u.matmul.experts;
    if (!scale(&rows, o->u.matmul.m) || !scale(&rows, n))
        return false;
    if (hit > rows)
        hit = rows;
    while (rows % hit != 0)
        hit--;
    o->u.matmul.batch = hit;
    o->u.matmul.m = rows / hit;
    return true;
}

static bool scale_numbers(struct op *o, int64_t n)
{
    switch ((enum op_kind)o->kind) {
    case OP_MATMUL:
        if (o->weight && o->u.matmul.experts > o->u.matmul.batch)
            return scale_experts(o, n);
        return scale(o->weight ? &o->u.matmul.m : &o->u.matmul.batch, n);
    case OP_EMBEDDING:
        return scale(&o->u.embedding.count, n);
    case OP_ROUTE:
        return scale(&o->u.route.tokens, n);
    case OP_ALL_REDUCE:
    case OP_ALL_GATHER:
    case OP_REDUCE_SCATTER:
        return o->weight != NULL || scale(&o->u.move.bytes, n);
    case OP_KV_APPEND:
    case OP_KV_READ:
    case OP_ALL_TO_ALL:
    case OP_SEND:
    case OP_RECV:
        return scale(&o->u.move.bytes, n);
    default:
        return true;
    }
}

bool op_scale_batch(struct op *o, int64_t n)
{
    struct op scaled = *o;
    if (!scale_shape(&scaled.in, n) || !scale_shape(&scaled.out, n) || !scale_numbers(&scaled, n))
        return false;
    size_t shapes = o->more_in ? o->n_inputs : 0;
    for (size_t i = 0; i < shapes; i++) {
        struct shape s = o->more_in[i];
        if (!scale_shape(&s, n))
            return false;
    }
    struct shape *more_in = (struct shape *)(uintptr_t)o->more_in;
    for (size_t i = 0; i < shapes; i++)
        more_in[i].dim[0] *= n;
    *o = scaled;
    return true;
}
