/* llm_latent.c — latent attention (DeepSeek-AI, DeepSeek-V2, 2024, section 2.1): the cache holds
 * kv_rank + rope_dim numbers per token.
 *
 * The matrices that make keys and values from it (k_up, v_up) belong to a head each: as products,
 * k_up of a step is [heads] x [tokens, nope_dim] x [nope_dim, kv_rank] on queries and v_up
 * [heads] x [tokens, kv_rank] x [kv_rank, v_dim] on results; of a prompt both work on all tokens
 * of the cache at once. */
#include "traces/llm_build.h"

/* Queries and what they attend to, as ids of lines. */
struct latent {
    int32_t q, cache;
    int64_t keys;
};

static int32_t by_head(struct llm_work *w, const char *part, const char *leaf, int32_t x, int64_t k,
                       int64_t n)
{
    struct op *o = llm_emit(w, OP_MATMUL, llm_part(w, part, leaf), x, -1);
    o->weight = llm_weight(w, llm_part(w, part, leaf));
    o->u.matmul.batch = w->model->heads;
    o->u.matmul.m = llm_times(w->batch, w->queries);
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

static int32_t product(struct llm_work *w, const char *part, int32_t a, int32_t b, int64_t kv_heads,
                       int64_t k, int64_t n)
{
    struct op *o = llm_emit(w, OP_MATMUL, part, a, b);
    o->weight_bits = (uint8_t)(w->cached ? w->kv_bits : w->activation_bits);
    o->u.matmul.batch = llm_times(w->batch, kv_heads);
    o->u.matmul.m = llm_times(w->model->heads / kv_heads, w->queries);
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

static int32_t rotated(struct llm_work *w, const char *part, int32_t x, int64_t heads,
                       int64_t width)
{
    struct shape s = {.dim = {w->batch, heads, w->queries, width}, .dims = 4};
    return llm_unary(w, OP_ROPE, part, NULL, x, &s);
}

static int32_t queries(struct llm_work *w, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    int64_t inner = m->hidden, width = llm_times(m->heads, m->nope_dim + m->rope_dim);
    if (m->q_rank > 0) {
        struct shape s = llm_shape(w, w->queries, m->q_rank);
        x = llm_linear(w, llm_part(w, part, "q_down"), x, w->queries, m->hidden, m->q_rank);
        x = llm_unary(w, OP_NORM, llm_part(w, part, "q_norm"), m->family.norm, x, &s);
        inner = m->q_rank;
    }
    x = llm_linear(w, llm_part(w, part, "q"), x, w->queries, inner, width);
    return m->rope_dim > 0
               ? rotated(w, llm_part(w, part, "q_rope"), x, m->heads, m->nope_dim + m->rope_dim)
               : x;
}

/* The numbers that are kept of each token. */
static int32_t kept(struct llm_work *w, const char *part, int32_t x, int32_t *rope)
{
    const struct llm_model *m = w->model;
    struct shape all = llm_shape(w, w->queries, m->kv_rank + m->rope_dim);
    struct shape latent = llm_shape(w, w->queries, m->kv_rank);
    x = llm_linear(w, llm_part(w, part, "kv_down"), x, w->queries, m->hidden, all.dim[2]);
    *rope = m->rope_dim > 0
                ? rotated(w, llm_part(w, part, "k_rope"), x, 1, m->kv_rank + m->rope_dim)
                : -1;
    x = llm_slice(w, llm_part(w, part, "kv_latent"), x, &all, &latent);
    return llm_unary(w, OP_NORM, llm_part(w, part, "kv_norm"), m->family.norm, x, &latent);
}

static int32_t softmax(struct llm_work *w, const char *part, int32_t x, int64_t keys)
{
    struct shape s = {.dim = {w->batch, w->model->heads, w->queries, keys}, .dims = 4};
    return llm_unary(w, OP_SOFTMAX, llm_part(w, part, "softmax"), NULL, x, &s);
}

static int32_t one_step(struct llm_work *w, const char *part, const struct latent *l)
{
    const struct llm_model *m = w->model;
    int32_t x = by_head(w, part, "k_up", l->q, m->nope_dim, m->kv_rank);
    x = product(w, llm_part(w, part, "qk"), x, l->cache, 1, m->kv_rank + m->rope_dim, l->keys);
    x = softmax(w, part, x, l->keys);
    x = product(w, llm_part(w, part, "av"), x, l->cache, 1, l->keys, m->kv_rank);
    return by_head(w, part, "v_up", x, m->kv_rank, m->v_dim);
}

static int32_t whole_prompt(struct llm_work *w, const char *part, const struct latent *l)
{
    const struct llm_model *m = w->model;
    int64_t head = m->nope_dim + m->rope_dim;
    int32_t k = by_head(w, part, "k_up", l->cache, m->kv_rank, m->nope_dim);
    int32_t v = by_head(w, part, "v_up", l->cache, m->kv_rank, m->v_dim);
    int32_t x = product(w, llm_part(w, part, "qk"), l->q, k, m->heads, head, l->keys);
    x = softmax(w, part, x, l->keys);
    return product(w, llm_part(w, part, "av"), x, v, m->heads, l->keys, m->v_dim);
}

void llm_latent(struct llm_work *w, const struct llm_layer *layer, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    struct latent l = {.keys = llm_keys(w, layer)};
    int64_t width = m->kv_rank + m->rope_dim;
    int32_t rope;
    l.q = queries(w, part, x);
    l.cache = kept(w, part, x, &rope);
    if (w->cached) {
        l.cache = llm_cache_append(w, part, l.cache, rope, width, w->queries, l.keys - w->queries);
        l.cache = llm_cache_read(w, part, l.cache, width, l.keys);
    }
    x = w->queries == 1 && w->cached ? one_step(w, part, &l) : whole_prompt(w, part, &l);
    llm_linear(w, llm_part(w, part, "o"), x, w->queries, llm_times(m->heads, m->v_dim), m->hidden);
}
