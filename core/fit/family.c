/* The registry of families, their points, and estimates with chips left out. */
#include "core/fit/family.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct fit_family *const families[] = {
#define FAMILY(symbol) &fit_family_##symbol,
#include "core/fit/families.def"
#undef FAMILY
};

const char *const fit_grouping_words[FIT_GROUPINGS] = {"cell", "venue", "node"};

const struct fit_family *fit_family_at(size_t index)
{
    return index < COUNT_OF(families) ? families[index] : NULL;
}

const struct fit_family *fit_family_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (strcmp(families[i]->name, name) == 0)
            return families[i];
    return NULL;
}

bool fit_family_applies(const struct fit_family *f, const struct family_facts *facts)
{
    double start[FIT_CONSTANTS_MAX];
    for (size_t i = 0; i < f->law.constant_count; i++)
        start[i] = f->law.constants[i].a_priori;
    double value = f->law.value(start, facts);
    return f->of == facts->family && isfinite(value) && value > 0;
}

static bool stands_already(const struct fit_set *s, const char *chip)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->points[i].chip, chip) == 0)
            return true;
    return false;
}

static struct fit_set points_of(struct arena *a, const struct fit_family *f,
                                const struct benchmark *b, bool excluded)
{
    struct fit_set s = {ARENA_ARRAY(a, struct fit_point, b->count), 0};
    for (size_t i = 0; i < b->count; i++) {
        const struct benchmark_row *row = &b->rows[i];
        double published = f->published(row);
        if ((row->left_out[0] != '\0') != excluded || !(published > 0) ||
            !fit_family_applies(f, &row->facts) || (f->per_chip && stands_already(&s, row->chip)))
            continue;
        s.points[s.count++] = (struct fit_point){.chip = row->chip,
                                                 .title = row->title,
                                                 .note = row->left_out,
                                                 .groups = {row->cell, row->venue, row->node},
                                                 .published = published,
                                                 .mac_fj = row->mac_fj,
                                                 .facts = &row->facts,
                                                 .line = row->line};
    }
    return s;
}

struct fit_set fit_family_points(struct arena *a, const struct fit_family *f,
                                 const struct benchmark *b)
{
    return points_of(a, f, b, false);
}

struct fit_set fit_family_excluded(struct arena *a, const struct fit_family *f,
                                   const struct benchmark *b)
{
    return points_of(a, f, b, true);
}

static bool is_left_out(const struct fit_point *p, const int64_t *without, size_t count)
{
    long long index = strtoll(p->chip, NULL, 10);
    for (size_t i = 0; i < count; i++)
        if (without[i] == index)
            return true;
    return false;
}

/* What stayed in: its points, each left out in turn. */
static void judge_kept(struct arena *a, const struct fit_law *law, const struct fit_set *kept,
                       struct fit_estimate *out)
{
    struct fit_result r;
    fit_constants(law, kept, NULL, out->constants);
    fit_leave_chips_out(a, law, kept, &r);
    out->sigma = r.left_out_error.sigma;
    out->chips = r.chips;
    out->others = (const double(*)[FIT_CONSTANTS_MAX])r.constants_without;
    out->other_count = kept->count;
}

bool fit_family_estimate(struct arena *a, const struct fit_family *f, const struct benchmark *b,
                         const struct family_facts *facts, const int64_t *without,
                         size_t without_count, struct fit_estimate *out)
{
    *out = (struct fit_estimate){.chips = 0};
    if (!fit_family_applies(f, facts))
        return false;
    struct fit_set all = fit_family_points(a, f, b);
    struct fit_set kept = {ARENA_ARRAY(a, struct fit_point, all.count), 0};
    for (size_t i = 0; i < all.count; i++)
        if (!is_left_out(&all.points[i], without, without_count))
            kept.points[kept.count++] = all.points[i];
    if (kept.count == 0)
        return false;
    out->left_out = kept.count < all.count;
    for (size_t i = 0; i < f->law.constant_count; i++)
        out->constants[i] = f->law.constants[i].a_priori;
    out->a_priori = f->law.value(out->constants, facts);
    judge_kept(a, &f->law, &kept, out);
    out->value = f->law.value(out->constants, facts);
    return true;
}
