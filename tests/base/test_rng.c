/* What random streams and units promise. */
#include "core/base/rng.h"
#include "core/base/units.h"
#include "tests/check_main.h"

enum { DRAWS = 200000 };

START_TEST(the_generator_is_xoshiro256_starstar)
{
    /* The authors' reference code prints these for the state {1, 2, 3, 4}. */
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    struct rng r = {{1, 2, 3, 4}, 0, false};
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        ck_assert_uint_eq(rng_bits(&r), expected[i]);
}
END_TEST

START_TEST(equal_seeds_and_names_give_equal_streams)
{
    struct rng a = rng_open(7, "wafer.defects"), b = rng_open(7, "wafer.defects");
    for (int i = 0; i < 1000; i++)
        ck_assert(rng_normal(&a) == rng_normal(&b));
}
END_TEST

START_TEST(another_seed_or_name_gives_another_stream)
{
    struct rng a = rng_open(7, "x"), b = rng_open(8, "x"), c = rng_open(7, "y");
    uint64_t first = rng_bits(&a);
    ck_assert_uint_ne(first, rng_bits(&b));
    ck_assert_uint_ne(first, rng_bits(&c));
}
END_TEST

START_TEST(uniform_draws_lie_in_range_with_the_right_moments)
{
    struct rng r = rng_open(1, "uniform");
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double u = rng_uniform(&r);
        ck_assert(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    ASSERT_NEAR(sum / DRAWS, 0.5, 0.01);
    ASSERT_NEAR(squares / DRAWS, 1.0 / 3, 0.01);
}
END_TEST

START_TEST(normal_draws_have_mean_0_variance_1_and_kurtosis_3)
{
    struct rng r = rng_open(1, "normal");
    double sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = rng_normal(&r);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    ck_assert(fabs(sum / DRAWS) < 0.01);
    ASSERT_NEAR(squares / DRAWS, 1, 0.02);
    ASSERT_NEAR(fourth / DRAWS, 3, 0.05);
}
END_TEST

START_TEST(lognormal_draws_have_median_1)
{
    struct rng r = rng_open(1, "lognormal");
    int below = 0;
    for (int i = 0; i < DRAWS; i++)
        below += rng_lognormal(&r, 0.5) < 1;
    ASSERT_NEAR((double)below / DRAWS, 0.5, 0.01);
    ck_assert(rng_lognormal(&r, 0) == 1);
}
END_TEST

START_TEST(bounded_draws_reach_every_value_evenly)
{
    struct rng r = rng_open(1, "below");
    int seen[6] = {0};
    for (int i = 0; i < DRAWS; i++)
        seen[rng_below(&r, 6)]++;
    for (int i = 0; i < 6; i++)
        ASSERT_NEAR(seen[i], DRAWS / 6.0, 0.03);
}
END_TEST

START_TEST(units_agree_with_each_other)
{
    ck_assert(mw_ps_to_pj(1, 1000) == 1);
    ck_assert(mhz_to_ps(1000) == 1000);
    ck_assert(ps_to_s(PS_PER_S) == 1 && pj_to_j(PJ_PER_J) == 1);
    ck_assert_int_eq(time_ceil(1.01), 2);
    ck_assert_int_eq(time_ceil(0), 0);
    ck_assert(time_ceil(1e30) == TIME_NEVER);
    ck_assert(MW_PER_W * PS_PER_S / PS_PER_NS == PJ_PER_J);
}
END_TEST

SUITE("rng", the_generator_is_xoshiro256_starstar, equal_seeds_and_names_give_equal_streams,
      another_seed_or_name_gives_another_stream, uniform_draws_lie_in_range_with_the_right_moments,
      normal_draws_have_mean_0_variance_1_and_kurtosis_3, lognormal_draws_have_median_1,
      bounded_draws_reach_every_value_evenly, units_agree_with_each_other)
