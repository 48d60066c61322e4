/* macro_interval.h — the 90 % interval of one array's own TOPS/W.
 *
 * Answers: 5 and 95 % points by seeded sampling.  An array that prices by its family's constants
 * takes the family's interval (core/fit/interval.h: constants, density, design style), shifted to
 * its own prediction.  Any other has its prices drawn within their spreads, like prices together
 * (one without a spread is given one by its trust: 0.1 sourced, 0.2 recalled, 0.5 assumed), and is
 * evaluated at drawn densities, inputs N(0.35, 0.15) clipped to 0.1 .. 0.6, weights N(0.5, 0.05);
 * densities that the caller fixes are not drawn.  Rates
 * and areas are not drawn.  It does not know which chip an array is: nobody is left out; `cimarron
 * validate silicon` leaves out. */
#ifndef CIMARRON_FIT_MACRO_INTERVAL_H
#define CIMARRON_FIT_MACRO_INTERVAL_H

#include "core/cim/macro.h"
#include "core/fit/interval.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MACRO_SAMPLES_MIN = 20 };

struct macro_question {
    const struct array *array; /* at its supply */
    double input_density, weight_density;
    bool fixed_density; /* the user's: not drawn */
    size_t samples;     /* MACRO_SAMPLES_MIN .. FIT_SAMPLES_MAX */
    uint64_t seed;
};

struct macro_interval {
    double low, median, high; /* TOPS/W */
    bool by_family;           /* else by spreads of prices */
};

void macro_interval(struct arena *a, const struct macro_question *q, const struct benchmark *b,
                    struct macro_interval *out);

#ifdef __cplusplus
}
#endif
#endif
