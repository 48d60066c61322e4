/* compare.h — a comparison table: systems by rows, published beside predicted.
 *
 * Answers: what a table's file asks for, and for every row that asks for a peak what the system's
 * structure gives: rate, power, area, by the chip, accelerator, macro or GPU model that its config
 * belongs to.  Rows with a trace are simulated by the command, not here.  It ranks nothing.
 *
 * A file, configs/study/NAME.cfg (what is marked ? may be left out):
 *
 *   kind = "table";  name, title, source, ? note
 *   ? node_nm = 28.0        normalised columns bring energy and area to this node [none]
 *   rows = { KEY = {        in the order of the table; KEY is the row's name
 *     ? title = "RaPiD";                    [the system's own]
 *     ? section = "beside";                 rows of one section stand under its line
 *     ? style = "near-memory";              a word for people
 *       system = "rapid";                   a config's name or path ...
 *     ? role = "accelerator";               ... where two roles share the name: accelerator, chip,
 *                                           macro, gpu
 *     ? precision = "int4"; point = "slow"; sparse = true (2:4 counted); sustained = true (at the
 *       cap); set = "vdd_v=0.6 clock_ghz=0.9" (as --set, separated by blanks)
 *     ? trace = "resnet50"; batch = 64;     simulated on it in place of the peak (chips, GPUs)
 *     ? space = "our_work_2023";            a space of designs in configs/study, in place of system
 *     ? mark = "...";                       a footnote
 *     ? published = { ... }                 as in configs; in place of the config's own.  A band
 *                                           has tops_per_w .. tops_per_w_high, and so on
 *   }; ... };
 */
#ifndef CIMARRON_COMPARE_H
#define CIMARRON_COMPARE_H

#include "core/validate/published.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct cfg_schema compare_schema;     /* of the file */
extern const struct cfg_schema compare_row_schema; /* of a row */

/* What a row asks for. */
struct compare_row {
    const char *key, *title, *section, *style, *mark; /* NULL: not given */
    const char *system, *role, *precision, *point, *set, *trace, *space;
    bool sparse, sustained;
    int64_t batch;
    struct published published; /* the row's own, else its config's */
    bool has_published;
    const char *file; /* where it stands, for complaints */
    int line;
};

struct compare_table {
    const char *name, *title, *note, *source;
    double node_nm; /* 0: no normalised columns */
    struct compare_row *rows;
    size_t count;
};

/* Reads the file strictly; systems are not opened.  Text lives in `a`. */
FALLIBLE bool compare_read(struct arena *a, const struct cfg_group *g, struct compare_table *out,
                           struct diag *d);

/* What the models say of a row; NAN where they say nothing. */
struct compare_figures {
    const char *name, *title, *role; /* of the config: "rapid", "accelerator"; "space" */
    const char *by;                  /* kind of the prediction: "left out", "blind", "component" */
    const char *precision;           /* "int4", "8x8" */
    int input_bits, weight_bits;
    bool is_float;
    const char *scope; /* of the power: "macro", "core", "chip", "board" */
    double node_nm, vdd_v, clock_ghz;
    double tops, tops_sparse, power_w, tops_per_w, area_mm2, tops_per_mm2;
    double tops_at_cap;                            /* dense, of a GPU under its power limit */
    double blind_power_w, blind_tops_per_w;        /* where `by` is not blind */
    double low, high;                              /* 90 % interval of tops_per_w */
    double tops_high, power_w_high, area_mm2_high; /* of a space: upper ends; low, high: TOPS/W */
    bool assumed;                                  /* the config lists something as assumed */
    const char *remark;         /* about this prediction, for a footnote; NULL none */
    struct published published; /* the row's own, else its config's, at the row's point */
    bool has_published;
};

/* What all rows share: constants fitted once. */
struct compare_models;
FALLIBLE bool compare_models_open(struct arena *a, struct compare_models **out, struct diag *d);

/* The peak of a row that has a system, or the space of designs of one that has a space; a row of
 * published figures alone has no prediction.  `samples` of the interval; 0: none. */
FALLIBLE bool compare_peak(struct arena *a, const struct compare_models *m,
                           const struct compare_row *row, size_t samples, uint64_t seed,
                           struct compare_figures *out, struct diag *d);

/* The config of a row and its overrides (`count` of them). */
FALLIBLE bool compare_config(struct arena *a, const struct compare_row *row, const char **path,
                             struct cfg_override **set, size_t *count, struct diag *d);

/* TOPS/W at 1 b x 1 b: times both widths; of integers alone, else NAN. */
double compare_one_bit(const struct compare_figures *f, double tops_per_w);

/* Factors on TOPS/W and TOPS/mm2 that bring a figure from its node to `node_nm` at the nominal
 * supplies (Stillmaker and Baas; below 7 nm assumed); NAN outside the tables. */
double compare_energy_gain(double from_nm, double node_nm);
double compare_density_gain(double from_nm, double node_nm);

#ifdef __cplusplus
}
#endif
#endif
