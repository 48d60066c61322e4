/* interval.h — how far a family's prediction may be off: a sampled 90 % interval.
 *
 * Answers: the 5 % and 95 % points of a prediction under (1) constants, drawn among the fits that
 * leave one further chip out, (2) data statistics that nobody published, inputs of density
 * N(0.35, 0.15) clipped to 0.1 .. 0.6 and weights N(0.5, 0.05), of which 57 % of an energy goes
 * with inputs and weights (Sinangil et al., JSSC 56(1), 2021, measured 43 % fixed), and (3) design
 * style: a log-normal whose variance is what leave-one-out residuals of the other chips hold beyond
 * (2), no less than 0.05 squared, widened for few chips by the first term of Student's
 * distribution.  Areas and times have no (2).  The width is never chosen: it follows from chips
 * that stayed in.  Draws are seeded; same seed, same interval. */
#ifndef CIMARRON_FIT_INTERVAL_H
#define CIMARRON_FIT_INTERVAL_H

#include "core/fit/family.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Statistics that nobody published. */
#define FIT_INPUT_MEAN 0.35
#define FIT_INPUT_SIGMA 0.15
#define FIT_INPUT_LEAST 0.1
#define FIT_INPUT_MOST 0.6
#define FIT_WEIGHT_MEAN 0.5
#define FIT_WEIGHT_SIGMA 0.05

enum { FIT_SAMPLES = 2000, FIT_SAMPLES_MAX = 1000000 };

struct fit_interval {
    double low, median, high; /* in the family's unit: 5, 50 and 95 % */
};

/* How an interval is drawn. */
struct fit_draws {
    size_t samples; /* 2 .. FIT_SAMPLES_MAX */
    uint64_t seed;
    double input_density, weight_density; /* published; NAN: not, so they are drawn */
};

/* Energy at these densities over that at the means (NAN: the mean itself). */
double fit_density_factor(double input_density, double weight_density);

struct fit_interval fit_family_interval(const struct fit_family *f, const struct fit_estimate *e,
                                        const struct family_facts *facts,
                                        const struct fit_draws *draws);

/* Intervals of all published points of a family, each without its chip. */
struct fit_coverage {
    double share;        /* of points whose published value lies inside */
    double median_width; /* sqrt(high / low): predictions hold within x and / of it */
};
struct fit_coverage fit_family_coverage(const struct fit_family *f, const struct benchmark *b,
                                        uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
