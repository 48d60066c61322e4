#include "core/cim/macro.h"

#include "core/base/units.h"

static void add_actions(const struct cost *c, struct macro_result *out)
{
    for (unsigned i = 0; i < c->count; i++) {
        double pj = c->actions[i].count * c->actions[i].pj.value;
        out->part_pj[c->actions[i].part] += pj;
        out->energy_pj += pj;
    }
}

static void add_facts(const struct array_facts *f, double duration_ps, struct macro_result *out)
{
    double leakage_pj = mw_ps_to_pj(f->leakage_mw.value, duration_ps);
    out->part_pj[PART_LEAKAGE] += leakage_pj;
    out->energy_pj += leakage_pj;
    out->area_um2 = f->area_um2;
    for (unsigned i = 0; i < f->part_count; i++)
        out->part_um2[f->parts[i].part] += f->parts[i].area_um2;
}

bool macro_evaluate(struct arena *a, const struct array *x, double input_density,
                    double weight_density, double vdd_v, struct macro_result *out, struct diag *d)
{
    struct array *scaled = NULL;
    if (vdd_v > 0) {
        TRY(array_at_vdd(a, x, vdd_v, &scaled, d));
        x = scaled;
    }
    struct array_job job = array_full_job(x, input_density, weight_density);
    struct array_facts facts;
    struct cost cost;
    x->ops->facts(x, &facts);
    x->ops->mvm(x, &job, &cost);
    *out = (struct macro_result){.input_bits = facts.input_bits,
                                 .weight_bits = facts.weight_bits,
                                 .vdd_v = facts.vdd_v,
                                 .latency_ns = array_latency_ps(x, &job) / PS_PER_NS};
    add_actions(&cost, out);
    add_facts(&facts, cost.duration_ps, out);
    double ops = 2.0 * (double)job.rows * (double)job.outputs;
    out->sustained_tops = ops / cost.duration_ps; /* operations per ps */
    out->tops = facts.peak_tops > 0 ? facts.peak_tops : out->sustained_tops;
    out->tops_per_w = ops / out->energy_pj;
    out->tops_per_mm2 = out->tops / (out->area_um2 / UM2_PER_MM2);
    return true;
}
