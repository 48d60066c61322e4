/* Products: static ones cut by columns, then by rows; dynamic ones by heads; attention as one
 * kernel; the experts that the tokens really reach. */
#include <math.h>
#include <string.h>

#include "core/gpu/gpu_lower.h"

double gpu_lower_head_share(const struct gpu_lowering *l)
{
    return l->kv_heads > 0 ? fmin(l->devices, l->kv_heads) : l->devices;
}

static bool is_cache_read(const struct gpu_lowering *l, const struct op *o, size_t which)
{
    const struct gpu_tensor *x = which < o->n_inputs ? gpu_lower_input(l, o, which) : NULL;
    return x && l->t->ops[x - l->tensors].kind == OP_KV_READ;
}

bool gpu_lower_names_cache(const struct gpu_lowering *l, const struct op *o)
{
    for (size_t i = 0; i < o->n_inputs; i++)
        if (is_cache_read(l, o, i))
            return true;
    return false;
}

/* Bytes of a dynamic second operand: a cache at its own width, or an activation. */
static double second_operand_bytes(const struct gpu_lowering *l, const struct op *o)
{
    double elements = (double)o->u.matmul.batch * (double)o->u.matmul.k * (double)o->u.matmul.n;
    int kv_bits = l->t->header.kv_bits;
    if (gpu_lower_names_cache(l, o) && kv_bits > 0)
        return elements * l->factor * kv_bits / 8;
    return gpu_lower_activation_bytes(l, o, elements);
}

/* Share of the scores that a causal mask skips: a prompt's token sees those before it. */
static double masked_share(const struct gpu_lowering *l, const struct op *o)
{
    double context = (double)o->u.matmul.n;
    bool prompt = l->t->header.phase && strcmp(l->t->header.phase, "prefill") == 0;
    return prompt && o->u.matmul.m >= o->u.matmul.n ? 0.5 * (1 - 1 / context) : 0;
}

/* The product with V joins the kernel that holds the scores. */
static void finish_attention(struct gpu_lowering *l, size_t index, int32_t kernel)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    struct gpu_kernel *k = &l->kernels[kernel];
    double shared = self->sharded ? gpu_lower_head_share(l) : 1;
    k->op = GPU_ATTENTION;
    k->k = (k->k + (double)o->u.matmul.n) / 2; /* of keys and values */
    k->bytes_weight += second_operand_bytes(l, o) / shared;
    k->bytes_out = self->bytes;
    self->kernel = kernel;
    l->last[kernel] = (int32_t)index;
}

static void lower_dynamic(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    const struct gpu_tensor *x = o->n_inputs ? gpu_lower_input(l, o, 0) : NULL;
    struct gpu_kernel k = {.op = GPU_MATMUL, .dtype = gpu_lower_dtype(l, o)};
    double rows = (double)o->u.matmul.batch, cut;
    for (size_t i = 0; i < o->n_inputs; i++)
        if (gpu_lower_input(l, o, i) && gpu_lower_input(l, o, i)->sharded)
            self->sharded = true;
    cut = self->sharded ? l->devices : 1;
    self->bytes /= cut;
    if (x && x->on_chip && x->kernel != GPU_NO_KERNEL) {
        finish_attention(l, index, x->kernel);
        return;
    }
    k.batch = rows * l->factor / cut;
    k.m = (double)o->u.matmul.m;
    k.n = (double)o->u.matmul.n;
    k.k = (double)o->u.matmul.k;
    k.masked = masked_share(l, o);
    k.bytes_in = x && x->on_chip ? 0 : gpu_lower_activation_bytes(l, o, rows * k.m * k.k) / cut;
    k.bytes_weight = second_operand_bytes(l, o) / (cut > 1 ? gpu_lower_head_share(l) : 1);
    k.bytes_out = self->bytes;
    gpu_lower_launch(l, index, &k);
}

/* Experts that are hit by a larger batch: the rows go to all of them before any gets more. */
static void spread_experts(const struct gpu_lowering *l, struct gpu_kernel *k)
{
    double experts = (double)l->route->u.route.experts;
    double assigned = (double)l->route->u.route.tokens * (double)l->route->u.route.top_k;
    double more = fmin(experts, assigned * l->factor) / fmin(experts, assigned);
    k->bytes_weight *= more;
    k->batch *= more;
    k->m /= more;
}

static bool is_expert(const struct gpu_lowering *l, const struct op *o)
{
    return l->route && o->u.matmul.experts > 0;
}

/* Products of one input by several weights run as one, side by side. */
static bool join_previous(struct gpu_lowering *l, size_t index, const struct gpu_kernel *k)
{
    const struct op *o = &l->t->ops[index], *before;
    struct gpu_kernel *p;
    int32_t number = (int32_t)l->count - 1;
    if (!l->serving || number < 0 || l->fixed_s[number] > 0)
        return false;
    before = &l->t->ops[l->first[number]];
    p = &l->kernels[number];
    if (p->op != GPU_MATMUL || before->kind != OP_MATMUL || !before->weight ||
        before->n_inputs == 0 || o->n_inputs == 0 || before->inputs[0] != o->inputs[0])
        return false;
    if (p->batch != k->batch || p->m != k->m || p->k != k->k || p->dtype != k->dtype)
        return false;
    p->n += k->n;
    p->bytes_weight += k->bytes_weight;
    p->bytes_out += k->bytes_out;
    l->last[number] = (int32_t)index;
    l->tensors[index].kernel = number;
    return true;
}

/* Cut by columns when the input is whole, by rows when it is cut already. */
static void lower_static(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    const struct gpu_tensor *x = o->n_inputs ? gpu_lower_input(l, o, 0) : NULL;
    struct gpu_kernel k = {.op = GPU_MATMUL, .dtype = gpu_lower_dtype(l, o)};
    bool by_rows = x && x->sharded, expert = is_expert(l, o);
    double width = gpu_dtype_bytes(k.dtype);
    k.batch = (double)o->u.matmul.batch;
    k.m = (double)o->u.matmul.m * l->factor;
    k.n = (double)o->u.matmul.n;
    k.k = (double)o->u.matmul.k;
    k.bytes_weight = op_weight_elements_read(o) * fmin(o->weight_bits / 8.0, width) / l->devices;
    if (expert)
        spread_experts(l, &k);
    if (by_rows)
        k.k /= l->devices;
    else
        k.n /= l->devices;
    self->sharded = !by_rows && l->devices > 1;
    self->bytes /= self->sharded ? l->devices : 1;
    k.bytes_in = x && x->on_chip ? 0 : k.batch * k.m * k.k * width;
    k.bytes_out = self->bytes;
    if (join_previous(l, index, &k))
        return;
    gpu_lower_launch(l, index, &k);
    self->partial = by_rows && expert; /* experts are combined before they are summed */
    if (by_rows && !expert)
        gpu_lower_all_reduce(l, index, GPU_SUM_BYTES * k.m * k.n);
}

void gpu_lower_matmul(struct gpu_lowering *l, size_t index)
{
    if (l->t->ops[index].weight)
        lower_static(l, index);
    else
        lower_dynamic(l, index);
}
