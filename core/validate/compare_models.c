/* The models behind a comparison table: chips, macros, GPUs, spaces of designs. */
#include "core/validate/compare_models.h"

#include <math.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cim/macro.h"
#include "core/gpu/gpu.h"
#include "core/system/system.h"
#include "core/validate/design_space.h"
#include "core/validate/validate.h"

static bool is_shipped(struct arena *a, const char *path)
{
    const char *configs = arena_printf(a, "%s/configs/", cfg_home(a));
    return !strncmp(path, configs, strlen(configs));
}

static const char *bits_name(struct arena *a, int in, int w)
{
    return in == w ? arena_printf(a, "int%d", in) : arena_printf(a, "%dx%d", in, w);
}

static bool row_bits(const struct compare_asking *q, int *in, int *w, struct diag *d)
{
    *in = *w = 0;
    if (!q->row->precision || published_bits(q->row->precision, in, w))
        return true;
    return diag_input(d, q->row->file, q->row->line,
                      "row '%s': 'precision' takes int8, int8xint4 or 8x4, not '%s'", q->row->key,
                      q->row->precision);
}

/* As its published figure is meant: of a design every part at full activity, else what the chip
 * takes at its peak. */
static bool chip_power(const struct system *s, const struct system_work *w,
                       const struct system_peak *peak, struct compare_figures *f, struct diag *d)
{
    struct system_power full;
    f->power_w = peak->power.total_w;
    if (!f->has_published || strcmp(f->published.power_is, "design") != 0)
        return true;
    TRY(system_full_power(s, w, &full, d));
    f->power_w = full.total_w;
    return true;
}

static bool fill_chip(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
{
    struct system *s;
    struct system_peak p;
    int in, w;
    TRY(row_bits(q, &in, &w, d));
    TRY(system_open(q->arena, q->path, q->set, q->set_count, &s, d));
    struct system_work work = system_usual_work(s, in, w);
    TRY(system_peak(s, &work, &p, d));
    f->by = "component";
    f->title = s->title;
    f->precision = bits_name(q->arena, p.input_bits, p.weight_bits);
    f->input_bits = p.input_bits;
    f->weight_bits = p.weight_bits;
    f->scope = power_scope_name(s->scope);
    f->node_nm = s->node_nm;
    f->vdd_v = s->facts.vdd_v;
    f->tops = p.tops;
    f->area_mm2 = p.area_mm2;
    return chip_power(s, &work, &p, f, d);
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
static bool take_left_out(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
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
static bool fill_macro(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
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
static bool fill_gpu(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
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

static bool fill_space(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
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

/* --- any --- */

bool compare_ask(const struct compare_asking *q, struct compare_figures *f, struct diag *d)
{
    static const struct {
        const char *role;
        bool (*fill)(const struct compare_asking *q, struct compare_figures *f, struct diag *d);
    } roles[] = {{"accelerator", compare_accelerator},
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
