/* What one product on a digital array did: counts from its structure, prices from gates and toggle
 * rates, or from what its config prices. */
#include <math.h>

#include "core/base/units.h"
#include "core/cim/digital.h"
#include "core/tech/wire.h"

#define GATE_FF 0.35           /* an input of a multiplier on a row wire: half a NAND2 at 28 nm */
#define ACCUMULATOR_TOGGLE 0.5 /* random sums */

/* Counts of one job, and the gates at this node and supply. */
struct work {
    struct gates gates;
    double rows, steps, groups, trees; /* used rows; n_x; g; outputs x slices */
    double product_bits;               /* entering the adders per row */
    double accumulator_bits;           /* of one tree's accumulator */
    double input_toggle, product_toggle;
};

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
    w.product_bits = digital_product_bits(x);
    w.accumulator_bits = digital_accumulator_bits(x, job->input_bits);
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

/* --- prices ---------------------------------------------------------------------------------- */

static struct quantity price(const struct digital *x, enum digital_component c)
{
    double v = x->vdd_v / x->reference_vdd_v;
    return quantity_scaled(x->components[c].energy_pj, v * v);
}

static void add_inputs(const struct digital *x, const struct work *w, struct cost *out)
{
    double bits = w->rows * w->steps * (double)x->step_bits;
    double wire_pj = PJ_PER_FJ * row_capacitance_ff(x) * x->vdd_v * x->vdd_v * w->input_toggle;
    if (x->given[DIGITAL_DRIVER]) {
        cost_add(out, PART_ARRAY_DRIVER, "input", w->rows * w->steps, price(x, DIGITAL_DRIVER));
        return;
    }
    cost_add(out, PART_ARRAY_REGISTER, "input", bits, of_gates(w->gates.flipflop_fj));
    cost_add(out, PART_ARRAY_DRIVER, "input", bits, quantity_of(wire_pj, FROM_ASSUMED, 0.5));
}

/* Radix-4 digits select 0, 1 or 2 times the weight and its sign: two NANDs and an XOR a bit, three
 * XORs a digit and row to recode.  A selector toggles half the time when one of the three input
 * bits of its digit does. */
static double add_booth(const struct digital *x, const struct work *w, struct cost *out)
{
    double digits = digital_booth_digits(x), still = 1 - w->input_toggle;
    double toggle = 0.5 * (1 - still * still * still);
    double row_steps = w->rows * w->steps, products = row_steps * w->trees;
    double select_fj = 2 * w->gates.nand_fj + w->gates.xor_fj;
    cost_add(out, PART_ARRAY_MULTIPLIER, "recode", row_steps * digits,
             of_gates(3 * w->gates.xor_fj * toggle));
    cost_add(out, PART_ARRAY_MULTIPLIER, "select", products * digits * (double)(x->tree_bits + 1),
             of_gates(select_fj * toggle));
    cost_add(out, PART_ARRAY_MULTIPLIER, "add",
             products * (digits - 1) * (double)(x->tree_bits + 2),
             of_gates(w->gates.full_adder_fj * adder_tree_toggle(digits, toggle)));
    return toggle;
}

/* Returns the toggle rate of a product's bits: those of parallel multipliers have met adders. */
static double add_products(const struct digital *x, const struct work *w, struct cost *out)
{
    double per_step = w->rows * w->trees * w->steps, toggle = w->product_toggle;
    double inputs = (double)x->step_bits;
    if (w->groups > 1) /* another group's weights are switched in once per vector */
        cost_add(out, PART_ARRAY_CELLS, "select", w->rows * w->trees * (double)x->tree_bits,
                 of_gates(w->gates.nand_fj * 0.5));
    if (x->multiplier == DIGITAL_BOOTH) {
        toggle = add_booth(x, w, out);
        inputs = digital_booth_digits(x);
    } else {
        cost_add(out, PART_ARRAY_MULTIPLIER, "and", per_step * inputs * (double)x->tree_bits,
                 of_gates(w->gates.nand_fj * toggle));
        cost_add(out, PART_ARRAY_MULTIPLIER, "add", per_step * (inputs - 1) * (double)x->tree_bits,
                 of_gates(w->gates.full_adder_fj * adder_tree_toggle(inputs, toggle)));
    }
    for (double left = inputs; left > 1; left /= 2)
        toggle = 2 * toggle * (1 - toggle);
    return toggle;
}

/* Mean transitions of the sums of a chain of n adders.  A register hands on settled sums: they
 * toggle when an odd number of products before did.  From there to the next one nothing waits: each
 * product that toggles sends a transition of its own through all adders after it. */
static double chain_toggle(double n, double stretch, double toggle)
{
    double sum = 0, settled = 0, here = 0, since = 0;
    for (double i = 0; i < n; i++) {
        double met = settled * (1 - toggle) + toggle * (1 - settled);
        here = since == 0 ? met : here + toggle;
        settled = met;
        since = since + 1 < stretch ? since + 1 : 0;
        sum += here;
    }
    return sum / n;
}

static void add_chain(const struct digital *x, const struct work *w, double toggle,
                      struct cost *out)
{
    double active = (double)x->active_rows, rows = fmin(w->rows, active);
    double per_step = w->trees * w->steps * digital_weight_columns(x);
    double registers = ceil(w->rows / (double)x->chain_rows);
    cost_add(out, PART_ARRAY_ADDER_TREE, "add", per_step * w->rows,
             of_gates(w->gates.full_adder_fj * chain_toggle(rows, (double)x->chain_rows, toggle)));
    cost_add(out, PART_ARRAY_REGISTER, "sum", per_step * registers, of_gates(w->gates.flipflop_fj));
}

static void add_tree(const struct digital *x, const struct work *w, double product_toggle,
                     struct cost *out)
{
    double tree_inputs = (double)x->active_rows;
    double adders = adder_tree_adders(tree_inputs, (int)w->product_bits) / tree_inputs;
    double toggle = adder_tree_toggle(tree_inputs, product_toggle);
    cost_add(out, PART_ARRAY_ADDER_TREE, "add", w->rows * w->trees * w->steps * adders,
             of_gates(w->gates.full_adder_fj * toggle));
}

/* Cell, multiplier and adder of each column in use. */
static void add_compute(const struct digital *x, const struct work *w, struct cost *out)
{
    double columns = w->trees * digital_weight_columns(x);
    if (x->given[DIGITAL_COMPUTE]) {
        cost_add(out, PART_ARRAY_CELLS, "compute", w->rows * w->steps * columns,
                 price(x, DIGITAL_COMPUTE));
        return;
    }
    double toggle = add_products(x, w, out);
    if (x->accumulation == DIGITAL_CHAIN)
        add_chain(x, w, toggle, out);
    else
        add_tree(x, w, toggle, out);
}

static void add_sums(const struct digital *x, const struct work *w, struct cost *out)
{
    double sums = w->trees * w->steps * w->groups;
    double accumulate_fj = ACCUMULATOR_TOGGLE * w->gates.full_adder_fj + w->gates.flipflop_fj;
    if (x->given[DIGITAL_ACCUMULATOR])
        cost_add(out, PART_ARRAY_SHIFT_ADD, "accumulate", sums, price(x, DIGITAL_ACCUMULATOR));
    else
        cost_add(out, PART_ARRAY_SHIFT_ADD, "accumulate", sums * w->accumulator_bits,
                 of_gates(accumulate_fj));
}

void digital_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct digital *x = (const struct digital *)base;
    struct work w = work_of(x, job);
    cost_clear(out);
    out->duration_ps = w.steps * w.groups * digital_cycle_ps(x);
    add_inputs(x, &w, out);
    add_compute(x, &w, out);
    add_sums(x, &w, out);
    cost_add(out, PART_ARRAY_DRIVER, "decode", w.steps * w.groups, price(x, DIGITAL_DECODER));
    cost_add(out, PART_ARRAY_CONTROL, "step", w.steps * w.groups, price(x, DIGITAL_CONTROL));
}
