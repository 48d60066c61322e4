#include <math.h>
#include <string.h>

#include "core/validate/validate.h"

/* --- kinds ------------------------------------------------------------------------------------ */

struct kind_words {
    const char *name, *title, *help;
};

static const struct kind_words kinds[] = {
#define KIND(id, name, title, help) {name, title, help},
#include "core/validate/judged_kinds.def"
#undef KIND
};

const char *judged_kind_name(enum judged_kind k)
{
    return kinds[k].name;
}

const char *judged_kind_title(enum judged_kind k)
{
    return kinds[k].title;
}

const char *judged_kind_help(enum judged_kind k)
{
    return kinds[k].help;
}

/* --- rows ------------------------------------------------------------------------------------- */

void judged_open(struct judged_list *l, struct arena *a)
{
    *l = (struct judged_list){.arena = a};
}

/* NAME, NAME@point and NAME:part are cases of NAME. */
static bool is_of(const char *text, const char *name)
{
    size_t length = strlen(name);
    return text && !strncmp(text, name, length) &&
           (!text[length] || text[length] == '@' || text[length] == ':');
}

bool judged_wanted(const struct judged_list *l, const char *case_name, const char *chip)
{
    for (const char *const *name = l->only; name && *name; name++)
        if (is_of(case_name, *name) || is_of(chip, *name))
            return true;
    return !l->only;
}

static void grow(struct judged_list *l)
{
    l->capacity = l->capacity ? 2 * l->capacity : 64;
    struct judged *rows = ARENA_ARRAY(l->arena, struct judged, l->capacity);
    if (l->count)
        memcpy(rows, l->rows, l->count * sizeof *rows);
    l->rows = rows;
}

/* A zeroed struct says nothing about intervals and limits. */
static struct judged cleaned(const struct judged *j)
{
    struct judged row = *j;
    if (!row.chip)
        row.chip = row.case_name;
    if (!row.family || !row.family[0])
        row.family = "other";
    if (!(row.low > 0 && row.high > 0))
        row.low = row.high = NAN;
    if (!(row.limit_pct > 0))
        row.limit_pct = NAN;
    return row;
}

void judged_add(struct judged_list *l, const struct judged *j)
{
    if (!judged_wanted(l, j->case_name, j->chip))
        return;
    if (l->count == l->capacity)
        grow(l);
    l->rows[l->count++] = cleaned(j);
}

void judged_know(struct judged *j, const struct published *p)
{
    const struct published_miss *m = published_miss_of(p, j->metric, judged_kind_name(j->kind));
    j->known_miss = m ? m->reason : NULL;
    j->known_value = m ? m->value : NAN;
}

/* --- verdicts --------------------------------------------------------------------------------- */

static bool is_share(const struct judged *j)
{
    return !strncmp(j->metric, "share.", 6);
}

static double error_pct(const struct judged *j, double predicted)
{
    return 100 * (is_share(j) ? predicted - j->reference : predicted / j->reference - 1);
}

double judged_error_pct(const struct judged *j)
{
    return error_pct(j, j->predicted);
}

/* How far off, so that half and double are equally far: ln of the ratio; of shares the points. */
static double distance(const struct judged *j, double predicted)
{
    return is_share(j) ? fabs(predicted - j->reference) : fabs(log(predicted / j->reference));
}

/* 5 % worse than recorded; of shares half a point. */
static bool is_worse(const struct judged *j)
{
    return distance(j, j->predicted) >
           distance(j, j->known_value) + (is_share(j) ? 0.005 : log(1.05));
}

/* A miss without a limit of its own can only be watched for getting worse. */
enum judged_verdict judged_verdict(const struct judged *j)
{
    bool limited = !isnan(j->limit_pct);
    if (!j->scored || isnan(j->reference) || (!limited && !j->known_miss))
        return VERDICT_UNJUDGED;
    bool beyond = !(fabs(judged_error_pct(j)) <= j->limit_pct);
    if (!j->known_miss)
        return beyond ? VERDICT_BEYOND : VERDICT_WITHIN;
    if (limited && !beyond)
        return VERDICT_MISS_HEALED;
    return is_worse(j) ? VERDICT_MISS_WORSE : VERDICT_KNOWN_MISS;
}

bool verdict_fails(enum judged_verdict v)
{
    return v == VERDICT_BEYOND || v == VERDICT_MISS_WORSE || v == VERDICT_MISS_HEALED;
}

const char *verdict_name(enum judged_verdict v)
{
    static const char *const names[] = {
        [VERDICT_UNJUDGED] = "",
        [VERDICT_WITHIN] = "within limit",
        [VERDICT_BEYOND] = "beyond limit",
        [VERDICT_KNOWN_MISS] = "known miss",
        [VERDICT_MISS_WORSE] = "known miss, worse than recorded",
        [VERDICT_MISS_HEALED] = "known miss, now within its limit",
    };
    return names[v];
}

/* --- suites ----------------------------------------------------------------------------------- */

const struct provider *provider_at(size_t index)
{
    static const struct provider providers[] = {
#define PROVIDER(suite, function) {#suite, function},
#include "core/validate/providers.def"
#undef PROVIDER
        {NULL, NULL}};
    return index + 1 < COUNT_OF(providers) ? &providers[index] : NULL;
}

bool suite_fill(const char *suite, struct judged_list *l, size_t *filled, struct diag *d)
{
    const struct provider *p;
    *filled = 0;
    for (size_t i = 0; (p = provider_at(i)) != NULL; i++) {
        if (strcmp(p->suite, suite) != 0)
            continue;
        TRY(p->fill(l, d));
        ++*filled;
    }
    return true;
}
