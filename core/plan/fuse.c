/* fuse.c — work that joins the stage that makes its operand, or the one that reads its result. */
#include <string.h>

#include "core/plan/builder.h"

bool op_is_elementwise(const struct op *o)
{
    switch (o->kind) {
    case OP_ELEMENTWISE:
    case OP_SOFTMAX:
    case OP_ROPE:
        return true;
    case OP_NORM:
        return !o->fn || strcmp(o->fn, "group") != 0;
    default:
        return false;
    }
}

bool builder_reader_takes(const struct builder *b, const struct op *o, const struct value *v)
{
    if (v->uses != 1 || o->n_inputs > 1 || o->kind == OP_SOFTMAX)
        return false;
    const struct op *r = &b->p->trace->ops[v->reader];
    return op_has_arrays(r) || r->kind == OP_POOL || (op_is_elementwise(r) && r->n_inputs == 1);
}

/* Are all operands of `o` made no later than stage `host`?  Else the pipeline would turn back. */
static bool made_before(struct builder *b, const struct op *o, int32_t host)
{
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = builder_input(b, o, k);
        for (size_t i = 0; i < v->count; i++)
            if (v->leaves[i].stage > host)
                return false;
    }
    return true;
}

/* Is a product that another stage makes as early as stage `host` does, of the same rows, among the
 * operands?  On a wafer, where a layer's time is that of its ways, the two work side by side when
 * neither waits for the other's. */
static bool has_sibling(struct builder *b, const struct op *o, int32_t host)
{
    const struct plan *p = b->p;
    const struct stage *h = &p->stages[host];
    for (size_t k = 0; k < o->n_inputs && p->spread && h->last_in >= 0; k++) {
        const struct value *v = builder_input(b, o, k);
        for (size_t i = 0; i < v->count; i++) {
            const struct stage *s = &p->stages[v->leaves[i].stage];
            if (s != h && s->kind == STAGE_ARRAY && h->kind == STAGE_ARRAY && s->last_in >= 0 &&
                p->edges[s->last_in].producer == p->edges[h->last_in].producer)
                return true;
        }
    }
    return false;
}

int32_t builder_host(struct builder *b, const struct op *o)
{
    int32_t host = -1;
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = builder_input(b, o, k);
        if (v->uses != 1 || v->count != 1 || v->pending_count)
            continue;
        int32_t s = v->leaves[0].stage;
        const struct stage *at = &b->p->stages[s];
        if (builder_ends_with(b, s, o->inputs[k]) && at->fused_count < STAGE_OPS_MAX && s > host)
            host = s;
    }
    return host >= 0 && made_before(b, o, host) && !has_sibling(b, o, host) ? host : -1;
}

bool builder_join(struct builder *b, const struct op *o, struct value *out, int32_t host)
{
    struct stage *s = &b->p->stages[host];
    s->fused[s->fused_count++] = o;
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = builder_input(b, o, k);
        if (v->count == 1 && v->leaves[0].stage == host)
            continue;
        size_t edges = b->p->edge_count;
        builder_read(b, v, host, false, false);
        for (; edges < b->p->edge_count; edges++) /* not those that also feed the product */
            b->p->edges[edges].aside = true;
    }
    builder_set_tail(b, host, o);
    builder_set_leaf(b, out, host);
    return true;
}
