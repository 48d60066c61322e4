/* gpu.h — the conventional baseline: the same trace on a GPU, time and energy.
 *
 * A product takes launch + max(waves x tile time, bytes / (efficiency x bandwidth), operand loads
 * of the SMs), minimum over a small set of tiles and splits of K; other kernels stream their bytes.
 * Element-wise epilogues are fused into the kernel before them.  Board power is a floor plus energy
 * per byte and per operation; where its average exceeds the cap, clock and supply settle lower.
 * Launch times are those of kernels replayed in a CUDA graph.  Fitted on bf16 products from 1 to
 * 65,536 a side; int8, fp8, fp16 and convolutions take the efficiencies over.  Sources, fit and
 * error: docs/MODELS.md.
 *
 * Large models (phase prefill or decode): attention is one kernel that reads the cache once per KV
 * head and skips what a causal mask hides, and a model that one GPU cannot hold is spread over the
 * smallest tensor-parallel group of 2, 4 or 8 in one node that can (weights, cache at final length
 * and activations within 90 % of the memory).  Energy is then by a fit on serving.
 *
 * It does not model instructions, cache lines, sparsity, clocks above nominal, pipeline or expert
 * parallelism, overlap of collectives with compute, or the host. */
#ifndef CIMARRON_GPU_H
#define CIMARRON_GPU_H

#include "core/base/cfg.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum gpu_dtype { GPU_INT8, GPU_FP8, GPU_FP16, GPU_BF16, GPU_TF32, GPU_FP32, GPU_DTYPES };

struct gpu;

extern const struct cfg_schema gpu_schema;

FALLIBLE bool gpu_open(struct arena *a, const struct cfg_group *g, struct gpu **out,
                       struct diag *d);

const char *gpu_name(const struct gpu *g);  /* "h100_sxm" */
const char *gpu_title(const struct gpu *g); /* "H100 SXM5 80 GB" */
bool gpu_has(const struct gpu *g, enum gpu_dtype t);
double gpu_peak_tops(const struct gpu *g, enum gpu_dtype t); /* dense */
double gpu_memory_gb(const struct gpu *g);
double gpu_memory_gb_s(const struct gpu *g);
double gpu_tdp_w(const struct gpu *g);
double gpu_die_mm2(const struct gpu *g); /* 0: not known */

const char *gpu_dtype_name(enum gpu_dtype t);
bool gpu_dtype_find(const char *name, enum gpu_dtype *t);

/* The narrowest dtype of this GPU that holds the bits (8: int8 where it has it; up to 16: fp16;
 * else fp32). */
enum gpu_dtype gpu_dtype_for(const struct gpu *g, int activation_bits, int weight_bits);

/* t itself, or the next wider dtype that this GPU has (fp32 always). */
enum gpu_dtype gpu_dtype_fallback(const struct gpu *g, enum gpu_dtype t);

enum gpu_op {
    GPU_MATMUL,
    GPU_CONV,
    GPU_ELEMENTWISE,
    GPU_SOFTMAX,
    GPU_NORM,
    GPU_POOL,
    GPU_COPY,
    GPU_ATTENTION
};

/* batch x [m, k] x [k, n]; for everything but matmul, conv and attention, `bytes` moved instead.
 * A conv is its im2col GEMM with input_bytes as really stored.  Attention: m queries of width k
 * against n keys and values, for each of `batch` pairs of a sequence and a KV head. */
struct gpu_kernel {
    enum gpu_op op;
    enum gpu_dtype dtype;
    double batch, m, n, k;
    double masked; /* attention: share of the scores that a causal mask skips, 0..1 */
    double bytes_in, bytes_out, bytes_weight; /* 0: derived from m, n, k */
};

struct gpu_result {
    double time_s, energy_j;
    double power_w;
    double ops;
    const char *bound; /* "compute", "memory", "launch", "power" */
};

void gpu_run_kernel(const struct gpu *g, const struct gpu_kernel *k, struct gpu_result *out);

struct gpu_trace_result {
    enum gpu_dtype dtype;
    double time_s, energy_j, power_w, ops, tops, tops_per_w;
    int64_t batch;       /* of the whole run */
    double kernels;      /* launched after fusion, on each device */
    int devices;         /* of the tensor-parallel group; energy and power are the group's */
    double collective_s; /* of time_s */
    double tokens_per_s; /* 0 unless the trace's work is tokens, as the next two */
    double j_per_token;
    double user_tokens_per_s; /* of one sequence; 0 unless the trace decodes */
};

/* The whole trace, its batch as it stands times `batch_factor` (>= 1), fused, CUDA-graph launch, on
 * the smallest group of 1, 2, 4 or 8 devices that holds it.  Traces with convolutions or
 * collectives of their own run on one. */
FALLIBLE bool gpu_run_trace(struct arena *a, const struct gpu *g, const struct trace *t,
                            int64_t batch_factor, struct gpu_trace_result *out, struct diag *d);

/* The same on a group of `devices` (a power of two up to what the GPU's links join). */
FALLIBLE bool gpu_run_group(struct arena *a, const struct gpu *g, const struct trace *t,
                            int64_t batch_factor, int devices, struct gpu_trace_result *out,
                            struct diag *d);

/* The batch factor (a power of two; for a served model closer, to one part in sixteen) with the
 * best throughput whose working set fits the memory of the group that holds the trace as it stands
 * and whose time is at most `limit_s` (INFINITY: no limit), and its result: with a limit, the
 * decode rate at no worse step time than another machine's.  The trace as it stands where none is.
 */
FALLIBLE bool gpu_best_batch_within(struct arena *a, const struct gpu *g, const struct trace *t,
                                    double limit_s, struct gpu_trace_result *out, struct diag *d);

/* Seconds of an all-reduce of `bytes` per device among `devices` in one node (1: nothing to do):
 * the quicker of two ring protocols, latency + 2 (n-1) steps + 2 (n-1)/n bytes / bandwidth. */
double gpu_all_reduce_s(const struct gpu *g, int devices, double bytes);

#ifdef __cplusplus
}
#endif
#endif
