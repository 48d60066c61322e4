/* digital.h — arrays of SRAM cells with a multiplier each and an adder tree per weight column.
 *
 * Answers: counts, times, prices and areas from gates (core/tech/gates.h) and toggle rates.
 * Inputs come `step_bits` at a time, a tree sums active_rows products with `tree_bits` bits of
 * the weight, an accumulator recombines steps, row groups and slices.  Exact on numbers.
 * Booth recoding, approximate adders and glitches are not modelled. */
#ifndef CIMARRON_DIGITAL_H
#define CIMARRON_DIGITAL_H

#include "core/cim/array.h"
#include "core/tech/cell.h"
#include "core/tech/component.h"
#include "core/tech/gates.h"

#ifdef __cplusplus
extern "C" {
#endif

struct digital {
    struct array base;
    const char *kind;
    int64_t rows, columns; /* physical: columns of weight bits */
    int64_t active_rows;   /* inputs of one tree; rows beyond it are read in groups */
    int64_t tree_bits;     /* weight bits that enter one tree */
    int64_t step_bits;     /* input bits per step: 1 is bit-serial */
    int64_t input_bits, weight_bits, max_input_bits, max_weight_bits;
    int64_t write_cells; /* cells of a row written at once; 0: the row */
    int64_t pipeline_stages;
    double cycle_ns; /* of one step at reference_vdd_v; 0: from the tree's gates */
    double node_nm, vdd_v, reference_vdd_v, row_ff;
    bool signed_inputs, writes_while_computing;
    struct cell cell;
    struct component control; /* per step and group */
};

extern const struct cfg_schema digital_schema;

FALLIBLE bool digital_open(struct arena *a, const struct cfg_group *g, struct array **out,
                           struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
