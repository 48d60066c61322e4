/* What a `published` group, its points and its known misses may hold. */
#include "core/validate/published_raw.h"

/* A figure that may be left out: "-1" stands for none. */
#define FIGURE(field, unit, most, help)                                                            \
    {                                                                                              \
#field, CFG_QUANTITY, offsetof(struct published_raw, field), unit, 0, most, "-1", NULL,    \
            help                                                                                   \
    }
#define WORD(field, help)                                                                          \
    {                                                                                              \
#field, CFG_TEXT, offsetof(struct published_raw, field), "", 0, 0, "", NULL, help          \
    }
#define SCORED                                                                                     \
    {                                                                                              \
        "scored", CFG_BOOL, offsetof(struct published_raw, scored), "", 0, 0, "true", NULL,        \
            "false: printed and marked, but in no statistics"                                      \
    }

/* What the group and each of its points may hold. */
#define POINT_FIELDS                                                                               \
    WORD(precision, "of inputs x weights: \"int8\", \"4x4\", \"8x1\", \"fp16\""),                  \
        FIGURE(tops, "TOPS", 1e9, "rate, 2 operations per multiply-accumulate"),                   \
        FIGURE(tops_per_w, "TOPS/W", 1e9, "efficiency"),                                           \
        FIGURE(power_w, "W", 1e9, "power at that rate"),                                           \
        FIGURE(vdd_v, "V", 10, "supply of these figures, where it is not the config's"),           \
        FIGURE(clock_ghz, "GHz", 100, "clock of these figures, where it is not the config's"),     \
        FIGURE(latency_ns, "ns", 1e12, "of one matrix-vector product"),                            \
        FIGURE(energy_pj, "pJ", 1e15, "of one matrix-vector product"),                             \
        FIGURE(input_density, "", 1, "share of ones over the bits of the inputs"),                 \
        FIGURE(weight_density, "", 1, "share of ones over the bits of the weights"), SCORED,       \
        WORD(mark, "a footnote: why it is not scored, or what is recalled")

static const struct cfg_field point_fields[] = {POINT_FIELDS};

const struct cfg_schema published_point_schema = {"a published operating point",
                                                  "a further operating point of the same chip",
                                                  point_fields,
                                                  COUNT_OF(point_fields),
                                                  NULL,
                                                  NULL};

const char *const published_scopes[] = {"macro",  "chip",   "board",    "tdp",
                                        "system", "design", "workload", NULL};

static const struct cfg_field fields[] = {
    POINT_FIELDS,
    {"power_is", CFG_CHOICE, offsetof(struct published_raw, power_is), "", 0, 0, "macro",
     published_scopes,
     "what the power counts; only chip and macro are scored [macro for arrays, else chip]"},
    FIGURE(area_mm2, "mm2", 1e9, "of the die, or of the macro"),
    FIGURE(tops_per_mm2, "TOPS/mm2", 1e9, "rate per area"),
    FIGURE(tops_high, "TOPS", 1e9, "upper end, where a band was published"),
    FIGURE(tops_per_w_high, "TOPS/W", 1e9, "upper end, where a band was published"),
    FIGURE(power_w_high, "W", 1e9, "upper end, where a band was published"),
    FIGURE(tops_sparse, "TOPS", 1e9, "rate that counts structured sparsity as work done"),
    FIGURE(sqnr_db, "dB", 1000, "signal to quantisation-and-noise ratio, measured"),
    FIGURE(memory_gb, "GB", 1e9, "of memory beside the chip"),
    FIGURE(memory_gb_s, "GB/s", 1e9, "of that memory"),
    FIGURE(on_chip_mb, "MB", 1e9, "of memory on the chip"),
    FIGURE(sram_bytes, "bytes", 1e18, "of all cores of a wafer"),
    FIGURE(sram_bytes_per_s, "bytes/s", 1e18, "between a wafer's cores and their memories"),
    FIGURE(fabric_bits_per_s, "bit/s", 1e20, "of a wafer's fabric"),
    FIGURE(cores, "", 1e9, "of a wafer"),
    WORD(chip, "the physical chip: files that share it are left out together [the file's name]"),
    WORD(family, "group of its statistics: digital, analog_sram, resistive, accelerator, ..."),
    {"benchmark", CFG_INTS, offsetof(struct published_raw, benchmark), "", 0, 1e6, "[]", NULL,
     "Index of this chip's rows in configs/study/data/imc_benchmark.csv: left out with it"},
};

static const char *const groups[] = {"breakdown", "area_breakdown", "points", "known_miss", NULL};

const struct cfg_schema published_schema = {
    "published figures", "what was published about a part", fields, COUNT_OF(fields), groups, NULL};

static const struct cfg_field miss_fields[] = {
    {"value", CFG_QUANTITY, offsetof(struct published_raw_miss, value), "", 0, 1e20, NULL, NULL,
     "what was predicted when the miss was recorded"},
    {"reason", CFG_TEXT, offsetof(struct published_raw_miss, reason), "", 0, 0, NULL, NULL,
     "why the prediction is known to miss: one sentence"},
    {"kind", CFG_TEXT, offsetof(struct published_raw_miss, kind), "", 0, 0, "", NULL,
     "the kind of prediction that misses: blind, leave_one_out, ... [any]"},
};

const struct cfg_schema published_miss_schema = {"a known miss", "a metric that is known to miss",
                                                 miss_fields,    COUNT_OF(miss_fields),
                                                 NULL,           NULL};
