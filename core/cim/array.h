/* array.h — compute-in-memory arrays: how long one matrix-vector product takes and what it did.
 *
 * Answers: how many weights an array holds, the time and the actions of one MVM of a GEMM slice
 * at its data statistics, of writing it, its area and leakage; and the same MVM on numbers.
 * An array is costed: it has no clock and no queue.  It does not tile, place or buffer: core/plan
 * does.
 *
 * A new array with the behaviour of a kind below is a .cfg in configs/macro; a new behaviour is
 * one .c here and one line in kinds.def. */
#ifndef CIMARRON_ARRAY_H
#define CIMARRON_ARRAY_H

#include "core/base/cfg.h"
#include "core/base/costed.h"
#include "core/cim/family.h"
#include "traces/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

struct array;

/* One vector through one array: `rows` weights rows used of the array's rows, `outputs` weight
 * columns used of the array's outputs at this precision. */
struct array_job {
    int64_t rows, outputs;
    int input_bits, weight_bits;
    struct operand_stats input, weight;
    int64_t vectors; /* that meet the same weights one after the other; 0: enough of them.  Engines
                      * that pass over more weights than their cells hold load them for each lot */
};

struct array_part {
    enum part part;
    double area_um2;
    double leakage_mw;
};

enum { ARRAY_PARTS_MAX = 16 };

/* Facts of a whole array that do not depend on a job. */
struct array_facts {
    int64_t rows, columns;       /* physical */
    int input_bits, weight_bits; /* native precision */
    double node_nm, vdd_v;
    double area_um2;            /* sum of parts */
    struct quantity leakage_mw; /* sum of parts */
    unsigned part_count;
    struct array_part parts[ARRAY_PARTS_MAX];
    bool is_volatile;            /* SRAM, eDRAM: rewriting does not wear it */
    double endurance;            /* writes per cell; 0: not limited */
    bool writes_while_computing; /* weights that do not compute can be written meanwhile */
    bool double_buffered;        /* there is a second store for them, beside rows x columns */
    bool signed_inputs;          /* what compute takes: two's complement, else unsigned */
    double peak_tops;      /* between its stalls, where published peaks mean that; 0: mvm's rate */
    bool dynamic_operands; /* the weights may be an operand made during the run: it is written
                            * at write's time and energy before its MVMs, and does not wear */
};

struct array_ops {
    const char *kind; /* "resistive", "charge", "digital", "mac_array" */
    const char *help;
    const struct cfg_schema *schema;

    bool (*open)(struct arena *a, const struct cfg_group *g, struct array **out, struct diag *d);

    void (*facts)(const struct array *x, struct array_facts *out);

    /* The bits at which work of the asked width really runs: the narrowest supported width that
     * holds it, never above the widest; asked again it stays.  False: wider than the array can do
     * even in slices. */
    bool (*precision)(const struct array *x, int *input_bits, int *weight_bits);

    int64_t (*outputs)(const struct array *x, int weight_bits); /* weight columns per array */

    /* One MVM of job->vectors.  Time is linear in vectors: callers multiply (back-to-back issue
     * interval). */
    void (*mvm)(const struct array *x, const struct array_job *job, struct cost *out);

    /* Writing all cells that rows x outputs weights occupy. */
    void (*write)(const struct array *x, const struct array_job *job, struct cost *out);

    /* May provide: the MVM on numbers.  x: rows inputs (unsigned, input_bits, or signed as the
     * config says); w: rows x outputs row-major signed weights; y: outputs results.  `seed`
     * selects the cell variation and read noise; ideal != 0 switches variation, noise and
     * clipping off: then y is the exact integer product. */
    void (*compute)(const struct array *x, const struct array_job *job, const int32_t *in,
                    const int32_t *w, double *y, uint64_t seed, bool ideal);

    /* Must provide: from a vector's entry to its result, in ps; mvm's duration is the issue
     * interval of back-to-back vectors, which a pipeline makes shorter. */
    double (*latency_ps)(const struct array *x, const struct array_job *job);

    /* May provide: what the law of its family needs to know of a job (core/cim/family.h). */
    void (*family)(const struct array *x, const struct array_job *job, struct family_facts *out);

    /* May provide: the same array at another supply, a new array in `a`.  Time follows the
     * alpha-power law, energy the square of the supply.  NULL: it does not scale. */
    bool (*at_vdd)(struct arena *a, const struct array *x, double vdd_v, struct array **out,
                   struct diag *d);
};

struct array {
    const struct array_ops *ops;
    const char *name;
};

/* Opens the kind that the group's `kind` names. */
FALLIBLE bool array_open(struct arena *a, const struct cfg_group *g, struct array **out,
                         struct diag *d);

const struct array_ops *array_kind_at(size_t index); /* NULL past the end: for `cimarron list` */

/* ops->latency_ps. */
double array_latency_ps(const struct array *x, const struct array_job *job);

/* ops->family; of kinds without one, family none. */
struct family_facts array_family_facts(const struct array *x, const struct array_job *job);

/* For kinds: `bits` in whole steps, or the widest, `most`, whose last step is not used whole. */
int array_whole_bits(int64_t bits, int64_t step, int64_t most);

/* For kinds: adds a part to the facts, its area and leakage to the whole's. */
void array_add_part(struct array_facts *f, enum part part, double area_um2, double leakage_mw);

/* The array at a supply of vdd_v, or a complaint: its kind does not scale, or not so far. */
FALLIBLE bool array_at_vdd(struct arena *a, const struct array *x, double vdd_v, struct array **out,
                           struct diag *d);

/* The whole array at its native precision, on operands of independent bits: a share
 * `input_density` and `weight_density` of them ones (0..1). */
struct array_job array_full_job(const struct array *x, double input_density, double weight_density);

/* Operands of `bits` independent bits that are one with probability `density`. */
struct operand_stats array_bit_stats(double density, int bits);

/* Signal to quantisation-and-noise ratio of compute() against the exact product, in dB, over
 * `samples` seeded random vectors drawn from the job's statistics (half-normal magnitudes with
 * their mean square, zeros by their density; weights signed, one-bit ones 0 or -1).
 * ARRAY_SQNR_EXACT_DB when every result is exact.  The kind must provide compute; scratch memory
 * comes from `a`. */
#define ARRAY_SQNR_EXACT_DB 200.0
double array_sqnr_db(struct arena *a, const struct array *x, const struct array_job *job,
                     unsigned samples, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
