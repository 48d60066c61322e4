#include "core/fit/macro_interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/rng.h"
#include "core/base/units.h"

/* Relative standard uncertainty of a price that states none, by trust. */
static const double unstated[] = {0.1, 0.2, 0.0, 0.5};

static double sigma_of(const struct quantity *q)
{
    double spread = q->spread > 0 ? q->spread : unstated[q->from];
    return sqrt(log1p(spread * spread));
}

/* --- by the family ---------------------------------------------------------------------------- */

static const struct fit_family *family_of(const struct family_facts *f)
{
    if (!f->prices_by_family)
        return NULL;
    if (f->family == FAMILY_ANALOG_SRAM)
        return &fit_family_analog_sram;
    return f->family == FAMILY_RESISTIVE ? &fit_family_resistive : NULL;
}

static double model_pj(const struct array *x, const struct array_job *job, struct cost *cost)
{
    struct array_facts facts;
    double pj = 0;
    x->ops->facts(x, &facts);
    x->ops->mvm(x, job, cost);
    for (unsigned i = 0; i < cost->count; i++)
        pj += cost->actions[i].count * cost->actions[i].pj.value;
    return pj + mw_ps_to_pj(facts.leakage_mw.value, cost->duration_ps);
}

static bool by_family(struct arena *a, const struct macro_question *q, const struct benchmark *b,
                      struct macro_interval *out)
{
    struct array_job job = array_full_job(q->array, q->input_density, q->weight_density);
    struct family_facts facts = array_family_facts(q->array, &job);
    const struct fit_family *f = family_of(&facts);
    struct fit_estimate e;
    struct cost cost;
    if (!f || !fit_family_estimate(a, f, b, &facts, NULL, 0, &e))
        return false;
    struct fit_draws draws = {q->samples, q->seed, NAN, NAN};
    double middle = e.value;
    if (q->fixed_density) {
        draws.input_density = q->input_density;
        draws.weight_density = q->weight_density;
        middle *= fit_density_factor(q->input_density, q->weight_density);
    }
    struct fit_interval w = fit_family_interval(f, &e, &facts, &draws);
    double own = facts.ops / model_pj(q->array, &job, &cost);
    *out = (struct macro_interval){own * middle / w.high, own * middle / w.median,
                                   own * middle / w.low, true};
    return true;
}

/* --- by the spreads of its prices ------------------------------------------------------------- */

static double draw_within(struct rng *r, double mean, double sigma, double least, double most)
{
    return fmin(fmax(mean + sigma * rng_normal(r), least), most);
}

/* One array at drawn densities and prices: TOPS/W. */
static double draw(const struct macro_question *q, struct rng *r)
{
    double input = q->input_density, weight = q->weight_density;
    if (!q->fixed_density) {
        input = draw_within(r, FIT_INPUT_MEAN, FIT_INPUT_SIGMA, FIT_INPUT_LEAST, FIT_INPUT_MOST);
        weight = draw_within(r, FIT_WEIGHT_MEAN, FIT_WEIGHT_SIGMA, 0, 1);
    }
    struct array_job job = array_full_job(q->array, input, weight);
    struct array_facts facts;
    struct cost cost;
    q->array->ops->facts(q->array, &facts);
    double pj = model_pj(q->array, &job, &cost);
    double factors[COST_ACTIONS_MAX];
    for (unsigned i = 0; i < cost.count; i++) {
        const struct quantity *price = &cost.actions[i].pj;
        factors[i] = rng_lognormal(r, sigma_of(price));
        for (unsigned k = 0; k < i; k++) /* like prices move together */
            if (cost.actions[k].part == cost.actions[i].part &&
                cost.actions[k].pj.spread == price->spread &&
                cost.actions[k].pj.from == price->from)
                factors[i] = factors[k];
        pj += cost.actions[i].count * price->value * (factors[i] - 1);
    }
    pj += mw_ps_to_pj(facts.leakage_mw.value, cost.duration_ps) *
          (rng_lognormal(r, sigma_of(&facts.leakage_mw)) - 1);
    return 2.0 * (double)job.rows * (double)job.outputs / pj;
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void by_spreads(struct arena *a, const struct macro_question *q, struct macro_interval *out)
{
    double *values = ARENA_ARRAY(a, double, q->samples), last = (double)(q->samples - 1);
    struct rng r = rng_open(q->seed, "macro.interval");
    for (size_t i = 0; i < q->samples; i++)
        values[i] = draw(q, &r);
    qsort(values, q->samples, sizeof *values, by_value);
    *out = (struct macro_interval){values[(size_t)lround(0.05 * last)],
                                   values[(size_t)lround(0.5 * last)],
                                   values[(size_t)lround(0.95 * last)], false};
}

void macro_interval(struct arena *a, const struct macro_question *q, const struct benchmark *b,
                    struct macro_interval *out)
{
    assert(q->samples >= MACRO_SAMPLES_MIN && q->samples <= FIT_SAMPLES_MAX);
    if (!by_family(a, q, b, out))
        by_spreads(a, q, out);
}
