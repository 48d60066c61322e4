#include "core/tech/dac.h"

#include <assert.h>
#include <math.h>

#include "core/tech/gates.h"

#define CAPACITIVE_FF_PER_BIT 50.0
#define DRIVER_NANDS 8.0 /* a sized buffer chain in unit gates, assumed */

enum { LADDER_BITS_MAX = 16 };

const char *const dac_kind_words[] = {"driver", "capacitive",      "ladder",
                                      "pulse",  "resistor_ladder", NULL};

/* Node voltages of a ladder whose bit `on` alone is at 1 V: unit branches from each node to its
 * bit and from the last node to ground, branches of 2 between neighbours (Thomas algorithm). */
static void solve_ladder(int bits, int on, double *v)
{
    double upper[LADDER_BITS_MAX];
    for (int i = 0; i < bits; i++) {
        double left = i > 0 ? 2 : 1, right = i + 1 < bits ? 2 : 0;
        double diagonal = 1 + left + right;
        double lower = i > 0 ? 2 : 0;
        double pivot = diagonal - (i > 0 ? lower * upper[i - 1] : 0);
        upper[i] = right / pivot;
        v[i] = ((i == on ? 1 : 0) + (i > 0 ? lower * v[i - 1] : 0)) / pivot;
    }
    for (int i = bits - 2; i >= 0; i--)
        v[i] += upper[i] * v[i + 1];
}

double dac_ladder_activity(int bits, double d)
{
    assert(bits >= 1 && bits <= LADDER_BITS_MAX);
    double sum = 0, v[LADDER_BITS_MAX];
    for (int j = 0; j < bits; j++) {
        solve_ladder(bits, j, v);
        for (int i = 0; i < bits; i++)
            sum += i == j ? d * (1 - v[i]) : -d * d * v[i];
    }
    return sum;
}

double dac_energy_pj(const struct dac *c, double bit_density, double mean)
{
    double v2 = c->vdd_v * c->vdd_v, row = c->row_ff * v2;
    switch (c->kind) {
    case DAC_DRIVER:
        return 1e-3 * row * bit_density;
    case DAC_CAPACITIVE:
        return 1e-3 * (CAPACITIVE_FF_PER_BIT * c->bits * v2 + row * mean);
    case DAC_LADDER:
        return 1e-3 * (c->unit_ff * v2 * dac_ladder_activity(c->bits, bit_density) + row * mean);
    case DAC_PULSE:
        return 1e-3 * row * mean * (exp2(c->bits) - 1);
    case DAC_RESISTOR_LADDER: /* V^2 / kohm x ns = pJ */
        return v2 / (2 * c->unit_kohm) * c->ns * dac_ladder_activity(c->bits, bit_density) +
               1e-3 * row * mean;
    }
    assert(false && "a DAC kind of the list");
    return 0;
}

double dac_area_um2(const struct dac *c)
{
    struct gates g = gates_at(c->nm, 0.9);
    double per_bit = c->kind == DAC_DRIVER ? 0 : c->bits * 2 * DRIVER_NANDS;
    return (DRIVER_NANDS + per_bit) * g.nand_um2;
}
