/* What a fit is worth: leaving out chips, groups of chips, and dealing labels anew. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/fit/fit.h"

static const double normal_95 = 1.6448536;

static bool same_chip(const struct fit_point *a, const struct fit_point *b)
{
    return strcmp(a->chip, b->chip) == 0;
}

static bool is_first_of_chip(const struct fit_set *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (same_chip(&s->points[i], &s->points[at]))
            return false;
    return true;
}

struct fit_error fit_error_of(const struct fit_set *s, const double *residuals)
{
    struct fit_error e = {.worst = 1};
    double absolute = 0, square = 0, chips = 0;
    for (size_t i = 0; i < s->count; i++) {
        double chip_absolute = 0, chip_square = 0, points = 0;
        e.worst = fmax(e.worst, exp(fabs(residuals[i])));
        if (!is_first_of_chip(s, i))
            continue;
        for (size_t j = i; j < s->count; j++)
            if (same_chip(&s->points[i], &s->points[j])) {
                chip_absolute += fabs(residuals[j]);
                chip_square += residuals[j] * residuals[j];
                points++;
            }
        absolute += chip_absolute / points;
        square += chip_square / points;
        e.within_1_5 += chip_absolute / points <= log(1.5);
        e.within_2 += chip_absolute / points <= log(2);
        chips++;
    }
    e.geo_mean = exp(absolute / chips);
    e.sigma = sqrt(square / chips);
    e.within_1_5 /= chips;
    e.within_2 /= chips;
    return e;
}

/* --- leaving out ------------------------------------------------------------------------------ */

enum { BY_CHIP = -1 };

static const char *group_of(const struct fit_point *p, int grouping)
{
    const char *group = grouping == BY_CHIP ? p->chip : p->groups[grouping];
    return group ? group : "";
}

/* Residuals under constants fitted without the group of each point: how many groups there are, 0
 * where there is but one.  `constants` (may be NULL) takes those of each point. */
static size_t leave_out(struct arena *a, const struct fit_law *law, const struct fit_set *s,
                        int grouping, double *residuals, double (*constants)[FIT_CONSTANTS_MAX])
{
    bool *keep = ARENA_ARRAY(a, bool, s->count), *done = ARENA_ARRAY(a, bool, s->count);
    size_t groups = 0;
    for (size_t i = 0; i < s->count; i++) {
        double fitted[FIT_CONSTANTS_MAX] = {0};
        size_t kept = 0;
        if (done[i])
            continue;
        for (size_t j = 0; j < s->count; j++) {
            keep[j] =
                strcmp(group_of(&s->points[i], grouping), group_of(&s->points[j], grouping)) != 0;
            kept += keep[j];
        }
        if (kept == 0)
            return 0;
        fit_constants(law, s, keep, fitted);
        for (size_t j = i; j < s->count; j++)
            if (!keep[j]) {
                residuals[j] = fit_residual(law, fitted, &s->points[j]);
                done[j] = true;
                if (constants)
                    memcpy(constants[j], fitted, sizeof fitted);
            }
        groups++;
    }
    return groups;
}

static struct fit_error error_without(struct arena *a, const struct fit_law *law,
                                      const struct fit_set *s, int grouping)
{
    double *residuals = ARENA_ARRAY(a, double, s->count);
    size_t groups = leave_out(a, law, s, grouping, residuals, NULL);
    struct fit_error e = {.groups = 0};
    if (groups > 1) {
        e = fit_error_of(s, residuals);
        e.groups = groups;
    }
    return e;
}

/* --- shuffles --------------------------------------------------------------------------------- */

/* The first points of all chips. */
static size_t first_points(struct arena *a, const struct fit_set *s, size_t **out)
{
    size_t count = 0;
    *out = ARENA_ARRAY(a, size_t, s->count);
    for (size_t i = 0; i < s->count; i++)
        if (is_first_of_chip(s, i))
            (*out)[count++] = i;
    return count;
}

/* For each point the first point of the chip that its own is dealt. */
static void deal(struct arena *a, const struct fit_set *s, struct rng *r, size_t *dealt)
{
    size_t *first, count = first_points(a, s, &first);
    size_t *other = ARENA_ARRAY(a, size_t, count);
    memcpy(other, first, count * sizeof *other);
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)rng_below(r, i), kept = other[i - 1];
        other[i - 1] = other[j];
        other[j] = kept;
    }
    for (size_t i = 0; i < s->count; i++)
        for (size_t c = 0; c < count; c++)
            if (same_chip(&s->points[i], &s->points[first[c]]))
                dealt[i] = other[c];
}

static struct fit_set copy_of(struct arena *a, const struct fit_law *law, const struct fit_set *s)
{
    struct fit_set copy = {ARENA_ARRAY(a, struct fit_point, s->count), s->count};
    memcpy(copy.points, s->points, s->count * sizeof *copy.points);
    for (size_t i = 0; i < s->count; i++) {
        void *facts = arena_alloc(a, 1, law->facts_size);
        memcpy(facts, s->points[i].facts, law->facts_size);
        copy.points[i].facts = facts;
    }
    return copy;
}

/* Chips with the class labels, or with the published figures, of other chips. */
static struct fit_set shuffled(struct arena *a, const struct fit_law *law, const struct fit_set *s,
                               bool labels, struct rng *r)
{
    struct fit_set copy = copy_of(a, law, s);
    size_t *dealt = ARENA_ARRAY(a, size_t, s->count);
    deal(a, s, r, dealt);
    for (size_t i = 0; i < s->count; i++) {
        const struct fit_point *other = &s->points[dealt[i]];
        if (labels)
            law->relabel((void *)copy.points[i].facts, other->facts);
        else
            copy.points[i].published = other->published;
    }
    return copy;
}

static int by_geo_mean(const void *x, const void *y)
{
    double a = ((const struct fit_error *)x)->geo_mean, b = ((const struct fit_error *)y)->geo_mean;
    return (a > b) - (a < b);
}

/* The median of the shuffles' leave-one-chip-out errors. */
static struct fit_error shuffle(const struct fit_law *law, const struct fit_set *s, bool labels,
                                uint64_t seed)
{
    struct fit_error errors[FIT_SHUFFLES];
    struct rng r = rng_open(seed, labels ? "fit.labels" : "fit.chips");
    for (int i = 0; i < FIT_SHUFFLES; i++) {
        struct arena *scratch = arena_open();
        struct fit_set dealt = shuffled(scratch, law, s, labels, &r);
        errors[i] = error_without(scratch, law, &dealt, BY_CHIP);
        arena_close(scratch);
    }
    qsort(errors, FIT_SHUFFLES, sizeof errors[0], by_geo_mean);
    return errors[FIT_SHUFFLES / 2];
}

/* --- all of it -------------------------------------------------------------------------------- */

static void fill_residuals(const struct fit_law *law, const struct fit_set *s,
                           const double *constants, double *residuals)
{
    for (size_t i = 0; i < s->count; i++)
        residuals[i] = fit_residual(law, constants, &s->points[i]);
}

void fit_leave_chips_out(struct arena *a, const struct fit_law *law, const struct fit_set *s,
                         struct fit_result *out)
{
    *out = (struct fit_result){.left_out = ARENA_ARRAY(a, double, s->count)};
    out->constants_without = arena_alloc(a, s->count, sizeof *out->constants_without);
    out->chips = leave_out(a, law, s, BY_CHIP, out->left_out, out->constants_without);
    out->left_out_error = fit_error_of(s, out->left_out);
    out->left_out_error.groups = out->chips;
    out->interval = exp(normal_95 * out->left_out_error.sigma);
}

void fit_evaluate(struct arena *a, const struct fit_law *law, const struct fit_set *s,
                  size_t groupings, uint64_t seed, struct fit_result *out)
{
    double start[FIT_CONSTANTS_MAX];
    fit_leave_chips_out(a, law, s, out);
    out->in_sample = ARENA_ARRAY(a, double, s->count);
    for (size_t i = 0; i < law->constant_count; i++)
        start[i] = law->constants[i].a_priori;
    fill_residuals(law, s, start, out->in_sample);
    out->a_priori_error = fit_error_of(s, out->in_sample);
    fit_constants(law, s, NULL, out->constants);
    fill_residuals(law, s, out->constants, out->in_sample);
    out->in_sample_error = fit_error_of(s, out->in_sample);
    for (size_t g = 0; g < groupings; g++)
        out->group_error[g] = error_without(a, law, s, (int)g);
    if (law->relabel)
        out->shuffled_labels = shuffle(law, s, true, seed);
    out->shuffled_chips = shuffle(law, s, false, seed);
}
