/* Area and leakage of a digital array, from its gates or from what its config prices. */
#include <math.h>

#include "core/base/units.h"
#include "core/cim/digital.h"

static void add_logic(struct array_facts *f, const struct gates *g, enum part part, double area_um2)
{
    array_add_part(f, part, area_um2, area_um2 / UM2_PER_MM2 * g->leakage_mw_per_mm2);
}

double digital_trees(const struct digital *x)
{
    return floor((double)x->columns / (double)(x->tree_bits + x->guard_columns));
}

/* Multiplier and adders of one row of one tree. */
static double multiplier_um2(const struct digital *x, const struct gates *g)
{
    double weight = (double)x->tree_bits, digits = digital_booth_digits(x);
    if (x->multiplier == DIGITAL_BOOTH)
        return digits * (weight + 1) * (2 * g->nand_um2 + g->xor_um2) +
               (digits - 1) * (weight + 2) * g->full_adder_um2;
    return weight *
           ((double)x->step_bits * g->nand_um2 + (double)(x->step_bits - 1) * g->full_adder_um2);
}

static void add_gates(const struct digital *x, const struct gates *g, struct array_facts *f)
{
    double active = (double)x->active_rows, trees = digital_trees(x),
           bits = digital_product_bits(x);
    double adders = adder_tree_adders(active, (int)bits), registers = 0;
    if (x->accumulation == DIGITAL_CHAIN) {
        adders = active * bits;
        registers = active / (double)x->chain_rows * bits;
    }
    add_logic(f, g, PART_ARRAY_MULTIPLIER, active * trees * multiplier_um2(x, g));
    add_logic(f, g, PART_ARRAY_ADDER_TREE, trees * adders * g->full_adder_um2);
    add_logic(f, g, PART_ARRAY_REGISTER, trees * registers * g->flipflop_um2);
}

/* A component that the config prices has the area that it says. */
static void add_priced(const struct digital *x, struct array_facts *f, enum digital_component c,
                       enum part part, double instances)
{
    double v = x->vdd_v / x->reference_vdd_v;
    array_add_part(f, part, instances * x->components[c].area_um2,
                   instances * x->components[c].leakage_mw.value * v);
}

void digital_sum_parts(const struct digital *x, struct array_facts *f)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    double cells = (double)(x->rows * x->columns), active = (double)x->active_rows;
    double v = x->vdd_v / x->reference_vdd_v, trees = digital_trees(x);
    f->leakage_mw = quantity_of(0, FROM_ASSUMED, 0.5);
    if (x->given[DIGITAL_COMPUTE]) {
        add_priced(x, f, DIGITAL_COMPUTE, PART_ARRAY_CELLS, cells);
    } else {
        array_add_part(f, PART_ARRAY_CELLS, cells * cell_area_at(&x->cell, x->node_nm),
                       cells * 1e-6 * x->cell.leakage_nw.value * v);
        add_gates(x, &g, f);
    }
    if (x->given[DIGITAL_ACCUMULATOR])
        add_priced(x, f, DIGITAL_ACCUMULATOR, PART_ARRAY_SHIFT_ADD, trees);
    else
        add_logic(f, &g, PART_ARRAY_SHIFT_ADD,
                  trees * digital_accumulator_bits(x, x->max_input_bits) *
                      (g.full_adder_um2 + g.flipflop_um2));
    if (x->given[DIGITAL_DRIVER])
        add_priced(x, f, DIGITAL_DRIVER, PART_ARRAY_DRIVER, (double)x->rows);
    else
        add_logic(f, &g, PART_ARRAY_REGISTER, active * (double)x->step_bits * g.flipflop_um2);
    add_priced(x, f, DIGITAL_DECODER, PART_ARRAY_DRIVER, 1);
    add_priced(x, f, DIGITAL_CONTROL, PART_ARRAY_CONTROL, 1);
}
