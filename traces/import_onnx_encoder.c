/* What com.microsoft puts around attention: norms with what skips past, functions with a bias,
 * embeddings with their norm. */
#include "traces/import_onnx.h"

/* The sum of an input, what skips past, and a bias; its norm; the sum is output 3 too. */
bool onnx_skip_norm(struct onnx_import *c, const char *fn)
{
    struct onnx_value *sum, *normed;
    TRY(onnx_need(c, 2));
    const struct shape s = c->in[0]->shape;
    TRY(onnx_step2(c, OP_ELEMENTWISE, "add", c->in[0], c->in[1], &s, &sum));
    TRY(onnx_step(c, OP_NORM, fn, sum, &s, &s, &normed));
    TRY(onnx_give(c, 0, normed));
    return c->node->n_output > 3 ? onnx_give(c, 3, sum) : true;
}

/* A bias, then the function. */
bool onnx_biased(struct onnx_import *c, const char *fn)
{
    struct onnx_value *sum, *made;
    struct shape s;
    TRY(onnx_need(c, 1));
    s = c->in[0]->shape;
    sum = c->in[0];
    if (c->n_in > 1 && c->in[1] != NULL)
        TRY(onnx_step2(c, OP_ELEMENTWISE, "add", c->in[0], c->in[1], &s, &sum));
    TRY(onnx_step(c, OP_ELEMENTWISE, fn, sum, &s, &s, &made));
    return onnx_give(c, 0, made);
}

static bool look_up(struct onnx_import *c, const struct onnx_value *ids,
                    const struct onnx_value *table, const struct shape *out,
                    struct onnx_value **made)
{
    const struct shape none = {.dims = 0};
    TRY(onnx_step(c, OP_EMBEDDING, NULL, ids, &none, out, made));
    if (c->fold)
        return true;
    struct op *op = &c->ops[(*made)->op];
    op->in = op->out = none;
    op->u.embedding.rows = table->shape.dim[0];
    op->u.embedding.width = table->shape.dim[1];
    op->u.embedding.count = shape_elements(&ids->shape);
    onnx_set_weight(c, op, table, *made);
    return true;
}

/* com.microsoft EmbedLayerNormalization: words, segments and positions looked up, added, normed.
 * Positions that nobody gives are counted off and cost no look-up. */
bool onnx_embed_norm(struct onnx_import *c, const char *fn)
{
    static const size_t ids[] = {0, 1, 8}, tables[] = {2, 4, 3};
    struct onnx_value *sum = NULL, *made;
    struct shape s;
    TRY(onnx_need(c, 1));
    if (c->n_in < 5 || c->in[0]->shape.dims != 2 || c->in[2] == NULL || !c->in[2]->constant)
        return onnx_fail(c, "it needs ids [batch, tokens] and constant tables");
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        const struct onnx_value *at = onnx_input(c, ids[i]), *table = c->in[tables[i]];
        if (at == NULL || table == NULL || at->constant)
            continue;
        if (table->shape.dims != 2)
            return onnx_fail(c, "its tables need two dimensions");
        s = (struct shape){
            .dim = {c->in[0]->shape.dim[0], c->in[0]->shape.dim[1], table->shape.dim[1]},
            .dims = 3};
        TRY(look_up(c, at, table, &s, &made));
        if (sum != NULL)
            TRY(onnx_step2(c, OP_ELEMENTWISE, "add", sum, made, &s, &made));
        sum = made;
    }
    if (sum == NULL)
        return onnx_fail(c, "its ids are constant");
    TRY(onnx_step(c, OP_NORM, fn, sum, &s, &s, &made));
    TRY(onnx_give(c, 0, made));
    if (c->node->n_output > 1)
        TRY(onnx_alias(c, 1, c->in[0], &(struct shape){.dim = {s.dim[0]}, .dims = 1}));
    return c->node->n_output > 2 ? onnx_give(c, 2, sum) : true;
}
