/* gpu_model.h — the parameters of a GPU and the steps of its kernel model; private to core/gpu.
 *
 * A kernel is reduced to three times (launch, compute at full clock, memory) and two dynamic
 * energies (core, which falls with the voltage; memory, which does not).  The cap then settles
 * the clock: of one kernel alone, or of a whole trace, since the power loop of a board is slow
 * against a kernel.  tests/gpu/fit_gpu.c fits the members of struct gpu_fit through this header. */
#ifndef CIMARRON_GPU_MODEL_H
#define CIMARRON_GPU_MODEL_H

#include "core/gpu/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fitted on measured GEMMs, one set per GPU. */
struct gpu_fit {
    double launch_us;         /* start and drain of a kernel replayed in a CUDA graph */
    double efficiency;        /* of the peak that an endless tile reaches, 0..1 */
    double tile_half;         /* tile edge at which half of that is lost to operand traffic */
    double fill_ns;           /* pipeline fill and epilogue of one tile */
    double epilogue;          /* share of a tile's output time that nothing else hides, >= 0 */
    double wave_rounding;     /* 1: whole waves; 0: perfectly balanced */
    double memory_efficiency; /* of the peak bandwidth that a long stream reaches, 0..1 */
    double memory_us;         /* until the stream runs: adds to memory time alone */
    double sm_gb_s;           /* at which one SM loads operands, most of them from the L2 */
    double split_us;          /* the reduction after a split of K */
    double l2_speedup;        /* L2 bandwidth over memory bandwidth, >= 1 */
    double l2_share;          /* of the L2 that operands of the kernel before still occupy */
    double fp8;               /* of `efficiency` that fp8 products keep, 0..1 */
    double attention;         /* of the 16-bit peak that a fused attention kernel reaches */
};

/* Share of the peak bandwidth, and start beyond launch_us, of kernels that are no GEMM. */
struct gpu_stream {
    double elementwise, softmax, norm, pool, copy;
};

struct gpu_power {
    double floor_w, cap_w;
    double pj_per_byte;                  /* board energy per byte moved */
    double pj_per_op[GPU_DTYPES];        /* board energy per operation at full clock */
    double volt, volt_per_ghz, volt_min; /* V(f) = max(volt_min, volt + slope (f - clock)) */
};

/* Average board power of a GPU that serves a model, host gaps included: energy only, the cap and
 * its clock follow struct gpu_power. */
struct gpu_serving_power {
    double floor_w, pj_per_byte, pj_per_op; /* pj_per_op: 16 bits; others in the ratio of kernels */
};

/* One protocol of a collective: latency_us + step_us s + 2 (n-1)/n bytes / gb_s. */
struct gpu_protocol {
    double latency_us, step_us, gb_s;
};

struct gpu {
    const char *name, *title;
    int64_t sms, devices_max; /* devices_max: of a group, a power of two */
    double clock_ghz, tdp_w, die_mm2;
    double memory_gb, memory_gb_s, l2_mb;
    double macs_per_clk[GPU_DTYPES]; /* per SM; 0: has no such dtype */
    struct gpu_fit fit;
    struct gpu_stream stream;
    struct gpu_power power;
    struct gpu_serving_power serving;
    struct gpu_protocol protocol[2];
};

/* A kernel before the cap settles its clock. */
struct gpu_cost {
    double launch_s, compute_s, memory_s; /* compute_s at full clock */
    double core_j, memory_j;              /* core_j at full voltage */
    double ops, bytes;
    enum gpu_dtype lanes; /* that do the operations */
};

double gpu_dtype_bytes(enum gpu_dtype t);

/* What products of a trace run in: as gpu_dtype_for, but a served model's 8 bits are fp8 where the
 * GPU has it. */
enum gpu_dtype gpu_trace_dtype(const struct gpu *g, bool serving, int activation_bits,
                               int weight_bits);

/* The dtype that the GPU really has, and bytes_in, bytes_weight, bytes_out from m, n, k where
 * they are 0 (kernels that are no GEMM: only when all three are 0, m x n in and out). */
struct gpu_kernel gpu_kernel_complete(const struct gpu *g, const struct gpu_kernel *k);

/* Of a complete kernel; bytes that are 0 here are bytes that never leave the chip. */
void gpu_kernel_cost(const struct gpu *g, const struct gpu_kernel *k, struct gpu_cost *out);

/* Time at a relative clock 0 < phi <= 1. */
double gpu_cost_time(const struct gpu_cost *c, double phi);

/* The largest relative clock at which the average power of the `count` kernels one after another
 * keeps the cap; *stretch >= 1 is what all times must be multiplied by where even the lowest
 * clock exceeds it. */
double gpu_settle(const struct gpu *g, const struct gpu_cost *c, size_t count, double *stretch);

/* Core energy at clock phi over core energy at full clock. */
double gpu_voltage_factor(const struct gpu *g, double phi);

#ifdef __cplusplus
}
#endif
#endif
