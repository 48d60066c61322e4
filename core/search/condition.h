/* condition.h — `KEY < VALUE`: what a point of a sweep must meet. */
#ifndef CIMARRON_SEARCH_CONDITION_H
#define CIMARRON_SEARCH_CONDITION_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum relation { LESS, AT_MOST, MORE, AT_LEAST, EQUAL, OTHER };

struct condition {
    const char *key, *text; /* the value as it was written */
    enum relation relation;
    bool is_number;
    double value;
};

/* "area_mm2 < 500"; <, <=, >, >=, =, == and != with or without blanks.  A word as the value goes
 * with = and != alone. */
FALLIBLE bool condition_read(struct arena *a, const char *text, struct condition *out,
                             struct diag *d);

/* Whether a value meets it; a number is compared as a number, NAN meets nothing. */
bool condition_holds_number(const struct condition *c, double value);
bool condition_holds_text(const struct condition *c, const char *value);

#ifdef __cplusplus
}
#endif
#endif
