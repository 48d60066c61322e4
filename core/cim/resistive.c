/* resistive.c — arrays of conductances: RRAM, PCM, flash, STT-MRAM, FeFET.
 *
 * A cell conducts for conduct_ns of a read: E = E[V^2] E[G] t with the statistics of the input
 * digit and of the weight's levels.  Sneak paths and selector currents are not modelled. */
#include "core/base/units.h"
#include "core/cim/analog.h"

static bool resistive_open(struct arena *a, const struct cfg_group *g, struct array **out,
                           struct diag *d)
{
    struct analog *x = ARENA_NEW(a, struct analog);
    TRY(analog_open(g, x, d));
    if (!cell_is_resistive(&x->cell))
        return cfg_complain(g, "cell", d, "a resistive array needs a cell with conductances");
    *out = &x->base;
    return true;
}

/* Mean conductance of a cell, microsiemens: in a pair one cell holds the magnitude. */
static double mean_conductance(const struct analog *x, const struct array_job *job)
{
    double on = x->cell.g_on_us.value, off = x->cell.g_off_us.value;
    double level =
        x->encoding == ANALOG_DIFFERENTIAL ? job->weight.mean / 2 : job->weight.bit_density;
    return off + (on - off) * level;
}

static struct quantity read_energy(const struct analog *x, const struct array_job *job)
{
    double v = x->cell.read_v;
    double fj = v * v * analog_digit_mean_square(x, job) * mean_conductance(x, job) *
                x->conduct_ns * analog_time_factor(x);
    return quantity_of(PJ_PER_FJ * fj, x->cell.g_on_us.from, x->cell.g_on_us.spread);
}

static void resistive_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct analog *x = (const struct analog *)base;
    analog_mvm(x, job, read_energy(x, job), out);
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
    .at_vdd = analog_at_vdd,
};
