/* accelerator_fit.h — the few factors of the chip power formula that are found on chips.
 *
 * Answers: k on the multiply energy, k of a design class, and TDP over power at peak, by least
 * squares of ln(published / predicted) with one weight per chip, and what each chip's prediction is
 * when it, or all of its vendor's chips, are left out of the fit.
 *
 * Measured, estimated and TDP points take part; a TDP point is 1 / k.tdp of its figure.  GPU limits
 * (capped) take no part: a limit says nothing about power at peak.  Five factors on some 24 chips
 * need little holding: a prior ln k ~ N(0, 1) beside residuals of 0.5, a quarter of a chip.
 * Gauss-Newton from 1; the same data give the same bits. */
#ifndef CIMARRON_ACCELERATOR_FIT_H
#define CIMARRON_ACCELERATOR_FIT_H

#include "core/accelerator/chip_data.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CHIP_FACTORS = CHIP_FIT_TDP - CHIP_FIT_MUL + 1 }; /* FIT_MUL .. FIT_TDP */

struct accelerator_fit_row { /* watts of a data row, TDP rows as a TDP; by four sets of constants */
    double blind_w, fitted_w, leave_chip_w, leave_vendor_w;
    double published_w; /* NAN: none */
    struct chip_constants without_chip, without_vendor;
};

/* Of |ln ratio| as factors; a chip weighs one: means and shares go over its points, then chips. */
struct ratio_statistics {
    size_t chips, points;
    double geo_mean, within_2x, worst; /* worst: of any point */
    double interval; /* 90 % of chips lie within x/÷ this: exp(1.645 sigma of ln ratio) */
};

struct accelerator_fit {
    struct chip_constants all;       /* fitted on every row */
    double factor[CHIP_FACTORS];     /* its five factors */
    double factor_low[CHIP_FACTORS]; /* least and greatest with any one chip left out */
    double factor_high[CHIP_FACTORS];
    struct accelerator_fit_row *rows; /* as data->rows */
    size_t count;
    /* Measured and estimated rows: the figures that judge. */
    struct ratio_statistics blind, leave_chip, leave_vendor, fitted;
    struct ratio_statistics blind_tdp, leave_chip_tdp; /* TDP rows alone */
    double residual_sigma; /* of ln ratio, rows that judge, leave one chip out, widened for few
                              chips */
    double constant_sigma; /* of ln power by the constants' own spreads, mean over these rows */
    double style_sigma;    /* what is left: sqrt(residual^2 - constant^2) */
};

void accelerator_fit(struct arena *a, const struct chip_data *data, struct accelerator_fit *f);

/* An audit: design classes dealt anew among the chips (seeded), then the geometric mean of
 * leave_chip; the median of nine such deals.  Labels that mean nothing would do as well as the true
 * ones. */
double accelerator_fit_shuffled(struct arena *a, const struct chip_data *data, uint64_t seed);

/* "k.multiplier" ... of factor i. */
const char *chip_factor_name(int i);

/* Standard deviation of ln power at a point that the constants' spreads cause, to first order. */
double chip_constant_sigma(const struct chip_point *p, const struct chip_constants *by);

/* Fills the three sigmas and the style spread of `all` and of each row's without_chip, which is
 * found without that chip; reads rows and `all`. */
void chip_spread_designs(const struct chip_data *data, struct accelerator_fit *f);

/* Watts that a row's source would state: its power; for a TDP row that times k.tdp. */
double chip_row_power_w(const struct chip_row *row, const struct chip_constants *by);

/* Statistics over rows of a kind (`kinds`: bits 1 << enum chip_kind); predicted[i] for data row i.
 */
struct ratio_statistics chip_statistics(const struct chip_data *data, const double *predicted,
                                        unsigned kinds);

#ifdef __cplusplus
}
#endif
#endif
