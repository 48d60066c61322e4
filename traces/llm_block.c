/* llm_block.c — one transformer block: attention, then an MLP or experts, each around a residual.
 */
#include "traces/llm_build.h"

/* Queries, keys and values of a block, as ids of lines. */
struct qkv {
    int32_t q, k, v;
};

static int64_t q_width(const struct llm_model *m)
{
    return m->heads * m->head_dim;
}

static int64_t kv_width(const struct llm_model *m)
{
    return m->kv_heads * m->head_dim;
}

static const char *part_of(const struct llm_work *w, const char *part, const char *leaf)
{
    return arena_printf(w->arena, "%s.%s", part, leaf);
}

/* --- queries, keys, values ------------------------------------------------------------------- */

static struct qkv fused(struct llm_work *w, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    int64_t q = q_width(m), kv = kv_width(m);
    int32_t all = llm_linear(w, part_of(w, part, "qkv"), x, w->queries, m->hidden, q + 2 * kv);
    struct shape whole = llm_shape(w, w->queries, q + 2 * kv);
    struct shape queries = llm_shape(w, w->queries, q), keys = llm_shape(w, w->queries, kv);
    struct qkv r;
    r.q = llm_slice(w, part_of(w, part, "q"), all, &whole, &queries);
    r.k = llm_slice(w, part_of(w, part, "k"), all, &whole, &keys);
    r.v = llm_slice(w, part_of(w, part, "v"), all, &whole, &keys);
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
        r->q = per_head(w, OP_NORM, part_of(w, part, "q_norm"), m->family.norm, r->q, m->heads);
        r->k = per_head(w, OP_NORM, part_of(w, part, "k_norm"), m->family.norm, r->k, m->kv_heads);
    }
    if (m->family.rope) {
        r->q = per_head(w, OP_ROPE, part_of(w, part, "q_rope"), NULL, r->q, m->heads);
        r->k = per_head(w, OP_ROPE, part_of(w, part, "k_rope"), NULL, r->k, m->kv_heads);
    }
}

static struct qkv separate(struct llm_work *w, const char *part, int32_t x)
{
    const struct llm_model *m = w->model;
    struct qkv r;
    r.q = llm_linear(w, part_of(w, part, "q"), x, w->queries, m->hidden, q_width(m));
    r.k = llm_linear(w, part_of(w, part, "k"), x, w->queries, m->hidden, kv_width(m));
    r.v = llm_linear(w, part_of(w, part, "v"), x, w->queries, m->hidden, kv_width(m));
    return r;
}

/* Across to the encoder: keys and values are made once, from its output (memory >= 0). */
static struct qkv across(struct llm_work *w, const char *part, int32_t x, int32_t memory)
{
    const struct llm_model *m = w->model;
    struct qkv r = {-1, -1, -1};
    r.q = llm_linear(w, part_of(w, part, "q"), x, w->queries, m->hidden, q_width(m));
    if (memory >= 0) {
        r.k = llm_linear(w, part_of(w, part, "k"), memory, w->source, m->hidden, kv_width(m));
        r.v = llm_linear(w, part_of(w, part, "v"), memory, w->source, m->hidden, kv_width(m));
    }
    return r;
}

/* --- the cache ------------------------------------------------------------------------------- */

static int64_t cache_bytes(const struct llm_work *w, int64_t tokens)
{
    int64_t elements = llm_times(llm_times(w->batch, tokens), 2 * kv_width(w->model));
    int64_t bits = llm_times(elements, w->kv_bits);
    return bits / 8 + (bits % 8 != 0);
}

static int32_t append(struct llm_work *w, const char *part, const struct qkv *r, int64_t tokens,
                      int64_t position)
{
    struct op *o = llm_emit(w, OP_KV_APPEND, part_of(w, part, "kv_append"), r->k, r->v);
    o->u.move.bytes = cache_bytes(w, tokens);
    o->u.move.position = position;
    return o->id;
}

static int32_t read_cache(struct llm_work *w, const char *part, int32_t appended, int64_t tokens)
{
    struct op *o = llm_emit(w, OP_KV_READ, part_of(w, part, "kv_read"), appended, -1);
    o->u.move.bytes = cache_bytes(w, tokens);
    o->u.move.position = tokens;
    return o->id;
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
    int32_t x = product(w, part_of(w, part, "qk"), r->q, r->k, m->head_dim, keys, bits);
    x = llm_unary(w, OP_SOFTMAX, part_of(w, part, "softmax"), NULL, x, &scores);
    x = product(w, part_of(w, part, "av"), x, r->v, keys, m->head_dim, bits);
    llm_linear(w, part_of(w, part, "o"), x, w->queries, q_width(m), m->hidden);
}

static void attend_across(struct llm_work *w, const char *part, int32_t x, int32_t memory)
{
    struct qkv r = across(w, part, x, memory);
    if (w->cached) {
        int32_t appended = memory >= 0 ? append(w, part, &r, w->source, 0) : -1;
        r.k = r.v = read_cache(w, part, appended, w->source);
    }
    attend(w, part, &r, w->source, w->cached);
}

void llm_attention(struct llm_work *w, const char *part, int32_t x, bool cross, int32_t memory)
{
    if (cross) {
        attend_across(w, part, x, memory);
        return;
    }
    struct qkv r = w->model->family.fused_qkv ? fused(w, part, x) : separate(w, part, x);
    norm_and_rope(w, part, &r);
    if (w->cached) {
        int32_t appended = append(w, part, &r, w->queries, w->keys - w->queries);
        r.k = r.v = read_cache(w, part, appended, w->keys);
    }
    attend(w, part, &r, w->keys, w->cached);
}

/* --- the block ------------------------------------------------------------------------------- */

void llm_mlp(struct llm_work *w, const char *part, int32_t x, int64_t width)
{
    const struct llm_model *m = w->model;
    struct shape inner = llm_shape(w, w->queries, width);
    bool gated = m->family.gated;
    int32_t first =
        llm_linear(w, part_of(w, part, gated ? "gate" : "up"), x, w->queries, m->hidden, width);
    if (gated) {
        int32_t up = llm_linear(w, part_of(w, part, "up"), x, w->queries, m->hidden, width);
        first = llm_unary(w, OP_ELEMENTWISE, part_of(w, part, "act"), m->family.act, first, &inner);
        first = llm_pair(w, part_of(w, part, "mul"), "mul", first, up, width);
    } else {
        first = llm_unary(w, OP_ELEMENTWISE, part_of(w, part, "act"), m->family.act, first, &inner);
    }
    llm_linear(w, part_of(w, part, "down"), first, w->queries, width, m->hidden);
}

static void feed_forward(struct llm_work *w, int32_t x, bool sparse)
{
    if (sparse)
        llm_experts(w, x);
    else
        llm_mlp(w, "mlp", x, w->model->ffn);
}

enum sublayer { SELF, CROSS, FEED };

/* A part of the block with its residual; encoders normalise behind it, all others before it. */
static void around(struct llm_work *w, enum sublayer what, int32_t memory, bool sparse)
{
    static const char *const NORMS[] = {"attn.norm", "cross.norm", "mlp.norm"};
    static const char *const SUMS[] = {"attn.add", "cross.add", "mlp.add"};
    const struct llm_model *m = w->model;
    bool behind = m->family.encoder;
    int32_t entry = w->last, x = entry;
    if (!behind)
        x = llm_norm(w, NORMS[what], entry, w->queries);
    if (what == FEED)
        feed_forward(w, x, sparse);
    else
        llm_attention(w, what == CROSS ? "cross" : "attn", x, what == CROSS, memory);
    int32_t sum = llm_pair(w, SUMS[what], "add", entry, w->last, m->hidden);
    if (behind)
        llm_norm(w, NORMS[what], sum, w->queries);
}

void llm_block(struct llm_work *w, int64_t index, bool cross, int32_t memory, bool sparse)
{
    const char *outer = w->prefix;
    w->prefix = arena_printf(w->arena, "%slayers.%lld.", outer, (long long)index);
    around(w, SELF, -1, false);
    if (cross)
        around(w, CROSS, memory, false);
    around(w, FEED, -1, sparse);
    w->prefix = outer;
}
