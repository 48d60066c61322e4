/* gpu_lower.h — a trace as the kernels that a GPU launches for it; private to core/gpu.
 *
 * Fused: element-wise work, batch norms and rotary embeddings into the kernel that produces their
 * input, where nobody else reads it (another operand's bytes are read); softmax between two
 * dynamic products (fused attention: the scores never leave the chip).  Free: reshapes, slices,
 * and concatenations whose producers write in place.  Own kernels: pools, softmax, layer norms,
 * transposes, embeddings, cache appends. */
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
    double weight_bytes, activation_bytes; /* resident; the largest sum alive at one time */
};

enum { GPU_NO_KERNEL = -1 };

/* What is known of one operator's output. */
struct gpu_tensor {
    int32_t kernel;   /* that wrote it; GPU_NO_KERNEL: nobody has to (graph input, collective) */
    int32_t uses;     /* operators that read it */
    int32_t concats;  /* of these, concatenations */
    int32_t consumer; /* index of the last of them */
    double bytes;
    bool view;     /* has no memory of its own */
    bool on_chip;  /* never leaves the kernel */
    int32_t owner; /* index of the operator whose memory it is */
};

struct gpu_lowering {
    const struct gpu *g;
    const struct trace *t;
    double factor;
    struct gpu_tensor *tensors;
    struct gpu_kernel *kernels;
    double *fixed_s; /* per kernel: a time that is known already, or 0 */
    int32_t *last;   /* per kernel: the operator that it ends with */
    size_t count;
};

/* The trace with all that depends on its batch times `factor`. */
void gpu_lower(struct arena *a, const struct gpu *g, const struct trace *t, double factor,
               struct gpu_lowered *out);

/* The second half of it: prices the kernels, and adds up what the memory must hold. */
void gpu_lower_sum(struct arena *a, const struct gpu_lowering *l, struct gpu_lowered *out);

#ifdef __cplusplus
}
#endif
#endif
