/* analog.h — what resistive and charge-domain arrays share: rows driven by DACs, columns summed
 * in analog, ADCs, recombination of slices and steps.
 *
 * Answers: counts, times, prices and areas of such an array, and its MVM on numbers.  The two
 * kinds differ in one thing, the energy of a cell, which each hands in.  A weight of B_w bits
 * lies in n_w = ceil(B_w / slice) column groups, an input of B_x bits takes n_x = ceil(B_x /
 * b_dac) steps, rows in use are read in g = ceil(rows / active_rows) groups.  A component that
 * the config prices is taken as published; one it does not price is derived from core/tech.
 * Sequencing and near-memory datapaths that nobody prices (control, datapath) cost nothing here. */
#ifndef CIMARRON_ANALOG_H
#define CIMARRON_ANALOG_H

#include "core/cim/array.h"
#include "core/tech/adc.h"
#include "core/tech/cell.h"
#include "core/tech/component.h"
#include "core/tech/dac.h"

#ifdef __cplusplus
extern "C" {
#endif

enum analog_component {
    ANALOG_ADC,            /* per conversion; one instance per columns_per_adc conversion columns */
    ANALOG_DAC,            /* per row and step; one instance per row */
    ANALOG_SAMPLE_HOLD,    /* per conversion; one instance per column */
    ANALOG_SHIFT_ADD,      /* per conversion; one instance per ADC */
    ANALOG_INPUT_REGISTER, /* per row and step; one instance per row */
    ANALOG_OUTPUT_REGISTER, /* per conversion; one instance per column */
    ANALOG_CELL_READ,       /* per cell and step; one instance per cell */
    ANALOG_CONTROL,         /* per step and group; one instance */
    ANALOG_DATAPATH,        /* digital work near the memory, per conversion; one instance per ADC */
    ANALOG_COMPONENTS
};

enum analog_sampling {
    ANALOG_ALL_COLUMNS,   /* one read, all columns sampled: max(t_read, m t_adc) */
    ANALOG_PER_CONVERSION /* each converted column has its own read: m max(t_read, t_adc) */
};

enum analog_encoding {
    ANALOG_OFFSET,          /* biased weights; the bias column lies outside the array's columns */
    ANALOG_DIFFERENTIAL,    /* sign and magnitude in two columns, subtracted before the converter:
                             * |w| < 2^(bits - 1) */
    ANALOG_TWOS_COMPLEMENT, /* the top slice counts negative; slices of one bit */
    ANALOG_IN_CELL /* sign and magnitude in the devices of one unit cell: a column a slice */
};

enum analog_activity { ANALOG_PRODUCT, ANALOG_FAMILY, ANALOG_FAMILY_CURRENT }; /* see charge.c */

struct analog {
    struct array base;
    const char *kind;
    int64_t rows, columns, active_rows;
    int64_t columns_per_adc;        /* m, in conversion columns */
    int64_t columns_per_conversion; /* neighbours merged with binary weights before the ADC */
    int64_t dac_bits, adc_bits;
    int64_t input_bits, weight_bits; /* native */
    int64_t max_input_bits, max_weight_bits;
    int64_t slc_bits;    /* the weight's highest bits, each in a cell of its own */
    int64_t write_cells; /* cells written at once in a row; 0: the row */
    int sampling, encoding, adc_kind, dac_kind, activity;
    bool flip_columns, signed_inputs, writes_while_computing;
    bool adc_calibrated; /* the converter's range is set to the layer's sums */
    double read_ns, conduct_ns, adc_gsps, adc_range;
    double node_nm, vdd_v, reference_vdd_v;
    double row_ff, wire_ohm, dac_kohm;
    struct cell cell;
    struct component components[ANALOG_COMPONENTS];
    bool given[ANALOG_COMPONENTS];
};

extern const struct cfg_schema analog_schema; /* the keys of both kinds */

/* The steps of an opening: the schema's values, the cell, the components, then the checks. */
FALLIBLE bool analog_open(const struct cfg_group *g, struct analog *x, struct diag *d);

/* Counts of one job. */
struct analog_counts {
    double steps, groups, slices; /* n_x, g, n_w */
    double conversions;           /* per step and group */
    double columns;               /* physical, in use */
    double passes;                /* reads per step and group */
    double step_ps;               /* of one step of one group */
};
struct analog_counts analog_count(const struct analog *x, const struct array_job *job);

int analog_slice_bits(const struct analog *x); /* of the lowest slice, the widest */
int analog_slice_width(const struct analog *x, int64_t weight_bits, int64_t slice); /* 0: lowest */
int analog_slice_shift(const struct analog *x, int64_t weight_bits, int64_t slice);
bool analog_holds_sign(const struct analog *x); /* sign and magnitude, not an offset */
int64_t analog_slices(const struct analog *x, int64_t weight_bits); /* n_w */
double analog_time_factor(const struct analog *x); /* delay at vdd over delay at reference */
double analog_largest_sum(const struct analog *x); /* in level x digit units, per conversion */

/* True where the cell's constant is a family's total: drivers, sampling and registers lie in it,
 * and the recombination of one step and slice, too. */
bool analog_is_family(const struct analog *x);

/* Mean and mean square of an input digit relative to its largest value. */
double analog_digit_mean(const struct analog *x, const struct array_job *job);
double analog_digit_mean_square(const struct analog *x, const struct array_job *job);

/* The converters as core/tech prices them; bits of an accumulator behind one. */
struct adc analog_adc(const struct analog *x);
struct dac analog_dac(const struct analog *x);
double analog_accumulator_bits(const struct analog *x);
int64_t analog_columns_per_slice(const struct analog *x); /* physical, of a conversion */

/* The ops that do not depend on the cell's physics. */
void analog_facts(const struct array *base, struct array_facts *out);
bool analog_precision(const struct array *base, int *input_bits, int *weight_bits);
int64_t analog_outputs(const struct array *base, int weight_bits);
void analog_write(const struct array *base, const struct array_job *job, struct cost *out);
double analog_latency_ps(const struct array *base, const struct array_job *job);
void analog_family(const struct array *base, const struct array_job *job, struct family_facts *out);
bool analog_at_vdd(struct arena *a, const struct array *base, double vdd_v, struct array **out,
                   struct diag *d);
void analog_compute(const struct array *base, const struct array_job *job, const int32_t *in,
                    const int32_t *w, double *y, uint64_t seed, bool ideal);

/* The whole MVM; `cell_pj` is the mean energy of one cell in one step. */
void analog_mvm(const struct analog *x, const struct array_job *job, struct quantity cell_pj,
                struct cost *out);

#ifdef __cplusplus
}
#endif
#endif
