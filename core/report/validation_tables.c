/* The tables of a validation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/report/format.h"
#include "core/report/validation_parts.h"

/* --- cases ------------------------------------------------------------------------------------ */

static const struct judged *find(const struct judged_list *l, const struct judged *of,
                                 const char *metric, enum judged_kind kind)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct judged *j = &l->rows[i];
        if (j->kind == kind && !strcmp(j->case_name, of->case_name) &&
            !strcmp(j->family, of->family) && !strcmp(j->metric, metric))
            return j;
    }
    return NULL;
}

/* The first of some kinds that predicts this metric. */
static const struct judged *find_any(const struct judged_list *l, const struct judged *of,
                                     const char *metric)
{
    static const enum judged_kind order[] = {JUDGED_STRUCTURE, JUDGED_LEAVE_ONE_OUT, JUDGED_BLIND,
                                             JUDGED_COMPONENT, JUDGED_IN_SAMPLE};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const struct judged *j = find(l, of, metric, order[i]);
        if (j)
            return j;
    }
    return NULL;
}

static bool is_one_of(const char *metric, const char *const *metrics)
{
    for (; *metrics; metrics++)
        if (!strcmp(metric, *metrics))
            return true;
    return false;
}

static bool is_whole_kind(enum judged_kind k)
{
    return k != JUDGED_POINT && k != JUDGED_CLOSED_FORM && k != JUDGED_MEASURED;
}

static const char *const efficiency_metrics[] = {"tops", "tops_per_w", NULL};
static const char *const area_metrics[] = {"power_w", "area_mm2", "tops_per_mm2", NULL};

/* The first row of its case, family and standing among those that the table shows. */
static bool leads(const struct judged_list *l, size_t at, const char *const *metrics)
{
    const struct judged *j = &l->rows[at];
    if (!is_whole_kind(j->kind) || !is_one_of(j->metric, metrics))
        return false;
    for (size_t i = 0; i < at; i++) {
        const struct judged *k = &l->rows[i];
        if (is_whole_kind(k->kind) && is_one_of(k->metric, metrics) &&
            !strcmp(k->case_name, j->case_name) && !strcmp(k->family, j->family))
            return false;
    }
    return true;
}

/* Whether any figure of the case is scored; the mark of those that are not. */
static bool is_scored(const struct judged_list *l, const struct judged *of, const char **mark)
{
    bool scored = false;
    *mark = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct judged *j = &l->rows[i];
        if (strcmp(j->case_name, of->case_name) != 0 || strcmp(j->family, of->family) != 0)
            continue;
        scored |= j->scored && (!strcmp(j->metric, "tops_per_w") || !strcmp(j->metric, "power_w"));
        if (j->mark && !*mark)
            *mark = j->mark;
    }
    return scored;
}

static const char *case_cell(struct arena *a, const struct judged_list *l, const struct judged *j,
                             struct footnotes *f)
{
    const char *mark;
    is_scored(l, j, &mark);
    return mark ? arena_printf(a, "%s [%zu]", j->case_name, footnote_number(f, mark))
                : j->case_name;
}

typedef void put_case(struct arena *a, struct table *t, const struct judged_list *l,
                      const struct judged *j, struct footnotes *f);

static void put_cases(struct arena *a, struct table *t, const struct judged_list *l,
                      const char *family, bool scored, const char *const *metrics, put_case *put,
                      struct footnotes *f)
{
    bool titled = false;
    for (size_t i = 0; i < l->count; i++) {
        const char *mark;
        const struct judged *j = &l->rows[i];
        if (strcmp(j->family, family) != 0 || !leads(l, i, metrics) ||
            is_scored(l, j, &mark) != scored)
            continue;
        if (!titled)
            table_section(t,
                          scored ? family : arena_printf(a, "%s, efficiency not scored", family));
        titled = true;
        put(a, t, l, j, f);
    }
}

static bool is_first_family(const struct judged_list *l, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!strcmp(l->rows[i].family, l->rows[at].family))
            return false;
    return true;
}

static void put_families(struct arena *a, struct table *t, const struct judged_list *l,
                         const char *const *metrics, put_case *put, struct footnotes *f)
{
    for (size_t i = 0; i < l->count; i++) {
        if (!is_first_family(l, i))
            continue;
        put_cases(a, t, l, l->rows[i].family, true, metrics, put, f);
        put_cases(a, t, l, l->rows[i].family, false, metrics, put, f);
    }
}

static void put_columns(struct table *t, const char *const *titles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        table_column(t, titles[i], i ? ALIGN_RIGHT : ALIGN_LEFT);
}

static double predicted_of(const struct judged *j)
{
    return j ? j->predicted : NAN;
}

static double reference_of(const struct judged *j)
{
    return j ? j->reference : NAN;
}

static const char *interval(struct arena *a, const struct judged *j)
{
    if (!j || isnan(j->low))
        return "-";
    return arena_printf(a, "%s..%s", format_three(a, j->low), format_three(a, j->high));
}

/* A prediction with its factor over what was published: "16.7 (1.01)". */
static const char *with_ratio(struct arena *a, const struct judged *j)
{
    if (!j || !isfinite(j->predicted))
        return "-";
    if (!(j->reference > 0))
        return format_three(a, j->predicted);
    return arena_printf(a, "%s (%s)", format_three(a, j->predicted),
                        format_factor(a, j->predicted / j->reference));
}

static void put_efficiency(struct arena *a, struct table *t, const struct judged_list *l,
                           const struct judged *j, struct footnotes *f)
{
    const struct judged *tops = find_any(l, j, "tops"), *any = find_any(l, j, "tops_per_w");
    const struct judged *loo = find(l, j, "tops_per_w", JUDGED_LEAVE_ONE_OUT);
    const struct judged *blind = find(l, j, "tops_per_w", JUDGED_BLIND);
    const struct judged *component = find(l, j, "tops_per_w", JUDGED_COMPONENT);
    table_cell(t, case_cell(a, l, j, f));
    table_cell(t, format_three(a, reference_of(tops)));
    table_cell(t, format_three(a, predicted_of(tops)));
    table_cell(t, format_three(a, reference_of(any)));
    table_cell(t, with_ratio(a, blind));
    table_cell(t, with_ratio(a, loo));
    table_cell(t, interval(a, loo ? loo : blind));
    table_cell(t, with_ratio(a, component));
}

struct table *validation_efficiency(struct arena *a, const struct validation *v,
                                    struct footnotes *f)
{
    static const char *const titles[] = {"case",  "TOPS",     "pred.", "TOPS/W",
                                         "blind", "left out", "90 %",  "component"};
    struct table *t = table_open(a);
    put_columns(t, titles, COUNT_OF(titles));
    put_families(a, t, v->list, efficiency_metrics, put_efficiency, f);
    table_drop_empty(t);
    return t;
}

static void put_pair(struct arena *a, struct table *t, const struct judged *j)
{
    table_cell(t, format_three(a, reference_of(j)));
    table_cell(t, with_ratio(a, j));
}

static void put_area(struct arena *a, struct table *t, const struct judged_list *l,
                     const struct judged *j, struct footnotes *f)
{
    const struct judged *power = find_any(l, j, "power_w"), *area = find_any(l, j, "area_mm2");
    const struct judged *density = find_any(l, j, "tops_per_mm2");
    const struct judged *by = power ? power : area ? area : density;
    table_cell(t, case_cell(a, l, j, f));
    put_pair(a, t, power);
    put_pair(a, t, area);
    put_pair(a, t, density);
    table_cell(t, !by                                ? "-"
                  : by->kind == JUDGED_LEAVE_ONE_OUT ? "left out"
                                                     : judged_kind_title(by->kind));
}

struct table *validation_area(struct arena *a, const struct validation *v, struct footnotes *f)
{
    static const char *const titles[] = {"case",  "W",        "pred.", "mm2",
                                         "pred.", "TOPS/mm2", "pred.", "by"};
    struct table *t = table_open(a);
    put_columns(t, titles, COUNT_OF(titles));
    put_families(a, t, v->list, area_metrics, put_area, f);
    table_drop_empty(t);
    return t;
}

/* --- everything else, by chip ----------------------------------------------------------------- */

static bool is_shown_above(const struct statistics *s)
{
    return is_whole_kind(s->kind) &&
           (is_one_of(s->metric, efficiency_metrics) || is_one_of(s->metric, area_metrics));
}

static const char *mean_error(struct arena *a, const struct statistics *s)
{
    return isnan(s->mean_pct) ? arena_printf(a, "%.1f points", s->mean_points)
                              : arena_printf(a, "%.1f %%", s->mean_pct);
}

static const char *worst_error(struct arena *a, const struct statistics *s)
{
    return isnan(s->worst) ? arena_printf(a, "%.1f points", s->worst_points)
                           : arena_printf(a, "x/÷ %s", format_factor(a, s->worst));
}

struct table *validation_others(struct arena *a, const struct validation *v)
{
    struct table *t = table_open(a);
    table_column(t, "chip", ALIGN_LEFT);
    table_column(t, "figure", ALIGN_LEFT);
    table_column(t, "by", ALIGN_LEFT);
    table_column(t, "points", ALIGN_RIGHT);
    table_column(t, "mean error", ALIGN_RIGHT);
    table_column(t, "worst", ALIGN_RIGHT);
    table_column(t, "scored", ALIGN_LEFT);
    for (size_t i = 0; i < v->chips.count; i++) {
        const struct statistics *s = &v->chips.items[i];
        if (is_shown_above(s) || !strncmp(s->metric, "sqnr_db", 7))
            continue;
        table_cell(t, s->chip);
        table_cell(t, s->metric);
        table_cell(t, judged_kind_title(s->kind));
        table_cell(t, arena_printf(a, "%zu", s->rows));
        table_cell(t, mean_error(a, s));
        table_cell(t, worst_error(a, s));
        table_cell(t, s->scored ? "yes" : "no");
    }
    return t;
}
