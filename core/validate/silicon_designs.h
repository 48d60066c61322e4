/* silicon_designs.h — rows of designs and of chips of resistive arrays, judged by their own
 * component prices.
 *
 * Private to silicon_designs.c and silicon_neurram.c: what they write the same way. */
#ifndef CIMARRON_SILICON_DESIGNS_H
#define CIMARRON_SILICON_DESIGNS_H

#include "core/validate/judged_macro.h"
#include "core/validate/validate.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DESIGN_SHARE_POINTS 10.0 /* limit of a share, percentage points */

/* A scored row without its figures; a design is marked as such. */
struct judged design_row(const char *name, const struct published *p, enum judged_kind kind,
                         const char *metric);

/* Adds a row, with what is known of its miss. */
void design_add(struct judged_list *l, const struct published *p, struct judged *j);

/* The sum over the parts that a published share names: "noc_router" is "noc.router", "adc"
 * "array.adc". */
double design_share(const char *share, const double *by_part);

FALLIBLE bool design_add_neurram(const struct judged_macro *m, const struct macro_points *points,
                                 struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
