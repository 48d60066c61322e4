/* Digital accelerators and GPUs behind a comparison table: peak, left out and blind, at the cap. */
#include <math.h>
#include <string.h>

#include "core/accelerator/accelerator.h"
#include "core/accelerator/accelerator_fit.h"
#include "core/validate/compare_models.h"
#include "core/validate/data_sheet.h"

struct compare_models {
    struct chip_data chips;
    struct accelerator_fit fit;
};

bool compare_models_open(struct arena *a, struct compare_models **out, struct diag *d)
{
    struct compare_models *m = ARENA_NEW(a, struct compare_models);
    const char *path = arena_printf(a, "%s/configs/study/data/chips_structure.csv", cfg_home(a));
    TRY(chip_data_read(a, path, &m->chips, d));
    accelerator_fit(a, &m->chips, &m->fit);
    *out = m;
    return true;
}

/* The constants that were fitted without the chip; NULL: the fit never saw it. */
static const struct chip_constants *without(const struct compare_models *m, const char *chip)
{
    for (size_t i = 0; i < m->chips.count; i++)
        if (!strcmp(m->chips.rows[i].chip, chip))
            return &m->fit.rows[i].without_chip;
    return NULL;
}

static bool accelerator_precision(const struct compare_asking *q, const struct accelerator *x,
                                  enum chip_precision *out, struct diag *d)
{
    const char *word = q->row->precision;
    int p = word ? chip_word(chip_precision_names, word) : (int)accelerator_headline(x);
    if (p < 0 || !accelerator_has(x, (enum chip_precision)p))
        return diag_input(d, q->row->file, q->row->line, "row '%s': %s does not compute in '%s'",
                          q->row->key, x->name, word);
    *out = (enum chip_precision)p;
    return true;
}

static bool accelerator_rate(const struct compare_asking *q, const struct accelerator *x,
                             const struct accelerator_job *job, struct accelerator_peak *out,
                             struct diag *d)
{
    return q->row->sustained ? accelerator_sustained(x, job, out, d)
                             : accelerator_peak(x, job, out, d);
}

static bool add_sparse(const struct accelerator *x, struct accelerator_job job,
                       struct compare_figures *f, struct diag *d)
{
    struct accelerator_peak p;
    if (!(x->sparse_factor > 1))
        return true;
    job.sparse = true;
    TRY(accelerator_peak(x, &job, &p, d));
    f->tops_sparse = p.tops;
    return true;
}

/* The dense rate that the power limit lets a GPU sustain. */
static bool add_at_cap(const struct accelerator *x, struct accelerator_job job,
                       struct compare_figures *f, struct diag *d)
{
    struct accelerator_peak p;
    if (x->cap_w == 0 || x->voltage.volt == 0)
        return true;
    job.sparse = false;
    TRY(accelerator_sustained(x, &job, &p, d));
    f->tops_at_cap = p.tops;
    return true;
}

/* The interval under the power cap: where power at full clock lies `factor` above the prediction,
 * the cap buys the rate that a cap lower by as much buys the predicted chip. */
static bool at_cap_of(const struct accelerator *x, const struct accelerator_job *job, double factor,
                      double *tops_per_w, struct diag *d)
{
    struct accelerator drawn = *x;
    struct accelerator_peak p;
    drawn.cap_w = x->cap_w / factor;
    TRY(accelerator_sustained(&drawn, job, &p, d));
    *tops_per_w = p.tops_per_w / factor;
    return true;
}

static bool add_interval(const struct compare_asking *q, const struct accelerator *x,
                         const struct accelerator_job *job, double limit, struct compare_figures *f,
                         struct diag *d)
{
    struct accelerator_interval w;
    struct accelerator_peak full;
    TRY(accelerator_uncertainty(q->arena, x, job, q->samples < 20 ? 20 : q->samples, q->seed, &w,
                                d));
    f->low = w.low / limit;
    f->high = w.high / limit;
    if (!q->row->sustained)
        return true;
    TRY(accelerator_peak(x, job, &full, d));
    return at_cap_of(x, job, full.tops_per_w / w.low, &f->low, d) &&
           at_cap_of(x, job, full.tops_per_w / w.high, &f->high, d);
}

static const char stated_as_limit[] =
    "predicted as a data sheet states a limit: power at the peak (the command peak has it) times "
    "what other chips' TDPs lie above theirs; blind: power at the peak";

bool compare_accelerator(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
{
    struct accelerator *x;
    struct accelerator_peak p, blind;
    const struct chip_constants plain = chip_constants_blind(), fitted = chip_constants_fitted();
    const struct chip_constants *others = without(q->models, f->published.chip);
    struct accelerator_job job = {.sparse = q->row->sparse, .point = q->row->point};
    TRY(accelerator_open(q->arena, q->g, &x, d));
    TRY(data_sheet_points(q->arena, q->path, &f->published, x, d));
    TRY(accelerator_precision(q, x, &job.precision, d));
    job.by = &plain;
    TRY(accelerator_rate(q, x, &job, &blind, d));
    job.by = others ? others : &fitted;
    TRY(accelerator_rate(q, x, &job, &p, d));
    TRY(add_sparse(x, job, f, d));
    TRY(add_at_cap(x, job, f, d));
    double limit = data_sheet_factor(&f->published, x, job.by);
    f->by = "left out";
    f->title = x->title;
    f->precision = chip_precision_names[job.precision];
    f->input_bits = f->weight_bits = chip_precision_bits(job.precision);
    f->is_float = strncmp(f->precision, "int", 3) != 0;
    f->scope = chip_scope_names[x->scope];
    f->node_nm = x->node_nm;
    f->vdd_v = p.vdd_v;
    f->clock_ghz = p.clock_ghz;
    f->tops = p.tops;
    f->power_w = p.power_w * limit;
    f->area_mm2 = p.area_mm2;
    f->blind_power_w = blind.power_w;
    f->blind_tops_per_w = blind.tops_per_w;
    if (limit > 1)
        f->remark = stated_as_limit;
    return !q->samples || add_interval(q, x, &job, limit, f, d);
}
