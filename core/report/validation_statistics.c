/* Statistics, limits and misses of a validation, and every figure for csv. */
#include <math.h>
#include <string.h>

#include "core/report/format.h"
#include "core/report/validation_parts.h"

static const char *percent(struct arena *a, double share)
{
    return isfinite(share) ? arena_printf(a, "%.0f %%", 100 * share) : "-";
}

/* --- statistics ------------------------------------------------------------------------------- */

static void put_statistics(struct arena *a, struct table *t, const struct statistics *s)
{
    bool points = isnan(s->geo_mean);
    table_cell(t, s->family);
    table_cell(t, points ? arena_printf(a, "%s, points", s->metric) : s->metric);
    table_cell(t, arena_printf(a, "%zu", s->chips));
    table_cell(t, points ? arena_printf(a, "%.1f", s->mean_points) : format_factor(a, s->geo_mean));
    table_cell(t, format_factor(a, s->bias));
    table_cell(t, points ? arena_printf(a, "%.1f", s->worst_points) : format_factor(a, s->worst));
    table_cell(t, s->worst_case);
    table_cell(t, percent(a, s->within_1_5));
    table_cell(t, percent(a, s->within_2));
    table_cell(t, percent(a, s->coverage));
    table_cell(t, format_factor(a, s->width));
}

static void put_kind(struct arena *a, struct table *t, const struct validation *v, bool scored,
                     enum judged_kind kind)
{
    bool titled = false;
    for (size_t i = 0; i < v->families.count; i++) {
        const struct statistics *s = &v->families.items[i];
        if (s->kind != kind || s->scored != scored)
            continue;
        if (!titled)
            table_section(
                t, arena_printf(a, "%s: %s", judged_kind_title(kind), judged_kind_help(kind)));
        titled = true;
        put_statistics(a, t, s);
    }
}

struct table *validation_statistics(struct arena *a, const struct validation *v, bool scored)
{
    struct table *t = table_open(a);
    table_column(t, "family", ALIGN_LEFT);
    table_column(t, "figure", ALIGN_LEFT);
    table_column(t, "chips", ALIGN_RIGHT);
    table_column(t, "x/÷", ALIGN_RIGHT);
    table_column(t, "bias", ALIGN_RIGHT);
    table_column(t, "worst", ALIGN_RIGHT);
    table_column(t, "of", ALIGN_LEFT);
    table_column(t, "<1.5x", ALIGN_RIGHT);
    table_column(t, "<2x", ALIGN_RIGHT);
    table_column(t, "in 90", ALIGN_RIGHT);
    table_column(t, "width", ALIGN_RIGHT);
    for (int k = 0; k < JUDGED_KIND_COUNT; k++)
        put_kind(a, t, v, scored, (enum judged_kind)k);
    return t;
}

/* --- limits and misses ------------------------------------------------------------------------ */

struct table *validation_limits(struct arena *a, const struct validation *v)
{
    struct table *t = table_open(a);
    table_column(t, "family", ALIGN_LEFT);
    table_column(t, "figure", ALIGN_LEFT);
    table_column(t, "by", ALIGN_LEFT);
    table_column(t, "statistic", ALIGN_LEFT);
    table_column(t, "value", ALIGN_RIGHT);
    table_column(t, "limit", ALIGN_RIGHT);
    table_column(t, "verdict", ALIGN_LEFT);
    for (size_t i = 0; i < v->limits.count; i++) {
        const struct statistic_verdict *s = &v->limits.items[i];
        table_cell(t, s->family);
        table_cell(t, s->metric);
        table_cell(t, judged_kind_title(s->kind));
        table_cell(t, s->statistic);
        table_cell(t, format_three(a, s->value));
        table_cell(t,
                   arena_printf(a, "%s %s", s->at_least ? ">=" : "<=", format_three(a, s->limit)));
        table_cell(t, s->known_miss
                          ? arena_printf(a, "%s: %s", verdict_name(s->verdict), s->known_miss)
                          : verdict_name(s->verdict));
    }
    return t;
}

bool validation_is_miss(const struct judged *j, bool known)
{
    enum judged_verdict verdict = judged_verdict(j);
    return known ? verdict == VERDICT_KNOWN_MISS : verdict_fails(verdict);
}

const char *validation_miss(struct arena *a, const struct judged *j)
{
    const char *unit = !strncmp(j->metric, "share.", 6) ? "points" : "%";
    const char *limit =
        isnan(j->limit_pct) ? "" : arena_printf(a, ", limit %.3g %s", j->limit_pct, unit);
    return arena_printf(a, "%s by %s: %s predicted, %s published, %+.1f %s%s: %s", j->metric,
                        judged_kind_title(j->kind), format_three(a, j->predicted),
                        format_three(a, j->reference), judged_error_pct(j), unit, limit,
                        j->known_miss && !verdict_fails(judged_verdict(j))
                            ? j->known_miss
                            : verdict_name(judged_verdict(j)));
}

/* --- csv -------------------------------------------------------------------------------------- */

static const char *exact(struct arena *a, double value)
{
    return arena_strdup(a, format_exact(value).s);
}

static void put_row(struct arena *a, struct table *t, const char *suite, const struct judged *j)
{
    table_cell(t, suite);
    table_cell(t, j->case_name);
    table_cell(t, j->chip);
    table_cell(t, j->family);
    table_cell(t, j->metric);
    table_cell(t, judged_kind_name(j->kind));
    table_cell(t, exact(a, j->predicted));
    table_cell(t, exact(a, j->low));
    table_cell(t, exact(a, j->high));
    table_cell(t, exact(a, j->reference));
    table_cell(t, exact(a, judged_error_pct(j)));
    table_cell(t, exact(a, j->limit_pct));
    table_cell(t, verdict_name(judged_verdict(j)));
    table_cell(t, j->scored ? "true" : "false");
    table_cell(t, j->mark ? j->mark : "");
    table_cell(t, j->known_miss ? j->known_miss : "");
    table_cell(t, j->source ? j->source : "");
}

struct table *validation_rows(struct arena *a, const struct validation *v, size_t count)
{
    static const char *const titles[] = {
        "suite",     "case",   "chip", "family",     "metric",    "kind",
        "predicted", "low",    "high", "reference",  "error_pct", "limit_pct",
        "verdict",   "scored", "mark", "known_miss", "source"};
    struct table *t = table_open(a);
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        table_column(t, titles[i], ALIGN_LEFT);
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < v[s].list->count; i++)
            put_row(a, t, v[s].suite, &v[s].list->rows[i]);
    return t;
}
