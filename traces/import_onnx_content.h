/* import_onnx_content.h — what small constants hold, as far as shape arithmetic reads it.
 *
 * Numbers are doubles, whatever the file's type; a constant of more than ONNX_CONTENT_MAX elements,
 * or past ONNX_CONTENT_ALL in all, is known by its shape alone. */
#ifndef CIMARRON_IMPORT_ONNX_CONTENT_H
#define CIMARRON_IMPORT_ONNX_CONTENT_H

#include "traces/import_onnx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Room for n numbers; NULL: too many to be kept, here or in all. */
double *onnx_numbers(struct onnx_import *c, int64_t n);

/* The one number that v holds; false: it is not known, or v holds more. */
bool onnx_one_number(const struct onnx_value *v, double *x);

/* Where element 0 of a result lies in the content of v, and how far each of its axes steps. */
struct onnx_view {
    int64_t offset, step[SHAPE_DIMS_MAX];
};

/* Steps of a tensor as it lies there; of one that is broadcast to `to`. */
struct onnx_view onnx_view_of(const struct shape *s);
struct onnx_view onnx_view_broadcast(const struct shape *s, const struct shape *to);

/* out's content is v's seen so; nothing when v's is not known or out is not constant. */
void onnx_look(struct onnx_import *c, struct onnx_value *out, const struct onnx_value *v,
               const struct onnx_view *view);

/* Reads up to ONNX_CONTENT_MAX elements; NULL when the content is longer or elsewhere. */
const double *onnx_tensor_content(struct onnx_import *c, const Onnx__TensorProto *t, bool *integer);

/* Content of a result that the function `fn` of the node's inputs makes (import_onnx_arith.c);
 * nothing when one is not known or fn is not computed here. */
void onnx_unary_content(struct onnx_import *c, const char *fn, struct onnx_value *out);
void onnx_binary_content(struct onnx_import *c, const char *fn, struct onnx_value *out);
void onnx_where_content(struct onnx_import *c, struct onnx_value *out);

/* fn of two numbers; false: not computed here. */
bool onnx_apply(const struct onnx_import *c, const char *fn, bool integer, double x, double y,
                double *z);

#ifdef __cplusplus
}
#endif
#endif
