#include "core/cim/vector_ops.h"

#include <string.h>

struct named_ops {
    const char *fn;
    struct lane_ops ops;
};

/* Order: add, multiply, lookup, compare, mac.  Smooth functions are a table of slopes and
 * offsets: a look-up and a multiply-accumulate; gelu and silu also multiply by their input, gated
 * units (swiglu, geglu, reglu) by the other half, too.  What only moves values costs nothing here;
 * interpolate weighs four neighbours, mod is a quotient, its floor and what is left. */
static const struct named_ops elementwise[] = {
    {"abs", {{0, 0, 0, 1, 0}}},
    {"add", {{1, 0, 0, 0, 0}}},
    {"and", {{0, 0, 0, 1, 0}}},
    {"ceil", {{1, 0, 0, 0, 0}}},
    {"celu", {{0, 0, 1, 1, 1}}},
    {"clip", {{0, 0, 0, 2, 0}}},
    {"concat", {{0, 0, 0, 0, 0}}},
    {"copy", {{0, 0, 0, 0, 0}}},
    {"cos", {{0, 0, 1, 0, 1}}},
    {"cumsum", {{1, 0, 0, 0, 0}}},
    {"dequantize", {{0, 1, 0, 0, 0}}},
    {"div", {{0, 1, 1, 0, 0}}},
    {"dropout", {{0, 0, 0, 0, 0}}},
    {"elu", {{0, 0, 1, 1, 1}}},
    {"equal", {{0, 0, 0, 1, 0}}},
    {"erf", {{0, 0, 1, 0, 1}}},
    {"exp", {{0, 0, 1, 0, 1}}},
    {"exp2", {{0, 0, 1, 0, 1}}},
    {"floor", {{1, 0, 0, 0, 0}}},
    {"gather", {{0, 0, 0, 0, 0}}},
    {"geglu", {{0, 2, 1, 0, 1}}},
    {"gelu", {{0, 1, 1, 0, 1}}},
    {"gelu_fast", {{0, 1, 1, 0, 1}}},
    {"gelu_new", {{0, 1, 1, 0, 1}}},
    {"gelu_tanh", {{0, 1, 1, 0, 1}}},
    {"greater", {{0, 0, 0, 1, 0}}},
    {"greater_equal", {{0, 0, 0, 1, 0}}},
    {"hard_sigmoid", {{0, 0, 0, 2, 1}}},
    {"hard_swish", {{0, 1, 0, 2, 1}}},
    {"identity", {{0, 0, 0, 0, 0}}},
    {"interpolate", {{0, 0, 0, 0, 4}}},
    {"leaky_relu", {{0, 1, 0, 1, 0}}},
    {"less", {{0, 0, 0, 1, 0}}},
    {"less_equal", {{0, 0, 0, 1, 0}}},
    {"log", {{0, 0, 1, 0, 1}}},
    {"log2", {{0, 0, 1, 0, 1}}},
    {"max", {{0, 0, 0, 1, 0}}},
    {"mean", {{1, 1, 0, 0, 0}}},
    {"min", {{0, 0, 0, 1, 0}}},
    {"mish", {{0, 1, 1, 0, 1}}},
    {"mod", {{1, 2, 1, 0, 0}}},
    {"mul", {{0, 1, 0, 0, 0}}},
    {"neg", {{1, 0, 0, 0, 0}}},
    {"not", {{0, 0, 0, 1, 0}}},
    {"or", {{0, 0, 0, 1, 0}}},
    {"pad", {{0, 0, 0, 0, 0}}},
    {"pow", {{0, 1, 2, 0, 2}}},
    {"prelu", {{0, 1, 0, 1, 0}}},
    {"quantize", {{0, 0, 0, 2, 1}}},
    {"quick_gelu", {{0, 1, 1, 0, 1}}},
    {"reciprocal", {{0, 0, 1, 0, 1}}},
    {"reglu", {{0, 1, 0, 1, 0}}},
    {"relu", {{0, 0, 0, 1, 0}}},
    {"relu6", {{0, 0, 0, 2, 0}}},
    {"round", {{1, 0, 0, 0, 0}}},
    {"rsqrt", {{0, 0, 1, 0, 1}}},
    {"scatter", {{0, 0, 0, 0, 0}}},
    {"selu", {{0, 0, 1, 1, 1}}},
    {"sigmoid", {{0, 0, 1, 0, 1}}},
    {"sign", {{0, 0, 0, 1, 0}}},
    {"silu", {{0, 1, 1, 0, 1}}},
    {"sin", {{0, 0, 1, 0, 1}}},
    {"softplus", {{0, 0, 1, 0, 1}}},
    {"softsign", {{0, 0, 1, 0, 1}}},
    {"sqrt", {{0, 0, 1, 0, 1}}},
    {"square", {{0, 1, 0, 0, 0}}},
    {"sub", {{1, 0, 0, 0, 0}}},
    {"swiglu", {{0, 2, 1, 0, 1}}},
    {"swish", {{0, 1, 1, 0, 1}}},
    {"tanh", {{0, 0, 1, 0, 1}}},
    {"thresholded_relu", {{0, 0, 0, 1, 0}}},
    {"topk", {{0, 0, 0, 1, 0}}},
    {"trilu", {{0, 0, 0, 1, 0}}},
    {"where", {{0, 0, 0, 1, 0}}},
    {"xor", {{0, 0, 0, 1, 0}}},
};
/* What is not in the table is taken for a smooth function of one value. */
static const struct lane_ops smooth = {{0, 0, 1, 0, 1}};

/* layer, group, instance: mean (add), variance (subtract, square), scale by the deviation, then
 * gain and bias.  rms: squares, scale, gain.  batch: gain and bias, folded.  lrn: squares, a
 * sliding sum (two adds), a power by table, scale. */
static const struct named_ops norms[] = {
    {"batch", {{0, 0, 0, 0, 1}}},
    {"lrn", {{2, 1, 1, 0, 1}}},
    {"rms", {{0, 2, 0, 0, 1}}},
};
static const struct lane_ops layer_norm = {{2, 1, 0, 0, 2}};

/* Largest of the row (compare), distance to it and sum (adds), exponential, division. */
static const struct lane_ops softmax = {{2, 1, 1, 1, 0}};

/* Adam: two moments, two corrections, root and quotient by table, step. */
static const struct lane_ops adam = {{0, 2, 2, 0, 4}};

static struct lane_ops find_ops(const struct named_ops *table, size_t count, const char *fn,
                                struct lane_ops otherwise)
{
    for (size_t i = 0; fn != NULL && i < count; i++)
        if (strcmp(table[i].fn, fn) == 0)
            return table[i].ops;
    return otherwise;
}

/* Per value of the window; an average also divides once, a root of squares looks up once. */
static const struct named_ops pools[] = {
    {"argmax", {{0, 0, 0, 1, 0}}}, {"argmin", {{0, 0, 0, 1, 0}}}, {"l2", {{0, 0, 0, 0, 1}}},
    {"max", {{0, 0, 0, 1, 0}}},    {"min", {{0, 0, 0, 1, 0}}},    {"prod", {{0, 1, 0, 0, 0}}},
};

static bool is_fn(const struct op *op, const char *fn)
{
    return op->fn != NULL && strcmp(op->fn, fn) == 0;
}

static struct lane_ops times(struct lane_ops ops, double factor)
{
    for (enum lane_function f = LANE_ADD; f < LANE_FUNCTIONS; f++)
        ops.of[f] *= factor;
    return ops;
}

static struct lane_ops pool_ops(const struct op *op)
{
    static const struct lane_ops adding = {{1, 0, 0, 0, 0}};
    double window = (double)op->u.conv.kernel[0] * (double)op->u.conv.kernel[1];
    struct lane_ops ops = times(find_ops(pools, COUNT_OF(pools), op->fn, adding), window);
    if (ops.of[LANE_ADD] > 0 && !is_fn(op, "sum"))
        ops.of[LANE_MULTIPLY] += 1;
    if (is_fn(op, "l2"))
        ops.of[LANE_LOOKUP] += 1;
    return ops;
}

/* The sum, product, ... of n operands takes n - 1 steps. */
static struct lane_ops elementwise_ops(const struct op *op)
{
    struct lane_ops ops = find_ops(elementwise, COUNT_OF(elementwise), op->fn, smooth);
    bool folds = is_fn(op, "add") || is_fn(op, "mul") || is_fn(op, "max") || is_fn(op, "min");
    return folds && op->n_inputs > 2 ? times(ops, op->n_inputs - 1) : ops;
}

static double macs_per_element(const struct op *op)
{
    if (op->kind == OP_MATMUL)
        return (double)op->u.matmul.k;
    double outputs = (double)shape_elements(&op->out);
    return outputs > 0 ? op_macs(op) / outputs : 0;
}

struct lane_ops vector_lane_ops(const struct op *op)
{
    switch ((enum op_kind)op->kind) {
    case OP_ELEMENTWISE:
        return elementwise_ops(op);
    case OP_NORM:
        return find_ops(norms, COUNT_OF(norms), op->fn, layer_norm);
    case OP_SOFTMAX:
    case OP_ROUTE:
        return softmax;
    case OP_POOL:
        return pool_ops(op);
    case OP_ROPE: /* a pair takes four products and two sums */
        return (struct lane_ops){{1, 2, 0, 0, 0}};
    case OP_MATMUL:
    case OP_CONV2D:
        return (struct lane_ops){{0, 0, 0, 0, macs_per_element(op)}};
    case OP_ALL_REDUCE:
    case OP_REDUCE_SCATTER:
        return (struct lane_ops){{1, 0, 0, 0, 0}};
    case OP_OPTIMIZER:
        return adam;
    default: /* moves: buffers and networks do them */
        return (struct lane_ops){{0}};
    }
}
