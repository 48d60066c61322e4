/* vector.h — the digital vector unit beside the arrays: element-wise work, pooling, norms,
 * softmax and dynamic matrix products.
 *
 * Answers: the time and the actions of a piece of vector work on one unit.  A unit has `lanes`
 * lanes at `clock_mhz`; each function costs a number of lane operations per element and an energy
 * per lane operation.  Costed: no queue.  Moves (concat, slice, kv_*, ...) cost nothing here:
 * buffers and networks do them.  It does not model registers, issue limits or special values.
 *
 * A function whose group (add, multiply, lookup, compare, mac) is left out is priced, marked as
 * assumed, from M. Horowitz, "Computing's energy problem", ISSCC 2014 (45 nm, 0.9 V), scaled by
 * core/tech/node.h to node_nm and vdd_v. */
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

/* All lanes of one unit at the dearest of what they can do (an add and a multiply, a mac, a
 * look-up), in mW: for `peak`. */
double vector_peak_mw(const struct vector_unit *v);

#ifdef __cplusplus
}
#endif
#endif
