/* Signal to noise of an array's arithmetic, over random operands. */
#include <assert.h>
#include <math.h>

#include "core/base/rng.h"
#include "core/cim/array.h"

/* |x| <= largest: zero with the statistics' chance, else half-normal with its mean square. */
static double draw_magnitude(struct rng *r, const struct operand_stats *s, double largest)
{
    if (s->density <= 0 || rng_uniform(r) >= s->density)
        return 0;
    double sigma = sqrt(s->mean_square / s->density) * largest;
    return fmin(fmax(round(fabs(sigma * rng_normal(r))), fmin(1, largest)), largest);
}

static void draw_operands(struct rng *r, const struct array_job *job, bool signed_inputs,
                          int32_t *in, int32_t *w)
{
    double largest = exp2(job->input_bits - (signed_inputs ? 1 : 0)) - 1;
    for (int64_t i = 0; i < job->rows; i++) {
        in[i] = (int32_t)fmin(draw_magnitude(r, &job->input, largest), INT32_MAX);
        if (signed_inputs && (rng_bits(r) & 1) != 0)
            in[i] = -in[i];
    }
    double largest_weight = exp2(job->weight_bits - 1) - 1;
    for (int64_t i = 0; i < job->rows * job->outputs; i++) {
        if (job->weight_bits == 1) {
            w[i] = rng_uniform(r) < job->weight.density ? -1 : 0;
            continue;
        }
        double magnitude = draw_magnitude(r, &job->weight, largest_weight);
        w[i] = (int32_t)((rng_bits(r) & 1) != 0 ? -magnitude : magnitude);
    }
}

double array_sqnr_db(struct arena *a, const struct array *x, const struct array_job *job,
                     unsigned samples, uint64_t seed)
{
    assert(x->ops->compute != NULL && samples > 0);
    int32_t *in = ARENA_ARRAY(a, int32_t, job->rows);
    int32_t *w = ARENA_ARRAY(a, int32_t, job->rows * job->outputs);
    double *exact = ARENA_ARRAY(a, double, job->outputs);
    double *real = ARENA_ARRAY(a, double, job->outputs);
    struct rng r = rng_open(seed, "array.sqnr");
    struct array_facts facts;
    double signal = 0, noise = 0;
    x->ops->facts(x, &facts);
    for (unsigned i = 0; i < samples; i++) {
        draw_operands(&r, job, facts.signed_inputs, in, w);
        x->ops->compute(x, job, in, w, exact, seed + i, true);
        x->ops->compute(x, job, in, w, real, seed + i, false);
        for (int64_t o = 0; o < job->outputs; o++) {
            signal += exact[o] * exact[o];
            noise += (real[o] - exact[o]) * (real[o] - exact[o]);
        }
    }
    if (noise == 0)
        return ARRAY_SQNR_EXACT_DB;
    return fmin(10 * log10(signal / noise), ARRAY_SQNR_EXACT_DB);
}
