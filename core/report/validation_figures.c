/* Tables of a validation about single figures: the limits that each is held to, and SQNR. */
#include <math.h>
#include <string.h>

#include "core/report/format.h"
#include "core/report/validation_parts.h"

/* "share" for "share.adc" */
static size_t metric_length(const char *metric)
{
    return strcspn(metric, ".");
}

static bool is_limited(const struct judged *j)
{
    return judged_verdict(j) != VERDICT_UNJUDGED && !isnan(j->limit_pct);
}

static bool is_alike(const struct judged *a, const struct judged *b)
{
    size_t n = metric_length(a->metric);
    return a->kind == b->kind && a->limit_pct == b->limit_pct && !strcmp(a->family, b->family) &&
           n == metric_length(b->metric) && !strncmp(a->metric, b->metric, n);
}

static bool is_first_alike(const struct judged_list *l, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (is_limited(&l->rows[i]) && is_alike(&l->rows[i], &l->rows[at]))
            return false;
    return true;
}

static void put_limit(struct arena *a, struct table *t, const struct judged_list *l,
                      const struct judged *of)
{
    const char *metric = arena_printf(a, "%.*s", (int)metric_length(of->metric), of->metric);
    const char *unit = strcmp(metric, "share") != 0 ? "%" : "points";
    size_t figures = 0, known = 0, beyond = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct judged *j = &l->rows[i];
        if (!is_limited(j) || !is_alike(of, j))
            continue;
        figures++;
        known += judged_verdict(j) == VERDICT_KNOWN_MISS;
        beyond += verdict_fails(judged_verdict(j));
    }
    table_cell(t, of->family);
    table_cell(t, metric);
    table_cell(t, judged_kind_title(of->kind));
    table_cell(t, arena_printf(a, "%g %s", of->limit_pct, unit));
    table_cell(t, arena_printf(a, "%zu", figures));
    table_cell(t, arena_printf(a, "%zu", figures - known - beyond));
    table_cell(t, arena_printf(a, "%zu", known));
    table_cell(t, arena_printf(a, "%zu", beyond));
}

struct table *validation_figure_limits(struct arena *a, const struct validation *v)
{
    static const char *const titles[] = {"family",  "figure", "by",         "limit",
                                         "figures", "within", "known miss", "beyond"};
    struct table *t = table_open(a);
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        table_column(t, titles[i], i < 3 ? ALIGN_LEFT : ALIGN_RIGHT);
    for (size_t i = 0; i < v->list->count; i++)
        if (is_limited(&v->list->rows[i]) && is_first_alike(v->list, i))
            put_limit(a, t, v->list, &v->list->rows[i]);
    return t;
}

struct table *validation_sqnr(struct arena *a, const struct validation *v)
{
    static const char prefix[] = "sqnr_db.";
    struct table *t = table_open(a);
    table_column(t, "macro", ALIGN_LEFT);
    table_column(t, "family", ALIGN_LEFT);
    table_column(t, "bits", ALIGN_LEFT);
    table_column(t, "dB", ALIGN_RIGHT);
    table_column(t, "measured", ALIGN_RIGHT);
    for (size_t i = 0; i < v->list->count; i++) {
        const struct judged *j = &v->list->rows[i];
        if (strncmp(j->metric, prefix, sizeof prefix - 1) != 0)
            continue;
        table_cell(t, j->case_name);
        table_cell(t, j->family);
        table_cell(t, j->metric + sizeof prefix - 1);
        table_cell(t, arena_printf(a, "%.1f", j->predicted));
        table_cell(t, isnan(j->reference) ? "-" : arena_printf(a, "%.1f", j->reference));
    }
    table_drop_empty(t);
    return t;
}
