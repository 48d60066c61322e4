/* op.h — one operator of a layer trace, and what it amounts to.
 *
 * Shapes include the batch: 4-D tensors are [N, C, H, W].  Pads are [top, left, bottom, right]
 * (the ONNX order).  A MAC count is output elements x K / groups, padding included; ops are
 * 2 per MAC, everything else counts no ops. */
#ifndef CIMARRON_OP_H
#define CIMARRON_OP_H

#include "core/base/count.h"
#include "traces/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

enum op_kind {
#define OP(id, name, help) OP_##id,
#include "traces/ops.def"
#undef OP
    OP_KIND_COUNT
};

const char *op_kind_name(enum op_kind k);             /* "conv2d" */
bool op_kind_find(const char *name, enum op_kind *k); /* false: no such operator */

enum { SHAPE_DIMS_MAX = 6 };

struct shape {
    int64_t dim[SHAPE_DIMS_MAX];
    int dims;
};

int64_t shape_elements(const struct shape *s); /* product; 1 for zero dims; saturates at 2^63 - 1 */

struct op {
    const char *name, *fn, *weight; /* fn: "relu", "max", ...; weight: tensor name or NULL */
    const int32_t *inputs;          /* ids of producers; none: the graph's input */
    const struct op_stats *stats;   /* NULL: defaults */
    const double *load;             /* route: share per expert or NULL */
    const struct shape *more_in;    /* concat: all input shapes (n_inputs of them), else NULL */
    int32_t id;
    uint16_t n_inputs;
    uint8_t kind;                         /* enum op_kind */
    uint8_t activation_bits, weight_bits; /* resolved: the op's own or the header's */
    struct shape in, out;                 /* valid where the kind has shapes */
    union {
        struct {
            int32_t kernel[2], stride[2], pad[4], dilation[2];
            int64_t groups;
        } conv; /* conv2d, pool (groups, dilation 1) */
        struct {
            int64_t batch, m, n, k;
            int64_t
                experts; /* static: matrices in the tensor, of which `batch` are used; 0: batch */
        } matmul;
        struct {
            int64_t rows, width, count;
        } embedding;
        struct {
            int64_t bytes, position, group, parameters;
        } move; /* kv_*, collectives, optimizer, checkpoint */
        struct {
            int64_t tokens, experts, top_k;
        } route;
    } u;
};

/* An operand of which nothing is known has is_default and no moments: ask the two functions. */
struct op_stats {
    struct operand_stats activation, weights;
};

/* The statistics of an op's operands, defaults where it has none. */
struct operand_stats op_activation_stats(const struct op *o);
struct operand_stats op_weight_stats(const struct op *o);

double op_macs(const struct op *o); /* 0 for all but conv2d and matmul */

/* Elements of the static tensor, 0 without one.  A static matmul of batch b has b matrices, or as
 * many as it has experts. */
double op_weight_elements(const struct op *o);

/* The same two, and op_out_elements, to the last one; beyond 2^63 - 1 they stay there. */
int64_t op_macs_exact(const struct op *o);
int64_t op_weights_exact(const struct op *o);
int64_t op_out_exact(const struct op *o);

/* Elements of it that the op reads: of experts those that are hit, of a table the rows looked up.
 */
double op_weight_elements_read(const struct op *o);

/* Elements that come out: of the shape where there is one, else of the product or the looked-up
 * rows; 0 where nothing flows (cache, collectives, optimizer). */
double op_out_elements(const struct op *o);

/* Multiplies the batch dimension of every shape, matmul m (static) or batch (dynamic), tokens,
 * counts and activation bytes by n >= 1.  Experts: more of them are hit, as many as divide the
 * rows evenly, before any gets more rows.  False, and nothing changed, when a product overflows
 * 2^53.  A gathering or reducing collective that names a weight moves that tensor (or its
 * gradient) and stays.  more_in is scaled in place: it must be writable and this op's own. */
bool op_scale_batch(struct op *o, int64_t n);

#ifdef __cplusplus
}
#endif
#endif
