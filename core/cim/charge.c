/* charge.c — SRAM or eDRAM arrays that sum charge on capacitors.
 *
 * A cell switches C V^2 in a step, times its activity: with activity = "product" the chance that
 * input and weight are both one (each capacitor is charged from ground); with "family" C is the
 * effective constant fitted on the public macros (2.2 fF at 28 nm, as the root of the node), of
 * which 43 % is fixed and the rest goes with the input density over 0.35 (Sinangil et al., JSSC
 * 2021, measured the share); "family_current" is 5.1 times that, for bit lines that carry a static
 * current.  The family constants are totals: drivers, registers and the recombination of one step
 * and slice lie in them and are priced only where the config prices them. */
#include <math.h>

#include "core/base/units.h"
#include "core/cim/analog.h"

#define FIXED_SHARE 0.43
#define FAMILY_DENSITY 0.35
#define FAMILY_NM 28.0
#define CURRENT_FACTOR 5.1

static bool charge_open(struct arena *a, const struct cfg_group *g, struct array **out,
                        struct diag *d)
{
    struct analog *x = ARENA_NEW(a, struct analog);
    TRY(analog_open(g, x, d));
    if (cell_is_resistive(&x->cell))
        return cfg_complain(g, "cell", d, "a charge array needs an SRAM or eDRAM cell");
    if (x->cell.capacitance_ff.value <= 0 && !x->given[ANALOG_CELL_READ])
        return cfg_complain(g, "cell", d, "a charge array needs a cell with capacitance_ff");
    *out = &x->base;
    return true;
}

static struct quantity switch_energy(const struct analog *x, const struct array_job *job)
{
    double density = analog_digit_mean(x, job);
    double activity = density * job->weight.bit_density;
    if (analog_is_family(x))
        activity = sqrt(x->node_nm / FAMILY_NM) *
                   (FIXED_SHARE + (1 - FIXED_SHARE) * density / FAMILY_DENSITY);
    if (x->activity == ANALOG_FAMILY_CURRENT)
        activity *= CURRENT_FACTOR;
    return quantity_scaled(x->cell.capacitance_ff, PJ_PER_FJ * activity * x->vdd_v * x->vdd_v);
}

static void charge_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct analog *x = (const struct analog *)base;
    analog_mvm(x, job, switch_energy(x, job), out);
}

const struct array_ops array_charge_ops = {
    .kind = "charge",
    .help = "capacitors summed as charge: SRAM and eDRAM macros",
    .schema = &analog_schema,
    .open = charge_open,
    .facts = analog_facts,
    .precision = analog_precision,
    .outputs = analog_outputs,
    .mvm = charge_mvm,
    .write = analog_write,
    .compute = analog_compute,
    .latency_ps = analog_latency_ps,
    .family = analog_family,
    .at_vdd = analog_at_vdd,
};
