/* near.h — names that are nearly right: what a mistyped word may have meant. */
#ifndef CIMARRON_NEAR_H
#define CIMARRON_NEAR_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many letters must change to turn a into b; at most `limit` + 1 is returned. */
size_t cfg_distance(const char *a, const char *b, size_t limit);

/* Whether b is close enough to a to be meant. */
bool cfg_is_near(const char *a, const char *b);

#ifdef __cplusplus
}
#endif
#endif
