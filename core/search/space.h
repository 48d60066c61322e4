/* space.h — what a sweep varies: knobs with values, and the points that they span.
 *
 * A knob is a key and the values that it takes, as texts: what the user wrote reaches the config
 * as it was written.  A point is a whole number below space_size: the values' places, the last
 * knob's changing fastest. */
#ifndef CIMARRON_SEARCH_SPACE_H
#define CIMARRON_SEARCH_SPACE_H

#include "core/base/arena.h"
#include "core/base/diag.h"
#include "core/search/condition.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { KNOB_VALUES_MAX = 10000 };

struct knob {
    const char *key;
    const char **values;
    size_t count;
};

struct space {
    const struct knob *knobs;
    size_t count;
};

/* "16,32,64", "1..8" (whole numbers), "128..1024*2" (each times 2), or several of these joined by
 * commas; commas in brackets and quotes belong to a value.  `option` is what complaints name. */
FALLIBLE bool knob_read(struct arena *a, const char *option, const char *key, const char *text,
                        struct knob *out, struct diag *d);

/* How many points there are; more than 2^62 are refused. */
FALLIBLE bool space_size(const struct space *s, uint64_t *out, struct diag *d);

const char *space_value(const struct space *s, uint64_t point, size_t knob);

/* The point's settings as a JSON object, keys in the order of their bytes: numbers as
 * numbers, all else as text. */
const char *space_settings(struct arena *a, const struct space *s, uint64_t point);

/* The knob of that key; SIZE_MAX: none. */
size_t space_knob(const struct space *s, const char *key);

/* Whether the point meets a condition on a knob. */
bool space_meets(const struct space *s, uint64_t point, const struct condition *c);

#ifdef __cplusplus
}
#endif
#endif
