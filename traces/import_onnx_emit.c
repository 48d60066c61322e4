/* Operators by number: appended by handlers, one or several for a node. */
#include <string.h>

#include "traces/import_onnx.h"

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
    TRY(onnx_check_shape(c, "a step of it", s, c->fold));
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
