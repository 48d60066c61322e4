/* vector.c — lane operations per element, and what they cost. */
#include "core/cim/vector.h"

#include <assert.h>
#include <string.h>

#include "core/tech/gates.h"
#include "core/tech/node.h"

/* --- prices ------------------------------------------------------------------------------- */

struct raw_vector {
    double lanes, clock_mhz, node_nm, vdd_v, area_um2;
    int64_t bits;
    struct quantity leakage_mw;
};

#define AT(member) offsetof(struct raw_vector, member)
static const struct cfg_field fields[] = {
    {"lanes", CFG_REAL, AT(lanes), "lanes", 1e-6, 1e6, NULL, NULL, "of one unit"},
    {"clock_mhz", CFG_REAL, AT(clock_mhz), "MHz", 1e-3, 1e5, NULL, NULL,
     "lane operations per us and lane"},
    {"bits", CFG_INT, AT(bits), "bits", 1, 64, "16", NULL,
     "width of a lane: prices the functions that have no group"},
    {"node_nm", CFG_REAL, AT(node_nm), "nm", NODE_MIN_NM, NODE_MAX_NM, "45.0", NULL,
     "process: prices the functions that have no group"},
    {"vdd_v", CFG_REAL, AT(vdd_v), "V", 0.35, 5, "0.9", NULL,
     "supply: prices the functions that have no group"},
    {"area_um2", CFG_REAL, AT(area_um2), "um2", 0, 1e12, "0.0", NULL,
     "of a unit beside its functions: registers, control"},
    {"leakage_mw", CFG_QUANTITY, AT(leakage_mw), "mW", 0, 1e9, "0.0", NULL,
     "of a unit beside its functions"},
};
#undef AT

static const char *const groups[] = {"add", "multiply", "lookup", "compare", "mac", NULL};

const struct cfg_schema vector_schema = {
    .name = "vector unit",
    .help = "lanes beside the arrays; groups add, multiply, lookup, compare, mac are components, "
            "priced per lane operation",
    .fields = fields,
    .count = COUNT_OF(fields),
    .groups = groups,
};

enum function { ADD, MULTIPLY, LOOKUP, COMPARE, MAC, FUNCTIONS };

/* Integer functions at 45 nm, 0.9 V (M. Horowitz, "Computing's energy problem", ISSCC 2014,
 * recalled): adder 0.03 pJ and 36 um2 at 8 bits, 0.1 pJ at 32; multiplier 0.2 pJ and 282 um2 at 8
 * bits, 3.1 pJ at 32; so linear and quadratic in the width.  An 8 KB cache reads 64 bits for 10
 * pJ; a table of 256 entries takes that per bit by capacity^0.6 (a fit to CACTI 7), 0.7 um2 per
 * bit with its periphery (assumed). */
#define ADD_PJ_PER_BIT 0.00375
#define ADD_UM2_PER_BIT 4.5
#define MULTIPLY_PJ_PER_BIT2 0.003125
#define MULTIPLY_UM2_PER_BIT2 4.40625
#define LOOKUP_PJ_PER_BIT 0.01953 /* 10 pJ / 64 x (256 B / 8 KB)^0.6, about 1/8 */
#define LOOKUP_UM2_PER_BIT 179.2
#define HOROWITZ_NM 45.0
#define HOROWITZ_VDD_V 0.9

static struct component reference_price(enum function f, double bits)
{
    double pj = 0, um2 = 0;
    double accumulator = 2 * bits + 8;
    switch (f) {
    case ADD:
    case COMPARE:
        pj = ADD_PJ_PER_BIT * bits;
        um2 = ADD_UM2_PER_BIT * bits;
        break;
    case MULTIPLY:
        pj = MULTIPLY_PJ_PER_BIT2 * bits * bits;
        um2 = MULTIPLY_UM2_PER_BIT2 * bits * bits;
        break;
    case LOOKUP:
        pj = LOOKUP_PJ_PER_BIT * bits;
        um2 = LOOKUP_UM2_PER_BIT * bits;
        break;
    default:
        pj = MULTIPLY_PJ_PER_BIT2 * bits * bits + ADD_PJ_PER_BIT * accumulator;
        um2 = MULTIPLY_UM2_PER_BIT2 * bits * bits + ADD_UM2_PER_BIT * accumulator;
        break;
    }
    return (struct component){.energy_pj = quantity_of(pj, FROM_ASSUMED, 0.5), .area_um2 = um2};
}

/* The price of a function that its config leaves out. */
static bool default_price(const struct raw_vector *raw, enum function f, struct component *out,
                          struct diag *d)
{
    struct node_point from = {HOROWITZ_NM, NODE_HIGH_PERFORMANCE, HOROWITZ_VDD_V};
    struct node_point to = {raw->node_nm, NODE_HIGH_PERFORMANCE, raw->vdd_v};
    double energy;
    TRY(node_energy_factor(from, to, &energy, d));
    *out = reference_price(f, (double)raw->bits);
    out->energy_pj = quantity_scaled(out->energy_pj, energy);
    out->area_um2 *= node_area_factor(HOROWITZ_NM, raw->node_nm);
    struct gates gates = gates_at(raw->node_nm, raw->vdd_v);
    out->leakage_mw =
        quantity_of(gates.leakage_mw_per_mm2 * out->area_um2 * 1e-6, FROM_ASSUMED, 0.5);
    return true;
}

static bool price(const struct cfg_group *g, const struct raw_vector *raw, enum function f,
                  struct component *out, struct diag *d)
{
    struct diag refused = {0};
    if (cfg_sub_or_null(g, groups[f]) != NULL)
        return component_sub(g, groups[f], out, d);
    if (!default_price(raw, f, out, &refused))
        return cfg_complain(g, "vdd_v", d, "%s needs a price: %s", groups[f], refused.text);
    return true;
}

static struct quantity added(struct quantity a, struct quantity b)
{
    struct quantity larger = a.value >= b.value ? a : b;
    return quantity_of(a.value + b.value, larger.from, larger.spread);
}

bool vector_open(const struct cfg_group *g, struct vector_unit *out, struct diag *d)
{
    struct raw_vector raw;
    TRY(cfg_read(g, &vector_schema, &raw, d));
    *out = (struct vector_unit){.lanes = raw.lanes,
                                .clock_mhz = raw.clock_mhz,
                                .area_um2 = raw.area_um2,
                                .leakage_mw = raw.leakage_mw};
    struct quantity *const prices[FUNCTIONS] = {&out->add_pj, &out->multiply_pj, &out->lookup_pj,
                                                &out->compare_pj, &out->mac_pj};
    for (enum function f = ADD; f < FUNCTIONS; f++) {
        struct component part;
        TRY(price(g, &raw, f, &part, d));
        *prices[f] = part.energy_pj;
        out->area_um2 += raw.lanes * part.area_um2;
        out->leakage_mw = added(out->leakage_mw, quantity_scaled(part.leakage_mw, raw.lanes));
    }
    return true;
}

/* --- lane operations ---------------------------------------------------------------------- */

/* Lane operations per output element. */
struct lane_ops {
    double of[FUNCTIONS];
};

struct named_ops {
    const char *fn;
    struct lane_ops ops;
};

/* Order: add, multiply, lookup, compare, mac.  Smooth functions are a table of slopes and
 * offsets: a look-up and a multiply-accumulate; gelu and silu also multiply by their input, gated
 * units (swiglu, geglu, reglu) by the other half, too. */
static const struct named_ops elementwise[] = {
    {"abs", {{0, 0, 0, 1, 0}}},
    {"add", {{1, 0, 0, 0, 0}}},
    {"and", {{0, 0, 0, 1, 0}}},
    {"ceil", {{1, 0, 0, 0, 0}}},
    {"celu", {{0, 0, 1, 1, 1}}},
    {"clip", {{0, 0, 0, 2, 0}}},
    {"cos", {{0, 0, 1, 0, 1}}},
    {"dequantize", {{0, 1, 0, 0, 0}}},
    {"div", {{0, 1, 1, 0, 0}}},
    {"dropout", {{0, 0, 0, 0, 0}}},
    {"elu", {{0, 0, 1, 1, 1}}},
    {"equal", {{0, 0, 0, 1, 0}}},
    {"erf", {{0, 0, 1, 0, 1}}},
    {"exp", {{0, 0, 1, 0, 1}}},
    {"exp2", {{0, 0, 1, 0, 1}}},
    {"floor", {{1, 0, 0, 0, 0}}},
    {"geglu", {{0, 2, 1, 0, 1}}},
    {"gelu", {{0, 1, 1, 0, 1}}},
    {"gelu_fast", {{0, 1, 1, 0, 1}}},
    {"gelu_new", {{0, 1, 1, 0, 1}}},
    {"gelu_tanh", {{0, 1, 1, 0, 1}}},
    {"greater", {{0, 0, 0, 1, 0}}},
    {"hard_sigmoid", {{0, 0, 0, 2, 1}}},
    {"hard_swish", {{0, 1, 0, 2, 1}}},
    {"identity", {{0, 0, 0, 0, 0}}},
    {"leaky_relu", {{0, 1, 0, 1, 0}}},
    {"less", {{0, 0, 0, 1, 0}}},
    {"log", {{0, 0, 1, 0, 1}}},
    {"log2", {{0, 0, 1, 0, 1}}},
    {"max", {{0, 0, 0, 1, 0}}},
    {"mean", {{1, 1, 0, 0, 0}}},
    {"min", {{0, 0, 0, 1, 0}}},
    {"mish", {{0, 1, 1, 0, 1}}},
    {"mul", {{0, 1, 0, 0, 0}}},
    {"neg", {{1, 0, 0, 0, 0}}},
    {"not", {{0, 0, 0, 1, 0}}},
    {"or", {{0, 0, 0, 1, 0}}},
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
    {"where", {{0, 0, 0, 1, 0}}},
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
    for (enum function f = ADD; f < FUNCTIONS; f++)
        ops.of[f] *= factor;
    return ops;
}

static struct lane_ops pool_ops(const struct op *op)
{
    static const struct lane_ops adding = {{1, 0, 0, 0, 0}};
    double window = (double)op->u.conv.kernel[0] * (double)op->u.conv.kernel[1];
    struct lane_ops ops = times(find_ops(pools, COUNT_OF(pools), op->fn, adding), window);
    if (ops.of[ADD] > 0 && !is_fn(op, "sum"))
        ops.of[MULTIPLY] += 1;
    if (is_fn(op, "l2"))
        ops.of[LOOKUP] += 1;
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

static struct lane_ops ops_per_element(const struct op *op)
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

void vector_cost(const struct vector_unit *v, const struct op *op, double elements, double units,
                 struct cost *out)
{
    assert(elements >= 0 && units > 0);
    const struct quantity prices[FUNCTIONS] = {v->add_pj, v->multiply_pj, v->lookup_pj,
                                               v->compare_pj, v->mac_pj};
    static const char *const names[FUNCTIONS] = {"add", "multiply", "lookup", "compare", "mac"};
    struct lane_ops ops = ops_per_element(op);
    double total = 0;
    cost_clear(out);
    for (enum function f = ADD; f < FUNCTIONS; f++) {
        total += ops.of[f] * elements;
        cost_add(out, PART_VECTOR, names[f], ops.of[f] * elements, prices[f]);
    }
    out->duration_ps = total / (v->lanes * units) * (1e6 / v->clock_mhz);
}

double vector_peak_mw(const struct vector_unit *v)
{
    double both = v->add_pj.value + v->multiply_pj.value, dearest = v->mac_pj.value;
    if (both > dearest)
        dearest = both;
    if (v->lookup_pj.value > dearest)
        dearest = v->lookup_pj.value;
    if (v->compare_pj.value > dearest)
        dearest = v->compare_pj.value;
    return v->lanes * v->clock_mhz * 1e-3 * dearest;
}
