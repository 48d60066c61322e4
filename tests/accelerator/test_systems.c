/* The systems of configs/accelerator: peaks from structure, what a power may depend on, and that a
 * chip that stands in several files is the same chip. */
#include <string.h>

#include "core/gpu/gpu.h"
#include "core/validate/compare.h"
#include "tests/accelerator/fixture.h"
#include "tests/app/program.h"
#include "tests/folder.h"

#define CONFIGS "configs/accelerator"

struct opened {
    struct cfg *file;
    struct accelerator *x;
    struct published p;
};

static bool open_set(struct arena *a, const char *path, const struct cfg_override *set,
                     struct opened *out)
{
    struct diag d = {.status = 0};
    bool found;
    return cfg_open(a, path, set, set != NULL, &out->file, &d) &&
           accelerator_open(a, cfg_root(out->file), &out->x, &d) &&
           published_read(a, cfg_root(out->file), &out->p, &found, &d) && found;
}

static struct opened open_system(struct arena *a, const char *name)
{
    struct opened o;
    const char *path = arena_printf(a, CONFIGS "/%s.cfg", name);
    ck_assert_msg(open_set(a, path, NULL, &o), "%s does not open", path);
    return o;
}

static struct accelerator_peak peak_of(const struct accelerator *x, enum chip_precision p,
                                       bool sparse)
{
    const struct chip_constants by = chip_constants_fitted();
    const struct accelerator_job job = {.precision = p, .sparse = sparse, .by = &by};
    struct accelerator_peak peak;
    struct diag d = {.status = 0};
    ck_assert_msg(accelerator_peak(x, &job, &peak, &d), "%s: %s", x->name, d.text);
    return peak;
}

static enum chip_precision word(const char *name)
{
    int p = chip_word(chip_precision_names, name);
    ck_assert_msg(p >= 0, "'%s' is no precision", name);
    return (enum chip_precision)p;
}

START_TEST(the_nine_identified_rows_reach_their_published_peak_by_counting)
{
    static const char *const nine[] = {"chimera",      "rram_dnn",     "tianjic",
                                       "hanguang_800", "mediatek_dla", "rapid",
                                       "mlu370_s4",    "a100_sxm",     "h100_pcie"};
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(nine); i++) {
        struct opened o = open_system(a, nine[i]);
        struct accelerator_peak peak = peak_of(o.x, word(o.p.precision), false);
        ck_assert_msg(fabs(peak.tops / o.p.tops - 1) <= 0.02, "%s: %.5g TOPS, published %.5g",
                      nine[i], peak.tops, o.p.tops);
        cfg_close(o.file);
    }
    arena_close(a);
}
END_TEST

START_TEST(sparse_peaks_are_published_apart_and_reached_apart)
{
    static const char *const cards[] = {"a100_sxm", "h100_pcie", "h100_sxm", "l40s", "mi300x"};
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(cards); i++) {
        struct opened o = open_system(a, cards[i]);
        enum chip_precision p = word(o.p.precision);
        ASSERT_NEAR(peak_of(o.x, p, true).tops, o.p.tops_sparse, 0.02);
        ASSERT_NEAR(peak_of(o.x, p, false).tops, o.p.tops_sparse / 2, 0.02);
        cfg_close(o.file);
    }
    arena_close(a);
}
END_TEST

START_TEST(every_system_is_published_at_the_precision_of_its_headline)
{
    struct arena *a = arena_open();
    struct folder_names files = folder_list(a, CONFIGS, "", ".cfg");
    ck_assert_uint_ge(files.count, 40);
    for (size_t i = 0; i < files.count; i++) {
        const char *name = without_ending(a, files.at[i], ".cfg");
        struct opened o = open_system(a, name);
        ck_assert_str_eq(o.x->name, name);
        ck_assert_msg(accelerator_headline(o.x) == word(o.p.precision), "%s", name);
        ck_assert_msg(isnan(o.p.power_w) || !isnan(o.p.tops), "%s: a power without a rate", name);
        cfg_close(o.file);
    }
    arena_close(a);
}
END_TEST

/* The same card runs traces from configs/gpu and has its power from configs/accelerator. */
START_TEST(a_gpu_has_one_peak_in_both_of_its_configs)
{
    static const struct {
        enum gpu_dtype dtype;
        enum chip_precision precision;
    } both[] = {{GPU_INT8, CHIP_INT8},
                {GPU_FP8, CHIP_FP8},
                {GPU_FP16, CHIP_FP16},
                {GPU_BF16, CHIP_BF16},
                {GPU_TF32, CHIP_TF32}};
    struct arena *a = arena_open();
    struct folder_names files = folder_list(a, "configs/gpu", "", ".cfg");
    size_t compared = 0;
    for (size_t i = 0; i < files.count; i++) {
        struct opened o = open_system(a, without_ending(a, files.at[i], ".cfg"));
        struct cfg *c;
        struct gpu *g;
        struct diag d = {.status = 0};
        const char *path = arena_printf(a, "configs/gpu/%s", files.at[i]);
        bool good = cfg_open(a, path, NULL, 0, &c, &d) && gpu_open(a, cfg_root(c), &g, &d);
        ck_assert_msg(good, "%s", d.text);
        for (size_t k = 0; k < COUNT_OF(both); k++)
            if (gpu_has(g, both[k].dtype) && accelerator_has(o.x, both[k].precision)) {
                ASSERT_NEAR(peak_of(o.x, both[k].precision, false).tops,
                            gpu_peak_tops(g, both[k].dtype), 1e-9);
                compared++;
            }
        cfg_close(c);
        cfg_close(o.file);
    }
    ck_assert_uint_ge(compared, 4 * files.count);
    arena_close(a);
}
END_TEST

START_TEST(no_published_figure_is_reachable_by_set)
{
    static const struct cfg_override set[] = {
        {"published.tops", "1.0"}, {"published.power_w", "1.0"}, {"published.tops_per_w", "1.0"}};
    struct arena *a = arena_open();
    struct folder_names files = folder_list(a, CONFIGS, "", ".cfg");
    for (size_t i = 0; i < files.count; i++)
        for (size_t k = 0; k < COUNT_OF(set); k++) {
            struct opened o;
            const char *path = arena_printf(a, CONFIGS "/%s", files.at[i]);
            ck_assert_msg(!open_set(a, path, &set[k], &o), "%s takes %s", path, set[k].path);
        }
    arena_close(a);
}
END_TEST

START_TEST(a_power_limit_enters_no_power)
{
    static const struct cfg_override halved = {"cap.w", "175.0"};
    const struct chip_constants by = chip_constants_fitted();
    const struct accelerator_job job = {.precision = CHIP_INT8, .by = &by};
    struct arena *a = arena_open();
    struct opened own = open_system(a, "h100_pcie"), half;
    struct accelerator_peak high, low;
    struct diag d = {.status = 0};
    ck_assert(open_set(a, CONFIGS "/h100_pcie.cfg", &halved, &half));
    ck_assert_double_eq(peak_of(own.x, CHIP_INT8, false).power_w,
                        peak_of(half.x, CHIP_INT8, false).power_w);
    ck_assert_msg(accelerator_sustained(own.x, &job, &high, &d) &&
                      accelerator_sustained(half.x, &job, &low, &d),
                  "%s", d.text);
    ck_assert_double_lt(low.tops, high.tops);
    ck_assert_double_lt(high.tops, peak_of(own.x, CHIP_INT8, false).tops);
    cfg_close(own.file);
    cfg_close(half.file);
    arena_close(a);
}
END_TEST

START_TEST(memories_are_those_of_the_data_sheets_not_of_common_claims)
{
    struct arena *a = arena_open();
    const struct accelerator *mi300x = open_system(a, "mi300x").x,
                             *gh200 = open_system(a, "gh200").x,
                             *h200 = open_system(a, "h200_sxm").x,
                             *inferentia = open_system(a, "inferentia1").x;
    ck_assert_double_eq(mi300x->memory_gb_s, 5300);
    ck_assert_double_eq(gh200->memory_gb, 144);
    ck_assert_double_eq(gh200->memory_gb_s, 4900);
    ck_assert_double_eq(h200->memory_gb, 141);
    ck_assert_double_eq(h200->memory_gb_s, 4800);
    ASSERT_NEAR(peak_of(inferentia, CHIP_FP16, false).tops, 64, 0.03);
    ASSERT_NEAR(peak_of(inferentia, CHIP_INT8, false).tops, 128, 0.03);
    arena_close(a);
}
END_TEST

/* The operating point of a data row, when the config has it too. */
static bool has_point(const struct accelerator *x, const struct chip_point *p)
{
    bool own =
        fabs(x->clock_ghz / p->clock_ghz - 1) < 1e-9 && fabs(x->vdd_v.value / p->vdd_v - 1) < 0.01;
    for (size_t i = 0; i < x->point_count; i++)
        own |= x->points[i].clock_ghz == p->clock_ghz && x->points[i].vdd_v == p->vdd_v;
    return own && accelerator_has(x, p->precision);
}

static void compare_structure(const struct accelerator *x, const struct chip_row *row)
{
    const struct accelerator_engine *e = &x->engine[row->point.precision];
    const struct chip_point *p = &row->point;
    ck_assert_msg(e->rows == p->rows && e->columns == p->columns && e->tile == p->tile &&
                      e->hold_cycles == p->hold_cycles && x->near_kb == p->near_kb,
                  "%s: another engine than %s", x->name, row->name);
    ck_assert_msg(x->engine_kind == (int)p->engine && x->process_class == (int)p->process &&
                      x->design_class == (int)p->design && x->scope == (int)p->scope,
                  "%s: another kind or class than %s", x->name, row->name);
    ck_assert_msg(x->node_nm == p->node_nm && x->die_mm2 == p->area_mm2, "%s: another die than %s",
                  x->name, row->name);
}

/* The factors were found on the table of chips: a config that differs would be judged by factors
 * found on another chip. */
START_TEST(a_chip_is_the_same_in_its_config_and_in_the_table_that_factors_are_found_on)
{
    struct arena *a = arena_open();
    struct chip_data data = chips(a);
    struct folder_names files = folder_list(a, CONFIGS, "", ".cfg");
    size_t compared = 0;
    for (size_t i = 0; i < files.count; i++) {
        struct opened o = open_system(a, without_ending(a, files.at[i], ".cfg"));
        for (size_t k = 0; k < data.count; k++) {
            const struct chip_row *row = &data.rows[k];
            bool one_of_three = !strcmp(row->chip, "NVDLA"); /* three sizes of one design */
            if (strcmp(row->chip, o.p.chip) != 0 || one_of_three || !has_point(o.x, &row->point))
                continue;
            compare_structure(o.x, row);
            compared++;
        }
        cfg_close(o.file);
    }
    ck_assert_uint_ge(compared, 35);
    arena_close(a);
}
END_TEST

START_TEST(every_row_of_the_founding_table_has_its_figures)
{
    struct arena *a = arena_open();
    struct compare_table t;
    struct cfg *c;
    struct diag d = {.status = 0};
    size_t spaces = 0, systems = 0;
    bool good = cfg_open(a, "configs/study/founding_table.cfg", NULL, 0, &c, &d) &&
                compare_read(a, cfg_root(c), &t, &d);
    ck_assert_msg(good, "%s", d.text);
    for (size_t i = 0; i < t.count; i++) {
        const struct compare_row *r = &t.rows[i];
        if (r->space) {
            const char *path = arena_printf(a, "configs/study/%s.cfg", r->space);
            ck_assert_msg(access(path, R_OK) == 0, "%s", path);
            spaces++;
            continue;
        }
        struct opened o = open_system(a, r->system);
        peak_of(o.x, r->precision ? word(r->precision) : accelerator_headline(o.x), r->sparse);
        systems++;
        cfg_close(o.file);
    }
    cfg_close(c);
    ck_assert_uint_eq(spaces, 2);
    ck_assert_uint_ge(systems, 30);
    arena_close(a);
}
END_TEST

/* --- the command ------------------------------------------------------------------------------ */

START_TEST(peak_tells_dense_sparse_and_sustained_rates_apart)
{
    struct arena *a = arena_open();
    json_t *r = run_json(a, "peak h100_pcie --sparse --uncertainty 100 --format json");
    ASSERT_NEAR(number_of(r, "tops"), 1513, 0.001);
    ASSERT_NEAR(number_of(r, "tops_sparse"), 3026, 0.001);
    ASSERT_NEAR(number_of(r, "power_w"), sum_of(r, "power_by_part_w"), 1e-9);
    ASSERT_NEAR(number_of(r, "tops_per_w"), number_of(r, "tops") / number_of(r, "power_w"), 1e-9);
    const json_t *sustained = json_object_get(r, "sustained");
    ck_assert_double_lt(number_of(sustained, "tops"), number_of(r, "tops"));
    ASSERT_NEAR(number_of(sustained, "power_w"), 350, 0.01);
    const json_t *interval = json_object_get(r, "tops_per_w_interval");
    ck_assert_double_lt(json_number_value(json_array_get(interval, 0)), number_of(r, "tops_per_w"));
    ck_assert_double_gt(json_number_value(json_array_get(interval, 1)), number_of(r, "tops_per_w"));
    json_decref(r);
    arena_close(a);
}
END_TEST

START_TEST(peak_knows_precisions_and_points_of_an_accelerator)
{
    struct arena *a = arena_open();
    json_t *own = run_json(a, "peak rapid --format json");
    json_t *slow = run_json(a, "peak rapid --point low --format json");
    json_t *wide = run_json(a, "peak rapid --precision fp16 --format json");
    ASSERT_NEAR(number_of(slow, "tops"), number_of(own, "tops") / 1.6, 1e-9);
    ck_assert_double_gt(number_of(slow, "tops_per_w"), number_of(own, "tops_per_w"));
    ASSERT_NEAR(number_of(wide, "tops"), number_of(own, "tops") / 8, 1e-9);
    ck_assert_uint_eq(json_array_size(json_object_get(own, "precisions")), 3);
    json_decref(own);
    json_decref(slow);
    json_decref(wide);
    arena_close(a);
}
END_TEST

START_TEST(a_macro_and_a_gpu_are_sent_to_their_own_commands)
{
    struct arena *a = arena_open();
    struct outcome macro = run(a, "peak jia_2020"), gpu = run(a, "peak configs/gpu/a100_sxm.cfg");
    ck_assert_int_eq(macro.status, 2);
    ck_assert_ptr_nonnull(strstr(macro.err, "cimarron macro jia_2020"));
    ck_assert_int_eq(gpu.status, 2);
    ck_assert_ptr_nonnull(strstr(gpu.err, "cimarron gpu a100_sxm"));
    arena_close(a);
}
END_TEST

START_TEST(a_space_of_designs_shows_many_and_names_none)
{
    struct arena *a = arena_open();
    json_t *r = run_json(a, "peak our_work_2022 --format json");
    ck_assert(json_is_true(json_object_get(r, "parametric")));
    ck_assert_uint_gt(json_array_size(json_object_get(r, "designs")), 10);
    ck_assert_uint_ge(json_array_size(json_object_get(r, "classes")), 3);
    json_decref(r);
    arena_close(a);
}
END_TEST

SUITE("systems", the_nine_identified_rows_reach_their_published_peak_by_counting,
      sparse_peaks_are_published_apart_and_reached_apart,
      every_system_is_published_at_the_precision_of_its_headline,
      a_gpu_has_one_peak_in_both_of_its_configs, no_published_figure_is_reachable_by_set,
      a_power_limit_enters_no_power, memories_are_those_of_the_data_sheets_not_of_common_claims,
      a_chip_is_the_same_in_its_config_and_in_the_table_that_factors_are_found_on,
      every_row_of_the_founding_table_has_its_figures,
      peak_tells_dense_sparse_and_sustained_rates_apart,
      peak_knows_precisions_and_points_of_an_accelerator,
      a_macro_and_a_gpu_are_sent_to_their_own_commands,
      a_space_of_designs_shows_many_and_names_none)
