/* Accelerators from configs: every shipped one opens and computes, and what a job may ask of it. */
#include <string.h>

#include "tests/accelerator/fixture.h"
#include "tests/cfg_text.h"
#include "tests/folder.h"

#define CONFIGS "configs/accelerator"

static const char gpu_text[] =
    "kind = \"accelerator\"; name = \"small\"; source = \"test\"; year = 2020; node_nm = 7.0;"
    "vdd_v = 0.83; clock_ghz = 1.41; die_mm2 = 826.0; process_class = \"high_performance\";"
    "design_class = \"gpu\"; power_scope = \"board\"; units = 108; sparse_factor = 2.0;"
    "engine = { kind = \"mma_sync\"; rows = 16.0; columns = 8.0; hold_cycles = 16.0;"
    "           near_kb = 192.0; tile = 128.0; };"
    "precision = { fp16 = { macs_per_clk = 1024.0; };"
    "              int8 = { macs_per_clk = 2048.0; rows = 32.0; }; };"
    "memory = { kind = \"hbm2\"; gb = 80.0; gb_s = 2039.0; busy_gb_s = 250.0; };"
    "links = { gb_s = 600.0; };"
    "voltage = { volt = 0.83; ghz = 1.41; volt_per_ghz = 0.37; volt_min = 0.65; };"
    "points = { slow = { vdd_v = 0.7; clock_ghz = 0.705; }; };"
    "cap = { w = 400.0; };";

static struct accelerator *opened(struct arena *a, const char *text)
{
    struct cfg *c;
    struct accelerator *x = NULL;
    struct diag d = {.status = 0};
    bool good = cfg_open_text(a, text, &c, &d) && accelerator_open(a, cfg_root(c), &x, &d);
    ck_assert_msg(good, "%s", d.text);
    cfg_close(c);
    return x;
}

static struct accelerator_peak peak_of(const struct accelerator *x, struct accelerator_job job,
                                       const struct chip_constants *by)
{
    struct accelerator_peak peak;
    struct diag d = {.status = 0};
    job.by = by;
    ck_assert_msg(accelerator_peak(x, &job, &peak, &d), "%s", d.text);
    return peak;
}

START_TEST(every_shipped_accelerator_computes_at_each_of_its_precisions_and_points)
{
    struct arena *a = arena_open();
    struct folder_names files = folder_list(a, CONFIGS, "", ".cfg");
    struct chip_constants by = chip_constants_fitted();
    ck_assert_uint_ge(files.count, 1);
    for (size_t i = 0; i < files.count; i++) {
        struct cfg *c;
        struct accelerator *x;
        struct diag d = {.status = 0};
        const char *path = arena_printf(a, CONFIGS "/%s", files.at[i]);
        bool good = cfg_open(a, path, NULL, 0, &c, &d) && accelerator_open(a, cfg_root(c), &x, &d);
        ck_assert_msg(good, "%s: %s", path, d.text);
        for (int p = 0; p < CHIP_PRECISIONS; p++) {
            struct accelerator_job job = {.precision = (enum chip_precision)p};
            if (!accelerator_has(x, job.precision))
                continue;
            struct accelerator_peak own = peak_of(x, job, &by);
            ck_assert_double_gt(own.tops_per_w, 0);
            for (size_t k = 0; k < x->point_count; k++) {
                job.point = x->points[k].name;
                struct accelerator_peak at = peak_of(x, job, &by);
                ASSERT_NEAR(at.tops / own.tops, x->points[k].clock_ghz / x->clock_ghz, 1e-9);
            }
        }
        cfg_close(c);
    }
    arena_close(a);
}
END_TEST

START_TEST(the_peak_is_units_times_macs_times_clock)
{
    struct arena *a = arena_open();
    const struct accelerator *x = opened(a, gpu_text);
    struct chip_constants by = chip_constants_blind();
    struct accelerator_peak p = peak_of(x, (struct accelerator_job){.precision = CHIP_INT8}, &by);
    ASSERT_NEAR(p.tops, 2 * 108 * 2048 * 1.41e-3, 1e-12);
    ASSERT_NEAR(p.tops_per_mm2, p.tops / 826, 1e-12);
    ASSERT_NEAR(p.tops_per_w, p.tops / p.power_w, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(sparse_weights_double_the_counted_rate_and_not_the_power)
{
    struct arena *a = arena_open();
    const struct accelerator *x = opened(a, gpu_text);
    struct chip_constants by = chip_constants_blind();
    struct accelerator_job job = {.precision = CHIP_INT8};
    struct accelerator_peak dense = peak_of(x, job, &by);
    job.sparse = true;
    struct accelerator_peak sparse = peak_of(x, job, &by);
    ASSERT_NEAR(sparse.tops, 2 * dense.tops, 1e-12);
    ASSERT_NEAR(sparse.power_w, dense.power_w, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(the_headline_is_the_fastest_precision_unless_the_config_names_one)
{
    struct arena *a = arena_open();
    ck_assert_int_eq(accelerator_headline(opened(a, gpu_text)), CHIP_INT8);
    const char *named = arena_printf(a, "headline = \"fp16\"; %s", gpu_text);
    ck_assert_int_eq(accelerator_headline(opened(a, named)), CHIP_FP16);
    arena_close(a);
}
END_TEST

START_TEST(what_the_chip_has_not_is_refused_by_name)
{
    struct arena *a = arena_open();
    const struct accelerator *x = opened(a, gpu_text);
    struct chip_constants by = chip_constants_blind();
    struct accelerator_peak peak;
    struct accelerator_job jobs[] = {{.precision = CHIP_FP4, .by = &by},
                                     {.precision = CHIP_INT8, .point = "fast", .by = &by}};
    const char *says[] = {"small does not compute in fp4", "small has no operating point \"fast\""};
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        struct diag d = {.status = 0};
        ck_assert(!accelerator_peak(x, &jobs[i], &peak, &d));
        ck_assert_int_eq(d.status, 1);
        ck_assert_str_eq(d.text, says[i]);
    }
    arena_close(a);
}
END_TEST

START_TEST(the_cap_holds_the_sustained_rate_and_is_no_input_of_the_peak)
{
    struct arena *a = arena_open();
    struct chip_constants by = chip_constants_fitted();
    struct accelerator *x = opened(a, gpu_text);
    struct accelerator_job job = {.precision = CHIP_FP16, .by = &by};
    struct accelerator_peak held, peak = peak_of(x, job, &by);
    struct diag d = {.status = 0};
    ck_assert(accelerator_sustained(x, &job, &held, &d));
    ASSERT_NEAR(held.power_w, 400, 1e-6);
    ck_assert_double_lt(held.tops, peak.tops);
    ASSERT_NEAR(held.vdd_v, 0.83 + 0.37 * (held.clock_ghz - 1.41), 1e-9);
    x->cap_w = 200;
    ASSERT_NEAR(peak_of(x, job, &by).power_w, peak.power_w, 1e-15);
    x->cap_w = 0;
    ck_assert(!accelerator_sustained(x, &job, &held, &d));
    ck_assert_int_eq(d.status, 1);
    arena_close(a);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_interval_around_the_prediction)
{
    struct arena *a = arena_open();
    struct chip_constants by = chip_constants_fitted();
    const struct accelerator *x = opened(a, gpu_text);
    struct accelerator_job job = {.precision = CHIP_FP16, .by = &by};
    struct accelerator_interval one, two, other;
    struct diag d = {.status = 0};
    ck_assert(accelerator_uncertainty(a, x, &job, 500, 7, &one, &d));
    ck_assert(accelerator_uncertainty(a, x, &job, 500, 7, &two, &d));
    ck_assert(accelerator_uncertainty(a, x, &job, 500, 8, &other, &d));
    ck_assert_double_eq(one.low, two.low);
    ck_assert_double_eq(one.high, two.high);
    ck_assert_double_ne(one.low, other.low);
    ASSERT_NEAR(one.median, peak_of(x, job, &by).tops_per_w, 0.1);
    ck_assert_double_lt(one.low, one.median);
    ck_assert_double_lt(one.median, one.high);
    ck_assert(!accelerator_uncertainty(a, x, &job, 19, 7, &one, &d));
    arena_close(a);
}
END_TEST

SUITE("accelerator", every_shipped_accelerator_computes_at_each_of_its_precisions_and_points,
      the_peak_is_units_times_macs_times_clock,
      sparse_weights_double_the_counted_rate_and_not_the_power,
      the_headline_is_the_fastest_precision_unless_the_config_names_one,
      what_the_chip_has_not_is_refused_by_name,
      the_cap_holds_the_sustained_rate_and_is_no_input_of_the_peak,
      the_same_seed_gives_the_same_interval_around_the_prediction)
