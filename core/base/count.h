/* count.h — whole numbers beyond what a double holds exactly: multiply-accumulates, bytes.
 *
 * A double is exact to 2^53; one operator of a trace may do 10^18 multiply-accumulates, and 10^9
 * operators stand in one.  Sums of them are kept whole here; models may round them. */
#ifndef CIMARRON_COUNT_H
#define CIMARRON_COUNT_H

#include <jansson.h>

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef __int128 count128;

/* The product of counts >= 0; 2^63 - 1 where it is beyond. */
static inline int64_t count_times(int64_t a, int64_t b)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/* A number of JSON: whole up to 2^63 - 1, which readers hold; beyond, the nearest real. */
static inline json_t *count_json(count128 n)
{
    return n <= INT64_MAX ? json_integer((json_int_t)n) : json_real((double)n);
}

#ifdef __cplusplus
}
#endif
#endif
