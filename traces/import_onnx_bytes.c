/* From the file's bytes to its model, and to the functions in it. */
#include "traces/import_onnx_scope.h"
#include "traces/onnx_wire.h"

enum {
    BUDGET_FLOOR = 64 << 20,
    BUDGET_PER_BYTE = 8,
    DEFAULTS_FIELD = 11 /* FunctionProto.attribute_proto, newer than some systems' onnx.proto */
};

static const size_t FILE_MAX = (size_t)2 << 30; /* protobuf's own limit */

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

/* Walks and unpacks a message of this kind; NULL: told. */
static ProtobufCMessage *unpack(struct onnx_import *c, struct budget *budget, const uint8_t *bytes,
                                size_t size, const ProtobufCMessageDescriptor *kind)
{
    struct onnx_wire_fault fault;
    ProtobufCAllocator allocator = {budget_alloc, budget_free, budget};
    if (!onnx_wire_walk(bytes, size, kind, &fault)) {
        diag_record(c->d, 2, c->path, 1, "this is not a sound ONNX file: at byte %zu %s",
                    fault.offset, fault.text);
        return NULL;
    }
    ProtobufCMessage *m = protobuf_c_message_unpack(kind, &allocator, size, bytes);
    if (m == NULL && budget->spent)
        diag_record(c->d, 2, c->path, 1, "this file unpacks to more than %d times its size",
                    BUDGET_PER_BYTE);
    else if (m == NULL)
        diag_record(c->d, 2, c->path, 1, "this is not an ONNX model: its fields are not ONNX's");
    return m;
}

/* --- functions ---------------------------------------------------------------------------- */

/* A field that the schema at hand does not know is kept as a length and its bytes. */
static bool read_default(struct onnx_import *c, struct budget *budget,
                         const ProtobufCMessageUnknownField *u, Onnx__AttributeProto **out)
{
    size_t prefix = 0;
    while (prefix < u->len && (u->data[prefix] & 0x80) != 0)
        prefix++;
    if (prefix++ == u->len)
        return onnx_fail(c, "a default of a function is cut off");
    *out = (Onnx__AttributeProto *)unpack(c, budget, u->data + prefix, u->len - prefix,
                                          &onnx__attribute_proto__descriptor);
    return *out != NULL;
}

static bool read_function(struct onnx_import *c, struct budget *budget,
                          const Onnx__FunctionProto *proto)
{
    struct onnx_function *f = ARENA_NEW(c->scratch, struct onnx_function);
    Onnx__AttributeProto **defaults =
        ARENA_ARRAY(c->scratch, Onnx__AttributeProto *, proto->base.n_unknown_fields);
    for (size_t i = 0; i < proto->base.n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *u = &proto->base.unknown_fields[i];
        if (u->tag == DEFAULTS_FIELD && u->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            TRY(read_default(c, budget, u, &defaults[f->n_defaults++]));
    }
    f->proto = proto;
    f->defaults = defaults;
    onnx_add_function(c, f);
    return true;
}

/* --- model -------------------------------------------------------------------------------- */

static int64_t nodes_in_file(const Onnx__ModelProto *m)
{
    int64_t nodes = onnx_graph_size(m->graph);
    for (size_t i = 0; i < m->n_functions; i++) {
        const Onnx__FunctionProto *f = m->functions[i];
        nodes += onnx_graph_size(&(const Onnx__GraphProto){.node = f->node, .n_node = f->n_node});
    }
    return nodes;
}

static bool read_bytes(struct onnx_import *c, const struct import_file *f, Onnx__ModelProto **out)
{
    struct budget budget = {c->scratch, BUDGET_FLOOR + BUDGET_PER_BYTE * f->size, false};
    *out =
        (Onnx__ModelProto *)unpack(c, &budget, f->bytes, f->size, &onnx__model_proto__descriptor);
    if (*out == NULL)
        return false;
    if ((*out)->graph == NULL)
        return onnx_fail(c, "this is not an ONNX model: it holds no graph");
    c->model = *out;
    c->functions = ARENA_ARRAY(c->scratch, const struct onnx_function *, c->model->n_functions + 1);
    for (size_t i = 0; i < c->model->n_functions; i++)
        TRY(read_function(c, &budget, c->model->functions[i]));
    c->inner_most = ONNX_INNER_NODES + ONNX_INNER_PER_NODE * nodes_in_file(c->model);
    return true;
}

bool onnx_read_model(struct onnx_import *c, Onnx__ModelProto **out)
{
    struct import_file f;
    TRY(import_file_open(c->path, FILE_MAX, &f, c->d));
    bool ok = read_bytes(c, &f, out);
    import_file_close(&f);
    return ok;
}
