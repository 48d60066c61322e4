/* sampler.h — which points of a space a sweep runs.
 *
 * A way of choosing is a row of constants in sampler.c; what it is given is the same for all. */
#ifndef CIMARRON_SEARCH_SAMPLER_H
#define CIMARRON_SEARCH_SAMPLER_H

#include "core/search/space.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SWEEP_POINTS_MAX = 1000000 };

struct sampling {
    const struct space *space;
    const struct condition *conditions; /* on knobs: a point that misses one is no point */
    size_t condition_count;
    size_t points; /* how many to choose; 0: not said */
    uint64_t seed;
};

struct points {
    uint64_t *at; /* in the order in which they are run and shown */
    size_t count;
};

struct sampler {
    const char *name;
    bool (*choose)(struct arena *a, const struct sampling *q, struct points *out, struct diag *d);
};

/* "grid": every point.  "random": `points` different ones, drawn with equal chances; all of them
 * where there are no more. */
FALLIBLE bool sampler_find(const char *name, const struct sampler **out, struct diag *d);

/* The points that `s` chooses; none left by the conditions is an error. */
FALLIBLE bool sampler_choose(const struct sampler *s, struct arena *a, const struct sampling *q,
                             struct points *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
