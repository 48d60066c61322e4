/* node.h — what the same circuit costs in another process node or at another supply.
 *
 * Answers: factors on area, delay and energy between two (node, supply) points.  It does not
 * know any circuit.  180 to 7 nm: polynomials of Stillmaker and Baas, Integration 58 (2017)
 * 74-81, between tabulated nodes by interpolation in the logarithm of the node.  The fits are
 * used only where they are physical: delay must fall and energy must rise with the supply.
 * Outside that stretch, but inside the node's supply range, delay follows the alpha-power law
 * (threshold 0.3 V, exponent 1.3) and energy the square of the supply, both anchored at the
 * stretch's edge.  Outside the supply range a factor is refused.  2 to 7 nm is assumed: area
 * linear and energy as the square root in the node, delay unchanged. */
#ifndef CIMARRON_NODE_H
#define CIMARRON_NODE_H

#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum node_flavor { NODE_HIGH_PERFORMANCE, NODE_LOW_POWER }; /* the same fit at 65 nm and above */

struct node_point {
    double nm; /* 2 .. 180 */
    enum node_flavor flavor;
    double vdd_v;
};

#define NODE_MIN_NM 2.0
#define NODE_MAX_NM 180.0

/* The supplies, in V, that are accepted at a node (of both neighbours, between two). */
void node_supply_range(double nm, enum node_flavor flavor, double *min_v, double *max_v);

/* value(to) / value(from).  False with a complaint: a node or a supply outside its range. */
FALLIBLE bool node_energy_factor(struct node_point from, struct node_point to, double *factor,
                                 struct diag *d);
FALLIBLE bool node_delay_factor(struct node_point from, struct node_point to, double *factor,
                                struct diag *d);

/* Area of the same layout; both nodes within NODE_MIN_NM .. NODE_MAX_NM. */
double node_area_factor(double from_nm, double to_nm);

/* Delay at vdd_v over delay at reference_v by the alpha-power law (Sakurai and Newton, JSSC
 * 25(2), 1990) with threshold 0.3 V and exponent 1.3; both supplies above NODE_THRESHOLD_V. */
#define NODE_THRESHOLD_V 0.3
double node_alpha_power(double vdd_v, double reference_v);

#ifdef __cplusplus
}
#endif
#endif
