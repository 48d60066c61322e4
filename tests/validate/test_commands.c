/* validate and compare as a user calls them. */
#include "core/base/cfg.h"
#include "tests/app/program.h"
#include "tests/folder.h"

static json_t *json_of(struct arena *a, const char *line, int most)
{
    struct outcome r = run(a, line);
    ck_assert_msg(r.status >= 0 && r.status <= most, "%s: %s", line, r.err);
    json_error_t e;
    json_t *o = json_loads(r.out, 0, &e);
    ck_assert_msg(o != NULL, "%s: %s", line, e.text);
    return o;
}

static bool fails(const json_t *row)
{
    const char *verdict = json_string_value(json_object_get(row, "verdict"));
    return !strcmp(verdict, "beyond limit") || strstr(verdict, "worse than recorded") ||
           strstr(verdict, "now within");
}

START_TEST(a_suite_counts_its_figures_and_ends_with_one_when_any_is_beyond)
{
    struct arena *a = arena_open();
    struct outcome r = run(a, "validate silicon --format json -q");
    json_t *o = json_loads(r.out, 0, NULL), *rows = json_object_get(o, "rows"), *row;
    size_t i, beyond = 0;
    ck_assert_uint_ge(json_array_size(rows), 100);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "cases")),
                     (json_int_t)json_array_size(rows));
    json_array_foreach(rows, i, row)
    {
        beyond += fails(row);
        ck_assert_ptr_nonnull(json_string_value(json_object_get(row, "source")));
    }
    json_array_foreach(json_object_get(o, "limits"), i, row) beyond += fails(row);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "beyond_limit")), (json_int_t)beyond);
    ck_assert_int_eq(r.status, beyond ? 1 : 0);
    json_decref(o);
    arena_close(a);
}
END_TEST

START_TEST(one_case_can_be_asked_for_alone)
{
    struct arena *a = arena_open();
    json_t *o = json_of(a, "validate silicon --only jia_2020 --format json -q", 1), *row;
    size_t i;
    ck_assert_uint_ge(json_array_size(json_object_get(o, "rows")), 1);
    json_array_foreach(json_object_get(o, "rows"), i, row)
        ck_assert_msg(!strncmp(json_string_value(json_object_get(row, "case")), "jia_2020", 8) ||
                          !strncmp(json_string_value(json_object_get(row, "chip")), "jia_2020", 8),
                      "%s", json_string_value(json_object_get(row, "case")));
    ck_assert_uint_eq(json_array_size(json_object_get(o, "limits")), 0);
    json_decref(o);
    arena_close(a);
}
END_TEST

/* The n-th fenced block of the page that tells how chips are entered, as a file. */
static char *example(struct arena *a, const char *folder, int n, const char *name)
{
    char *at = read_whole(a, "docs/ENTERING_SILICON.md");
    for (int fence = 0; fence < 2 * n + 1; fence++) {
        at = strstr(at, "```\n");
        ck_assert_ptr_nonnull(at);
        at += 4;
    }
    char *path = arena_printf(a, "%s/%s", folder, name);
    write_whole(path, arena_strndup(a, at, (size_t)(strstr(at, "```") - at)));
    return path;
}

START_TEST(the_documented_examples_lie_anywhere_and_are_judged_left_out)
{
    static const char *const names[] = {"example_macro.cfg", "example_chip.cfg"};
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    for (int i = 0; i < 2; i++) {
        char *path = example(a, folder, i, names[i]);
        ck_assert_int_eq(run(a, arena_printf(a, "check %s", path)).status, 0);
        json_t *o = json_of(a, arena_printf(a, "validate silicon %s --format json -q", path), 1);
        char *text = json_dumps(o, 0);
        ck_assert_msg(strstr(text, "\"leave_one_out\"") && strstr(text, "\"blind\""), "%s", text);
        free(text);
        json_decref(o);
    }
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(the_plot_is_an_svg_that_names_its_points)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *path = arena_printf(a, "%s/plot.svg", folder);
    struct outcome r =
        run(a, arena_printf(a, "validate silicon --format html -q -o %s/page.html --plot %s",
                            folder, path));
    ck_assert_msg(r.status <= 1 && r.status >= 0, "%s", r.err);
    char *svg = read_whole(a, path), *page = read_whole(a, arena_printf(a, "%s/page.html", folder));
    ck_assert(!strncmp(svg, "<svg ", 5) && strstr(svg, "</svg>\n"));
    ck_assert_ptr_nonnull(strstr(svg, "<title>RaPiD_int4_hi: predicted "));
    ck_assert_ptr_null(strstr(svg, "\"nan"));
    ck_assert_ptr_null(strstr(svg, "inf\""));
    ck_assert_ptr_nonnull(strstr(page, svg));
    ck_assert_ptr_nonnull(strstr(page, "id=\"cimarron-data\""));
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

static const char table[] =
    "kind = \"table\"; name = \"t\"; source = \"a test\"; node_nm = 28.0; assumed = "
    "[\"node_nm\"];\n"
    "rows = { dla = { system = \"mediatek_dla\"; section = \"chips\"; };\n"
    "  slow = { title = \"At its low point\"; system = \"mediatek_dla\"; point = \"low\"; };\n"
    "  card = { system = \"h100_pcie\"; role = \"accelerator\"; sparse = true; };\n"
    "  xbar = { system = \"isaac_xbar\"; };\n"
    "  isaac = { system = \"isaac\"; role = \"chip\"; };\n"
    "  run = { system = \"isaac\"; role = \"chip\"; trace = \"squeezenet\"; batch = 2;\n"
    "          assumed = [\"batch\"]; };\n"
    "  seen = { title = \"Only published\"; published = { source = \"x\"; tops = 2.0; power_w = "
    "4.0; power_is = \"tdp\"; }; }; };\n";

static const json_t *row_of(const json_t *o, const char *key)
{
    const json_t *row;
    size_t i;
    json_array_foreach(
        json_object_get(o, "rows"), i,
        row) if (!strcmp(json_string_value(json_object_get(row, "row")), key)) return row;
    ck_abort_msg("no row %s", key);
    return NULL;
}

static double of(const json_t *o, const char *key, const char *group, const char *name)
{
    return json_number_value(json_object_get(json_object_get(row_of(o, key), group), name));
}

START_TEST(a_table_puts_chips_macros_runs_and_published_figures_side_by_side)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *path = arena_printf(a, "%s/t.cfg", folder);
    write_whole(path, table);
    json_t *o = json_of(a, arena_printf(a, "compare %s --format json -q", path), 0);
    ASSERT_NEAR(of(o, "dla", "predicted", "tops"), 3.604, 0.02);
    ck_assert_double_lt(of(o, "slow", "predicted", "tops"), of(o, "dla", "predicted", "tops"));
    ASSERT_NEAR(of(o, "slow", "published", "tops_per_w"), 6.83, 0.01);
    ASSERT_NEAR(of(o, "card", "predicted", "tops"), 3026, 0.02);
    ASSERT_NEAR(of(o, "isaac", "predicted", "tops"), 41.3, 0.02);
    ck_assert_double_gt(of(o, "run", "predicted", "tops_per_w"), 0);
    ck_assert_double_lt(of(o, "run", "predicted", "tops_per_w"),
                        1.001 * of(o, "isaac", "predicted", "tops_per_w") * 4);
    ASSERT_NEAR(of(o, "seen", "published", "tops_per_w"), 0.5, 1e-9);
    ck_assert(
        json_is_null(json_object_get(json_object_get(row_of(o, "seen"), "predicted"), "tops")));
    ck_assert_uint_ge(json_array_size(json_object_get(row_of(o, "seen"), "remarks")), 1);
    json_decref(o);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(intervals_hold_the_prediction_that_they_belong_to)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *path = arena_printf(a, "%s/t.cfg", folder);
    write_whole(path, table);
    json_t *o =
        json_of(a, arena_printf(a, "compare %s --uncertainty 50 --format json -q", path), 0);
    double low = of(o, "dla", "predicted", "tops_per_w_low");
    double high = of(o, "dla", "predicted", "tops_per_w_high");
    double at = of(o, "dla", "predicted", "tops_per_w");
    ck_assert_msg(low > 0 && low < at && at < high, "%g %g %g", low, at, high);
    json_decref(o);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

static int widest(const char *text)
{
    int most = 0, columns = 0;
    for (; *text; text++) {
        columns = *text == '\n' ? 0 : columns + (((unsigned char)*text & 0xC0) != 0x80);
        most = columns > most ? columns : most;
    }
    return most;
}

START_TEST(the_founding_table_reads_in_a_hundred_columns_and_as_booktabs)
{
    struct arena *a = arena_open();
    struct outcome text = run(a, "compare founding_table");
    struct outcome latex = run(a, "compare founding_table --format latex");
    ck_assert_msg(text.status == 0, "%s", text.err);
    ck_assert_int_le(widest(text.out), 100);
    ck_assert_ptr_nonnull(strstr(latex.out, "\\toprule\n"));
    ck_assert_ptr_nonnull(strstr(latex.out, "\\bottomrule\n\\end{tabular}"));
    arena_close(a);
}
END_TEST

SUITE("validate and compare", a_suite_counts_its_figures_and_ends_with_one_when_any_is_beyond,
      one_case_can_be_asked_for_alone, the_documented_examples_lie_anywhere_and_are_judged_left_out,
      the_plot_is_an_svg_that_names_its_points,
      a_table_puts_chips_macros_runs_and_published_figures_side_by_side,
      intervals_hold_the_prediction_that_they_belong_to,
      the_founding_table_reads_in_a_hundred_columns_and_as_booktabs)
