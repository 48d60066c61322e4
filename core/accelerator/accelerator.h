/* accelerator.h — a digital accelerator, NPU or GPU as a whole chip: peak rate and power.
 *
 * Answers: from structure, clock and supply, what a chip computes at most at each precision (dense,
 * or 2:4 sparse), how much power that takes and in which part, and at which rate a power cap holds
 * it.  Power = data path (multipliers, registers, operand memory, wires) + clock + leakage +
 * traffic to memory and links, over the regulators' efficiency for a board.  No published power or
 * TDP of the chip is an input of its own power.
 *
 * It does not run a trace, and knows no utilisation: every MAC unit works in every cycle.  Operand
 * values blur a power by 20 %; the method's error is a factor near 1.4 (docs/MODELS.md).
 * Constants and their sources: constants.def, docs/SOURCES.md.
 *
 * A config, configs/accelerator/NAME.cfg (groups marked ? may be left out):
 *
 *   kind = "accelerator";  name, title, year, source
 *   node_nm, vdd_v, clock_ghz, die_mm2
 *   process_class = "high_performance" | "low_power"       for leakage
 *   design_class  = "product" | "test_chip" | "datacentre" | "gpu"   a label: source or assumed
 *   power_scope   = "core" | "chip" | "board"              core: no links and no memory
 *   units         = equal cores; activity = 1 random dense operands, 0.6 ReLU data
 *   engine = { kind = "systolic" | "tree" | "mma_sync" | "wgmma" | "tcgen" | "mfma" | "simd" | "rf"
 *     rows          MACs summed before a partial result leaves the engine
 *     columns       MACs that share an operand read
 *     hold_cycles   cycles that a weight stays in its register
 *     near_kb       the memory that feeds the engine
 *     tile }        side of the block that a further memory level feeds
 *   precision = { int8 = { macs_per_clk = 2048.0 }; ... }  of one unit; int4 int8 int16 fp4 fp8
 *                 fp16 bf16 tf32 fp32; rows, columns, hold_cycles, tile here override engine's
 *   ? sparse_factor = 2.0                                  rate with 2:4 sparse weights; 1: none
 *   ? sram    = { mb }                                     all SRAM on the chip
 *   ? memory  = { kind, gb, gb_s, busy_gb_s, pj_per_bit }  none hbm2 hbm3 gddr6 lpddr4 lpddr5 ddr3
 *                 ddr4, or other with its pj_per_bit (on-chip resistive memory too); busy_gb_s: its
 *                 traffic at peak compute, half of gb_s when not given
 *   ? links   = { gb_s }                                   both directions
 *   ? voltage = { volt, ghz, volt_per_ghz, volt_min }      V(f) = volt + volt_per_ghz (f - ghz)
 *   ? points  = { NAME = { vdd_v, clock_ghz }; ... }       other operating points
 *   ? cap     = { w }                                      only for the sustained rate of a GPU */
#ifndef CIMARRON_ACCELERATOR_H
#define CIMARRON_ACCELERATOR_H

#include "core/accelerator/chip_power.h"
#include "core/base/cfg.h"
#include "core/base/part.h"

#ifdef __cplusplus
extern "C" {
#endif

struct accelerator_engine { /* of one precision */
    double macs_per_clk;    /* of one unit; 0: the chip has not this precision */
    double rows, columns, hold_cycles, tile;
};

struct accelerator_point {
    const char *name; /* NULL: the config's own */
    double vdd_v, clock_ghz;
};

struct accelerator {
    const char *kind, *name, *title, *headline; /* "accelerator", "rapid", "IBM RaPiD" */
    int64_t year;
    double node_nm, clock_ghz, die_mm2;
    struct quantity vdd_v, activity;
    int process_class; /* enum chip_process */
    int design_class;  /* enum chip_class */
    int scope;         /* enum chip_scope */
    int64_t units;
    double sparse_factor;
    int engine_kind; /* enum chip_engine */
    double near_kb;
    struct accelerator_engine engine[CHIP_PRECISIONS];
    double sram_mb;
    int memory_kind; /* enum chip_memory */
    double memory_gb, memory_gb_s, memory_busy_gb_s, memory_pj_per_bit;
    double link_gb_s;
    struct accelerator_point *points; /* beside vdd_v and clock_ghz */
    size_t point_count;
    struct chip_voltage voltage; /* volt 0: none given */
    double cap_w;                /* 0: none */
};

extern const struct cfg_schema accelerator_schema;

/* The schema of the index-th group inside it and its path ("engine", "precision.*"), for `cimarron
 * list`; NULL past the end. */
const struct cfg_schema *accelerator_group_at(size_t index, const char **path);

/* Role "accelerator" of cfg_find. */
FALLIBLE bool accelerator_open(struct arena *a, const struct cfg_group *g, struct accelerator **out,
                               struct diag *d);

bool accelerator_has(const struct accelerator *x, enum chip_precision p);
/* The config's headline; without one the precision of the highest rate. */
enum chip_precision accelerator_headline(const struct accelerator *x);
/* The point of that name; NULL: the config's own.  An unknown name is an error. */
FALLIBLE bool accelerator_point(const struct accelerator *x, const char *name,
                                struct accelerator_point *out, struct diag *d);

struct accelerator_job {
    enum chip_precision precision;
    bool sparse;                     /* 2:4 weights, work counted dense */
    const char *point;               /* NULL: the config's own */
    const struct chip_constants *by; /* chip_constants_blind() or chip_constants_fitted() */
};

struct accelerator_peak {
    double tops, power_w, tops_per_w, area_mm2, tops_per_mm2;
    double clock_ghz, vdd_v;
    double part_w[PART_COUNT];
    double sram_mb, memory_gb, memory_gb_s;
};

/* The formula's view of the chip under a job. */
FALLIBLE bool accelerator_chip_point(const struct accelerator *x, const struct accelerator_job *job,
                                     struct chip_point *out, struct diag *d);

/* Fails (status 1) when the chip has not the precision or not the point, or no sparse units. */
FALLIBLE bool accelerator_peak(const struct accelerator *x, const struct accelerator_job *job,
                               struct accelerator_peak *out, struct diag *d);

/* The same at the clock where the power meets cap_w, at most the nominal clock; V follows V(f) and
 * memory traffic the rate.  Fails (status 1) without cap_w or V(f). */
FALLIBLE bool accelerator_sustained(const struct accelerator *x, const struct accelerator_job *job,
                                    struct accelerator_peak *out, struct diag *d);

struct accelerator_interval {
    double low, median, high; /* 5 %, 50 %, 95 % */
};

/* The interval of a point's power, W; spreads of supply and activity are relative. */
void chip_interval(struct arena *a, const struct chip_point *p, const struct chip_constants *by,
                   double vdd_spread, double activity_spread, size_t samples, uint64_t seed,
                   struct accelerator_interval *power_w);

/* The interval of TOPS/W by `samples` >= 20 draws: constants and the config's supply and activity
 * by their spreads (an assumed supply without one: 5 %), and what no constant explains by
 * accelerator_style_sigma(). */
FALLIBLE bool accelerator_uncertainty(struct arena *a, const struct accelerator *x,
                                      const struct accelerator_job *job, size_t samples,
                                      uint64_t seed, struct accelerator_interval *out,
                                      struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
