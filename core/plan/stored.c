/* stored.c — what a memory holds, or on a wafer the tiles that read it: caches and tables. */
#include "core/plan/builder.h"

bool op_is_cache(const struct op *o)
{
    return o->kind == OP_KV_READ || o->kind == OP_KV_APPEND;
}

/* A source that streams `bytes` per sample from memory in `rows` rows, booked on op `o`. */
static int32_t memory_source(struct builder *b, const struct op *o, double bytes, int64_t rows)
{
    int32_t index = plan_add_stage(b->p, STAGE_SOURCE, NULL);
    struct stage *s = &b->p->stages[index];
    builder_set_tail(b, index, NULL);
    s->layer = o->id;
    s->rows = rows;
    s->width = s->channels = 1;
    s->row_bytes = bytes / (double)rows;
    return index;
}

/* The op that appends this step's keys and values to a cache; NULL: nothing was appended. */
static const struct op *append_to(const struct builder *b, const struct op *cache)
{
    if (cache->n_inputs == 0)
        return NULL;
    const struct op *o = &b->p->trace->ops[trace_index(b->p->trace, cache->inputs[0])];
    return o->kind == OP_KV_APPEND && o->n_inputs == 2 ? o : NULL;
}

/* What the step appends goes to the product straight: the keys to that over the width of a head,
 * the values to that over positions. */
static void read_appended(struct builder *b, const struct op *product, const struct op *cache,
                          const struct op *append, int32_t consumer)
{
    bool values = product->u.matmul.k == cache->u.move.position;
    builder_read(b, builder_input(b, append, values), consumer, false, true);
}

void builder_read_cache(struct builder *b, const struct op *product, const struct op *cache,
                        int32_t consumer)
{
    const struct plan *p = b->p;
    double elements =
        (double)product->u.matmul.batch * (double)product->u.matmul.k * (double)product->u.matmul.n;
    double bytes = elements * p->trace->header.kv_bits / 8 / (double)p->samples;
    const struct op *append = append_to(b, cache);
    struct stage *s = &b->p->stages[consumer];
    if (!p->system->memory) { /* the cache lies with the product */
        s->cache_bytes += bytes;
        s->cache_read_bytes += s->dynamic ? 0 : bytes; /* arrays: stage_operand_cost */
        if (append)
            read_appended(b, product, cache, append, consumer);
        return;
    }
    if (s->dynamic && append && append->u.move.position == 0) { /* none is older */
        read_appended(b, product, cache, append, consumer);
        return;
    }
    /* A few pieces, so that reading and sending overlap: the product needs all of it anyway. */
    int32_t source = memory_source(b, product, bytes, 4);
    b->p->stages[source].cache = true;
    int32_t edge = plan_add_edge(b->p, source, consumer, 0, 1);
    b->p->edges[edge].whole = true;
}

void builder_append_cache(struct builder *b, const struct op *o, const struct value *out)
{
    double each = (double)o->u.move.bytes / (double)b->p->samples / (double)o->n_inputs;
    if (!b->p->system->memory) {
        for (size_t k = 0; k < o->n_inputs && !out->uses; k++)
            b->p->stages[builder_input(b, o, k)->leaves[0].stage].cache_bytes += each;
        return;
    }
    for (size_t k = 0; k < o->n_inputs; k++) {
        const struct value *v = builder_input(b, o, k);
        int32_t sink = plan_add_stage(b->p, STAGE_SINK, NULL);
        builder_read(b, v, sink, false, false);
        const struct stage *from = &b->p->stages[v->leaves[0].stage];
        struct stage *s = &b->p->stages[sink];
        s->layer = o->id;
        s->rows = from->rows;
        s->width = from->width;
        s->channels = from->channels;
        s->row_bytes = each / (double)from->rows;
    }
}

bool builder_look_up(struct builder *b, const struct op *o, struct value *out, struct diag *d)
{
    struct tensor_view v;
    TRY(plan_view_out(b->p, o, &v, d));
    int32_t source =
        memory_source(b, o, (double)v.rows * (double)v.channels * o->activation_bits / 8, v.rows);
    b->p->stages[source].channels = v.channels;
    builder_set_leaf(b, out, source);
    return true;
}
