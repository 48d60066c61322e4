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

/* Bytes of all distinct static tensors on one device, at the width of the trace's header. */
static double resident_weights(const struct gpu_lowering *l)
{
    const struct trace_header *h = &l->t->header;
    enum gpu_dtype dtype = gpu_trace_dtype(l->g, l->serving, h->activation_bits, h->weight_bits);
    double width = fmin(h->weight_bits / 8.0, gpu_dtype_bytes(dtype));
    return trace_weights(l->t) * width / l->devices;
}

/* The KV cache of one device at its final length: what the reads (of a trace without any, the
 * appends) of the last position declare, all layers together. */
static double resident_cache(const struct gpu_lowering *l)
{
    enum op_kind kinds[] = {OP_KV_READ, OP_KV_APPEND};
    double bytes = 0;
    int64_t last = -1;
    for (size_t k = 0; k < COUNT_OF(kinds) && last < 0; k++)
        for (size_t i = 0; i < l->t->count; i++) {
            const struct op *o = &l->t->ops[i];
            if (o->kind != kinds[k] || o->u.move.position < last)
                continue;
            bytes = o->u.move.position > last ? 0 : bytes;
            last = o->u.move.position;
            bytes += (double)o->u.move.bytes * l->factor;
        }
    return bytes / gpu_lower_head_share(l);
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
           a->n == b->n && a->k == b->k && a->masked == b->masked && a->bytes_in == b->bytes_in &&
           a->bytes_out == b->bytes_out && a->bytes_weight == b->bytes_weight;
}

static void price(const struct gpu_lowering *l, struct arena *a, struct gpu_lowered *out)
{
    struct memory *seen = ARENA_NEW(a, struct memory);
    size_t used = 0;
    out->collective_s = 0;
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
        if (l->fixed_s[i] > 0) {
            out->costs[i].launch_s = l->fixed_s[i];
            out->costs[i].memory_s = 0;
            out->collective_s += l->fixed_s[i];
        }
    }
}

void gpu_lower_sum(struct arena *a, const struct gpu_lowering *l, struct gpu_lowered *out)
{
    price(l, a, out);
    out->ops = 2 * trace_macs(l->t) * l->factor;
    out->serving = l->serving;
    out->weight_bytes = resident_weights(l);
    out->cache_bytes = resident_cache(l);
    out->activation_bytes = largest_live(a, l);
}
