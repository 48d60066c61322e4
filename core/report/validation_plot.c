/* Predicted against published, a panel for each kind of prediction. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/report/scatter.h"
#include "core/report/validation_parts.h"

/* Points that make a panel, unless single chips are asked for. */
static size_t points_min(const struct judged_list *l)
{
    return l->only ? 1 : 6;
}

static bool is_drawn(const struct judged *j, enum judged_kind kind)
{
    return j->kind == kind && !strcmp(j->metric, "tops_per_w") && j->reference > 0 &&
           j->predicted > 0 && isfinite(j->predicted);
}

static size_t count_drawn(const struct judged_list *l, enum judged_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < l->count; i++)
        count += is_drawn(&l->rows[i], kind);
    return count;
}

/* Whether a row before it shows the same chip at the same figures: two tables may judge it. */
static bool is_repeated(const struct judged_list *l, size_t at)
{
    const struct judged *j = &l->rows[at];
    for (size_t i = 0; i < at; i++) {
        const struct judged *k = &l->rows[i];
        if (is_drawn(k, j->kind) && !strcasecmp(k->chip, j->chip) &&
            fabs(log(k->reference / j->reference)) < 0.02 &&
            fabs(log(k->predicted / j->predicted)) < 0.05)
            return true;
    }
    return false;
}

/* Families in the order of the tables. */
static const char **families_of(struct arena *a, const struct judged_list *l, size_t *count)
{
    const char **families = ARENA_ARRAY(a, const char *, l->count);
    *count = 0;
    for (size_t i = 0; i < l->count; i++) {
        size_t at = 0;
        if (!is_drawn(&l->rows[i], l->rows[i].kind) || is_repeated(l, i) ||
            count_drawn(l, l->rows[i].kind) < points_min(l))
            continue;
        while (at < *count && strcmp(families[at], l->rows[i].family) != 0)
            at++;
        if (at == *count)
            families[(*count)++] = l->rows[i].family;
    }
    return families;
}

static size_t index_of(const char *const *families, size_t count, const char *family)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(families[i], family))
            return i;
    return 0;
}

static struct scatter panel_of(struct arena *a, const struct judged_list *l, enum judged_kind kind,
                               const char *const *families, size_t family_count)
{
    struct scatter_point *points = ARENA_ARRAY(a, struct scatter_point, l->count);
    struct scatter s = {.title = judged_kind_title(kind),
                        .x_title = "published TOPS/W",
                        .y_title = "predicted TOPS/W",
                        .series = families,
                        .series_count = family_count,
                        .points = points};
    for (size_t i = 0; i < l->count; i++) {
        const struct judged *j = &l->rows[i];
        if (!is_drawn(j, kind) || is_repeated(l, i))
            continue;
        points[s.count++] =
            (struct scatter_point){.x = j->reference,
                                   .y = j->predicted,
                                   .low = j->low,
                                   .high = j->high,
                                   .name = j->case_name,
                                   .series = index_of(families, family_count, j->family),
                                   .hollow = !j->scored};
    }
    return s;
}

const struct scatter *validation_panels(struct arena *a, const struct validation *v, size_t *count)
{
    static const enum judged_kind kinds[] = {JUDGED_BLIND, JUDGED_LEAVE_ONE_OUT, JUDGED_COMPONENT};
    struct scatter *panels = ARENA_ARRAY(a, struct scatter, COUNT_OF(kinds));
    size_t family_count;
    const char **families = families_of(a, v->list, &family_count);
    *count = 0;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (count_drawn(v->list, kinds[i]) >= points_min(v->list))
            panels[(*count)++] = panel_of(a, v->list, kinds[i], families, family_count);
    return panels;
}

bool report_validation_plot(FILE *out, const struct validation *v, struct diag *d)
{
    size_t count;
    struct arena *a = arena_open();
    const struct scatter *panels = validation_panels(a, v, &count);
    if (count)
        scatter_write(out, panels, count);
    arena_close(a);
    return count || diag_cannot(d, "the %s suite has no TOPS/W to draw", v->suite);
}
