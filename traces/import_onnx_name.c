/* Readable operator names for graphs whose exporter only numbered them. */
#include <string.h>

#include "traces/import_onnx.h"

bool onnx_says_nothing(const char *name)
{
    if (name == NULL || name[0] == '\0')
        return true;
    return name[1 + strspn(name + 1, "0123456789")] == '\0';
}

/* Length of a tensor's name without the part that only says "weight". */
static size_t stem_length(const char *weight)
{
    static const char *const endings[] = {".weight", "_weight", "_w_0", "_w", "/kernel", ".w"};
    size_t length = strlen(weight);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t tail = strlen(endings[i]);
        if (length > tail && strcmp(weight + length - tail, endings[i]) == 0)
            return length - tail;
    }
    return length;
}

/* Names one operator; what is returned names those that follow it. */
static const char *name_operator(struct onnx_import *c, struct op *op, const char *before)
{
    if (!onnx_says_nothing(op->name))
        return op->name;
    if (op->weight != NULL) {
        op->name = arena_strndup(c->keep, op->weight, stem_length(op->weight));
        return op->name;
    }
    const char *what = op->fn != NULL ? op->fn : op_kind_name((enum op_kind)op->kind);
    if (before == NULL)
        return NULL;
    op->name = arena_printf(c->keep, "%.200s.%s", before, what);
    return before;
}

void onnx_name_operators(struct onnx_import *c)
{
    const char **stems = ARENA_ARRAY(c->scratch, const char *, c->n_ops);
    for (size_t i = 0; i < c->n_ops; i++) {
        struct op *op = &c->ops[i];
        int32_t latest = -1;
        for (size_t k = 0; k < op->n_inputs; k++)
            latest = op->inputs[k] > latest ? op->inputs[k] : latest;
        stems[i] = name_operator(c, op, latest >= 0 ? stems[latest] : NULL);
    }
}
