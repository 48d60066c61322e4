#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/system/system.h"

/* `times` prices in W; their uncertainties are independent. */
static void add_power(struct system_peak *p, enum part part, double times, struct quantity price)
{
    double w = times * price.value, sigma = w * quantity_spread(&price);
    p->part_w[part] += w;
    p->part_sigma_w[part] = hypot(p->part_sigma_w[part], sigma);
}

/* A power of which only the sum is known. */
static struct quantity unsourced(double value)
{
    return quantity_of(value, FROM_ASSUMED, 0);
}

/* Full activity of the arrays: every array computes one full MVM after the other. */
static double arrays_tops(const struct system *s, int input_bits, int weight_bits,
                          struct system_peak *p)
{
    struct array_job job = {0};
    struct cost c;
    job.rows = s->facts.rows;
    job.outputs = s->array->ops->outputs(s->array, weight_bits);
    job.input_bits = input_bits;
    job.weight_bits = weight_bits;
    job.input = stats_default_activation(input_bits);
    job.weight = stats_default_weight(weight_bits);
    s->array->ops->mvm(s->array, &job, &c);
    double mvms_per_ps = (double)s->arrays / c.duration_ps;
    for (unsigned i = 0; i < c.count; i++) /* pJ per ps is W */
        add_power(p, c.actions[i].part, c.actions[i].count * mvms_per_ps, c.actions[i].pj);
    return 2.0 * (double)job.rows * (double)job.outputs * mvms_per_ps;
}

/* Full activity of what stands beside the arrays: one action per clock cycle. */
static void add_tiles(const struct system *s, struct system_peak *p)
{
    double tiles = (double)s->tiles;
    double accesses_per_ps = tiles * s->buffer.clock_mhz * 1e-6;
    double cycles_per_ps = tiles * s->tile_clock_mhz * 1e-6;
    bool reads = s->buffer.read_pj.value > s->buffer.write_pj.value;
    add_power(p, PART_BUFFER, accesses_per_ps, reads ? s->buffer.read_pj : s->buffer.write_pj);
    add_power(p, PART_BUS, accesses_per_ps, s->bus.energy_pj);
    add_power(p, PART_ARRAY_SHIFT_ADD, cycles_per_ps, s->accumulate.energy_pj);
    add_power(p, PART_ARRAY_REGISTER, cycles_per_ps, s->output_register.energy_pj);
    add_power(p, PART_VECTOR, tiles * 1e-3, unsourced(vector_peak_mw(&s->vector)));
}

static void add_outside(const struct system *s, struct system_peak *p)
{
    add_power(p, PART_NOC_ROUTER, 1e-3, unsourced(s->noc->peak_mw));
    add_power(p, PART_LEAKAGE, 1e-3, unsourced(s->noc->leakage_mw));
    add_power(p, PART_LINK, 1e-3, unsourced(s->noc->seam_peak_mw));
    if (s->has_host)
        add_power(p, PART_LINK, s->host.gb_per_s * 8e-3, s->host.pj_per_bit);
    if (s->memory) {
        add_power(p, PART_MEMORY_READ, s->memory->peak_bytes_per_ps * 8,
                  s->memory->stream_pj_per_bit);
        add_power(p, PART_MEMORY_BACKGROUND, 1e-3, unsourced(s->memory->background_mw));
    }
}

bool system_peak(const struct system *s, int input_bits, int weight_bits, struct system_peak *out,
                 struct diag *d)
{
    struct static_power idle;
    struct system_area area;
    memset(out, 0, sizeof *out);
    out->input_bits = input_bits ? input_bits : s->facts.input_bits;
    out->weight_bits = weight_bits ? weight_bits : s->facts.weight_bits;
    if (!s->array->ops->precision(s->array, &out->input_bits, &out->weight_bits))
        return diag_cannot(d, "%s cannot compute with %d-bit inputs and %d-bit weights", s->name,
                           input_bits, weight_bits);
    out->tops = arrays_tops(s, out->input_bits, out->weight_bits, out);
    add_tiles(s, out);
    add_outside(s, out);
    system_static_power(s, &idle);
    system_area(s, &area);
    for (int p = 0; p < PART_COUNT; p++) {
        add_power(out, (enum part)p, 1e-3, idle.part_mw[p]);
        out->power_w += out->part_w[p];
    }
    if (s->scope != SCOPE_CHIP) {
        out->part_w[PART_REGULATOR] =
            (out->power_w - out->part_w[PART_HOST] - out->part_w[PART_LINK]) *
            (1 / s->regulator_efficiency - 1);
        out->power_w += out->part_w[PART_REGULATOR];
    }
    out->area_mm2 = area.total_um2 * 1e-6;
    out->on_chip_mb = ((double)(s->tiles * s->buffer.bytes) +
                       (double)system_weight_capacity(s, out->weight_bits) * out->weight_bits / 8) /
                      1048576.0;
    if (s->memory) {
        out->memory_gb = (double)s->memory->capacity_bytes * 1e-9;
        out->memory_gb_s = s->memory->peak_bytes_per_ps * 1e3;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Every part's power drawn by a log-normal factor of its mean 1. */
static double draw_power(const struct system_peak *p, struct rng *random)
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
        w[i] = draw_power(p, &random);
    qsort(w, samples, sizeof *w, by_value);
    tops_per_w[0] = p->tops / w[(size_t)ceil(0.95 * (double)(samples - 1))];
    tops_per_w[1] = p->tops / w[(size_t)floor(0.05 * (double)(samples - 1))];
}
