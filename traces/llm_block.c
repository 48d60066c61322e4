/* llm_block.c — one transformer block: attention, then an MLP or experts, each around a residual.
 */
#include "traces/llm_build.h"

/* Queries, keys, values and the gate of a block, as ids of lines. */
struct qkv {
    int32_t q, k, v, gate;
};

static int64_t q_width(const struct llm_model *m)
{
    return m->heads * m->head_dim;
}

static int64_t kv_width(const struct llm_model *m)
{
    return m->kv_heads * m->head_dim;
}

/* --- queries, keys, values ------------------------------------------------------------------- */

static struct qkv fused(struct llm_work *w, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    int64_t q = q_width(m), kv = kv_width(m);
    int32_t all = llm_linear(w, llm_part(w, part, "qkv"), x, w->queries, m->hidden, q + 2 * kv);
    struct shape whole = llm_shape(w, w->queries, q + 2 * kv);
    struct shape queries = llm_shape(w, w->queries, q), keys = llm_shape(w, w->queries, kv);
    struct qkv r = {.gate = -1};
    r.q = llm_slice(w, llm_part(w, part, "q"), all, &whole, &queries);
    r.k = llm_slice(w, llm_part(w, part, "k"), all, &whole, &keys);
    r.v = llm_slice(w, llm_part(w, part, "v"), all, &whole, &keys);
    return r;
}

/* One head after the other: [batch, heads, tokens, head_dim]. */
static int32_t per_head(struct llm_work *w, enum op_kind kind, const char *part, const char *fn,
                        int32_t x, int64_t heads)
{
    struct shape s = {.dim = {w->batch, heads, w->queries, w->model->head_dim}, .dims = 4};
    return llm_unary(w, kind, part, fn, x, &s);
}

static void norm_and_rope(struct llm_work *w, const char *part, struct qkv *r)
{
    const struct llm_model *m = w->model;
    if (m->family.qk_norm) {
        r->q = per_head(w, OP_NORM, llm_part(w, part, "q_norm"), m->family.norm, r->q, m->heads);
        r->k = per_head(w, OP_NORM, llm_part(w, part, "k_norm"), m->family.norm, r->k, m->kv_heads);
    }
    if (m->family.rope) {
        r->q = per_head(w, OP_ROPE, llm_part(w, part, "q_rope"), NULL, r->q, m->heads);
        r->k = per_head(w, OP_ROPE, llm_part(w, part, "k_rope"), NULL, r->k, m->kv_heads);
    }
}

static struct qkv separate(struct llm_work *w, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    struct qkv r = {.gate = -1};
    r.q = llm_linear(w, llm_part(w, part, "q"), x, w->queries, m->hidden, q_width(m));
    r.k = llm_linear(w, llm_part(w, part, "k"), x, w->queries, m->hidden, kv_width(m));
    r.v = llm_linear(w, llm_part(w, part, "v"), x, w->queries, m->hidden, kv_width(m));
    return r;
}

/* Across to the encoder: keys and values are made once, from its output (memory >= 0). */
static struct qkv across(struct llm_work *w, const char *part, int32_t x, int32_t memory)
{
    const struct llm_model *m = w->model;
    struct qkv r = {-1, -1, -1, -1};
    r.q = llm_linear(w, llm_part(w, part, "q"), x, w->queries, m->hidden, q_width(m));
    if (memory >= 0) {
        r.k = llm_linear(w, llm_part(w, part, "k"), memory, w->source, m->hidden, kv_width(m));
        r.v = llm_linear(w, llm_part(w, part, "v"), memory, w->source, m->hidden, kv_width(m));
    }
    return r;
}

/* --- the cache ------------------------------------------------------------------------------- */

static int64_t cache_bytes(const struct llm_work *w, int64_t width, int64_t tokens)
{
    int64_t bits = llm_times(llm_times(llm_times(w->batch, tokens), width), w->kv_bits);
    return bits / 8 + (bits % 8 != 0);
}

int32_t llm_cache_append(struct llm_work *w, const char *part, int32_t a, int32_t b, int64_t width,
                         int64_t tokens, int64_t position)
{
    struct op *o = llm_emit(w, OP_KV_APPEND, llm_part(w, part, "kv_append"), a, b);
    o->u.move.bytes = cache_bytes(w, width, tokens);
    o->u.move.position = position;
    return o->id;
}

int32_t llm_cache_read(struct llm_work *w, const char *part, int32_t appended, int64_t width,
                       int64_t tokens)
{
    struct op *o = llm_emit(w, OP_KV_READ, llm_part(w, part, "kv_read"), appended, -1);
    o->u.move.bytes = cache_bytes(w, width, tokens);
    o->u.move.position = tokens;
    return o->id;
}

int64_t llm_keys(const struct llm_work *w, const struct llm_layer *layer)
{
    bool bound = layer->mixer == 'w' && w->queries == 1;
    return bound ? llm_at_most(w->keys, w->model->window) : w->keys;
}

/* --- scores ---------------------------------------------------------------------------------- */

static int32_t product(struct llm_work *w, const char *part, int32_t a, int32_t b, int64_t k,
                       int64_t n, int bits)
{
    const struct llm_model *m = w->model;
    struct op *o = llm_emit(w, OP_MATMUL, part, a, b);
    o->weight_bits = (uint8_t)bits;
    o->u.matmul.batch = llm_times(w->batch, m->kv_heads);
    o->u.matmul.m = llm_times(m->heads / m->kv_heads, w->queries);
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

static void attend(struct llm_work *w, const char *part, const struct qkv *r, int64_t keys,
                   bool cached)
{
    const struct llm_model *m = w->model;
    struct shape scores = {.dim = {w->batch, m->heads, w->queries, keys}, .dims = 4};
    int bits = cached ? w->kv_bits : w->activation_bits;
    int32_t x = product(w, llm_part(w, part, "qk"), r->q, r->k, m->head_dim, keys, bits);
    x = llm_unary(w, OP_SOFTMAX, llm_part(w, part, "softmax"), NULL, x, &scores);
    x = product(w, llm_part(w, part, "av"), x, r->v, keys, m->head_dim, bits);
    if (r->gate >= 0)
        x = llm_pair(w, llm_part(w, part, "gated"), "mul", x, r->gate, q_width(m));
    llm_linear(w, llm_part(w, part, "o"), x, w->queries, q_width(m), m->hidden);
}

static void attend_across(struct llm_work *w, const char *part, int32_t x, int32_t memory)
{
    struct qkv r = across(w, part, x, memory);
    int64_t width = 2 * kv_width(w->model);
    if (w->cached) {
        int32_t appended =
            memory >= 0 ? llm_cache_append(w, part, r.k, r.v, width, w->source, 0) : -1;
        r.k = r.v = llm_cache_read(w, part, appended, width, w->source);
    }
    attend(w, part, &r, w->source, w->cached);
}

static int32_t gate(struct llm_work *w, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    struct shape s = llm_shape(w, w->queries, q_width(m));
    x = llm_linear(w, llm_part(w, part, "gate"), x, w->queries, m->hidden, q_width(m));
    return llm_unary(w, OP_ELEMENTWISE, llm_part(w, part, "gate.act"), "sigmoid", x, &s);
}

static void attend_within(struct llm_work *w, const struct llm_layer *layer, const char *part,
                          int32_t x)
{
    const struct llm_model *m = w->model;
    int64_t keys = llm_keys(w, layer), width = 2 * kv_width(m);
    struct qkv r = m->family.fused_qkv ? fused(w, part, x) : separate(w, part, x);
    norm_and_rope(w, part, &r);
    r.gate = m->family.gated_attention ? gate(w, part, x) : -1;
    if (w->cached) {
        int32_t appended =
            llm_cache_append(w, part, r.k, r.v, width, w->queries, keys - w->queries);
        r.k = r.v = llm_cache_read(w, part, appended, width, keys);
    }
    attend(w, part, &r, keys, w->cached);
}

void llm_attention(struct llm_work *w, const struct llm_layer *layer, const char *part, int32_t x,
                   int32_t memory)
{
    if (layer->cross)
        attend_across(w, part, x, memory);
    else if (w->model->kv_rank > 0)
        llm_latent(w, layer, part, x);
    else
        attend_within(w, layer, part, x);
}

/* --- the block ------------------------------------------------------------------------------- */

void llm_mlp(struct llm_work *w, const char *part, int32_t x, int64_t width)
{
    const struct llm_model *m = w->model;
    struct shape inner = llm_shape(w, w->queries, width);
    bool gated = m->family.gated;
    int32_t first =
        llm_linear(w, llm_part(w, part, gated ? "gate" : "up"), x, w->queries, m->hidden, width);
    if (gated) {
        int32_t up = llm_linear(w, llm_part(w, part, "up"), x, w->queries, m->hidden, width);
        first =
            llm_unary(w, OP_ELEMENTWISE, llm_part(w, part, "act"), m->family.act, first, &inner);
        first = llm_pair(w, llm_part(w, part, "mul"), "mul", first, up, width);
    } else {
        first =
            llm_unary(w, OP_ELEMENTWISE, llm_part(w, part, "act"), m->family.act, first, &inner);
    }
    llm_linear(w, llm_part(w, part, "down"), first, w->queries, width, m->hidden);
}

enum sublayer { SELF, CROSS, FEED };

static const char *const PARTS[] = {"attn", "cross", "mlp"};

static void work(struct llm_work *w, enum sublayer what, const struct llm_layer *layer, int32_t x,
                 int32_t memory)
{
    if (what == FEED && layer->feed == 'e')
        llm_experts(w, x);
    else if (what == FEED)
        llm_mlp(w, PARTS[FEED], x, w->model->ffn);
    else
        llm_attention(w, &(struct llm_layer){layer->mixer, layer->feed, what == CROSS}, PARTS[what],
                      x, memory);
}

/* A part of the block with its residual and its norms. */
static void around(struct llm_work *w, enum sublayer what, const struct llm_layer *layer,
                   int32_t memory)
{
    enum llm_norms norms = w->model->family.norms;
    const char *part = PARTS[what];
    int32_t entry = w->last, x = entry;
    if (norms == LLM_NORM_BEFORE || norms == LLM_NORM_AROUND)
        x = llm_norm(w, llm_part(w, part, "norm"), entry, w->queries);
    work(w, what, layer, x, memory);
    if (norms == LLM_NORM_AFTER || norms == LLM_NORM_AROUND)
        llm_norm(w, llm_part(w, part, "post_norm"), w->last, w->queries);
    int32_t sum = llm_pair(w, llm_part(w, part, "add"), "add", entry, w->last, w->model->hidden);
    if (norms == LLM_NORM_BEHIND)
        llm_norm(w, llm_part(w, part, "norm"), sum, w->queries);
}

/* Attention and MLP on the same input, their results added to it. */
static void side_by_side(struct llm_work *w, const struct llm_layer *layer)
{
    int64_t hidden = w->model->hidden;
    int32_t entry = w->last, x = llm_norm(w, "attn.norm", entry, w->queries);
    work(w, SELF, layer, x, -1);
    int32_t sum = llm_pair(w, "attn.add", "add", entry, w->last, hidden);
    if (w->model->family.parallel > 1)
        x = llm_norm(w, "mlp.norm", entry, w->queries);
    work(w, FEED, layer, x, -1);
    llm_pair(w, "mlp.add", "add", sum, w->last, hidden);
}

void llm_block(struct llm_work *w, int64_t index, const struct llm_layer *layer, int32_t memory)
{
    const char *outer = w->prefix;
    w->prefix = arena_printf(w->arena, "%slayers.%lld.", outer, (long long)index);
    if (w->model->family.parallel > 0) {
        side_by_side(w, layer);
    } else {
        around(w, SELF, layer, -1);
        if (layer->cross)
            around(w, CROSS, layer, memory);
        if (layer->feed != '-')
            around(w, FEED, layer, -1);
    }
    w->prefix = outer;
}
