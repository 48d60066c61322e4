/* A whole trace on one GPU, and the batch that suits it best. */
#include "core/gpu/gpu_lower.h"

#include <assert.h>
#include <math.h>

static const double usable_memory = 0.9; /* the rest holds the context and fragmentation */
static const double worthwhile = 1.005;  /* a larger batch must gain at least this */
enum { BATCH_FACTOR_MAX = 1 << 14 };

/* Time, energy and power of lowered kernels at the clock that the cap lets them settle at. */
static void settle(const struct gpu *g, const struct gpu_lowered *l, struct gpu_trace_result *out)
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
    out->power_w = out->time_s > 0 ? out->energy_j / out->time_s : 0;
    out->ops = l->ops;
    out->tops = out->time_s > 0 ? l->ops / out->time_s * 1e-12 : 0;
    out->tops_per_w = out->energy_j > 0 ? l->ops / out->energy_j * 1e-12 : 0;
    out->kernels = (double)l->count;
}

static bool fits(const struct gpu *g, const struct gpu_lowered *l)
{
    return l->weight_bytes + l->activation_bytes <= usable_memory * g->memory_gb * 1e9;
}

static bool run(struct arena *a, const struct gpu *g, const struct trace *t, int64_t batch_factor,
                struct gpu_trace_result *out, struct gpu_lowered *lowered)
{
    assert(batch_factor >= 1);
    gpu_lower(a, g, t, (double)batch_factor, lowered);
    if (!fits(g, lowered))
        return false;
    settle(g, lowered, out);
    out->dtype = gpu_dtype_for(g, t->header.activation_bits, t->header.weight_bits);
    out->batch = t->header.batch * batch_factor;
    return true;
}

static bool too_large(const struct gpu *g, const struct gpu_lowered *l, struct diag *d)
{
    return diag_cannot(d,
                       "does not fit: %s needs %.3g GB of weights and %.3g GB of activations, has "
                       "%.3g GB (90 %% of %g GB)",
                       g->name, l->weight_bytes * 1e-9, l->activation_bytes * 1e-9,
                       usable_memory * g->memory_gb, g->memory_gb);
}

bool gpu_run_trace(struct arena *a, const struct gpu *g, const struct trace *t,
                   int64_t batch_factor, struct gpu_trace_result *out, struct diag *d)
{
    struct gpu_lowered lowered;
    return run(a, g, t, batch_factor, out, &lowered) || too_large(g, &lowered, d);
}

bool gpu_best_batch(struct arena *a, const struct gpu *g, const struct trace *t,
                    struct gpu_trace_result *out, struct diag *d)
{
    struct gpu_lowered lowered;
    if (!run(a, g, t, 1, out, &lowered))
        return too_large(g, &lowered, d);
    for (int64_t factor = 2; factor <= BATCH_FACTOR_MAX; factor *= 2) {
        struct gpu_trace_result next;
        if (!run(a, g, t, factor, &next, &lowered))
            break;
        if ((double)next.batch / next.time_s > worthwhile * (double)out->batch / out->time_s)
            *out = next;
    }
    return true;
}
