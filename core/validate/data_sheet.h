/* data_sheet.h — an accelerator as its data sheet states it.
 *
 * Answers: at which supplies and clocks figures were published; and by which factor a published
 * limit (TDP, design power) of a chip lies above its power at the peak, so that a prediction can be
 * held against it; `validate` and `compare` share it.  A GPU's limit is no such figure: at full
 * clock it would draw more, so its factor is 1 and its rate under the limit is
 * accelerator_sustained().  Source: k.tdp of core/accelerator/accelerator_fit.h.
 */
#ifndef CIMARRON_DATA_SHEET_H
#define CIMARRON_DATA_SHEET_H

#include "core/accelerator/accelerator.h"
#include "core/validate/published.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Published power over power at the peak, by these constants; 1 where the published is the latter.
 */
double data_sheet_factor(const struct published *p, const struct accelerator *x,
                         const struct chip_constants *by);

/* Published points that the config has no operating point for become one, at the supply and clock
 * that they state; without these, status 2 at `path`.  A supply and a clock are structure. */
FALLIBLE bool data_sheet_points(struct arena *a, const char *path, const struct published *p,
                                struct accelerator *x, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
