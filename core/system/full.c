/* full.c — every part of a system at full activity at once. */
#include <math.h>
#include <string.h>

#include "core/system/internal.h"

/* A power of which only the sum is known. */
static struct quantity unsourced(double value)
{
    return quantity_of(value, FROM_ASSUMED, 0);
}

/* Every array computes one full MVM after the other. */
static bool add_arrays(const struct system *s, const struct system_work *w,
                       struct system_power *out, struct diag *d)
{
    struct system_least l;
    struct cost c;
    TRY(system_least(s, w, &l, d));
    struct array_job job = {.rows = s->facts.rows,
                            .outputs = s->array->ops->outputs(s->array, l.weight_bits),
                            .input_bits = l.input_bits,
                            .weight_bits = l.weight_bits,
                            .input = w->input,
                            .weight = w->weight};
    s->array->ops->mvm(s->array, &job, &c);
    double mvms_per_ps = (double)s->arrays / c.duration_ps;
    for (unsigned i = 0; i < c.count; i++) /* pJ per ps is W */
        system_add_power(out, c.actions[i].part, c.actions[i].count * mvms_per_ps, c.actions[i].pj);
    return true;
}

/* What stands beside the arrays: one action per clock cycle. */
static void add_tiles(const struct system *s, struct system_power *out)
{
    double tiles = (double)s->tiles;
    double accesses_per_ps = tiles * s->buffer.clock_mhz * 1e-6;
    double cycles_per_ps = tiles * s->tile_clock_mhz * 1e-6;
    bool reads = s->buffer.read_pj.value > s->buffer.write_pj.value;
    system_add_power(out, PART_BUFFER, accesses_per_ps,
                     reads ? s->buffer.read_pj : s->buffer.write_pj);
    system_add_power(out, PART_BUS, accesses_per_ps, s->bus.energy_pj);
    system_add_power(out, PART_ARRAY_SHIFT_ADD, cycles_per_ps, s->accumulate.energy_pj);
    system_add_power(out, PART_ARRAY_REGISTER, cycles_per_ps, s->output_register.energy_pj);
    system_add_power(out, PART_VECTOR, tiles * 1e-3, unsourced(vector_peak_mw(&s->vector)));
}

static void add_outside(const struct system *s, struct system_power *out)
{
    system_add_power(out, PART_NOC_ROUTER, 1e-3, unsourced(s->noc->peak_mw));
    system_add_power(out, PART_LINK, 1e-3, unsourced(s->noc->seam_peak_mw));
    if (s->has_host)
        system_add_power(out, PART_LINK, s->host.gb_per_s * 8e-3, s->host.pj_per_bit);
    if (s->memory)
        system_add_power(out, PART_MEMORY_READ, s->memory->peak_bytes_per_ps * 8,
                         s->memory->stream_pj_per_bit);
}

bool system_full_power(const struct system *s, const struct system_work *w,
                       struct system_power *out, struct diag *d)
{
    memset(out, 0, sizeof *out);
    TRY(add_arrays(s, w, out, d));
    add_tiles(s, out);
    add_outside(s, out);
    system_sum_power(s, out);
    return true;
}
