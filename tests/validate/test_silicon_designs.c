/* Rows of designs and of chips of resistive cores: all are there, and what they promise holds. */
#include <string.h>

#include "core/validate/validate.h"
#include "tests/check_main.h"

static struct arena *arena;
static struct judged_list rows;

static void fill(void)
{
    struct diag d = {0};
    arena = arena_open();
    judged_open(&rows, arena);
    ck_assert_msg(silicon_designs(&rows, &d), "%s:%d: %s", d.file, d.line, d.text);
}

static void empty(void)
{
    arena_close(arena);
}

/* The row, which must stand. */
static const struct judged *row(const char *name, const char *metric)
{
    for (size_t i = 0; i < rows.count; i++)
        if (!strcmp(rows.rows[i].case_name, name) && !strcmp(rows.rows[i].metric, metric))
            return &rows.rows[i];
    ck_abort_msg("no row %s %s", name, metric);
    return NULL;
}

START_TEST(no_row_of_a_design_fails)
{
    fill();
    for (size_t i = 0; i < rows.count; i++)
        ck_assert_msg(!verdict_fails(judged_verdict(&rows.rows[i])), "%s %s: %g for %g",
                      rows.rows[i].case_name, rows.rows[i].metric, rows.rows[i].predicted,
                      rows.rows[i].reference);
    empty();
}
END_TEST

START_TEST(isaac_and_puma_are_within_five_percent_in_power_and_area)
{
    static const char *const chips[] = {"isaac", "puma"};
    static const char *const metrics[] = {"power_w", "area_mm2"};
    fill();
    for (size_t c = 0; c < COUNT_OF(chips); c++)
        for (size_t m = 0; m < COUNT_OF(metrics); m++) {
            const struct judged *j = row(chips[c], metrics[m]);
            ck_assert(j->kind == JUDGED_COMPONENT && j->scored && j->limit_pct == 5);
            ck_assert_double_lt(fabs(judged_error_pct(j)), 5);
        }
    empty();
}
END_TEST

START_TEST(both_cycles_of_puma_are_printed_and_the_taken_one_is_no_test)
{
    fill();
    const struct judged *own = row("puma", "tops"), *taken = row("puma@1383ns", "tops");
    ASSERT_NEAR(own->predicted, 45.21984, 1e-6);
    ck_assert_ptr_nonnull(own->known_miss);
    ASSERT_NEAR(taken->predicted, 52.31, 1e-5);
    ck_assert(!taken->scored && taken->mark);
    empty();
}
END_TEST

START_TEST(designs_say_that_they_are_not_silicon)
{
    fill();
    int designs = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct judged *j = &rows.rows[i];
        if (strcmp(j->family, "design") != 0)
            continue;
        ck_assert_msg(j->mark != NULL, "%s %s", j->case_name, j->metric);
        ck_assert(j->kind == JUDGED_COMPONENT || j->kind == JUDGED_STRUCTURE);
        designs++;
    }
    ck_assert_int_ge(designs, 25);
    const struct judged *prime = row("prime_ff", "tops");
    ck_assert(!prime->scored && isnan(prime->reference) && prime->predicted > 0);
    empty();
}
END_TEST

START_TEST(neurrams_energy_stands_by_part_at_eight_precisions)
{
    fill();
    int totals = 0, shares = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct judged *j = &rows.rows[i];
        bool is_point = !strncmp(j->case_name, "wan_2022_components@", 20);
        totals += is_point && !strcmp(j->metric, "fj_per_op");
        shares += is_point && !strncmp(j->metric, "share.", 6);
    }
    ck_assert_int_eq(totals, 8);
    ck_assert_int_eq(shares, 24);
    ck_assert_double_lt(fabs(judged_error_pct(row("wan_2022_components", "share.area.neuron"))),
                        10);
    empty();
}
END_TEST

START_TEST(shares_of_a_prediction_add_up_to_one)
{
    fill();
    double sum = 0, tile = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct judged *j = &rows.rows[i];
        bool is_share =
            !strncmp(j->metric, "share.", 6) && strncmp(j->metric, "share.area.", 11) != 0;
        if (is_share && !strcmp(j->case_name, "wan_2022_components@in4_out6"))
            sum += j->predicted;
        if (is_share && !strcmp(j->case_name, "isaac"))
            tile += j->predicted;
    }
    ASSERT_NEAR(sum, 1, 1e-9);
    ASSERT_NEAR(tile, 1, 1e-3);
    empty();
}
END_TEST

START_TEST(makers_peaks_of_dram_pims_follow_from_structure)
{
    fill();
    ck_assert_double_lt(fabs(judged_error_pct(row("gddr6_aim", "tops"))), 0.1);
    ck_assert_double_lt(fabs(judged_error_pct(row("hbm_pim", "tops"))), 0.1);
    empty();
}
END_TEST

SUITE("designs beside their papers", no_row_of_a_design_fails,
      isaac_and_puma_are_within_five_percent_in_power_and_area,
      both_cycles_of_puma_are_printed_and_the_taken_one_is_no_test,
      designs_say_that_they_are_not_silicon, neurrams_energy_stands_by_part_at_eight_precisions,
      shares_of_a_prediction_add_up_to_one, makers_peaks_of_dram_pims_follow_from_structure)
