/* Names in their scopes, what of a graph is wanted, and its nodes in order. */
#include <string.h>

#include "traces/import_onnx_scope.h"

static const struct onnx_row {
    const char *type, *fn;
    onnx_handler *handler;
} rows[] = {
#define ONNX_OP(type, handler, fn) {type, fn, handler},
#include "traces/import_onnx_ops.def"
#undef ONNX_OP
};

/* --- names -------------------------------------------------------------------------------- */

size_t onnx_hash(const char *s)
{
    uint64_t h = 14695981039346656037ULL; /* FNV-1a */
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211ULL;
    return (size_t)(h ^ (h >> 29));
}

bool onnx_enter(struct onnx_import *c, struct onnx_scope *outer, const char *name, size_t names,
                struct onnx_scope **out)
{
    struct onnx_scope *s = ARENA_NEW(c->scratch, struct onnx_scope);
    s->outer = outer;
    s->name = name;
    s->n_buckets = 2 * names + 8;
    s->buckets = ARENA_ARRAY(c->scratch, struct onnx_value *, s->n_buckets);
    if (outer != NULL) {
        s->caller = outer->caller;
        s->call = outer->call;
        s->function = outer->function;
    }
    s->depth = c->scope != NULL ? c->scope->depth + 1 : 0;
    if (s->depth > ONNX_SCOPES_MAX)
        return onnx_fail(c, "branches, loops and functions are nested more than %d deep",
                         ONNX_SCOPES_MAX);
    c->scope = *out = s;
    return true;
}

/* Where the value of this name is, or belongs. */
static struct onnx_value **slot_of(const struct onnx_scope *s, const char *name)
{
    struct onnx_value **slot = &s->buckets[onnx_hash(name) % s->n_buckets];
    while (*slot != NULL && strcmp((*slot)->name, name) != 0)
        slot = &(*slot)->next;
    return slot;
}

struct onnx_value *onnx_nameless(struct onnx_import *c)
{
    struct onnx_value *v = ARENA_NEW(c->scratch, struct onnx_value);
    v->name = v->root = "";
    v->op = v->absorber = -1;
    return v;
}

struct onnx_value *onnx_local(struct onnx_import *c, const char *name)
{
    struct onnx_value **slot = slot_of(c->scope, name);
    if (*slot == NULL) {
        *slot = onnx_nameless(c);
        (*slot)->name = (*slot)->root = name;
    }
    return *slot;
}

struct onnx_value *onnx_value(struct onnx_import *c, const char *name)
{
    for (const struct onnx_scope *s = c->scope; s != NULL; s = s->outer) {
        struct onnx_value *v = *slot_of(s, name);
        if (v != NULL && v->defined)
            return v;
    }
    return onnx_local(c, name);
}

/* --- what is wanted ----------------------------------------------------------------------- */

static void mark_read(struct onnx_import *c, const char *name, unsigned reads)
{
    if (name == NULL || name[0] == '\0')
        return;
    struct onnx_value *v = onnx_local(c, name);
    v->wanted = true;
    v->reads |= reads;
    if (v->uses < INT32_MAX)
        v->uses++;
}

/* Whatever a branch or a loop's body names may come from here. */
static void mark_inner(struct onnx_import *c, const Onnx__NodeProto *node)
{
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__GraphProto *g = node->attribute[i]->g;
        for (size_t k = 0; g != NULL && k < g->n_node; k++) {
            for (size_t j = 0; j < g->node[k]->n_input; j++)
                mark_read(c, g->node[k]->input[j], READ_DATA);
            mark_inner(c, g->node[k]);
        }
        for (size_t k = 0; g != NULL && k < g->n_output; k++)
            mark_read(c, g->output[k]->name, READ_DATA);
    }
}

/* What only moves or reorders its operands: they are read as its result is. */
static bool passes_on(const char *type)
{
    static const char *const types[] = {
        "Cast",    "Concat", "DequantizeLinear", "Flatten", "Identity",  "QuantizeLinear",
        "Reshape", "Slice",  "Squeeze",          "Split",   "Transpose", "Unsqueeze"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static void mark_inputs(struct onnx_import *c, const Onnx__NodeProto *node)
{
    const char *type = onnx_text(node->op_type);
    bool passes = passes_on(type) && node->n_output > 0;
    const struct onnx_value *out = passes ? onnx_local(c, node->output[0]) : NULL;
    for (size_t i = 0; i < node->n_input; i++)
        mark_read(c, node->input[i], out != NULL ? out->reads : onnx_read_of(type, i));
    mark_inner(c, node);
}

static bool is_wanted(struct onnx_import *c, const struct onnx_body *b, const Onnx__NodeProto *node)
{
    bool wanted = b->n_outputs == 0;
    for (size_t i = 0; i < node->n_output && !wanted; i++)
        wanted = node->output[i][0] != '\0' && onnx_local(c, node->output[i])->wanted;
    return wanted;
}

void onnx_mark(struct onnx_import *c, const struct onnx_body *b)
{
    for (size_t i = 0; i < b->n_outputs; i++)
        mark_read(c, b->outputs[i], READ_DATA);
    for (size_t i = b->n_nodes; i-- > 0;)
        if (is_wanted(c, b, b->nodes[i]))
            mark_inputs(c, b->nodes[i]);
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
    return row != NULL && (row->handler == onnx_conv || row->handler == onnx_pool);
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
        if (c->in[i]->absent) {
            c->in[i] = NULL;
            continue;
        }
        c->fold = c->fold && c->in[i]->constant;
        if (!takes_pads(row) || i > 0)
            TRY(onnx_materialise_pad(c, c->in[i]));
    }
    return true;
}

static bool take_node(struct onnx_import *c, const Onnx__NodeProto *node)
{
    c->node = node;
    const char *type = onnx_text(node->op_type);
    const struct onnx_function *f = onnx_function(c, onnx_text(node->domain), type);
    const struct onnx_row *row = f == NULL ? find_row(type) : NULL;
    if (f == NULL && row == NULL)
        return onnx_fail(c, "this operator type is not supported");
    TRY(bind_inputs(c, row));
    return f != NULL ? onnx_call(c, f) : row->handler(c, row->fn);
}

static bool check_outputs(struct onnx_import *c, const struct onnx_body *b)
{
    for (size_t i = 0; i < b->n_outputs; i++)
        if (!onnx_value(c, b->outputs[i])->defined)
            return onnx_fail(c, "output '%.100s' is made by no node",
                             import_clean_name(c->scratch, b->outputs[i], strlen(b->outputs[i])));
    return true;
}

bool onnx_take(struct onnx_import *c, const struct onnx_body *b)
{
    const Onnx__NodeProto *around = c->node;
    for (size_t i = 0; i < b->n_nodes; i++)
        if (is_wanted(c, b, b->nodes[i]))
            TRY(take_node(c, b->nodes[i]));
    c->node = around;
    return check_outputs(c, b);
}

bool onnx_open_graph(struct onnx_import *c, const Onnx__GraphProto *g, struct onnx_body *b)
{
    const char **outputs = ARENA_ARRAY(c->scratch, const char *, g->n_output);
    for (size_t i = 0; i < g->n_output; i++)
        outputs[i] = onnx_text(g->output[i]->name);
    *b = (struct onnx_body){g->node, g->n_node, outputs, g->n_output};
    for (size_t i = 0; i < g->n_initializer; i++) {
        const Onnx__TensorProto *t = g->initializer[i];
        TRY(onnx_define_tensor(c, onnx_local(c, onnx_text(t->name)), t));
    }
    if (g->n_sparse_initializer > 0)
        return onnx_fail(c, "sparse initialisers are not supported; store them dense");
    return true;
}
