/* Language models: config.json files of three spellings, the lines of their passes, the counts of
 * published models. */
#include <math.h>
#include <unistd.h>

#include "tests/bad_inputs.h"
#include "tests/folder.h"
#include "traces/llm.h"
#include "traces/op_check.h"

#define CONFIGS "tests/data/hf"

static const char GQA[] =
    "{\"model_type\": \"llama\", \"hidden_size\": 64, \"num_hidden_layers\": 3,"
    "\"num_attention_heads\": 8, \"num_key_value_heads\": 2,"
    "\"intermediate_size\": 96, \"vocab_size\": 100, \"hidden_act\": \"silu\"}";
static const char MOE[] = "{\"model_type\": \"mixtral\", \"hidden_size\": 16,"
                          "\"num_hidden_layers\": 2, \"num_attention_heads\": 2,"
                          "\"intermediate_size\": 32, \"vocab_size\": 10,"
                          "\"num_local_experts\": 8, \"num_experts_per_tok\": 2}";

static struct import_options options_of(const char *phase, int64_t batch)
{
    return (struct import_options){
        .activation_bits = 8, .weight_bits = 8, .batch = batch, .phase = phase, .name = "test"};
}

static bool try_import(struct arena *a, const char *json, const struct import_options *o,
                       struct trace *t, struct diag *d)
{
    const char *path = arena_printf(a, "/tmp/cimarron-test-hf-%ld.json", (long)getpid());
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    fputs(json, f);
    fclose(f);
    bool fine = importer_find("hf")->import(a, path, o, t, d);
    unlink(path);
    return fine;
}

static struct trace import(struct arena *a, const char *json, const struct import_options *o)
{
    struct trace t;
    struct diag d = {.status = 0};
    ck_assert_msg(try_import(a, json, o, &t, &d), "%s", d.text);
    return t;
}

static struct trace generate(struct arena *a, const char *model, const struct import_options *o)
{
    struct llm_model m = {.layers = 0};
    struct trace t;
    struct diag d = {.status = 0};
    ck_assert_msg(llm_known_find(model, &m), "%s is not known", model);
    llm_model_complete(&m);
    ck_assert(llm_model_check(&m, NULL, &d));
    ck_assert_msg(llm_build(a, &m, "test", o, &t, &d), "%s", d.text);
    return t;
}

/* Written to a file and read again, repeats expanded. */
static struct trace reread(struct arena *a, const struct trace *t)
{
    const char *path = arena_printf(a, "/tmp/cimarron-test-hf-%ld.jsonl.gz", (long)getpid());
    struct trace again;
    struct diag d = {.status = 0};
    ck_assert_msg(trace_save(t, path, &d), "%s", d.text);
    ck_assert_msg(trace_load(a, path, 1000000, &again, &d), "%s", d.text);
    ck_assert_int_eq(again.warnings, 0);
    unlink(path);
    return again;
}

static const struct op *line(const struct trace *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->ops[i].name, name) == 0)
            return &t->ops[i];
    }
    ck_abort_msg("there is no line %s", name);
    return NULL;
}

static bool has_line(const struct trace *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->ops[i].name, name) == 0)
            return true;
    }
    return false;
}

static void assert_refused(const char *json, const struct import_options *o, const char *sentence)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    ck_assert_msg(!try_import(a, json, o, &t, &d), "accepted: %s", json);
    ck_assert_int_eq(d.status, 2);
    ck_assert_msg(strstr(d.text, sentence) != NULL, "'%s' does not say '%s'", d.text, sentence);
    arena_close(a);
}

/* --- one block ------------------------------------------------------------------------------- */

START_TEST(grouped_queries_share_the_cache_of_their_key_value_head)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 5);
    o.context = 30;
    o.generate = 20;
    struct trace t = import(a, GQA, &o);
    const struct op *qk = line(&t, "layers.0.attn.qk"), *av = line(&t, "layers.0.attn.av");
    const struct op *read = line(&t, "layers.0.attn.kv_read");
    ck_assert_int_eq(qk->u.matmul.batch, 5 * 2);
    ck_assert_int_eq(qk->u.matmul.m, 8 / 2);
    ck_assert_int_eq(qk->u.matmul.k, 8);
    ck_assert_int_eq(qk->u.matmul.n, 40);
    ck_assert_int_eq(av->u.matmul.k, 40);
    ck_assert_int_eq(av->u.matmul.n, 8);
    ck_assert_ptr_null(qk->weight);
    ck_assert_int_eq(qk->inputs[1], read->id);
    ck_assert_int_eq(av->inputs[1], read->id);
    ck_assert_int_eq(read->u.move.bytes, 5 * 40 * 2 * 16);
    arena_close(a);
}
END_TEST

START_TEST(a_step_appends_one_token_behind_those_in_the_cache)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 3);
    struct trace t = import(a, GQA, &o);
    const struct op *append = line(&t, "layers.0.attn.kv_append");
    ck_assert_int_eq(append->u.move.position, 1024 + 64 - 1);
    ck_assert_int_eq(append->u.move.bytes, 3 * 2 * 16);
    ck_assert_int_eq(append->inputs[0], line(&t, "layers.0.attn.k_rope")->id);
    ck_assert_int_eq(append->inputs[1], line(&t, "layers.0.attn.v")->id);
    arena_close(a);
}
END_TEST

START_TEST(a_prompt_fills_the_cache_and_asks_the_head_once)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("prefill", 2);
    o.sequence = 50;
    struct trace t = import(a, GQA, &o);
    ck_assert_int_eq(line(&t, "layers.0.attn.kv_append")->u.move.bytes, 2 * 50 * 2 * 16);
    ck_assert_int_eq(line(&t, "layers.0.attn.qk")->u.matmul.m, 4 * 50);
    ck_assert_int_eq(line(&t, "layers.0.mlp.up")->u.matmul.m, 2 * 50);
    ck_assert_int_eq(line(&t, "lm_head")->u.matmul.m, 2);
    ck_assert_double_eq(t.header.work_count, 100);
    arena_close(a);
}
END_TEST

START_TEST(an_encoder_has_no_cache_and_normalises_behind_the_residual)
{
    struct arena *a = arena_open();
    struct import_options o = options_of(NULL, 1);
    struct trace t = generate(a, "bert_base", &o);
    ck_assert(!has_line(&t, "layers.0.attn.kv_read"));
    ck_assert_int_eq(line(&t, "layers.0.attn.norm")->inputs[0], line(&t, "layers.0.attn.add")->id);
    ck_assert_int_eq(line(&t, "layers.0.attn.qk")->inputs[1], line(&t, "layers.0.attn.k")->id);
    ck_assert_int_eq(line(&t, "pooler")->u.matmul.m, 1);
    ck_assert_str_eq(t.header.phase, "inference");
    arena_close(a);
}
END_TEST

START_TEST(products_with_the_cache_have_its_bits)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    o.weight_bits = 4;
    o.kv_bits = 6;
    struct trace t = import(a, GQA, &o);
    t = reread(a, &t);
    ck_assert_int_eq(line(&t, "layers.0.attn.qk")->weight_bits, 6);
    ck_assert_int_eq(line(&t, "layers.0.attn.o")->weight_bits, 4);
    ck_assert_int_eq(line(&t, "layers.0.attn.kv_append")->u.move.bytes, 2 * 16 * 6 / 8);
    ck_assert_int_eq(t.header.kv_bits, 6);
    arena_close(a);
}
END_TEST

START_TEST(a_window_bounds_what_a_step_reads)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = import(a,
                            "{\"model_type\": \"mistral\", \"hidden_size\": 64,"
                            "\"num_hidden_layers\": 3, \"num_attention_heads\": 8,"
                            "\"vocab_size\": 100, \"sliding_window\": 256}",
                            &o);
    ck_assert_int_eq(line(&t, "layers.0.attn.qk")->u.matmul.n, 256);
    ck_assert_int_eq(line(&t, "layers.0.attn.kv_append")->u.move.position, 255);
    arena_close(a);
}
END_TEST

/* --- blocks ---------------------------------------------------------------------------------- */

START_TEST(equal_blocks_stand_once_and_expand_to_all)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = import(a, GQA, &o), all = reread(a, &t);
    ck_assert_uint_eq(t.mark_count, 1);
    ck_assert_int_eq(t.marks[0].repeat.times, 2);
    ck_assert_double_eq(trace_operator_count(&t), (double)all.count);
    ck_assert_double_eq(trace_macs(&t), trace_macs(&all));
    ck_assert_double_eq(trace_weights(&t), trace_weights(&all));
    arena_close(a);
}
END_TEST

START_TEST(each_block_begins_where_the_one_before_it_ended)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = import(a, GQA, &o);
    t = reread(a, &t);
    int blocks = 0;
    for (size_t i = 1; i < t.count; i++) {
        if (strcmp(t.ops[i].name, "layers.0.attn.norm") != 0)
            continue;
        blocks++;
        ck_assert_int_eq(t.ops[i].inputs[0], t.ops[i - 1].id);
    }
    ck_assert_int_eq(blocks, 3);
    const struct op *final = line(&t, "final_norm");
    ck_assert_int_eq(final->inputs[0], final[-1].id);
    arena_close(a);
}
END_TEST

START_TEST(steps_follow_each_other_with_a_growing_cache_and_the_same_tensors)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1), one = o;
    o.context = one.context = 10;
    o.generate = one.generate = 4;
    o.steps = true;
    struct trace t = import(a, GQA, &o), single = import(a, GQA, &one), all = reread(a, &t);
    ck_assert_int_eq(line(&t, "step1.layers.0.attn.qk")->u.matmul.n, 11);
    ck_assert_int_eq(line(&t, "step4.layers.0.attn.qk")->u.matmul.n, 14);
    ck_assert_int_eq(line(&t, "step2.wte")->inputs[0], line(&t, "step1.lm_head")->id);
    ck_assert_double_eq(trace_weights(&all), trace_weights(&single));
    ck_assert_double_eq(all.header.work_count, 4);
    ck_assert_int_eq(all.header.context, 14);
    arena_close(a);
}
END_TEST

START_TEST(the_middle_step_stands_for_the_mean_of_all)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1), all = o;
    all.steps = true;
    struct trace one = generate(a, "llama2_7b", &o), many = generate(a, "llama2_7b", &all);
    ASSERT_NEAR(128 * trace_macs(&one), trace_macs(&many), 1e-4);
    arena_close(a);
}
END_TEST

/* --- experts --------------------------------------------------------------------------------- */

START_TEST(one_token_hits_top_k_experts_of_all_that_are_stored)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = import(a, MOE, &o);
    const struct op *up = line(&t, "layers.0.moe.experts.up");
    ck_assert_int_eq(up->u.matmul.batch, 2);
    ck_assert_int_eq(up->u.matmul.m, 1);
    ck_assert_double_eq(op_macs(up), 2 * 16 * 32);
    ck_assert_double_eq(op_weight_elements(up), 8 * 16 * 32);
    ck_assert_double_eq(op_weight_elements_read(up), 2 * 16 * 32);
    arena_close(a);
}
END_TEST

START_TEST(shares_that_do_not_divide_give_two_lines_on_one_tensor)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 6); /* 12 assignments on 8 experts */
    struct trace t = import(a, MOE, &o);
    const struct op *few = line(&t, "layers.0.moe.experts.up");
    const struct op *many = line(&t, "layers.0.moe.experts_more.up");
    ck_assert_int_eq(few->u.matmul.batch, 4);
    ck_assert_int_eq(few->u.matmul.m, 1);
    ck_assert_int_eq(many->u.matmul.batch, 4);
    ck_assert_int_eq(many->u.matmul.m, 2);
    ck_assert_str_eq(few->weight, many->weight);
    ck_assert_double_eq(op_macs(few) + op_macs(many), 12 * 16 * 32);
    arena_close(a);
}
END_TEST

START_TEST(a_larger_batch_hits_more_experts_before_any_gets_more_tokens)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = import(a, MOE, &o);
    struct op up = *line(&t, "layers.0.moe.experts.up");
    double macs = op_macs(&up);
    ck_assert(op_scale_batch(&up, 3));
    ck_assert_int_eq(up.u.matmul.batch, 6);
    ck_assert_int_eq(up.u.matmul.m, 1);
    ck_assert(op_scale_batch(&up, 4));
    ck_assert_int_eq(up.u.matmul.batch, 8);
    ck_assert_int_eq(up.u.matmul.m, 3);
    ck_assert_double_eq(op_macs(&up), 12 * macs);
    arena_close(a);
}
END_TEST

START_TEST(both_sides_of_a_switch_transformer_alternate_plain_and_expert_layers)
{
    static const char json[] =
        "{\"model_type\": \"switch_transformers\", \"d_model\": 16, \"d_ff\": 32, \"d_kv\": 4,"
        "\"num_layers\": 4, \"num_decoder_layers\": 6, \"num_heads\": 4, \"num_experts\": 4,"
        "\"encoder_sparse_step\": 2, \"decoder_sparse_step\": 2, \"vocab_size\": 50}";
    struct arena *a = arena_open();
    struct import_options o = options_of("prefill", 1);
    o.sequence = 12;
    struct trace t = import(a, json, &o);
    ck_assert(has_line(&t, "encoder.layers.0.mlp.up") && has_line(&t, "decoder.layers.1.moe.gate"));
    ck_assert_int_eq(t.marks[0].repeat.times, 1);
    ck_assert_int_eq(t.marks[1].repeat.times, 2);
    ck_assert_int_eq(line(&t, "decoder.layers.0.cross.qk")->u.matmul.n, 12);
    ck_assert_int_eq(line(&t, "decoder.layers.0.attn.qk")->u.matmul.n, 1);
    ck_assert_int_eq(line(&t, "decoder.layers.1.cross.k")->inputs[0],
                     line(&t, "encoder.final_norm")->id);
    struct trace all = reread(a, &t);
    ck_assert_double_eq(trace_macs(&all), trace_macs(&t));
    arena_close(a);
}
END_TEST

/* --- published counts ------------------------------------------------------------------------ */

/* Parameters.  BERT: Devlin et al., 2019, section 3 (109.5 M exactly with its embeddings).  GPT-2:
 * 124 M (the released weights).  LLaMA-2: 6.74, 13.02 and 68.98 B (the released weights).  GPT-3:
 * Brown et al., 2020, table 2.1, rounds 174.6 to 175.0.  Mixtral: 46.7 B (Jiang et al., 2024). */
static const struct published {
    const char *model;
    double parameters;
} published[] = {
    {"bert_base", 109.5e6}, {"bert_large", 335e6},    {"gpt2", 124.4e6},
    {"gpt3_175b", 175e9},   {"llama2_13b", 13.02e9},  {"llama2_70b", 68.98e9},
    {"llama2_7b", 6.74e9},  {"mixtral_8x7b", 46.7e9},
};

START_TEST(published_models_have_their_parameters_within_one_percent)
{
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        struct arena *a = arena_open();
        struct import_options o = options_of(NULL, 1);
        struct trace t = generate(a, published[i].model, &o);
        ASSERT_NEAR(trace_weights(&t), published[i].parameters, 0.01);
        arena_close(a);
    }
    ck_assert_ptr_null(llm_known_name(COUNT_OF(published)));
}
END_TEST

START_TEST(a_decode_step_multiplies_each_weight_once_and_the_cache_once)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = generate(a, "llama2_7b", &o);
    double table = 32000.0 * 4096, attention = 2.0 * 32 * 4096 * 1088;
    ck_assert_double_eq(trace_macs(&t), trace_weights(&t) - table + attention);
    arena_close(a);
}
END_TEST

START_TEST(a_prompt_multiplies_the_blocks_for_every_token_and_the_head_for_one)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("prefill", 1);
    struct trace t = generate(a, "llama2_7b", &o);
    double table = 32000.0 * 4096, s = 2048, attention = 2.0 * 32 * 4096 * s * s;
    double blocks = trace_weights(&t) - 2 * table;
    ck_assert_double_eq(trace_macs(&t), s * blocks + attention + table);
    arena_close(a);
}
END_TEST

/* --- shipped samples ------------------------------------------------------------------------- */

static const struct sample {
    const char *name, *model, *phase;
} samples[] = {
    {"bert_base", "bert_base", "encode"},
    {"bert_large", "bert_large", "encode"},
    {"gpt2_decode", "gpt2", "decode"},
    {"gpt2_prefill", "gpt2", "prefill"},
    {"gpt3_175b_decode", "gpt3_175b", "decode"},
    {"gpt3_175b_prefill", "gpt3_175b", "prefill"},
    {"llama2_70b_decode", "llama2_70b", "decode"},
    {"llama2_70b_prefill", "llama2_70b", "prefill"},
    {"llama2_7b_decode", "llama2_7b", "decode"},
    {"llama2_7b_prefill", "llama2_7b", "prefill"},
    {"mixtral_8x7b_decode", "mixtral_8x7b", "decode"},
    {"mixtral_8x7b_prefill", "mixtral_8x7b", "prefill"},
};

START_TEST(shipped_samples_are_what_their_shapes_give)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct arena *a = arena_open();
        struct import_options o = options_of(samples[i].phase, 1);
        struct trace t = generate(a, samples[i].model, &o), fresh = reread(a, &t), shipped;
        struct diag d = {.status = 0};
        const char *path = arena_printf(a, "traces/samples/%s.jsonl.gz", samples[i].name);
        ck_assert_msg(trace_load(a, path, 1000000, &shipped, &d), "%s: %s", path, d.text);
        ck_assert_str_eq(shipped.header.name, samples[i].name);
        ck_assert_str_eq(shipped.header.phase, fresh.header.phase);
        ck_assert_double_eq(shipped.header.work_count, fresh.header.work_count);
        ck_assert_uint_eq(shipped.count, fresh.count);
        for (size_t k = 0; k < fresh.count; k++) {
            ck_assert_str_eq(shipped.ops[k].name, fresh.ops[k].name);
            ck_assert_double_eq(op_macs(&shipped.ops[k]), op_macs(&fresh.ops[k]));
        }
        arena_close(a);
    }
}
END_TEST

/* --- refusals -------------------------------------------------------------------------------- */

START_TEST(passes_that_a_model_cannot_run_are_refused)
{
    static const char bert[] = "{\"model_type\": \"bert\", \"hidden_size\": 8, \"vocab_size\": 9,"
                               "\"num_hidden_layers\": 1, \"num_attention_heads\": 2,"
                               "\"max_position_embeddings\": 64}";
    struct import_options decode = options_of("decode", 1), training = options_of("training", 1);
    struct import_options unknown = options_of("dreaming", 1), longer = options_of("encode", 1);
    struct import_options endless = options_of("decode", 1);
    longer.sequence = 65;
    endless.generate = 1 << 30;
    endless.steps = true;
    assert_refused(bert, &decode, "encoder without a cache");
    assert_refused(bert, &longer, "65 tokens are more than the 64 positions");
    assert_refused(GQA, &training, "training traces are not made");
    assert_refused(GQA, &unknown, "not 'dreaming'");
    assert_refused(GQA, &endless, "over a million lines");
}
END_TEST

START_TEST(contexts_beyond_the_positions_of_a_model_are_told)
{
    static const char small[] = "{\"model_type\": \"llama\", \"hidden_size\": 8, \"vocab_size\": 9,"
                                "\"num_hidden_layers\": 1, \"num_attention_heads\": 2,"
                                "\"max_position_embeddings\": 600}";
    struct arena *a = arena_open();
    struct import_options decode = options_of("decode", 1), prefill = options_of("prefill", 1);
    ck_assert_int_eq(import(a, small, &decode).warnings, 0); /* the usual context is cut to fit */
    decode.context = 600;
    prefill.sequence = 601;
    struct trace t = import(a, small, &decode), p = import(a, small, &prefill);
    ck_assert_int_eq(t.warnings, 1);
    ck_assert_ptr_nonnull(strstr(t.warning, "728 tokens are more than the 600 positions"));
    ck_assert_ptr_nonnull(strstr(p.warning, "max_position_embeddings"));
    arena_close(a);
}
END_TEST

START_TEST(sizes_beyond_the_format_are_refused_and_not_wrapped)
{
    struct import_options o = options_of("prefill", 1000000000);
    o.sequence = 1 << 30;
    assert_refused(GQA, &o, "cannot be written");
}
END_TEST

static bool import_hf(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct trace t;
    struct import_options o = options_of(NULL, 1);
    (void)user;
    return importer_find("hf")->import(a, path, &o, &t, d);
}

START_TEST(every_broken_config_is_refused_with_its_sentence)
{
    bad_inputs_walk("hf-", 20, import_hf, NULL);
}
END_TEST

/* --- kinds ----------------------------------------------------------------------------------- */

/* Parameters in billions as their makers state them; the second word is the pass that runs all of
 * the model. */
static const struct kind {
    const char *file, *phase;
    double billions, rounding;
} kinds[] = {
    {"bart_large", "prefill", 0.40629, 0.000005},
    {"dbrx_132b", "prefill", 131.6, 0.05},
    {"deepseek_v3", "prefill", 671.03, 0.005},
    {"falcon_7b", "prefill", 6.92, 0.005},
    {"gemma3_1b", "prefill", 0.99989, 0.000005},
    {"gemma_2b", "prefill", 2.506, 0.0005},
    {"gpt_oss_120b", "prefill", 116.83, 0.005},
    {"gptj_6b", "prefill", 6.05, 0.005},
    {"granite3_8b", "prefill", 8.17, 0.005},
    {"kimi_k2", "prefill", 1026.5, 0.05},
    {"llama4_scout_text", "prefill", 107.77, 0.005},
    {"mpt_7b", "prefill", 6.65, 0.005},
    {"nemotron4_15b", "prefill", 15.6, 0.05},
    {"olmo2_7b", "prefill", 7.3, 0.05},
    {"phi2", "prefill", 2.78, 0.005},
    {"phi4_14b", "prefill", 14.66, 0.005},
    {"qwen2.5_7b", "prefill", 7.6156, 0.00005},
    {"starcoder_15b", "prefill", 15.5, 0.05},
    {"t5_large", "prefill", 0.7377, 0.00005},
    {"roberta_large", "encode", 0.355, 0.0005},
};

START_TEST(each_kind_of_config_has_its_parameters_within_a_thousandth_or_their_rounding)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct arena *a = arena_open();
        struct import_options o = options_of(kinds[i].phase, 1);
        const char *path = arena_printf(a, "tests/data/hf_kinds/%s.json", kinds[i].file);
        struct trace t;
        struct diag d = {.status = 0};
        o.sequence = 16;
        ck_assert_msg(importer_find("hf")->import(a, path, &o, &t, &d), "%s", d.text);
        struct trace all = reread(a, &t);
        double off = fabs(trace_weights(&all) / 1e9 - kinds[i].billions);
        ck_assert_msg(off <= kinds[i].rounding || off <= 0.001 * kinds[i].billions,
                      "%s has %.6g billion, not %.6g", kinds[i].file, trace_weights(&all) / 1e9,
                      kinds[i].billions);
        arena_close(a);
    }
}
END_TEST

START_TEST(a_step_of_latent_attention_reads_one_cache_for_all_heads)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 2);
    struct trace t;
    struct diag d = {.status = 0};
    o.context = 30;
    o.generate = 20;
    ck_assert(importer_find("hf")->import(a, "tests/data/hf_kinds/deepseek_v3.json", &o, &t, &d));
    ck_assert_int_eq(line(&t, "layers.0.attn.kv_read")->u.move.bytes, 2 * 40 * (512 + 64));
    ck_assert_int_eq(line(&t, "layers.0.attn.qk")->u.matmul.batch, 2);
    ck_assert_int_eq(line(&t, "layers.0.attn.qk")->u.matmul.m, 128);
    ck_assert_double_eq(op_weight_elements(line(&t, "layers.0.attn.k_up")), 128.0 * 128 * 512);
    ck_assert(has_line(&t, "layers.0.mlp.down") && has_line(&t, "layers.3.moe.gate"));
    ck_assert(!has_line(&t, "layers.4.attn.o")); /* two repeats: dense layers, layers of experts */
    arena_close(a);
}
END_TEST

START_TEST(windowed_layers_stand_between_layers_that_see_everything)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t;
    struct diag d = {.status = 0};
    ck_assert(importer_find("hf")->import(a, "tests/data/hf_kinds/gemma3_1b.json", &o, &t, &d));
    ck_assert_int_eq(line(&t, "layers.4.attn.qk")->u.matmul.n, 512);
    ck_assert_int_eq(line(&t, "layers.5.attn.qk")->u.matmul.n, 1024 + 64);
    arena_close(a);
}
END_TEST

START_TEST(both_sides_of_a_two_sided_model_share_one_embedding)
{
    static const char json[] =
        "{\"model_type\": \"t5\", \"d_model\": 16, \"d_ff\": 32, \"d_kv\": 4,"
        "\"num_layers\": 1, \"num_heads\": 4, \"vocab_size\": 50}";
    struct arena *a = arena_open();
    struct import_options o = options_of("prefill", 1);
    struct trace t = import(a, json, &o);
    ck_assert_double_eq(trace_weights(&t), 50 * 16 + 3 * 4 * 16 * 16 + 2 * 2 * 16 * 32);
    arena_close(a);
}
END_TEST

START_TEST(a_nested_language_model_is_found_with_the_sizes_it_leaves_out)
{
    struct arena *a = arena_open();
    struct import_options o = options_of("decode", 1);
    struct trace t = import(a,
                            "{\"model_type\": \"llava\", \"text_config\":"
                            " {\"model_type\": \"llama\", \"vocab_size\": 32064}}",
                            &o);
    ASSERT_NEAR(trace_weights(&t), 6.7387e9, 1e-4);
    arena_close(a);
}
END_TEST

/* --- real configs ---------------------------------------------------------------------------- */

/* Weights of some files, where the model is one that was published. */
static const struct real {
    const char *file;
    double parameters;
} real[] = {
    {"Qwen__Qwen3-30B-A3B-Instruct-2507.json", 30.5e9},
    {"Qwen__Qwen3-32B.json", 32.8e9},
    {"llmanalysis__decapoda-research_llama-7b-hf.json", 6.74e9},
    {"llmanalysis__upstage_Llama-2-70b-instruct-v2.json", 68.98e9},
    {"meta-llama__Llama-3.1-70B.json", 70.6e9},
    {"meta-llama__Llama-3.1-8B.json", 8.03e9},
    {"microsoft__Phi-mini-MoE-instruct.json", 7.6e9},
    {"mistralai__Mixtral-8x7B-v0.1.json", 46.7e9},
    {"opt_13.json", 1.3158e9},
};

static double expected_parameters(const char *file)
{
    for (size_t i = 0; i < COUNT_OF(real); i++) {
        if (strcmp(real[i].file, file) == 0)
            return real[i].parameters;
    }
    return 0;
}

static bool import_real(const char *file, const char *phase)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = options_of(phase, 2);
    bool fine = importer_find("hf")->import(a, arena_printf(a, CONFIGS "/%s", file), &o, &t, &d);
    double parameters = expected_parameters(file);
    if (!fine)
        printf("refused: %s: %s\n", file, d.text);
    if (fine) {
        struct trace all = reread(a, &t);
        ck_assert_double_eq(trace_macs(&all), trace_macs(&t));
        if (parameters > 0)
            ASSERT_NEAR(trace_weights(&t), parameters, 0.01);
    }
    arena_close(a);
    return fine;
}

START_TEST(all_public_configs_import_in_their_usual_pass)
{
    struct arena *a = arena_open();
    struct folder_names configs = folder_list(a, CONFIGS, "", ".json");
    size_t refused = 0;
    for (size_t i = 0; i < configs.count; i++)
        refused += !import_real(configs.at[i], NULL);
    printf("configs of language models: %zu, %zu of them refused\n", configs.count, refused);
    ck_assert_uint_eq(configs.count, 44);
    ck_assert_uint_eq(refused, 0);
    arena_close(a);
}
END_TEST

SUITE("language models", grouped_queries_share_the_cache_of_their_key_value_head,
      a_step_appends_one_token_behind_those_in_the_cache,
      a_prompt_fills_the_cache_and_asks_the_head_once,
      an_encoder_has_no_cache_and_normalises_behind_the_residual,
      products_with_the_cache_have_its_bits, a_window_bounds_what_a_step_reads,
      equal_blocks_stand_once_and_expand_to_all, each_block_begins_where_the_one_before_it_ended,
      steps_follow_each_other_with_a_growing_cache_and_the_same_tensors,
      the_middle_step_stands_for_the_mean_of_all,
      one_token_hits_top_k_experts_of_all_that_are_stored,
      shares_that_do_not_divide_give_two_lines_on_one_tensor,
      a_larger_batch_hits_more_experts_before_any_gets_more_tokens,
      both_sides_of_a_switch_transformer_alternate_plain_and_expert_layers,
      published_models_have_their_parameters_within_one_percent,
      a_decode_step_multiplies_each_weight_once_and_the_cache_once,
      a_prompt_multiplies_the_blocks_for_every_token_and_the_head_for_one,
      shipped_samples_are_what_their_shapes_give, passes_that_a_model_cannot_run_are_refused,
      contexts_beyond_the_positions_of_a_model_are_told,
      sizes_beyond_the_format_are_refused_and_not_wrapped,
      every_broken_config_is_refused_with_its_sentence,
      each_kind_of_config_has_its_parameters_within_a_thousandth_or_their_rounding,
      a_step_of_latent_attention_reads_one_cache_for_all_heads,
      windowed_layers_stand_between_layers_that_see_everything,
      both_sides_of_a_two_sided_model_share_one_embedding,
      a_nested_language_model_is_found_with_the_sizes_it_leaves_out,
      all_public_configs_import_in_their_usual_pass)
