/* gpu_lower.h — a trace as the kernels that a GPU launches for it; private to core/gpu.
 *
 * Fused: element-wise work and batch norms into the kernel that produces their input, where nobody
 * else reads it (another operand's bytes are read); products of one input by several weights into
 * one product; two dynamic products around a softmax into one attention kernel, whose scores never
 * leave the chip.  Free: rotary embeddings (done where the attention loads its operands),
 * reshapes, slices, and concatenations whose producers write in place.  A cache append adds its
 * bytes to the kernel that makes them; a cache read is moved by the product that names it.  Own
 * kernels: pools, softmax, layer norms, transposes, embeddings, routing.
 *
 * On a group of devices the kernels are those of one device: the first of two static products is
 * cut by columns, the attention by heads, the product that reads what was cut by rows, and its sum
 * is all-reduced (Shoeybi et al., Megatron-LM, 2019).  Sums travel in 16 bits. */
#ifndef CIMARRON_GPU_LOWER_H
#define CIMARRON_GPU_LOWER_H

#include "core/gpu/gpu_model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gpu_lowered {
    struct gpu_cost *costs;
    size_t count;
    double ops;
    double weight_bytes, cache_bytes; /* resident on one device */
    double activation_bytes;          /* the largest sum alive at one time */
    double collective_s;              /* of it all that the collectives take */
    bool serving;                     /* prefill or decode: energy by the serving fit */
};

enum { GPU_NO_KERNEL = -1, GPU_SUM_BYTES = 2 };

/* What is known of one operator's output. */
struct gpu_tensor {
    int32_t kernel;   /* that wrote it; GPU_NO_KERNEL: nobody has to (graph input, collective) */
    int32_t uses;     /* operators that read it */
    int32_t concats;  /* of these, concatenations */
    int32_t consumer; /* index of the last of them */
    double bytes;
    bool view;     /* has no memory of its own */
    bool on_chip;  /* never leaves the kernel */
    bool sharded;  /* each device holds a part of it */
    bool partial;  /* each device holds a summand of it */
    int32_t owner; /* index of the operator whose memory it is */
};

struct gpu_lowering {
    const struct gpu *g;
    const struct trace *t;
    double factor;
    double devices;  /* of the group */
    double kv_heads; /* that the cache has; 0: there is none */
    bool serving;
    const struct op *route; /* the last one met, or NULL */
    struct gpu_tensor *tensors;
    struct gpu_kernel *kernels;
    double *fixed_s; /* per kernel: a time that is known already, or 0 */
    int32_t *first;  /* per kernel: the operator that it was launched for */
    int32_t *last;   /* per kernel: the operator that it ends with */
    size_t count;
};

/* The trace with all that depends on its batch times `factor`, on a group of `devices`. */
void gpu_lower(struct arena *a, const struct gpu *g, const struct trace *t, double factor,
               int devices, struct gpu_lowered *out);

/* Whether the trace is a prompt or decode steps. */
bool gpu_is_serving(const struct trace *t);

/* Steps that the lowering's files share. */
enum gpu_dtype gpu_lower_dtype(const struct gpu_lowering *l, const struct op *o);
double gpu_lower_activation_bytes(const struct gpu_lowering *l, const struct op *o,
                                  double elements);
struct gpu_tensor *gpu_lower_input(const struct gpu_lowering *l, const struct op *o, size_t which);
int32_t gpu_lower_launch(struct gpu_lowering *l, size_t index, const struct gpu_kernel *k);
void gpu_lower_collective(struct gpu_lowering *l, size_t index);
void gpu_lower_all_reduce(struct gpu_lowering *l, size_t index, double bytes);
void gpu_lower_combine(struct gpu_lowering *l, size_t index); /* experts, once added up */
void gpu_lower_choose_words(struct gpu_lowering *l);
void gpu_lower_matmul(struct gpu_lowering *l, size_t index);

/* Whether a cache read is among the operands. */
bool gpu_lower_names_cache(const struct gpu_lowering *l, const struct op *o);

/* The width of the group by heads: what has fewer heads than devices is held more than once. */
double gpu_lower_head_share(const struct gpu_lowering *l);

/* The second half of it: prices the kernels, and adds up what the memory must hold. */
void gpu_lower_sum(struct arena *a, const struct gpu_lowering *l, struct gpu_lowered *out);

#ifdef __cplusplus
}
#endif
#endif
