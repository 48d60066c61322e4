/* Rows beside their references: verdicts, known misses, statistics. */
#include <string.h>

#include "core/validate/statistics.h"
#include "tests/check_main.h"

/* A figure of a family "f" by leaving its chip out. */
static struct judged figure(const char *chip, double predicted, double reference)
{
    return (struct judged){.case_name = chip,
                           .family = "f",
                           .metric = "tops_per_w",
                           .predicted = predicted,
                           .reference = reference,
                           .kind = JUDGED_LEAVE_ONE_OUT,
                           .scored = true};
}

static enum judged_verdict verdict(struct judged j)
{
    struct arena *a = arena_open();
    struct judged_list l;
    judged_open(&l, a);
    judged_add(&l, &j);
    enum judged_verdict v = judged_verdict(&l.rows[0]);
    arena_close(a);
    return v;
}

START_TEST(a_limit_is_on_the_relative_error)
{
    struct judged j = figure("a", 1.09, 1);
    ck_assert_int_eq(verdict(j), VERDICT_UNJUDGED);
    j.limit_pct = 10;
    ck_assert_int_eq(verdict(j), VERDICT_WITHIN);
    j.predicted = 0.89;
    ck_assert_int_eq(verdict(j), VERDICT_BEYOND);
    j.scored = false;
    ck_assert_int_eq(verdict(j), VERDICT_UNJUDGED);
}
END_TEST

START_TEST(a_share_is_compared_in_points)
{
    struct judged j = figure("a", 0.30, 0.22);
    j.metric = "share.adc";
    j.limit_pct = 10;
    ck_assert_int_eq(verdict(j), VERDICT_WITHIN);
    j.predicted = 0.33;
    ck_assert_int_eq(verdict(j), VERDICT_BEYOND);
}
END_TEST

START_TEST(a_known_miss_holds_until_it_gets_five_percent_worse_or_comes_within)
{
    struct judged j = figure("a", 1.5, 1);
    j.limit_pct = 10;
    j.known_miss = "a reason";
    j.known_value = 1.5;
    ck_assert_int_eq(verdict(j), VERDICT_KNOWN_MISS);
    j.predicted = 1.57; /* 1.5 x 1.05 = 1.575 */
    ck_assert_int_eq(verdict(j), VERDICT_KNOWN_MISS);
    j.predicted = 1.58;
    ck_assert_int_eq(verdict(j), VERDICT_MISS_WORSE);
    j.predicted = 1.2;
    ck_assert_int_eq(verdict(j), VERDICT_KNOWN_MISS);
    j.predicted = 1.09;
    ck_assert_int_eq(verdict(j), VERDICT_MISS_HEALED);
    ck_assert(verdict_fails(VERDICT_MISS_HEALED) && verdict_fails(VERDICT_MISS_WORSE));
    ck_assert(!verdict_fails(VERDICT_KNOWN_MISS));
}
END_TEST

START_TEST(a_miss_on_the_other_side_is_as_far_off)
{
    struct judged j = figure("a", 1 / 1.58, 1);
    j.limit_pct = 10;
    j.known_miss = "a reason";
    j.known_value = 1.5;
    ck_assert_int_eq(verdict(j), VERDICT_MISS_WORSE);
}
END_TEST

START_TEST(rows_that_are_not_asked_for_are_dropped)
{
    static const char *const only[] = {"jia_2020", NULL};
    struct arena *a = arena_open();
    struct judged_list l;
    judged_open(&l, a);
    l.only = only;
    static const char *const cases[] = {"jia_2020", "jia_2020@v1_2", "jia_2020_components", "mori"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct judged j = figure(cases[i], 1, 1);
        judged_add(&l, &j);
    }
    ck_assert_uint_eq(l.count, 2);
    ck_assert(judged_wanted(&l, "other", "jia_2020"));
    arena_close(a);
}
END_TEST

/* Chip a twice 4x too high, chip b once exact: a chip weighs one. */
static struct judged_list three_rows(struct arena *a)
{
    struct judged_list l;
    judged_open(&l, a);
    struct judged rows[] = {figure("a@1", 4, 1), figure("a@2", 4, 1), figure("b", 1, 1)};
    rows[0].chip = rows[1].chip = "a";
    rows[0].low = 1.5;
    rows[0].high = 6;
    rows[2].low = 0.5;
    rows[2].high = 2;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        judged_add(&l, &rows[i]);
    return l;
}

START_TEST(a_chip_weighs_one_however_many_points_it_has)
{
    struct arena *a = arena_open();
    struct judged_list l = three_rows(a);
    struct statistics_list s = statistics_by_family(a, &l);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_uint_eq(s.items[0].chips, 2);
    ck_assert_uint_eq(s.items[0].rows, 3);
    ASSERT_NEAR(s.items[0].geo_mean, 2, 1e-12);
    ASSERT_NEAR(s.items[0].bias, 2, 1e-12);
    ASSERT_NEAR(s.items[0].worst, 4, 1e-12);
    ASSERT_NEAR(s.items[0].within_2, 0.5, 1e-12);
    ck_assert_str_eq(s.items[0].worst_case, "a@1");
    arena_close(a);
}
END_TEST

START_TEST(intervals_are_judged_by_what_they_cover_and_how_wide_they_are)
{
    struct arena *a = arena_open();
    struct judged_list l = three_rows(a);
    struct statistics_list s = statistics_by_family(a, &l);
    ASSERT_NEAR(s.items[0].coverage, 0.5, 1e-12); /* 1 is not in 1.5..6, and is in 0.5..2 */
    ASSERT_NEAR(s.items[0].width, 2, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(kinds_of_prediction_and_what_is_not_scored_stay_apart)
{
    struct arena *a = arena_open();
    struct judged_list l = three_rows(a);
    struct judged blind = figure("a", 1, 1), tdp = figure("c", 9, 1), other = figure("d", 2, 1);
    blind.kind = JUDGED_BLIND;
    tdp.scored = false;
    other.family = "g";
    judged_add(&l, &blind);
    judged_add(&l, &tdp);
    judged_add(&l, &other);
    struct statistics_list s = statistics_by_family(a, &l);
    ck_assert_uint_eq(s.count, 5); /* f left out, f blind, f not scored, g left out, all left out */
    ck_assert_str_eq(s.items[4].family, "all");
    ck_assert_uint_eq(s.items[4].chips, 3);
    ASSERT_NEAR(s.items[0].geo_mean, 2, 1e-12);
    arena_close(a);
}
END_TEST

/* The verdict on a statistic of one digital chip that is `off` by this factor. */
static enum judged_verdict digital_verdict(struct arena *a, double off, const char *statistic)
{
    struct judged_list l;
    judged_open(&l, a);
    struct judged j = figure("a", off, 1);
    j.family = "digital";
    j.low = off / 2;
    j.high = off * 2;
    judged_add(&l, &j);
    struct statistics_list s = statistics_by_family(a, &l);
    struct statistic_verdicts v = statistics_judge(a, "silicon", &s);
    for (size_t i = 0; i < v.count; i++)
        if (!strcmp(v.items[i].statistic, statistic) && !v.items[i].at_least)
            return v.items[i].verdict;
    ck_abort_msg("no limit on %s", statistic);
    return VERDICT_UNJUDGED;
}

START_TEST(a_statistic_has_limits_and_known_misses_as_rows_have)
{
    struct arena *a = arena_open();
    ck_assert_int_eq(digital_verdict(a, 1.25, "geo_mean"), VERDICT_WITHIN);
    ck_assert_int_eq(digital_verdict(a, 1.35, "geo_mean"), VERDICT_BEYOND);
    ck_assert_int_eq(digital_verdict(a, 1.25, "coverage"), VERDICT_KNOWN_MISS);
    ck_assert_int_eq(digital_verdict(a, 2.5, "coverage"), VERDICT_MISS_HEALED);
    arena_close(a);
}
END_TEST

START_TEST(every_provider_is_of_a_suite_that_the_command_knows)
{
    static const char *const suites[] = {"silicon", "memory", "noc", "gpu"};
    for (size_t s = 0; s < COUNT_OF(suites); s++) {
        size_t count = 0;
        for (size_t i = 0; provider_at(i); i++)
            count += !strcmp(provider_at(i)->suite, suites[s]);
        ck_assert_msg(count > 0, "no provider of %s", suites[s]);
    }
}
END_TEST

SUITE("judged figures", a_limit_is_on_the_relative_error, a_share_is_compared_in_points,
      a_known_miss_holds_until_it_gets_five_percent_worse_or_comes_within,
      a_miss_on_the_other_side_is_as_far_off, rows_that_are_not_asked_for_are_dropped,
      a_chip_weighs_one_however_many_points_it_has,
      intervals_are_judged_by_what_they_cover_and_how_wide_they_are,
      kinds_of_prediction_and_what_is_not_scored_stay_apart,
      a_statistic_has_limits_and_known_misses_as_rows_have,
      every_provider_is_of_a_suite_that_the_command_knows)
