/* import_hf.c — the config.json of a language model (Hugging Face) as a layer trace.
 *
 * Answers: the shape that the file describes, in the words of Hugging Face, of llm-analysis or of
 * Calculon; llm.h turns it into lines.  A file that names no model is a plain GPT: Calculon's
 * shapes have no vocabulary, and their traces hold the blocks alone.  llm-analysis gives LLaMA
 * the width of a plain MLP unless it says "mlp_gated_linear_units": then the gated width with the
 * same number of weights is taken, and the trace says so. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "traces/import_file.h"
#include "traces/llm.h"

enum { FILE_MAX = 1 << 20, DEPTH_MAX = 32 };

struct config {
    struct arena *arena;
    const char *path, *text;
    json_t *root;
    struct llm_model model;
    int64_t remarks;
    const char *remark; /* the first */
    struct diag *d;
};

static void remark(struct config *c, const char *text)
{
    if (c->remarks++ == 0)
        c->remark = text;
}

/* --- text to JSON ---------------------------------------------------------------------------- */

static bool check_depth(const struct import_file *f, const char *path, struct diag *d)
{
    int depth = 0, line = 1;
    bool quoted = false;
    for (size_t i = 0; i < f->size; i++) {
        char c = (char)f->bytes[i];
        line += c == '\n';
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth > DEPTH_MAX)
            return diag_input(d, path, line, "the file nests deeper than %d", DEPTH_MAX);
    }
    return true;
}

static json_t *parse(const struct import_file *f, const char *path, struct diag *d)
{
    json_error_t error;
    if (!check_depth(f, path, d))
        return NULL;
    json_t *root = json_loadb((const char *)f->bytes, f->size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        diag_input(d, path, error.line > 0 ? error.line : 1, "this is not JSON: %s", error.text);
        return NULL;
    }
    if (json_is_object(root))
        return root;
    json_decref(root);
    diag_input(d, path, 1, "this is not a JSON object, as the config of a model is");
    return NULL;
}

/* The line that a key stands on; 0 when it is spelled in an unusual way. */
static int line_of(const struct config *c, const char *key)
{
    int line = 1;
    const char *at = strstr(c->text, arena_printf(c->arena, "\"%s\"", key));
    for (const char *s = c->text; at && s < at; s++)
        line += *s == '\n';
    return at ? line : 0;
}

/* --- single keys ----------------------------------------------------------------------------- */

/* The value of the first spelling that stands with a value; *key is that spelling. */
static json_t *value_of(const struct config *c, const char *spellings, const char **key)
{
    while (*spellings) {
        size_t length = strcspn(spellings, " ");
        *key = arena_strndup(c->arena, spellings, length);
        json_t *v = json_object_get(c->root, *key);
        if (v && !json_is_null(v))
            return v;
        spellings += length + (spellings[length] == ' ');
    }
    return NULL;
}

static bool read_size(struct config *c, const char *spellings, int64_t *out)
{
    const char *key = "";
    json_t *v = value_of(c, spellings, &key);
    if (!v)
        return true;
    if (!json_is_integer(v))
        return diag_input(c->d, c->path, line_of(c, key), "\"%s\" is not a whole number", key);
    *out = json_integer_value(v);
    if (*out < 0 || *out > INT32_MAX)
        return diag_input(c->d, c->path, line_of(c, key),
                          "\"%s\" is %lld; 0 to 2^31 - 1 are possible", key, (long long)*out);
    return true;
}

static bool read_flag(struct config *c, const char *spellings, bool *out)
{
    const char *key = "";
    json_t *v = value_of(c, spellings, &key);
    if (v && !json_is_boolean(v))
        return diag_input(c->d, c->path, line_of(c, key), "\"%s\" is neither true nor false", key);
    if (v)
        *out = json_is_true(v);
    return true;
}

/* NULL where there is no such text. */
static bool read_text(struct config *c, const char *spellings, const char **out)
{
    const char *key = "";
    json_t *v = value_of(c, spellings, &key);
    *out = NULL;
    if (v && !json_is_string(v))
        return diag_input(c->d, c->path, line_of(c, key), "\"%s\" is not a text", key);
    if (v)
        *out = import_clean_name(c->arena, json_string_value(v), json_string_length(v));
    return true;
}

static bool has(const struct config *c, const char *key)
{
    return json_object_get(c->root, key) != NULL;
}

/* --- which family ---------------------------------------------------------------------------- */

static const char *known_families(struct arena *a)
{
    const char *list = "";
    for (size_t i = 0; llm_family_at(i); i++)
        list = arena_printf(a, "%s%s%s", list, i ? ", " : "", llm_family_at(i)->name);
    return list;
}

/* A name of a model that holds the name of a family, letters of either case. */
static const struct llm_family *family_in(const struct config *c, const char *name)
{
    char *low = arena_strdup(c->arena, name);
    for (char *s = low; *s; s++)
        *s = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
    static const char *const WORDS[] = {"bert", "bloom", "llama", "mixtral", "mistral", "opt"};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        if (strstr(low, WORDS[i]))
            return llm_family_find(WORDS[i]);
    }
    return llm_family_find("gpt2");
}

/* Hugging Face names the type; llm-analysis names the model; Calculon names neither. */
static bool find_family(struct config *c)
{
    const char *type, *name;
    TRY(read_text(c, "model_type", &type));
    TRY(read_text(c, "name", &name));
    const struct llm_family *f = NULL;
    if (type)
        f = llm_family_find(type);
    else if (name && has(c, "num_layers"))
        f = family_in(c, name);
    else if (has(c, "num_blocks") && has(c, "attn_heads"))
        f = llm_family_find("gpt2");
    else
        return diag_input(c->d, c->path, 0,
                          "\"model_type\" is missing: a language model's config.json names one of "
                          "%s",
                          known_families(c->arena));
    if (!f)
        return diag_input(c->d, c->path, line_of(c, "model_type"),
                          "models of type \"%.40s\" are not known; known are %s", type,
                          known_families(c->arena));
    c->model.family = *f;
    return true;
}

/* --- sizes ----------------------------------------------------------------------------------- */

static bool read_sizes(struct config *c)
{
    struct llm_model *m = &c->model;
    const struct {
        const char *spellings;
        int64_t *out;
    } sizes[] = {
        {"num_hidden_layers n_layer num_layers num_blocks", &m->layers},
        {"num_decoder_layers", &m->decoder_layers},
        {"hidden_size n_embd d_model hidden_dim hidden n_embed", &m->hidden},
        {"num_attention_heads n_head num_heads attn_heads", &m->heads},
        {"num_key_value_heads", &m->kv_heads},
        {"head_dim d_kv attn_size", &m->head_dim},
        {"intermediate_size n_inner ffn_dim d_ff ffn_embed_dim feedforward", &m->ffn},
        {"vocab_size", &m->vocab},
        {"word_embed_proj_dim", &m->embed_width},
        {"max_position_embeddings n_positions n_ctx max_seq_len seq_size seq_length",
         &m->positions},
        {"type_vocab_size", &m->types},
        {"num_local_experts num_experts", &m->experts},
        {"num_experts_per_tok num_selected_experts", &m->top_k},
        {"moe_intermediate_size", &m->expert_ffn},
        {"shared_expert_intermediate_size", &m->shared_ffn},
        {"decoder_sparse_step", &m->sparse_step},
        {"sliding_window", &m->window},
    };
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        TRY(read_size(c, sizes[i].spellings, sizes[i].out));
    return true;
}

static bool require_sizes(struct config *c)
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
static const char *activation_name(struct config *c, const char *word)
{
    if (strstr(word, "gelu"))
        return "gelu";
    if (strcmp(word, "swish") == 0)
        return "silu";
    return arena_strdup(c->arena, word);
}

static bool read_activation(struct config *c)
{
    const char *word, *projection;
    TRY(read_text(c, "hidden_act activation_function dense_act_fn", &word));
    TRY(read_text(c, "feed_forward_proj", &projection));
    if (word)
        c->model.family.act = activation_name(c, word);
    if (projection && strncmp(projection, "gated-", 6) == 0)
        c->model.family.gated = true;
    return read_flag(c, "is_gated_act mlp_gated_linear_units", &c->model.family.gated);
}

/* LLaMA with the width of a plain MLP (llm-analysis): the gated one has two thirds. */
static void mend_gated_width(struct config *c)
{
    struct llm_model *m = &c->model;
    bool plain = has(c, "ffn_embed_dim") && !has(c, "mlp_gated_linear_units");
    if (!plain || !m->family.gated || m->ffn != 4 * m->hidden)
        return;
    m->ffn = llm_gated_width(m->ffn);
    remark(c,
           arena_printf(c->arena,
                        "ffn_embed_dim is the width of a plain MLP; the gated one of this family "
                        "has %lld",
                        (long long)m->ffn));
}

static bool read_experts(struct config *c)
{
    struct llm_model *m = &c->model;
    int64_t encoder_step = m->sparse_step;
    json_t *plain = json_object_get(c->root, "mlp_only_layers");
    TRY(read_size(c, "encoder_sparse_step", &encoder_step));
    if (m->experts > 0 && encoder_step != m->sparse_step)
        return diag_input(c->d, c->path, line_of(c, "encoder_sparse_step"),
                          "encoder and decoder have expert layers in different places");
    if (m->experts > 0 && plain && json_array_size(plain) > 0)
        return diag_input(c->d, c->path, line_of(c, "mlp_only_layers"),
                          "single layers without experts (mlp_only_layers) are not known");
    return true;
}

static bool read_window(struct config *c)
{
    bool used = true;
    TRY(read_flag(c, "use_sliding_window", &used));
    if (!used)
        c->model.window = 0;
    if (c->model.window > 0)
        remark(c, "the sliding window bounds what a decode step reads; prompts are written whole");
    return true;
}

/* Models for words end in a head; the plain encoder pools its first token. */
static void read_head(struct config *c)
{
    json_t *list = json_object_get(c->root, "architectures");
    const char *first = json_string_value(json_array_get(list, 0));
    c->model.word_head = first && (strstr(first, "LMHead") || strstr(first, "MaskedLM"));
}

static bool read_rest(struct config *c)
{
    TRY(read_activation(c));
    mend_gated_width(c);
    TRY(read_experts(c));
    TRY(read_window(c));
    read_head(c);
    return read_flag(c, "tie_word_embeddings", &c->model.family.tied);
}

/* --- the importer ---------------------------------------------------------------------------- */

static bool read_model(struct config *c)
{
    TRY(find_family(c));
    TRY(read_sizes(c));
    TRY(require_sizes(c));
    TRY(read_rest(c));
    llm_model_complete(&c->model);
    return llm_model_check(&c->model, c->path, c->d);
}

static bool write_trace(struct config *c, const struct import_options *o, struct trace *out)
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
    struct config c = {.arena = a, .path = path, .d = d};
    *out = (struct trace){0};
    TRY(import_file_open(path, FILE_MAX, &f, d));
    c.text = (const char *)f.bytes;
    c.root = parse(&f, path, d);
    bool ok = c.root && read_model(&c) && write_trace(&c, o, out);
    json_decref(c.root);
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
