/* statistics.h — how far predictions lie from their references, by family, metric and kind.
 *
 * Answers: the geometric mean of the ratio, the worst, shares within 1.5x and 2x, what the
 * intervals cover and how wide they are; and which of these are beyond the limits asked for
 * (statistic_limits.def).  Kinds of prediction are never mixed, and figures that are not scored
 * have groups of their own.
 *
 * A chip weighs one, however many of its points are judged: means and shares go over the points of
 * a chip first, then over chips.  Shares of a breakdown are compared in points of 100: there
 * `mean_points` and `worst_points` are filled, and the ratios are NAN. */
#ifndef CIMARRON_STATISTICS_H
#define CIMARRON_STATISTICS_H

#include "core/validate/validate.h"

#ifdef __cplusplus
extern "C" {
#endif

struct statistics {
    const char *family; /* a family, or "all" */
    const char *metric; /* "tops_per_w"; all shares of breakdowns are "share" */
    const char *chip;   /* of statistics by chip; else NULL */
    enum judged_kind kind;
    bool scored;
    size_t rows, chips;
    double geo_mean; /* exp of the mean of |ln(predicted / reference)|: 1 is perfect */
    double bias;     /* exp of the mean of ln(predicted / reference): above 1 is too high */
    double worst;    /* the largest factor, at least 1 */
    double mean_pct; /* mean of |error| in per cent */
    const char *worst_case;
    double within_1_5, within_2;      /* 0..1 */
    double mean_points, worst_points; /* of shares */
    size_t intervals;                 /* chips that have any */
    double coverage;                  /* share of references inside their 90 % interval, 0..1 */
    double width;                     /* median of sqrt(high / low): the x/÷ factor */
};

struct statistics_list {
    struct statistics *items;
    size_t count;
};

/* In the order in which families, metrics and kinds first occur; then "all" families of a metric
 * and kind that more than one family has. */
struct statistics_list statistics_by_family(struct arena *a, const struct judged_list *l);

/* One for each chip, metric and kind. */
struct statistics_list statistics_by_chip(struct arena *a, const struct judged_list *l);

/* A limit on a statistic, and how it stands. */
struct statistic_verdict {
    const char *family, *metric, *statistic; /* "geo_mean", "within_2", "worst", ... */
    enum judged_kind kind;
    bool at_least; /* value must be at least the limit, else at most */
    double limit, value;
    const char *known_miss; /* the recorded reason, or NULL */
    double known_value;
    enum judged_verdict verdict;
};

struct statistic_verdicts {
    struct statistic_verdict *items;
    size_t count;
};

/* The limits of the suite whose statistic was computed from all of its chips. */
struct statistic_verdicts statistics_judge(struct arena *a, const char *suite,
                                           const struct statistics_list *s);

#ifdef __cplusplus
}
#endif
#endif
