#include "core/search/sampler.h"

#include <string.h>

#include "core/base/rng.h"

enum { TRIES_PER_POINT = 1000 };

static bool may(const struct sampling *q, uint64_t point)
{
    for (size_t i = 0; i < q->condition_count; i++)
        if (!space_meets(q->space, point, &q->conditions[i]))
            return false;
    return true;
}

/* --- every point ------------------------------------------------------------------------------ */

static bool take_all(struct arena *a, const struct sampling *q, uint64_t size, struct points *out)
{
    out->at = ARENA_ARRAY(a, uint64_t, size);
    for (uint64_t point = 0; point < size; point++)
        if (may(q, point))
            out->at[out->count++] = point;
    return true;
}

static bool choose_grid(struct arena *a, const struct sampling *q, struct points *out,
                        struct diag *d)
{
    uint64_t size;
    TRY(space_size(q->space, &size, d));
    if (q->points)
        return diag_input(d, NULL, 0,
                          "--points says how many --sample random shall draw; a grid "
                          "runs all of its points");
    if (size > SWEEP_POINTS_MAX)
        return diag_input(
            d, NULL, 0,
            "the grid has %llu points, more than %d: --sample random --points N draws "
            "some of them",
            (unsigned long long)size, SWEEP_POINTS_MAX);
    return take_all(a, q, size, out);
}

/* --- some at random --------------------------------------------------------------------------- */

/* The drawn points, to tell a second draw of one: an open-addressing table, at most half full. */
struct drawn {
    uint64_t *slot; /* point + 1; 0: free */
    size_t mask;
};

static bool is_new(struct drawn *t, uint64_t point)
{
    size_t at = (size_t)(point * UINT64_C(0x9e3779b97f4a7c15) >> 20) & t->mask;
    for (; t->slot[at]; at = (at + 1) & t->mask)
        if (t->slot[at] == point + 1)
            return false;
    t->slot[at] = point + 1;
    return true;
}

static bool choose_random(struct arena *a, const struct sampling *q, struct points *out,
                          struct diag *d)
{
    uint64_t size;
    struct drawn t = {.mask = 1};
    struct rng r = rng_open(q->seed, "sweep.points");
    TRY(space_size(q->space, &size, d));
    if (!q->points)
        return diag_input(d, NULL, 0, "--sample random needs --points N, how many to draw");
    if (size <= q->points)
        return take_all(a, q, size, out);
    while (t.mask < 2 * q->points)
        t.mask = 2 * t.mask + 1;
    t.slot = ARENA_ARRAY(a, uint64_t, t.mask + 1);
    out->at = ARENA_ARRAY(a, uint64_t, q->points);
    for (size_t tries = TRIES_PER_POINT * q->points; tries && out->count < q->points; tries--) {
        uint64_t point = rng_below(&r, size);
        if (may(q, point) && is_new(&t, point))
            out->at[out->count++] = point;
    }
    return true;
}

/* --- any -------------------------------------------------------------------------------------- */

static const struct sampler samplers[] = {{"grid", choose_grid}, {"random", choose_random}};

bool sampler_find(const char *name, const struct sampler **out, struct diag *d)
{
    for (size_t i = 0; i < COUNT_OF(samplers); i++) {
        *out = &samplers[i];
        if (!strcmp(samplers[i].name, name))
            return true;
    }
    return diag_input(d, NULL, 0, "--sample takes grid or random, not '%s'", name);
}

bool sampler_choose(const struct sampler *s, struct arena *a, const struct sampling *q,
                    struct points *out, struct diag *d)
{
    *out = (struct points){0};
    TRY(s->choose(a, q, out, d));
    return out->count || diag_input(d, NULL, 0, "no point meets the conditions of --where");
}
