/* llm_known.c — published language models by name, and whether the sizes of one go together. */
#include <inttypes.h>
#include <string.h>

#include "traces/llm.h"

#define LLAMA_2 "Touvron et al., Llama 2, 2023, table 1, and LLaMA, 2023, table 2"

static const struct llm_model known[] = {
    {.family.name = "bert",
     .name = "bert_base",
     .origin = "Devlin et al., BERT, NAACL 2019, section 3",
     .layers = 12,
     .hidden = 768,
     .heads = 12,
     .vocab = 30522,
     .positions = 512,
     .types = 2},
    {.family.name = "bert",
     .name = "bert_large",
     .origin = "Devlin et al., BERT, NAACL 2019, section 3",
     .layers = 24,
     .hidden = 1024,
     .heads = 16,
     .vocab = 30522,
     .positions = 512,
     .types = 2},
    {.family.name = "gpt2",
     .name = "gpt2",
     .origin = "Radford et al., GPT-2, 2019, table 2",
     .layers = 12,
     .hidden = 768,
     .heads = 12,
     .vocab = 50257,
     .positions = 1024},
    {.family.name = "gpt2",
     .name = "gpt3_175b",
     .origin = "Brown et al., GPT-3, NeurIPS 2020, table 2.1; attention dense in all layers",
     .layers = 96,
     .hidden = 12288,
     .heads = 96,
     .vocab = 50257,
     .positions = 2048},
    {.family.name = "llama",
     .name = "llama2_13b",
     .origin = LLAMA_2,
     .layers = 40,
     .hidden = 5120,
     .heads = 40,
     .ffn = 13824,
     .vocab = 32000,
     .positions = 4096},
    {.family.name = "llama",
     .name = "llama2_70b",
     .origin = LLAMA_2,
     .layers = 80,
     .hidden = 8192,
     .heads = 64,
     .kv_heads = 8,
     .ffn = 28672,
     .vocab = 32000,
     .positions = 4096},
    {.family.name = "llama",
     .name = "llama2_7b",
     .origin = LLAMA_2,
     .layers = 32,
     .hidden = 4096,
     .heads = 32,
     .ffn = 11008,
     .vocab = 32000,
     .positions = 4096},
    {.family.name = "mixtral",
     .name = "mixtral_8x7b",
     .origin = "Jiang et al., Mixtral of Experts, 2024, table 1",
     .layers = 32,
     .hidden = 4096,
     .heads = 32,
     .kv_heads = 8,
     .ffn = 14336,
     .vocab = 32000,
     .positions = 32768,
     .experts = 8,
     .top_k = 2},
};

const char *llm_known_name(size_t index)
{
    return index < COUNT_OF(known) ? known[index].name : NULL;
}

bool llm_known_find(const char *name, struct llm_model *out)
{
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        *out = known[i];
        out->family = *llm_family_find(known[i].family.name);
        return true;
    }
    return false;
}

int64_t llm_gated_width(int64_t plain)
{
    return (2 * plain / 3 + 255) / 256 * 256;
}

void llm_model_complete(struct llm_model *m)
{
    if (m->kv_heads == 0)
        m->kv_heads = m->heads;
    if (m->head_dim == 0 && m->heads > 0)
        m->head_dim = m->hidden / m->heads;
    if (m->ffn == 0)
        m->ffn = m->family.gated ? llm_gated_width(4 * m->hidden) : 4 * m->hidden;
    if (m->embed_width == 0)
        m->embed_width = m->hidden;
    if (m->experts > 0 && m->expert_ffn == 0)
        m->expert_ffn = m->ffn;
    if (m->experts > 0 && m->top_k == 0)
        m->top_k = 1;
    if (m->experts > 0 && m->shared_ffn == 0)
        m->shared_ffn = m->family.shared_experts * m->expert_ffn;
    if (m->window == 0 && m->family.mixers)
        m->window = m->family.window;
    if (m->sparse_step == 0)
        m->sparse_step = 1;
    if (m->family.two_sided && m->decoder_layers == 0)
        m->decoder_layers = m->layers;
}

/* --- whether it is possible ------------------------------------------------------------------- */

struct size_limit {
    const char *what;
    int64_t value, low, high;
};

static bool within(const struct size_limit *s, size_t count, const char *path, struct diag *d)
{
    for (size_t i = 0; i < count; i++) {
        if (s[i].value < s[i].low || s[i].value > s[i].high)
            return diag_input(d, path, 0,
                              "the %s is %" PRId64 "; %" PRId64 " to %" PRId64 " are possible",
                              s[i].what, s[i].value, s[i].low, s[i].high);
    }
    return true;
}

bool llm_model_check(const struct llm_model *m, const char *path, struct diag *d)
{
    enum { WIDE = 1 << 24, LONG = 1 << 30, MANY = 1 << 16 };
    const struct size_limit sizes[] = {
        {"number of layers", m->layers, 1, 10000},
        {"number of decoder layers", m->decoder_layers, m->family.two_sided ? 1 : 0, 10000},
        {"hidden size", m->hidden, 1, WIDE},
        {"number of attention heads", m->heads, 1, MANY},
        {"number of key-value heads", m->kv_heads, 1, MANY},
        {"head size", m->head_dim, 1, WIDE},
        {"width of the MLP", m->ffn, 1, WIDE},
        {"vocabulary", m->vocab, 0, LONG},
        {"width of the embedding", m->embed_width, 1, WIDE},
        {"number of positions", m->positions, 0, LONG},
        {"number of segment types", m->types, 0, MANY},
        {"attention window", m->window, 0, LONG},
        {"number of experts", m->experts, 0, MANY},
        {"number of experts per token", m->top_k, 0, MANY},
        {"width of an expert", m->expert_ffn, 0, WIDE},
        {"width of the shared expert", m->shared_ffn, 0, WIDE},
        {"step between expert layers", m->sparse_step, 1, 10000},
        {"number of first layers without experts", m->dense_first, 0, 10000},
        {"rank of keys and values", m->kv_rank, 0, WIDE},
        {"rank of queries", m->q_rank, 0, WIDE},
        {"head size without positions", m->nope_dim, m->kv_rank > 0, WIDE},
        {"head size with positions", m->rope_dim, 0, WIDE},
        {"head size of values", m->v_dim, m->kv_rank > 0, WIDE},
    };
    TRY(within(sizes, COUNT_OF(sizes), path, d));
    if (m->heads % m->kv_heads != 0)
        return diag_input(d, path, 0,
                          "%" PRId64 " attention heads do not divide into groups for %" PRId64
                          " key-value heads",
                          m->heads, m->kv_heads);
    if (m->experts > 0 && m->top_k > m->experts)
        return diag_input(d, path, 0, "a token goes to %" PRId64 " of only %" PRId64 " experts",
                          m->top_k, m->experts);
    return true;
}
