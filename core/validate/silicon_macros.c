/* Macros bottom-up: rate from structure, energy and area blind and by the law of their family with
 * their own chip left out of the fit.
 *
 * Blind is the array's own model where its prices come from gates, cells and components; where it
 * takes constants of its family instead, blind is the law with its a-priori constants, and the
 * array's own model is in sample.  Left out is the law on the array's structural facts; the chip is
 * found in the data by published.benchmark.  Chips of the data that no config describes are judged
 * left out as well, on the facts of their rows: the families are then judged by all of their chips.
 * Intervals are those of core/fit/interval.h. */
#include <math.h>
#include <string.h>

#include "core/base/units.h"
#include "core/fit/interval.h"
#include "core/validate/silicon_macros.h"

#define RATE_LIMIT_PCT 5.0

/* docs/MODELS.md, "Families": which constants, and why they are not quite blind. */
const char *const silicon_macros_one_look =
    "a-priori constants of the family, written down after one look at its fit";

/* A chip at one of its published operating points. */
struct operating_point {
    const struct judged_macro *m;
    const char *where; /* the point's name; NULL: the group itself */
    const struct array *array;
    struct array_job job;
    struct family_facts facts;
    double tops, tops_per_w; /* of the array's own model */
    double published_tops, published_tops_per_w;
    bool scored;
    const char *mark, *source;
};

static double or_default(double x, double fallback)
{
    return isnan(x) ? fallback : x;
}

/* The array's own model: macro.h at this point's bits and densities. */
static void run_model(struct operating_point *p)
{
    struct array_facts f;
    struct cost cost;
    double pj = 0;
    p->array->ops->facts(p->array, &f);
    p->array->ops->mvm(p->array, &p->job, &cost);
    for (unsigned i = 0; i < cost.count; i++)
        pj += cost.actions[i].count * cost.actions[i].pj.value;
    pj += mw_ps_to_pj(f.leakage_mw.value, cost.duration_ps);
    double ops = 2.0 * (double)p->job.rows * (double)p->job.outputs;
    p->tops = f.peak_tops > 0 ? f.peak_tops : ops / cost.duration_ps;
    p->tops_per_w = ops / pj;
}

/* The whole array at a supply (NAN: its own) and a precision (NULL: native). */
static bool settle(struct operating_point *p, double vdd_v, const char *precision, struct diag *d)
{
    const struct judged_macro *m = p->m;
    struct array *scaled = NULL;
    int in, weight;
    p->array = m->array;
    if (vdd_v > 0 && fabs(vdd_v - m->home_v) > 1e-9 && m->array->ops->at_vdd) {
        TRY(array_at_vdd(m->list->arena, m->array, vdd_v, &scaled, d));
        p->array = scaled;
    }
    p->job = array_full_job(p->array, or_default(m->published.input_density, MACRO_INPUT_DENSITY),
                            or_default(m->published.weight_density, MACRO_WEIGHT_DENSITY));
    if (published_bits(precision, &in, &weight) &&
        p->array->ops->precision(p->array, &in, &weight)) {
        p->job.input_bits = in;
        p->job.weight_bits = weight;
        p->job.outputs = p->array->ops->outputs(p->array, weight);
    }
    p->facts = array_family_facts(p->array, &p->job);
    run_model(p);
    return true;
}

static void add(const struct operating_point *p, enum judged_kind kind, const char *metric,
                double predicted, const struct fit_interval *w, double reference, double limit_pct)
{
    struct judged j = judged_macro_row(p->m, kind, metric);
    j.predicted = predicted;
    j.reference = reference;
    j.limit_pct = limit_pct;
    j.scored = p->scored;
    j.mark = p->mark;
    j.source = p->source;
    if (!j.family)
        j.family = p->array->ops->kind;
    if (w) {
        j.low = w->low;
        j.high = w->high;
    }
    if (p->where) {
        j.case_name = arena_printf(p->m->list->arena, "%s@%s", p->m->name, p->where);
        judged_macro_know(p->m, p->where, &j);
    }
    judged_macro_add(p->m, &j);
}

/* --- energy ----------------------------------------------------------------------------------- */

static const struct fit_family *energy_family(const struct family_facts *f)
{
    switch (f->family) {
    case FAMILY_ANALOG_SRAM:
        return &fit_family_analog_sram;
    case FAMILY_RESISTIVE:
        return f->cycle_ns > 0 ? &fit_family_resistive : &fit_family_resistive_untimed;
    case FAMILY_DIGITAL:
        return &fit_family_digital;
    case FAMILY_NONE:
        break;
    }
    return NULL;
}

/* TOPS/W of products of whose events each takes event_fj. */
static double efficiency(const struct family_facts *f, double event_fj)
{
    return f->ops / (f->events * event_fj * PJ_PER_FJ);
}

/* The law at the densities that were published; those that were not are drawn. */
static struct fit_draws draws_of(const struct operating_point *p)
{
    const struct published *known = &p->m->published;
    return (struct fit_draws){FIT_SAMPLES, SILICON_MACROS_SEED, known->input_density,
                              known->weight_density};
}

static bool estimate(const struct operating_point *p, const struct fit_family *f,
                     const struct benchmark *b, struct fit_estimate *e)
{
    return f && fit_family_estimate(p->m->list->arena, f, b, &p->facts, p->m->published.benchmark,
                                    p->m->published.benchmark_count, e);
}

static void add_energy(const struct operating_point *p, const struct benchmark *b)
{
    const struct fit_family *f = energy_family(&p->facts);
    struct fit_estimate e;
    bool has_law = estimate(p, f, b, &e);
    bool by_law = has_law && p->facts.prices_by_family;
    add(p, by_law ? JUDGED_IN_SAMPLE : JUDGED_BLIND, "tops_per_w", p->tops_per_w, NULL,
        p->published_tops_per_w, NAN);
    struct fit_draws draws = draws_of(p);
    double density = fit_density_factor(draws.input_density, draws.weight_density);
    if (by_law) {
        struct operating_point law = *p;
        law.mark = p->mark ? p->mark : silicon_macros_one_look;
        add(&law, JUDGED_BLIND, "tops_per_w", efficiency(&p->facts, density * e.a_priori), NULL,
            p->published_tops_per_w, NAN);
    }
    if (!has_law)
        return;
    struct fit_interval w = fit_family_interval(f, &e, &p->facts, &draws);
    struct fit_interval turned = {efficiency(&p->facts, w.high), efficiency(&p->facts, w.median),
                                  efficiency(&p->facts, w.low)};
    add(p, JUDGED_LEAVE_ONE_OUT, "tops_per_w", efficiency(&p->facts, density * e.value), &turned,
        p->published_tops_per_w, NAN);
}

/* --- area ------------------------------------------------------------------------------------- */

static const struct fit_family *area_family(const struct family_facts *f)
{
    switch (f->family) {
    case FAMILY_ANALOG_SRAM:
        return &fit_family_analog_area;
    case FAMILY_RESISTIVE:
        return &fit_family_resistive_area;
    case FAMILY_DIGITAL:
        return &fit_family_digital_area;
    case FAMILY_NONE:
        break;
    }
    return NULL;
}

static void add_area(const struct operating_point *p, const struct benchmark *b)
{
    const struct published *known = &p->m->published;
    const struct fit_family *f = area_family(&p->facts);
    double mm2 = p->m->at_home.area_um2 / UM2_PER_MM2;
    struct fit_estimate e;
    add(p, JUDGED_BLIND, "area_mm2", mm2, NULL, known->area_mm2, NAN);
    add(p, JUDGED_BLIND, "tops_per_mm2", p->tops / mm2, NULL, known->tops_per_mm2, NAN);
    if (!estimate(p, f, b, &e))
        return;
    struct fit_draws draws = draws_of(p);
    struct fit_interval w = fit_family_interval(f, &e, &p->facts, &draws);
    struct fit_interval areas = {w.low / UM2_PER_MM2, w.median / UM2_PER_MM2, w.high / UM2_PER_MM2};
    struct fit_interval rates = {p->tops / areas.high, p->tops / areas.median, p->tops / areas.low};
    mm2 = e.value / UM2_PER_MM2;
    add(p, JUDGED_LEAVE_ONE_OUT, "area_mm2", mm2, &areas, known->area_mm2, NAN);
    add(p, JUDGED_LEAVE_ONE_OUT, "tops_per_mm2", p->tops / mm2, &rates, known->tops_per_mm2, NAN);
}

/* --- macros ----------------------------------------------------------------------------------- */

/* The published power is that of the array: else its efficiency is printed, not scored. */
static struct operating_point point_of(const struct judged_macro *m)
{
    const struct published *known = &m->published;
    return (struct operating_point){.m = m,
                                    .published_tops = known->tops,
                                    .published_tops_per_w = published_efficiency(
                                        known->tops_per_w, known->tops, known->power_w),
                                    .scored = known->scored,
                                    .mark = known->mark,
                                    .source = known->source};
}

static void mark_power(struct operating_point *p)
{
    const struct published *known = &p->m->published;
    if (published_counts_power(known))
        return;
    p->scored = false;
    if (!p->mark)
        p->mark =
            arena_printf(p->m->list->arena, "the published power is that of a %s", known->power_is);
}

static bool judge_group(const struct judged_macro *m, const struct benchmark *b, struct diag *d)
{
    struct operating_point p = point_of(m);
    TRY(settle(&p, m->published.vdd_v, m->published.precision, d));
    bool cim = p.facts.family != FAMILY_NONE || strcmp(m->array->ops->kind, "mac_array") != 0;
    add(&p, JUDGED_STRUCTURE, "tops", p.tops, NULL, p.published_tops, cim ? RATE_LIMIT_PCT : NAN);
    add_area(&p, b);
    mark_power(&p);
    add_energy(&p, b);
    return true;
}

/* A clock is structure, taken as published: a point's rate tells its cycle. */
static void take_cycle(struct operating_point *p, const struct published_point *known)
{
    bool same_work = !known->precision || (p->m->published.precision &&
                                           !strcmp(known->precision, p->m->published.precision));
    if (!same_work || !(known->tops > 0 && p->m->published.tops > 0))
        return;
    struct array_job job = array_full_job(p->m->array, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY);
    struct family_facts home = array_family_facts(p->m->array, &job);
    p->facts.cycle_ns = home.cycle_ns * p->m->published.tops / known->tops;
}

/* Further points: their energy; their rates are judged with their supplies. */
static bool judge_point(const struct judged_macro *m, const struct published_point *known,
                        const struct benchmark *b, struct diag *d)
{
    struct operating_point p = point_of(m);
    p.published_tops_per_w = published_efficiency(known->tops_per_w, known->tops, known->power_w);
    if (isnan(p.published_tops_per_w))
        return true;
    p.where = known->name;
    p.scored = known->scored;
    p.mark = known->mark;
    p.source = known->source;
    TRY(settle(&p, known->vdd_v, known->precision, d));
    take_cycle(&p, known);
    mark_power(&p);
    add_energy(&p, b);
    return true;
}

static bool is_judged_here(const struct judged_macro *m)
{
    const char *family = m->published.family;
    return !judged_macro_is_components(m) && strcmp(m->array->ops->kind, "dram_pim") != 0 &&
           !(family && strcmp(family, "design") == 0);
}

static bool judge_one(const struct judged_macro *m, const struct benchmark *b, struct diag *d)
{
    TRY(judge_group(m, b, d));
    for (size_t i = 0; i < m->published.point_count; i++)
        TRY(judge_point(m, &m->published.points[i], b, d));
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static void note_described(const struct judged_macro *m, bool *described)
{
    for (size_t i = 0; i < m->published.benchmark_count; i++) {
        int64_t chip = m->published.benchmark[i];
        if (chip >= 0 && chip < SILICON_MACROS_CHIPS)
            described[chip] = true;
    }
}

bool silicon_macros(struct judged_list *l, struct diag *d)
{
    struct judged_files files = judged_files(l, "macro");
    bool *described = ARENA_ARRAY(l->arena, bool, SILICON_MACROS_CHIPS);
    struct benchmark b;
    TRY(benchmark_open(l->arena, &b, d));
    for (size_t i = 0; i < files.count; i++) {
        struct judged_macro m;
        TRY(judged_macro_open(l, files.paths[i], &m, d));
        if (!m.has_published || !is_judged_here(&m))
            continue;
        note_described(&m, described);
        if (judged_wanted(l, m.name, m.published.chip))
            TRY(judge_one(&m, &b, d));
    }
    silicon_macros_judge_data(l, &b, described);
    return true;
}
