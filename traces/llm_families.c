/* llm_families.c — how each kind of language model is built, by the model_type of its config.json.
 *
 * Layer orders: Radford et al., 2019 (GPT-2); Devlin et al., NAACL 2019 (BERT); Touvron et al.,
 * 2023 (LLaMA); Zhang et al., 2022 (OPT); Le Scao et al., 2022 (BLOOM); Jiang et al., 2023 and 2024
 * (Mistral, Mixtral); Abdin et al., 2024 (Phi-3.5-MoE); Yang et al., 2025 (Qwen3); Raffel et al.,
 * JMLR 2020 (T5); Fedus et al., JMLR 2022 (Switch); Almazrouei et al., 2023 (Falcon); Gemma Team,
 * 2024 and 2025; DeepSeek-AI, 2024 (V2, V3); OpenAI, 2025 (gpt-oss); Black et al., 2022 (NeoX);
 * Warner et al., 2024 (ModernBERT); Lewis et al., ACL 2020 (BART); for all others the classes that
 * Hugging Face's transformers has under the same name. */
#include <string.h>

#include "traces/llm.h"

#define PLAIN .norm = "layer", .act = "gelu"
#define GATED .act = "silu", .gated = true, .rope = true
#define LLAMA .norm = "rms", GATED
#define LLAMA_QK LLAMA, .qk_norm = true
#define GEMMA .norm = "rms", .act = "gelu", .gated = true, .rope = true, .tied = true
#define POST_ENCODER PLAIN, .norms = LLM_NORM_BEHIND, .encoder = true
#define TWO_SIDED_T5 .norm = "rms", .act = "relu", .tied = true, .two_sided = true

static const struct llm_family families[] = {
    {.name = "aquila", LLAMA},
    {.name = "arcee", .norm = "rms", .act = "relu2", .rope = true},
    {.name = "baichuan", LLAMA, .fused_qkv = true},
    {.name = "bart",
     PLAIN,
     .norms = LLM_NORM_BEHIND,
     .learned_positions = true,
     .tied = true,
     .two_sided = true,
     .embed_norm = true},
    {.name = "bert",
     POST_ENCODER,
     .learned_positions = true,
     .tied = true,
     .pooler = true,
     .embed_norm = true},
    {.name = "bloom", PLAIN, .fused_qkv = true, .tied = true, .embed_norm = true},
    {.name = "camembert",
     POST_ENCODER,
     .learned_positions = true,
     .tied = true,
     .pooler = true,
     .embed_norm = true},
    {.name = "chatglm", LLAMA, .fused_qkv = true},
    {.name = "codegen", PLAIN, .rope = true, .fused_qkv = true, .parallel = 1},
    {.name = "cohere", GATED, .norm = "layer", .tied = true, .parallel = 1},
    {.name = "cohere2",
     GATED,
     .norm = "layer",
     .tied = true,
     .parallel = 1,
     .mixers = "wwwa",
     .window = 4096},
    {.name = "dbrx", GATED, .norm = "layer", .fused_qkv = true},
    {.name = "deepseek", LLAMA},
    {.name = "deepseek_v2", LLAMA},
    {.name = "deepseek_v3", LLAMA},
    {.name = "distilbert",
     POST_ENCODER,
     .learned_positions = true,
     .tied = true,
     .embed_norm = true},
    {.name = "electra", POST_ENCODER, .learned_positions = true, .tied = true, .embed_norm = true},
    {.name = "ernie4_5", LLAMA, .tied = true},
    {.name = "exaone", LLAMA},
    {.name = "exaone4", LLAMA_QK, .norms = LLM_NORM_AFTER},
    {.name = "falcon", PLAIN, .rope = true, .fused_qkv = true, .tied = true, .parallel = 1},
    {.name = "gemma", GEMMA},
    {.name = "gemma2", GEMMA, .norms = LLM_NORM_AROUND, .mixers = "wa", .window = 4096},
    {.name = "gemma3",
     GEMMA,
     .norms = LLM_NORM_AROUND,
     .qk_norm = true,
     .mixers = "wwwwwa",
     .window = 1024},
    {.name = "gemma3_text",
     GEMMA,
     .norms = LLM_NORM_AROUND,
     .qk_norm = true,
     .mixers = "wwwwwa",
     .window = 1024},
    {.name = "glm", LLAMA},
    {.name = "glm4", LLAMA, .norms = LLM_NORM_AROUND},
    {.name = "glm4_moe", LLAMA},
    {.name = "gpt2", PLAIN, .learned_positions = true, .fused_qkv = true, .tied = true},
    {.name = "gpt_bigcode", PLAIN, .learned_positions = true, .fused_qkv = true, .tied = true},
    {.name = "gpt_neo",
     PLAIN,
     .learned_positions = true,
     .tied = true,
     .mixers = "aw",
     .window = 256},
    {.name = "gpt_neox", PLAIN, .rope = true, .fused_qkv = true, .parallel = 2},
    {.name = "gpt_oss", LLAMA, .mixers = "wa", .window = 128},
    {.name = "gptj", PLAIN, .rope = true, .parallel = 1},
    {.name = "granite", LLAMA, .tied = true},
    {.name = "granitemoe", LLAMA, .tied = true},
    {.name = "granitemoeshared", LLAMA, .tied = true},
    {.name = "helium", LLAMA},
    {.name = "hunyuan_v1_dense", LLAMA_QK, .tied = true},
    {.name = "hunyuan_v1_moe", LLAMA_QK, .tied = true},
    {.name = "internlm", LLAMA},
    {.name = "internlm2", LLAMA, .fused_qkv = true},
    {.name = "internlm3", LLAMA},
    {.name = "kimi_k2", LLAMA},
    {.name = "llama", LLAMA},
    {.name = "llama4", LLAMA, .mixers = "wwwa", .window = 8192, .shared_experts = 1},
    {.name = "llama4_text", LLAMA, .mixers = "wwwa", .window = 8192, .shared_experts = 1},
    {.name = "longt5", TWO_SIDED_T5},
    {.name = "minicpm", LLAMA, .tied = true},
    {.name = "minicpm3", LLAMA, .tied = true},
    {.name = "ministral", LLAMA},
    {.name = "mistral", LLAMA},
    {.name = "mistral3", LLAMA},
    {.name = "mixtral", LLAMA},
    {.name = "modernbert",
     GATED,
     .norm = "layer",
     .tied = true,
     .encoder = true,
     .embed_norm = true,
     .fused_qkv = true,
     .mixers = "aww",
     .window = 128},
    {.name = "mpt", PLAIN, .fused_qkv = true, .tied = true},
    {.name = "mt5", TWO_SIDED_T5, .gated = true},
    {.name = "nemotron", .norm = "layer", .act = "relu2", .rope = true},
    {.name = "olmo", LLAMA},
    {.name = "olmo2", LLAMA_QK, .norms = LLM_NORM_AFTER},
    {.name = "olmo3", LLAMA_QK, .norms = LLM_NORM_AFTER, .mixers = "wwwa", .window = 4096},
    {.name = "olmoe", LLAMA_QK},
    {.name = "opt", .norm = "layer", .act = "relu", .learned_positions = true, .tied = true},
    {.name = "persimmon",
     .norm = "layer",
     .act = "relu2",
     .rope = true,
     .fused_qkv = true,
     .qk_norm = true},
    {.name = "phi", PLAIN, .rope = true, .parallel = 1},
    {.name = "phi3", LLAMA, .fused_qkv = true},
    {.name = "phimoe", GATED, .norm = "layer"},
    {.name = "qwen", LLAMA, .fused_qkv = true},
    {.name = "qwen2", LLAMA},
    {.name = "qwen2_moe", LLAMA},
    {.name = "qwen3", LLAMA_QK},
    {.name = "qwen3_moe", LLAMA_QK},
    {.name = "roberta",
     POST_ENCODER,
     .learned_positions = true,
     .tied = true,
     .pooler = true,
     .embed_norm = true},
    {.name = "seed_oss", LLAMA},
    {.name = "smollm3", LLAMA, .tied = true},
    {.name = "stablelm", GATED, .norm = "layer"},
    {.name = "starcoder2", PLAIN, .rope = true, .tied = true},
    {.name = "switch_transformers", TWO_SIDED_T5},
    {.name = "t5", TWO_SIDED_T5},
    {.name = "umt5", TWO_SIDED_T5, .gated = true},
    {.name = "xglm", PLAIN, .tied = true},
    {.name = "xlm-roberta",
     POST_ENCODER,
     .learned_positions = true,
     .tied = true,
     .pooler = true,
     .embed_norm = true},
    {.name = "xverse", LLAMA},
    {.name = "yi", LLAMA},
};

#undef PLAIN
#undef GATED
#undef LLAMA
#undef LLAMA_QK
#undef GEMMA
#undef POST_ENCODER
#undef TWO_SIDED_T5

const struct llm_family *llm_family_at(size_t index)
{
    return index < COUNT_OF(families) ? &families[index] : NULL;
}

const struct llm_family *llm_family_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    }
    return NULL;
}
