/* macro.h — one array by itself at its peak: what `cimarron macro` prints.
 *
 * Answers: TOPS, TOPS/W, TOPS/mm2, latency, energy and area of the whole array at its native
 * precision, all rows and outputs in use, back-to-back vectors, leakage included.  Nothing
 * around the array (buffers, network, host) is counted.  ops = 2 per multiply-accumulate. */
#ifndef CIMARRON_MACRO_H
#define CIMARRON_MACRO_H

#include "core/cim/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Shares of ones over the bits of inputs and weights when nothing is published: assumed. */
#define MACRO_INPUT_DENSITY 0.35
#define MACRO_WEIGHT_DENSITY 0.5

struct macro_result {
    double tops, tops_per_w, tops_per_mm2;
    double sustained_tops; /* with the stalls that a peak leaves out; equal to tops without any */
    double latency_ns;     /* one vector, from entry to result */
    double energy_pj; /* of one matrix-vector product, with the leakage of its issue interval */
    double area_um2;
    double vdd_v;
    int input_bits, weight_bits;
    double part_pj[PART_COUNT];  /* sums to energy_pj */
    double part_um2[PART_COUNT]; /* sums to area_um2 */
};

/* Densities 0..1.  vdd_v: 0 is the array's own; else see array_at_vdd (scratch from `a`). */
FALLIBLE bool macro_evaluate(struct arena *a, const struct array *x, double input_density,
                             double weight_density, double vdd_v, struct macro_result *out,
                             struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
