/* Laws of large models on GPUs and groups of them, on traces written by hand. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/gpu/gpu_lower.h"
#include "core/gpu/serving.h"
#include "tests/gpu/llm.h"
#include "traces/llm.h"

static struct arena *arena;

static void open_arena(void)
{
    arena = arena_open();
}

static void close_arena(void)
{
    arena_close(arena);
}

static struct trace decode(const char *model, int64_t batch, int64_t context, int bits)
{
    return llm_trace(arena, model_named(model), batch, 1, context, bits);
}

static struct trace prefill(const char *model, int64_t batch, int64_t tokens, int bits)
{
    return llm_trace(arena, model_named(model), batch, tokens, tokens, bits);
}

static struct gpu_trace_result run(const char *gpu, const struct trace *t, int64_t factor)
{
    struct gpu_trace_result r;
    struct diag d = {.status = 0};
    ck_assert_msg(gpu_run_trace(arena, gpu_named(arena, gpu), t, factor, &r, &d), "%s", d.text);
    return r;
}

static struct gpu_trace_result run_on(const char *gpu, const struct trace *t, int devices)
{
    struct gpu_trace_result r;
    struct diag d = {.status = 0};
    ck_assert_msg(gpu_run_group(arena, gpu_named(arena, gpu), t, 1, devices, &r, &d), "%s", d.text);
    return r;
}

static struct gpu_lowered lower(const char *gpu, const struct trace *t, int devices)
{
    struct gpu_lowered l;
    gpu_lower(arena, gpu_named(arena, gpu), t, 1, devices, &l);
    return l;
}

/* Bytes that one device moves, collectives apart. */
static double bytes_of(const struct gpu_lowered *l)
{
    double bytes = 0;
    for (size_t i = 0; i < l->count; i++)
        bytes += l->costs[i].memory_s > 0 ? l->costs[i].bytes : 0;
    return bytes;
}

static double bytes_of_weights(const struct trace *t, int bits)
{
    const struct op *table = &t->ops[0];
    return (trace_weights(t) - (double)(table->u.embedding.rows * table->u.embedding.width)) *
           bits / 8;
}

static double bytes_of_cache(const struct trace *t)
{
    double bytes = 0;
    for (size_t i = 0; i < t->count; i++)
        bytes += t->ops[i].kind == OP_KV_READ ? (double)t->ops[i].u.move.bytes : 0;
    return bytes;
}

START_TEST(a_step_is_bound_by_its_weights_and_its_cache)
{
    struct trace t = decode("LLaMA 7B", 64, 1024, 8);
    struct gpu_lowered l = lower("h100_sxm", &t, 1);
    double least = bytes_of_weights(&t, 8) + bytes_of_cache(&t), moved = bytes_of(&l);
    ck_assert_double_ge(moved, least);
    ck_assert_double_le(moved, 1.05 * least);
    ck_assert_double_ge(run("h100_sxm", &t, 1).time_s, least / 3350e9);
}
END_TEST

START_TEST(the_cache_is_read_once_per_kv_head)
{
    struct trace grouped = decode("LLaMA 70B", 64, 4096, 8),
                 longer = decode("LLaMA 70B", 64, 8192, 8);
    struct gpu_lowered a = lower("h200_sxm", &grouped, 1), b = lower("h200_sxm", &longer, 1);
    ASSERT_NEAR(bytes_of(&b) - bytes_of(&a), bytes_of_cache(&longer) - bytes_of_cache(&grouped),
                1e-9);
    ASSERT_NEAR(bytes_of_cache(&grouped), 64.0 * 4096 * 80 * 2 * 8 * 128, 1e-12);
}
END_TEST

START_TEST(time_is_never_below_bytes_over_bandwidth_or_operations_over_peak_of_the_group)
{
    for (size_t g = 0; g < COUNT_OF(gpu_names); g++)
        for (size_t m = 0; m < COUNT_OF(models); m++)
            for (int64_t queries = 1; queries <= 1024; queries *= 1024) {
                struct trace t = llm_trace(arena, &models[m], 4, queries, 1024, 8);
                const struct gpu *gpu = gpu_named(arena, gpu_names[g]);
                struct gpu_trace_result r;
                struct diag d = {.status = 0};
                double attention = queries > 1 ? 0.5 : 1; /* a prompt's mask may skip so much */
                if (!gpu_run_trace(arena, gpu, &t, 1, &r, &d))
                    continue;
                ck_assert_double_ge(r.time_s, bytes_of_weights(&t, 8) / r.devices /
                                                  (gpu_memory_gb_s(gpu) * 1e9));
                ck_assert_double_ge(r.time_s, attention * r.ops / r.devices /
                                                  (gpu_peak_tops(gpu, r.dtype) * 1e12));
                ck_assert_double_le(r.power_w, gpu_tdp_w(gpu) * r.devices);
            }
}
END_TEST

START_TEST(what_one_gpu_cannot_hold_takes_the_smallest_group_that_can)
{
    struct trace small = decode("LLaMA 7B", 1, 1024, 8), middle = decode("LLaMA 70B", 1, 1024, 8),
                 large = decode("GPT-3 175B", 1, 1024, 8), wide = decode("GPT-3 175B", 1, 1024, 16);
    ck_assert_int_eq(run("h100_sxm", &small, 1).devices, 1);
    ck_assert_int_eq(run("h100_sxm", &middle, 1).devices, 1);
    ck_assert_int_eq(run("h100_sxm", &middle, 256).devices, 2);
    ck_assert_int_eq(run("h100_sxm", &large, 1).devices, 4);
    ck_assert_int_eq(run("h200_sxm", &large, 1).devices, 2);
    ck_assert_int_eq(run("h100_sxm", &wide, 1).devices, 8);
}
END_TEST

START_TEST(a_model_beyond_the_largest_group_is_refused_with_what_it_needs)
{
    struct trace t = decode("GPT-3 175B", 1, 1024, 16);
    struct gpu_trace_result r;
    struct diag d = {.status = 0};
    ck_assert(!gpu_run_trace(arena, gpu_named(arena, "h100_pcie"), &t, 1, &r, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "each of 2 h100_pcie needs"));
}
END_TEST

START_TEST(each_block_is_summed_twice_over_the_group)
{
    struct trace t = decode("LLaMA 70B", 16, 1024, 8);
    const struct gpu *g = gpu_named(arena, "h100_sxm");
    double words = gpu_all_reduce_s(g, 4, 16 * 8);
    ck_assert_double_eq(run_on("h100_sxm", &t, 1).collective_s, 0);
    ASSERT_NEAR(run_on("h100_sxm", &t, 4).collective_s,
                80 * 2 * gpu_all_reduce_s(g, 4, 16 * 8192 * 2) + words, 1e-9);
}
END_TEST

START_TEST(experts_are_summed_once_after_they_are_combined)
{
    struct trace t = decode("Mixtral 8x7B", 64, 1024, 8);
    const struct gpu *g = gpu_named(arena, "h100_sxm");
    ASSERT_NEAR(run_on("h100_sxm", &t, 2).collective_s,
                32 * 2 * gpu_all_reduce_s(g, 2, 64 * 4096 * 2) + gpu_all_reduce_s(g, 2, 64 * 8),
                1e-9);
}
END_TEST

START_TEST(only_experts_that_are_hit_are_read_but_all_are_held)
{
    struct trace one = decode("Mixtral 8x7B", 1, 1024, 8),
                 many = decode("Mixtral 8x7B", 64, 1024, 8);
    struct gpu_lowered a = lower("h200_sxm", &one, 1), b = lower("h200_sxm", &many, 1);
    double expert = 32.0 * 3 * 4096 * 14336; /* one of each layer */
    ck_assert_double_eq(a.weight_bytes, b.weight_bytes);
    ck_assert_double_ge(a.weight_bytes, 46.5e9);
    ASSERT_NEAR(bytes_of(&b) - bytes_of(&a) - bytes_of_cache(&many) + bytes_of_cache(&one),
                6 * expert, 0.05);
}
END_TEST

START_TEST(a_larger_batch_of_experts_by_factor_is_the_batch_itself)
{
    struct trace one = decode("Mixtral 8x7B", 1, 1024, 8),
                 many = decode("Mixtral 8x7B", 64, 1024, 8);
    ASSERT_NEAR(run("h200_sxm", &one, 64).time_s, run("h200_sxm", &many, 1).time_s, 1e-9);
}
END_TEST

START_TEST(the_kernels_of_a_group_share_out_the_work)
{
    struct trace t = prefill("LLaMA 70B", 1, 2048, 8);
    for (int devices = 2; devices <= 8; devices *= 2) {
        struct gpu_lowered whole = lower("h200_sxm", &t, 1), part = lower("h200_sxm", &t, devices);
        double compute[2] = {0, 0}, ops[2] = {0, 0};
        for (size_t i = 0; i < whole.count; i++) {
            compute[0] += whole.costs[i].compute_s;
            ops[0] += whole.costs[i].ops;
        }
        for (size_t i = 0; i < part.count; i++) {
            compute[1] += part.costs[i].compute_s;
            ops[1] += part.costs[i].ops;
        }
        ck_assert_double_le(compute[1], compute[0]);
        ASSERT_NEAR(ops[1] * devices, ops[0], 1e-9);
        ASSERT_NEAR(part.weight_bytes * devices, whole.weight_bytes, 1e-9);
    }
}
END_TEST

START_TEST(more_devices_never_compute_more_slowly)
{
    static const char *const names[] = {"LLaMA 7B", "LLaMA 70B", "Mixtral 8x7B", "GPT-J 6B"};
    for (size_t m = 0; m < COUNT_OF(names); m++)
        for (int64_t batch = 1; batch <= 64; batch *= 8) {
            struct trace t = decode(names[m], batch, 1024, 8);
            double last = 1e9;
            for (int devices = 1; devices <= 8; devices *= 2) {
                struct gpu_trace_result r = run_on("h200_sxm", &t, devices);
                ck_assert_double_le(r.time_s - r.collective_s, last * (1 + 1e-9));
                last = r.time_s - r.collective_s;
            }
        }
}
END_TEST

START_TEST(a_larger_batch_never_lowers_tokens_per_second)
{
    static const char *const names[] = {"LLaMA 7B", "Mixtral 8x7B", "GPT-J 6B"};
    for (size_t m = 0; m < COUNT_OF(names); m++) {
        struct gpu_trace_result last = {.time_s = 0};
        for (int64_t batch = 1; batch <= 256; batch *= 2) {
            struct trace t = decode(names[m], batch, 256, 8);
            struct gpu_trace_result r = run_on("h200_sxm", &t, 1);
            ck_assert_double_ge(r.tokens_per_s, last.tokens_per_s);
            ck_assert_double_ge(r.time_s, last.time_s * (1 - 1e-9));
            ck_assert_double_ge(r.energy_j, last.energy_j);
            last = r;
        }
    }
}
END_TEST

START_TEST(a_longer_context_never_takes_less_time)
{
    double last = 0;
    for (int64_t context = 1; context <= 65536; context *= 4) {
        struct trace t = decode("LLaMA 7B", 1, context, 8);
        double now = run("h100_sxm", &t, 1).time_s;
        ck_assert_double_ge(now, last);
        last = now;
    }
}
END_TEST

START_TEST(tokens_are_counted_for_all_and_for_one)
{
    struct trace t = decode("LLaMA 7B", 16, 1024, 8), p = prefill("LLaMA 7B", 2, 512, 8);
    struct gpu_trace_result r = run("h100_sxm", &t, 2);
    ck_assert_int_eq(r.batch, 32);
    ASSERT_NEAR(r.tokens_per_s, 32 / r.time_s, 1e-12);
    ASSERT_NEAR(r.user_tokens_per_s, 1 / r.time_s, 1e-12);
    ASSERT_NEAR(r.j_per_token, r.energy_j / 32, 1e-12);
    r = run("h100_sxm", &p, 1);
    ASSERT_NEAR(r.tokens_per_s, 1024 / r.time_s, 1e-12);
    ck_assert_double_eq(r.user_tokens_per_s, 0);
}
END_TEST

START_TEST(narrower_weights_never_take_more_time)
{
    struct trace eight = decode("LLaMA 7B", 1, 1024, 8), half = decode("LLaMA 7B", 1, 1024, 16),
                 four = decode("LLaMA 7B", 1, 1024, 8);
    four.header.weight_bits = 4;
    for (size_t i = 0; i < four.count; i++)
        if (four.ops[i].weight)
            four.ops[i].weight_bits = 4;
    ck_assert_double_lt(run("h100_sxm", &four, 1).time_s, run("h100_sxm", &eight, 1).time_s);
    ck_assert_double_lt(run("h100_sxm", &eight, 1).time_s, run("h100_sxm", &half, 1).time_s);
    ck_assert_int_eq(run("h100_sxm", &eight, 1).dtype, GPU_FP8);
    ck_assert_int_eq(run("a100_sxm", &eight, 1).dtype, GPU_INT8);
    ck_assert_int_eq(run("h100_sxm", &half, 1).dtype, GPU_FP16);
}
END_TEST

START_TEST(a_block_is_seven_kernels)
{
    struct trace t =
        decode("LLaMA 7B", 1, 1024, 8); /* two norms, qkv, attention, o, gate and up, */
    struct gpu_lowered l = lower("h100_sxm", &t, 1); /* down; outside: lookup, norm, head */
    ck_assert_uint_eq(l.count, 32 * 7 + 3);
}
END_TEST

START_TEST(a_prompts_mask_spares_half_of_its_scores)
{
    struct gpu_kernel whole = {
        .op = GPU_ATTENTION, .dtype = GPU_FP16, .batch = 32, .m = 4096, .n = 4096, .k = 128};
    struct gpu_kernel half = whole;
    struct gpu_result a, b;
    half.masked = 0.5;
    gpu_run_kernel(gpu_named(arena, "h100_sxm"), &whole, &a);
    gpu_run_kernel(gpu_named(arena, "h100_sxm"), &half, &b);
    ck_assert_double_gt(a.time_s, 1.8 * b.time_s);
    ASSERT_NEAR(b.ops, a.ops / 2, 1e-12);
}
END_TEST

START_TEST(the_best_batch_keeps_the_step_time_that_it_is_given)
{
    struct trace t = decode("LLaMA 70B", 1, 1152, 8);
    const struct gpu *g = gpu_named(arena, "h200_sxm");
    struct gpu_trace_result same = run("h200_sxm", &t, 1), within, most;
    struct diag d = {.status = 0};
    ck_assert(gpu_best_batch_within(arena, g, &t, 1.2 * same.time_s, &within, &d));
    ck_assert(gpu_best_batch_within(arena, g, &t, INFINITY, &most, &d));
    ck_assert_double_le(within.time_s, 1.2 * same.time_s);
    ck_assert_int_gt(within.batch, 1);
    ck_assert_int_gt(most.batch, within.batch);
    t = decode("LLaMA 70B", within.batch + within.batch / 8 + 1, 1152, 8);
    ck_assert_double_gt(run("h200_sxm", &t, 1).time_s, 1.2 * same.time_s);
    t = decode("LLaMA 70B", 1, 1152, 8);
    ck_assert_int_eq(most.devices, same.devices);
    ck_assert(gpu_best_batch_within(arena, g, &t, 0.5 * same.time_s, &within, &d));
    ck_assert_int_eq(within.batch, 1);
}
END_TEST

START_TEST(a_served_rate_is_a_round_of_prefills_and_steps)
{
    struct gpu_serving s = {
        .batch = 64, .output = 128, .prefills = 8, .prefill_s = 0.25, .step_s = 0.0625};
    ck_assert_double_eq(gpu_serving_rate(&s), 64.0 * 128 / (8 * 0.25 + 128 * 0.0625));
}
END_TEST

START_TEST(energy_while_serving_is_floor_bytes_and_operations_by_the_serving_fit)
{
    struct trace t = decode("LLaMA 7B", 1, 1024, 16);
    const struct gpu *g = gpu_named(arena, "h100_sxm");
    struct gpu_trace_result r = run("h100_sxm", &t, 1);
    double bytes = bytes_of_weights(&t, 16) + bytes_of_cache(&t);
    ASSERT_NEAR(r.energy_j,
                g->serving.floor_w * r.time_s + bytes * 88e-12 +
                    r.ops * 1.02e-12 * g->power.pj_per_op[GPU_FP16] / g->power.pj_per_op[GPU_BF16],
                0.03);
}
END_TEST

/* A published model by the tree's own generator, through a file so that its blocks are expanded. */
static struct trace generated(const char *name, int64_t batch, const char *phase, int64_t tokens)
{
    struct import_options o = {.activation_bits = 8, .weight_bits = 8, .batch = batch};
    const char *path = arena_printf(arena, "build/llm-%ld.jsonl.gz", (long)getpid());
    struct trace made, loaded;
    struct llm_model model;
    struct diag d = {.status = 0};
    ck_assert(llm_known_find(name, &model));
    llm_model_complete(&model);
    o.phase = phase;
    o.sequence = tokens;
    o.context = tokens - 1;
    o.generate = 1;
    ck_assert_msg(llm_build(arena, &model, "test", &o, &made, &d), "%s", d.text);
    ck_assert_msg(trace_save(&made, path, &d), "%s", d.text);
    ck_assert_msg(trace_load(arena, path, 1000000, &loaded, &d), "%s", d.text);
    unlink(path);
    return loaded;
}

START_TEST(generated_traces_take_as_long_as_those_written_by_hand)
{
    static const char *const names[][2] = {{"llama2_7b", "LLaMA 7B"},
                                           {"llama2_70b", "LLaMA 70B"},
                                           {"mixtral_8x7b", "Mixtral 8x7B"},
                                           {"gpt3_175b", "GPT-3 175B"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        for (int devices = 4; devices <= 8; devices *= 2) {
            struct trace hand = decode(names[i][1], 16, 1024, 8);
            struct trace made = generated(names[i][0], 16, "decode", 1024);
            struct gpu_trace_result a = run_on("h200_sxm", &hand, devices);
            struct gpu_trace_result b = run_on("h200_sxm", &made, devices);
            ASSERT_NEAR(b.time_s, a.time_s, 0.03);
            ASSERT_NEAR(b.energy_j, a.energy_j, 0.03);
            ASSERT_NEAR(b.tokens_per_s, a.tokens_per_s, 0.03);
            hand = prefill(names[i][1], 1, 1024, 8);
            made = generated(names[i][0], 1, "prefill", 1024);
            ASSERT_NEAR(run_on("h200_sxm", &made, devices).time_s,
                        run_on("h200_sxm", &hand, devices).time_s, 0.03);
        }
}
END_TEST

START_TEST(every_published_model_has_its_group_or_a_reason)
{
    const char *name;
    size_t held = 0, all = 0;
    for (size_t i = 0; (name = llm_known_name(i)) != NULL; i++) {
        struct trace t = generated(name, 1, NULL, 512);
        struct gpu_trace_result r;
        struct diag d = {.status = 0};
        all++;
        if (gpu_run_trace(arena, gpu_named(arena, "h200_sxm"), &t, 1, &r, &d)) {
            ck_assert_double_gt(r.time_s, 0);
            ck_assert_double_gt(r.energy_j, 0);
            ck_assert_double_lt(r.tops,
                                gpu_peak_tops(gpu_named(arena, "h200_sxm"), r.dtype) * r.devices);
            printf("%-20s %-9s x%d %9.3f ms %8.2f tokens/s %8.3f J\n", name, t.header.phase,
                   r.devices, r.time_s * 1e3, r.tokens_per_s, r.energy_j);
            held++;
        } else {
            printf("%-20s %s\n", name, d.text);
            ck_assert_ptr_nonnull(strstr(d.text, "does not fit"));
        }
    }
    ck_assert_uint_ge(held, all - 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_step_is_bound_by_its_weights_and_its_cache,
        the_cache_is_read_once_per_kv_head,
        time_is_never_below_bytes_over_bandwidth_or_operations_over_peak_of_the_group,
        what_one_gpu_cannot_hold_takes_the_smallest_group_that_can,
        a_model_beyond_the_largest_group_is_refused_with_what_it_needs,
        each_block_is_summed_twice_over_the_group,
        experts_are_summed_once_after_they_are_combined,
        only_experts_that_are_hit_are_read_but_all_are_held,
        a_larger_batch_of_experts_by_factor_is_the_batch_itself,
        the_kernels_of_a_group_share_out_the_work,
        more_devices_never_compute_more_slowly,
        a_larger_batch_never_lowers_tokens_per_second,
        a_longer_context_never_takes_less_time,
        tokens_are_counted_for_all_and_for_one,
        narrower_weights_never_take_more_time,
        a_block_is_seven_kernels,
        a_prompts_mask_spares_half_of_its_scores,
        the_best_batch_keeps_the_step_time_that_it_is_given,
        a_served_rate_is_a_round_of_prefills_and_steps,
        energy_while_serving_is_floor_bytes_and_operations_by_the_serving_fit,
        generated_traces_take_as_long_as_those_written_by_hand,
        every_published_model_has_its_group_or_a_reason,
    };
    Suite *suite = suite_create("gpu language models");
    TCase *cases = tcase_create("gpu language models");
    tcase_add_checked_fixture(cases, open_arena, close_arena);
    tcase_set_timeout(cases, 120);
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
