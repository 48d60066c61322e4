/* family.h — what a family law needs to know of an array: structure alone.
 *
 * Answers: of one array at its native precision, which family it belongs to, how many cells one
 * conversion reads and how many idle ones hang on its bit lines, converter bits and class, cycle,
 * conversions per product.  core/fit evaluates laws on these facts, of arrays as of rows of
 * published data.  It holds no constant and no energy. */
#ifndef CIMARRON_FAMILY_H
#define CIMARRON_FAMILY_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum array_family { FAMILY_NONE, FAMILY_ANALOG_SRAM, FAMILY_RESISTIVE, FAMILY_DIGITAL };

extern const char *const array_family_words[]; /* "none", "analog_sram", ...; NULL-terminated */

struct family_facts {
    enum array_family family;
    double node_nm, vdd_v;
    double cells;          /* rows summed x physical columns x reads, per conversion */
    double idle_cells;     /* on the bit lines of a conversion, not read */
    double adc_bits;       /* may be a fraction: log2 of the levels */
    bool sense;            /* sense amplifier, comparator, time domain; else sar or flash */
    bool static_current;   /* bit lines carry a current while they are read */
    double cycle_ns;       /* of one conversion's read; NAN: unknown */
    double tree_bits;      /* digital: weight bits that enter one adder tree */
    double bits;           /* stored in the array */
    double transistors;    /* of a cell, a capacitor counted as two; NAN: unknown */
    double adcs;           /* converters of the array */
    double ops;            /* of one matrix-vector product; arrays alone */
    double events;         /* conversions, or 1-b multiply-accumulates, of that product */
    bool prices_by_family; /* the array's own model takes constants of its family */
};

#ifdef __cplusplus
}
#endif
#endif
