/* Opening a GPU from its config, and what it says of itself. */
#include "core/gpu/gpu_model.h"

#include <stddef.h>
#include <string.h>

#define FIELD(type, key, member, unit, low, high, fallback, help)                                  \
    {                                                                                              \
        key, type, offsetof(struct gpu, member), unit, low, high, fallback, NULL, help             \
    }
#define REAL(key, member, unit, low, high, help)                                                   \
    FIELD(CFG_REAL, key, member, unit, low, high, NULL, help)

static const struct cfg_field top_fields[] = {
    FIELD(CFG_TEXT, "name", name, "", 0, 0, NULL, "the name that reports carry"),
    FIELD(CFG_INT, "sms", sms, "", 1, 4096, NULL, "streaming multiprocessors"),
    REAL("clock_ghz", clock_ghz, "GHz", 0.1, 10, "clock of the published tensor peak"),
    REAL("tdp_w", tdp_w, "W", 1, 1e5, "board power limit"),
    FIELD(CFG_INT, "devices_max", devices_max, "", 1, 8, "8",
          "largest tensor-parallel group that its links join"),
    FIELD(CFG_REAL, "die_mm2", die_mm2, "mm2", 1, 1e5, "0.0",
          "area of the GPU's die, without its memory; 0: not known"),
};
static const char *const top_groups[] = {"memory",  "mac_per_clk", "kernel",      "stream",
                                         "power",   "pj_per_op",   "low_latency", "high_bandwidth",
                                         "serving", NULL};

const struct cfg_schema gpu_schema = {
    "GPU",      "a conventional GPU: structure, kernel model, power",
    top_fields, COUNT_OF(top_fields),
    top_groups, NULL};

static const struct cfg_field memory_fields[] = {
    REAL("gb", memory_gb, "GB", 0.1, 1e5, "capacity"),
    REAL("gb_s", memory_gb_s, "GB/s", 1, 1e6, "peak bandwidth"),
    REAL("l2_mb", l2_mb, "MiB", 0, 1e5, "last cache before the memory"),
};

#define MAC(key, dtype) FIELD(CFG_REAL, key, macs_per_clk[dtype], "MAC", 0, 1e6, "0.0", key)
static const struct cfg_field mac_fields[] = {
    MAC("int8", GPU_INT8), MAC("fp8", GPU_FP8),   MAC("fp16", GPU_FP16),
    MAC("bf16", GPU_BF16), MAC("tf32", GPU_TF32), MAC("fp32", GPU_FP32),
};

static const struct cfg_field kernel_fields[] = {
    REAL("launch_us", fit.launch_us, "us", 0, 1e3, "start and drain of a kernel in a CUDA graph"),
    REAL("efficiency", fit.efficiency, "", 0.01, 1, "of the peak reached by an endless tile"),
    REAL("tile_half", fit.tile_half, "elements", 0, 1e3, "operand traffic of small tiles"),
    REAL("fill_ns", fit.fill_ns, "ns", 0, 1e5, "pipeline fill of one tile"),
    REAL("epilogue", fit.epilogue, "", 0, 10, "share of a tile's output time that is not hidden"),
    REAL("wave_rounding", fit.wave_rounding, "", 0, 1, "1: whole waves, 0: balanced"),
    REAL("memory_efficiency", fit.memory_efficiency, "", 0.01, 1, "of the peak bandwidth"),
    REAL("memory_us", fit.memory_us, "us", 0, 1e3, "until the stream runs"),
    REAL("sm_gb_s", fit.sm_gb_s, "GB/s", 1, 1e5, "operand loads of one SM, most from the L2"),
    REAL("split_us", fit.split_us, "us", 0, 1e3, "reduction after a split of K"),
    REAL("l2_speedup", fit.l2_speedup, "", 1, 100, "L2 over memory bandwidth"),
    REAL("l2_share", fit.l2_share, "", 0, 1, "of the L2 that still holds the inputs"),
    FIELD(CFG_REAL, "fp8", fit.fp8, "", 0.01, 1, "1.0", "of the efficiency that fp8 products keep"),
    REAL("attention", fit.attention, "", 0.01, 1, "of the 16-bit peak in fused attention"),
};

static const struct cfg_field stream_fields[] = {
    REAL("elementwise", stream.elementwise, "", 0.01, 1, "share of the peak bandwidth"),
    REAL("softmax", stream.softmax, "", 0.01, 1, "share of the peak bandwidth"),
    REAL("norm", stream.norm, "", 0.01, 1, "share of the peak bandwidth"),
    REAL("pool", stream.pool, "", 0.01, 1, "share of the peak bandwidth"),
    REAL("copy", stream.copy, "", 0.01, 1, "share of the peak bandwidth"),
};

static const struct cfg_field power_fields[] = {
    REAL("floor_w", power.floor_w, "W", 0, 1e5, "board power of an active GPU that does nothing"),
    REAL("cap_w", power.cap_w, "W", 1, 1e5, "average power that the board holds"),
    REAL("pj_per_byte", power.pj_per_byte, "pJ", 0, 1e5, "board energy per byte moved"),
    REAL("volt", power.volt, "V", 0.3, 2, "core supply at clock_ghz"),
    REAL("volt_per_ghz", power.volt_per_ghz, "V", 0, 2, "slope of the supply over the clock"),
    REAL("volt_min", power.volt_min, "V", 0.3, 2, "lowest core supply"),
};

static const struct cfg_field serving_fields[] = {
    REAL("floor_w", serving.floor_w, "W", 0, 1e5, "board power while serving, before any work"),
    REAL("pj_per_byte", serving.pj_per_byte, "pJ", 0, 1e5, "board energy per byte moved"),
    REAL("pj_per_op", serving.pj_per_op, "pJ", 0, 1e5, "board energy per 16-bit operation"),
};

#define ENERGY(key, dtype) FIELD(CFG_REAL, key, power.pj_per_op[dtype], "pJ", 0, 1e5, "0.0", key)
static const struct cfg_field energy_fields[] = {
    ENERGY("int8", GPU_INT8), ENERGY("fp8", GPU_FP8),   ENERGY("fp16", GPU_FP16),
    ENERGY("bf16", GPU_BF16), ENERGY("tf32", GPU_TF32), ENERGY("fp32", GPU_FP32),
};

#define PROTOCOL_FIELD(key, member, unit, low, high, help)                                         \
    {                                                                                              \
        key, CFG_REAL, offsetof(struct gpu_protocol, member), unit, low, high, NULL, NULL, help    \
    }
static const struct cfg_field protocol_fields[] = {
    PROTOCOL_FIELD("latency_us", latency_us, "us", 0, 1e6, "start"),
    PROTOCOL_FIELD("step_us", step_us, "us", 0, 1e6, "per device beyond the first"),
    PROTOCOL_FIELD("gb_s", gb_s, "GB/s", 1e-3, 1e6, "bandwidth of one device"),
};

struct part_schema {
    const char *key;
    struct cfg_schema schema;
};

#define PART_SCHEMA(key, help, fields)                                                             \
    {                                                                                              \
        key,                                                                                       \
        {                                                                                          \
            "GPU " key, help, fields, COUNT_OF(fields), NULL, NULL                                 \
        }                                                                                          \
    }

static const struct part_schema parts[] = {
    PART_SCHEMA("memory", "capacity and bandwidth", memory_fields),
    PART_SCHEMA("mac_per_clk", "multiply-accumulates per SM and clock, dense", mac_fields),
    PART_SCHEMA("kernel", "the tile and wave model", kernel_fields),
    PART_SCHEMA("stream", "kernels that only move bytes", stream_fields),
    PART_SCHEMA("power", "board power", power_fields),
    PART_SCHEMA("pj_per_op", "board energy per operation at full clock", energy_fields),
    PART_SCHEMA("serving", "average board power of a served model", serving_fields),
};

static const struct cfg_schema protocol_schema = {"GPU collective",
                                                  "one protocol of the all-reduce",
                                                  protocol_fields,
                                                  COUNT_OF(protocol_fields),
                                                  NULL,
                                                  NULL};

static const char *const dtype_names[GPU_DTYPES] = {"int8", "fp8", "fp16", "bf16", "tf32", "fp32"};

static bool read_part(const struct cfg_group *g, const struct part_schema *p, struct gpu *gpu,
                      struct diag *d)
{
    const struct cfg_group *sub;
    TRY(cfg_sub(g, p->key, &sub, d));
    return cfg_read(sub, &p->schema, gpu, d);
}

static bool read_protocol(const struct cfg_group *g, const char *key, struct gpu_protocol *out,
                          struct diag *d)
{
    const struct cfg_group *sub;
    TRY(cfg_sub(g, key, &sub, d));
    return cfg_read(sub, &protocol_schema, out, d);
}

/* What ranges of single keys cannot say. */
static bool check(const struct cfg_group *g, const struct gpu *gpu, struct diag *d)
{
    if (gpu->power.floor_w >= gpu->power.cap_w)
        return cfg_complain(cfg_sub_or_null(g, "power"), "floor_w", d,
                            "the floor of %g W leaves nothing under the cap of %g W",
                            gpu->power.floor_w, gpu->power.cap_w);
    if (gpu->power.cap_w > gpu->tdp_w)
        return cfg_complain(cfg_sub_or_null(g, "power"), "cap_w", d,
                            "the cap of %g W is above the board's limit of %g W", gpu->power.cap_w,
                            gpu->tdp_w);
    if (gpu->power.volt < gpu->power.volt_min)
        return cfg_complain(cfg_sub_or_null(g, "power"), "volt", d,
                            "%g V at full clock is below the lowest supply of %g V",
                            gpu->power.volt, gpu->power.volt_min);
    if (gpu->serving.floor_w > gpu->power.cap_w)
        return cfg_complain(cfg_sub_or_null(g, "serving"), "floor_w", d,
                            "the floor of %g W while serving is above the cap of %g W",
                            gpu->serving.floor_w, gpu->power.cap_w);
    if ((gpu->devices_max & (gpu->devices_max - 1)) != 0)
        return cfg_complain(g, "devices_max", d,
                            "a group of %d is not a power of two: 1, 2, 4 or 8",
                            (int)gpu->devices_max);
    if (gpu->macs_per_clk[GPU_FP32] <= 0)
        return cfg_complain(cfg_sub_or_null(g, "mac_per_clk"), NULL, d,
                            "fp32 is missing: every wider request falls back on it");
    for (int t = 0; t < GPU_DTYPES; t++)
        if (gpu->macs_per_clk[t] > 0 && gpu->power.pj_per_op[t] <= 0)
            return cfg_complain(cfg_sub_or_null(g, "pj_per_op"), NULL, d,
                                "%s has a rate in mac_per_clk but no energy here", dtype_names[t]);
    return true;
}

bool gpu_open(struct arena *a, const struct cfg_group *g, struct gpu **out, struct diag *d)
{
    struct gpu *gpu = ARENA_NEW(a, struct gpu);
    TRY(cfg_read(g, &gpu_schema, gpu, d));
    gpu->title = cfg_text_or(g, "title", gpu->name);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        TRY(read_part(g, &parts[i], gpu, d));
    TRY(read_protocol(g, "low_latency", &gpu->protocol[0], d));
    TRY(read_protocol(g, "high_bandwidth", &gpu->protocol[1], d));
    TRY(check(g, gpu, d));
    *out = gpu;
    return true;
}

const char *gpu_name(const struct gpu *g)
{
    return g->name;
}

const char *gpu_title(const struct gpu *g)
{
    return g->title;
}

bool gpu_has(const struct gpu *g, enum gpu_dtype t)
{
    return g->macs_per_clk[t] > 0;
}

double gpu_peak_tops(const struct gpu *g, enum gpu_dtype t)
{
    return 2e-3 * (double)g->sms * g->macs_per_clk[t] * g->clock_ghz;
}

double gpu_memory_gb(const struct gpu *g)
{
    return g->memory_gb;
}

double gpu_memory_gb_s(const struct gpu *g)
{
    return g->memory_gb_s;
}

double gpu_die_mm2(const struct gpu *g)
{
    return g->die_mm2;
}

double gpu_tdp_w(const struct gpu *g)
{
    return g->tdp_w;
}

const char *gpu_dtype_name(enum gpu_dtype t)
{
    return dtype_names[t];
}

bool gpu_dtype_find(const char *name, enum gpu_dtype *t)
{
    for (int i = 0; i < GPU_DTYPES; i++)
        if (strcmp(name, dtype_names[i]) == 0) {
            *t = (enum gpu_dtype)i;
            return true;
        }
    return false;
}

enum gpu_dtype gpu_dtype_fallback(const struct gpu *g, enum gpu_dtype t)
{
    while (t < GPU_FP32 && !gpu_has(g, t))
        t = (enum gpu_dtype)(t + 1);
    return t;
}

enum gpu_dtype gpu_dtype_for(const struct gpu *g, int activation_bits, int weight_bits)
{
    int bits = activation_bits > weight_bits ? activation_bits : weight_bits;
    if (bits > 16)
        return GPU_FP32;
    return gpu_dtype_fallback(g, bits <= 8 ? GPU_INT8 : GPU_FP16);
}

enum gpu_dtype gpu_trace_dtype(const struct gpu *g, bool serving, int activation_bits,
                               int weight_bits)
{
    enum gpu_dtype t = gpu_dtype_for(g, activation_bits, weight_bits);
    return serving && t == GPU_INT8 && gpu_has(g, GPU_FP8) ? GPU_FP8 : t;
}

/* Ring all-reduce: every byte is sent 2 (n-1)/n times, in 2 (n-1) steps. */
static double protocol_time(const struct gpu_protocol *p, double devices, double bytes)
{
    return p->latency_us * 1e-6 + 2 * (devices - 1) * p->step_us * 1e-6 +
           2 * (devices - 1) / devices * bytes / (p->gb_s * 1e9);
}

double gpu_all_reduce_s(const struct gpu *g, int devices, double bytes)
{
    double low, high;
    if (devices <= 1)
        return 0;
    low = protocol_time(&g->protocol[0], devices, bytes);
    high = protocol_time(&g->protocol[1], devices, bytes);
    return low < high ? low : high;
}
