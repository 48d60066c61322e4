/* Macros with their own measured components, and blind breakdowns beside published ones.
 *
 * A config configs/macro/NAME_components.cfg carries the chip's published unit energies: what is
 * judged is the accounting, totals and shares.  TOPS/W there is that of the array, without the
 * near-memory datapath, as papers quote a macro. */
#include <math.h>
#include <string.h>

#include "core/validate/judged_macro.h"

#define TOTAL_LIMIT_PCT 15.0
#define SHARE_LIMIT 10.0 /* points of 100 */

/* --- shares ----------------------------------------------------------------------------------- */

struct coarse {
    const char *name;
    enum part parts[2];
};

static const struct coarse coarse_shares[] = {
    {"cells_and_driver", {PART_ARRAY_CELLS, PART_ARRAY_DRIVER}},
    {"cells_and_adc", {PART_ARRAY_CELLS, PART_ARRAY_ADC}},
    {"accumulate", {PART_ARRAY_ADDER_TREE, PART_ARRAY_SHIFT_ADD}},
};

static bool is_part(const char *share, enum part p)
{
    const char *name = part_name(p);
    return !strcmp(share, strncmp(name, "array.", 6) ? name : name + 6);
}

/* What a share's name covers, of values by part; NAN: a word that is not told apart here. */
static double share_of(const char *share, const double *values, double total)
{
    for (int p = 0; p < PART_COUNT; p++)
        if (is_part(share, (enum part)p))
            return values[p] / total;
    for (size_t i = 0; i < COUNT_OF(coarse_shares); i++)
        if (!strcmp(coarse_shares[i].name, share))
            return (values[coarse_shares[i].parts[0]] + values[coarse_shares[i].parts[1]]) / total;
    return !strcmp(share, "periphery") ? 1 - values[PART_ARRAY_CELLS] / total : NAN;
}

static void add_shares(const struct judged_macro *m, enum judged_kind kind, const char *prefix,
                       const struct published_share *shares, size_t count, const double *values,
                       double total)
{
    for (size_t i = 0; i < count; i++) {
        const char *metric = arena_printf(m->list->arena, "%s%s", prefix, shares[i].part);
        struct judged j = judged_macro_row(m, kind, metric);
        j.predicted = share_of(shares[i].part, values, total);
        j.reference = shares[i].share;
        j.limit_pct = kind == JUDGED_COMPONENT ? SHARE_LIMIT : NAN;
        judged_macro_add(m, &j);
    }
}

static void add_breakdowns(const struct judged_macro *m, enum judged_kind kind)
{
    const struct published *p = &m->published;
    const struct macro_result *r = &m->at_home;
    add_shares(m, kind, "share.", p->breakdown, p->breakdown_count, r->part_pj, r->energy_pj);
    add_shares(m, kind, "share.area.", p->area_breakdown, p->area_breakdown_count, r->part_um2,
               r->area_um2);
}

static double array_tops_per_w(const struct macro_result *r)
{
    return r->tops_per_w * r->energy_pj / (r->energy_pj - r->part_pj[PART_VECTOR]);
}

static void add_components(const struct judged_macro *m)
{
    const struct published *p = &m->published;
    const struct macro_result *r = &m->at_home;
    struct judged total = judged_macro_row(m, JUDGED_COMPONENT, "tops_per_w");
    total.predicted = array_tops_per_w(r);
    total.reference = p->tops_per_w;
    total.limit_pct = TOTAL_LIMIT_PCT;
    judged_macro_add(m, &total);
    add_breakdowns(m, JUDGED_COMPONENT);
}

/* --- widths --------------------------------------------------------------------------------- */

static const struct cfg_override *widths(struct arena *a, const struct macro_point *p)
{
    struct cfg_override *set = ARENA_ARRAY(a, struct cfg_override, 3);
    const char *weight = arena_printf(a, "%d", p->weight_bits);
    set[0] = (struct cfg_override){"tree_bits", weight};
    set[1] = (struct cfg_override){"weight_bits", weight};
    set[2] = (struct cfg_override){"input_bits", arena_printf(a, "%d", p->input_bits)};
    return set;
}

/* Energies per multiply-accumulate at every width of a digital macro, by gates or components. */
static bool add_width(const struct judged_macro *m, enum judged_kind kind,
                      const struct macro_point *p, struct diag *d)
{
    struct arena *a = m->list->arena;
    struct macro_result r;
    struct array *array;
    struct cfg *c;
    TRY(cfg_open(a, m->path, widths(a, p), 3, &c, d));
    bool ok = array_open(a, cfg_root(c), &array, d);
    cfg_close(c);
    if (!ok || !macro_evaluate(a, array, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY, 0, &r, d))
        return false;
    struct judged j = judged_macro_row(m, kind, "fj_per_mac");
    j.case_name = arena_printf(a, "%s@%dx%d", m->name, p->input_bits, p->weight_bits);
    j.predicted = 2e3 / r.tops_per_w;
    j.reference = p->value;
    j.limit_pct = kind == JUDGED_COMPONENT ? TOTAL_LIMIT_PCT : NAN;
    j.source = p->source;
    j.mark = NULL;
    judged_macro_know(m, arena_printf(a, "%dx%d", p->input_bits, p->weight_bits), &j);
    judged_macro_add(m, &j);
    return true;
}

static bool add_widths(const struct judged_macro *m, enum judged_kind kind,
                       const struct macro_points *points, struct diag *d)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct macro_point *p = &points->at[i];
        if (!strcmp(p->chip, m->published.chip) && !strcmp(p->metric, "fj_per_mac") &&
            fabs(p->vdd_v - m->home_v) < 1e-9)
            TRY(add_width(m, kind, p, d));
    }
    return true;
}

static bool judge(const struct judged_macro *m, const struct macro_points *points, struct diag *d)
{
    if (!judged_macro_is_sram(m))
        return true;
    if (!judged_macro_is_components(m)) {
        add_breakdowns(m, JUDGED_BLIND);
        return add_widths(m, JUDGED_BLIND, points, d);
    }
    add_components(m);
    return add_widths(m, JUDGED_COMPONENT, points, d);
}

bool silicon_components(struct judged_list *l, struct diag *d)
{
    return judged_macro_each(l, judge, d);
}
