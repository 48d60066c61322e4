/* Fitting: known constants come back, a chip that is left out has no say, one weight per chip. */
#include <string.h>

#include "core/base/rng.h"
#include "core/fit/fit.h"
#include "tests/check_main.h"

struct facts {
    double x, y;
    bool label;
};

static double value(const double *k, const void *facts)
{
    const struct facts *f = facts;
    return k[0] * f->x * (f->label ? k[2] : 1) + k[1] * f->y;
}

static void relabel(void *facts, const void *other)
{
    ((struct facts *)facts)->label = ((const struct facts *)other)->label;
}

static const struct fit_constant constants[] = {
    {"a", "", "", 1.0}, {"b", "", "", 1.0}, {"c", "", "", 1.0}};
static const struct fit_law law = {constants, 3, value, relabel, sizeof(struct facts)};

enum { CHIPS = 24 };

static const char *const names[CHIPS] = {"0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",
                                         "8",  "9",  "10", "11", "12", "13", "14", "15",
                                         "16", "17", "18", "19", "20", "21", "22", "23"};

/* Chips with two points each whose figures follow 3 x (5 of the labelled) + 0.2 y, times noise. */
static struct fit_set synthetic(struct arena *a, double sigma)
{
    static const double truth[] = {3.0, 0.2, 5.0};
    struct fit_set s = {ARENA_ARRAY(a, struct fit_point, 2 * CHIPS), 2 * CHIPS};
    struct facts *f = ARENA_ARRAY(a, struct facts, s.count);
    struct rng r = rng_open(7, "test.fit");
    for (size_t i = 0; i < s.count; i++) {
        f[i] = (struct facts){rng_lognormal(&r, 2), rng_lognormal(&r, 3), i / 2 % 3 == 0};
        s.points[i] =
            (struct fit_point){.chip = names[i / 2],
                               .title = "",
                               .groups = {i < CHIPS ? "early" : "late"},
                               .published = value(truth, &f[i]) * rng_lognormal(&r, sigma),
                               .facts = &f[i]};
    }
    return s;
}

START_TEST(known_constants_come_back)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0);
    double k[FIT_CONSTANTS_MAX];
    fit_constants(&law, &s, NULL, k);
    ASSERT_NEAR(k[0], 3.0, 1e-6);
    ASSERT_NEAR(k[1], 0.2, 1e-6);
    ASSERT_NEAR(k[2], 5.0, 1e-6);
    arena_close(a);
}
END_TEST

START_TEST(the_residual_spread_is_the_noise)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0.3);
    struct fit_result r;
    fit_evaluate(a, &law, &s, 1, 1, &r);
    ASSERT_NEAR(r.left_out_error.sigma, 0.3, 0.3);
    ck_assert_double_ge(r.left_out_error.sigma, r.in_sample_error.sigma);
    ck_assert_uint_eq(r.chips, CHIPS);
    arena_close(a);
}
END_TEST

START_TEST(a_chip_does_not_change_its_own_left_out_prediction)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0.3);
    struct fit_result before, after;
    fit_leave_chips_out(a, &law, &s, &before);
    s.points[4].published *= 10;
    s.points[5].published *= 10;
    fit_leave_chips_out(a, &law, &s, &after);
    ASSERT_NEAR(after.left_out[4], before.left_out[4] - log(10), 1e-9);
    ASSERT_NEAR(after.constants_without[5][0], before.constants_without[5][0], 1e-12);
    ck_assert_double_gt(fabs(after.left_out[0] - before.left_out[0]), 1e-6);
    arena_close(a);
}
END_TEST

START_TEST(repeated_points_give_a_chip_no_more_weight)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0.3);
    struct fit_set more = {ARENA_ARRAY(a, struct fit_point, s.count + 2), s.count + 2};
    double once[FIT_CONSTANTS_MAX], thrice[FIT_CONSTANTS_MAX];
    s.points[1] = s.points[0]; /* chip 0 has one point, twice */
    memcpy(more.points, s.points, s.count * sizeof *s.points);
    more.points[s.count] = more.points[s.count + 1] = s.points[0];
    fit_constants(&law, &s, NULL, once);
    fit_constants(&law, &more, NULL, thrice);
    for (int i = 0; i < 3; i++)
        ASSERT_NEAR(thrice[i], once[i], 1e-6);
    arena_close(a);
}
END_TEST

START_TEST(dealt_labels_and_dealt_figures_are_worse)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0.2);
    struct fit_result r, again;
    fit_evaluate(a, &law, &s, 1, 1, &r);
    fit_evaluate(a, &law, &s, 1, 1, &again);
    ck_assert_double_gt(r.shuffled_labels.geo_mean, 1.2 * r.left_out_error.geo_mean);
    ck_assert_double_gt(r.shuffled_chips.geo_mean, 2 * r.left_out_error.geo_mean);
    ck_assert_double_eq(r.shuffled_chips.geo_mean, again.shuffled_chips.geo_mean);
    arena_close(a);
}
END_TEST

START_TEST(a_group_is_left_out_whole)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0.2);
    struct fit_result r;
    fit_evaluate(a, &law, &s, 1, 1, &r);
    ck_assert_uint_eq(r.group_error[0].groups, 2);
    for (size_t i = 0; i < s.count; i++)
        s.points[i].groups[0] = "one";
    fit_evaluate(a, &law, &s, 1, 1, &r);
    ck_assert_uint_eq(r.group_error[0].groups, 0);
    arena_close(a);
}
END_TEST

START_TEST(a_constant_without_data_stays_finite)
{
    struct arena *a = arena_open();
    struct fit_set s = synthetic(a, 0);
    double k[FIT_CONSTANTS_MAX];
    for (size_t i = 0; i < s.count; i++)
        ((struct facts *)s.points[i].facts)->label = false; /* nothing asks for c */
    fit_constants(&law, &s, NULL, k);
    ck_assert(isfinite(k[0]) && isfinite(k[1]) && isfinite(k[2]));
    arena_close(a);
}
END_TEST

SUITE("fit", known_constants_come_back, the_residual_spread_is_the_noise,
      a_chip_does_not_change_its_own_left_out_prediction,
      repeated_points_give_a_chip_no_more_weight, dealt_labels_and_dealt_figures_are_worse,
      a_group_is_left_out_whole, a_constant_without_data_stays_finite)
