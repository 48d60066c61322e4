/* Other operating points of SRAM macros with one anchored point.
 *
 * The published figure at the config's supply is moved by the model: squares of the supply and what
 * the array's parts know better, the alpha-power law for the rate.  Points of another precision at
 * the same supply follow from counting. */
#include <math.h>
#include <string.h>

#include "core/validate/judged_macro.h"

#define POINT_LIMIT_PCT 13.0

static struct judged row_of_point(const struct judged_macro *m, const struct published_point *point,
                                  enum judged_kind kind, const char *metric)
{
    struct judged j = judged_macro_row(m, kind, metric);
    j.case_name = arena_printf(m->list->arena, "%s@%s", m->name, point->name);
    j.scored = point->scored;
    j.mark = point->mark;
    j.source = point->source;
    judged_macro_know(m, point->name, &j);
    return j;
}

static bool add_supply(const struct judged_macro *m, const struct published_point *point,
                       struct diag *d)
{
    const struct published *p = &m->published;
    struct macro_result r;
    TRY(judged_macro_at(m, point->vdd_v, &r, d));
    struct judged energy = row_of_point(m, point, JUDGED_POINT, "tops_per_w");
    energy.predicted = p->tops_per_w * r.tops_per_w / m->at_home.tops_per_w;
    energy.reference = point->tops_per_w;
    energy.limit_pct = POINT_LIMIT_PCT;
    judged_macro_add(m, &energy);
    struct judged rate = row_of_point(m, point, JUDGED_POINT, "tops");
    rate.predicted = p->tops * r.tops / m->at_home.tops;
    rate.reference = point->tops;
    rate.scored = false;
    rate.mark = "alpha-power law from the anchor; the clock at a supply is its designers' choice";
    judged_macro_add(m, &rate);
    return true;
}

/* Another precision at the same supply: counting. */
static void add_precision(const struct judged_macro *m, const struct published_point *point)
{
    struct array_job job = array_full_job(m->array, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY);
    struct cost cost;
    if (!published_bits(point->precision, &job.input_bits, &job.weight_bits))
        return;
    job.outputs = m->array->ops->outputs(m->array, job.weight_bits);
    m->array->ops->mvm(m->array, &job, &cost);
    struct judged j = row_of_point(m, point, JUDGED_STRUCTURE, "tops");
    j.predicted = 2.0 * (double)job.rows * (double)job.outputs / cost.duration_ps;
    j.reference = point->tops;
    judged_macro_add(m, &j);
}

static bool add_points(const struct judged_macro *m, struct diag *d)
{
    for (size_t i = 0; i < m->published.point_count; i++) {
        const struct published_point *point = &m->published.points[i];
        if (point->vdd_v > 0 && fabs(point->vdd_v - m->home_v) > 1e-9)
            TRY(add_supply(m, point, d));
        else
            add_precision(m, point);
    }
    return true;
}

/* A product's energy at the highest output over the supply, anchored at the macro's own. */
static bool is_series(const struct judged_macro *m, const struct macro_point *p)
{
    return !strcmp(p->chip, m->name) && !strcmp(p->metric, "energy_pj") && p->average_output >= 15;
}

static double anchor_of(const struct judged_macro *m, const struct macro_points *points)
{
    double pj = NAN;
    for (size_t i = 0; i < points->count; i++)
        if (is_series(m, &points->at[i]) && fabs(points->at[i].vdd_v - m->home_v) < 1e-9)
            pj = points->at[i].value;
    return pj;
}

static bool add_series(const struct judged_macro *m, const struct macro_points *points,
                       struct diag *d)
{
    double anchor_pj = anchor_of(m, points);
    for (size_t i = 0; i < points->count; i++) {
        const struct macro_point *p = &points->at[i];
        struct macro_result r;
        if (!is_series(m, p) || fabs(p->vdd_v - m->home_v) < 1e-9)
            continue;
        TRY(judged_macro_at(m, p->vdd_v, &r, d));
        struct judged j = judged_macro_row(m, JUDGED_POINT, "energy_pj");
        j.case_name = arena_printf(m->list->arena, "%s@%gV", m->name, p->vdd_v);
        j.source = p->source;
        j.predicted = anchor_pj * r.energy_pj / m->at_home.energy_pj;
        j.reference = p->value;
        j.limit_pct = POINT_LIMIT_PCT;
        judged_macro_add(m, &j);
    }
    return true;
}

static bool judge(const struct judged_macro *m, const struct macro_points *points, struct diag *d)
{
    if (!judged_macro_is_sram(m) || judged_macro_is_components(m))
        return true;
    TRY(add_points(m, d));
    return add_series(m, points, d);
}

bool silicon_supplies(struct judged_list *l, struct diag *d)
{
    return judged_macro_each(l, judge, d);
}
