/* import_hf_family.c — which kind of model a config.json describes, and in which part of it.
 *
 * Models that see or hear have their language model under "text_config" or alike; what such a part
 * leaves out is what the class of that kind in transformers (4.57) has by default. */
#include "traces/import_hf.h"

#include <string.h>

static const struct llm_model DEFAULTS[] = {
    {.name = "gemma",
     .layers = 28,
     .hidden = 3072,
     .heads = 16,
     .kv_heads = 16,
     .head_dim = 256,
     .ffn = 24576,
     .vocab = 256000,
     .positions = 8192},
    {.name = "gemma2",
     .layers = 26,
     .hidden = 2304,
     .heads = 8,
     .kv_heads = 4,
     .head_dim = 256,
     .ffn = 9216,
     .vocab = 256000,
     .positions = 8192},
    {.name = "gemma3_text",
     .layers = 26,
     .hidden = 2304,
     .heads = 8,
     .kv_heads = 4,
     .head_dim = 256,
     .ffn = 9216,
     .vocab = 262208,
     .positions = 131072},
    {.name = "llama",
     .layers = 32,
     .hidden = 4096,
     .heads = 32,
     .ffn = 11008,
     .vocab = 32000,
     .positions = 2048},
    {.name = "llama4_text",
     .layers = 48,
     .hidden = 5120,
     .heads = 40,
     .kv_heads = 8,
     .head_dim = 128,
     .ffn = 16384,
     .vocab = 202048,
     .experts = 16,
     .expert_ffn = 8192,
     .top_k = 1,
     .positions = 131072},
    {.name = "mistral",
     .layers = 32,
     .hidden = 4096,
     .heads = 32,
     .kv_heads = 8,
     .ffn = 14336,
     .vocab = 32000,
     .positions = 131072},
    {.name = "qwen2",
     .layers = 32,
     .hidden = 4096,
     .heads = 32,
     .kv_heads = 32,
     .ffn = 22016,
     .vocab = 151936,
     .positions = 32768},
};

static void fill_nested(struct llm_model *m, const char *family)
{
    for (size_t i = 0; i < COUNT_OF(DEFAULTS); i++) {
        if (strcmp(DEFAULTS[i].name, family) == 0)
            *m = DEFAULTS[i];
    }
}

static size_t families(void)
{
    size_t count = 0;
    while (llm_family_at(count))
        count++;
    return count;
}

/* From the whole to the part that describes the language model, where there is one. */
static void enter_text_part(struct hf_config *c)
{
    const char *key;
    json_t *part = hf_value(c, "text_config llm_config language_config", &key);
    if (!json_is_object(part))
        return;
    c->root = part;
    hf_remark(c, "the language model alone is taken; what sees or hears is left out");
}

/* A name of a model that holds the name of a family, letters of either case. */
static const struct llm_family *family_in(const struct hf_config *c, const char *name)
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
bool hf_find_family(struct hf_config *c)
{
    const char *type, *name;
    enter_text_part(c);
    TRY(hf_read_text(c, "model_type", &type));
    TRY(hf_read_text(c, "name", &name));
    const struct llm_family *f = NULL;
    if (type)
        f = llm_family_find(type);
    else if (name && hf_has(c, "num_layers"))
        f = family_in(c, name);
    else if (hf_has(c, "num_blocks") && hf_has(c, "attn_heads"))
        f = llm_family_find("gpt2");
    else
        return diag_input(c->d, c->path, 0,
                          "\"model_type\" is missing: a language model's config.json names one of "
                          "the %zu kinds that are known, llama or gpt2 for instance",
                          families());
    if (!f)
        return diag_input(c->d, c->path, hf_line_of(c, "model_type"),
                          "models of type \"%.40s\" are not known; docs/MODELS.md lists the %zu "
                          "that are",
                          type, families());
    if (c->root != c->file)
        fill_nested(&c->model, f->name);
    c->model.family = *f;
    return true;
}
