/* rng.h — seeded random streams: the same seed and name give the same numbers everywhere.
 *
 * Every use opens its own stream, so that a draw added in one model changes no other.
 * Not for cryptography.  Source: xoshiro256** with a splitmix64-filled state (D. Blackman and
 * S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021). */
#ifndef CIMARRON_RNG_H
#define CIMARRON_RNG_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rng {
    uint64_t word[4];
    double spare; /* the second normal of a pair */
    bool has_spare;
};

/* The stream of (seed, name); `name` says what is drawn, such as "wafer.defects". */
struct rng rng_open(uint64_t seed, const char *name);

uint64_t rng_bits(struct rng *r);
double rng_uniform(struct rng *r);                 /* [0, 1), 53 random bits */
uint64_t rng_below(struct rng *r, uint64_t bound); /* 0 .. bound-1, unbiased; bound > 0 */
double rng_normal(struct rng *r);                  /* mean 0, standard deviation 1 */

/* The factor with median 1 whose logarithm has standard deviation `sigma` >= 0. */
double rng_lognormal(struct rng *r, double sigma);

#ifdef __cplusplus
}
#endif
#endif
