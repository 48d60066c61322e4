#include "core/cim/digital.h"

#include <assert.h>
#include <math.h>

#include "core/base/units.h"
#include "core/tech/node.h"
#include "core/tech/wire.h"

#define GATE_FF 0.35           /* an input of a multiplier on a row wire: half a NAND2 at 28 nm */
#define ACCUMULATOR_TOGGLE 0.5 /* random sums */

/* Counts of one job, and the gates at this node and supply. */
struct work {
    struct gates gates;
    double rows, steps, groups, trees; /* used rows; n_x; g; outputs x slices */
    double product_bits;               /* entering a tree per row */
    double accumulator_bits;           /* of one tree's accumulator */
    double input_toggle, product_toggle;
};

static double accumulator_width(const struct digital *x, int64_t input_bits)
{
    return (double)(x->tree_bits + input_bits) + ceil(log2((double)x->rows));
}

/* A product bit toggles with its input while the weight is held; where row groups take turns, the
 * first step of a group meets other weights too. */
static double product_toggle(const struct array_job *job, double groups, double steps)
{
    double one = job->input.bit_density * job->weight.bit_density;
    double held = job->input.bit_toggle * job->weight.bit_density;
    double switched = 2 * one * (1 - one);
    return groups > 1 ? (held * (steps - 1) + switched) / steps : held;
}

static struct work work_of(const struct digital *x, const struct array_job *job)
{
    struct work w;
    w.gates = gates_at(x->node_nm, x->vdd_v);
    w.rows = (double)job->rows;
    w.steps = (double)ceil_div(job->input_bits, x->step_bits);
    w.groups = (double)ceil_div(job->rows, x->active_rows);
    w.trees = (double)(job->outputs * ceil_div(job->weight_bits, x->tree_bits));
    w.product_bits = (double)(x->tree_bits + x->step_bits - 1);
    w.accumulator_bits = accumulator_width(x, job->input_bits);
    w.input_toggle = job->input.bit_toggle;
    w.product_toggle = product_toggle(job, w.groups, w.steps);
    return w;
}

static double row_capacitance_ff(const struct digital *x)
{
    if (x->row_ff > 0)
        return x->row_ff;
    double pitch = sqrt(cell_area_at(&x->cell, x->node_nm));
    return (double)x->columns * (pitch * WIRE_FF_PER_UM + GATE_FF * fmax(1, x->node_nm / 28));
}

static struct quantity of_gates(double fj)
{
    return quantity_of(PJ_PER_FJ * fj, FROM_SOURCE, GATES_SPREAD);
}

static double cycle_ps(const struct digital *x)
{
    if (x->cycle_ns > 0) {
        bool same = x->vdd_v == x->reference_vdd_v;
        double slower = same ? 1 : node_alpha_power(x->vdd_v, x->reference_vdd_v);
        return x->cycle_ns * PS_PER_NS * slower;
    }
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    int bits = (int)(x->tree_bits + x->step_bits - 1);
    double tree = adder_tree_delay_ps(&g, (double)x->active_rows, bits);
    double accumulate = accumulator_width(x, x->input_bits) * 2 * g.nand_ps;
    return (g.nand_ps + tree + accumulate) / (double)x->pipeline_stages;
}

/* --- prices ---------------------------------------------------------------------------------- */

static void add_inputs(const struct digital *x, const struct work *w, struct cost *out)
{
    double bits = w->rows * w->steps * (double)x->step_bits;
    double wire_pj = PJ_PER_FJ * row_capacitance_ff(x) * x->vdd_v * x->vdd_v * w->input_toggle;
    cost_add(out, PART_ARRAY_REGISTER, "input", bits, of_gates(w->gates.flipflop_fj));
    cost_add(out, PART_ARRAY_DRIVER, "input", bits, quantity_of(wire_pj, FROM_ASSUMED, 0.5));
}

static void add_products(const struct digital *x, const struct work *w, struct cost *out)
{
    double per_step = w->rows * w->trees * w->steps;
    double bits = (double)(x->step_bits * x->tree_bits);
    double adders = (double)((x->step_bits - 1) * x->tree_bits); /* of a parallel multiplier */
    cost_add(out, PART_ARRAY_MULTIPLIER, "and", per_step * bits,
             of_gates(w->gates.nand_fj * w->product_toggle));
    cost_add(out, PART_ARRAY_MULTIPLIER, "add", per_step * adders,
             of_gates(w->gates.full_adder_fj * w->product_toggle));
    if (w->groups > 1) /* another group's weights are switched in once per vector */
        cost_add(out, PART_ARRAY_CELLS, "select", w->rows * w->trees * (double)x->tree_bits,
                 of_gates(w->gates.nand_fj * 0.5));
}

static void add_sums(const struct digital *x, const struct work *w, struct cost *out)
{
    double tree_inputs = (double)x->active_rows;
    double adders = adder_tree_adders(tree_inputs, (int)w->product_bits) / tree_inputs;
    double toggle = adder_tree_toggle(tree_inputs, w->product_toggle);
    double sums = w->trees * w->steps * w->groups;
    double accumulate_fj = ACCUMULATOR_TOGGLE * w->gates.full_adder_fj + w->gates.flipflop_fj;
    cost_add(out, PART_ARRAY_ADDER_TREE, "add", w->rows * w->trees * w->steps * adders,
             of_gates(w->gates.full_adder_fj * toggle));
    cost_add(out, PART_ARRAY_SHIFT_ADD, "accumulate", sums * w->accumulator_bits,
             of_gates(accumulate_fj));
}

static void digital_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct digital *x = (const struct digital *)base;
    struct work w = work_of(x, job);
    double v = x->vdd_v / x->reference_vdd_v;
    cost_clear(out);
    out->duration_ps = w.steps * w.groups * cycle_ps(x);
    add_inputs(x, &w, out);
    add_products(x, &w, out);
    add_sums(x, &w, out);
    cost_add(out, PART_ARRAY_CONTROL, "step", w.steps * w.groups,
             quantity_scaled(x->control.energy_pj, v * v));
}

static void digital_write(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct digital *x = (const struct digital *)base;
    int64_t used = job->outputs * ceil_div(job->weight_bits, x->tree_bits) * x->tree_bits;
    double at_once = x->write_cells > 0 ? (double)x->write_cells : (double)x->columns;
    double pulses = ceil((double)used / at_once) * x->cell.write_pulses;
    cost_clear(out);
    out->duration_ps = (double)job->rows * pulses * x->cell.write_pulse_ns * PS_PER_NS;
    cost_add(out, PART_ARRAY_WRITE, "write", (double)job->rows * (double)used, x->cell.write_pj);
}

static double digital_latency_ps(const struct array *base, const struct array_job *job)
{
    const struct digital *x = (const struct digital *)base;
    struct work w = work_of(x, job);
    return (w.steps * w.groups + (double)x->pipeline_stages - 1) * cycle_ps(x);
}

static int64_t digital_outputs(const struct array *base, int weight_bits)
{
    const struct digital *x = (const struct digital *)base;
    return x->columns / (ceil_div(weight_bits, x->tree_bits) * x->tree_bits);
}

static bool digital_precision(const struct array *base, int *input_bits, int *weight_bits)
{
    const struct digital *x = (const struct digital *)base;
    if (*input_bits > x->max_input_bits || *weight_bits > x->max_weight_bits)
        return false;
    *input_bits = (int)(ceil_div(*input_bits, x->step_bits) * x->step_bits);
    *weight_bits = (int)(ceil_div(*weight_bits, x->tree_bits) * x->tree_bits);
    return true;
}

static bool digital_at_vdd(struct arena *a, const struct array *base, double vdd_v,
                           struct array **out, struct diag *d)
{
    const struct digital *x = (const struct digital *)base;
    double lowest = NODE_THRESHOLD_V + 0.1, highest = 1.6 * x->reference_vdd_v;
    if (!(vdd_v >= lowest && vdd_v <= highest))
        return diag_input(d, NULL, 0, "a supply of %g V is outside %g to %g V of this array", vdd_v,
                          lowest, highest);
    struct digital *copy = ARENA_NEW(a, struct digital);
    *copy = *x;
    copy->vdd_v = vdd_v;
    *out = &copy->base;
    return true;
}

/* --- area and leakage ------------------------------------------------------------------------ */

static void add_part(struct array_facts *f, enum part part, double area_um2, double leakage_mw)
{
    assert(f->part_count < ARRAY_PARTS_MAX);
    f->parts[f->part_count++] = (struct array_part){part, area_um2, leakage_mw};
    f->area_um2 += area_um2;
    f->leakage_mw.value += leakage_mw;
}

static void add_logic(struct array_facts *f, const struct gates *g, enum part part, double area_um2)
{
    add_part(f, part, area_um2, area_um2 / UM2_PER_MM2 * g->leakage_mw_per_mm2);
}

static void sum_parts(const struct digital *x, struct array_facts *f)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    double v = x->vdd_v / x->reference_vdd_v;
    double cells = (double)(x->rows * x->columns), active = (double)x->active_rows;
    int64_t whole_trees = x->columns / x->tree_bits;
    double trees = (double)whole_trees;
    double multipliers = active * trees;
    double adders = adder_tree_adders(active, (int)(x->tree_bits + x->step_bits - 1));
    double product = (double)x->tree_bits * ((double)x->step_bits * g.nand_um2 +
                                             (double)(x->step_bits - 1) * g.full_adder_um2);
    f->leakage_mw = quantity_of(0, FROM_ASSUMED, 0.5);
    add_part(f, PART_ARRAY_CELLS, cells * cell_area_at(&x->cell, x->node_nm),
             cells * 1e-6 * x->cell.leakage_nw.value * v);
    add_logic(f, &g, PART_ARRAY_MULTIPLIER, multipliers * product);
    add_logic(f, &g, PART_ARRAY_ADDER_TREE, trees * adders * g.full_adder_um2);
    add_logic(f, &g, PART_ARRAY_SHIFT_ADD,
              trees * accumulator_width(x, x->max_input_bits) *
                  (g.full_adder_um2 + g.flipflop_um2));
    add_logic(f, &g, PART_ARRAY_REGISTER, active * (double)x->step_bits * g.flipflop_um2);
    add_part(f, PART_ARRAY_CONTROL, x->control.area_um2, x->control.leakage_mw.value * v);
}

static void digital_facts(const struct array *base, struct array_facts *out)
{
    const struct digital *x = (const struct digital *)base;
    *out = (struct array_facts){.rows = x->rows,
                                .columns = x->columns,
                                .input_bits = (int)x->input_bits,
                                .weight_bits = (int)x->weight_bits,
                                .node_nm = x->node_nm,
                                .vdd_v = x->vdd_v,
                                .is_volatile = true,
                                .endurance = x->cell.endurance,
                                .writes_while_computing = x->writes_while_computing,
                                .signed_inputs = x->signed_inputs,
                                .dynamic_operands = true};
    sum_parts(x, out);
}

/* --- on numbers ------------------------------------------------------------------------------ */

/* Digit number `k` of `digits`, `width` bits each, of a value in two's complement: the top digit
 * carries the sign, so the digits recombine to the value. */
static int64_t digit_of(int64_t value, int k, int digits, int width)
{
    int64_t shifted = value >> (k * width);
    return k == digits - 1 ? shifted : shifted & ((INT64_C(1) << width) - 1);
}

static int64_t tree_sum(const struct digital *x, const struct array_job *job, const int32_t *in,
                        const int32_t *w, int64_t first, int step, int slice)
{
    int steps = (int)ceil_div(job->input_bits, x->step_bits);
    int slices = (int)ceil_div(job->weight_bits, x->tree_bits);
    int64_t last = first + x->active_rows < job->rows ? first + x->active_rows : job->rows;
    int64_t sum = 0;
    for (int64_t i = first; i < last; i++)
        sum += digit_of(in[i], step, steps, (int)x->step_bits) *
               digit_of(w[i * job->outputs], slice, slices, (int)x->tree_bits);
    return sum;
}

static void digital_compute(const struct array *base, const struct array_job *job,
                            const int32_t *in, const int32_t *w, double *y, uint64_t seed,
                            bool ideal)
{
    const struct digital *x = (const struct digital *)base;
    int steps = (int)ceil_div(job->input_bits, x->step_bits);
    int slices = (int)ceil_div(job->weight_bits, x->tree_bits);
    (void)seed, (void)ideal; /* digital sums are exact */
    for (int64_t o = 0; o < job->outputs; o++) {
        double sum = 0;
        for (int64_t first = 0; first < job->rows; first += x->active_rows)
            for (int k = 0; k < steps; k++)
                for (int s = 0; s < slices; s++)
                    sum += ldexp((double)tree_sum(x, job, in, w + o, first, k, s),
                                 k * (int)x->step_bits + s * (int)x->tree_bits);
        y[o] = sum;
    }
}

const struct array_ops array_digital_ops = {
    .kind = "digital",
    .help = "SRAM cells with multipliers and adder trees",
    .schema = &digital_schema,
    .open = digital_open,
    .facts = digital_facts,
    .precision = digital_precision,
    .outputs = digital_outputs,
    .mvm = digital_mvm,
    .write = digital_write,
    .compute = digital_compute,
    .latency_ps = digital_latency_ps,
    .at_vdd = digital_at_vdd,
};
