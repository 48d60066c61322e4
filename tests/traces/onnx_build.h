/* onnx_build.h — small ONNX graphs for tests, packed by protobuf-c. */
#ifndef CIMARRON_TESTS_ONNX_BUILD_H
#define CIMARRON_TESTS_ONNX_BUILD_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "onnx.pb-c.h"
#include "tests/check_main.h"
#include "traces/trace.h"

enum { NET_MAX = 256 };

#define COUNT_OF_INTS(...) (sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define INTS(...) (const int64_t[]){__VA_ARGS__}, COUNT_OF_INTS(__VA_ARGS__)

struct net {
    struct arena *a;
    Onnx__ModelProto model;
    Onnx__GraphProto graph;
    Onnx__OperatorSetIdProto opset, *opsets[1];
    Onnx__NodeProto *nodes[NET_MAX];
    Onnx__TensorProto *tensors[NET_MAX];
    Onnx__ValueInfoProto *inputs[NET_MAX], *outputs[NET_MAX];
    Onnx__FunctionProto *functions[4];
};

/* A graph with room for its parts, that stands nowhere yet. */
static inline struct net *net_inner(struct arena *a)
{
    struct net *n = ARENA_NEW(a, struct net);
    n->a = a;
    onnx__graph_proto__init(&n->graph);
    n->graph.name = arena_strdup(a, "graph");
    n->graph.node = n->nodes;
    n->graph.initializer = n->tensors;
    n->graph.input = n->inputs;
    n->graph.output = n->outputs;
    return n;
}

static inline struct net *net_open(int64_t opset)
{
    struct arena *a = arena_open();
    struct net *n = net_inner(a);
    onnx__model_proto__init(&n->model);
    onnx__operator_set_id_proto__init(&n->opset);
    n->opset.has_version = 1;
    n->opset.version = opset;
    n->opsets[0] = &n->opset;
    n->model.has_ir_version = 1;
    n->model.ir_version = 8;
    n->model.producer_name = arena_strdup(a, "maker");
    n->model.graph = &n->graph;
    n->model.n_opset_import = 1;
    n->model.opset_import = n->opsets;
    return n;
}

/* One value; a dimension below 0 becomes a named, open one. */
static inline Onnx__ValueInfoProto *net_info(struct net *n, const char *name, const int64_t *dims,
                                             size_t count)
{
    Onnx__ValueInfoProto *info = ARENA_NEW(n->a, Onnx__ValueInfoProto);
    Onnx__TypeProto *type = ARENA_NEW(n->a, Onnx__TypeProto);
    Onnx__TypeProto__Tensor *tensor = ARENA_NEW(n->a, Onnx__TypeProto__Tensor);
    Onnx__TensorShapeProto *shape = ARENA_NEW(n->a, Onnx__TensorShapeProto);
    onnx__value_info_proto__init(info);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(shape);
    info->name = arena_strdup(n->a, name);
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = 1;
    tensor->shape = shape;
    shape->dim = ARENA_ARRAY(n->a, Onnx__TensorShapeProto__Dimension *, count);
    for (shape->n_dim = 0; shape->n_dim < count; shape->n_dim++) {
        Onnx__TensorShapeProto__Dimension *d = ARENA_NEW(n->a, Onnx__TensorShapeProto__Dimension);
        onnx__tensor_shape_proto__dimension__init(d);
        if (dims[shape->n_dim] < 0) {
            d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            static const char *const names[] = {"open", "seq", "seq + 1"}; /* of -1, -2, -3 */
            d->dim_param = arena_strdup(n->a, names[-1 - dims[shape->n_dim]]);
        } else {
            d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            d->dim_value = dims[shape->n_dim];
        }
        shape->dim[shape->n_dim] = d;
    }
    return info;
}

static inline void net_input(struct net *n, const char *name, const int64_t *dims, size_t count)
{
    n->inputs[n->graph.n_input++] = net_info(n, name, dims, count);
}

static inline void net_output(struct net *n, const char *name)
{
    n->outputs[n->graph.n_output++] = net_info(n, name, NULL, 0);
}

/* Weights without content: only their shape matters. */
static inline void net_weight(struct net *n, const char *name, const int64_t *dims, size_t count)
{
    Onnx__TensorProto *t = ARENA_NEW(n->a, Onnx__TensorProto);
    onnx__tensor_proto__init(t);
    t->name = arena_strdup(n->a, name);
    t->has_data_type = 1;
    t->data_type = 1;
    t->dims = ARENA_ARRAY(n->a, int64_t, count);
    for (; t->n_dims < count; t->n_dims++)
        t->dims[t->n_dims] = dims[t->n_dims];
    n->tensors[n->graph.n_initializer++] = t;
}

/* A list of integers with its content. */
static inline void net_ints(struct net *n, const char *name, const int64_t *values, size_t count)
{
    int64_t dims[1] = {(int64_t)count};
    net_weight(n, name, dims, 1);
    Onnx__TensorProto *t = n->tensors[n->graph.n_initializer - 1];
    t->data_type = 7;
    t->int64_data = ARENA_ARRAY(n->a, int64_t, count);
    memcpy(t->int64_data, values, count * sizeof *values);
    t->n_int64_data = count;
}

static inline size_t net_words(struct net *n, const char *text, char ***out)
{
    char *rest = arena_strdup(n->a, text), *word;
    size_t count = 0;
    *out = ARENA_ARRAY(n->a, char *, 16);
    while (*text != '\0' && (word = strtok_r(rest, " ", &rest)) != NULL)
        (*out)[count++] = strcmp(word, "-") == 0 ? arena_strdup(n->a, "") : word;
    return count;
}

/* Inputs and outputs are words; "-" is an input left out. */
static inline Onnx__NodeProto *net_node(struct net *n, const char *type, const char *name,
                                        const char *inputs, const char *outputs)
{
    Onnx__NodeProto *node = ARENA_NEW(n->a, Onnx__NodeProto);
    onnx__node_proto__init(node);
    node->op_type = arena_strdup(n->a, type);
    node->name = arena_strdup(n->a, name);
    node->n_input = net_words(n, inputs, &node->input);
    node->n_output = net_words(n, outputs, &node->output);
    node->attribute = ARENA_ARRAY(n->a, Onnx__AttributeProto *, 16);
    n->nodes[n->graph.n_node++] = node;
    return node;
}

static inline Onnx__AttributeProto *net_attribute(struct net *n, Onnx__NodeProto *node,
                                                  const char *name)
{
    Onnx__AttributeProto *a = ARENA_NEW(n->a, Onnx__AttributeProto);
    onnx__attribute_proto__init(a);
    a->name = arena_strdup(n->a, name);
    node->attribute[node->n_attribute++] = a;
    return a;
}

static inline void net_set_int(struct net *n, Onnx__NodeProto *node, const char *name, int64_t i)
{
    Onnx__AttributeProto *a = net_attribute(n, node, name);
    a->has_i = 1;
    a->i = i;
}

static inline void net_set_ints(struct net *n, Onnx__NodeProto *node, const char *name,
                                const int64_t *values, size_t count)
{
    Onnx__AttributeProto *a = net_attribute(n, node, name);
    a->ints = ARENA_ARRAY(n->a, int64_t, count);
    memcpy(a->ints, values, count * sizeof *values);
    a->n_ints = count;
}

static inline void net_set_text(struct net *n, Onnx__NodeProto *node, const char *name,
                                const char *text)
{
    Onnx__AttributeProto *a = net_attribute(n, node, name);
    a->has_s = 1;
    a->s.data = (uint8_t *)arena_strdup(n->a, text);
    a->s.len = strlen(text);
}

static inline void net_set_graph(struct net *n, Onnx__NodeProto *node, const char *name,
                                 struct net *inner)
{
    net_attribute(n, node, name)->g = &inner->graph;
}

/* A function of the model with the nodes of `inner`; its inputs and outputs are words. */
static inline void net_function(struct net *n, const char *name, const char *inputs,
                                const char *outputs, struct net *inner)
{
    Onnx__FunctionProto *f = ARENA_NEW(n->a, Onnx__FunctionProto);
    onnx__function_proto__init(f);
    f->domain = arena_strdup(n->a, "own");
    f->name = arena_strdup(n->a, name);
    f->n_input = net_words(n, inputs, &f->input);
    f->n_output = net_words(n, outputs, &f->output);
    f->node = inner->nodes;
    f->n_node = inner->graph.n_node;
    f->n_opset_import = 1;
    f->opset_import = n->opsets;
    n->functions[n->model.n_functions++] = f;
    n->model.functions = n->functions;
}

/* --- files -------------------------------------------------------------------------------- */

/* A fresh folder's NAME filled with these bytes; net_remove takes both away again. */
static inline void write_input(const char *name, const void *bytes, size_t size, char path[512])
{
    char folder[] = "/tmp/cimarron-import-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, 512, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
    ck_assert_int_eq(fclose(out), 0);
}

static inline void remove_input(char path[512])
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
}

static inline struct import_options plain_options(void)
{
    return (struct import_options){.activation_bits = 8, .weight_bits = 8, .batch = 1};
}

/* Imports these bytes; on failure d tells, its file shortened to NAME. */
static inline bool import_bytes(struct arena *a, const char *kind, const char *name,
                                const void *bytes, size_t size, const struct import_options *o,
                                struct trace *out, struct diag *d)
{
    char path[512];
    write_input(name, bytes, size, path);
    bool ok = importer_find(kind)->import(a, path, o, out, d);
    if (!ok && strcmp(d->file, path) == 0)
        snprintf(d->file, sizeof d->file, "%s", name);
    remove_input(path);
    return ok;
}

/* The file's bytes, which live as long as the net. */
static inline uint8_t *net_pack(struct net *n, size_t *size)
{
    *size = onnx__model_proto__get_packed_size(&n->model);
    uint8_t *bytes = ARENA_ARRAY(n->a, uint8_t, *size);
    onnx__model_proto__pack(&n->model, bytes);
    return bytes;
}

/* Packs, imports, and closes the net. */
static inline bool net_try(struct net *n, struct arena *a, const struct import_options *o,
                           struct trace *out, struct diag *d)
{
    size_t size;
    uint8_t *bytes = net_pack(n, &size);
    bool ok = import_bytes(a, "onnx", "net.onnx", bytes, size, o, out, d);
    arena_close(n->a);
    return ok;
}

static inline void net_import(struct net *n, struct arena *a, const struct import_options *o,
                              struct trace *out)
{
    struct diag d = {.status = 0};
    bool ok = net_try(n, a, o, out, &d);
    ck_assert_msg(ok, "%s", d.text);
}

#endif
