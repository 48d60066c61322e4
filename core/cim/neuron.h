/* neuron.h — a resistive array read by voltage, with an integrating neuron on every column.
 *
 * Answers: time, actions, area and leakage of one product, and the product on numbers, of arrays
 * such as NeuRRAM's (Wan et al., Nature 608, 2022).  Inputs are signed: each magnitude bit drives
 * pairs of rows by +V, 0 or -V; the columns settle, are sampled once, and the neuron integrates
 * the sample 2^k times for bit k, so that all bits of a phase meet in one conversion of as many
 * steps as it has output bits.  Magnitudes longer than phase_bits are cut in two halves, phases of
 * their own, each converted with one step less.  Word lines rise once per magnitude bit and the
 * cells conduct only while the columns settle.  A component without a price is derived: steps and
 * sums from core/tech, sampling and integrating a capacitor of 10 fF each, which leaves out the
 * standing current of the neuron's amplifier.  What the sequencer between the phases costs is not
 * modelled; conversions stop early on silicon, here every step is paid for. */
#ifndef CIMARRON_NEURON_H
#define CIMARRON_NEURON_H

#include "core/cim/array.h"
#include "core/tech/cell.h"
#include "core/tech/component.h"

#ifdef __cplusplus
extern "C" {
#endif

enum neuron_component {
    NEURON_SAMPLE,    /* per column and magnitude bit; one instance per column */
    NEURON_INTEGRATE, /* per column and integration */
    NEURON_CONVERT,   /* per column and step of a conversion */
    NEURON_SHIFT_ADD, /* per column and step of a conversion */
    NEURON_DRIVER,    /* area of one line's driver: word lines, and both rows of a pair */
    NEURON_CONTROL,   /* per phase; one instance */
    NEURON_COMPONENTS
};

struct neuron {
    struct array base;
    const char *kind;
    int64_t rows, columns; /* rows of weights: pairs of cells; outputs */
    int64_t input_bits, max_input_bits, output_bits, phase_bits;
    double integrate_ns, convert_ns, phase_ns, settle_ns;
    double node_nm, vdd_v;
    double word_line_ff, bit_line_ff; /* of one line with its driver */
    double range;                     /* largest sum converted, of the largest possible */
    struct cell cell;
    struct component components[NEURON_COMPONENTS];
    bool given[NEURON_COMPONENTS];
};

extern const struct cfg_schema neuron_schema;

/* How an input of `input_bits` is worked off. */
struct neuron_schedule {
    int magnitude_bits;
    int phases;                 /* 1 or 2 */
    int phase_bits[2];          /* high part first */
    double integrations, steps; /* of the whole product */
    double ns;
};
struct neuron_schedule neuron_schedule(const struct neuron *x, int input_bits);

/* neuron_compute.c */
void neuron_compute(const struct array *base, const struct array_job *job, const int32_t *in,
                    const int32_t *w, double *y, uint64_t seed, bool ideal);

#ifdef __cplusplus
}
#endif
#endif
