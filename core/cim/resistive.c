/* resistive.c — arrays of conductances: RRAM, PCM, flash, STT-MRAM, FeFET.
 *
 * A cell conducts for conduct_ns of a read: E = E[V^2] E[G] t with the statistics of the input
 * digit and of the weight's levels.  Sneak paths and selector currents are not modelled.
 *
 * With activity = "family" the energy of a product is the law of the family instead: 2.06 uW for
 * every cell that a conversion reads, for as long as the read lasts, as the root of the node over
 * 28 nm (a pair of cells counts once: the other one is off); 90 % of published macros lie within
 * x/÷ 6.5 of it.  The constant is a total: drivers, converters and control lie in it, so that a
 * breakdown is not known and all of it is booked on the cells; what a config prices is added. */
#include <math.h>

#include "core/base/units.h"
#include "core/cim/analog.h"
#include "core/tech/family_fit.h"

static bool resistive_open(struct arena *a, const struct cfg_group *g, struct array **out,
                           struct diag *d)
{
    struct analog *x = ARENA_NEW(a, struct analog);
    TRY(analog_open(g, x, d));
    if (!cell_is_resistive(&x->cell))
        return cfg_complain(g, "cell", d, "a resistive array needs a cell with conductances");
    if (x->activity == ANALOG_FAMILY_CURRENT)
        return cfg_complain(g, "activity", d,
                            "activity of a resistive array is \"product\" or \"family\"");
    *out = &x->base;
    return true;
}

/* Mean conductance of a cell, microsiemens: in a pair one cell holds the magnitude. */
static double mean_conductance(const struct analog *x, const struct array_job *job)
{
    double on = x->cell.g_on_us.value, off = x->cell.g_off_us.value;
    double level = analog_holds_sign(x) ? job->weight.mean / 2 : job->weight.bit_density;
    return off + (on - off) * level;
}

static struct quantity read_energy(const struct analog *x, const struct array_job *job)
{
    double v = x->cell.read_v;
    double fj = v * v * analog_digit_mean_square(x, job) * mean_conductance(x, job) *
                x->conduct_ns * analog_time_factor(x);
    return quantity_of(PJ_PER_FJ * fj, x->cell.g_on_us.from, x->cell.g_on_us.spread);
}

static struct quantity family_energy(const struct analog *x, const struct array_job *job)
{
    struct analog_counts n = analog_count(x, job);
    double read_ns = n.step_ps / n.passes / PS_PER_NS;
    double v = x->vdd_v / x->reference_vdd_v;
    double of_pair = x->encoding == ANALOG_DIFFERENTIAL ? 0.5 : 1;
    double fj = FAMILY_FIT_CELL_UW * of_pair * read_ns * sqrt(x->node_nm / FAMILY_FIT_NM) * v * v;
    return quantity_of(PJ_PER_FJ * fj, FROM_SOURCE, FAMILY_FIT_RESISTIVE_SPREAD);
}

static void resistive_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct analog *x = (const struct analog *)base;
    analog_mvm(x, job, analog_is_family(x) ? family_energy(x, job) : read_energy(x, job), out);
}

const struct array_ops array_resistive_ops = {
    .kind = "resistive",
    .help = "conductances summed as currents: RRAM, PCM, flash, STT-MRAM, FeFET",
    .schema = &analog_schema,
    .open = resistive_open,
    .facts = analog_facts,
    .precision = analog_precision,
    .outputs = analog_outputs,
    .mvm = resistive_mvm,
    .write = analog_write,
    .compute = analog_compute,
    .latency_ps = analog_latency_ps,
    .family = analog_family,
    .at_vdd = analog_at_vdd,
};
