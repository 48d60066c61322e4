/* The time and the dynamic energy of one kernel: tiles in waves against bytes. */
#include "core/gpu/gpu_model.h"

#include <assert.h>
#include <math.h>

struct tile {
    double m, n;
};

/* What cuBLAS and cuDNN offer in common; the best one is taken. */
static const struct tile tiles[] = {{256, 128}, {128, 256}, {128, 128}, {256, 64}, {64, 256},
                                    {128, 64},  {64, 128},  {64, 64},   {64, 32},  {32, 64}};
static const double splits[] = {1, 2, 3, 4, 6, 8, 16};

/* K is walked in steps of 64 bytes: what one stage of the operand pipeline holds. */
enum { K_STEP_BYTES = 64 };

/* The least rows of a tile of the tensor cores. */
enum { TENSOR_ROWS = 16 };

double gpu_dtype_bytes(enum gpu_dtype t)
{
    switch (t) {
    case GPU_INT8:
    case GPU_FP8:
        return 1;
    case GPU_FP16:
    case GPU_BF16:
        return 2;
    default:
        return 4;
    }
}

static bool is_gemm(const struct gpu_kernel *k)
{
    return k->op == GPU_MATMUL || k->op == GPU_CONV;
}

struct gpu_kernel gpu_kernel_complete(const struct gpu *g, const struct gpu_kernel *k)
{
    struct gpu_kernel full = *k;
    double element, out_element;
    full.dtype = gpu_dtype_fallback(g, k->dtype);
    element = gpu_dtype_bytes(full.dtype);
    out_element = full.dtype == GPU_FP8 ? 2 : element; /* int8 is requantised, fp8 is not */
    if (is_gemm(k)) {
        if (full.bytes_in <= 0)
            full.bytes_in = k->batch * k->m * k->k * element;
        if (full.bytes_weight <= 0)
            full.bytes_weight = k->batch * k->k * k->n * element;
        if (full.bytes_out <= 0)
            full.bytes_out = k->batch * k->m * k->n * out_element;
    } else if (k->op == GPU_ATTENTION) {
        if (full.bytes_in <= 0)
            full.bytes_in = k->batch * k->m * k->k * element;
        if (full.bytes_weight <= 0)
            full.bytes_weight = 2 * k->batch * k->n * k->k * element;
        if (full.bytes_out <= 0)
            full.bytes_out = full.bytes_in;
    } else if (full.bytes_in + full.bytes_weight + full.bytes_out <= 0) {
        full.bytes_in = full.bytes_out = k->batch * k->m * k->n * element;
    }
    return full;
}

/* Bytes that still lie in the L2 are read at its speed. */
static double input_time_bytes(const struct gpu *g, const struct gpu_kernel *k)
{
    bool resident = k->bytes_in <= g->fit.l2_share * g->l2_mb * 1048576;
    return resident ? k->bytes_in / g->fit.l2_speedup : k->bytes_in;
}

/* One tile shape and one split of K: compute time at full clock, and the time that the SMs need
 * to load their operands. Every term grows with m, n and k. */
static void tile_times(const struct gpu *g, const struct gpu_kernel *k, struct tile t, double split,
                       double *compute, double *load)
{
    double element = gpu_dtype_bytes(k->dtype), k_step = K_STEP_BYTES / element;
    double depth = ceil(k->k / split / k_step) * k_step;
    double rate = 2 * g->macs_per_clk[k->dtype] * g->clock_ghz * 1e9; /* of one SM */
    double kept = k->dtype == GPU_FP8 ? g->fit.fp8 : 1;
    double share = kept * g->fit.efficiency / (1 + g->fit.tile_half * (1 / t.m + 1 / t.n));
    double rows = fmin(t.m, k->m), columns = fmin(t.n, k->n);
    double out = rows * columns * (split > 1 ? 4 : k->bytes_out / (k->batch * k->m * k->n));
    double out_s = out * (double)g->sms / (g->fit.memory_efficiency * g->memory_gb_s * 1e9);
    double tile_s = g->fit.fill_ns * 1e-9 + 2 * t.m * t.n * depth / (share * rate);
    double exact = k->batch * ceil(k->m / t.m) * ceil(k->n / t.n) * split / (double)g->sms;
    double waves = fmax(1, exact + g->fit.wave_rounding * (ceil(exact) - exact));
    *compute = waves * (tile_s + g->fit.epilogue * out_s);
    *load = waves * (rows + columns) * depth * element / (g->fit.sm_gb_s * 1e9);
}

static void gemm_cost(const struct gpu *g, const struct gpu_kernel *k, struct gpu_cost *out)
{
    double bytes = input_time_bytes(g, k) + k->bytes_weight + k->bytes_out;
    double stream = bytes / (g->fit.memory_efficiency * g->memory_gb_s * 1e9);
    double best = INFINITY;
    for (size_t i = 0; i < COUNT_OF(tiles); i++)
        for (size_t j = 0; j < COUNT_OF(splits); j++) {
            double compute, load, memory, launch;
            tile_times(g, k, tiles[i], splits[j], &compute, &load);
            memory = g->fit.memory_us * 1e-6 + fmax(stream, load);
            launch = (g->fit.launch_us + (splits[j] > 1 ? g->fit.split_us : 0)) * 1e-6;
            if (launch + fmax(compute, memory) >= best)
                continue;
            best = launch + fmax(compute, memory);
            out->launch_s = launch;
            out->compute_s = compute;
            out->memory_s = memory;
        }
}

static double stream_efficiency(const struct gpu *g, enum gpu_op op)
{
    switch (op) {
    case GPU_SOFTMAX:
        return g->stream.softmax;
    case GPU_NORM:
        return g->stream.norm;
    case GPU_POOL:
        return g->stream.pool;
    case GPU_COPY:
        return g->stream.copy;
    default:
        return g->stream.elementwise;
    }
}

/* Attention in one pass over K and V, its work spread evenly over the SMs (long contexts are cut);
 * products in 16 bits whatever the cache's width, at least 16 rows to a tensor-core tile. */
static void attention_cost(const struct gpu *g, const struct gpu_kernel *k, struct gpu_cost *out)
{
    double rate = g->fit.attention * gpu_peak_tops(g, gpu_dtype_fallback(g, GPU_FP16)) * 1e12;
    double rows = ceil(k->m / TENSOR_ROWS) * TENSOR_ROWS;
    double bytes = k->bytes_in + k->bytes_weight + k->bytes_out;
    out->launch_s = g->fit.launch_us * 1e-6;
    out->compute_s = 4 * k->batch * rows * k->n * k->k * (1 - k->masked) / rate;
    out->memory_s =
        g->fit.memory_us * 1e-6 + bytes / (g->fit.memory_efficiency * g->memory_gb_s * 1e9);
}

/* What is no GEMM streams its bytes; a depth-wise convolution, which has m, n and k all the same,
 * also computes, on the fp32 lanes. */
static void stream_cost(const struct gpu *g, const struct gpu_kernel *k, struct gpu_cost *out)
{
    double bytes = k->bytes_in + k->bytes_weight + k->bytes_out;
    double rate = 2 * (double)g->sms * g->macs_per_clk[GPU_FP32] * g->clock_ghz * 1e9;
    out->launch_s = g->fit.launch_us * 1e-6;
    out->compute_s = 2 * k->batch * k->m * k->n * k->k / (g->fit.efficiency * rate);
    out->memory_s = bytes / (stream_efficiency(g, k->op) * g->memory_gb_s * 1e9);
}

void gpu_kernel_cost(const struct gpu *g, const struct gpu_kernel *k, struct gpu_cost *out)
{
    double bytes = k->bytes_in + k->bytes_weight + k->bytes_out;
    enum gpu_dtype lanes = is_gemm(k) ? k->dtype : GPU_FP32;
    assert(gpu_has(g, k->dtype));
    out->ops = 2 * k->batch * k->m * k->n * k->k;
    if (is_gemm(k)) {
        gemm_cost(g, k, out);
    } else if (k->op == GPU_ATTENTION) {
        attention_cost(g, k, out);
        lanes = gpu_dtype_fallback(g, GPU_FP16);
        out->ops *= 2 * (1 - k->masked);
    } else {
        stream_cost(g, k, out);
    }
    out->lanes = lanes;
    out->bytes = bytes;
    out->core_j = out->ops * g->power.pj_per_op[lanes] * 1e-12;
    out->memory_j = bytes * g->power.pj_per_byte * 1e-12;
}

double gpu_cost_time(const struct gpu_cost *c, double phi)
{
    return c->launch_s + fmax(c->compute_s / phi, c->memory_s);
}

/* What limits it once the clock has settled. */
static const char *bound_of(const struct gpu_cost *c, bool capped, double phi)
{
    double compute = c->compute_s / phi;
    if (c->launch_s > fmax(compute, c->memory_s))
        return "launch";
    if (compute < c->memory_s)
        return "memory";
    return capped ? "power" : "compute";
}

void gpu_run_kernel(const struct gpu *g, const struct gpu_kernel *kernel, struct gpu_result *out)
{
    struct gpu_kernel k = gpu_kernel_complete(g, kernel);
    struct gpu_cost c;
    double stretch, phi;
    gpu_kernel_cost(g, &k, &c);
    phi = gpu_settle(g, &c, 1, &stretch);
    out->time_s = gpu_cost_time(&c, phi) * stretch;
    out->energy_j =
        g->power.floor_w * out->time_s + c.core_j * gpu_voltage_factor(g, phi) + c.memory_j;
    out->power_w = out->energy_j / out->time_s;
    out->ops = c.ops;
    out->bound = stretch > 1 ? "power" : bound_of(&c, phi < 1, phi);
}
