/* Published figures and comparison tables: what is read, and that the rest is refused. */
#include "core/validate/compare.h"
#include "core/validate/validate.h"
#include "tests/bad_inputs.h"
#include "tests/cfg_text.h"

static bool read_published(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct published p;
    bool found;
    return published_read(a, g, &p, &found, d);
}

static bool read_table(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct compare_table t;
    return compare_read(a, g, &t, d);
}

START_TEST(every_broken_published_group_is_refused_with_its_sentence)
{
    bad_configs_walk("published-", 12, read_published);
}
END_TEST

START_TEST(every_broken_table_is_refused_with_its_sentence)
{
    bad_configs_walk("table-", 9, read_table);
}
END_TEST

static struct published published_of(struct arena *a, const char *text)
{
    struct published p;
    struct diag d = {0};
    struct cfg *c = NULL;
    bool found = false;
    bool good = cfg_open_text(a, text, &c, &d) && published_read(a, cfg_root(c), &p, &found, &d);
    ck_assert_msg(good && found, "%s", d.text);
    cfg_close(c);
    return p;
}

START_TEST(figures_that_are_absent_are_nan_and_texts_null)
{
    struct arena *a = arena_open();
    struct published p = published_of(a, "published = { source = \"x\"; tops = 2.0; };");
    ck_assert_double_eq(p.tops, 2);
    ck_assert_double_nan(p.power_w);
    ck_assert_double_nan(p.sqnr_db);
    ck_assert_ptr_null(p.precision);
    ck_assert_ptr_null(p.family);
    ck_assert(p.scored);
    ck_assert_str_eq(p.power_is, "chip");
    arena_close(a);
}
END_TEST

START_TEST(an_array_s_power_is_a_macro_s_unless_it_says_otherwise)
{
    struct arena *a = arena_open();
    const char *macro =
        "rows = 4; assumed = [\"rows\"]; published = { source = \"x\"; tops = 2.0; };";
    ck_assert_str_eq(published_of(a, macro).power_is, "macro");
    struct published tdp =
        published_of(a, "published = { source = \"x\"; power_w = 2.0; power_is = \"tdp\"; };");
    ck_assert_str_eq(tdp.power_is, "tdp");
    ck_assert(!published_counts_power(&tdp));
    arena_close(a);
}
END_TEST

START_TEST(a_point_inherits_what_it_leaves_out_but_no_figures)
{
    struct arena *a = arena_open();
    struct published p = published_of(
        a,
        "published = { source = \"x\"; precision = \"8x8\"; input_density = 0.25; tops = 2.0; "
        "points = { v0_6 = { vdd_v = 0.6; tops_per_w = 9.0; recalled = [\"tops_per_w\"]; }; }; };");
    ck_assert_uint_eq(p.point_count, 1);
    ck_assert_str_eq(p.points[0].name, "v0_6");
    ck_assert_str_eq(p.points[0].precision, "8x8");
    ck_assert_double_eq(p.points[0].input_density, 0.25);
    ck_assert_double_eq(p.points[0].vdd_v, 0.6);
    ck_assert_double_nan(p.points[0].tops);
    ck_assert(p.recalled);
    ck_assert(!p.assumed);
    arena_close(a);
}
END_TEST

START_TEST(a_known_miss_is_found_by_its_metric_and_kind)
{
    struct arena *a = arena_open();
    struct published p =
        published_of(a, "published = { source = \"x\"; tops = 2.0; known_miss = { "
                        "tops = { value = 3.0; reason = \"r\"; kind = \"blind\"; }; }; };");
    ck_assert_ptr_nonnull(published_miss_of(&p, "tops", "blind"));
    ck_assert_ptr_null(published_miss_of(&p, "tops", "leave_one_out"));
    ck_assert_ptr_null(published_miss_of(&p, "power_w", "blind"));
    arena_close(a);
}
END_TEST

START_TEST(precisions_are_read_as_widths_of_inputs_and_weights)
{
    static const struct {
        const char *text;
        int in, w;
    } good[] = {{"8x1", 8, 1},    {"7x1.5", 7, 2},  {"int8", 8, 8},
                {"fp16", 16, 16}, {"bf16", 16, 16}, {"int8xint4", 8, 4}};
    static const char *const bad[] = {"eight", "8", "int", "8x", "0x4", "fp", "8x8 dense", ""};
    int in, w;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        ck_assert_msg(published_bits(good[i].text, &in, &w), "%s", good[i].text);
        ck_assert_int_eq(in, good[i].in);
        ck_assert_int_eq(w, good[i].w);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!published_bits(bad[i], &in, &w), "%s", bad[i]);
}
END_TEST

START_TEST(one_bit_figures_are_of_integers_alone)
{
    struct compare_figures f = {.input_bits = 8, .weight_bits = 4};
    ck_assert_double_eq(compare_one_bit(&f, 2), 64);
    f.is_float = true;
    ck_assert_double_nan(compare_one_bit(&f, 2));
}
END_TEST

START_TEST(a_figure_brought_to_its_own_node_stays_and_to_an_older_one_falls)
{
    ASSERT_NEAR(compare_energy_gain(28, 28), 1, 1e-12);
    ASSERT_NEAR(compare_density_gain(28, 28), 1, 1e-12);
    ck_assert_double_lt(compare_energy_gain(7, 28), 0.5);
    ck_assert_double_lt(compare_density_gain(7, 28), 0.5);
    ck_assert_double_nan(compare_energy_gain(NAN, 28));
    ck_assert_double_nan(compare_energy_gain(350, 28));
}
END_TEST

SUITE("published figures", every_broken_published_group_is_refused_with_its_sentence,
      every_broken_table_is_refused_with_its_sentence,
      figures_that_are_absent_are_nan_and_texts_null,
      an_array_s_power_is_a_macro_s_unless_it_says_otherwise,
      a_point_inherits_what_it_leaves_out_but_no_figures,
      a_known_miss_is_found_by_its_metric_and_kind,
      precisions_are_read_as_widths_of_inputs_and_weights, one_bit_figures_are_of_integers_alone,
      a_figure_brought_to_its_own_node_stays_and_to_an_older_one_falls)
