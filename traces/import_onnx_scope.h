/* import_onnx_scope.h — graphs, and graphs inside nodes: what comes into them, what of them is run,
 * in which scope their names are. */
#ifndef CIMARRON_IMPORT_ONNX_SCOPE_H
#define CIMARRON_IMPORT_ONNX_SCOPE_H

#include "traces/import_onnx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Nodes in order, and what of their results is wanted; no outputs: everything is. */
struct onnx_body {
    Onnx__NodeProto *const *nodes;
    size_t n_nodes;
    const char *const *outputs;
    size_t n_outputs;
};

/* The file's model; its functions are known by name (import_onnx_bytes.c). */
FALLIBLE bool onnx_read_model(struct onnx_import *c, Onnx__ModelProto **out);

struct onnx_needed {
    int32_t op;
    const struct onnx_needed *next;
};

/* --- scopes and bodies (import_onnx_scope.c) ---------------------------------------------- */

/* Of a name, for tables of them. */
size_t onnx_hash(const char *s);

/* Opens a scope inside `outer` (NULL: a graph or function) and enters it.  Room for `names`. */
FALLIBLE bool onnx_enter(struct onnx_import *c, struct onnx_scope *outer, const char *name,
                         size_t names, struct onnx_scope **out);

/* Marks what is wanted, used and how; then takes those nodes, in order. */
void onnx_mark(struct onnx_import *c, const struct onnx_body *b);
FALLIBLE bool onnx_take(struct onnx_import *c, const struct onnx_body *b);

/* The body of a graph and its constants, which are defined. */
FALLIBLE bool onnx_open_graph(struct onnx_import *c, const Onnx__GraphProto *g,
                              struct onnx_body *b);

/* The name stands for v in the scope at hand. */
FALLIBLE bool onnx_bind(struct onnx_import *c, const char *name, const struct onnx_value *v);

/* --- graph inputs (import_onnx_input.c) ---------------------------------------------------- */

FALLIBLE bool onnx_define_inputs(struct onnx_import *c, const Onnx__GraphProto *g,
                                 struct trace_header *header);

/* The shape in the file, NULL where it is no tensor or has none; whether a dimension's size stands
 * there; whether a tensor is of whole numbers. */
const Onnx__TensorShapeProto *onnx_tensor_shape(const Onnx__ValueInfoProto *info);
bool onnx_is_fixed(const Onnx__TensorShapeProto__Dimension *dim);
bool onnx_is_integer(const Onnx__ValueInfoProto *info);

/* Inputs of known shape that are read as weights only are constants (import_onnx_weights.c). */
void onnx_find_weights(struct onnx_import *c, const Onnx__GraphProto *g);

/* As what an operator of this type reads its input `slot`: weights where it may hold such. */
enum onnx_read {
    READ_DATA = 1,
    READ_WEIGHT = 2, /* of any shape */
    READ_MATRIX = 4, /* weights when it has two dimensions */
    READ_MAYBE = 8   /* a vector or table: weights where others come in as inputs, too */
};
enum onnx_read onnx_read_of(const char *type, size_t slot);

/* --- control (import_onnx_control.c) ------------------------------------------------------ */

/* Nodes and constants of a graph and of those inside it. */
int64_t onnx_graph_size(const Onnx__GraphProto *g);

/* The attribute of this name as a graph, or NULL; and a graph taken inside the node: its inputs are
 * `in`, *out its outputs. */
const Onnx__GraphProto *onnx_graph(const struct onnx_import *c, const char *name);
FALLIBLE bool onnx_take_inner(struct onnx_import *c, const Onnx__GraphProto *g,
                              const struct onnx_value *const *in, size_t n_in,
                              const struct onnx_value ***out);

/* A function of the model becomes known by its name. */
void onnx_add_function(struct onnx_import *c, struct onnx_function *f);

/* The function of the model that has this name, or NULL; and its nodes in place of the one at
 * hand. */
const struct onnx_function *onnx_function(const struct onnx_import *c, const char *domain,
                                          const char *name);
FALLIBLE bool onnx_call(struct onnx_import *c, const struct onnx_function *f);

/* --- what is run (import_onnx_sweep.c) ---------------------------------------------------- */

/* v is needed although no output is made of it: it decides what is run. */
void onnx_needs(struct onnx_import *c, const struct onnx_value *v);

/* Drops operators that no output of the graph depends on, and numbers the others anew. */
void onnx_sweep(struct onnx_import *c, const Onnx__GraphProto *g);

#ifdef __cplusplus
}
#endif
#endif
