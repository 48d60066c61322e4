/* What the devices of a group, or of the trace's own making, tell each other. */
#include "core/gpu/gpu_lower.h"

static void launch_copy(struct gpu_lowering *l, size_t index, double bytes)
{
    struct gpu_kernel k = {.op = GPU_COPY, .bytes_in = bytes, .bytes_out = bytes};
    k.dtype = gpu_lower_dtype(l, &l->t->ops[index]);
    gpu_lower_launch(l, index, &k);
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

void gpu_lower_collective(struct gpu_lowering *l, size_t index)
{
    size_t number = l->count;
    launch_copy(l, index, 0);
    l->fixed_s[number] = collective_time(l, &l->t->ops[index]);
}

/* The group's own sum of `bytes` per device; what comes after waits for it. */
void gpu_lower_all_reduce(struct gpu_lowering *l, size_t index, double bytes)
{
    int32_t kernel = l->tensors[index].kernel;
    size_t number = l->count;
    double sent = 2 * (l->devices - 1) / l->devices * bytes;
    if (l->devices <= 1)
        return;
    launch_copy(l, index, sent);
    l->tensors[index].kernel = kernel;
    l->fixed_s[number] = gpu_all_reduce_s(l->g, (int)l->devices, bytes);
}

/* Summands of the experts, once they are added up on each device. */
void gpu_lower_combine(struct gpu_lowering *l, size_t index)
{
    const struct op *o = &l->t->ops[index];
    bool partial = false;
    for (size_t i = 0; i < o->n_inputs; i++)
        partial |= gpu_lower_input(l, o, i) && gpu_lower_input(l, o, i)->partial;
    if (partial)
        gpu_lower_all_reduce(l, index, GPU_SUM_BYTES * op_out_elements(o) * l->factor);
}

/* Words that nobody looks up in this trace are chosen all the same. */
void gpu_lower_choose_words(struct gpu_lowering *l)
{
    for (size_t i = 0; i < l->t->count; i++) {
        const struct op *o = &l->t->ops[i];
        if (l->tensors[i].sharded && l->tensors[i].uses == 0 && o->kind == OP_MATMUL)
            gpu_lower_all_reduce(l, i, 8 * (double)o->u.matmul.m * l->factor);
    }
}
