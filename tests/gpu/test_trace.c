/* Whole traces on a GPU: what is fused, what is free, what a batch does. */
#include <stdio.h>
#include <string.h>

#include "core/gpu/gpu_lower.h"
#include "core/gpu/gpu_measured.h"
#include "tests/folder.h"
#include "tests/gpu/fixture.h"

enum { OPS_MAX = 32, INPUTS_MAX = 3 };

/* A trace written op by op. */
struct sketch {
    struct op ops[OPS_MAX];
    int32_t inputs[OPS_MAX][INPUTS_MAX];
    struct trace trace;
};

static struct arena *arena;
static const struct gpu *gpu;
static struct sketch s;

static void open_all(void)
{
    arena = arena_open();
    gpu = gpu_named(arena, "a100_sxm");
    memset(&s, 0, sizeof s);
    s.trace.ops = s.ops;
    s.trace.header.batch = 1;
    s.trace.header.activation_bits = s.trace.header.weight_bits = 8;
}

static void close_all(void)
{
    arena_close(arena);
}

/* Appends an op of 64 x 56 x 56 in and out that reads up to two others (-1: none). */
static struct op *add(enum op_kind kind, int first, int second)
{
    size_t i = s.trace.count++;
    struct op *o = &s.ops[i];
    struct shape image = {.dim = {1, 64, 56, 56}, .dims = 4};
    o->kind = (uint8_t)kind;
    o->id = (int32_t)i;
    o->name = o->fn = "probe";
    o->activation_bits = o->weight_bits = 8;
    o->in = o->out = image;
    o->inputs = s.inputs[i];
    if (first >= 0)
        s.inputs[i][o->n_inputs++] = first;
    if (second >= 0)
        s.inputs[i][o->n_inputs++] = second;
    return o;
}

static struct op *add_conv(int input, const char *weight)
{
    struct op *o = add(OP_CONV2D, input, -1);
    o->weight = weight;
    o->u.conv.kernel[0] = o->u.conv.kernel[1] = 3;
    o->u.conv.stride[0] = o->u.conv.stride[1] = 1;
    o->u.conv.groups = 1;
    return o;
}

static struct op *add_matmul(int first, int second, int64_t m, int64_t n, int64_t k)
{
    struct op *o = add(OP_MATMUL, first, second);
    o->u.matmul.batch = 8;
    o->u.matmul.m = m;
    o->u.matmul.n = n;
    o->u.matmul.k = k;
    return o;
}

static struct gpu_trace_result run(int64_t factor)
{
    struct gpu_trace_result r;
    struct diag d = {.status = 0};
    ck_assert_msg(gpu_run_trace(arena, gpu, &s.trace, factor, &r, &d), "%s", d.text);
    return r;
}

START_TEST(an_activation_is_fused_into_its_convolution)
{
    struct gpu_trace_result alone, fused;
    add_conv(-1, "w");
    alone = run(64);
    add(OP_ELEMENTWISE, 0, -1);
    fused = run(64);
    ck_assert_double_eq(fused.kernels, 1);
    ck_assert_double_eq(fused.time_s, alone.time_s);
}
END_TEST

START_TEST(an_activation_that_others_bypass_is_a_kernel_of_its_own)
{
    struct gpu_trace_result fused, unfused;
    add_conv(-1, "w");
    add(OP_ELEMENTWISE, 0, -1);
    fused = run(64);
    add(OP_SLICE, 0, -1);
    unfused = run(64);
    ck_assert_double_eq(unfused.kernels, 2);
    ck_assert_double_lt(fused.time_s, unfused.time_s);
    ck_assert_double_lt(fused.energy_j, unfused.energy_j);
}
END_TEST

START_TEST(a_fused_residual_still_reads_its_other_operand)
{
    struct gpu_lowered plain, residual;
    add_conv(-1, "w0");
    add_conv(0, "w1");
    gpu_lower(arena, gpu, &s.trace, 1, 1, &plain);
    add(OP_ELEMENTWISE, 1, 0);
    add(OP_ELEMENTWISE, 2, -1);
    gpu_lower(arena, gpu, &s.trace, 1, 1, &residual);
    ck_assert_uint_eq(residual.count, 2);
    ASSERT_NEAR(residual.costs[1].memory_j - plain.costs[1].memory_j,
                64 * 56 * 56 * gpu->power.pj_per_byte * 1e-12, 1e-9);
}
END_TEST

START_TEST(a_batch_norm_and_an_activation_after_a_pool_add_no_kernel)
{
    add(OP_POOL, -1, -1);
    add(OP_NORM, 0, -1)->fn = "batch";
    add(OP_ELEMENTWISE, 1, -1);
    ck_assert_double_eq(run(1).kernels, 1);
    add(OP_NORM, 2, -1)->fn = "layer";
    ck_assert_double_eq(run(1).kernels, 2);
}
END_TEST

START_TEST(reshapes_and_concatenations_in_place_are_free)
{
    static struct shape shapes[2] = {{{1, 64, 56, 56}, 4}, {{1, 64, 56, 56}, 4}};
    add_conv(-1, "w0");
    add_conv(-1, "w1");
    add(OP_CONCAT, 0, 1)->more_in = shapes;
    add(OP_RESHAPE, 2, -1);
    ck_assert_double_eq(run(1).kernels, 2);
}
END_TEST

START_TEST(attention_keeps_its_scores_on_the_chip)
{
    struct gpu_lowered l;
    double scores = 8.0 * 512 * 512;
    add_matmul(-1, -1, 512, 512, 64);
    add(OP_SOFTMAX, 0, -1);
    add_matmul(1, -1, 512, 64, 512);
    gpu_lower(arena, gpu, &s.trace, 1, 1, &l);
    ck_assert_uint_eq(l.count, 1);
    ck_assert_double_lt(l.costs[0].memory_j, scores * gpu->power.pj_per_byte * 1e-12);
    ASSERT_NEAR(l.costs[0].ops, 2 * trace_macs(&s.trace), 1e-9);
}
END_TEST

START_TEST(a_larger_batch_never_takes_less_time_or_energy)
{
    struct gpu_trace_result last = {0};
    add_conv(-1, "w0");
    add(OP_ELEMENTWISE, 0, -1);
    add(OP_POOL, 1, -1);
    add_matmul(2, -1, 1, 1000, 2048)->weight = "fc";
    for (int64_t factor = 1; factor <= 1024; factor *= 2) {
        struct gpu_trace_result now = run(factor);
        ck_assert_double_ge(now.time_s, last.time_s);
        ck_assert_double_ge(now.energy_j, last.energy_j);
        ck_assert_int_eq(now.batch, factor);
        ck_assert_double_le(now.power_w, gpu->power.cap_w * (1 + 1e-6));
        last = now;
    }
}
END_TEST

START_TEST(the_best_batch_is_no_slower_per_sample_than_any_that_was_tried)
{
    struct gpu_trace_result best;
    struct diag d = {.status = 0};
    add_conv(-1, "w0");
    add(OP_POOL, 0, -1);
    ck_assert(gpu_best_batch_within(arena, gpu, &s.trace, INFINITY, &best, &d));
    for (int64_t factor = 1; factor <= 4096; factor *= 4) {
        struct gpu_trace_result r = run(factor);
        ck_assert_double_ge((double)best.batch / best.time_s * 1.006, (double)r.batch / r.time_s);
    }
}
END_TEST

START_TEST(what_does_not_fit_the_memory_is_refused)
{
    struct gpu_trace_result r;
    struct diag d = {.status = 0};
    struct op *o = add_matmul(-1, -1, 1, 4000000, 400000);
    o->weight = "giant";
    o->u.matmul.batch = 1;
    ck_assert(!gpu_run_trace(arena, gpu, &s.trace, 1, &r, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "does not fit"));
    ck_assert(!gpu_best_batch_within(arena, gpu, &s.trace, INFINITY, &r, &d));
}
END_TEST

START_TEST(the_working_set_is_the_largest_that_lives_at_one_time)
{
    struct gpu_lowered l;
    double image = 64 * 56 * 56;
    add_conv(-1, "w0");
    add_conv(0, "w1");
    add_conv(1, "w2"); /* the first output is dead by now */
    gpu_lower(arena, gpu, &s.trace, 1, 1, &l);
    ck_assert_double_eq(l.activation_bytes, 2 * image);
    add(OP_ELEMENTWISE, 2, 0); /* unless a residual reads it */
    gpu_lower(arena, gpu, &s.trace, 1, 1, &l);
    ck_assert_double_eq(l.activation_bytes, 3 * image);
}
END_TEST

START_TEST(operations_are_two_per_mac_of_the_trace)
{
    add_conv(-1, "w0");
    ck_assert_double_eq(run(4).ops, 4 * 2 * trace_macs(&s.trace));
}
END_TEST

static void load_sample(const char *file, struct trace *t)
{
    struct diag d = {.status = 0};
    const char *path = arena_printf(arena, "traces/samples/%s", file);
    ck_assert_msg(trace_load(arena, path, 100000, t, &d), "%s", d.text);
}

START_TEST(every_sample_runs_on_every_gpu_that_holds_it_within_its_peak)
{
    struct folder_names samples = folder_list(arena, "traces/samples", "", ".jsonl.gz");
    ck_assert_uint_ge(samples.count, 17);
    for (size_t i = 0; i < samples.count; i++) {
        struct trace t;
        load_sample(samples.at[i], &t);
        for (size_t k = 0; k < COUNT_OF(gpu_names); k++) {
            const struct gpu *g = gpu_named(arena, gpu_names[k]);
            struct gpu_trace_result r;
            struct diag d = {.status = 0};
            if (!gpu_run_trace(arena, g, &t, 1, &r, &d)) {
                ck_assert_msg(strstr(d.text, "does not fit") != NULL, "%s", d.text);
                ck_assert_str_eq(gpu_names[k], "h100_pcie"); /* at most two joined */
                continue;
            }
            ck_assert_double_gt(r.tops, 0);
            ck_assert_double_lt(r.tops, r.devices * gpu_peak_tops(g, r.dtype));
            ck_assert_double_le(r.kernels, (double)t.count);
            ASSERT_NEAR(r.tops_per_w, r.tops / r.power_w, 1e-9);
        }
    }
}
END_TEST

/* The target of the baseline: nothing in the model was fitted on these figures. */
START_TEST(resnet50_is_within_a_quarter_of_the_measured_throughput)
{
    struct trace t;
    struct cfg *c = NULL;
    struct gpu_measured *measured;
    struct diag d = {.status = 0};
    load_sample("resnet50.jsonl.gz", &t);
    ck_assert(cfg_open(arena, "configs/study/mlperf_resnet50.cfg", NULL, 0, &c, &d));
    ck_assert(gpu_measured_open(arena, cfg_root(c), &measured, &d));
    for (size_t i = 0; i < measured->count; i++) {
        const struct gpu_measured_row *row = &measured->rows[i];
        const struct gpu *g = gpu_named(arena, row->gpu);
        for (int64_t batch = 64; batch <= 2048; batch *= 2) {
            struct gpu_trace_result r;
            double rate;
            ck_assert(gpu_run_trace(arena, g, &t, batch, &r, &d));
            rate = (double)r.batch / r.time_s;
            printf("%-10s batch %4lld: %6.0f images/s (measured %6.0f, %+5.1f %%) at %3.0f W\n",
                   row->gpu, (long long)batch, rate, row->per_s, 100 * (rate / row->per_s - 1),
                   r.power_w);
            if (batch >= 256)
                ck_assert_msg(fabs(rate / row->per_s - 1) <= 0.25, "%s at batch %lld", row->gpu,
                              (long long)batch);
        }
    }
    cfg_close(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_activation_is_fused_into_its_convolution,
        an_activation_that_others_bypass_is_a_kernel_of_its_own,
        a_fused_residual_still_reads_its_other_operand,
        a_batch_norm_and_an_activation_after_a_pool_add_no_kernel,
        reshapes_and_concatenations_in_place_are_free,
        attention_keeps_its_scores_on_the_chip,
        a_larger_batch_never_takes_less_time_or_energy,
        the_best_batch_is_no_slower_per_sample_than_any_that_was_tried,
        what_does_not_fit_the_memory_is_refused,
        the_working_set_is_the_largest_that_lives_at_one_time,
        operations_are_two_per_mac_of_the_trace,
        every_sample_runs_on_every_gpu_that_holds_it_within_its_peak,
        resnet50_is_within_a_quarter_of_the_measured_throughput,
    };
    Suite *suite = suite_create("gpu traces");
    TCase *cases = tcase_create("gpu traces");
    tcase_add_checked_fixture(cases, open_all, close_all);
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
