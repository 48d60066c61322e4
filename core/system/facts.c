/* facts.c — what an open system holds, covers and spends when idle. */
#include <math.h>
#include <string.h>

#include "chiplet/package.h"
#include "chiplet/wafer.h"
#include "core/base/units.h"
#include "core/system/system.h"

uint32_t system_host_endpoint(const struct system *s)
{
    return (uint32_t)s->tiles;
}

uint32_t system_memory_endpoint(const struct system *s, int64_t port)
{
    return (uint32_t)(s->tiles + 1 + port);
}

uint32_t system_exit_endpoint(const struct system *s, uint32_t tile)
{
    int64_t row = tile / s->shape.concentration / s->shape.width;
    return system_memory_endpoint(s, s->memory_ports + row);
}

int64_t system_weight_capacity(const struct system *s, int weight_bits)
{
    return s->arrays * s->facts.rows * s->array->ops->outputs(s->array, weight_bits);
}

void system_area(const struct system *s, struct system_area *out)
{
    double tiles = (double)s->tiles;
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < s->facts.part_count; i++)
        out->part_um2[s->facts.parts[i].part] += s->facts.parts[i].area_um2 * (double)s->arrays;
    out->part_um2[PART_BUFFER] += tiles * s->buffer.area_um2;
    out->part_um2[PART_VECTOR] += tiles * s->vector.area_um2;
    out->part_um2[PART_BUS] += tiles * s->bus.area_um2;
    out->part_um2[PART_ARRAY_SHIFT_ADD] += tiles * s->accumulate.area_um2;
    out->part_um2[PART_ARRAY_REGISTER] += tiles * s->output_register.area_um2;
    out->part_um2[PART_CLOCK] += tiles * (s->control.area_um2 + s->tile_area_um2);
    out->part_um2[PART_NOC_ROUTER] += s->noc->area_um2;
    out->part_um2[PART_LINK] += (s->has_host ? s->host.area_um2 : 0) + s->io_um2;
    out->part_um2[PART_LINK] += s->has_next ? s->next.area_um2 : 0;
    for (int p = 0; p < PART_COUNT; p++)
        out->total_um2 += out->part_um2[p];
    if (s->wafer == NULL)
        return;
    double wafer_um2 = wafer_area_mm2(s->wafer) * UM2_PER_MM2 / (double)s->regions;
    out->rest_um2 = fmax(0, wafer_um2 - out->total_um2);
    out->total_um2 = wafer_um2;
}

static void add_power(struct static_power *p, enum part part, struct quantity mw, double times)
{
    struct quantity *q = &p->part_mw[part];
    double add = mw.value * times;
    if (add <= 0)
        return;
    if (q->value == 0 || mw.from > q->from)
        q->from = mw.from;
    q->spread = mw.spread > q->spread ? mw.spread : q->spread;
    q->value += add;
}

/* Links between dies: all their lanes idle, and what they always take. */
static void add_package(const struct package *p, struct static_power *out)
{
    for (uint32_t i = 0; i < p->edge_count; i++) {
        const struct package_edge *e = &p->edges[i];
        add_power(out, PART_LINK, e->link.idle_pj_per_bit, 2 * e->raw_bits_per_ps * 1e3);
        add_power(out, PART_LINK, e->link.static_mw, (double)e->count);
    }
}

void system_static_power(const struct system *s, struct static_power *out)
{
    double tiles = (double)s->tiles;
    memset(out, 0, sizeof *out);
    add_power(out, PART_LEAKAGE, s->facts.leakage_mw, (double)s->arrays);
    add_power(out, PART_LEAKAGE, s->buffer.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->vector.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->bus.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->accumulate.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->output_register.leakage_mw, tiles);
    add_power(out, PART_CLOCK, s->control.energy_pj, tiles * s->tile_clock_mhz * 1e-3);
    add_power(out, PART_CLOCK, s->clock_mw, 1);
    if (s->has_host)
        add_power(out, PART_HOST, s->host.static_mw, 1);
    if (s->package)
        add_package(s->package, out);
}
