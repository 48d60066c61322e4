/* Laws of single kernels, over all GPUs that ship. */
#include "tests/gpu/fixture.h"

#include <string.h>

#include "core/gpu/gpu_batch.h"
#include "core/gpu/gpu_measured.h"

static const double sizes[] = {1,   7,   16,   64,   65,   127,  128,   129,
                               250, 512, 1000, 1024, 4096, 4100, 10000, 16384};

static struct arena *arena;

static void open_arena(void)
{
    arena = arena_open();
}

static void close_arena(void)
{
    arena_close(arena);
}

START_TEST(no_product_beats_the_peak_rate_or_the_memory)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    for (int t = 0; t < GPU_DTYPES; t++)
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            for (size_t j = 0; j < COUNT_OF(sizes); j++) {
                double m = sizes[i], n = sizes[j], k = sizes[(i * 5 + j * 3) % COUNT_OF(sizes)];
                enum gpu_dtype dtype = gpu_dtype_fallback(g, (enum gpu_dtype)t);
                struct gpu_result r = gpu_time_of(g, dtype, m, n, k, 1);
                /* inputs may still lie in the L2 */
                double bytes = (k * n + m * n) * gpu_dtype_bytes(dtype);
                ck_assert_double_eq(r.ops, 2 * m * n * k);
                ck_assert_double_ge(r.time_s * gpu_peak_tops(g, dtype) * 1e12, r.ops);
                ck_assert_double_ge(r.time_s * gpu_memory_gb_s(g) * 1e9, bytes);
            }
}
END_TEST

START_TEST(time_never_falls_as_a_side_of_a_product_grows)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    static const double others[][2] = {
        {1, 4096}, {128, 128}, {4096, 256}, {100, 5000}, {8192, 8192}};
    for (size_t o = 0; o < COUNT_OF(others); o++)
        for (size_t i = 1; i < COUNT_OF(sizes); i++) {
            double less = sizes[i - 1], more = sizes[i], a = others[o][0], b = others[o][1];
            ck_assert_double_ge(gpu_time_of(g, GPU_BF16, more, a, b, 1).time_s,
                                gpu_time_of(g, GPU_BF16, less, a, b, 1).time_s * (1 - 1e-6));
            ck_assert_double_ge(gpu_time_of(g, GPU_BF16, a, more, b, 1).time_s,
                                gpu_time_of(g, GPU_BF16, a, less, b, 1).time_s * (1 - 1e-6));
            ck_assert_double_ge(gpu_time_of(g, GPU_BF16, a, b, more, 1).time_s,
                                gpu_time_of(g, GPU_BF16, a, b, less, 1).time_s * (1 - 1e-6));
            ck_assert_double_ge(gpu_time_of(g, GPU_BF16, a, b, 64, more).time_s,
                                gpu_time_of(g, GPU_BF16, a, b, 64, less).time_s * (1 - 1e-6));
        }
}
END_TEST

START_TEST(power_stays_between_the_floor_and_the_cap)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    for (int t = 0; t < GPU_DTYPES; t++)
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            struct gpu_result r = gpu_time_of(g, (enum gpu_dtype)t, sizes[i], 8192, 8192, 1);
            ck_assert_double_le(r.power_w, g->power.cap_w * (1 + 1e-6));
            ck_assert_double_gt(r.power_w, g->power.floor_w);
            ck_assert_double_le(r.power_w, gpu_tdp_w(g));
        }
}
END_TEST

START_TEST(energy_is_positive_and_is_power_times_time)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct gpu_result r = gpu_time_of(g, GPU_FP16, sizes[i], 1024, 1024, 2);
        ck_assert_double_gt(r.energy_j, 0);
        ASSERT_NEAR(r.energy_j, r.power_w * r.time_s, 1e-12);
    }
}
END_TEST

START_TEST(int8_is_at_the_published_dense_peak)
{
    static const double published[] = {624, 1513, 1979, 1979};
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    ASSERT_NEAR(gpu_peak_tops(g, GPU_INT8), published[_i], 0.002);
    ck_assert_str_eq(gpu_name(g), gpu_names[_i]);
}
END_TEST

START_TEST(a_narrower_dtype_is_never_slower)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        double m = sizes[i];
        ck_assert_double_le(gpu_time_of(g, GPU_INT8, m, 4096, 4096, 1).time_s,
                            gpu_time_of(g, GPU_FP16, m, 4096, 4096, 1).time_s);
        ck_assert_double_le(gpu_time_of(g, GPU_FP16, m, 4096, 4096, 1).time_s,
                            gpu_time_of(g, GPU_FP32, m, 4096, 4096, 1).time_s);
    }
}
END_TEST

START_TEST(a_large_product_settles_at_the_power_cap)
{
    const struct gpu *g = gpu_named(arena, "h200_sxm");
    struct gpu_result r = gpu_time_of(g, GPU_BF16, 8192, 8192, 8192, 1);
    ASSERT_NEAR(r.power_w, g->power.cap_w, 1e-3);
    ck_assert_str_eq(r.bound, "power");
}
END_TEST

START_TEST(a_small_product_is_bound_by_its_launch)
{
    const struct gpu *g = gpu_named(arena, "a100_sxm");
    ck_assert_str_ne(gpu_time_of(g, GPU_BF16, 16, 16, 64, 1).bound, "power");
    ck_assert_str_eq(gpu_time_of(g, GPU_BF16, 1, 16384, 16384, 1).bound, "memory");
    ck_assert_double_gt(gpu_time_of(g, GPU_BF16, 1, 1, 1, 1).time_s, g->fit.launch_us * 1e-6);
}
END_TEST

START_TEST(a_dtype_that_is_missing_runs_at_the_next_wider)
{
    const struct gpu *g = gpu_named(arena, "a100_sxm");
    ck_assert(!gpu_has(g, GPU_FP8));
    ck_assert_int_eq(gpu_dtype_fallback(g, GPU_FP8), GPU_FP16);
    ck_assert_double_eq(gpu_time_of(g, GPU_FP8, 512, 512, 512, 1).time_s,
                        gpu_time_of(g, GPU_FP16, 512, 512, 512, 1).time_s);
}
END_TEST

START_TEST(bits_choose_the_narrowest_dtype_that_holds_them)
{
    const struct gpu *g = gpu_named(arena, "h100_sxm");
    ck_assert_int_eq(gpu_dtype_for(g, 8, 8), GPU_INT8);
    ck_assert_int_eq(gpu_dtype_for(g, 8, 4), GPU_INT8);
    ck_assert_int_eq(gpu_dtype_for(g, 16, 8), GPU_FP16);
    ck_assert_int_eq(gpu_dtype_for(g, 9, 8), GPU_FP16);
    ck_assert_int_eq(gpu_dtype_for(g, 32, 8), GPU_FP32);
}
END_TEST

START_TEST(every_dtype_and_operator_is_found_by_its_name)
{
    for (int t = 0; t < GPU_DTYPES; t++) {
        enum gpu_dtype found;
        ck_assert(gpu_dtype_find(gpu_dtype_name((enum gpu_dtype)t), &found));
        ck_assert_int_eq(found, t);
    }
    for (int o = GPU_MATMUL; o <= GPU_COPY; o++) {
        enum gpu_op found;
        ck_assert(gpu_op_find(gpu_op_name((enum gpu_op)o), &found));
        ck_assert_int_eq(found, o);
    }
}
END_TEST

START_TEST(a_stream_takes_its_bytes_at_its_share_of_the_bandwidth)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    struct gpu_kernel k = {
        .op = GPU_ELEMENTWISE, .dtype = GPU_FP16, .batch = 1, .m = 1e6, .n = 500};
    struct gpu_result r;
    gpu_run_kernel(g, &k, &r);
    ASSERT_NEAR(r.time_s - g->fit.launch_us * 1e-6,
                2e9 / (g->stream.elementwise * gpu_memory_gb_s(g) * 1e9), 1e-9);
    ck_assert_str_eq(r.bound, "memory");
}
END_TEST

START_TEST(an_all_reduce_takes_longer_with_more_bytes_and_more_devices)
{
    const struct gpu *g = gpu_named(arena, gpu_names[_i]);
    double last = 0;
    ck_assert_double_eq(gpu_all_reduce_s(g, 1, 1e9), 0);
    for (double bytes = 8; bytes < 1e10; bytes *= 4) {
        double now = gpu_all_reduce_s(g, 4, bytes);
        ck_assert_double_gt(now, last);
        ck_assert_double_gt(gpu_all_reduce_s(g, 8, bytes), now);
        last = now;
    }
}
END_TEST

START_TEST(a_table_of_kernels_is_read_as_it_stands)
{
    struct gpu_batch b;
    struct diag d = {.status = 0};
    ck_assert_msg(gpu_batch_read(arena, "tests/gpu/kernels.csv", &b, &d), "%s", d.text);
    ck_assert_uint_eq(b.count, 4);
    ck_assert_int_eq(b.kernels[0].op, GPU_MATMUL);
    ck_assert_int_eq(b.kernels[0].dtype, GPU_INT8);
    ck_assert_double_eq(b.kernels[0].k, 256);
    ck_assert_double_eq(b.kernels[0].batch, 1);
    ck_assert_double_eq(b.kernels[1].batch, 32);
    ck_assert_int_eq(b.kernels[2].op, GPU_SOFTMAX);
    ck_assert_int_eq(b.lines[3], 7);
}
END_TEST

START_TEST(the_measured_study_names_gpus_that_ship)
{
    struct cfg *c = NULL;
    struct gpu_measured *m;
    struct diag d = {.status = 0};
    ck_assert_msg(cfg_open(arena, "configs/study/mlperf_resnet50.cfg", NULL, 0, &c, &d) &&
                      gpu_measured_open(arena, cfg_root(c), &m, &d),
                  "%s:%d: %s", d.file, d.line, d.text);
    cfg_close(c);
    ck_assert_uint_eq(m->count, COUNT_OF(gpu_names));
    for (size_t i = 0; i < m->count; i++) {
        const struct gpu_measured_row *row = &m->rows[i];
        ck_assert_ptr_nonnull(gpu_named(arena, row->gpu));
        ck_assert_ptr_nonnull(row->source);
        if (strcmp(row->gpu, "h100_sxm") == 0)
            ck_assert_double_eq(row->per_s, 90930);
    }
}
END_TEST

int main(void)
{
    const struct {
        const TTest *test;
        bool all; /* once per GPU */
    } tests[] = {
        {no_product_beats_the_peak_rate_or_the_memory, true},
        {time_never_falls_as_a_side_of_a_product_grows, true},
        {power_stays_between_the_floor_and_the_cap, true},
        {energy_is_positive_and_is_power_times_time, true},
        {int8_is_at_the_published_dense_peak, true},
        {a_narrower_dtype_is_never_slower, true},
        {a_large_product_settles_at_the_power_cap, false},
        {a_small_product_is_bound_by_its_launch, false},
        {a_dtype_that_is_missing_runs_at_the_next_wider, false},
        {bits_choose_the_narrowest_dtype_that_holds_them, false},
        {every_dtype_and_operator_is_found_by_its_name, false},
        {a_stream_takes_its_bytes_at_its_share_of_the_bandwidth, true},
        {an_all_reduce_takes_longer_with_more_bytes_and_more_devices, true},
        {a_table_of_kernels_is_read_as_it_stands, false},
        {the_measured_study_names_gpus_that_ship, false},
    };
    Suite *suite = suite_create("gpu kernels");
    TCase *cases = tcase_create("gpu kernels");
    tcase_add_checked_fixture(cases, open_arena, close_arena);
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        tcase_add_loop_test(cases, tests[i].test, 0, tests[i].all ? (int)COUNT_OF(gpu_names) : 1);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
