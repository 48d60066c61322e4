#include "core/fit/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/rng.h"

#define FIXED_SHARE 0.43
#define STYLE_LEAST 0.05

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

double fit_density_factor(double input_density, double weight_density)
{
    double input = isnan(input_density) ? 1 : input_density / FIT_INPUT_MEAN;
    double weight = isnan(weight_density) ? 1 : weight_density / FIT_WEIGHT_MEAN;
    return FIXED_SHARE + (1 - FIXED_SHARE) * input * weight;
}

/* The factor at statistics of which those that nobody published are drawn. */
static double draw_density(struct rng *r, double input, double weight)
{
    if (isnan(input))
        input = fmin(fmax(FIT_INPUT_MEAN + FIT_INPUT_SIGMA * rng_normal(r), FIT_INPUT_LEAST),
                     FIT_INPUT_MOST);
    if (isnan(weight))
        weight = FIT_WEIGHT_MEAN + FIT_WEIGHT_SIGMA * rng_normal(r);
    return fit_density_factor(input, weight);
}

/* Variance of the logarithm of drawn density factors, about their factor 1. */
static double density_variance(uint64_t seed)
{
    enum { DRAWS = 4000 };
    struct rng r = rng_open(seed, "fit.density.variance");
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = log(draw_density(&r, NAN, NAN));
        sum += x * x;
    }
    return sum / DRAWS;
}

/* Quantiles of a normal with a variance estimated from n values, over those of a known one. */
static double widened(double sigma, size_t chips)
{
    const double z = 1.6448536;
    return chips < 2 ? sigma : sigma * (1 + (z * z + 1) / (4 * (double)(chips - 1)));
}

static double style_sigma(const struct fit_family *f, const struct fit_estimate *e, uint64_t seed)
{
    double density = f->is_energy ? density_variance(seed) : 0;
    double rest = e->sigma * e->sigma - density;
    return widened(sqrt(fmax(rest, STYLE_LEAST * STYLE_LEAST)), e->chips);
}

static double draw(const struct fit_family *f, const struct fit_estimate *e,
                   const struct family_facts *facts, const struct fit_draws *draws, double style,
                   struct rng *r)
{
    const double *constants = e->others[rng_below(r, e->other_count)];
    double value = f->law.value(constants, facts) * rng_lognormal(r, style);
    return f->is_energy ? value * draw_density(r, draws->input_density, draws->weight_density)
                        : value;
}

struct fit_interval fit_family_interval(const struct fit_family *f, const struct fit_estimate *e,
                                        const struct family_facts *facts,
                                        const struct fit_draws *draws)
{
    size_t samples = draws->samples;
    assert(samples >= 2 && samples <= FIT_SAMPLES_MAX);
    struct arena *scratch = arena_open();
    double *values = ARENA_ARRAY(scratch, double, samples);
    double style = style_sigma(f, e, draws->seed);
    struct rng r = rng_open(draws->seed, "fit.interval");
    for (size_t i = 0; i < samples; i++)
        values[i] = draw(f, e, facts, draws, style, &r);
    qsort(values, samples, sizeof *values, by_value);
    double last = (double)(samples - 1);
    struct fit_interval out = {values[(size_t)lround(0.05 * last)],
                               values[(size_t)lround(0.5 * last)],
                               values[(size_t)lround(0.95 * last)]};
    arena_close(scratch);
    return out;
}

struct fit_coverage fit_family_coverage(const struct fit_family *f, const struct benchmark *b,
                                        uint64_t seed)
{
    struct fit_coverage out = {0, NAN};
    struct arena *scratch = arena_open();
    struct fit_set s = fit_family_points(scratch, f, b);
    double *widths = ARENA_ARRAY(scratch, double, s.count);
    size_t inside = 0;
    for (size_t i = 0; i < s.count; i++) {
        int64_t chip = strtoll(s.points[i].chip, NULL, 10);
        struct fit_estimate e;
        if (!fit_family_estimate(scratch, f, b, s.points[i].facts, &chip, 1, &e))
            continue;
        struct fit_draws draws = {FIT_SAMPLES, seed + i, NAN, NAN};
        struct fit_interval w = fit_family_interval(f, &e, s.points[i].facts, &draws);
        inside += s.points[i].published >= w.low && s.points[i].published <= w.high;
        widths[i] = sqrt(w.high / w.low);
    }
    qsort(widths, s.count, sizeof *widths, by_value);
    out.share = (double)inside / (double)s.count;
    out.median_width = widths[s.count / 2];
    arena_close(scratch);
    return out;
}
