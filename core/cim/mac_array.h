/* mac_array.h — multiply-accumulate engines beside a memory that holds their weights.
 *
 * Answers: counts, times, prices and areas of a systolic engine or of dot-product lanes (R x C
 * cells) with a store of weights and a memory of inputs and sums close by.  The store holds a
 * matrix of `rows` weight rows; a vector visits its R x C tiles one after the other.
 *   P = s v [a e_mac + (0.5 + 0.5 a) n_ff e_ff + (0.6 + 0.4 a)(bytes e_s(S) + bit-mm e_w)] + clock
 * with s = (nm/7)^0.39 (not on wires), v = (V/0.75)^2, a the activity of the operands.  Constants
 * are from the literature at 7 nm and fitted to no chip here; see mac_array.c.
 * Exact on integers.  Not modelled: rounding of floating formats, saturation, skipped zeros,
 * stalls for inputs, and what lies beyond the local memory (buffers and networks of a chip). */
#ifndef CIMARRON_MAC_ARRAY_H
#define CIMARRON_MAC_ARRAY_H

#include "core/cim/array.h"
#include "core/tech/cell.h"
#include "core/tech/component.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mac_engine { MAC_SYSTOLIC, MAC_DOT_PRODUCT };
enum mac_number { MAC_NONE, MAC_INT, MAC_FLOAT, MAC_BFLOAT };

/* What a cell does at one operand width; bfloat differs from float at 16 bits alone. */
struct mac_format {
    int number;   /* enum mac_number */
    int64_t macs; /* per cell and cycle: a wide multiplier cut into narrow ones */
};

enum { MAC_WIDTHS = 3 };
extern const int mac_widths[MAC_WIDTHS]; /* 4, 8, 16 bits */

struct mac_array {
    struct array base;
    const char *kind;
    int engine;
    int64_t engine_rows, engine_columns, engines; /* R, C, engines side by side */
    struct mac_format formats[MAC_WIDTHS];
    int64_t accumulator_bits;
    int64_t input_bits, weight_bits, max_input_bits, max_weight_bits;
    int64_t rows;         /* of the matrix that the store holds */
    int64_t store_bytes;  /* weights */
    int64_t buffer_bytes; /* inputs and sums of an engine; 0: they share the store */
    int64_t write_bytes;  /* written to the store at once */
    int64_t hold_cycles, load_cycles;
    int64_t pipeline_stages;
    double clock_mhz; /* at reference_vdd_v */
    double node_nm, vdd_v, reference_vdd_v;
    double wire_mm, store_efficiency, mac_um2;
    bool writes_while_computing;
    struct cell cell;
    struct component store_read; /* per byte: only of stores that are not SRAM or eDRAM */
    struct component control;    /* per cycle */
};

extern const struct cfg_schema mac_array_schema;

FALLIBLE bool mac_array_open(struct arena *a, const struct cfg_group *g, struct array **out,
                             struct diag *d);

/* The index into mac_widths of the widest format. */
int mac_array_widest(const struct mac_array *x);

double mac_array_cells(const struct mac_array *x);     /* R x C of all engines */
double mac_array_flipflops(const struct mac_array *x); /* of a cell */
double mac_array_side_mm(const struct mac_array *x);   /* of one engine, square */

/* Adds the parts to facts that hold none yet. */
void mac_array_sum_parts(const struct mac_array *x, struct array_facts *f);

#ifdef __cplusplus
}
#endif
#endif
