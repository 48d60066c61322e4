/* Spaces of designs: each is evaluated by the array models, all that meet are shown, and a wider
 * question never has fewer answers. */
#include <string.h>

#include "core/base/units.h"
#include "core/cim/macro.h"
#include "core/validate/design_space.h"
#include "tests/app/program.h"
#include "tests/bad_inputs.h"

#define STUDY "configs/study/"

/* Two supplies and two shares of one digital array. */
static const char small_text[] =
    "kind = \"design_space\"; name = \"small\"; source = \"test\"; tolerance = 1.0;"
    "published = { tops_per_w = 0.1; tops_per_w_high = 1e6; power_w = 1.0; };"
    "designs = { one = { array = {"
    "  kind = \"digital\"; rows = 64; columns = 64; tree_bits = 4; input_bits = 4; weight_bits = 4;"
    "  node_nm = 28.0; vdd_v = 0.8;"
    "  cell : { @include \"" CIMARRON_SOURCE_DIR "/configs/cell/sram6t_28nm.cfg\" }; };"
    "  axes = { vdd_v = { values = [7, 9]; scale = 0.1; };"
    "           bits = { values = [4, 8]; keys = \"input_bits weight_bits tree_bits\"; };"
    "           array_share = { values = [50, 100]; scale = 0.01; }; }; }; };";

/* The file stays as long as the process: every combination opens it again. */
static const char *small_path(struct arena *a, const char *text)
{
    const char *path = arena_printf(a, "/tmp/cimarron_space_%ld.cfg", (long)getpid());
    write_whole(path, text);
    return path;
}

static struct design_space explored(struct arena *a, const char *path, const char *key,
                                    const char *value)
{
    const struct cfg_override set = {key, value};
    struct design_space s;
    struct diag d = {.status = 0};
    ck_assert_msg(design_space_explore(a, path, &set, key != NULL, &s, &d), "%s", d.text);
    return s;
}

static struct design_space small_space(struct arena *a)
{
    const char *path = small_path(a, small_text);
    struct design_space s = explored(a, path, NULL, NULL);
    unlink(path);
    return s;
}

static struct macro_result by_hand(struct arena *a, const char *vdd, const char *bits)
{
    const struct cfg_override set[] = {{"designs.one.array.vdd_v", vdd},
                                       {"designs.one.array.input_bits", bits},
                                       {"designs.one.array.weight_bits", bits},
                                       {"designs.one.array.tree_bits", bits}};
    const struct cfg_group *g;
    const char *path = small_path(a, small_text);
    struct macro_result r;
    struct array *x;
    struct cfg *c;
    struct diag d = {.status = 0};
    bool good = cfg_open(a, path, set, COUNT_OF(set), &c, &d) &&
                cfg_sub(cfg_root(c), "designs", &g, &d) && cfg_sub(g, "one", &g, &d) &&
                cfg_sub(g, "array", &g, &d) && array_open(a, g, &x, &d) &&
                macro_evaluate(a, x, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY, 0, &r, &d);
    ck_assert_msg(good, "%s", d.text);
    cfg_close(c);
    unlink(path);
    return r;
}

START_TEST(a_design_is_what_the_array_model_says_times_the_arrays)
{
    struct arena *a = arena_open();
    struct design_space s = small_space(a);
    struct macro_result low = by_hand(a, "0.7", "4"), high = by_hand(a, "0.9", "8");
    ck_assert_uint_eq(s.classes[0].tried, 8);
    ck_assert_uint_eq(s.count, 8);
    const struct design *first = &s.designs[0], *last = &s.designs[7];
    ASSERT_NEAR(first->tops, first->arrays * low.tops, 1e-12);
    ASSERT_NEAR(first->tops_per_w, 0.5 * low.tops_per_w, 1e-12);
    ASSERT_NEAR(first->area_mm2, first->arrays * low.area_um2 / UM2_PER_MM2, 1e-12);
    ASSERT_NEAR(last->tops_per_w, high.tops_per_w, 1e-12);
    ck_assert_int_eq(first->input_bits, 4);
    ck_assert_int_eq(last->weight_bits, 8);
    arena_close(a);
}
END_TEST

START_TEST(as_many_arrays_stand_as_come_nearest_to_the_published_power)
{
    struct arena *a = arena_open();
    struct design_space s = small_space(a);
    for (size_t i = 0; i < s.count; i++) {
        const struct design *x = &s.designs[i];
        double one_w = x->power_w / x->arrays;
        ck_assert_double_eq(x->arrays, floor(x->arrays));
        ck_assert_double_le(fabs(x->power_w - s.published.power_w), one_w / 2 * (1 + 1e-9));
    }
    arena_close(a);
}
END_TEST

START_TEST(every_design_of_the_shipped_spaces_meets_the_published_figures)
{
    static const char *const paths[] = {STUDY "our_work_2023.cfg", STUDY "our_work_2022.cfg"};
    struct arena *a = arena_open();
    for (size_t k = 0; k < COUNT_OF(paths); k++) {
        struct design_space s = explored(a, paths[k], NULL, NULL);
        const struct published *p = &s.published;
        bool band = !isnan(p->tops_per_w_high);
        double high = band ? p->tops_per_w_high : p->tops_per_w * (1 + s.tolerance);
        double low = band ? p->tops_per_w : p->tops_per_w * (1 - s.tolerance);
        ck_assert_uint_gt(s.count, 20);
        for (size_t i = 0; i < s.count; i++) {
            const struct design *x = &s.designs[i];
            ck_assert_double_le(fabs(x->power_w / p->power_w - 1), s.tolerance);
            ck_assert(x->tops_per_w >= low && x->tops_per_w <= high);
            ck_assert(isnan(p->tops) || fabs(x->tops / p->tops - 1) <= s.rate_tolerance);
        }
    }
    arena_close(a);
}
END_TEST

/* Several classes, several bits: else the study would be a guess. */
START_TEST(the_published_figures_leave_more_than_one_class_open)
{
    static const char *const paths[] = {STUDY "our_work_2023.cfg", STUDY "our_work_2022.cfg"};
    struct arena *a = arena_open();
    for (size_t k = 0; k < COUNT_OF(paths); k++) {
        struct design_space s = explored(a, paths[k], NULL, NULL);
        size_t open = 0, sum = 0;
        for (size_t i = 0; i < s.class_count; i++) {
            const struct design_class *c = &s.classes[i];
            open += c->meeting > 0;
            sum += c->meeting;
            ck_assert(c->meeting <= c->possible && c->possible + c->refused <= c->tried);
        }
        ck_assert_uint_ge(open, 2);
        ck_assert_uint_eq(sum, s.count);
        ck_assert(!s.published.scored && s.published.mark);
    }
    arena_close(a);
}
END_TEST

START_TEST(a_wider_tolerance_never_loses_a_design)
{
    struct arena *a = arena_open();
    size_t before = 0;
    static const char *const tolerances[] = {"0.02", "0.1", "0.3"};
    for (size_t i = 0; i < COUNT_OF(tolerances); i++) {
        struct design_space s = explored(a, STUDY "our_work_2022.cfg", "tolerance", tolerances[i]);
        ck_assert_uint_ge(s.count, before);
        before = s.count;
    }
    ck_assert_uint_gt(before, 0);
    arena_close(a);
}
END_TEST

START_TEST(the_ranges_are_those_of_the_designs)
{
    struct arena *a = arena_open();
    struct design_space s = small_space(a);
    struct design_range supply = design_axis_range(&s, 0, 0), share = design_axis_range(&s, 0, 2);
    ASSERT_NEAR(supply.low, 0.7, 1e-9);
    ASSERT_NEAR(supply.high, 0.9, 1e-9);
    ASSERT_NEAR(share.low, 0.5, 1e-9);
    ASSERT_NEAR(share.high, 1, 1e-9);
    ck_assert_double_le(s.tops_per_w.low, s.tops_per_w.high);
    ck_assert_double_le(s.arrays.low, s.arrays.high);
    arena_close(a);
}
END_TEST

START_TEST(published_figures_are_not_for_setting)
{
    static const struct cfg_override set = {"published.power_w", "1.0"};
    struct arena *a = arena_open();
    struct design_space s;
    struct diag d = {.status = 0};
    ck_assert(!design_space_explore(a, STUDY "our_work_2023.cfg", &set, 1, &s, &d));
    ck_assert_int_eq(d.status, 2);
    arena_close(a);
}
END_TEST

/* A combination that cannot be built is counted; a class of nothing but them is a mistake. */
START_TEST(a_class_that_cannot_be_built_at_all_is_refused)
{
    struct arena *a = arena_open();
    struct design_space s;
    struct diag d = {.status = 0};
    char *text = arena_strdup(a, small_text);
    char *at = strstr(text, "[4, 8]");
    at[1] = at[4] = '7'; /* [7, 7]: 7 does not divide 64 columns */
    const char *path = small_path(a, text);
    ck_assert(!design_space_explore(a, path, NULL, 0, &s, &d));
    unlink(path);
    ck_assert_int_eq(d.status, 2);
    ck_assert_ptr_nonnull(strstr(d.text, "multiple of tree_bits"));
    arena_close(a);
}
END_TEST

static bool read_space(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct design_space s;
    return design_space_read(a, g, &s, d);
}

START_TEST(every_broken_space_is_refused_with_its_sentence)
{
    struct bad_group_reader reader = {read_space};
    bad_inputs_walk("space-", 10, bad_open_config, &reader);
}
END_TEST

SUITE("design space", a_design_is_what_the_array_model_says_times_the_arrays,
      as_many_arrays_stand_as_come_nearest_to_the_published_power,
      every_design_of_the_shipped_spaces_meets_the_published_figures,
      the_published_figures_leave_more_than_one_class_open, a_wider_tolerance_never_loses_a_design,
      the_ranges_are_those_of_the_designs, published_figures_are_not_for_setting,
      a_class_that_cannot_be_built_at_all_is_refused,
      every_broken_space_is_refused_with_its_sentence)
