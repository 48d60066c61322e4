/* vector.h — the digital vector unit beside the arrays: element-wise work, pooling, norms,
 * softmax and dynamic matrix products.
 *
 * Answers: the time and the actions of a piece of vector work on one unit.  A unit has `lanes`
 * lanes at `clock_mhz`; each function costs a number of lane operations per element and an energy
 * per lane operation.  Costed: no queue. */
#ifndef CIMARRON_VECTOR_H
#define CIMARRON_VECTOR_H

#include "core/base/cfg.h"
#include "core/base/costed.h"
#include "core/tech/component.h"
#include "traces/op.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vector_unit {
    double lanes, clock_mhz;
    struct quantity add_pj, multiply_pj, lookup_pj, compare_pj, mac_pj; /* per lane operation */
    double area_um2;                                                    /* of one unit */
    struct quantity leakage_mw;                                         /* of one unit */
};

extern const struct cfg_schema vector_schema;

FALLIBLE bool vector_open(const struct cfg_group *g, struct vector_unit *out, struct diag *d);

/* The cost of computing `elements` output elements of `op` (any kind without arrays) on `units`
 * units working side by side.  A dynamic matmul counts k MACs per element, a pool its window. */
void vector_cost(const struct vector_unit *v, const struct op *op, double elements, double units,
                 struct cost *out);

/* All lanes adding and multiplying, in mW per unit: for `peak`. */
double vector_peak_mw(const struct vector_unit *v);

#ifdef __cplusplus
}
#endif
#endif
