/* What no output of the graph depends on: of a tensor whose shape alone is read, of a branch that
 * is not taken, of an output of a node that nobody reads. */
#include "traces/import_onnx_scope.h"

void onnx_needs(struct onnx_import *c, const struct onnx_value *v)
{
    struct onnx_needed *n = ARENA_NEW(c->scratch, struct onnx_needed);
    *n = (struct onnx_needed){v->op, c->needed};
    if (v->op >= 0)
        c->needed = n;
}

static void mark_back(const struct onnx_import *c, bool live[])
{
    for (size_t i = c->n_ops; i-- > 0;) /* inputs come before what reads them */
        for (size_t k = 0; live[i] && k < c->ops[i].n_inputs; k++)
            live[c->ops[i].inputs[k]] = true;
}

static void renumber(struct onnx_import *c, struct op *op, const int32_t place[])
{
    int32_t *inputs = ARENA_ARRAY(c->keep, int32_t, op->n_inputs);
    for (size_t k = 0; k < op->n_inputs; k++)
        inputs[k] = place[op->inputs[k]];
    op->inputs = inputs;
    op->id = place[op->id];
}

void onnx_sweep(struct onnx_import *c, const Onnx__GraphProto *g)
{
    bool *live = ARENA_ARRAY(c->scratch, bool, c->n_ops);
    int32_t *place = ARENA_ARRAY(c->scratch, int32_t, c->n_ops);
    size_t kept = 0;
    if (g->n_output == 0)
        return;
    for (size_t i = 0; i < g->n_output; i++) {
        const struct onnx_value *v = onnx_value(c, onnx_text(g->output[i]->name));
        if (v->op >= 0)
            live[v->op] = true;
    }
    for (const struct onnx_needed *n = c->needed; n != NULL; n = n->next)
        live[n->op] = true;
    mark_back(c, live);
    for (size_t i = 0; i < c->n_ops; i++)
        if (live[i]) {
            place[i] = (int32_t)kept;
            c->ops[kept] = c->ops[i];
            renumber(c, &c->ops[kept++], place);
        }
    c->n_ops = kept;
}
