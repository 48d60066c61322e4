/* The model against measured kernels that it was not fitted on.  The limits are the errors that
 * docs/MODELS.md states, rounded up. */
#include "tests/gpu/measured.h"

#include "tests/data_table.h"
#include "tests/gpu/fixture.h"

#define KERNELS DATA "gpu_gemm.csv"

static const struct {
    const char *gpu, *device;
    double limit, limit_short, limit_long; /* mean error: all, below and above 20 us */
} targets[] = {
    {"a100_sxm", "NVIDIA A100-SXM4-80GB", 0.09, 0.10, 0.08},
    {"h100_sxm", "NVIDIA H100 80GB HBM3", 0.07, 0.08, 0.06},
    {"h200_sxm", "NVIDIA H200", 0.07, 0.08, 0.06},
};

START_TEST(held_out_products_are_within_the_stated_error)
{
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        const struct gpu *g = gpu_named(a, targets[i].gpu);
        size_t count;
        struct measured *rows = measured_read(KERNELS, targets[i].device, "bfloat16", &count);
        struct error all = measured_error(g, rows, count, false, 0, INFINITY, false);
        struct error brief = measured_error(g, rows, count, false, 0, 20e-6, false);
        struct error longer = measured_error(g, rows, count, false, 20e-6, INFINITY, false);
        printf("%s: %zu held out, mean %.1f %% (below 20 us %.1f %%, above %.1f %%)\n",
               targets[i].gpu, all.count, 100 * all.mean, 100 * brief.mean, 100 * longer.mean);
        ck_assert_uint_ge(all.count, 1000);
        ck_assert_uint_eq(all.count, count); /* none was fitted on */
        ck_assert_double_le(all.mean, targets[i].limit);
        ck_assert_double_le(brief.mean, targets[i].limit_short);
        ck_assert_double_le(longer.mean, targets[i].limit_long);
        free(rows);
    }
    arena_close(a);
}
END_TEST

START_TEST(held_out_power_of_the_h200_is_within_eight_percent)
{
    struct arena *a = arena_open();
    size_t count;
    struct measured *rows = measured_read(KERNELS, "NVIDIA H200", "bfloat16", &count);
    struct error e =
        measured_error(gpu_named(a, "h200_sxm"), rows, count, false, 0, INFINITY, true);
    printf("h200_sxm: power of %zu held out, mean %.1f %%, median %.1f %%\n", e.count, 100 * e.mean,
           100 * e.median);
    ck_assert_uint_ge(e.count, 200);
    ck_assert_double_le(e.mean, 0.08);
    ck_assert_double_le(e.median, 0.01);
    free(rows);
    arena_close(a);
}
END_TEST

START_TEST(all_reduces_are_within_eight_percent)
{
    struct arena *a = arena_open();
    struct csv_table t = data_table(a, "gpu_all_reduce.csv");
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        const struct gpu *g = gpu_named(a, targets[i].gpu);
        double sum = 0;
        int count = 0;
        for (size_t r = 0; r < t.rows; r++) {
            if (strcmp(data_text(&t, r, "device"), targets[i].device) != 0)
                continue;
            double bytes = 2 * data_number(&t, r, "elements");
            double s = gpu_all_reduce_s(g, (int)data_number(&t, r, "gpus"), bytes);
            sum += fabs(s * 1e3 / data_number(&t, r, "latency_ms") - 1);
            count++;
        }
        printf("%s: %d all-reduces, mean %.1f %%\n", targets[i].gpu, count, 100 * sum / count);
        ck_assert_int_ge(count, 60);
        ck_assert_double_le(sum / count, 0.08);
    }
    arena_close(a);
}
END_TEST

/* Block-scaled fp8 products start late (activations are scaled first), so that only long ones tell
 * of the units. */
START_TEST(held_out_fp8_products_are_within_fifteen_percent)
{
    struct arena *a = arena_open();
    size_t count;
    struct measured *rows = measured_read(KERNELS, "NVIDIA H200", "fp8_block", &count);
    const struct gpu *g = gpu_named(a, "h200_sxm");
    struct error e = measured_error(g, rows, count, false, 200e-6, INFINITY, false);
    printf("h200_sxm: fp8, %zu held out, mean %.1f %%, median %.1f %%, bias %+.1f %%\n", e.count,
           100 * e.mean, 100 * e.median, 100 * e.bias);
    ck_assert_uint_ge(e.count, 70);
    ck_assert_double_le(e.mean, 0.15);
    ck_assert_double_le(fabs(e.bias), 0.05);
    free(rows);
    arena_close(a);
}
END_TEST

SUITE("gpu measured", held_out_fp8_products_are_within_fifteen_percent,
      held_out_products_are_within_the_stated_error,
      held_out_power_of_the_h200_is_within_eight_percent, all_reduces_are_within_eight_percent)
