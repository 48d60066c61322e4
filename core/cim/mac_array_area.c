/* Area and leakage of a MAC array, and its flip-flops. */
#include <math.h>

#include "core/base/units.h"
#include "core/cim/mac_array.h"
#include "core/tech/gates.h"
#include "core/tech/node.h"

/* Areas: unit gates (gates.h); the rest is assumed. */
#define SRAM_UM2_28NM 0.127
#define SRAM_LEAKAGE_NW 0.05 /* per bit */
#define LAYOUT_DENSITY 0.7
#define FLOAT_ADD_NANDS 700.0 /* aligning, adding and normalising 24 bits */

/* Operand bits that enter a cell in a cycle. */
static double cell_bits(const struct mac_array *x)
{
    double most = 0;
    for (int i = 0; i < MAC_WIDTHS; i++)
        if (x->formats[i].number != MAC_NONE)
            most = fmax(most, (double)(mac_widths[i] * x->formats[i].macs));
    return most;
}

/* Flip-flops of a cell: a systolic cell passes inputs on and sums down; lanes share an
 * accumulator. */
double mac_array_flipflops(const struct mac_array *x)
{
    double sum = (double)x->accumulator_bits;
    if (x->engine == MAC_SYSTOLIC)
        return 1.5 * cell_bits(x) + sum;
    return 1.5 * cell_bits(x) + 2 * sum / (double)x->engine_rows + 4;
}

double mac_array_cells(const struct mac_array *x)
{
    return (double)(x->engine_rows * x->engine_columns * x->engines);
}

/* A multiplier and its adder: a product of b bits is b^2 ANDs and b (b - 1) full adders. */
static double format_um2(const struct mac_array *x, const struct gates *g, int format)
{
    static const double significand[MAC_WIDTHS] = {2, 4, 11};
    int number = x->formats[format].number;
    bool is_bfloat16 = number == MAC_BFLOAT && mac_widths[format] == 16;
    double bits = number == MAC_INT ? mac_widths[format] : is_bfloat16 ? 8 : significand[format];
    double product = bits * bits * g->nand_um2 + bits * (bits - 1) * g->full_adder_um2;
    double add = number == MAC_INT ? (double)x->accumulator_bits * g->full_adder_um2
                                   : FLOAT_ADD_NANDS * g->nand_um2;
    return (double)x->formats[format].macs * (product + add);
}

static double mac_um2(const struct mac_array *x, const struct gates *g)
{
    double most = 0;
    if (x->mac_um2 > 0)
        return x->mac_um2;
    for (int i = 0; i < MAC_WIDTHS; i++)
        if (x->formats[i].number != MAC_NONE)
            most = fmax(most, format_um2(x, g, i) / LAYOUT_DENSITY);
    return most;
}

static double register_um2(const struct mac_array *x, const struct gates *g)
{
    return mac_array_flipflops(x) * g->flipflop_um2 / LAYOUT_DENSITY;
}

double mac_array_side_mm(const struct mac_array *x)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    double cells = (double)(x->engine_rows * x->engine_columns);
    return sqrt(cells * (mac_um2(x, &g) + register_um2(x, &g)) / UM2_PER_MM2);
}

static void add_logic(struct array_facts *f, const struct gates *g, enum part part, double area_um2)
{
    array_add_part(f, part, area_um2, area_um2 / UM2_PER_MM2 * g->leakage_mw_per_mm2);
}

void mac_array_sum_parts(const struct mac_array *x, struct array_facts *f)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    double v = x->vdd_v / x->reference_vdd_v, cells = mac_array_cells(x);
    double stored = (double)x->store_bytes * 8 / (double)x->cell.bits;
    double buffered = (double)(x->buffer_bytes * x->engines) * 8;
    double sram_um2 = SRAM_UM2_28NM * node_area_factor(28, x->node_nm);
    f->leakage_mw = quantity_of(0, FROM_ASSUMED, 0.5);
    array_add_part(f, PART_ARRAY_CELLS,
                   stored * cell_area_at(&x->cell, x->node_nm) / x->store_efficiency,
                   stored * 1e-6 * x->cell.leakage_nw.value * v);
    array_add_part(f, PART_BUFFER, buffered * sram_um2 / x->store_efficiency,
                   buffered * 1e-6 * SRAM_LEAKAGE_NW * v);
    add_logic(f, &g, PART_ARRAY_MULTIPLIER, cells * mac_um2(x, &g));
    add_logic(f, &g, PART_ARRAY_REGISTER, cells * register_um2(x, &g));
    array_add_part(f, PART_ARRAY_CONTROL, x->control.area_um2, x->control.leakage_mw.value * v);
}
