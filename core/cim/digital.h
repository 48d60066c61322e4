/* digital.h — arrays of SRAM cells with a multiplier each and adders per weight column.
 *
 * Answers: counts, times, prices and areas from gates (core/tech/gates.h) and toggle rates.
 * Inputs come `step_bits` at a time; products with `tree_bits` bits of the weight are summed over
 * active_rows by a tree, or from row to row by a chain of adders in the array, as wide as the
 * weight and its guard columns, with a register each chain_rows rows (H. Kim et al., Colonnade,
 * JSSC 2021).  A multiplier wider than a bit is an array of ANDs or recodes its input (radix-4
 * Booth: A. Booth, 1951; O. MacSorley, 1961).  An accumulator recombines steps, row groups and
 * slices.  A component that the config prices is taken as published.  Exact on numbers.
 * Approximate adders, glitches of trees and clock trees are not modelled. */
#ifndef CIMARRON_DIGITAL_H
#define CIMARRON_DIGITAL_H

#include "core/cim/array.h"
#include "core/tech/cell.h"
#include "core/tech/component.h"
#include "core/tech/gates.h"

#ifdef __cplusplus
extern "C" {
#endif

enum digital_accumulation { DIGITAL_TREE, DIGITAL_CHAIN };
enum digital_multiplier { DIGITAL_AND_ARRAY, DIGITAL_BOOTH };

enum digital_component {
    DIGITAL_COMPUTE,     /* per column in use, row and step: cell, multiplier and adder together */
    DIGITAL_DRIVER,      /* per row and step: input register and row line */
    DIGITAL_ACCUMULATOR, /* per sum */
    DIGITAL_DECODER,     /* per step and group */
    DIGITAL_CONTROL,     /* per step and group */
    DIGITAL_COMPONENTS
};

struct digital {
    struct array base;
    const char *kind;
    int64_t rows, columns; /* physical: columns of weight bits */
    int64_t active_rows;   /* inputs of one tree; rows beyond it are read in groups */
    int64_t tree_bits;     /* weight bits that enter one tree */
    int64_t step_bits;     /* input bits per step: 1 is bit-serial */
    int64_t guard_columns; /* of a weight, beside its bits: they hold adders alone */
    int64_t chain_rows;    /* rows between registers of a chain */
    int accumulation, multiplier;
    int64_t input_bits, weight_bits, max_input_bits, max_weight_bits;
    int64_t write_cells; /* cells of a row written at once; 0: the row */
    int64_t pipeline_stages;
    double cycle_ns; /* of one step at reference_vdd_v; 0: from the tree's gates */
    double node_nm, vdd_v, reference_vdd_v, row_ff;
    bool signed_inputs, writes_while_computing;
    struct cell cell;
    struct component components[DIGITAL_COMPONENTS];
    bool given[DIGITAL_COMPONENTS];
};

extern const struct cfg_schema digital_schema;

FALLIBLE bool digital_open(struct arena *a, const struct cfg_group *g, struct array **out,
                           struct diag *d);

/* The whole MVM: digital_energy.c. */
void digital_mvm(const struct array *base, const struct array_job *job, struct cost *out);

double digital_weight_columns(const struct digital *x); /* of one tree: its bits and its guard */
double digital_trees(const struct digital *x); /* of the whole array: outputs x slices at most */
double digital_accumulator_bits(const struct digital *x, int64_t input_bits);
double digital_product_bits(const struct digital *x); /* what enters the adders per row */
double digital_booth_digits(const struct digital *x);
double digital_cycle_ps(const struct digital *x); /* of one step, at its supply */

/* Adds the parts to facts that hold none yet. */
void digital_sum_parts(const struct digital *x, struct array_facts *f);

void digital_family(const struct array *base, const struct array_job *job,
                    struct family_facts *out);

#ifdef __cplusplus
}
#endif
#endif
