/* wire.h — moving a bit along an on-chip wire.
 *
 * Answers: pJ per bit and mm of a repeated full-swing wire, and the bare capacitance of a local
 * wire.  0.15 pJ/bit/mm at 7 nm, 0.75 V; the capacitance per mm hardly changes with the node, so
 * only the supply counts (V^2).  Low-swing wires need their own price. */
#ifndef CIMARRON_WIRE_H
#define CIMARRON_WIRE_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WIRE_FF_PER_UM 0.2 /* a minimum-pitch local wire without repeaters */

/* vdd_v > 0. */
static inline double wire_pj_per_bit_mm(double vdd_v)
{
    return 0.15 * (vdd_v / 0.75) * (vdd_v / 0.75);
}

#ifdef __cplusplus
}
#endif
#endif
