/* published.h — what was published about a part: the `published` group of a config, read strictly.
 *
 * Answers: the figures that a prediction is held against, at which precision, supply and density
 * they were measured, what their power counts, which rows of the fit data are the same chip, what
 * is recalled, and which misses are known.  It predicts nothing.
 *
 * Nobody but core/validate and the commands check, compare, validate and fit may read these
 * figures: a model that saw them would be judged by its own input.  An absent number is NAN, an
 * absent text NULL. */
#ifndef CIMARRON_PUBLISHED_H
#define CIMARRON_PUBLISHED_H

#include "core/base/cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PUBLISHED_BENCHMARK_MAX = 16 };

/* A share of the energy, power or area, 0..1, by the names of core/validate/shares.def. */
struct published_share {
    const char *part; /* "adc" */
    double share;
};

/* A further operating point of the same chip; what it leaves out is as in the group around it,
 * but for its figures. */
struct published_point {
    const char *name; /* its group's key */
    const char *source, *precision, *note;
    double vdd_v, clock_ghz, tops, tops_per_w, power_w, latency_ns, energy_pj;
    double input_density, weight_density;
    bool scored;
    const char *mark;
};

/* A metric whose prediction is known to lie beyond its limit: `value` is the prediction when the
 * miss was recorded. */
struct published_miss {
    const char *metric; /* a figure's key, as "tops_per_w"; "share_adc" */
    double value;
    const char *reason;
    const char *kind; /* NULL: of any; else "blind", "leave_one_out", "component", ... */
};

struct published {
    const char *source;
    const char *precision; /* "int8", "4x4", "8x1" (inputs x weights), "fp16" */
    const char *power_is;  /* chip, macro, board, tdp, system, design, workload; default as below */
    const char *note;
    double tops, tops_per_w, power_w, area_mm2, tops_per_mm2;
    double tops_high, tops_per_w_high, power_w_high; /* upper ends, where a band was published */
    double tops_sparse;      /* counts 2:4 structured sparsity as work done */
    double vdd_v, clock_ghz; /* of these figures, where not the config's own */
    double input_density, weight_density;
    double latency_ns, energy_pj; /* of one matrix-vector product */
    double sqnr_db;               /* measured, of one product */
    double memory_gb, memory_gb_s, on_chip_mb;
    double sram_bytes, sram_bytes_per_s, fabric_bits_per_s, cores; /* of a wafer */
    const char *chip; /* files and points that share it are left out together; default base name */
    const char
        *family; /* "digital", "analog_sram", "resistive", "accelerator", ...; default NULL */
    int64_t
        benchmark[PUBLISHED_BENCHMARK_MAX]; /* `Index` of this chip's rows in imc_benchmark.csv */
    size_t benchmark_count;
    bool scored;            /* false: printed and marked, in no statistics */
    const char *mark;       /* why it is not scored, or what is recalled */
    bool recalled, assumed; /* some figure of the group is marked so */
    struct published_share *breakdown, *area_breakdown;
    size_t breakdown_count, area_breakdown_count;
    struct published_point *points;
    size_t point_count;
    struct published_miss *misses;
    size_t miss_count;
};

extern const struct cfg_schema published_schema;       /* for `cimarron list published` */
extern const struct cfg_schema published_point_schema; /* of a group in `points` */
extern const struct cfg_schema published_miss_schema;  /* of a group in `known_miss` */

/* Reads the `published` group of `g` (a config's root).  *found tells whether it stands; without
 * one every number is NAN.  power_is defaults to "macro" for compute arrays, else to "chip". */
FALLIBLE bool published_read(struct arena *a, const struct cfg_group *g, struct published *out,
                             bool *found, struct diag *d);

/* Bits of "8x8", "int8", "int8xint4", "fp16" (16 of each); "7x1.5" rounds up. */
bool published_bits(const char *precision, int *input_bits, int *weight_bits);

/* Whether the published power is that of the chip or macro itself: only then are power_w and
 * tops_per_w scored.  A board's, a TDP, a design's or a workload's power is printed and marked. */
bool published_counts_power(const struct published *p);

/* TOPS/W as published, else that of the rate over the power; NAN without these. */
double published_efficiency(double tops_per_w, double tops, double power_w);

/* The known miss of a metric under a kind of prediction; NULL: none is. */
const struct published_miss *published_miss_of(const struct published *p, const char *metric,
                                               const char *kind);

#ifdef __cplusplus
}
#endif
#endif
