/* A whole trace on a GPU or the smallest group that holds it, and the batch that suits it best. */
#include "core/gpu/gpu_lower.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double usable_memory = 0.9; /* the rest holds the context and fragmentation */
static const double worthwhile = 1.005;  /* a larger batch must gain at least this */
enum { BATCH_FACTOR_MAX = 1 << 14, FACTOR_PARTS = 16 };

/* Energy of one device that serves: floor, bytes and operations by the serving fit, never above
 * the cap. */
static double serving_energy(const struct gpu *g, const struct gpu_lowered *l, double time_s)
{
    double energy = g->serving.floor_w * time_s;
    enum gpu_dtype half = gpu_has(g, GPU_BF16) ? GPU_BF16 : gpu_dtype_fallback(g, GPU_FP16);
    double per_op = g->serving.pj_per_op * 1e-12 / g->power.pj_per_op[half];
    for (size_t i = 0; i < l->count; i++) {
        const struct gpu_cost *c = &l->costs[i];
        energy += c->bytes * g->serving.pj_per_byte * 1e-12;
        energy += c->ops * g->power.pj_per_op[c->lanes] * per_op;
    }
    return fmin(energy, g->power.cap_w * time_s);
}

/* Time, energy and power of lowered kernels at the clock that the cap lets them settle at. */
static void settle(const struct gpu *g, const struct gpu_lowered *l, int devices,
                   struct gpu_trace_result *out)
{
    double stretch, core = 0, memory = 0;
    double phi = gpu_settle(g, l->costs, l->count, &stretch);
    out->time_s = 0;
    for (size_t i = 0; i < l->count; i++) {
        out->time_s += gpu_cost_time(&l->costs[i], phi) * stretch;
        core += l->costs[i].core_j;
        memory += l->costs[i].memory_j;
    }
    out->energy_j = g->power.floor_w * out->time_s + core * gpu_voltage_factor(g, phi) + memory;
    if (l->serving)
        out->energy_j = serving_energy(g, l, out->time_s);
    out->energy_j *= devices;
    out->power_w = out->time_s > 0 ? out->energy_j / out->time_s : 0;
    out->ops = l->ops;
    out->tops = out->time_s > 0 ? l->ops / out->time_s * 1e-12 : 0;
    out->tops_per_w = out->energy_j > 0 ? l->ops / out->energy_j * 1e-12 : 0;
    out->kernels = (double)l->count;
    out->devices = devices;
    out->collective_s = l->collective_s * stretch;
}

/* Tokens: all of the work, and those that one sequence sees. */
static void count_tokens(const struct trace *t, int64_t batch_factor, struct gpu_trace_result *out)
{
    double tokens = t->header.work_count * (double)batch_factor;
    bool decode = t->header.phase && strcmp(t->header.phase, "decode") == 0;
    out->tokens_per_s = out->j_per_token = out->user_tokens_per_s = 0;
    if (!t->header.work_unit || strcmp(t->header.work_unit, "token") != 0 || out->time_s <= 0)
        return;
    out->tokens_per_s = tokens / out->time_s;
    out->j_per_token = out->energy_j / tokens;
    out->user_tokens_per_s = decode ? out->tokens_per_s / (double)out->batch : 0;
}

/* What one device of the group must hold, and has. */
struct need {
    double weights, cache, activations;
};

static bool run(const struct gpu *g, const struct trace *t, int64_t batch_factor, int devices,
                struct gpu_trace_result *out, struct need *need)
{
    struct arena *a = arena_open(); /* kernels are many: none outlives the call */
    struct gpu_lowered l;
    bool fits;
    assert(batch_factor >= 1 && devices >= 1);
    gpu_lower(a, g, t, (double)batch_factor, devices, &l);
    *need = (struct need){l.weight_bytes, l.cache_bytes, l.activation_bytes};
    fits = need->weights + need->cache + need->activations <= usable_memory * g->memory_gb * 1e9;
    if (fits) {
        settle(g, &l, devices, out);
        out->dtype =
            gpu_trace_dtype(g, l.serving, t->header.activation_bits, t->header.weight_bits);
        out->batch = t->header.batch * batch_factor;
        count_tokens(t, batch_factor, out);
    }
    arena_close(a);
    return fits;
}

static bool too_large(const struct gpu *g, int devices, const struct need *n, struct diag *d)
{
    if (devices == 1)
        return diag_cannot(
            d,
            "does not fit: %s needs %.3g GB of weights, %.3g GB of cache and %.3g GB of "
            "activations, has %.3g GB (90 %% of %g GB)",
            g->name, n->weights * 1e-9, n->cache * 1e-9, n->activations * 1e-9,
            usable_memory * g->memory_gb, g->memory_gb);
    return diag_cannot(d,
                       "does not fit: each of %d %s needs %.3g GB of weights, %.3g GB of cache and "
                       "%.3g GB of activations, has %.3g GB (90 %% of %g GB)",
                       devices, g->name, n->weights * 1e-9, n->cache * 1e-9, n->activations * 1e-9,
                       usable_memory * g->memory_gb, g->memory_gb);
}

/* Convolutions are not cut here, and collectives of the trace's own fix its devices. */
static int largest_group(const struct gpu *g, const struct trace *t)
{
    for (size_t i = 0; i < t->count; i++)
        switch (t->ops[i].kind) {
        case OP_CONV2D:
        case OP_ALL_REDUCE:
        case OP_ALL_GATHER:
        case OP_REDUCE_SCATTER:
        case OP_ALL_TO_ALL:
        case OP_SEND:
        case OP_RECV:
            return 1;
        default:
            break;
        }
    return (int)g->devices_max;
}

bool gpu_run_trace(struct arena *a, const struct gpu *g, const struct trace *t,
                   int64_t batch_factor, struct gpu_trace_result *out, struct diag *d)
{
    int devices = 1, largest = largest_group(g, t);
    struct need need;
    (void)a;
    while (!run(g, t, batch_factor, devices, out, &need)) {
        if (devices >= largest)
            return too_large(g, devices, &need, d);
        devices *= 2;
    }
    return true;
}

bool gpu_run_group(struct arena *a, const struct gpu *g, const struct trace *t,
                   int64_t batch_factor, int devices, struct gpu_trace_result *out, struct diag *d)
{
    struct need need;
    (void)a;
    return run(g, t, batch_factor, devices, out, &need) || too_large(g, devices, &need, d);
}

/* Runs a factor; true when it fits and keeps the limit, and then *best has it if it is better. */
static bool try_factor(const struct gpu *g, const struct trace *t, int64_t factor, double limit_s,
                       double gain, struct gpu_trace_result *best)
{
    struct gpu_trace_result next;
    struct need need;
    if (!run(g, t, factor, best->devices, &next, &need) || next.time_s > limit_s)
        return false;
    if ((double)next.batch / next.time_s > gain * (double)best->batch / best->time_s)
        *best = next;
    return true;
}

bool gpu_best_batch_within(struct arena *a, const struct gpu *g, const struct trace *t,
                           double limit_s, struct gpu_trace_result *out, struct diag *d)
{
    int64_t low = 1, high = 2;
    TRY(gpu_run_trace(a, g, t, 1, out, d));
    while (high <= BATCH_FACTOR_MAX && try_factor(g, t, high, limit_s, worthwhile, out)) {
        low = high;
        high *= 2;
    }
    if (!gpu_is_serving(t) || high > BATCH_FACTOR_MAX)
        return true;
    while (high - low > 1 && high - low > low / FACTOR_PARTS) {
        int64_t middle = low + (high - low) / 2;
        if (try_factor(g, t, middle, limit_s, 1, out))
            low = middle;
        else
            high = middle;
    }
    return true;
}
