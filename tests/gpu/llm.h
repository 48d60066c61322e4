/* llm.h — language models as traces in memory, written here by hand: one decode step or one
 * prompt, the lines of a block as importers write them. */
#ifndef CIMARRON_TESTS_GPU_LLM_H
#define CIMARRON_TESTS_GPU_LLM_H

#include <string.h>

#include "tests/gpu/fixture.h"
#include "traces/trace.h"

struct model {
    const char *name;
    int64_t layers, hidden, heads, kv_heads, head_dim, ffn, vocab;
    bool gated;    /* the MLP is act(gate) x up */
    bool parallel; /* attention and MLP read the same input (GPT-J, Falcon) */
    int64_t experts, top_k;
    int64_t kv_repeat; /* how often each head of the cache is read; 0: once */
};

/* Shapes as in the models' published config.json. */
static const struct model models[] = {
    {"GPT-J 6B", 28, 4096, 16, 16, 256, 16384, 50400, false, true, 0, 0, 0},
    {"LLaMA 7B", 32, 4096, 32, 32, 128, 11008, 32000, true, false, 0, 0, 0},
    {"LLaMA 70B", 80, 8192, 64, 8, 128, 28672, 32000, true, false, 0, 0, 0},
    {"Falcon 180B", 80, 14848, 232, 8, 64, 59392, 65024, false, true, 0, 0, 0},
    {"Mixtral 8x7B", 32, 4096, 32, 8, 128, 14336, 32000, true, false, 8, 2, 0},
    {"GPT-3 175B", 96, 12288, 96, 96, 128, 49152, 50257, false, false, 0, 0, 0},
};

static inline const struct model *model_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(models); i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

enum { BLOCK_LINES = 32 };

struct llm {
    struct arena *arena;
    const struct model *model;
    struct trace *trace;
    int64_t batch, queries, keys;
    int64_t layer; /* -1: outside */
};

static inline struct op *llm_op(struct llm *w, enum op_kind kind, int64_t a, int64_t b)
{
    struct op *o = &w->trace->ops[w->trace->count];
    int32_t *inputs = ARENA_ARRAY(w->arena, int32_t, 2);
    o->kind = (uint8_t)kind;
    o->id = (int32_t)w->trace->count++;
    o->name = o->fn = "op";
    o->inputs = inputs;
    o->activation_bits = (uint8_t)w->trace->header.activation_bits;
    o->weight_bits = (uint8_t)w->trace->header.weight_bits;
    if (a >= 0)
        inputs[o->n_inputs++] = (int32_t)a;
    if (b >= 0)
        inputs[o->n_inputs++] = (int32_t)b;
    return o;
}

static inline int32_t llm_shaped(struct llm *w, enum op_kind kind, int64_t a, int64_t b,
                                 int64_t tokens, int64_t width)
{
    struct op *o = llm_op(w, kind, a, b);
    o->in = o->out = (struct shape){.dim = {w->batch, tokens, width}, .dims = 3};
    return o->id;
}

static inline int32_t llm_product(struct llm *w, const char *name, int64_t x, int64_t rows,
                                  int64_t k, int64_t n)
{
    struct op *o = llm_op(w, OP_MATMUL, x, -1);
    o->weight = arena_printf(w->arena, "%lld.%s", (long long)w->layer, name);
    o->u.matmul.batch = 1;
    o->u.matmul.m = rows;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

static inline int32_t llm_cache(struct llm *w, enum op_kind kind, int64_t a, int64_t b,
                                int64_t tokens, int64_t position)
{
    const struct model *m = w->model;
    struct op *o = llm_op(w, kind, a, b);
    o->u.move.bytes =
        w->batch * tokens * 2 * m->kv_heads * m->head_dim * w->trace->header.kv_bits / 8;
    o->u.move.position = position;
    return o->id;
}

static inline int32_t llm_scores(struct llm *w, int64_t a, int64_t b, int64_t k, int64_t n)
{
    const struct model *m = w->model;
    struct op *o = llm_op(w, OP_MATMUL, a, b);
    o->weight_bits = (uint8_t)w->trace->header.kv_bits;
    int64_t repeat = w->queries == 1 && m->kv_repeat > 0 ? m->kv_repeat : 1;
    o->u.matmul.batch = w->batch * m->kv_heads * repeat;
    o->u.matmul.m = m->heads / m->kv_heads / repeat * w->queries;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

static inline int32_t llm_attention(struct llm *w, int32_t x)
{
    const struct model *m = w->model;
    int64_t q_width = m->heads * m->head_dim, kv_width = m->kv_heads * m->head_dim;
    int64_t rows = w->batch * w->queries;
    int32_t q = llm_product(w, "q", x, rows, m->hidden, q_width);
    int32_t k = llm_product(w, "k", x, rows, m->hidden, kv_width);
    int32_t v = llm_product(w, "v", x, rows, m->hidden, kv_width);
    int32_t cache;
    q = llm_shaped(w, OP_ROPE, q, -1, w->queries, q_width);
    k = llm_shaped(w, OP_ROPE, k, -1, w->queries, kv_width);
    cache = llm_cache(w, OP_KV_APPEND, k, v, w->queries, w->keys - w->queries);
    cache = llm_cache(w, OP_KV_READ, cache, -1, w->keys, w->keys);
    x = llm_scores(w, q, cache, m->head_dim, w->keys);
    x = llm_shaped(w, OP_SOFTMAX, x, -1, m->heads * w->queries, w->keys);
    x = llm_scores(w, x, cache, w->keys, m->head_dim);
    return llm_product(w, "o", x, rows, q_width, m->hidden);
}

static inline int32_t llm_mlp(struct llm *w, int32_t x)
{
    const struct model *m = w->model;
    int64_t rows = w->batch * w->queries;
    int32_t up = llm_product(w, "up", x, rows, m->hidden, m->ffn), gate;
    if (m->gated) {
        gate = llm_product(w, "gate", x, rows, m->hidden, m->ffn);
        gate = llm_shaped(w, OP_ELEMENTWISE, gate, -1, w->queries, m->ffn);
        up = llm_shaped(w, OP_ELEMENTWISE, gate, up, w->queries, m->ffn);
    } else {
        up = llm_shaped(w, OP_ELEMENTWISE, up, -1, w->queries, m->ffn);
    }
    return llm_product(w, "down", up, rows, m->ffn, m->hidden);
}

static inline int32_t llm_expert(struct llm *w, const char *name, int32_t x, int64_t hit, int64_t k,
                                 int64_t n)
{
    int32_t id = llm_product(w, name, x, 1, k, n);
    struct op *o = &w->trace->ops[id];
    o->u.matmul.batch = hit;
    o->u.matmul.experts = w->model->experts;
    o->u.matmul.m = w->batch * w->queries * w->model->top_k / hit;
    return id;
}

static inline int32_t llm_experts(struct llm *w, int32_t x)
{
    const struct model *m = w->model;
    int64_t tokens = w->batch * w->queries, assigned = tokens * m->top_k;
    int64_t hit = assigned < m->experts ? assigned : m->experts;
    int32_t gate = llm_product(w, "router", x, tokens, m->hidden, m->experts), up;
    struct op *route = llm_op(w, OP_ROUTE, x, gate);
    route->in = (struct shape){.dim = {w->batch, w->queries, m->hidden}, .dims = 3};
    route->out = (struct shape){.dim = {w->batch, w->queries * m->top_k, m->hidden}, .dims = 3};
    route->u.route.tokens = tokens;
    route->u.route.experts = m->experts;
    route->u.route.top_k = m->top_k;
    x = route->id;
    gate = llm_expert(w, "gate", x, hit, m->hidden, m->ffn);
    up = llm_expert(w, "up", x, hit, m->hidden, m->ffn);
    gate = llm_shaped(w, OP_ELEMENTWISE, gate, -1, w->queries * m->top_k, m->ffn);
    up = llm_shaped(w, OP_ELEMENTWISE, gate, up, w->queries * m->top_k, m->ffn);
    x = llm_expert(w, "down", up, hit, m->ffn, m->hidden);
    return llm_shaped(w, OP_ELEMENTWISE, x, -1, w->queries, m->hidden); /* combined */
}

static inline int32_t llm_block(struct llm *w, int32_t x)
{
    const struct model *m = w->model;
    int32_t norm = llm_shaped(w, OP_NORM, x, -1, w->queries, m->hidden);
    int32_t y = llm_attention(w, norm);
    x = llm_shaped(w, OP_ELEMENTWISE, x, y, w->queries, m->hidden);
    if (!m->parallel)
        norm = llm_shaped(w, OP_NORM, x, -1, w->queries, m->hidden);
    y = m->experts > 0 ? llm_experts(w, norm) : llm_mlp(w, norm);
    return llm_shaped(w, OP_ELEMENTWISE, x, y, w->queries, m->hidden);
}

/* A pass of `queries` tokens of each sequence that attend to `keys`; the head sees the last. */
static inline struct trace llm_trace(struct arena *a, const struct model *m, int64_t batch,
                                     int64_t queries, int64_t keys, int bits)
{
    struct trace t = {.path = ""};
    struct llm w = {.arena = a,
                    .model = m,
                    .trace = &t,
                    .batch = batch,
                    .queries = queries,
                    .keys = keys,
                    .layer = -1};
    bool decode = queries == 1;
    int32_t x;
    struct op *o;
    t.header =
        (struct trace_header){.name = m->name, .source = "", .work_unit = "token", .batch = batch};
    t.header.phase = decode ? "decode" : "prefill";
    t.header.work_count = (double)batch * (double)queries;
    t.header.context = keys;
    t.header.activation_bits = t.header.weight_bits = t.header.kv_bits = bits;
    t.ops = ARENA_ARRAY(a, struct op, m->layers * BLOCK_LINES + 8);
    o = llm_op(&w, OP_EMBEDDING, -1, -1);
    o->weight = "wte";
    o->u.embedding.rows = m->vocab;
    o->u.embedding.width = m->hidden;
    o->u.embedding.count = batch * queries;
    x = o->id;
    for (w.layer = 0; w.layer < m->layers; w.layer++)
        x = llm_block(&w, x);
    w.layer = -1;
    if (!decode) {
        o = llm_op(&w, OP_SLICE, x, -1);
        o->in = (struct shape){.dim = {batch, queries, m->hidden}, .dims = 3};
        o->out = (struct shape){.dim = {batch, 1, m->hidden}, .dims = 3};
        x = o->id;
    }
    x = llm_shaped(&w, OP_NORM, x, -1, 1, m->hidden);
    llm_product(&w, "head", x, batch, m->hidden, m->vocab);
    return t;
}

#endif
