/* What the models say of a row of a comparison table. */
#include <math.h>
#include <string.h>

#include "core/accelerator/accelerator.h"
#include "core/accelerator/accelerator_fit.h"
#include "core/base/units.h"
#include "core/cim/macro.h"
#include "core/gpu/gpu.h"
#include "core/system/system.h"
#include "core/tech/node.h"
#include "core/validate/compare.h"
#include "core/validate/design_space.h"
#include "core/validate/validate.h"

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

/* --- the row's config ------------------------------------------------------------------------- */

/* A complaint about a row's system stands at the row. */
static bool at_row(const struct compare_row *row, const struct diag *said, struct diag *d)
{
    if (said->file[0])
        return *d = *said, false;
    diag_record(d, said->status, row->file, row->line, "row '%s': %s", row->key, said->text);
    return false;
}

static bool read_set(struct arena *a, const struct compare_row *row, struct cfg_override **set,
                     size_t *count, struct diag *d)
{
    char *text = arena_strdup(a, row->set ? row->set : ""), *rest = NULL;
    *set = ARENA_ARRAY(a, struct cfg_override, strlen(text) / 2 + 1);
    *count = 0;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        if (!equals || equals == word)
            return diag_input(d, row->file, row->line,
                              "row '%s': 'set' takes PATH=VALUE separated by blanks, not '%s'",
                              row->key, word);
        *equals = '\0';
        (*set)[(*count)++] = (struct cfg_override){word, equals + 1};
    }
    return true;
}

bool compare_config(struct arena *a, const struct compare_row *row, const char **path,
                    struct cfg_override **set, size_t *count, struct diag *d)
{
    static const char *const any[] = {"accelerator", "chip", "macro", "gpu", NULL};
    static const char *const study[] = {"study", NULL};
    const char *const one[] = {row->role, NULL};
    struct diag said = {0};
    *path = cfg_find(a, row->space ? row->space : row->system,
                     row->space  ? study
                     : row->role ? one
                                 : any,
                     &said);
    if (!*path)
        return at_row(row, &said, d);
    return read_set(a, row, set, count, d);
}

/* --- single roles ----------------------------------------------------------------------------- */

static void fill_none(struct compare_figures *f)
{
    memset(f, 0, sizeof *f);
    double *const all[] = {
        &f->node_nm,      &f->vdd_v,         &f->clock_ghz,     &f->tops,
        &f->tops_sparse,  &f->power_w,       &f->tops_per_w,    &f->area_mm2,
        &f->tops_per_mm2, &f->blind_power_w, &f->low,           &f->high,
        &f->tops_high,    &f->power_w_high,  &f->area_mm2_high, &f->blind_tops_per_w};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        *all[i] = NAN;
}

/* What a row asks a model for. */
struct asking {
    struct arena *arena;
    const struct compare_models *models;
    const struct compare_row *row;
    const struct cfg_group *g;
    const char *path;
    const struct cfg_override *set;
    size_t set_count, samples;
    uint64_t seed;
};

/* The constants that were fitted without the chip; NULL: the fit never saw it. */
static const struct chip_constants *without(const struct compare_models *m, const char *chip)
{
    for (size_t i = 0; i < m->chips.count; i++)
        if (!strcmp(m->chips.rows[i].chip, chip))
            return &m->fit.rows[i].without_chip;
    return NULL;
}

static bool accelerator_precision(const struct asking *q, const struct accelerator *x,
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

static bool accelerator_rate(const struct asking *q, const struct accelerator *x,
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

static bool fill_accelerator(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    struct accelerator *x;
    struct accelerator_peak p, blind;
    struct accelerator_interval w;
    const struct chip_constants plain = chip_constants_blind(), fitted = chip_constants_fitted();
    const struct chip_constants *others = without(q->models, f->published.chip);
    struct accelerator_job job = {.sparse = q->row->sparse, .point = q->row->point};
    TRY(accelerator_open(q->arena, q->g, &x, d));
    TRY(accelerator_precision(q, x, &job.precision, d));
    job.by = &plain;
    TRY(accelerator_rate(q, x, &job, &blind, d));
    job.by = others ? others : &fitted;
    TRY(accelerator_rate(q, x, &job, &p, d));
    TRY(add_sparse(x, job, f, d));
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
    f->power_w = p.power_w;
    f->area_mm2 = p.area_mm2;
    f->blind_power_w = blind.power_w;
    f->blind_tops_per_w = blind.tops_per_w;
    if (!q->samples)
        return true;
    TRY(accelerator_uncertainty(q->arena, x, &job, q->samples < 20 ? 20 : q->samples, q->seed, &w,
                                d));
    f->low = w.low;
    f->high = w.high;
    return true;
}

static bool is_shipped(struct arena *a, const char *path)
{
    const char *configs = arena_printf(a, "%s/configs/", cfg_home(a));
    return !strncmp(path, configs, strlen(configs));
}

static const char *bits_name(struct arena *a, int in, int w)
{
    return in == w ? arena_printf(a, "int%d", in) : arena_printf(a, "%dx%d", in, w);
}

static bool row_bits(const struct asking *q, int *in, int *w, struct diag *d)
{
    *in = *w = 0;
    if (!q->row->precision || published_bits(q->row->precision, in, w))
        return true;
    return diag_input(d, q->row->file, q->row->line,
                      "row '%s': 'precision' takes int8, int8xint4 or 8x4, not '%s'", q->row->key,
                      q->row->precision);
}

static bool fill_chip(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    struct system *s;
    struct system_peak p;
    int in, w;
    TRY(row_bits(q, &in, &w, d));
    TRY(system_open(q->arena, q->path, q->set, q->set_count, &s, d));
    TRY(system_peak(s, in, w, &p, d));
    f->by = "component";
    f->title = s->title;
    f->precision = bits_name(q->arena, p.input_bits, p.weight_bits);
    f->input_bits = p.input_bits;
    f->weight_bits = p.weight_bits;
    f->scope = power_scope_name(s->scope);
    f->node_nm = s->node_nm;
    f->vdd_v = s->facts.vdd_v;
    f->tops = p.tops;
    f->power_w = p.power_w;
    f->area_mm2 = p.area_mm2;
    return true;
}

static double known_or(double value, double fallback)
{
    return isnan(value) ? fallback : value;
}

static const struct judged *find_row(const struct judged_list *l, const char *name,
                                     enum judged_kind kind)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->rows[i].kind == kind && !strcmp(l->rows[i].metric, "tops_per_w") &&
            !strcmp(l->rows[i].case_name, name))
            return &l->rows[i];
    return NULL;
}

/* What the array's family says without its chip, as `validate silicon` has it; a macro of no
 * family, or one with overrides, keeps the model's own figure. */
static bool take_left_out(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    const char *const one[] = {f->name, NULL}, *const path[] = {q->path, NULL};
    const char *name =
        q->row->point ? arena_printf(q->arena, "%s@%s", f->name, q->row->point) : f->name;
    struct judged_list l;
    if (q->row->set || q->row->precision)
        return true;
    judged_open(&l, q->arena);
    l.only = one;
    l.extra = is_shipped(q->arena, q->path) ? NULL : path;
    TRY(silicon_macros(&l, d));
    const struct judged *others = find_row(&l, name, JUDGED_LEAVE_ONE_OUT);
    const struct judged *blind = find_row(&l, name, JUDGED_BLIND);
    if (!others || !blind)
        return true;
    f->by = "left out";
    f->tops_per_w = others->predicted;
    f->power_w = f->tops / others->predicted;
    f->blind_tops_per_w = blind->predicted;
    f->blind_power_w = f->tops / blind->predicted;
    f->low = q->samples ? others->low : (double)NAN;
    f->high = q->samples ? others->high : (double)NAN;
    return true;
}

/* At the data statistics of the published figures, where they are given. */
static bool fill_macro(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    struct array *x;
    struct array_facts facts;
    struct macro_result r;
    const struct published *p = &f->published;
    TRY(array_open(q->arena, q->g, &x, d));
    x->ops->facts(x, &facts);
    TRY(macro_evaluate(q->arena, x, known_or(p->input_density, MACRO_INPUT_DENSITY),
                       known_or(p->weight_density, MACRO_WEIGHT_DENSITY),
                       q->row->point ? known_or(p->vdd_v, 0) : 0, &r, d));
    f->by = "model";
    f->precision = bits_name(q->arena, r.input_bits, r.weight_bits);
    f->input_bits = r.input_bits;
    f->weight_bits = r.weight_bits;
    f->scope = "macro";
    f->node_nm = facts.node_nm;
    f->vdd_v = r.vdd_v;
    f->tops = r.tops;
    f->power_w = r.tops / r.tops_per_w;
    f->area_mm2 = r.area_um2 / UM2_PER_MM2;
    return take_left_out(q, f, d);
}

/* A baseline has a rate; its power is that of what it runs. */
static bool fill_gpu(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    struct gpu *g;
    enum gpu_dtype t = GPU_INT8;
    TRY(gpu_open(q->arena, q->g, &g, d));
    if (q->row->precision && !gpu_dtype_find(q->row->precision, &t))
        return diag_input(d, q->row->file, q->row->line, "row '%s': a GPU has no '%s'", q->row->key,
                          q->row->precision);
    f->by = "structure";
    f->title = gpu_title(g);
    f->precision = gpu_dtype_name(t);
    f->input_bits = f->weight_bits = t == GPU_INT8 || t == GPU_FP8 ? 8 : 16;
    f->is_float = t != GPU_INT8;
    f->scope = "board";
    f->tops = gpu_peak_tops(g, t);
    f->area_mm2 = gpu_die_mm2(g) > 0 ? gpu_die_mm2(g) : (double)NAN;
    return true;
}

static bool fill_space(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    struct design_space s;
    size_t tried = 0;
    TRY(design_space_explore(q->arena, q->path, q->set, q->set_count, &s, d));
    for (size_t i = 0; i < s.class_count; i++)
        tried += s.classes[i].tried;
    f->by = "space";
    f->title = s.title;
    f->scope = "chip";
    f->tops = s.tops.low;
    f->tops_high = s.tops.high;
    f->power_w = s.power_w.low;
    f->power_w_high = s.power_w.high;
    f->low = s.tops_per_w.low;
    f->high = s.tops_per_w.high;
    f->area_mm2 = s.area_mm2.low;
    f->area_mm2_high = s.area_mm2.high;
    f->remark = arena_printf(q->arena,
                             "no chip but a space of designs: of %zu combinations of arrays, bits, "
                             "clocks and supplies %zu show the published power and TOPS/W, with "
                             "%.3g to %.3g TOPS; never scored",
                             tried, s.count, s.tops.low, s.tops.high);
    if (!f->has_published) {
        f->published = s.published;
        f->has_published = true;
    }
    return true;
}

/* --- a row ------------------------------------------------------------------------------------ */

/* The figures of a point that the config names: its own, nothing of the chip's other figures. */
static void take_point(const struct compare_row *row, struct published *p)
{
    for (size_t i = 0; row->point && i < p->point_count; i++) {
        const struct published_point *at = &p->points[i];
        if (strcmp(at->name, row->point) != 0)
            continue;
        p->tops = at->tops;
        p->tops_per_w = at->tops_per_w;
        p->power_w = at->power_w;
        p->precision = at->precision;
        p->vdd_v = at->vdd_v;
        p->input_density = at->input_density;
        p->weight_density = at->weight_density;
        p->note = at->note;
        p->mark = at->mark;
        p->source = at->source;
        p->tops_sparse = p->tops_high = p->tops_per_w_high = p->power_w_high = NAN;
    }
}

static bool take_published(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    TRY(published_read(q->arena, q->g, &f->published, &f->has_published, d));
    take_point(q->row, &f->published);
    if (!q->row->has_published)
        return true;
    const char *chip = f->published.chip;
    f->published = q->row->published;
    f->published.chip = chip;
    f->has_published = true;
    return true;
}

static bool fill_role(const struct asking *q, struct compare_figures *f, struct diag *d)
{
    static const struct {
        const char *role;
        bool (*fill)(const struct asking *q, struct compare_figures *f, struct diag *d);
    } roles[] = {{"accelerator", fill_accelerator},
                 {"chip", fill_chip},
                 {"macro", fill_macro},
                 {"gpu", fill_gpu},
                 {"design_space", fill_space}};
    f->role = judged_role(q->g);
    f->title = cfg_text_or(q->g, "title", NULL);
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (!strcmp(roles[i].role, f->role))
            return roles[i].fill(q, f, d);
    return diag_input(d, q->row->file, q->row->line,
                      "row '%s': %s is no accelerator, chip, macro or GPU", q->row->key, q->path);
}

/* Rates that follow from others. */
static void complete(const struct compare_row *row, struct compare_figures *f)
{
    if (row->title || !f->title)
        f->title = row->title ? row->title : row->key;
    if (isnan(f->tops_per_w) && isnan(f->tops_high))
        f->tops_per_w = f->tops / f->power_w;
    if (isnan(f->tops_per_mm2) && isnan(f->tops_high))
        f->tops_per_mm2 = f->tops / f->area_mm2;
    struct published *p = &f->published;
    if (isnan(p->tops_per_w))
        p->tops_per_w = p->tops / p->power_w;
    if (isnan(p->tops_per_mm2))
        p->tops_per_mm2 = p->tops / p->area_mm2;
}

static bool fill_figures(struct asking *q, struct compare_figures *f, struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(q->arena, q->path, q->set, q->set_count, &c, d));
    q->g = cfg_root(c);
    f->assumed = cfg_has(q->g, "assumed");
    bool ok = take_published(q, f, d) && fill_role(q, f, d);
    cfg_close(c);
    return ok;
}

bool compare_peak(struct arena *a, const struct compare_models *m, const struct compare_row *row,
                  size_t samples, uint64_t seed, struct compare_figures *out, struct diag *d)
{
    struct asking q = {.arena = a, .models = m, .row = row, .samples = samples, .seed = seed};
    struct cfg_override *set;
    struct diag said = {0};
    fill_none(out);
    out->published = row->published;
    out->has_published = row->has_published;
    out->by = out->role = out->scope = "";
    if (row->system || row->space) {
        TRY(compare_config(a, row, &q.path, &set, &q.set_count, d));
        q.set = set;
        out->name = judged_base_name(a, q.path);
        if (!fill_figures(&q, out, &said))
            return at_row(row, &said, d);
    }
    complete(row, out);
    return true;
}

/* --- normalised figures ----------------------------------------------------------------------- */

double compare_one_bit(const struct compare_figures *f, double tops_per_w)
{
    if (f->is_float || f->input_bits < 1 || f->weight_bits < 1)
        return NAN;
    return tops_per_w * f->input_bits * f->weight_bits;
}

/* The supply of a node's standard cells. */
static double nominal_v(double nm)
{
    static const double table[][2] = {{180, 1.8}, {130, 1.2}, {90, 1.1}, {65, 1.1},
                                      {45, 1.0},  {32, 0.97}, {20, 0.9}, {16, 0.8},
                                      {10, 0.75}, {7, 0.7},   {5, 0.7},  {2, 0.65}};
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (nm >= table[i][0])
            return table[i][1];
    return 0.65;
}

static bool in_tables(double nm)
{
    return nm >= NODE_MIN_NM && nm <= NODE_MAX_NM;
}

double compare_energy_gain(double from_nm, double node_nm)
{
    double factor;
    struct diag d = {0};
    if (!in_tables(from_nm) || !in_tables(node_nm))
        return NAN;
    const struct node_point from = {from_nm, NODE_HIGH_PERFORMANCE, nominal_v(from_nm)};
    const struct node_point to = {node_nm, NODE_HIGH_PERFORMANCE, nominal_v(node_nm)};
    return node_energy_factor(from, to, &factor, &d) ? 1 / factor : NAN;
}

double compare_density_gain(double from_nm, double node_nm)
{
    if (!in_tables(from_nm) || !in_tables(node_nm))
        return NAN;
    return 1 / node_area_factor(from_nm, node_nm);
}
