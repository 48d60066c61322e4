/* vector_ops.h — lane operations: how many of each function an output element takes on a vector
 * unit.
 *
 * Answers for every kind of operator without arrays.  It knows no price and no time (vector.h).
 * Counts are of the usual algorithms, one step of a lane each: tables of slopes and offsets for
 * smooth functions, two passes for a norm, three for a softmax.  Which they are stands beside the
 * tables. */
#ifndef CIMARRON_VECTOR_OPS_H
#define CIMARRON_VECTOR_OPS_H

#include "traces/op.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lane_function { LANE_ADD, LANE_MULTIPLY, LANE_LOOKUP, LANE_COMPARE, LANE_MAC, LANE_FUNCTIONS };

struct lane_ops {
    double of[LANE_FUNCTIONS];
};

/* Per output element of `op`; all zero for moves, which buffers and networks do. */
struct lane_ops vector_lane_ops(const struct op *op);

#ifdef __cplusplus
}
#endif
#endif
