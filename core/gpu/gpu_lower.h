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

/* The trace with all that depends on its batch times `factor`. */
void gpu_lower(struct arena *a, const struct gpu *g, const struct trace *t, double factor,
               struct gpu_lowered *out);

#ifdef __cplusplus
}
#endif
#endif
