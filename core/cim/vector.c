/* vector.c — what lane operations take and cost. */
#include "core/cim/vector.h"

#include <assert.h>

#include "core/cim/vector_ops.h"
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

static struct component reference_price(enum lane_function f, double bits)
{
    double pj = 0, um2 = 0;
    double accumulator = 2 * bits + 8;
    switch (f) {
    case LANE_ADD:
    case LANE_COMPARE:
        pj = ADD_PJ_PER_BIT * bits;
        um2 = ADD_UM2_PER_BIT * bits;
        break;
    case LANE_MULTIPLY:
        pj = MULTIPLY_PJ_PER_BIT2 * bits * bits;
        um2 = MULTIPLY_UM2_PER_BIT2 * bits * bits;
        break;
    case LANE_LOOKUP:
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
static bool default_price(const struct raw_vector *raw, enum lane_function f, struct component *out,
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

static bool price(const struct cfg_group *g, const struct raw_vector *raw, enum lane_function f,
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
    struct quantity *const prices[LANE_FUNCTIONS] = {
        &out->add_pj, &out->multiply_pj, &out->lookup_pj, &out->compare_pj, &out->mac_pj};
    for (enum lane_function f = LANE_ADD; f < LANE_FUNCTIONS; f++) {
        struct component part;
        TRY(price(g, &raw, f, &part, d));
        *prices[f] = part.energy_pj;
        out->area_um2 += raw.lanes * part.area_um2;
        out->leakage_mw = added(out->leakage_mw, quantity_scaled(part.leakage_mw, raw.lanes));
    }
    return true;
}

/* --- cost --------------------------------------------------------------------------------- */

void vector_cost(const struct vector_unit *v, const struct op *op, double elements, double units,
                 struct cost *out)
{
    assert(elements >= 0 && units > 0);
    const struct quantity prices[LANE_FUNCTIONS] = {v->add_pj, v->multiply_pj, v->lookup_pj,
                                                    v->compare_pj, v->mac_pj};
    static const char *const names[LANE_FUNCTIONS] = {"add", "multiply", "lookup", "compare",
                                                      "mac"};
    struct lane_ops ops = vector_lane_ops(op);
    double total = 0;
    cost_clear(out);
    for (enum lane_function f = LANE_ADD; f < LANE_FUNCTIONS; f++) {
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
