/* What the models say of a row of a comparison table, beside what was published. */
#include <math.h>
#include <string.h>

#include "core/tech/node.h"
#include "core/validate/compare_models.h"
#include "core/validate/validate.h"

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
    *path = cfg_find_beside(a, row->file, row->space ? row->space : row->system,
                            row->space  ? study
                            : row->role ? one
                                        : any,
                            &said);
    if (!*path)
        return at_row(row, &said, d);
    return read_set(a, row, set, count, d);
}

static void fill_none(struct compare_figures *f)
{
    memset(f, 0, sizeof *f);
    double *const all[] = {
        &f->node_nm,         &f->vdd_v,         &f->clock_ghz,    &f->tops,
        &f->tops_sparse,     &f->power_w,       &f->tops_per_w,   &f->area_mm2,
        &f->tops_per_mm2,    &f->blind_power_w, &f->low,          &f->high,
        &f->tops_at_cap,     &f->tops_high,     &f->power_w_high, &f->area_mm2_high,
        &f->blind_tops_per_w};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        *all[i] = NAN;
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

static bool take_published(const struct compare_asking *q, struct compare_figures *f,
                           struct diag *d)
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
    p->tops_per_w = published_efficiency(p->tops_per_w, p->tops, p->power_w);
    if (isnan(p->tops_per_mm2))
        p->tops_per_mm2 = p->tops / p->area_mm2;
}

static bool fill_figures(struct compare_asking *q, struct compare_figures *f, struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(q->arena, q->path, q->set, q->set_count, &c, d));
    q->g = cfg_root(c);
    f->assumed = cfg_has(q->g, "assumed");
    bool ok = take_published(q, f, d) && compare_ask(q, f, d);
    cfg_close(c);
    return ok;
}

bool compare_peak(struct arena *a, const struct compare_models *m, const struct compare_row *row,
                  size_t samples, uint64_t seed, struct compare_figures *out, struct diag *d)
{
    struct compare_asking q = {
        .arena = a, .models = m, .row = row, .samples = samples, .seed = seed};
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
