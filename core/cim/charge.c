/* charge.c — SRAM or eDRAM arrays that sum charge on capacitors.
 *
 * A cell switches C V^2 in a step, times its activity: with activity = "product" the chance that
 * input and weight are both one (each capacitor is charged from ground); with "family" C is the
 * effective constant fitted on the public macros (2.3 fF at 28 nm, as the root of the node), of
 * which 43 % is fixed and the rest goes with the input density over 0.35 (Sinangil et al., JSSC
 * 2021, measured the share); "family_current" is 5 times that, for bit lines that carry a static
 * current.  In a family, rows that are not read load the bit lines: 0.17 fF an idle cell.  The
 * constants are those of core/tech/family_fit.h; they are totals: drivers, registers and the
 * recombination of one step and slice lie in them and are priced only where the config prices them.
 */
#include <math.h>

#include "core/base/units.h"
#include "core/cim/analog.h"
#include "core/tech/family_fit.h"

#define FIXED_SHARE 0.43
#define FAMILY_DENSITY 0.35

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

/* Capacitance of a family's idle cells, of each active one's share. */
static double idle_ff(const struct analog *x)
{
    double idle = (double)(x->rows - x->active_rows) / (double)x->active_rows;
    return analog_is_family(x) ? FAMILY_FIT_IDLE_FF * idle * sqrt(x->node_nm / FAMILY_FIT_NM) : 0;
}

static struct quantity switch_energy(const struct analog *x, const struct array_job *job)
{
    double density = analog_digit_mean(x, job);
    double activity = density * job->weight.bit_density;
    if (analog_is_family(x))
        activity = sqrt(x->node_nm / FAMILY_FIT_NM) *
                   (FIXED_SHARE + (1 - FIXED_SHARE) * density / FAMILY_DENSITY);
    if (x->activity == ANALOG_FAMILY_CURRENT)
        activity *= FAMILY_FIT_STATIC_FACTOR;
    struct quantity ff = quantity_scaled(x->cell.capacitance_ff, activity);
    ff.value += idle_ff(x);
    return quantity_scaled(ff, PJ_PER_FJ * x->vdd_v * x->vdd_v);
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
