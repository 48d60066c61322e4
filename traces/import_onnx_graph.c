/* Complaints, and values: what all handlers say and write to. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "traces/import_onnx_content.h"
#include "traces/import_onnx_scope.h"

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

const struct onnx_value *onnx_input(const struct onnx_import *c, size_t i)
{
    return i < c->n_in ? c->in[i] : NULL;
}

bool onnx_need(struct onnx_import *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i >= c->n_in || c->in[i] == NULL)
            return onnx_fail(c, "input %zu is missing; this operator needs %zu", i + 1, n);
    return true;
}

bool onnx_check_shape(struct onnx_import *c, const char *what, const struct shape *s, bool constant)
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
    TRY(onnx_check_shape(c, "its result", s, c->fold));
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
    TRY(onnx_check_shape(c, what, &v->shape, true));
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
