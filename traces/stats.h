/* stats.h — what is known of the values an operand takes.
 *
 * Energy of a real array depends on its data.  A trace may give a density (share of non-zero
 * values), a histogram over the operand's own integer range, or per-bit densities; without any
 * of them the defaults below are used and the report says so. */
#ifndef CIMARRON_STATS_H
#define CIMARRON_STATS_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct operand_stats {
    double density;     /* share of values that are not zero, 0..1 */
    double bit_density; /* mean share of ones over the operand's bits, 0..1 */
    double bit_toggle;  /* chance that a bit differs from the one before it in time, 0..1 */
    double mean;        /* E[|x|] / largest magnitude, 0..1 */
    double mean_square; /* E[x^2] / largest magnitude^2, 0..1 */
    bool is_default;    /* true: nothing was given, these are the defaults */
};

/* Defaults: activations density 0.5 (after a ReLU), weights density 1; both with half-normal
 * magnitudes of sigma = range/4 (activations) and range/5 (weights, 8-bit quantised to 2.5-3
 * sigma), range = 2^bits; activations are unsigned, weights in two's complement.  bits >= 1;
 * beyond 8 bits the lower ones are taken as uniform.  Values that follow each other in time are
 * independent: a bit of density p toggles with 2 p (1 - p).  Sources and derivation:
 * docs/MODELS.md. */
struct operand_stats stats_default_activation(int bits);
struct operand_stats stats_default_weight(int bits);

/* Scales a default to a given density (0..1). */
struct operand_stats stats_from_density(double density, int bits, bool is_weight);

/* From a histogram of `n` bins of equal width over the operand's integer range: unsigned
 * [0, 2^bits - 1] when !is_signed, else [-(2^(bits-1)), 2^(bits-1) - 1]; bins sum to 1 within
 * 1e-3 (they are normalised).  n >= 2. */
struct operand_stats stats_from_histogram(const double *bins, size_t n, int bits, bool is_signed);

/* From the share of ones of every bit (ones[0] the least significant, two's complement when
 * is_signed), bits taken as independent. */
struct operand_stats stats_from_bits(const double *ones, int bits, bool is_signed);

#ifdef __cplusplus
}
#endif
#endif
