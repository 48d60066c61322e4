/* llm.h — transformers from their shape: the operators of one pass, written as a layer trace.
 *
 * Answers: which operators a language model of a given shape runs in one phase (a prompt, decode
 * steps, a pass without a cache), with equal blocks as a repeat.  Traces are device-neutral: no
 * collectives.  Shapes are [batch, tokens, width]; scores are [batch, heads, queries, keys].
 *
 * Attention: per key-value head, scores = matmul of batch B x kv_heads, m = (heads / kv_heads) x
 * queries, and the product with V alike; both name the cache (kv_read), their second operand has
 * the cache's bits.  Scores of a prompt are the full square; masks, biases on scores (ALiBi,
 * relative positions) and the scale are not written: they move nothing and count no MAC.
 *
 * Latent attention (llm_latent.c): a prompt makes keys and values of every head from the cache; a
 * step takes the matrices that would make them into queries and results, and attends to the cache
 * as it lies there: one key-value head for all.
 *
 * Experts: the load is taken as balanced.  tokens x top_k assignments go to min(experts, tokens x
 * top_k) experts; those of equal share are one line: batch = experts hit, m = tokens of each,
 * `experts` = all that the tensor holds.  A share that does not divide gives two lines on the
 * same tensor.  The result is summed over top_k in one elementwise add.
 *
 * The head of a prompt reads the last token only.  Parameters left out: norms and biases (below
 * 0.2 % of every model here).  Sources of shapes: llm_known.c; of the layer orders: the papers
 * named there, and the models' published reference code for what papers leave open. */
#ifndef CIMARRON_LLM_H
#define CIMARRON_LLM_H

#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where a sub-layer is normalised: its input, its output behind the residual (BERT), its output
 * before the residual (OLMo 2), or input and output (Gemma 2). */
enum llm_norms { LLM_NORM_BEFORE, LLM_NORM_BEHIND, LLM_NORM_AFTER, LLM_NORM_AROUND };

/* How a family of models is built. */
struct llm_family {
    const char *name; /* model_type of its config.json */
    const char *norm; /* "layer" or "rms" */
    const char *act;  /* of the MLP, unless the model says otherwise */
    enum llm_norms norms;
    bool gated; /* MLP: act(gate) x up */
    bool rope;
    bool learned_positions;
    bool fused_qkv;
    bool tied;      /* the head is the embedding's table */
    bool encoder;   /* no cache */
    bool pooler;    /* encoder: pools the first token unless it predicts words */
    bool two_sided; /* encoder and decoder with attention across; one embedding for both */
    bool qk_norm;   /* queries and keys are normalised per head */
    bool embed_norm;
    bool gated_attention; /* what comes out of attention x sigmoid(gate) */
    uint8_t parallel;     /* attention and MLP side by side, on so many norms of one input; 0: no */

    /* A letter per layer, the whole repeated over all; NULL: of one kind.  Mixers: 'a' attention,
     * 'w' attention within the window.  Feeds: 'd' MLP, 'e' experts, '-' none. */
    const char *mixers, *feeds;
    int64_t window;         /* unless the model says otherwise */
    int64_t shared_experts; /* likewise, each as wide as an expert */
};

/* Sizes are counts of elements; 0: the model has none of it. */
struct llm_model {
    struct llm_family family; /* a copy: a model may differ from its family */
    const char *name, *origin;
    int64_t layers, decoder_layers; /* decoder_layers: two-sided models only */
    int64_t hidden, heads, kv_heads, head_dim;
    int64_t ffn, vocab, embed_width;
    int64_t positions; /* longest sequence; binding with learned positions; 0: not known */
    int64_t types;     /* segment embeddings (BERT) */
    int64_t window;    /* sliding window of attention, tokens; 0: none */
    int64_t experts, top_k, expert_ffn, shared_ffn;
    int64_t sparse_step; /* every how many-th layer has experts; 1: all */
    int64_t dense_first; /* layers with an MLP before those with experts begin */
    bool word_head;      /* encoder: predicts words */

    /* Latent attention (DeepSeek-V2): keys and values are made of kv_rank numbers per token, beside
     * which rope_dim numbers of the key are kept; q_rank 0: queries are made directly. */
    int64_t kv_rank, q_rank, nope_dim, rope_dim, v_dim;
};

/* The letters of layer `index` (see llm_family). */
char llm_mixer_at(const struct llm_model *m, int64_t index);
char llm_feed_at(const struct llm_model *m, int64_t index);

const struct llm_family *llm_family_find(const char *name); /* NULL: not known */
const struct llm_family *llm_family_at(size_t index);       /* NULL past the end */

/* Published models by name; what they leave open is not filled in yet. */
bool llm_known_find(const char *name, struct llm_model *out); /* false: not known */
const char *llm_known_name(size_t index);                     /* NULL past the end */

/* Fills what may be left open: kv_heads, head_dim, ffn, embed_width, expert_ffn, sparse_step. */
void llm_model_complete(struct llm_model *m);

/* The width of LLaMA's MLP for a plain one of `plain`: two thirds, rounded up to 256
 * (Touvron et al., 2023, section 2.2). */
int64_t llm_gated_width(int64_t plain);

/* Whether the sizes go together; the sentence blames `path`, which may be NULL. */
FALLIBLE bool llm_model_check(const struct llm_model *m, const char *path, struct diag *d);

/* Writes one phase of a complete model as a trace; `how` says where its shape comes from.
 * Options as in trace.h; phase NULL: encode for encoders, decode for all others. */
FALLIBLE bool llm_build(struct arena *a, const struct llm_model *m, const char *how,
                        const struct import_options *o, struct trace *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
