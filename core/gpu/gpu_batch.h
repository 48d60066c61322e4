/* gpu_batch.h — a CSV of kernels, read strictly.
 *
 * The first line names the columns: op, dtype, m, n, k and, if it pleases, batch, in any order.
 * Products (matmul, conv as its im2col product) need m, n and k; so does attention (queries, keys,
 * width of a head, for each of batch heads); elementwise, softmax, norm, pool
 * and copy move m x n elements in and out, their k stays empty.  An empty batch is 1.  The file is
 * read by core/base/csv.h, its limits are the table's.  Sizes from 1 to 1e12. */
#ifndef CIMARRON_GPU_BATCH_H
#define CIMARRON_GPU_BATCH_H

#include "core/gpu/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gpu_batch {
    struct gpu_kernel *kernels;
    const int *lines; /* where each stands */
    size_t count;
};

/* Reads PATH; an error names the line and what would be right. */
FALLIBLE bool gpu_batch_read(struct arena *a, const char *path, struct gpu_batch *out,
                             struct diag *d);

const char *gpu_op_name(enum gpu_op op); /* "matmul", "conv", "elementwise", ... */
bool gpu_op_find(const char *name, enum gpu_op *op);

#ifdef __cplusplus
}
#endif
#endif
