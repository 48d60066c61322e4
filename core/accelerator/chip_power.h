/* chip_power.h — the power of a digital chip from its structure, by one formula.
 *
 * Answers: the watts by part of one operating point.  It does not know configs or chips' names.
 *
 *   data path = T k s v [ a e_mac + (.5 + .5 a) n_ff e_ff
 *               + (.6 + .4 a) (B1 e_s(near) + B2 (e_s(1 MB) + 8 e_w L) + B_rf e_s(16 KB) / 2) ]
 *   clock     = c_clk A f V^2 (7/n)^.6        leakage = c_lk A V (7/n)^.5
 *   traffic   = 8e-3 [ BW_mem e_mem + .3 BW_link 5.5 ]        board = chip / 0.87
 *
 * with T in 1e12 MAC/s so that pJ gives W, s = (n/7)^.39, v = (V/.75)^2.  Terms, constants and
 * sources: constants.def and docs/MODELS.md.  Found on 28 to 65 nm and 16 to 4 nm chips of 0.03 to
 * 15,000 W; outside those it is an extrapolation. */
#ifndef CIMARRON_CHIP_POWER_H
#define CIMARRON_CHIP_POWER_H

#include "core/base/base.h"
#include "core/base/part.h"

#ifdef __cplusplus
extern "C" {
#endif

enum chip_precision {
    CHIP_INT4,
    CHIP_INT8,
    CHIP_INT16,
    CHIP_FP4,
    CHIP_FP8,
    CHIP_FP16,
    CHIP_BF16,
    CHIP_TF32,
    CHIP_FP32,
    CHIP_PRECISIONS
};
enum chip_engine {
    ENGINE_SYSTOLIC, /* weights stay, partial sums move through the cells */
    ENGINE_TREE,     /* dot products with an adder tree */
    ENGINE_MMA_SYNC, /* GPU tensor cores fed from registers */
    ENGINE_WGMMA,    /* GPU tensor cores fed from shared memory */
    ENGINE_TCGEN,    /* GPU tensor cores with a memory of their own */
    ENGINE_MFMA,     /* GPU matrix cores fed from vector registers */
    ENGINE_SIMD,     /* lanes that read both operands in every cycle */
    ENGINE_RF,       /* cells with a register file each */
    ENGINES
};
enum chip_memory {
    CHIP_MEMORY_NONE,
    CHIP_MEMORY_HBM2,
    CHIP_MEMORY_HBM3,
    CHIP_MEMORY_GDDR6,
    CHIP_MEMORY_LPDDR4,
    CHIP_MEMORY_LPDDR5,
    CHIP_MEMORY_DDR3,
    CHIP_MEMORY_DDR4,
    CHIP_MEMORY_OTHER, /* pj_per_bit is given */
    CHIP_MEMORIES
};
enum chip_process { PROCESS_HIGH_PERFORMANCE, PROCESS_LOW_POWER };
enum chip_class { CLASS_PRODUCT, CLASS_TEST_CHIP, CLASS_DATACENTRE, CLASS_GPU, CHIP_CLASSES };
enum chip_scope { CHIP_SCOPE_CORE, CHIP_SCOPE_CHIP, CHIP_SCOPE_BOARD };

extern const char *const chip_precision_names[]; /* as configs write them, NULL-terminated */
extern const char *const chip_engine_names[];
extern const char *const chip_memory_names[];
extern const char *const chip_process_names[];
extern const char *const chip_class_names[];
extern const char *const chip_scope_names[];

/* Index of `name` in a NULL-terminated list; -1 when it is none of them. */
int chip_word(const char *const *names, const char *name);

enum chip_constant {
#define CONSTANT(id, name, unit, value, spread, from, what) CHIP_##id,
#include "core/accelerator/constants.def"
#undef CONSTANT
    CHIP_CONSTANTS
};

struct chip_constants {
    double value[CHIP_CONSTANTS];
};

const char *chip_constant_name(enum chip_constant c);   /* "e_mul.int8" */
double chip_constant_spread(enum chip_constant c);      /* relative standard uncertainty */
const char *chip_constant_source(enum chip_constant c); /* what it is, and from where */

/* Literature values, nothing found on chips' powers. */
struct chip_constants chip_constants_blind(void);
/* The same with the factors that chip_fit found on all of the data. */
struct chip_constants chip_constants_fitted(void);

struct chip_voltage { /* V(f) = max(volt_min, volt + volt_per_ghz (f - ghz)) */
    double volt, ghz, volt_per_ghz, volt_min;
};
double chip_voltage_at(const struct chip_voltage *law, double clock_ghz);

struct chip_point { /* one chip at one operating point and precision */
    enum chip_precision precision;
    enum chip_engine engine;
    enum chip_memory memory;
    enum chip_process process;
    enum chip_class design;
    enum chip_scope scope;
    double node_nm, vdd_v, clock_ghz, area_mm2;
    double tera_macs_per_s; /* really computed */
    double rows, columns, hold_cycles, near_kb, tile;
    double memory_gb_s;       /* moved at this point */
    double memory_pj_per_bit; /* 0: by the kind of memory */
    double link_gb_s;
    double activity;
};

/* pJ of one multiply and its add at 7 nm and 0.75 V, random operands. */
double chip_mac_pj(enum chip_precision p, enum chip_engine e, const struct chip_constants *by);

/* pJ of a byte read from an SRAM of `kb` KiB at 7 nm and 0.75 V. */
double chip_sram_pj_per_byte(double kb, const struct chip_constants *by);

struct mac_pj { /* what one MAC costs in the data path, at the point's node, supply and design */
    double multiply, registers, register_file, near_memory, far_memory, wires;
};
struct mac_pj chip_mac_energy(const struct chip_point *p, const struct chip_constants *by);

/* `p` at another clock and supply: rate and memory traffic follow the clock. */
struct chip_point chip_point_at(const struct chip_point *p, double clock_ghz, double vdd_v);

/* `p` at the highest clock up to `clock_max_ghz` whose power by the law's supply is at most cap_w;
 * at clock_max / 1000 where even that is above. */
struct chip_point chip_point_under_cap(const struct chip_point *p, const struct chip_voltage *law,
                                       double clock_max_ghz, double cap_w,
                                       const struct chip_constants *by);

/* Watts by part into part_w (all set); the sum. */
double chip_power_w(const struct chip_point *p, const struct chip_constants *by,
                    double part_w[PART_COUNT]);

int chip_precision_bits(enum chip_precision p);
bool chip_precision_is_float(enum chip_precision p);

#ifdef __cplusplus
}
#endif
#endif
