/* validation_parts.h — the tables and the plot of a validation; validation.c puts them together. */
#ifndef CIMARRON_VALIDATION_PARTS_H
#define CIMARRON_VALIDATION_PARTS_H

#include "core/report/document.h"
#include "core/report/validation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A case per row: rate and efficiency, published beside every kind of prediction. */
struct table *validation_efficiency(struct arena *a, const struct validation *v,
                                    struct footnotes *f);
/* A case per row: power, area and rate per area. */
struct table *validation_area(struct arena *a, const struct validation *v, struct footnotes *f);
/* A chip, metric and kind per row, for everything that the two above leave out. */
struct table *validation_others(struct arena *a, const struct validation *v);
struct table *validation_statistics(struct arena *a, const struct validation *v, bool scored);
struct table *validation_limits(struct arena *a, const struct validation *v);
/* A family, metric, kind and limit of single figures per row: how many are within and beyond. */
struct table *validation_figure_limits(struct arena *a, const struct validation *v);
/* An analog macro per row: its precision and its signal to quantisation-and-noise ratio. */
struct table *validation_sqnr(struct arena *a, const struct validation *v);
/* Rows beyond their limits, or known to be (`known` selects), and a sentence about one. */
bool validation_is_miss(const struct judged *j, bool known);
const char *validation_miss(struct arena *a, const struct judged *j);
/* Every figure of some suites. */
struct table *validation_rows(struct arena *a, const struct validation *v, size_t count);

/* The panels of the plot; count 0: nothing to draw. */
struct scatter;
const struct scatter *validation_panels(struct arena *a, const struct validation *v, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
