/* From operators to kernels: what is fused, what is free, what moves which bytes. */
#include "core/gpu/gpu_lower.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum gpu_dtype gpu_lower_dtype(const struct gpu_lowering *l, const struct op *o)
{
    return gpu_trace_dtype(l->g, l->serving, o->activation_bits, o->weight_bits);
}

/* Activations are stored as wide as the units take them; between the products of a served model
 * at least 16 bits.  Weights may be packed. */
double gpu_lower_activation_bytes(const struct gpu_lowering *l, const struct op *o, double elements)
{
    double width = gpu_dtype_bytes(gpu_lower_dtype(l, o));
    return elements * l->factor * (l->serving ? fmax(width, 2) : width);
}

static double weight_bytes(const struct gpu_lowering *l, const struct op *o, double elements)
{
    return elements * fmin(o->weight_bits / 8.0, gpu_dtype_bytes(gpu_lower_dtype(l, o)));
}

struct gpu_tensor *gpu_lower_input(const struct gpu_lowering *l, const struct op *o, size_t which)
{
    int64_t index = trace_index(l->t, o->inputs[which]);
    return index < 0 ? NULL : &l->tensors[index];
}

/* Bytes that a kernel of one device reads for one input; the graph's input is as large as the op
 * says. */
static double input_bytes(const struct gpu_lowering *l, const struct op *o, size_t which)
{
    const struct gpu_tensor *x = which < o->n_inputs ? gpu_lower_input(l, o, which) : NULL;
    double bytes;
    if (x && x->on_chip)
        return 0;
    if (o->more_in && which < o->n_inputs)
        bytes = gpu_lower_activation_bytes(l, o, (double)shape_elements(&o->more_in[which]));
    else if (x && x->bytes > 0 && which > 0)
        return x->bytes;
    else
        bytes = gpu_lower_activation_bytes(l, o, (double)shape_elements(&o->in));
    return x && x->sharded ? bytes / l->devices : bytes;
}

int32_t gpu_lower_launch(struct gpu_lowering *l, size_t index, const struct gpu_kernel *k)
{
    int32_t number = (int32_t)l->count++;
    l->kernels[number] = *k;
    l->first[number] = l->last[number] = (int32_t)index;
    l->tensors[index].kernel = number;
    return number;
}

static void launch_stream(struct gpu_lowering *l, size_t index, enum gpu_op op, double in,
                          double out)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_kernel k = {
        .op = op, .dtype = gpu_lower_dtype(l, o), .bytes_in = in, .bytes_out = out};
    gpu_lower_launch(l, index, &k);
}

/* The output is the first input's memory, seen in another way. */
static void make_view(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    const struct gpu_tensor *x = o->n_inputs ? gpu_lower_input(l, o, 0) : NULL;
    if (!x)
        return;
    self->view = true;
    self->owner = x->owner;
    self->kernel = x->kernel;
    self->on_chip = x->on_chip;
}

static void lower_conv(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    double groups = (double)o->u.conv.groups;
    double outputs = l->tensors[index].bytes;
    double channels_in = (double)o->in.dim[1] / groups,
           channels_out = (double)o->out.dim[1] / groups;
    struct gpu_kernel k = {.op = GPU_CONV, .dtype = gpu_lower_dtype(l, o), .batch = groups};
    k.m = l->factor * (double)o->out.dim[0] * (double)o->out.dim[2] * (double)o->out.dim[3];
    k.n = channels_out;
    k.k = channels_in * o->u.conv.kernel[0] * o->u.conv.kernel[1];
    k.bytes_in = input_bytes(l, o, 0);
    k.bytes_weight = weight_bytes(l, o, op_weight_elements(o));
    k.bytes_out = outputs;
    if (groups > 1 && channels_out < 8)
        k.op = GPU_POOL; /* depth-wise: no tensor core can be filled */
    gpu_lower_launch(l, index, &k);
}

/* The input whose kernel can take this element-wise op as its epilogue: nobody else reads it,
 * and the kernel ends with it. The latest one wins.  -1: none. */
static int fusable_input(const struct gpu_lowering *l, const struct op *o)
{
    int best = -1;
    int32_t best_kernel = GPU_NO_KERNEL;
    for (size_t i = 0; i < o->n_inputs; i++) {
        const struct gpu_tensor *x = gpu_lower_input(l, o, i);
        if (!x || x->kernel == GPU_NO_KERNEL || x->uses != 1 || x->on_chip)
            continue;
        if (l->kernels[x->kernel].op == GPU_COPY)
            continue;
        if (&l->tensors[l->last[x->kernel]] != x && !l->serving) /* one product, several parts */
            continue;
        if (x->kernel > best_kernel) {
            best = (int)i;
            best_kernel = x->kernel;
        }
    }
    return best;
}

/* What an epilogue reads beside the product it follows, and what it spares writing: another part
 * of the same product is at hand. */
static void epilogue_bytes(const struct gpu_lowering *l, const struct op *o, int into,
                           double *others, double *spared)
{
    int32_t kernel = into < 0 ? GPU_NO_KERNEL : gpu_lower_input(l, o, (size_t)into)->kernel;
    *others = *spared = 0;
    for (size_t i = 0; i < o->n_inputs; i++) {
        const struct gpu_tensor *x = gpu_lower_input(l, o, i);
        if ((int)i == into || (into >= 0 && x && x->kernel == kernel && x->uses == 1))
            *spared += x->bytes;
        else
            *others += input_bytes(l, o, i);
    }
    if (o->n_inputs == 0)
        *others = input_bytes(l, o, 0);
}

static void lower_elementwise(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    int into = fusable_input(l, o);
    double others, spared;
    struct gpu_kernel *k;
    epilogue_bytes(l, o, into, &others, &spared);
    if (into < 0) {
        launch_stream(l, index, GPU_ELEMENTWISE, others, self->bytes);
        return;
    }
    self->kernel = gpu_lower_input(l, o, (size_t)into)->kernel;
    self->view = true;
    self->owner = gpu_lower_input(l, o, (size_t)into)->owner;
    l->last[self->kernel] = (int32_t)index;
    k = &l->kernels[self->kernel];
    k->bytes_weight += others; /* read once, from memory */
    k->bytes_out = fmax(k->bytes_out - spared, 0) + self->bytes;
}

static bool is_dynamic_matmul(const struct op *o)
{
    return o->kind == OP_MATMUL && o->weight == NULL;
}

/* Fused attention: scores, softmax and the product with V are one pass over K and V. */
static bool fuse_attention(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    const struct gpu_tensor *x = o->n_inputs == 1 ? gpu_lower_input(l, o, 0) : NULL;
    struct gpu_kernel *k;
    if (!x || x->kernel == GPU_NO_KERNEL || x->uses != 1 || self->uses != 1)
        return false;
    if (!is_dynamic_matmul(&l->t->ops[self->consumer]) || l->fixed_s[x->kernel] > 0)
        return false;
    k = &l->kernels[x->kernel];
    if (k->op != GPU_MATMUL || &l->tensors[l->last[x->kernel]] != x)
        return false;
    k->bytes_out = 0;
    self->kernel = x->kernel;
    self->view = self->on_chip = true;
    self->owner = x->owner;
    l->tensors[x->owner].bytes = 0;
    return true;
}

static void lower_concat(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    double copied = 0;
    for (size_t i = 0; i < o->n_inputs; i++) {
        const struct gpu_tensor *x = gpu_lower_input(l, o, i);
        if (!x || x->kernel == GPU_NO_KERNEL || x->concats > 1)
            copied += input_bytes(l, o, i);
    }
    if (copied > 0)
        launch_stream(l, index, GPU_COPY, copied, copied);
    else if (o->n_inputs > 0 && gpu_lower_input(l, o, 0))
        l->tensors[index].kernel = gpu_lower_input(l, o, 0)->kernel;
}

/* An append writes the cache from the kernel that makes its keys and values. */
static void lower_append(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    const struct gpu_tensor *x = o->n_inputs ? gpu_lower_input(l, o, 0) : NULL;
    double moved = (double)o->u.move.bytes * l->factor;
    moved /= x && x->sharded ? gpu_lower_head_share(l) : 1;
    if (x && x->kernel != GPU_NO_KERNEL)
        l->kernels[x->kernel].bytes_weight += moved;
    else
        launch_stream(l, index, GPU_COPY, moved, moved);
}

/* Looking up the next token needs the best of every device's part of the words. */
static void lower_embedding(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    const struct gpu_tensor *x = o->n_inputs ? gpu_lower_input(l, o, 0) : NULL;
    double out = l->tensors[index].bytes, words = (double)o->u.embedding.count * l->factor;
    if (x && x->sharded)
        gpu_lower_all_reduce(l, index, 8 * words);
    launch_stream(l, index, GPU_COPY, out, out);
}

static void find_kv_heads(struct gpu_lowering *l)
{
    for (size_t i = 0; i < l->t->count; i++) {
        const struct op *o = &l->t->ops[i];
        if (o->kind != OP_MATMUL || o->weight || !gpu_lower_names_cache(l, o))
            continue;
        l->kv_heads = (double)o->u.matmul.batch / (double)l->t->header.batch;
        return;
    }
}

/* What works on each element or head by itself is cut as its inputs are. */
static void inherit_shard(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    assert(self);
    if (o->kind == OP_EMBEDDING || o->kind == OP_ROUTE || o->kind == OP_MATMUL)
        return;
    for (size_t i = 0; i < o->n_inputs; i++)
        if (gpu_lower_input(l, o, i) && gpu_lower_input(l, o, i)->sharded)
            self->sharded = true;
    if (self->sharded)
        self->bytes /= l->devices;
}

static void lower_op(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    double out;
    inherit_shard(l, index);
    out = l->tensors[index].bytes;
    switch (o->kind) {
    case OP_CONV2D:
        lower_conv(l, index);
        break;
    case OP_MATMUL:
        gpu_lower_matmul(l, index);
        break;
    case OP_NORM:
        if (o->fn && strcmp(o->fn, "batch") == 0)
            lower_elementwise(l, index);
        else
            launch_stream(l, index, GPU_NORM, input_bytes(l, o, 0), out);
        break;
    case OP_ELEMENTWISE:
        lower_elementwise(l, index);
        gpu_lower_combine(l, index);
        break;
    case OP_SOFTMAX:
        if (!fuse_attention(l, index))
            launch_stream(l, index, GPU_SOFTMAX, input_bytes(l, o, 0), out);
        break;
    case OP_POOL:
        launch_stream(l, index, GPU_POOL, input_bytes(l, o, 0), out);
        break;
    case OP_TRANSPOSE:
        launch_stream(l, index, GPU_COPY, out, out);
        break;
    case OP_EMBEDDING:
        lower_embedding(l, index);
        break;
    case OP_ROUTE:
        l->route = o;
        launch_stream(l, index, GPU_COPY, out, out);
        break;
    case OP_RESHAPE:
    case OP_SLICE:
    case OP_ROPE:
        make_view(l, index);
        break;
    case OP_CONCAT:
        lower_concat(l, index);
        break;
    case OP_KV_APPEND:
        lower_append(l, index);
        break;
    case OP_OPTIMIZER:
        launch_stream(l, index, GPU_COPY, (double)o->u.move.bytes / 2, (double)o->u.move.bytes / 2);
        break;
    case OP_KV_READ:
    case OP_CHECKPOINT:
        break; /* the products move the cache; a checkpoint leaves the device elsewhere */
    default:
        gpu_lower_collective(l, index);
    }
}

static void count_uses(struct gpu_lowering *l)
{
    for (size_t i = 0; i < l->t->count; i++) {
        const struct op *o = &l->t->ops[i];
        l->tensors[i].kernel = GPU_NO_KERNEL;
        l->tensors[i].owner = (int32_t)i;
        l->tensors[i].bytes = gpu_lower_activation_bytes(l, o, op_out_elements(o));
        for (size_t k = 0; k < o->n_inputs; k++) {
            struct gpu_tensor *x = gpu_lower_input(l, o, k);
            if (!x)
                continue;
            x->uses++;
            x->concats += o->kind == OP_CONCAT;
            x->consumer = (int32_t)i;
        }
    }
}

bool gpu_is_serving(const struct trace *t)
{
    const char *phase = t->header.phase ? t->header.phase : "";
    return strcmp(phase, "prefill") == 0 || strcmp(phase, "decode") == 0;
}

void gpu_lower(struct arena *a, const struct gpu *g, const struct trace *t, double factor,
               int devices, struct gpu_lowered *out)
{
    struct gpu_lowering l = {.g = g, .t = t, .factor = factor, .devices = devices};
    l.serving = gpu_is_serving(t);
    l.tensors = ARENA_ARRAY(a, struct gpu_tensor, t->count);
    /* A product and a lookup may each bring a collective. */
    l.kernels = ARENA_ARRAY(a, struct gpu_kernel, 2 * t->count);
    l.fixed_s = ARENA_ARRAY(a, double, 2 * t->count);
    l.first = ARENA_ARRAY(a, int32_t, 2 * t->count);
    l.last = ARENA_ARRAY(a, int32_t, 2 * t->count);
    count_uses(&l);
    find_kv_heads(&l);
    for (size_t i = 0; i < t->count; i++)
        lower_op(&l, i);
    gpu_lower_choose_words(&l);
    gpu_lower_sum(a, &l, out);
}
