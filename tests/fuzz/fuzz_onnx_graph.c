/* Well-formed ONNX files with wild content: the bytes choose operator types, attributes, shapes,
 * sizes, graphs inside nodes and functions, so that shape inference meets what a byte-wise fuzzer
 * rarely reaches. */
#include <string.h>

#include "onnx.pb-c.h"
#include "tests/fuzz/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MANY = 24, DEPTH = 3, FUNCTIONS = 2 };

static const char *const types[] = {
#define ONNX_OP(type, handler, fn) type,
#include "traces/import_onnx_ops.def"
#undef ONNX_OP
};

static const char *const names[] = {"auto_pad",
                                    "axes",
                                    "axis",
                                    "blocksize",
                                    "ceil_mode",
                                    "dilations",
                                    "ends",
                                    "group",
                                    "kernel_shape",
                                    "keepdims",
                                    "pads",
                                    "perm",
                                    "shape",
                                    "output_shape",
                                    "output_padding",
                                    "split",
                                    "starts",
                                    "strides",
                                    "transB",
                                    "value_int",
                                    "value_ints",
                                    "value_floats",
                                    "to",
                                    "scales",
                                    "equation",
                                    "num_heads",
                                    "q_num_heads",
                                    "kv_num_heads",
                                    "hidden_size",
                                    "layout",
                                    "then_branch",
                                    "else_branch",
                                    "body",
                                    "fmod",
                                    "batch_dims",
                                    "K",
                                    "num_scan_inputs",
                                    "channels_last",
                                    "N",
                                    "k",
                                    "qkv_hidden_sizes",
                                    "transA"};

static const char *const texts[] = {"SAME_UPPER", "SAME_LOWER",      "VALID",     "NOTSET",
                                    "ij,jk->ik",  "bhid,bhjd->bhij", "...i,...i", "ii->i",
                                    "i,j->j",     "ab,bc,cd->",      "i->",       "a...,b->...b"};

static const int64_t sizes[] = {
    0,  1, 1,  2,  2,       3,         4,        5,        6,        8,         -1,        -2,
    -3, 7, 16, 33, 1 << 24, INT32_MAX, 1L << 31, 1L << 40, 1L << 53, INT64_MAX, INT64_MIN, 1000};

struct bytes {
    const uint8_t *at, *end;
};

static unsigned take(struct bytes *b, size_t below)
{
    return b->at < b->end ? (unsigned)(*b->at++ % below) : 0;
}

static char *value_name(struct arena *a, struct bytes *b, size_t made)
{
    unsigned i = take(b, made + 1); /* now and then one that does not exist */
    return arena_printf(a, "v%u", i);
}

static int64_t *numbers(struct arena *a, struct bytes *b, size_t *n)
{
    *n = take(b, 9);
    int64_t *values = ARENA_ARRAY(a, int64_t, *n);
    for (size_t i = 0; i < *n; i++)
        values[i] = sizes[take(b, COUNT_OF(sizes))];
    return values;
}

static void fill(struct arena *a, struct bytes *b, Onnx__GraphProto *g, size_t *made, int depth);

/* A graph inside a node names what the one around it makes, too. */
static Onnx__GraphProto *inner(struct arena *a, struct bytes *b, size_t *made, int depth)
{
    Onnx__GraphProto *g = ARENA_NEW(a, Onnx__GraphProto);
    onnx__graph_proto__init(g);
    fill(a, b, g, made, depth + 1);
    return g;
}

static Onnx__AttributeProto *attribute(struct arena *a, struct bytes *b, size_t *made, int depth)
{
    Onnx__AttributeProto *x = ARENA_NEW(a, Onnx__AttributeProto);
    onnx__attribute_proto__init(x);
    x->name = arena_strdup(a, names[take(b, COUNT_OF(names))]);
    x->ints = numbers(a, b, &x->n_ints);
    x->has_i = 1;
    x->i = x->n_ints > 0 ? x->ints[0] : 1;
    x->has_s = 1;
    x->s.data = (uint8_t *)arena_strdup(a, texts[take(b, COUNT_OF(texts))]);
    x->s.len = strlen((char *)x->s.data);
    if (depth < DEPTH && take(b, 4) == 0)
        x->g = inner(a, b, made, depth);
    if (take(b, 16) == 0)
        x->ref_attr_name = arena_strdup(a, names[take(b, COUNT_OF(names))]);
    x->floats = ARENA_ARRAY(a, float, x->n_ints);
    for (x->n_floats = 0; x->n_floats < x->n_ints; x->n_floats++)
        x->floats[x->n_floats] = (float)x->ints[x->n_floats];
    return x;
}

static Onnx__TensorProto *tensor(struct arena *a, struct bytes *b, size_t number)
{
    Onnx__TensorProto *t = ARENA_NEW(a, Onnx__TensorProto);
    onnx__tensor_proto__init(t);
    t->name = arena_printf(a, "v%zu", number);
    t->has_data_type = 1;
    if (take(b, 2) == 0) { /* numbers */
        t->data_type = 7;
        t->int64_data = numbers(a, b, &t->n_int64_data);
        t->dims = ARENA_NEW(a, int64_t);
        t->dims[0] = (int64_t)t->n_int64_data;
        t->n_dims = take(b, 8) == 0 && t->n_int64_data == 1 ? 0 : 1;
    } else { /* weights */
        t->data_type = 1;
        t->dims = numbers(a, b, &t->n_dims);
    }
    return t;
}

static Onnx__ValueInfoProto *input(struct arena *a, struct bytes *b, size_t number)
{
    Onnx__ValueInfoProto *info = ARENA_NEW(a, Onnx__ValueInfoProto);
    Onnx__TypeProto *type = ARENA_NEW(a, Onnx__TypeProto);
    Onnx__TypeProto__Tensor *of = ARENA_NEW(a, Onnx__TypeProto__Tensor);
    Onnx__TensorShapeProto *shape = ARENA_NEW(a, Onnx__TensorShapeProto);
    size_t n;
    onnx__value_info_proto__init(info);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(of);
    onnx__tensor_shape_proto__init(shape);
    info->name = arena_printf(a, "v%zu", number);
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = of;
    of->shape = shape;
    int64_t *dims = numbers(a, b, &n);
    shape->dim = ARENA_ARRAY(a, Onnx__TensorShapeProto__Dimension *, n);
    for (; shape->n_dim < n; shape->n_dim++) {
        Onnx__TensorShapeProto__Dimension *d = ARENA_NEW(a, Onnx__TensorShapeProto__Dimension);
        onnx__tensor_shape_proto__dimension__init(d);
        d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        d->dim_value = dims[shape->n_dim] < 0 ? 4 : dims[shape->n_dim];
        shape->dim[shape->n_dim] = d;
    }
    return info;
}

static Onnx__NodeProto *node(struct arena *a, struct bytes *b, size_t *made, int depth)
{
    Onnx__NodeProto *x = ARENA_NEW(a, Onnx__NodeProto);
    onnx__node_proto__init(x);
    bool own = take(b, 16) == 0;
    x->op_type = own ? arena_printf(a, "f%u", take(b, FUNCTIONS))
                     : arena_strdup(a, types[take(b, COUNT_OF(types))]);
    x->domain = arena_strdup(a, take(b, 4) == 0 ? "com.microsoft" : "");
    x->name = arena_strdup(a, "n");
    x->n_input = take(b, 8);
    x->input = ARENA_ARRAY(a, char *, x->n_input);
    for (size_t i = 0; i < x->n_input; i++)
        x->input[i] = value_name(a, b, *made);
    x->n_attribute = take(b, 5);
    x->attribute = ARENA_ARRAY(a, Onnx__AttributeProto *, x->n_attribute);
    for (size_t i = 0; i < x->n_attribute; i++)
        x->attribute[i] = attribute(a, b, made, depth);
    x->n_output = 1 + take(b, 3);
    x->output = ARENA_ARRAY(a, char *, x->n_output);
    for (size_t i = 0; i < x->n_output; i++)
        x->output[i] = arena_printf(a, "v%zu", (*made)++);
    return x;
}

static void fill(struct arena *a, struct bytes *b, Onnx__GraphProto *g, size_t *made, int depth)
{
    size_t inputs = depth > 0 ? take(b, 5) : 1 + take(b, 2), tensors = take(b, 8);
    size_t nodes = 1 + take(b, MANY >> depth), outputs = take(b, 4);
    g->name = arena_strdup(a, "g");
    g->input = ARENA_ARRAY(a, Onnx__ValueInfoProto *, inputs);
    g->output = ARENA_ARRAY(a, Onnx__ValueInfoProto *, outputs);
    g->initializer = ARENA_ARRAY(a, Onnx__TensorProto *, tensors);
    g->node = ARENA_ARRAY(a, Onnx__NodeProto *, nodes);
    while (g->n_input < inputs)
        g->input[g->n_input++] = input(a, b, (*made)++);
    while (g->n_initializer < tensors)
        g->initializer[g->n_initializer++] = tensor(a, b, (*made)++);
    while (g->n_node < nodes && b->at < b->end)
        g->node[g->n_node++] = node(a, b, made, depth);
    while (g->n_output<outputs && * made> 0)
        g->output[g->n_output++] = input(a, b, take(b, *made));
}

/* Functions that take v0, v1 and give v9, and call each other now and then. */
static void add_functions(struct arena *a, struct bytes *b, Onnx__ModelProto *m)
{
    static const char *const ends[] = {"v0", "v1", "v9"};
    m->functions = ARENA_ARRAY(a, Onnx__FunctionProto *, FUNCTIONS);
    for (; m->n_functions < FUNCTIONS; m->n_functions++) {
        Onnx__FunctionProto *f = ARENA_NEW(a, Onnx__FunctionProto);
        Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;
        size_t made = 2;
        onnx__function_proto__init(f);
        fill(a, b, &g, &made, 2);
        f->name = arena_printf(a, "f%zu", m->n_functions);
        f->input = ARENA_ARRAY(a, char *, 2);
        f->output = ARENA_ARRAY(a, char *, 1);
        for (; f->n_input < 2; f->n_input++)
            f->input[f->n_input] = arena_strdup(a, ends[f->n_input]);
        f->output[f->n_output++] = arena_strdup(a, ends[2]);
        f->node = g.node;
        f->n_node = g.n_node;
        m->functions[m->n_functions] = f;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct bytes b = {data, data + size};
    size_t made = 0;
    Onnx__ModelProto m = ONNX__MODEL_PROTO__INIT;
    Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets[1] = {&opset};
    opset.has_version = 1;
    opset.version = take(&b, 2) == 0 ? 9 : 17;
    m.graph = &g;
    m.n_opset_import = 1;
    m.opset_import = opsets;
    fill(a, &b, &g, &made, 0);
    if (take(&b, 2) == 0)
        add_functions(a, &b, &m);
    size_t packed = onnx__model_proto__get_packed_size(&m);
    uint8_t *bytes = ARENA_ARRAY(a, uint8_t, packed);
    onnx__model_proto__pack(&m, bytes);
    struct import_options o = {.activation_bits = 8, .weight_bits = 8, .batch = 2};
    fuzz_import("onnx", &o, bytes, packed);
    arena_close(a);
    return 0;
}
