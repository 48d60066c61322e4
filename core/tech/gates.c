#include "core/tech/gates.h"

#include <assert.h>
#include <math.h>

#include "core/tech/node.h"

#define REFERENCE_NM 28.0
#define REFERENCE_V 0.9
#define NAND_FF 0.7
#define NAND_UM2 0.614
#define NAND_PS 47.8
#define XOR_CAPACITANCE 1.5
#define XOR_SIZE 2.4 /* area and delay */
#define FLIPFLOP_CAPACITANCE 3.0
#define FLIPFLOP_AREA 6.0
#define FULL_ADDER_AREA 5.33 /* 3.04 um over 0.57 um of the same height */
/* Low-power logic: 3 mW per mm2 and volt at 7 nm, as the root of the inverse node (assumed). */
#define LEAKAGE_MW_PER_MM2_V 3.0
#define LEAKAGE_NM 7.0

struct gates gates_at(double nm, double vdd_v)
{
    struct gates g = {.nm = nm, .vdd_v = vdd_v};
    double capacitance = NAND_FF * fmax(1, nm / REFERENCE_NM);
    double area = node_area_factor(REFERENCE_NM, nm);
    double delay = sqrt(nm / REFERENCE_NM) * node_alpha_power(vdd_v, REFERENCE_V);
    g.nand_fj = capacitance * vdd_v * vdd_v;
    g.xor_fj = XOR_CAPACITANCE * g.nand_fj;
    g.flipflop_fj = FLIPFLOP_CAPACITANCE * g.nand_fj;
    g.full_adder_fj = 3 * g.nand_fj + 2 * g.xor_fj;
    g.nand_um2 = NAND_UM2 * area;
    g.xor_um2 = XOR_SIZE * g.nand_um2;
    g.flipflop_um2 = FLIPFLOP_AREA * g.nand_um2;
    g.full_adder_um2 = FULL_ADDER_AREA * g.nand_um2;
    g.nand_ps = NAND_PS * delay;
    g.xor_ps = XOR_SIZE * g.nand_ps;
    g.leakage_mw_per_mm2 = LEAKAGE_MW_PER_MM2_V * vdd_v * sqrt(LEAKAGE_NM / nm);
    return g;
}

double adder_tree_adders(double inputs, int bits)
{
    assert(inputs >= 1 && bits >= 1);
    return bits * (inputs - 1) + inputs - 1 - log2(inputs);
}

double adder_tree_delay_ps(const struct gates *g, double inputs, int bits)
{
    if (inputs <= 1)
        return 0;
    double levels = ceil(log2(inputs));
    double last_bits = bits + levels - 1;
    double sum_ps = 2 * g->xor_ps, carry_ps = 2 * g->nand_ps;
    return (levels - 1) * sum_ps + last_bits * carry_ps;
}

double adder_tree_toggle(double inputs, double toggle)
{
    double sum = 0, weight = 1, weights = 0;
    for (double left = inputs; left > 1; left /= 2) {
        sum += weight * toggle;
        weights += weight;
        weight /= 2;
        toggle = 2 * toggle * (1 - toggle); /* an odd number of two inputs toggles */
    }
    return weights > 0 ? sum / weights : 0;
}
