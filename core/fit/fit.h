/* fit.h — constants of a law fitted to published chips, and what such a fit is worth.
 *
 * Answers: constants that minimise the squared logarithm of predicted over published, every chip
 * weighing the same however many operating points it has; the error of each chip under constants
 * fitted without it; the same leaving out whole groups of chips; and two audits with dealt-out
 * labels.  It knows no law: a law is a function of positive constants and of facts.
 * Method: Levenberg-Marquardt in the logarithms of the constants, with numeric derivatives; a
 * constant stays within a factor 1,000 of its start, so that one that the data do not ask for ends
 * small instead of diverging.  Everything is deterministic; shuffles are seeded. */
#ifndef CIMARRON_FIT_H
#define CIMARRON_FIT_H

#include "core/base/arena.h"
#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { FIT_CONSTANTS_MAX = 6, FIT_GROUPINGS_MAX = 4, FIT_SHUFFLES = 20 };

struct fit_constant {
    const char *name, *unit, *help;
    double a_priori; /* > 0: before any fit; where the fit starts */
};

struct fit_law {
    const struct fit_constant *constants;
    size_t constant_count; /* 1 .. FIT_CONSTANTS_MAX */
    /* The predicted figure, > 0. */
    double (*value)(const double *constants, const void *facts);
    /* May provide: gives `facts` the class labels of `other`: for the shuffled-label audit. */
    void (*relabel)(void *facts, const void *other);
    size_t facts_size;
};

/* One operating point of a chip. */
struct fit_point {
    const char *chip, *title, *note;       /* note: why a row takes no part */
    const char *groups[FIT_GROUPINGS_MAX]; /* cell, venue, node, ...: equal texts are one group */
    double published;                      /* > 0 */
    double mac_fj; /* published energy per 1-b multiply-accumulate; NAN: none */
    const void *facts;
    int line; /* in its file */
};

struct fit_set {
    struct fit_point *points;
    size_t count;
};

/* Errors over chips: of a chip's points the mean counts. */
struct fit_error {
    double geo_mean;             /* exp of the mean |ln(predicted / published)| */
    double worst;                /* of any point, as a factor >= 1 */
    double sigma;                /* root mean square of ln(predicted / published) */
    double within_1_5, within_2; /* shares of chips */
    size_t groups;               /* how many were left out in turn */
};

struct fit_result {
    double constants[FIT_CONSTANTS_MAX];
    double *in_sample, *left_out;                   /* ln(predicted / published) of each point */
    double (*constants_without)[FIT_CONSTANTS_MAX]; /* of each point: fitted without its chip */
    struct fit_error in_sample_error, a_priori_error, left_out_error;
    struct fit_error group_error[FIT_GROUPINGS_MAX];
    struct fit_error shuffled_labels, shuffled_chips; /* medians over shuffles; groups 0: none */
    double interval;                                  /* 90 %: exp(1.645 sigma) of left_out_error */
    size_t chips;
};

/* Constants from the points that `keep` (one flag a point; NULL: all) marks. */
void fit_constants(const struct fit_law *law, const struct fit_set *s, const bool *keep,
                   double *constants);

/* ln(predicted / published) of a point. */
double fit_residual(const struct fit_law *law, const double *constants, const struct fit_point *p);

/* All of it; groupings: how many of each point's groups are looked at.  Result lives in `a`. */
void fit_evaluate(struct arena *a, const struct fit_law *law, const struct fit_set *s,
                  size_t groupings, uint64_t seed, struct fit_result *out);

/* Only left_out, left_out_error, constants_without and chips of it. */
void fit_leave_chips_out(struct arena *a, const struct fit_law *law, const struct fit_set *s,
                         struct fit_result *out);

/* Errors of residuals ln(predicted / published), one a point. */
struct fit_error fit_error_of(const struct fit_set *s, const double *residuals);

#ifdef __cplusplus
}
#endif
#endif
