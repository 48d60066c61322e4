/* The peak of a digital accelerator or GPU: every MAC unit works in every cycle. */
#include <string.h>

#include "core/accelerator/accelerator.h"
#include "core/app/peak.h"
#include "core/app/result.h"

static bool read_precision(const struct app *app, const struct accelerator *x, const char *text,
                           enum chip_precision *out, struct diag *d)
{
    const char *known = "";
    int p = text ? chip_word(chip_precision_names, text) : (int)accelerator_headline(x);
    if (p >= 0 && accelerator_has(x, (enum chip_precision)p)) {
        *out = (enum chip_precision)p;
        return true;
    }
    for (int i = 0; i < CHIP_PRECISIONS; i++)
        if (accelerator_has(x, (enum chip_precision)i))
            known = arena_printf(app->arena, "%s%s%s", known, *known ? ", " : "",
                                 chip_precision_names[i]);
    return diag_input(d, NULL, 0, "%s computes in %s, not in '%s'", x->name, known, text);
}

static bool check_point(const struct app *app, const struct accelerator *x, const char *name,
                        struct diag *d)
{
    const char *known = "";
    for (size_t i = 0; i < x->point_count; i++) {
        known = arena_printf(app->arena, "%s%s%s", known, i ? ", " : "", x->points[i].name);
        if (!strcmp(name, x->points[i].name))
            return true;
    }
    return diag_input(d, NULL, 0, "%s has no operating point '%s'; it has %s", x->name, name,
                      *known ? known : "none but its own");
}

static bool check_options(const struct app *app, const struct accelerator *x,
                          const struct peak_options *o, struct diag *d)
{
    if (o->sparse && x->sparse_factor == 1)
        return diag_input(d, NULL, 0, "%s gains nothing from 2:4 sparse weights: no --sparse",
                          x->name);
    if (peak_has_density(o))
        return diag_input(d, NULL, 0,
                          "%s is priced at the activity of its config: no --input-density or "
                          "--weight-density",
                          x->name);
    if (o->uncertainty && o->uncertainty < PEAK_SAMPLES_MIN)
        return diag_input(d, NULL, 0, "an interval needs at least %d samples: --uncertainty 1000",
                          PEAK_SAMPLES_MIN);
    return !o->point || check_point(app, x, o->point, d);
}

static void put_facts(json_t *o, const struct accelerator *x, enum chip_precision p,
                      const struct accelerator_peak *peak)
{
    put_text(o, "precision", chip_precision_names[p]);
    put_int(o, "input_bits", chip_precision_bits(p));
    put_int(o, "weight_bits", chip_precision_bits(p));
    put_text(o, "power_scope", chip_scope_names[x->scope]);
    put_real(o, "node_nm", x->node_nm);
    put_int(o, "units", x->units);
    put_real(o, "clock_ghz", peak->clock_ghz);
    put_real(o, "vdd_v", peak->vdd_v);
}

/* TOPS stay dense: what counts 2:4 sparsity as work done has keys of its own. */
static bool put_sparse(json_t *o, const struct accelerator *x, struct accelerator_job job,
                       struct diag *d)
{
    struct accelerator_peak peak;
    job.sparse = true;
    TRY(accelerator_peak(x, &job, &peak, d));
    put_real(o, "tops_sparse", peak.tops);
    put_real(o, "tops_sparse_per_w", peak.tops_per_w);
    return true;
}

static bool put_interval(const struct app *app, json_t *o, const struct accelerator *x,
                         const struct accelerator_job *job, int64_t samples, struct diag *d)
{
    struct accelerator_interval w;
    TRY(accelerator_uncertainty(app->arena, x, job, (size_t)samples, (uint64_t)app->common.seed, &w,
                                d));
    json_object_set_new(o, "tops_per_w_interval", json_pack("[f, f]", w.low, w.high));
    return true;
}

/* The rate at which the power cap holds it, with the cap's power beside. */
static bool put_sustained(json_t *o, const struct accelerator *x, const struct accelerator_job *job,
                          struct diag *d)
{
    struct accelerator_peak at_cap;
    if (x->cap_w == 0 || x->voltage.volt == 0)
        return true;
    TRY(accelerator_sustained(x, job, &at_cap, d));
    json_t *s = put_object(o, "sustained");
    put_real(s, "tops", at_cap.tops);
    put_real(s, "power_w", at_cap.power_w);
    put_real(s, "tops_per_w", at_cap.tops_per_w);
    put_real(s, "clock_ghz", at_cap.clock_ghz);
    put_real(s, "vdd_v", at_cap.vdd_v);
    put_real(s, "power_cap_w", x->cap_w);
    return true;
}

/* The same without any factor that was found on chips, this one or others. */
static bool put_blind(json_t *o, const struct accelerator *x, struct accelerator_job job,
                      struct diag *d)
{
    const struct chip_constants by = chip_constants_blind();
    struct accelerator_peak blind;
    job.by = &by;
    TRY(accelerator_peak(x, &job, &blind, d));
    put_real(o, "power_blind_w", blind.power_w);
    put_real(o, "tops_per_w_blind", blind.tops_per_w);
    return true;
}

static bool put_precisions(json_t *o, const struct accelerator *x, struct accelerator_job job,
                           struct diag *d)
{
    json_t *list = put_list(o, "precisions");
    for (int p = 0; p < CHIP_PRECISIONS; p++) {
        struct accelerator_peak peak;
        job.precision = (enum chip_precision)p;
        if (!accelerator_has(x, job.precision))
            continue;
        TRY(accelerator_peak(x, &job, &peak, d));
        json_t *row = add_row(list);
        put_text(row, "precision", chip_precision_names[p]);
        put_real(row, "tops", peak.tops);
        put_real(row, "power_w", peak.power_w);
        put_real(row, "tops_per_w", peak.tops_per_w);
    }
    return true;
}

static json_t *head_of(const struct accelerator *x, const struct accelerator_peak *peak)
{
    json_t *o = json_object();
    put_text(o, "system", x->name);
    put_text(o, "title", x->title);
    put_real(o, "tops", peak->tops);
    put_real(o, "power_w", peak->power_w);
    put_real(o, "tops_per_w", peak->tops_per_w);
    put_real(o, "area_mm2", peak->area_mm2);
    put_real(o, "tops_per_mm2", peak->tops_per_mm2);
    if (peak->memory_gb_s > 0) {
        put_real(o, "memory_gb", peak->memory_gb);
        put_real(o, "memory_gb_s", peak->memory_gb_s);
    }
    put_real(o, "on_chip_mb", peak->sram_mb);
    return o;
}

static bool fill(const struct app *app, const struct accelerator *x,
                 const struct accelerator_job *job, const struct peak_options *options, json_t *o,
                 const struct accelerator_peak *peak, struct diag *d)
{
    put_facts(o, x, job->precision, peak);
    TRY(!options->sparse || put_sparse(o, x, *job, d));
    TRY(!options->uncertainty || put_interval(app, o, x, job, options->uncertainty, d));
    TRY(put_blind(o, x, *job, d));
    TRY(options->point || put_sustained(o, x, job, d));
    put_parts(o, "power_by_part_w", peak->part_w, 1);
    put_object(o, "area_by_part_mm2"); /* the die is given, not modelled */
    return put_precisions(o, x, *job, d);
}

static bool open_accelerator(const struct app *app, const char *path, struct accelerator **out,
                             struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(app->arena, path, app->set, app->common.set.count, &c, d));
    bool ok = accelerator_open(app->arena, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

bool peak_accelerator(const struct app *app, const char *path, const struct peak_options *options,
                      json_t **out, struct diag *d)
{
    const struct chip_constants by = chip_constants_fitted();
    struct accelerator_job job = {.point = options->point, .by = &by};
    struct accelerator_peak peak;
    struct accelerator *x;
    TRY(open_accelerator(app, path, &x, d));
    TRY(check_options(app, x, options, d));
    TRY(read_precision(app, x, options->precision, &job.precision, d));
    TRY(accelerator_peak(x, &job, &peak, d));
    *out = head_of(x, &peak);
    if (fill(app, x, &job, options, *out, &peak, d))
        return true;
    json_decref(*out);
    return false;
}
