/* Values by name, operators by number: the tables that all handlers write to. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "traces/import_onnx.h"

/* --- complaints -------------------------------------------------------------------------- */

/* "node 'NAME' (OpType): sentence", or the sentence alone where no node is at hand. */
static const char *about_node(struct onnx_import *c, const char *text)
{
    const Onnx__NodeProto *node = c->node;
    if (node == NULL)
        return text;
    const char *name = node->name != NULL && node->name[0] != '\0' ? node->name
                       : node->n_output > 0                        ? node->output[0]
                                                                   : "";
    const char *type = onnx_text(node->op_type);
    return arena_printf(c->scratch, "node '%.100s' (%.50s): %s",
                        import_clean_name(c->scratch, name, strlen(name)),
                        import_clean_name(c->scratch, type, strlen(type)), text);
}

void onnx_complain(struct onnx_import *c, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_record(c->d, 2, c->path, 1, "%s", about_node(c, text));
}

void onnx_remark(struct onnx_import *c, const char *format, ...)
{
    char text[512];
    va_list args;
    if (c->remarks++ > 0)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->remark = arena_strdup(c->keep, about_node(c, text));
}

const char *onnx_text(const char *s)
{
    return s != NULL ? s : "";
}

/* --- values ------------------------------------------------------------------------------ */

bool onnx_need(struct onnx_import *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i >= c->n_in || c->in[i] == NULL)
            return onnx_fail(c, "input %zu is missing; this operator needs %zu", i + 1, n);
    return true;
}

static bool check_shape(struct onnx_import *c, const char *what, const struct shape *s,
                        bool constant)
{
    int64_t total = 1;
    for (int i = 0; i < s->dims; i++) {
        if (s->dim[i] == 0 && constant)
            continue; /* an empty constant */
        if (s->dim[i] < 1)
            return onnx_fail(c, "dimension %d of %s is %lld; it must be at least 1", i, what,
                             (long long)s->dim[i]);
        if (__builtin_mul_overflow(total, s->dim[i], &total) || total > ONNX_ELEMENTS_MAX)
            return onnx_fail(c, "%s has more than 2^53 elements", what);
    }
    return true;
}

bool onnx_define(struct onnx_import *c, size_t i, const struct shape *s, struct onnx_value **out)
{
    TRY(check_shape(c, "its result", s, c->fold));
    bool asked_for = i < c->node->n_output && c->node->output[i][0] != '\0';
    struct onnx_value *v = asked_for ? onnx_local(c, c->node->output[i]) : onnx_nameless(c);
    if (v->defined)
        return onnx_fail(c, "its output '%.100s' is defined twice",
                         import_clean_name(c->scratch, v->name, strlen(v->name)));
    v->defined = true;
    v->constant = c->fold;
    v->shape = *s;
    *out = v;
    return true;
}

/* All but the names and who reads it. */
static void become(struct onnx_value *out, const struct onnx_value *v)
{
    out->constant = v->constant;
    out->integer = v->integer;
    out->content = v->content;
    out->root = v->constant ? v->root : out->name;
    out->tensor = v->tensor;
    out->op = v->op;
    out->absorber = v->absorber;
    if (v->uses > out->uses)
        out->uses = v->uses; /* as widely used as what it stands for */
    if (v->padded) {
        out->padded = true;
        out->bare = v->bare;
        memcpy(out->pad, v->pad, sizeof out->pad);
    }
}

bool onnx_alias(struct onnx_import *c, size_t i, const struct onnx_value *v, const struct shape *s)
{
    struct onnx_value *out;
    TRY(onnx_define(c, i, s, &out));
    become(out, v);
    return true;
}

bool onnx_bind(struct onnx_import *c, const char *name, const struct onnx_value *v)
{
    struct onnx_value *out = onnx_local(c, name);
    if (out->defined)
        return onnx_fail(c, "'%.100s' is defined twice in its body",
                         import_clean_name(c->scratch, name, strlen(name)));
    out->defined = true;
    out->shape = v->shape;
    become(out, v);
    return true;
}

bool onnx_define_tensor(struct onnx_import *c, struct onnx_value *v, const Onnx__TensorProto *t)
{
    const char *what = arena_printf(c->scratch, "tensor '%.100s'",
                                    import_clean_name(c->scratch, v->name, strlen(v->name)));
    if (t->n_dims > SHAPE_DIMS_MAX)
        return onnx_fail(c, "%s has %zu dimensions; at most %d are read", what, t->n_dims,
                         SHAPE_DIMS_MAX);
    if (v->defined)
        return onnx_fail(c, "%s is defined twice", what);
    v->shape.dims = (int)t->n_dims;
    for (int i = 0; i < v->shape.dims; i++)
        v->shape.dim[i] = t->dims[i];
    TRY(check_shape(c, what, &v->shape, true));
    v->defined = v->constant = true;
    if (c->scope->name != NULL)
        v->root = arena_printf(c->scratch, "%.200s/%.200s", c->scope->name, v->name);
    v->tensor = t;
    v->content = onnx_tensor_content(c, t, &v->integer);
    return true;
}

bool onnx_materialise_pad(struct onnx_import *c, struct onnx_value *v)
{
    if (!v->padded)
        return true;
    v->padded = false;
    struct op *op;
    TRY(onnx_emit_of(c, OP_ELEMENTWISE, "pad", (const struct onnx_value *[]){v}, 1, v, &op));
    op->in = op->out = v->shape;
    return true;
}

/* --- operators --------------------------------------------------------------------------- */

/* The node's name, or where it says nothing that of what it makes. */
static bool op_name(struct onnx_import *c, const char **name)
{
    const char *text = c->node->name;
    if (onnx_says_nothing(text) && c->node->n_output > 0 && c->node->output[0][0] != '\0')
        text = c->node->output[0];
    if (text == NULL || text[0] == '\0')
        text = c->node->op_type;
    size_t length = strlen(text);
    if (length > ONNX_NAME_MAX)
        return onnx_fail(c, "its name has %zu bytes; at most %d are read", length, ONNX_NAME_MAX);
    *name = import_clean_name(c->keep, text, length);
    return true;
}

static bool append(struct onnx_import *c, enum op_kind kind, const char *fn, struct onnx_value *out,
                   struct op **op)
{
    if (c->n_ops == INT32_MAX)
        return onnx_fail(c, "the graph has more than 2^31 operators");
    if (c->n_ops == c->room) {
        size_t room = c->room == 0 ? 64 : 2 * c->room;
        struct op *more = ARENA_ARRAY(c->scratch, struct op, room);
        if (c->n_ops > 0)
            memcpy(more, c->ops, c->n_ops * sizeof *more);
        c->ops = more;
        c->room = room;
    }
    *op = &c->ops[c->n_ops];
    **op = (struct op){0};
    TRY(op_name(c, &(*op)->name));
    (*op)->id = (int32_t)c->n_ops;
    (*op)->kind = (uint8_t)kind;
    (*op)->fn = fn;
    (*op)->activation_bits = (uint8_t)c->options->activation_bits;
    (*op)->weight_bits = (uint8_t)c->options->weight_bits;
    (*op)->u.conv.groups = 1;
    out->op = (int32_t)c->n_ops++;
    return true;
}

bool onnx_emit_of(struct onnx_import *c, enum op_kind kind, const char *fn,
                  const struct onnx_value *const *from, size_t n, struct onnx_value *out,
                  struct op **op)
{
    *op = &c->unused;
    if (c->fold)
        return true;
    if (n > UINT16_MAX)
        return onnx_fail(c, "it has %zu inputs; at most 65,535 are read", n);
    int32_t *inputs = ARENA_ARRAY(c->keep, int32_t, n);
    uint16_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (from[i] != NULL && !from[i]->constant && from[i]->op >= 0)
            inputs[count++] = from[i]->op;
    TRY(append(c, kind, fn, out, op));
    (*op)->inputs = inputs;
    (*op)->n_inputs = count;
    return true;
}

bool onnx_emit(struct onnx_import *c, enum op_kind kind, const char *fn, struct onnx_value *out,
               struct op **op)
{
    return onnx_emit_of(c, kind, fn, (const struct onnx_value *const *)c->in, c->n_in, out, op);
}

bool onnx_simple(struct onnx_import *c, enum op_kind kind, const char *fn, const struct shape *in,
                 const struct shape *out, struct op **op)
{
    struct onnx_value *v;
    TRY(onnx_define(c, 0, out, &v));
    TRY(onnx_emit(c, kind, fn, v, op));
    (*op)->in = *in;
    (*op)->out = *out;
    return true;
}

/* --- steps inside a node ----------------------------------------------------------------- */

static bool step_value(struct onnx_import *c, const struct shape *s, struct onnx_value **made)
{
    TRY(check_shape(c, "a step of it", s, c->fold));
    *made = onnx_nameless(c);
    (*made)->defined = true;
    (*made)->constant = c->fold;
    (*made)->shape = *s;
    return true;
}

bool onnx_step(struct onnx_import *c, enum op_kind kind, const char *fn,
               const struct onnx_value *from, const struct shape *in, const struct shape *out,
               struct onnx_value **made)
{
    struct op *op;
    const struct shape of = *in; /* made may be where it stands */
    TRY(step_value(c, out, made));
    TRY(onnx_emit_of(c, kind, fn, &from, 1, *made, &op));
    op->in = of;
    op->out = (*made)->shape;
    return true;
}

bool onnx_step2(struct onnx_import *c, enum op_kind kind, const char *fn,
                const struct onnx_value *from, const struct onnx_value *with,
                const struct shape *out, struct onnx_value **made)
{
    struct op *op;
    TRY(step_value(c, out, made));
    TRY(onnx_emit_of(c, kind, fn, (const struct onnx_value *[]){from, with}, 2, *made, &op));
    op->in = op->out = (*made)->shape;
    return true;
}

bool onnx_multiply(struct onnx_import *c, const struct onnx_product *p, const struct shape *out,
                   struct onnx_value **made)
{
    struct op *op;
    TRY(step_value(c, out, made));
    TRY(onnx_emit_of(c, OP_MATMUL, NULL, (const struct onnx_value *[]){p->from, p->with}, 2, *made,
                     &op));
    op->u.matmul.batch = p->batch;
    op->u.matmul.m = p->m;
    op->u.matmul.k = p->k;
    op->u.matmul.n = p->n;
    if (p->weight != NULL)
        onnx_set_weight(c, op, p->weight, *made);
    return true;
}

bool onnx_give(struct onnx_import *c, size_t i, const struct onnx_value *v)
{
    bool fold = c->fold;
    c->fold = v->constant;
    TRY(onnx_alias(c, i, v, &v->shape));
    c->fold = fold;
    return true;
}

void onnx_set_weight(struct onnx_import *c, struct op *op, const struct onnx_value *w,
                     struct onnx_value *out)
{
    size_t length = strlen(w->root);
    op->weight = import_clean_name(c->keep, w->root, length);
    out->absorber = out->op;
    if (!c->fold)
        onnx_weight_stats(c, op, w);
}
