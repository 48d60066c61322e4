/* Rows of SRAM macros beside silicon: all are there, and what they promise holds. */
#include <string.h>

#include "core/validate/macro_points.h"
#include "core/validate/validate.h"
#include "tests/check_main.h"

static struct arena *arena;
static struct judged_list rows;

static void fill(void)
{
    struct diag d = {0};
    arena = arena_open();
    judged_open(&rows, arena);
    ck_assert_msg(silicon_components(&rows, &d) && silicon_supplies(&rows, &d) &&
                      silicon_closed_forms(&rows, &d),
                  "%s:%d: %s", d.file, d.line, d.text);
}

static void empty(void)
{
    arena_close(arena);
}

/* The row, which must stand. */
static const struct judged *row(const char *name, const char *metric, enum judged_kind kind)
{
    for (size_t i = 0; i < rows.count; i++)
        if (!strcmp(rows.rows[i].case_name, name) && !strcmp(rows.rows[i].metric, metric) &&
            rows.rows[i].kind == kind)
            return &rows.rows[i];
    ck_abort_msg("no row %s %s", name, metric);
    return NULL;
}

/* Scored rows of a kind and metric (NULL: any), their mean |error| in percent. */
static double mean_error(enum judged_kind kind, const char *chip, const char *metric, int *count)
{
    double sum = 0;
    *count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct judged *j = &rows.rows[i];
        if (j->kind != kind || !j->scored || strcmp(j->chip, chip) != 0 ||
            strcmp(j->metric, metric) != 0)
            continue;
        sum += fabs(judged_error_pct(j));
        ++*count;
    }
    return sum / *count;
}

START_TEST(no_row_of_an_sram_macro_fails)
{
    fill();
    for (size_t i = 0; i < rows.count; i++)
        ck_assert_msg(!verdict_fails(judged_verdict(&rows.rows[i])), "%s %s: %g for %g",
                      rows.rows[i].case_name, rows.rows[i].metric, rows.rows[i].predicted,
                      rows.rows[i].reference);
    empty();
}
END_TEST

START_TEST(components_give_totals_within_fifteen_percent_and_shares_within_ten_points)
{
    static const char *const chips[] = {"jia_2020", "kim_2021", "sinangil_2020", "wang_2022"};
    int totals = 0, shares = 0;
    fill();
    for (size_t c = 0; c < COUNT_OF(chips); c++) {
        const char *name = arena_printf(arena, "%s_components", chips[c]);
        const struct judged *j = row(name, "tops_per_w", JUDGED_COMPONENT);
        ck_assert(fabs(judged_error_pct(j)) < 15 && !strcmp(j->chip, chips[c]));
        totals++;
    }
    for (size_t i = 0; i < rows.count; i++)
        if (rows.rows[i].kind == JUDGED_COMPONENT && !strncmp(rows.rows[i].metric, "share.", 6)) {
            ck_assert(fabs(judged_error_pct(&rows.rows[i])) < 10);
            shares++;
        }
    ck_assert_int_eq(totals, 4);
    ck_assert_int_ge(shares, 12);
    empty();
}
END_TEST

START_TEST(jias_shares_at_another_supply_are_a_prediction)
{
    fill();
    const struct judged *j = row("jia_2020_components", "share.adc", JUDGED_COMPONENT);
    ASSERT_NEAR(j->predicted, 1.79 / (1.79 + 9.7 + 8.3), 1e-6);
    ASSERT_NEAR(j->reference, 3.56 / (3.56 + 20.4 + 14.7), 2e-3);
    empty();
}
END_TEST

START_TEST(colonnades_components_hold_at_every_width)
{
    int count;
    fill();
    double mean = mean_error(JUDGED_COMPONENT, "kim_2021", "fj_per_mac", &count);
    ck_assert_int_eq(count, 32);
    ck_assert_msg(mean < 7, "%g", mean);
    empty();
}
END_TEST

START_TEST(colonnades_gates_hold_at_every_width_within_a_tenth_in_the_mean)
{
    int count;
    fill();
    double mean = mean_error(JUDGED_BLIND, "kim_2021", "fj_per_mac", &count);
    ck_assert_int_eq(count, 32);
    ck_assert_msg(mean < 10, "%g", mean);
    empty();
}
END_TEST

START_TEST(an_anchored_macro_moves_with_the_square_of_its_supply)
{
    int count;
    fill();
    const struct judged *j = row("papistas_2021@v0_6", "tops_per_w", JUDGED_POINT);
    ck_assert(fabs(j->predicted / (1050 * 0.8 * 0.8 / 0.36) - 1) <
              0.01); /* leakage is not square */
    ck_assert(mean_error(JUDGED_POINT, "sinangil_2020", "energy_pj", &count) < 4);
    ck_assert_int_eq(count, 7);
    empty();
}
END_TEST

START_TEST(closed_forms_keep_the_errors_that_were_asked_for)
{
    static const struct {
        const char *chip, *metric;
        int count;
        double mean;
    } forms[] = {
        {"kim_2021", "tops", 80, 1},         {"kim_2021", "latency_ns", 80, 1},
        {"kim_2021", "fj_per_mac", 96, 4.2}, {"wan_2022", "tops", 14, 4},
        {"jia_2020", "tops_per_w", 2, 0.3},  {"sinangil_2020", "tops", 2, 0.2},
        {"wang_2022", "tops", 5, 1.4},
    };
    fill();
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        int count;
        double mean = mean_error(JUDGED_CLOSED_FORM, forms[i].chip, forms[i].metric, &count);
        ck_assert_msg(count == forms[i].count && mean <= forms[i].mean, "%s %s: %d, %g",
                      forms[i].chip, forms[i].metric, count, mean);
    }
    empty();
}
END_TEST

START_TEST(the_table_of_points_says_where_each_was_measured)
{
    struct macro_points points;
    struct diag d = {0};
    arena = arena_open();
    ck_assert_msg(macro_points_read(arena, &points, &d), "%s", d.text);
    ck_assert_uint_ge(points.count, 300);
    for (size_t i = 0; i < points.count; i++) {
        const struct macro_point *p = &points.at[i];
        ck_assert(p->chip[0] && p->metric[0] && p->source[0]);
        ck_assert(!strcmp(p->measured, "silicon") || !strcmp(p->measured, "layout"));
    }
    empty();
}
END_TEST

SUITE("SRAM macros beside silicon", no_row_of_an_sram_macro_fails,
      components_give_totals_within_fifteen_percent_and_shares_within_ten_points,
      jias_shares_at_another_supply_are_a_prediction, colonnades_components_hold_at_every_width,
      colonnades_gates_hold_at_every_width_within_a_tenth_in_the_mean,
      an_anchored_macro_moves_with_the_square_of_its_supply,
      closed_forms_keep_the_errors_that_were_asked_for,
      the_table_of_points_says_where_each_was_measured)
