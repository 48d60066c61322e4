#include "core/validate/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- groups ----------------------------------------------------------------------------------- */

static bool is_share(const char *metric)
{
    return !strncmp(metric, "share.", 6);
}

static const char *metric_of(const struct judged *j)
{
    return is_share(j->metric) ? "share" : j->metric;
}

/* A row that says something about the distance to a reference. */
static bool counts(const struct judged *j)
{
    if (isnan(j->reference) || isnan(j->predicted))
        return false;
    return is_share(j->metric) || (j->reference > 0 && j->predicted > 0);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* Whether a row belongs to the group; family "all" takes every family, chip NULL every chip. */
static bool is_in(const struct statistics *s, const struct judged *j)
{
    return counts(j) && s->kind == j->kind && s->scored == j->scored &&
           !strcmp(s->metric, metric_of(j)) &&
           (!strcmp(s->family, "all") || !strcmp(s->family, j->family)) &&
           (!s->chip || !strcmp(s->chip, j->chip));
}

/* --- one group -------------------------------------------------------------------------------- */

/* Sums over the points of one chip. */
struct chip_sums {
    double n, abs_ln, ln, pct, within_1_5, within_2, points, intervals, covered;
};

static double factor_of(const struct judged *j)
{
    return exp(fabs(log(j->predicted / j->reference)));
}

static void add_ratio(struct chip_sums *c, const struct judged *j)
{
    double ln = log(j->predicted / j->reference);
    c->abs_ln += fabs(ln);
    c->ln += ln;
    c->pct += fabs(judged_error_pct(j));
    c->within_1_5 += fabs(ln) <= log(1.5);
    c->within_2 += fabs(ln) <= log(2);
    if (isnan(j->low))
        return;
    c->intervals++;
    c->covered += j->reference >= j->low && j->reference <= j->high;
}

static struct chip_sums sums_of_chip(const struct judged_list *l, const struct statistics *s,
                                     const char *chip)
{
    struct chip_sums c = {0};
    for (size_t i = 0; i < l->count; i++) {
        const struct judged *j = &l->rows[i];
        if (!is_in(s, j) || strcmp(j->chip, chip) != 0)
            continue;
        c.n++;
        if (is_share(j->metric))
            c.points += fabs(judged_error_pct(j));
        else
            add_ratio(&c, j);
    }
    return c;
}

static bool is_first_of_chip(const struct judged_list *l, const struct statistics *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (is_in(s, &l->rows[i]) && !strcmp(l->rows[i].chip, l->rows[at].chip))
            return false;
    return true;
}

static void find_worst(const struct judged_list *l, struct statistics *s)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct judged *j = &l->rows[i];
        if (!is_in(s, j))
            continue;
        s->rows++;
        double far = is_share(j->metric) ? fabs(judged_error_pct(j)) : factor_of(j);
        double *worst = is_share(j->metric) ? &s->worst_points : &s->worst;
        if (far > *worst || !s->worst_case) {
            *worst = far;
            s->worst_case = j->case_name;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_width(struct arena *a, const struct judged_list *l, const struct statistics *s)
{
    double *widths = ARENA_ARRAY(a, double, l->count);
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        if (is_in(s, &l->rows[i]) && !isnan(l->rows[i].low))
            widths[n++] = sqrt(l->rows[i].high / l->rows[i].low);
    if (!n)
        return NAN;
    qsort(widths, n, sizeof *widths, by_value);
    return n % 2 ? widths[n / 2] : sqrt(widths[n / 2 - 1] * widths[n / 2]);
}

/* Means over chips of means over a chip's points. */
static void fill_means(const struct judged_list *l, struct statistics *s)
{
    double ln = 0, abs_ln = 0, covered = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (!is_in(s, &l->rows[i]) || !is_first_of_chip(l, s, i))
            continue;
        struct chip_sums c = sums_of_chip(l, s, l->rows[i].chip);
        s->chips++;
        abs_ln += c.abs_ln / c.n;
        ln += c.ln / c.n;
        s->mean_pct += c.pct / c.n;
        s->mean_points += c.points / c.n;
        s->within_1_5 += c.within_1_5 / c.n;
        s->within_2 += c.within_2 / c.n;
        if (c.intervals > 0) {
            s->intervals++;
            covered += c.covered / c.intervals;
        }
    }
    double chips = (double)s->chips;
    s->geo_mean = exp(abs_ln / chips);
    s->bias = exp(ln / chips);
    s->mean_pct /= chips;
    s->mean_points /= chips;
    s->within_1_5 /= chips;
    s->within_2 /= chips;
    s->coverage = s->intervals ? covered / (double)s->intervals : NAN;
}

static void fill(struct arena *a, const struct judged_list *l, struct statistics *s)
{
    find_worst(l, s);
    fill_means(l, s);
    s->width = median_width(a, l, s);
    if (!strcmp(s->metric, "share"))
        s->geo_mean = s->bias = s->worst = s->mean_pct = s->within_1_5 = s->within_2 = NAN;
    else
        s->mean_points = s->worst_points = NAN;
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool has(const struct statistics_list *list, const struct statistics *s)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct statistics *t = &list->items[i];
        if (same(t->family, s->family) && same(t->metric, s->metric) && same(t->chip, s->chip) &&
            t->kind == s->kind && t->scored == s->scored)
            return true;
    }
    return false;
}

static void add(struct arena *a, const struct judged_list *l, struct statistics_list *list,
                struct statistics s)
{
    if (has(list, &s))
        return;
    list->items[list->count] = s;
    fill(a, l, &list->items[list->count++]);
}

static struct statistics group_of(const struct judged *j)
{
    return (struct statistics){
        .family = j->family, .metric = metric_of(j), .kind = j->kind, .scored = j->scored};
}

static size_t families_with(const struct statistics_list *list, const struct statistics *s,
                            size_t count)
{
    size_t families = 0;
    for (size_t i = 0; i < count; i++)
        families += !strcmp(list->items[i].metric, s->metric) && list->items[i].kind == s->kind &&
                    list->items[i].scored == s->scored;
    return families;
}

struct statistics_list statistics_by_family(struct arena *a, const struct judged_list *l)
{
    struct statistics_list list = {.items = ARENA_ARRAY(a, struct statistics, 2 * l->count)};
    for (size_t i = 0; i < l->count; i++)
        if (counts(&l->rows[i]))
            add(a, l, &list, group_of(&l->rows[i]));
    size_t families = list.count;
    for (size_t i = 0; i < families; i++) {
        struct statistics all = list.items[i];
        if (families_with(&list, &all, families) < 2)
            continue;
        add(a, l, &list,
            (struct statistics){
                .family = "all", .metric = all.metric, .kind = all.kind, .scored = all.scored});
    }
    return list;
}

struct statistics_list statistics_by_chip(struct arena *a, const struct judged_list *l)
{
    struct statistics_list list = {.items = ARENA_ARRAY(a, struct statistics, l->count)};
    for (size_t i = 0; i < l->count; i++) {
        struct statistics s = group_of(&l->rows[i]);
        s.chip = l->rows[i].chip;
        if (counts(&l->rows[i]))
            add(a, l, &list, s);
    }
    return list;
}

/* --- limits ----------------------------------------------------------------------------------- */

enum { AT_MOST, AT_LEAST };

struct limit {
    const char *suite, *family, *metric;
    const char *statistic;
    size_t offset; /* of the statistic */
    double limit, recorded;
    const char *reason;
    enum judged_kind kind;
    bool at_least;
};

static const struct limit limits[] = {
#define LIMIT(suite, family, metric, kind, statistic, side, limit, recorded, reason)               \
    {#suite, family,   metric, #statistic,    offsetof(struct statistics, statistic),              \
     limit,  recorded, reason, JUDGED_##kind, side},
#include "core/validate/statistic_limits.def"
#undef LIMIT
};

static const struct statistics *find(const struct statistics_list *s, const struct limit *l)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].scored && s->items[i].kind == l->kind &&
            !strcmp(s->items[i].family, l->family) && !strcmp(s->items[i].metric, l->metric))
            return &s->items[i];
    return NULL;
}

/* How far beyond: 0 within. */
static double excess(const struct limit *l, double value)
{
    return l->at_least ? l->limit - value : value - l->limit;
}

static enum judged_verdict verdict_of(const struct limit *l, double value)
{
    bool beyond = !(excess(l, value) <= 0);
    if (l->recorded == 0)
        return beyond ? VERDICT_BEYOND : VERDICT_WITHIN;
    if (!beyond)
        return VERDICT_MISS_HEALED;
    bool worse = l->at_least ? value < l->recorded / 1.05 : value > l->recorded * 1.05;
    return worse ? VERDICT_MISS_WORSE : VERDICT_KNOWN_MISS;
}

struct statistic_verdicts statistics_judge(struct arena *a, const char *suite,
                                           const struct statistics_list *s)
{
    struct statistic_verdicts v = {.items =
                                       ARENA_ARRAY(a, struct statistic_verdict, COUNT_OF(limits))};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        const struct limit *l = &limits[i];
        const struct statistics *of = strcmp(l->suite, suite) ? NULL : find(s, l);
        if (!of)
            continue;
        double value;
        memcpy(&value, (const char *)of + l->offset, sizeof value);
        if (isnan(value))
            continue;
        v.items[v.count++] =
            (struct statistic_verdict){.family = l->family,
                                       .metric = l->metric,
                                       .statistic = l->statistic,
                                       .kind = l->kind,
                                       .at_least = l->at_least,
                                       .limit = l->limit,
                                       .value = value,
                                       .known_miss = l->recorded == 0 ? NULL : l->reason,
                                       .known_value = l->recorded,
                                       .verdict = verdict_of(l, value)};
    }
    return v;
}
