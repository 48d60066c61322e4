/* The ONNX importer: from the model to its trace. */
#include "traces/import_onnx_scope.h"

#include <stdio.h>
#include <string.h>

#include "traces/op_check.h"

extern const struct importer onnx_importer;

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

/* Do n samples share out what this operator takes and makes? */
static bool shares_out(const struct op *op, int64_t n)
{
    switch ((enum op_kind)op->kind) {
    case OP_MATMUL:
        return op->u.matmul.batch * (op->weight != NULL ? op->u.matmul.m : 1) % n == 0;
    case OP_EMBEDDING:
        return op->u.embedding.count % n == 0;
    default:
        return (op->in.dims == 0 || op->in.dim[0] % n == 0) &&
               (op->out.dims == 0 || op->out.dim[0] % n == 0);
    }
}

/* The samples that a pipeline may take one by one: those of the input's batch where every operator
 * has them in front, else the whole pass is one (steps of a sequence in front, numbers that all
 * samples share). */
static int64_t samples_of(const struct onnx_import *c, int64_t batch)
{
    for (size_t i = 0; i < c->n_ops; i++)
        if (!shares_out(&c->ops[i], batch))
            return 1;
    return batch;
}

static void fill_header(struct onnx_import *c, const Onnx__ModelProto *m, struct trace_header *h)
{
    const char *name = c->options->name;
    const char *producer = onnx_text(m->producer_name);
    const char *version = onnx_text(m->producer_version);
    h->name = name != NULL ? arena_strdup(c->keep, name) : import_stem(c->keep, c->path);
    char *source =
        arena_printf(c->scratch, "imported from %s, %.200s%s%.100s", import_base_name(c->path),
                     producer[0] != '\0' ? producer : "producer not named",
                     version[0] != '\0' ? " " : "", version);
    h->source = import_clean_name(c->keep, source, strlen(source));
    h->work_unit = "image";
    h->work_count = (double)h->batch;
    h->batch = samples_of(c, h->batch);
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
    out->warnings = c->remarks;
    out->warning = c->remark;
}

static void read_opset(struct onnx_import *c, const Onnx__ModelProto *m)
{
    c->opset = 1;
    for (size_t i = 0; i < m->n_opset_import; i++)
        if (onnx_text(m->opset_import[i]->domain)[0] == '\0' && m->opset_import[i]->has_version)
            c->opset = m->opset_import[i]->version;
}

static bool take_graph(struct onnx_import *c, const Onnx__GraphProto *g, struct trace_header *h)
{
    struct onnx_scope *scope;
    struct onnx_body body;
    TRY(onnx_enter(c, NULL, NULL, g->n_node + g->n_initializer, &scope));
    TRY(onnx_open_graph(c, g, &body));
    TRY(onnx_define_inputs(c, g, h));
    onnx_mark(c, &body);
    onnx_find_weights(c, g);
    TRY(onnx_take(c, &body));
    onnx_sweep(c, g);
    if (c->n_ops == 0)
        return onnx_fail(c, "the graph holds no operator that does any work");
    return true;
}

static bool import_model(struct onnx_import *c, struct trace *out)
{
    Onnx__ModelProto *m;
    TRY(onnx_read_model(c, &m));
    read_opset(c, m);
    TRY(take_graph(c, m->graph, &out->header));
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
    .takes_dims = true,
    .recognises = recognises_onnx,
    .import = import_onnx,
};
