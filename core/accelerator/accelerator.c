/* What a config's chip does at its peak and at its power cap. */
#include "core/accelerator/accelerator.h"

#include <string.h>

bool accelerator_has(const struct accelerator *x, enum chip_precision p)
{
    return x->engine[p].macs_per_clk > 0;
}

enum chip_precision accelerator_headline(const struct accelerator *x)
{
    int best = chip_word(chip_precision_names, x->headline);
    if (best >= 0)
        return (enum chip_precision)best;
    best = 0;
    for (int p = 1; p < CHIP_PRECISIONS; p++)
        if (x->engine[p].macs_per_clk > x->engine[best].macs_per_clk)
            best = p;
    return (enum chip_precision)best;
}

bool accelerator_point(const struct accelerator *x, const char *name, struct accelerator_point *out,
                       struct diag *d)
{
    *out = (struct accelerator_point){NULL, x->vdd_v.value, x->clock_ghz};
    if (!name)
        return true;
    for (size_t i = 0; i < x->point_count; i++)
        if (strcmp(x->points[i].name, name) == 0) {
            *out = x->points[i];
            return true;
        }
    return diag_cannot(d, "%s has no operating point \"%s\"", x->name, name);
}

bool accelerator_chip_point(const struct accelerator *x, const struct accelerator_job *job,
                            struct chip_point *out, struct diag *d)
{
    const struct accelerator_engine *e = &x->engine[job->precision];
    struct accelerator_point at;
    TRY(accelerator_point(x, job->point, &at, d));
    if (!accelerator_has(x, job->precision))
        return diag_cannot(d, "%s does not compute in %s", x->name,
                           chip_precision_names[job->precision]);
    if (job->sparse && x->sparse_factor == 1)
        return diag_cannot(d, "%s gains nothing from 2:4 sparse weights", x->name);
    double busy = x->memory_busy_gb_s >= 0 ? x->memory_busy_gb_s
                                           : x->memory_gb_s * job->by->value[CHIP_MEM_BUSY];
    *out = (struct chip_point){
        .precision = job->precision,
        .engine = (enum chip_engine)x->engine_kind,
        .memory = (enum chip_memory)x->memory_kind,
        .process = (enum chip_process)x->process_class,
        .design = (enum chip_class)x->design_class,
        .scope = (enum chip_scope)x->scope,
        .node_nm = x->node_nm,
        .vdd_v = x->vdd_v.value,
        .clock_ghz = x->clock_ghz,
        .area_mm2 = x->die_mm2,
        .tera_macs_per_s = (double)x->units * e->macs_per_clk * x->clock_ghz * 1e-3,
        .rows = e->rows,
        .columns = e->columns,
        .hold_cycles = e->hold_cycles,
        .near_kb = x->near_kb,
        .tile = e->tile,
        .memory_gb_s = busy,
        .memory_pj_per_bit = x->memory_pj_per_bit,
        .link_gb_s = x->link_gb_s,
        .activity = x->activity.value,
    };
    *out = chip_point_at(out, at.clock_ghz, at.vdd_v);
    return true;
}

static void fill(const struct accelerator *x, const struct accelerator_job *job,
                 const struct chip_point *p, struct accelerator_peak *out)
{
    memset(out, 0, sizeof *out);
    out->power_w = chip_power_w(p, job->by, out->part_w);
    out->tops = 2 * p->tera_macs_per_s * (job->sparse ? x->sparse_factor : 1);
    out->tops_per_w = out->tops / out->power_w;
    out->area_mm2 = x->die_mm2;
    out->tops_per_mm2 = out->tops / x->die_mm2;
    out->clock_ghz = p->clock_ghz;
    out->vdd_v = p->vdd_v;
    out->sram_mb = x->sram_mb;
    out->memory_gb = x->memory_gb;
    out->memory_gb_s = x->memory_gb_s;
}

bool accelerator_peak(const struct accelerator *x, const struct accelerator_job *job,
                      struct accelerator_peak *out, struct diag *d)
{
    struct chip_point p;
    TRY(accelerator_chip_point(x, job, &p, d));
    fill(x, job, &p, out);
    return true;
}

bool accelerator_sustained(const struct accelerator *x, const struct accelerator_job *job,
                           struct accelerator_peak *out, struct diag *d)
{
    struct chip_point p;
    TRY(accelerator_chip_point(x, job, &p, d));
    if (x->cap_w == 0 || x->voltage.volt == 0)
        return diag_cannot(d, "%s has no power cap, or no law of supply over clock", x->name);
    p = chip_point_under_cap(&p, &x->voltage, p.clock_ghz, x->cap_w, job->by);
    fill(x, job, &p, out);
    return true;
}
