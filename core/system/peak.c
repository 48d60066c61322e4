#include <string.h>

#include "core/system/system.h"

/* Full activity of the arrays: every array computes one full MVM after the other. */
static double arrays_tops(const struct system *s, int input_bits, int weight_bits, double part_w[])
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
        part_w[c.actions[i].part] += c.actions[i].count * c.actions[i].pj.value * mvms_per_ps;
    return 2.0 * (double)job.rows * (double)job.outputs * mvms_per_ps;
}

/* Full activity of what stands beside the arrays: one action per clock cycle. */
static void add_tiles(const struct system *s, double part_w[])
{
    double tiles = (double)s->tiles;
    double accesses_per_ps = tiles * s->buffer.clock_mhz * 1e-6;
    double cycles_per_ps = tiles * s->tile_clock_mhz * 1e-6;
    double buffer_pj = s->buffer.read_pj.value > s->buffer.write_pj.value
                           ? s->buffer.read_pj.value
                           : s->buffer.write_pj.value;
    part_w[PART_BUFFER] += accesses_per_ps * buffer_pj;
    part_w[PART_BUS] += accesses_per_ps * s->bus.energy_pj.value;
    part_w[PART_ARRAY_SHIFT_ADD] += cycles_per_ps * s->accumulate.energy_pj.value;
    part_w[PART_ARRAY_REGISTER] += cycles_per_ps * s->output_register.energy_pj.value;
    part_w[PART_VECTOR] += tiles * vector_peak_mw(&s->vector) * 1e-3;
}

static void add_outside(const struct system *s, double part_w[])
{
    part_w[PART_NOC_ROUTER] += s->noc->peak_mw * 1e-3;
    part_w[PART_LEAKAGE] += s->noc->leakage_mw * 1e-3;
    part_w[PART_LINK] += s->noc->seam_peak_mw * 1e-3;
    if (s->has_host)
        part_w[PART_LINK] += s->host.gb_per_s * 8e-3 * s->host.pj_per_bit.value;
    if (s->memory) {
        part_w[PART_MEMORY_READ] +=
            s->memory->peak_bytes_per_ps * 8 * s->memory->stream_pj_per_bit.value;
        part_w[PART_MEMORY_BACKGROUND] += s->memory->background_mw * 1e-3;
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
    out->tops = arrays_tops(s, out->input_bits, out->weight_bits, out->part_w);
    add_tiles(s, out->part_w);
    add_outside(s, out->part_w);
    system_static_power(s, &idle);
    system_area(s, &area);
    for (int p = 0; p < PART_COUNT; p++) {
        out->part_w[p] += idle.part_mw[p].value * 1e-3;
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
