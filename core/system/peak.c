/* peak.c — the most that a system can do with a mix of products: their least energy at the highest
 * rate, and the power that is taken meanwhile whatever happens. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/system/internal.h"

/* --- power ------------------------------------------------------------------------------- */

void system_add_power(struct system_power *p, enum part part, double times, struct quantity price)
{
    double w = times * price.value, sigma = w * quantity_spread(&price);
    p->part_w[part] += w;
    p->part_sigma_w[part] = hypot(p->part_sigma_w[part], sigma);
}

static void add_standing(const struct system *s, struct system_power *p)
{
    struct static_power idle;
    system_static_power(s, &idle);
    for (int i = 0; i < PART_COUNT; i++)
        system_add_power(p, (enum part)i, 1e-3, idle.part_mw[i]);
    system_add_power(p, PART_LEAKAGE, 1e-3, quantity_of(s->noc->leakage_mw, FROM_ASSUMED, 0));
    if (s->memory)
        system_add_power(p, PART_MEMORY_BACKGROUND, 1e-3,
                         quantity_of(s->memory->background_mw, FROM_ASSUMED, 0));
}

void system_sum_power(const struct system *s, struct system_power *p)
{
    add_standing(s, p);
    p->total_w = 0;
    for (int i = 0; i < PART_COUNT; i++)
        p->total_w += p->part_w[i];
    if (s->scope == SCOPE_CHIP)
        return;
    p->part_w[PART_REGULATOR] = (p->total_w - p->part_w[PART_HOST] - p->part_w[PART_LINK]) *
                                (1 / s->regulator_efficiency - 1);
    p->total_w += p->part_w[PART_REGULATOR];
}

/* --- a mix ------------------------------------------------------------------------------- */

struct system_mix system_mix_open(const struct system *s)
{
    return (struct system_mix){.system = s};
}

/* Prices are the same for all kinds of product: their errors go together. */
void system_mix_add(struct system_mix *m, const struct system_least *l, double macs)
{
    assert(macs > 0);
    double arrays = l->array_macs_per_ps, lanes = l->lane_macs_per_ps;
    m->macs += macs;
    *(lanes == 0    ? &m->array_ps
      : arrays == 0 ? &m->lane_ps
                    : &m->either_ps) += macs / (arrays == 0 ? lanes : arrays);
    if (arrays > 0)
        m->lanes_per_array = fmax(m->lanes_per_array, lanes / arrays);
    for (int p = 0; p < PART_COUNT; p++) {
        m->part_pj[p] += macs * l->part_pj[p];
        m->part_sigma_pj[p] += macs * l->part_sigma_pj[p];
    }
}

/* Lanes do at most `lanes_per_array` of what arrays do in the same time. */
static double least_ps(const struct system_mix *m)
{
    double both_ps = (m->array_ps + m->either_ps) / (1 + m->lanes_per_array);
    return fmax(fmax(m->array_ps, m->lane_ps), both_ps);
}

void system_mix_peak(const struct system_mix *m, struct system_peak *out)
{
    const struct system *s = m->system;
    struct system_area area;
    double ps = least_ps(m);
    memset(out, 0, sizeof *out);
    out->tops = 2 * m->macs / ps;
    for (int p = 0; p < PART_COUNT; p++) { /* pJ per ps is W */
        out->power.part_w[p] = m->part_pj[p] / ps;
        out->power.part_sigma_w[p] = m->part_sigma_pj[p] / ps;
    }
    system_sum_power(s, &out->power);
    system_area(s, &area);
    out->area_mm2 = area.total_um2 * 1e-6;
    if (s->memory) {
        out->memory_gb = (double)s->memory->capacity_bytes * 1e-9;
        out->memory_gb_s = s->memory->peak_bytes_per_ps * 1e3;
    }
}

bool system_peak(const struct system *s, const struct system_work *w, struct system_peak *out,
                 struct diag *d)
{
    struct system_mix m = system_mix_open(s);
    struct system_least l;
    TRY(system_least(s, w, &l, d));
    system_mix_add(&m, &l, 1);
    system_mix_peak(&m, out);
    out->input_bits = l.input_bits;
    out->weight_bits = l.weight_bits;
    out->on_chip_mb = ((double)(s->tiles * s->buffer.bytes) +
                       (double)system_weight_capacity(s, l.weight_bits) * l.weight_bits / 8) /
                      1048576.0;
    return true;
}

/* --- an interval ------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Every part's power drawn by a log-normal factor of its mean 1. */
static double draw_power(const struct system_power *p, struct rng *random)
{
    double sum = 0;
    for (int i = 0; i < PART_COUNT; i++) {
        if (p->part_w[i] <= 0)
            continue;
        double relative = p->part_sigma_w[i] / p->part_w[i];
        double sigma = sqrt(log(1 + relative * relative));
        sum += p->part_w[i] * exp(sigma * rng_normal(random) - 0.5 * sigma * sigma);
    }
    return sum;
}

void system_peak_interval(struct arena *a, const struct system_peak *p, size_t samples,
                          uint64_t seed, double tops_per_w[2])
{
    struct rng random = rng_open(seed, "peak");
    double *w = ARENA_ARRAY(a, double, samples);
    for (size_t i = 0; i < samples; i++)
        w[i] = draw_power(&p->power, &random);
    qsort(w, samples, sizeof *w, by_value);
    tops_per_w[0] = p->tops / w[(size_t)ceil(0.95 * (double)(samples - 1))];
    tops_per_w[1] = p->tops / w[(size_t)floor(0.05 * (double)(samples - 1))];
}
