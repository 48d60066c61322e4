/* macro_points.h — measured points of published macros: configs/study/data/macro_points.csv.
 *
 * Answers: one row per point with its conditions; NAN or 0 where a condition does not apply.  It
 * predicts nothing.  Read by providers of core/validate alone. */
#ifndef CIMARRON_MACRO_POINTS_H
#define CIMARRON_MACRO_POINTS_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

struct macro_point {
    const char *chip, *metric; /* "tops", "tops_per_w", "latency_ns", "fj_per_mac", "energy_pj" */
    const char *measured;      /* "silicon", "layout" */
    const char *source, *known_miss; /* NULL: none recorded */
    double value, known_value;
    double vdd_v;                                                /* NAN: not told */
    double average_output;                                       /* of 15; NAN: does not apply */
    int input_bits, weight_bits, output_bits, registers, phases; /* 0: does not apply */
};

struct macro_points {
    struct macro_point *at;
    size_t count;
};

/* Reads the table of the tree. */
FALLIBLE bool macro_points_read(struct arena *a, struct macro_points *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
