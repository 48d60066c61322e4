/* import_hf.c — the config.json of a language model (Hugging Face) as a layer trace.
 *
 * Answers: the shape that the file describes, in the words of Hugging Face, of llm-analysis or of
 * Calculon; llm.h turns it into lines.  A file that names no model is a plain GPT: Calculon's
 * shapes have no vocabulary, and their traces hold the blocks alone.  llm-analysis gives LLaMA
 * the width of a plain MLP unless it says "mlp_gated_linear_units": then the gated width with the
 * same number of weights is taken, and the trace says so. */
#include "traces/import_hf.h"

#include <string.h>

enum { FILE_MAX = 1 << 20 };

void hf_remark(struct hf_config *c, const char *text)
{
    if (c->remarks++ == 0)
        c->remark = text;
}

/* --- sizes ----------------------------------------------------------------------------------- */

static bool read_sizes(struct hf_config *c)
{
    struct llm_model *m = &c->model;
    const struct {
        const char *spellings;
        int64_t *out;
    } sizes[] = {
        {"encoder_layers num_hidden_layers n_layer n_layers num_layers num_blocks", &m->layers},
        {"decoder_layers num_decoder_layers", &m->decoder_layers},
        {"hidden_size n_embd d_model dim hidden_dim hidden n_embed", &m->hidden},
        {"num_attention_heads encoder_attention_heads n_head n_heads num_heads attn_heads",
         &m->heads},
        {"num_key_value_heads num_kv_heads multi_query_group_num attn_config.kv_n_heads",
         &m->kv_heads},
        {"head_dim d_kv attn_size kv_channels", &m->head_dim},
        {"intermediate_size_mlp intermediate_size n_inner ffn_dim encoder_ffn_dim d_ff "
         "ffn_embed_dim feedforward ffn_config.ffn_hidden_size ffn_hidden_size",
         &m->ffn},
        {"padded_vocab_size vocab_size", &m->vocab},
        {"word_embed_proj_dim embedding_size", &m->embed_width},
        {"max_position_embeddings n_positions n_ctx max_seq_len seq_size seq_length",
         &m->positions},
        {"type_vocab_size", &m->types},
        {"num_local_experts num_experts n_routed_experts moe_num_experts "
         "ffn_config.moe_num_experts",
         &m->experts},
        {"num_experts_per_tok num_experts_per_token num_selected_experts moe_top_k moe_topk moe_k "
         "ffn_config.moe_top_k experts_per_token",
         &m->top_k},
        {"moe_intermediate_size", &m->expert_ffn},
        {"shared_expert_intermediate_size shared_intermediate_size", &m->shared_ffn},
        {"n_shared_experts num_shared_experts num_shared_expert moe_num_shared_experts",
         &m->family.shared_experts},
        {"decoder_sparse_step interleave_moe_layer_step moe_layer_freq moe_layer_interval",
         &m->sparse_step},
        {"first_k_dense_replace moe_layer_start_index", &m->dense_first},
        {"sliding_window attention_chunk_size local_attention window_size", &m->window},
        {"kv_lora_rank", &m->kv_rank},
        {"q_lora_rank", &m->q_rank},
        {"qk_nope_head_dim", &m->nope_dim},
        {"qk_rope_head_dim", &m->rope_dim},
        {"v_head_dim", &m->v_dim},
    };
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        TRY(hf_read_size(c, sizes[i].spellings, sizes[i].out));
    return true;
}

static bool require_sizes(struct hf_config *c)
{
    const struct llm_model *m = &c->model;
    const char *missing = m->layers == 0   ? "a number of layers (num_hidden_layers)"
                          : m->hidden == 0 ? "a hidden size (hidden_size)"
                          : m->heads == 0  ? "a number of attention heads (num_attention_heads)"
                                           : NULL;
    return !missing || diag_input(c->d, c->path, 0, "%s is missing or zero", missing);
}

/* --- what differs from the family ------------------------------------------------------------ */

/* "gelu_new", "gelu_fast", ... are one function in hardware terms; "swish" is silu. */
static const char *activation_name(struct hf_config *c, const char *word)
{
    if (strstr(word, "gelu"))
        return "gelu";
    if (strcmp(word, "swish") == 0)
        return "silu";
    return arena_strdup(c->arena, word);
}

static bool read_activation(struct hf_config *c)
{
    const char *word, *projection;
    TRY(hf_read_text(c, "hidden_act hidden_activation activation_function activation dense_act_fn",
                     &word));
    TRY(hf_read_text(c, "feed_forward_proj", &projection));
    if (word)
        c->model.family.act = activation_name(c, word);
    if (projection && strncmp(projection, "gated-", 6) == 0)
        c->model.family.gated = true;
    return hf_read_flag(c, "is_gated_act mlp_gated_linear_units", &c->model.family.gated);
}

/* LLaMA with the width of a plain MLP (llm-analysis): the gated one has two thirds. */
static void mend_gated_width(struct hf_config *c)
{
    struct llm_model *m = &c->model;
    bool plain = hf_has(c, "ffn_embed_dim") && !hf_has(c, "mlp_gated_linear_units");
    if (!plain || !m->family.gated || m->ffn != 4 * m->hidden)
        return;
    m->ffn = llm_gated_width(m->ffn);
    hf_remark(
        c, arena_printf(c->arena,
                        "ffn_embed_dim is the width of a plain MLP; the gated one of this family "
                        "has %lld",
                        (long long)m->ffn));
}

/* Widths that some families give by another name or not at all. */
static bool read_widths(struct hf_config *c)
{
    struct llm_model *m = &c->model;
    int64_t ratio = 0;
    bool own = hf_has(c, "dim"); /* DistilBERT: hidden_dim is the width of the MLP */
    TRY(hf_read_size(c, "expansion_ratio", &ratio));
    if (ratio > 0 && m->ffn == 0)
        m->ffn = ratio * m->hidden;
    if (hf_has(c, "intermediate_size_mlp") && m->expert_ffn == 0)
        TRY(hf_read_size(c, "intermediate_size", &m->expert_ffn));
    if (strcmp(m->family.name, "qwen") == 0)
        m->ffn /= 2; /* of gate and up together */
    return !own || hf_read_size(c, "hidden_dim", &m->ffn);
}

/* One key-value head for all queries (Falcon 7B), or groups (Falcon 40B). */
static bool read_multi_query(struct hf_config *c)
{
    bool one = false, grouped = false;
    TRY(hf_read_flag(c, "multi_query", &one));
    TRY(hf_read_flag(c, "new_decoder_architecture", &grouped));
    if (one && !grouped)
        c->model.kv_heads = 1;
    return true;
}

/* The embedding is one for all parts of a file, so the whole may say it too. */
static bool read_tied(struct hf_config *c)
{
    struct hf_config whole = *c;
    whole.root = c->file;
    TRY(hf_read_flag(&whole, "tie_word_embeddings", &c->model.family.tied));
    return hf_read_flag(c, "tie_word_embeddings", &c->model.family.tied);
}

/* Models for words end in a head; the plain encoder pools its first token. */
static void read_head(struct hf_config *c)
{
    json_t *list = json_object_get(c->file, "architectures");
    const char *first = json_string_value(json_array_get(list, 0));
    c->model.word_head = first && (strstr(first, "LMHead") || strstr(first, "MaskedLM"));
}

static bool read_rest(struct hf_config *c)
{
    TRY(read_activation(c));
    mend_gated_width(c);
    TRY(read_widths(c));
    TRY(read_multi_query(c));
    TRY(hf_read_layers(c));
    read_head(c);
    return read_tied(c);
}

/* --- the importer ---------------------------------------------------------------------------- */

static bool read_model(struct hf_config *c)
{
    TRY(hf_find_family(c));
    TRY(read_sizes(c));
    TRY(require_sizes(c));
    TRY(read_rest(c));
    llm_model_complete(&c->model);
    return llm_model_check(&c->model, c->path, c->d);
}

static bool write_trace(struct hf_config *c, const struct import_options *o, struct trace *out)
{
    const char *base = import_base_name(c->path);
    const char *how =
        arena_printf(c->arena, "imported from %s, %s shape",
                     import_clean_name(c->arena, base, strlen(base)), c->model.family.name);
    c->model.name = import_stem(c->arena, c->path);
    if (c->remark)
        how = arena_printf(c->arena, "%s (%s)", how, c->remark);
    TRY(llm_build(c->arena, &c->model, how, o, out, c->d));
    out->path = arena_strdup(c->arena, c->path);
    out->warnings += c->remarks;
    out->warning = out->warning ? out->warning : c->remark;
    return true;
}

static bool import_hf(struct arena *a, const char *path, const struct import_options *o,
                      struct trace *out, struct diag *d)
{
    struct import_file f;
    struct hf_config c = {.arena = a, .path = path, .d = d};
    *out = (struct trace){0};
    TRY(import_file_open(path, FILE_MAX, &f, d));
    c.text = (const char *)f.bytes;
    c.root = c.file = hf_parse(&f, path, d);
    bool ok = c.root && read_model(&c) && write_trace(&c, o, out);
    json_decref(c.file);
    import_file_close(&f);
    return ok;
}

static bool recognises_json(const char *path)
{
    return import_has_suffix(path, ".json");
}

const struct importer hf_importer = {
    .kind = "hf",
    .help = "language model's config.json (Hugging Face; also llm-analysis, Calculon)",
    .recognises = recognises_json,
    .import = import_hf,
};
