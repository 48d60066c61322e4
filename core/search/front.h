/* front.h — which points no other beats. */
#ifndef CIMARRON_SEARCH_FRONT_H
#define CIMARRON_SEARCH_FRONT_H

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `values` has `count` rows of `objectives` numbers, less is better; a row with a NAN takes no
 * part.  on[i]: no row is at least as good everywhere and better somewhere.  Equal rows stand
 * together.  The time grows as rows x rows of the front. */
void front_mark(struct arena *a, const double *values, size_t count, size_t objectives, bool *on);

/* The rows that take part, the best by the first objective first; of equals the next decides, at
 * last the place.  Returns how many. */
size_t front_order(const double *values, size_t count, size_t objectives, size_t *order);

#ifdef __cplusplus
}
#endif
#endif
