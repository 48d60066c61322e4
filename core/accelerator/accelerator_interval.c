/* The interval of a chip's TOPS/W by seeded sampling. */
#include <math.h>
#include <stdlib.h>

#include "core/accelerator/accelerator.h"
#include "core/base/rng.h"

/* The factor of median 1 of a relative spread. */
static double factor(struct rng *r, double spread)
{
    return rng_lognormal(r, sqrt(log(1 + spread * spread)));
}

static struct chip_constants draw_constants(struct rng *r, const struct chip_constants *by)
{
    struct chip_constants c = *by;
    for (int i = 0; i < CHIP_CONSTANTS; i++)
        c.value[i] *= factor(r, chip_constant_spread((enum chip_constant)i));
    c.value[CHIP_REGULATOR] = fmin(c.value[CHIP_REGULATOR], 1);
    return c;
}

static double supply_spread(const struct quantity *vdd_v)
{
    if (vdd_v->spread > 0)
        return vdd_v->spread;
    return vdd_v->from == FROM_ASSUMED ? 0.05 : 0;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double quantile(const double *sorted, size_t count, double share)
{
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    double above = sorted[below + 1 < count ? below + 1 : below];
    return sorted[below] + (at - (double)below) * (above - sorted[below]);
}

void chip_interval(struct arena *a, const struct chip_point *p, const struct chip_constants *by,
                   double vdd_spread, double activity_spread, size_t samples, uint64_t seed,
                   struct accelerator_interval *power_w)
{
    struct rng r = rng_open(seed, "accelerator.interval");
    double part_w[PART_COUNT], *w = ARENA_ARRAY(a, double, samples);
    for (size_t i = 0; i < samples; i++) {
        struct chip_constants c = draw_constants(&r, by);
        struct chip_point q = *p;
        q.vdd_v *= factor(&r, vdd_spread);
        q.activity = fmin(q.activity * factor(&r, activity_spread), 1);
        w[i] = chip_power_w(&q, &c, part_w) * rng_lognormal(&r, by->value[CHIP_STYLE]);
    }
    qsort(w, samples, sizeof *w, by_value);
    power_w->low = quantile(w, samples, 0.05);
    power_w->median = quantile(w, samples, 0.5);
    power_w->high = quantile(w, samples, 0.95);
}

bool accelerator_uncertainty(struct arena *a, const struct accelerator *x,
                             const struct accelerator_job *job, size_t samples, uint64_t seed,
                             struct accelerator_interval *out, struct diag *d)
{
    struct chip_point p;
    struct accelerator_interval w;
    if (samples < 20)
        return diag_cannot(d, "an interval needs at least 20 samples");
    TRY(accelerator_chip_point(x, job, &p, d));
    chip_interval(a, &p, job->by, supply_spread(&x->vdd_v), x->activity.spread, samples, seed, &w);
    double tops = 2 * p.tera_macs_per_s * (job->sparse ? x->sparse_factor : 1);
    *out = (struct accelerator_interval){tops / w.high, tops / w.median, tops / w.low};
    return true;
}
