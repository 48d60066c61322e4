/* From operators to kernels: what is fused, what is free, what moves which bytes. */
#include "core/gpu/gpu_lower.h"

#include <math.h>
#include <string.h>

static enum gpu_dtype op_dtype(const struct gpu_lowering *l, const struct op *o)
{
    return gpu_dtype_for(l->g, o->activation_bits, o->weight_bits);
}

static double out_elements(const struct op *o)
{
    switch (o->kind) {
    case OP_MATMUL:
        return (double)o->u.matmul.batch * (double)o->u.matmul.m * (double)o->u.matmul.n;
    case OP_EMBEDDING:
        return (double)o->u.embedding.count * (double)o->u.embedding.width;
    case OP_ROUTE:
        return (double)o->u.route.tokens * (double)o->u.route.experts;
    case OP_CONV2D:
    case OP_SOFTMAX:
    case OP_NORM:
    case OP_ELEMENTWISE:
    case OP_POOL:
    case OP_ROPE:
    case OP_CONCAT:
    case OP_RESHAPE:
    case OP_TRANSPOSE:
    case OP_SLICE:
        return (double)shape_elements(&o->out);
    default:
        return 0; /* its bytes are booked where it runs */
    }
}

/* Activations are stored as wide as the units take them; weights may be packed. */
static double activation_bytes(const struct gpu_lowering *l, const struct op *o, double elements)
{
    return elements * l->factor * gpu_dtype_bytes(op_dtype(l, o));
}

static double weight_bytes(const struct gpu_lowering *l, const struct op *o, double elements)
{
    return elements * fmin(o->weight_bits / 8.0, gpu_dtype_bytes(op_dtype(l, o)));
}

static struct gpu_tensor *input_tensor(const struct gpu_lowering *l, const struct op *o,
                                       size_t which)
{
    int64_t index = trace_index(l->t, o->inputs[which]);
    return index < 0 ? NULL : &l->tensors[index];
}

/* Bytes that a kernel reads for one input; the graph's input is as large as the op says. */
static double input_bytes(const struct gpu_lowering *l, const struct op *o, size_t which)
{
    const struct gpu_tensor *x = which < o->n_inputs ? input_tensor(l, o, which) : NULL;
    if (x && x->on_chip)
        return 0;
    if (o->more_in && which < o->n_inputs)
        return activation_bytes(l, o, (double)shape_elements(&o->more_in[which]));
    if (x && x->bytes > 0 && which > 0)
        return x->bytes;
    return activation_bytes(l, o, (double)shape_elements(&o->in));
}

static int32_t launch(struct gpu_lowering *l, size_t index, const struct gpu_kernel *k)
{
    int32_t number = (int32_t)l->count++;
    l->kernels[number] = *k;
    l->last[number] = (int32_t)index;
    l->tensors[index].kernel = number;
    return number;
}

static void launch_stream(struct gpu_lowering *l, size_t index, enum gpu_op op, double in,
                          double out)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_kernel k = {.op = op, .dtype = op_dtype(l, o), .bytes_in = in, .bytes_out = out};
    launch(l, index, &k);
}

/* The output is the first input's memory, seen in another way. */
static void make_view(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    const struct gpu_tensor *x = o->n_inputs ? input_tensor(l, o, 0) : NULL;
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
    struct gpu_kernel k = {.op = GPU_CONV, .dtype = op_dtype(l, o), .batch = groups};
    k.m = l->factor * (double)o->out.dim[0] * (double)o->out.dim[2] * (double)o->out.dim[3];
    k.n = channels_out;
    k.k = channels_in * o->u.conv.kernel[0] * o->u.conv.kernel[1];
    k.bytes_in = input_bytes(l, o, 0);
    k.bytes_weight = weight_bytes(l, o, op_weight_elements(o));
    k.bytes_out = outputs;
    if (groups > 1 && channels_out < 8)
        k.op = GPU_POOL; /* depth-wise: no tensor core can be filled */
    launch(l, index, &k);
}

/* Bytes of the second operand: a packed weight, a cache at its own width, or an activation. */
static double second_operand_bytes(const struct gpu_lowering *l, const struct op *o)
{
    const struct gpu_tensor *x = o->n_inputs > 1 ? input_tensor(l, o, 1) : NULL;
    double elements = (double)o->u.matmul.batch * (double)o->u.matmul.k * (double)o->u.matmul.n;
    int kv_bits = l->t->header.kv_bits;
    if (o->weight)
        return weight_bytes(l, o, op_weight_elements(o));
    if (x && l->t->ops[x - l->tensors].kind == OP_KV_READ && kv_bits > 0)
        return elements * l->factor * kv_bits / 8;
    return activation_bytes(l, o, elements);
}

static void lower_matmul(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    bool dynamic = o->weight == NULL;
    struct gpu_kernel k = {.op = GPU_MATMUL, .dtype = op_dtype(l, o)};
    double rows = (double)o->u.matmul.batch;
    k.batch = rows * (dynamic ? l->factor : 1);
    k.m = (double)o->u.matmul.m * (dynamic ? 1 : l->factor);
    k.n = (double)o->u.matmul.n;
    k.k = (double)o->u.matmul.k;
    k.bytes_in = activation_bytes(l, o, rows * (double)o->u.matmul.m * k.k);
    if (o->n_inputs > 0 && input_tensor(l, o, 0) && input_tensor(l, o, 0)->on_chip)
        k.bytes_in = 0;
    k.bytes_weight = second_operand_bytes(l, o);
    k.bytes_out = l->tensors[index].bytes;
    launch(l, index, &k);
}

/* The input whose kernel can take this element-wise op as its epilogue: nobody else reads it,
 * and the kernel ends with it. The latest one wins.  -1: none. */
static int fusable_input(const struct gpu_lowering *l, const struct op *o)
{
    int best = -1;
    int32_t best_kernel = GPU_NO_KERNEL;
    for (size_t i = 0; i < o->n_inputs; i++) {
        const struct gpu_tensor *x = input_tensor(l, o, i);
        if (!x || x->kernel == GPU_NO_KERNEL || x->uses != 1 || x->on_chip)
            continue;
        if (&l->tensors[l->last[x->kernel]] != x || l->kernels[x->kernel].op == GPU_COPY)
            continue;
        if (x->kernel > best_kernel) {
            best = (int)i;
            best_kernel = x->kernel;
        }
    }
    return best;
}

static void lower_elementwise(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    struct gpu_tensor *self = &l->tensors[index];
    int into = fusable_input(l, o);
    double others = 0;
    for (size_t i = 0; i < o->n_inputs; i++)
        others += (int)i == into ? 0 : input_bytes(l, o, i);
    if (o->n_inputs == 0)
        others = input_bytes(l, o, 0);
    if (into < 0) {
        launch_stream(l, index, GPU_ELEMENTWISE, others, self->bytes);
        return;
    }
    self->kernel = input_tensor(l, o, (size_t)into)->kernel;
    self->view = true;
    self->owner = input_tensor(l, o, (size_t)into)->owner;
    l->last[self->kernel] = (int32_t)index;
    l->kernels[self->kernel].bytes_weight += others; /* read once, from memory */
    l->kernels[self->kernel].bytes_out = self->bytes;
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
    const struct gpu_tensor *x = o->n_inputs == 1 ? input_tensor(l, o, 0) : NULL;
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
        const struct gpu_tensor *x = input_tensor(l, o, i);
        if (!x || x->kernel == GPU_NO_KERNEL || x->concats > 1)
            copied += input_bytes(l, o, i);
    }
    if (copied > 0)
        launch_stream(l, index, GPU_COPY, copied, copied);
    else if (o->n_inputs > 0 && input_tensor(l, o, 0))
        l->tensors[index].kernel = input_tensor(l, o, 0)->kernel;
}

/* Seconds of a collective inside one node; the halves of an all-reduce take half its time. */
static double collective_time(const struct gpu_lowering *l, const struct op *o)
{
    double bytes = (double)o->u.move.bytes * l->factor;
    double all = gpu_all_reduce_s(l->g, (int)o->u.move.group, bytes);
    switch (o->kind) {
    case OP_ALL_REDUCE:
        return all;
    case OP_ALL_GATHER:
    case OP_REDUCE_SCATTER:
    case OP_ALL_TO_ALL:
        return all / 2;
    default:
        return gpu_all_reduce_s(l->g, 2, bytes) / 2;
    }
}

static void lower_collective(struct gpu_lowering *l, size_t index)
{
    size_t number = l->count;
    launch_stream(l, index, GPU_COPY, 0, 0);
    l->fixed_s[number] = collective_time(l, &l->t->ops[index]);
}

static void lower_op(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    double out = l->tensors[index].bytes, moved;
    switch (o->kind) {
    case OP_CONV2D:
        lower_conv(l, index);
        break;
    case OP_MATMUL:
        lower_matmul(l, index);
        break;
    case OP_NORM:
        if (o->fn && strcmp(o->fn, "batch") == 0)
            lower_elementwise(l, index);
        else
            launch_stream(l, index, GPU_NORM, input_bytes(l, o, 0), out);
        break;
    case OP_ELEMENTWISE:
    case OP_ROPE:
        lower_elementwise(l, index);
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
    case OP_ROUTE:
        launch_stream(l, index, GPU_COPY, out, out);
        break;
    case OP_RESHAPE:
    case OP_SLICE:
        make_view(l, index);
        break;
    case OP_CONCAT:
        lower_concat(l, index);
        break;
    case OP_KV_APPEND:
        moved = (double)o->u.move.bytes * l->factor;
        launch_stream(l, index, GPU_COPY, moved, moved);
        break;
    case OP_OPTIMIZER:
        launch_stream(l, index, GPU_COPY, (double)o->u.move.bytes / 2, (double)o->u.move.bytes / 2);
        break;
    case OP_KV_READ:
    case OP_CHECKPOINT:
        break; /* the products move the cache; a checkpoint leaves the device elsewhere */
    default:
        lower_collective(l, index);
    }
}

static void count_uses(struct gpu_lowering *l)
{
    for (size_t i = 0; i < l->t->count; i++) {
        const struct op *o = &l->t->ops[i];
        l->tensors[i].kernel = GPU_NO_KERNEL;
        l->tensors[i].owner = (int32_t)i;
        l->tensors[i].bytes = activation_bytes(l, o, out_elements(o));
        for (size_t k = 0; k < o->n_inputs; k++) {
            struct gpu_tensor *x = input_tensor(l, o, k);
            if (!x)
                continue;
            x->uses++;
            x->concats += o->kind == OP_CONCAT;
            x->consumer = (int32_t)i;
        }
    }
}

void gpu_lower(struct arena *a, const struct gpu *g, const struct trace *t, double factor,
               struct gpu_lowered *out)
{
    struct gpu_lowering l = {.g = g, .t = t, .factor = factor};
    l.tensors = ARENA_ARRAY(a, struct gpu_tensor, t->count);
    l.kernels = ARENA_ARRAY(a, struct gpu_kernel, t->count);
    l.fixed_s = ARENA_ARRAY(a, double, t->count);
    l.last = ARENA_ARRAY(a, int32_t, t->count);
    count_uses(&l);
    for (size_t i = 0; i < t->count; i++)
        lower_op(&l, i);
    gpu_lower_sum(a, &l, out);
}
