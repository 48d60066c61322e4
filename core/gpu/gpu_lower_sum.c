/* What lowered kernels cost, and what the memory must hold meanwhile. */
#include "core/gpu/gpu_lower.h"

#include <math.h>

/* The largest sum of tensors alive at one time; a view keeps its owner's memory alive. */
static double largest_live(struct arena *a, const struct gpu_lowering *l)
{
    int32_t *death = ARENA_ARRAY(a, int32_t, l->t->count);
    double *freed = ARENA_ARRAY(a, double, l->t->count);
    double live = 0, largest = 0;
    for (size_t i = 0; i < l->t->count; i++) {
        const struct gpu_tensor *x = &l->tensors[i];
        int32_t end = x->uses ? x->consumer : (int32_t)i;
        if (end > death[x->owner])
            death[x->owner] = end;
    }
    for (size_t i = 0; i < l->t->count; i++)
        if (!l->tensors[i].view)
            freed[death[i]] += l->tensors[i].bytes;
    for (size_t i = 0; i < l->t->count; i++) {
        live += l->tensors[i].view ? 0 : l->tensors[i].bytes;
        largest = fmax(largest, live);
        live -= freed[i];
    }
    return largest;
}

/* Bytes of all distinct static tensors, at the width of the trace's header. */
static double resident_weights(const struct gpu_lowering *l)
{
    const struct trace_header *h = &l->t->header;
    enum gpu_dtype dtype = gpu_dtype_for(l->g, h->activation_bits, h->weight_bits);
    return trace_weights(l->t) * fmin(h->weight_bits / 8.0, gpu_dtype_bytes(dtype));
}

/* The KV cache that a trace declares. */
static double resident_cache(const struct gpu_lowering *l)
{
    double bytes = 0;
    for (size_t i = 0; i < l->t->count; i++)
        if (l->t->ops[i].kind == OP_KV_READ)
            bytes = fmax(bytes, (double)l->t->ops[i].u.move.bytes * l->factor);
    return bytes;
}

/* Networks repeat their layers: equal kernels are timed once while they are remembered. */
enum { REMEMBERED = 64 };

struct memory {
    struct gpu_kernel kernel[REMEMBERED];
    struct gpu_cost cost[REMEMBERED];
};

static bool is_same_kernel(const struct gpu_kernel *a, const struct gpu_kernel *b)
{
    return a->op == b->op && a->dtype == b->dtype && a->batch == b->batch && a->m == b->m &&
           a->n == b->n && a->k == b->k && a->bytes_in == b->bytes_in &&
           a->bytes_out == b->bytes_out && a->bytes_weight == b->bytes_weight;
}

static void price(const struct gpu_lowering *l, struct arena *a, struct gpu_lowered *out)
{
    struct memory *seen = ARENA_NEW(a, struct memory);
    size_t used = 0;
    out->costs = ARENA_ARRAY(a, struct gpu_cost, l->count);
    out->count = l->count;
    for (size_t i = 0; i < l->count; i++) {
        size_t known = 0;
        while (known < REMEMBERED && known < used &&
               !is_same_kernel(&seen->kernel[known], &l->kernels[i]))
            known++;
        if (known >= REMEMBERED || known >= used) {
            known = used++ % REMEMBERED;
            seen->kernel[known] = l->kernels[i];
            gpu_kernel_cost(l->g, &l->kernels[i], &seen->cost[known]);
        }
        out->costs[i] = seen->cost[known];
        if (l->fixed_s[i] > 0)
            out->costs[i].launch_s = l->fixed_s[i];
    }
}

void gpu_lower_sum(struct arena *a, const struct gpu_lowering *l, struct gpu_lowered *out)
{
    price(l, a, out);
    out->ops = 2 * trace_macs(l->t) * l->factor;
    out->weight_bytes = resident_weights(l) + resident_cache(l);
    out->activation_bytes = largest_live(a, l);
}
