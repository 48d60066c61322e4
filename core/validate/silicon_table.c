/* The founding table and every config of configs/accelerator: peak rate from structure, TOPS/W with
 * constants fitted on all chips but the judged one, and the rows whose published power is none of
 * the chip at its peak, printed and marked. */
#include <math.h>
#include <string.h>

#include "core/accelerator/accelerator.h"
#include "core/accelerator/accelerator_fit.h"
#include "core/validate/compare.h"
#include "core/validate/data_sheet.h"
#include "core/validate/design_space.h"
#include "core/validate/validate.h"

enum { INTERVAL_SAMPLES = 400 };

#define RATE_LIMIT_PCT 2.0

static const char table_family[] = "founding_table";

/* What all rows are made from. */
struct table {
    struct judged_list *list;
    struct compare_table rows; /* of the founding table */
    struct chip_data data;     /* operating points that factors are fitted on */
    struct accelerator_fit fit;
};

/* One config. */
struct system_case {
    const char *name, *path;
    struct accelerator *x;
    struct published p;
    bool in_table, is_shipped, is_fitted;
    struct chip_constants others; /* fitted without this chip */
};

/* --- reading ---------------------------------------------------------------------------------- */

static const char *home_path(struct arena *a, const char *path)
{
    return arena_printf(a, "%s/%s", cfg_home(a), path);
}

static bool read_founding(struct arena *a, struct compare_table *out, struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(a, home_path(a, "configs/study/founding_table.cfg"), NULL, 0, &c, d));
    bool ok = compare_read(a, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

static bool is_founding(const struct compare_row *r)
{
    return r->section && !strcmp(r->section, "founding table");
}

static bool is_in_table(const struct compare_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].system && is_founding(&t->rows[i]) && !strcmp(t->rows[i].system, name))
            return true;
    return false;
}

/* Factors found on all chips but this one; of a chip that took no part, on all. */
static void take_constants(const struct table *t, struct system_case *c)
{
    c->others = t->fit.all;
    for (size_t i = 0; i < t->data.count; i++)
        if (!strcmp(t->data.rows[i].chip, c->p.chip)) {
            c->is_fitted = true;
            c->others = t->fit.rows[i].without_chip;
            return;
        }
}

static bool open_case(const struct table *t, const char *path, struct system_case *c,
                      struct diag *d)
{
    struct arena *a = t->list->arena;
    struct cfg *file;
    bool found;
    *c = (struct system_case){.name = judged_base_name(a, path), .path = path};
    TRY(cfg_open(a, path, NULL, 0, &file, d));
    bool ok = accelerator_open(a, cfg_root(file), &c->x, d) &&
              published_read(a, cfg_root(file), &c->p, &found, d) &&
              data_sheet_points(a, path, &c->p, c->x, d);
    cfg_close(file);
    TRY(ok);
    c->in_table = is_in_table(&t->rows, c->name);
    c->is_shipped =
        !strcmp(path, home_path(a, arena_printf(a, "configs/accelerator/%s.cfg", c->name)));
    take_constants(t, c);
    return true;
}

/* --- rows ------------------------------------------------------------------------------------- */

static struct judged row_of(const struct system_case *c, const char *metric, enum judged_kind kind)
{
    return (struct judged){.case_name = c->name,
                           .chip = c->p.chip,
                           .family = c->in_table ? table_family : "accelerator",
                           .metric = metric,
                           .reference = NAN,
                           .kind = kind,
                           .scored = true,
                           .mark = c->p.mark,
                           .source = c->p.source};
}

static enum chip_precision precision_of(const struct system_case *c, const char *word)
{
    int p = word ? chip_word(chip_precision_names, word) : -1;
    return p >= 0 ? (enum chip_precision)p : accelerator_headline(c->x);
}

static struct accelerator_job job_of(const struct system_case *c, const char *point,
                                     const char *precision, const struct chip_constants *by)
{
    return (struct accelerator_job){
        .precision = precision_of(c, precision), .point = point, .by = by};
}

/* The nine identified rows are held to 2 %.  Of other shipped configs the peak is printed alone:
 * some have a clock that was assumed so that it comes out. */
static bool add_rate(const struct table *t, const struct system_case *c, bool sparse,
                     struct diag *d)
{
    struct accelerator_job job = job_of(c, NULL, c->p.precision, &c->others);
    struct accelerator_peak peak;
    struct judged j = row_of(c, sparse ? "tops_sparse" : "tops", JUDGED_STRUCTURE);
    job.sparse = sparse;
    TRY(accelerator_peak(c->x, &job, &peak, d));
    j.predicted = peak.tops;
    j.reference = sparse ? c->p.tops_sparse : c->p.tops;
    j.scored = c->in_table || (!c->is_shipped && c->p.scored && !isnan(j.reference));
    j.limit_pct = c->in_table ? RATE_LIMIT_PCT : NAN;
    judged_know(&j, &c->p);
    judged_add(t->list, &j);
    return true;
}

static bool counts_power(const struct system_case *c)
{
    return c->p.scored && !strcmp(c->p.power_is, "chip");
}

static const char *mark_of(const struct system_case *c)
{
    if (c->p.mark || counts_power(c))
        return c->p.mark;
    return "the published power is not that of the chip at its peak";
}

struct figure { /* one operating point */
    const char *point, *precision;
    double tops_per_w;
    bool scored;
};

static bool add_efficiency(const struct table *t, const struct system_case *c,
                           const struct figure *f, enum judged_kind kind,
                           const struct chip_constants *by, struct diag *d)
{
    struct arena *a = t->list->arena;
    struct accelerator_job job = job_of(c, f->point, f->precision, by);
    struct accelerator_interval w;
    struct accelerator_peak peak;
    struct judged j = row_of(c, "tops_per_w", kind);
    double limit = data_sheet_factor(&c->p, c->x, by);
    TRY(accelerator_peak(c->x, &job, &peak, d));
    TRY(accelerator_uncertainty(a, c->x, &job, INTERVAL_SAMPLES, 1, &w, d));
    if (f->point)
        j.case_name = arena_printf(a, "%s@%s", c->name, f->point);
    j.predicted = peak.tops_per_w / limit;
    j.low = w.low / limit;
    j.high = w.high / limit;
    j.reference = f->tops_per_w;
    j.scored = f->scored && counts_power(c) && !isnan(f->tops_per_w);
    j.mark = mark_of(c);
    judged_know(&j, &c->p);
    judged_add(t->list, &j);
    return true;
}

static bool add_efficiencies(const struct table *t, const struct system_case *c, struct diag *d)
{
    const struct chip_constants blind = chip_constants_blind();
    struct figure f = {NULL, c->p.precision,
                       published_efficiency(c->p.tops_per_w, c->p.tops, c->p.power_w), true};
    TRY(add_efficiency(t, c, &f, JUDGED_BLIND, &blind, d));
    TRY(add_efficiency(t, c, &f, JUDGED_LEAVE_ONE_OUT, &c->others, d));
    for (size_t i = 0; i < c->p.point_count; i++) {
        const struct published_point *p = &c->p.points[i];
        f = (struct figure){p->name, p->precision,
                            published_efficiency(p->tops_per_w, p->tops, p->power_w), p->scored};
        TRY(add_efficiency(t, c, &f, JUDGED_BLIND, &blind, d));
        TRY(add_efficiency(t, c, &f, JUDGED_LEAVE_ONE_OUT, &c->others, d));
    }
    return true;
}

/* The rate and the efficiency at the cap, beside the data sheet's: what a limit really buys. */
static bool add_sustained(const struct table *t, const struct system_case *c, struct diag *d)
{
    const struct accelerator_job job = job_of(c, NULL, c->p.precision, &c->others);
    struct accelerator_peak at_cap;
    struct judged j = row_of(c, "tops_per_w_at_cap", JUDGED_LEAVE_ONE_OUT);
    if (c->x->cap_w == 0 || c->x->voltage.volt == 0)
        return true;
    TRY(accelerator_sustained(c->x, &job, &at_cap, d));
    j.predicted = at_cap.tops_per_w;
    j.reference = published_efficiency(c->p.tops_per_w, c->p.tops, c->p.power_w);
    j.scored = false;
    j.mark = "dense rate at the power limit, beside the data sheet's rate over that limit";
    judged_add(t->list, &j);
    return true;
}

/* Chips of the fit's table are judged there, point by point; here are those of the founding table
 * and those that only a config describes. */
static bool add_case(const struct table *t, const struct system_case *c, struct diag *d)
{
    TRY(add_rate(t, c, false, d));
    TRY(isnan(c->p.tops_sparse) || add_rate(t, c, true, d));
    if (c->in_table || !c->is_fitted)
        TRY(add_efficiencies(t, c, d));
    return add_sustained(t, c, d);
}

static bool add_cases(const struct table *t, struct diag *d)
{
    struct judged_files f = judged_files(t->list, "accelerator");
    for (size_t i = 0; i < f.count; i++) {
        struct system_case c;
        TRY(open_case(t, f.paths[i], &c, d));
        if (judged_wanted(t->list, c.name, c.p.chip))
            TRY(add_case(t, &c, d));
    }
    return true;
}

/* --- rows that nobody could identify ---------------------------------------------------------- */

/* How many designs would show the published figures: no prediction, so no reference. */
static bool add_space(const struct table *t, const char *name, struct diag *d)
{
    struct arena *a = t->list->arena;
    const char *path = home_path(a, arena_printf(a, "configs/study/%s.cfg", name));
    struct design_space s;
    TRY(design_space_explore(a, path, NULL, 0, &s, d));
    judged_add(t->list, &(struct judged){.case_name = name,
                                         .chip = name,
                                         .family = table_family,
                                         .metric = "designs_meeting",
                                         .predicted = (double)s.count,
                                         .reference = NAN,
                                         .kind = JUDGED_STRUCTURE,
                                         .mark = s.published.mark,
                                         .source = s.published.source});
    return true;
}

static bool add_spaces(const struct table *t, struct diag *d)
{
    for (size_t i = 0; i < t->rows.count; i++) {
        const char *name = t->rows.rows[i].space;
        if (name && judged_wanted(t->list, name, name))
            TRY(add_space(t, name, d));
    }
    return true;
}

bool silicon_table(struct judged_list *l, struct diag *d)
{
    struct table t = {.list = l};
    TRY(read_founding(l->arena, &t.rows, d));
    TRY(chip_data_read(l->arena, home_path(l->arena, "configs/study/data/chips_structure.csv"),
                       &t.data, d));
    accelerator_fit(l->arena, &t.data, &t.fit);
    TRY(add_cases(&t, d));
    return add_spaces(&t, d);
}
