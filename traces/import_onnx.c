/* The ONNX importer: bytes, graph, nodes in order, trace. */
#include "traces/import_onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/onnx_wire.h"
#include "traces/op_check.h"

extern const struct importer onnx_importer;

enum { BUDGET_FLOOR = 64 << 20, BUDGET_PER_BYTE = 8 };

static const size_t FILE_MAX = (size_t)2 << 30; /* protobuf's own limit */

static const struct onnx_row {
    const char *type, *fn;
    onnx_handler *handler;
} rows[] = {
#define ONNX_OP(type, handler, fn) {type, fn, handler},
#include "traces/import_onnx_ops.def"
#undef ONNX_OP
};

/* --- bytes -------------------------------------------------------------------------------- */

/* protobuf-c allocates here: a small file cannot ask for a lot, and all of it goes at once. */
struct budget {
    struct arena *arena;
    size_t left;
    bool spent;
};

static void *budget_alloc(void *data, size_t size)
{
    struct budget *b = data;
    if (size > b->left) {
        b->spent = true;
        return NULL;
    }
    b->left -= size;
    return arena_alloc(b->arena, size, 1);
}

static void budget_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

static bool unpack(struct onnx_import *c, const struct import_file *f, Onnx__ModelProto **out)
{
    struct onnx_wire_fault fault;
    if (!onnx_wire_walk(f->bytes, f->size, &onnx__model_proto__descriptor, &fault))
        return diag_input(c->d, c->path, 1, "this is not a sound ONNX file: at byte %zu %s",
                          fault.offset, fault.text);
    struct budget budget = {c->scratch, BUDGET_FLOOR + BUDGET_PER_BYTE * f->size, false};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
    *out = onnx__model_proto__unpack(&allocator, f->size, f->bytes);
    if (*out == NULL && budget.spent)
        return diag_input(c->d, c->path, 1, "this file unpacks to more than %d times its size",
                          BUDGET_PER_BYTE);
    if (*out == NULL)
        return diag_input(c->d, c->path, 1, "this is not an ONNX model: its fields are not ONNX's");
    return true;
}

static bool read_model(struct onnx_import *c, Onnx__ModelProto **out)
{
    struct import_file f;
    TRY(import_file_open(c->path, FILE_MAX, &f, c->d));
    bool ok = unpack(c, &f, out);
    import_file_close(&f);
    return ok;
}

/* protobuf-c leaves absent repeated strings out, but an absent string is NULL: name them "". */
static const char *text_or_empty(const char *s)
{
    return s != NULL ? s : "";
}

/* --- graph -------------------------------------------------------------------------------- */

static bool define_initialisers(struct onnx_import *c, const Onnx__GraphProto *g)
{
    for (size_t i = 0; i < g->n_initializer; i++) {
        const Onnx__TensorProto *t = g->initializer[i];
        TRY(onnx_define_tensor(c, onnx_value(c, text_or_empty(t->name)), t));
    }
    if (g->n_sparse_initializer > 0)
        return onnx_fail(c, "sparse initialisers are not supported; store them dense");
    return true;
}

static bool input_shape(struct onnx_import *c, const Onnx__ValueInfoProto *info,
                        struct onnx_value *v)
{
    const char *name = import_clean_name(c->scratch, v->name, strlen(v->name));
    const Onnx__TypeProto *type = info->type;
    if (type == NULL || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        type->tensor_type->shape == NULL)
        return onnx_fail(c, "input '%.100s' is not a tensor with a shape", name);
    const Onnx__TensorShapeProto *s = type->tensor_type->shape;
    if (s->n_dim > SHAPE_DIMS_MAX)
        return onnx_fail(c, "input '%.100s' has %zu dimensions; at most %d are read", name,
                         s->n_dim, SHAPE_DIMS_MAX);
    v->shape.dims = (int)s->n_dim;
    int64_t total = 1;
    for (int i = 0; i < v->shape.dims; i++) {
        const Onnx__TensorShapeProto__Dimension *dim = s->dim[i];
        bool fixed = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
                     dim->dim_value > 0;
        if (!fixed && i > 0)
            return onnx_fail(c,
                             "input '%.100s' leaves dimension %d open; only the first, the "
                             "batch, may be",
                             name, i);
        c->dynamic_batch = c->dynamic_batch || !fixed;
        v->shape.dim[i] = fixed ? dim->dim_value : c->batch;
        if (__builtin_mul_overflow(total, v->shape.dim[i], &total) || total > ONNX_ELEMENTS_MAX)
            return onnx_fail(c, "input '%.100s' has more than 2^53 elements", name);
    }
    v->defined = true;
    return true;
}

/* In old files initialisers stand among the inputs too: those are not the network's input. */
static bool define_inputs(struct onnx_import *c, const Onnx__GraphProto *g,
                          struct trace_header *header)
{
    for (size_t i = 0; i < g->n_input; i++) {
        struct onnx_value *v = onnx_value(c, text_or_empty(g->input[i]->name));
        if (v->defined)
            continue;
        TRY(input_shape(c, g->input[i], v));
        if (header->batch == 0)
            header->batch = v->shape.dims > 1 ? v->shape.dim[0] : 1;
    }
    if (header->batch == 0)
        header->batch = c->batch;
    return true;
}

static void count_uses(struct onnx_import *c, const Onnx__GraphProto *g)
{
    for (size_t i = 0; i < g->n_node; i++)
        for (size_t k = 0; k < g->node[i]->n_input; k++) {
            struct onnx_value *v = onnx_value(c, g->node[i]->input[k]);
            if (v->uses < INT32_MAX)
                v->uses++;
        }
    for (size_t i = 0; i < g->n_output; i++)
        onnx_value(c, text_or_empty(g->output[i]->name))->uses++;
}

/* --- nodes -------------------------------------------------------------------------------- */

static const struct onnx_row *find_row(const char *type)
{
    size_t low = 0, high = COUNT_OF(rows);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(type, rows[middle].type);
        if (order == 0)
            return &rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool takes_pads(const struct onnx_row *row)
{
    return row->handler == onnx_conv || row->handler == onnx_pool;
}

static bool bind_inputs(struct onnx_import *c, const struct onnx_row *row)
{
    c->n_in = c->node->n_input;
    c->in = ARENA_ARRAY(c->scratch, struct onnx_value *, c->n_in);
    c->fold = true;
    for (size_t i = 0; i < c->n_in; i++) {
        const char *name = c->node->input[i];
        if (name[0] == '\0')
            continue;
        c->in[i] = onnx_value(c, name);
        if (!c->in[i]->defined)
            return onnx_fail(c, "it uses '%.100s', which nothing before it defines",
                             import_clean_name(c->scratch, name, strlen(name)));
        c->fold = c->fold && c->in[i]->constant;
        if (!takes_pads(row) || i > 0)
            TRY(onnx_materialise_pad(c, c->in[i]));
    }
    return true;
}

static bool take_node(struct onnx_import *c, const Onnx__NodeProto *node)
{
    c->node = node;
    const struct onnx_row *row = find_row(text_or_empty(node->op_type));
    if (row == NULL)
        return onnx_fail(c, "this operator type is not supported");
    TRY(bind_inputs(c, row));
    return row->handler(c, row->fn);
}

static bool take_nodes(struct onnx_import *c, const Onnx__GraphProto *g)
{
    for (size_t i = 0; i < g->n_node; i++)
        TRY(take_node(c, g->node[i]));
    c->node = NULL;
    if (c->n_ops == 0)
        return onnx_fail(c, "the graph holds no operator that does any work");
    return true;
}

/* --- trace -------------------------------------------------------------------------------- */

/* A single number is a tensor of one element. */
static void solidify(struct shape *s)
{
    if (s->dims == 0)
        *s = (struct shape){.dim = {1}, .dims = 1};
}

static bool check_operators(struct onnx_import *c)
{
    char why[OP_WHY_MAX];
    for (size_t i = 0; i < c->n_ops; i++) {
        struct op *op = &c->ops[i];
        if (op->kind != OP_MATMUL && op->kind != OP_EMBEDDING) {
            solidify(&op->out);
            if (op->kind != OP_CONCAT)
                solidify(&op->in);
        }
        if (!op_check(op, why))
            return diag_input(c->d, c->path, 1, "node '%.100s': %s", op->name, why);
    }
    return true;
}

static void fill_header(struct onnx_import *c, const Onnx__ModelProto *m, struct trace_header *h)
{
    const char *name = c->options->name;
    const char *producer = text_or_empty(m->producer_name);
    const char *version = text_or_empty(m->producer_version);
    h->name = name != NULL ? arena_strdup(c->keep, name) : import_stem(c->keep, c->path);
    char *source = arena_printf(
        c->scratch, "imported from %s, %.200s%s%.100s%s", import_base_name(c->path),
        producer[0] != '\0' ? producer : "producer not named", version[0] != '\0' ? " " : "",
        version,
        c->stuffed ? "; transposed convolutions as convolutions over the zero-stuffed input" : "");
    h->source = import_clean_name(c->keep, source, strlen(source));
    h->work_unit = "image";
    h->work_count = (double)h->batch;
    for (size_t i = 0; i < c->n_ops; i++)
        if (c->ops[i].kind == OP_EMBEDDING) { /* a language model: its input's tokens */
            h->work_unit = "token";
            h->work_count = (double)c->ops[i].u.embedding.count;
            break;
        }
    h->phase = "inference";
    h->activation_bits = c->options->activation_bits;
    h->weight_bits = c->options->weight_bits;
    h->kv_bits = c->options->activation_bits;
}

static void fill_trace(struct onnx_import *c, const Onnx__ModelProto *m, struct trace *out)
{
    fill_header(c, m, &out->header);
    out->path = arena_strdup(c->keep, c->path);
    out->ops = ARENA_ARRAY(c->keep, struct op, c->n_ops);
    memcpy(out->ops, c->ops, c->n_ops * sizeof out->ops[0]);
    out->count = c->n_ops;
}

static void open_table(struct onnx_import *c, const Onnx__ModelProto *m)
{
    c->n_buckets = 2 * (m->graph->n_node + m->graph->n_initializer) + 64;
    c->buckets = ARENA_ARRAY(c->scratch, struct onnx_value *, c->n_buckets);
    c->opset = 1;
    for (size_t i = 0; i < m->n_opset_import; i++)
        if (text_or_empty(m->opset_import[i]->domain)[0] == '\0' && m->opset_import[i]->has_version)
            c->opset = m->opset_import[i]->version;
}

static bool import_model(struct onnx_import *c, struct trace *out)
{
    Onnx__ModelProto *m;
    TRY(read_model(c, &m));
    if (m->graph == NULL)
        return onnx_fail(c, "this is not an ONNX model: it holds no graph");
    open_table(c, m);
    TRY(define_initialisers(c, m->graph));
    TRY(define_inputs(c, m->graph, &out->header));
    count_uses(c, m->graph);
    TRY(take_nodes(c, m->graph));
    onnx_name_operators(c);
    TRY(check_operators(c));
    fill_trace(c, m, out);
    return true;
}

static bool import_onnx(struct arena *a, const char *path, const struct import_options *o,
                        struct trace *out, struct diag *d)
{
    *out = (struct trace){0};
    if (o->activation_bits < 1 || o->activation_bits > OP_BITS_MAX || o->weight_bits < 1 ||
        o->weight_bits > OP_BITS_MAX)
        return diag_input(d, NULL, 0, "bits are %d and %d; 1 to %d are possible",
                          o->activation_bits, o->weight_bits, OP_BITS_MAX);
    struct onnx_import c = {.keep = a, .path = path, .options = o, .d = d};
    c.batch = o->batch > 0 ? o->batch : 1;
    c.scratch = arena_open();
    bool ok = import_model(&c, out);
    arena_close(c.scratch);
    return ok;
}

/* By name, or by the first field: ir_version, a small number. */
static bool recognises_onnx(const char *path)
{
    if (import_has_suffix(path, ".onnx"))
        return true;
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return false;
    int first = getc(in), second = getc(in), third = getc(in);
    fclose(in);
    return first == 0x08 && second >= 1 && second <= 20 && (third == 0x12 || third == 0x3a);
}

const struct importer onnx_importer = {
    .kind = "onnx",
    .help = "ONNX graph (batch norms folded unless kept, shapes inferred)",
    .recognises = recognises_onnx,
    .import = import_onnx,
};
