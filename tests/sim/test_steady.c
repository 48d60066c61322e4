/* When a pipeline keeps a rate: on made-up ends of samples, and on a pipeline that is played. */
#include <math.h>

#include "tests/sim/driver.h"

enum { FAR = 400 };

/* Samples of a plan whose ends, energies and leads are said, not played. */
struct made {
    struct arena *arena;
    struct driver driver;
    struct steady steady;
    struct sample_ends ends;
    struct ledger *books;
    struct steady_rate rate;
};

static void made_open(struct made *m)
{
    memset(m, 0, sizeof *m);
    m->arena = arena_open();
    struct small t = {.count = 0};
    int32_t one = small_conv(&t, -1, image(16, 28, 28), 16, 3, 1, 1);
    small_conv(&t, one, image(16, 28, 28), 16, 3, 1, 1);
    driver_open(&m->driver, m->arena, planned_small(m->arena, "dcim_22nm", &t), FAR);
    m->books = ledger_open(m->arena);
    steady_open(&m->steady, m->arena, &m->driver.pipe, 0);
}

/* Sample k ends at `at`, has cost `pj`, while every stage is `ahead` samples ahead of it. */
static bool sample_ends_at(struct made *m, int64_t k, double at, double pj, double ahead)
{
    struct pipeline *l = &m->driver.pipe;
    struct moment end = {.at = llround(at)};
    end.by_cause[CAUSE_NOC] = end.at;
    for (int32_t i = 0; i < l->segment->stage_count; i++)
        l->stages[i].ended = llround(((double)(k + 1) + ahead) * (double)l->plan->stages[i].steps);
    ledger_add(m->books, PART_ARRAY_ADC, 0, "convert", 1, quantity_of(pj, FROM_SOURCE, 0));
    ends_play(&m->ends, m->arena, &end);
    return steady_take(&m->steady, l) && steady_look(&m->steady, &m->ends, m->books, &m->rate);
}

/* The sample at whose end a rate was found; FAR when never.  `at`, `pj` and `ahead` of sample k. */
typedef double law_of(int64_t k);

static int64_t found_at(struct made *m, law_of *at, law_of *pj, law_of *ahead)
{
    made_open(m);
    for (int64_t k = 0; k < FAR; k++)
        if (sample_ends_at(m, k, at(k), pj(k), ahead(k)))
            return k + 1;
    return FAR;
}

static double even(int64_t k)
{
    return 5e6 + 1e6 * (double)k;
}

static double one(int64_t k)
{
    (void)k;
    return 1;
}

/* Up to 8 % of an interval early or late, in no order. */
static double jitter(int64_t k)
{
    return even(k) + (double)(k * 7919 % 161 - 80) * 1e3;
}

static double slowing(int64_t k)
{
    return 1e6 * (double)k + 2e3 * (double)(k * k);
}

/* Behind the hundredth sample another part binds: each takes 2 % longer. */
static double kinked(int64_t k)
{
    return even(k) + (k > 100 ? 2e4 * (double)(k - 100) : 0);
}

/* ... and until then a buffer drains. */
static double draining(int64_t k)
{
    return k < 100 ? 3 - 0.02 * (double)k : 1;
}

static double dearer(int64_t k)
{
    return 1 + 0.01 * (double)k;
}

START_TEST(even_samples_of_equal_cost_keep_a_rate_that_is_theirs)
{
    struct made m;
    ck_assert_int_eq(found_at(&m, even, one, one), STEADY_LEAST);
    ASSERT_NEAR(m.rate.each.ps, 1e6, 1e-9);
    ASSERT_NEAR(m.rate.each.cause_ps[CAUSE_NOC], 1e6, 1e-9);
    ASSERT_NEAR(ledger_row(m.rate.after, 0)->count - ledger_row(m.rate.before, 0)->count,
                (double)m.rate.samples, 1e-9);
    ck_assert_int_eq(m.rate.samples, STEADY_LEAST / 2);
    arena_close(m.arena);
}
END_TEST

START_TEST(the_wider_they_stray_the_longer_it_takes_and_the_rate_is_right_all_the_same)
{
    struct made m;
    int64_t at = found_at(&m, jitter, one, one);
    ck_assert_int_gt(at, STEADY_LEAST);
    ck_assert_int_lt(at, FAR);
    ASSERT_NEAR(m.rate.each.ps, 1e6, 4e-3);
    arena_close(m.arena);
}
END_TEST

START_TEST(samples_that_become_slower_keep_none_until_that_ends)
{
    struct made m;
    ck_assert_int_eq(found_at(&m, slowing, one, one), FAR);
    arena_close(m.arena);
}
END_TEST

START_TEST(while_a_buffer_drains_nothing_is_added_and_the_rate_after_it_is_found)
{
    struct made m;
    int64_t at = found_at(&m, kinked, one, draining);
    ck_assert_int_gt(at, 100);
    ck_assert_int_lt(at, FAR);
    ASSERT_NEAR(m.rate.each.ps, 1.02e6, 4e-3);
    arena_close(m.arena);
}
END_TEST

START_TEST(a_window_lasts_as_long_as_it_must)
{
    struct made m;
    made_open(&m);
    m.steady.least_ps = 30e6; /* thirty samples, in the second half of those since the start */
    int64_t k = 0;
    while (!sample_ends_at(&m, k, even(k), 1, 1))
        k++;
    ck_assert_int_eq(k + 1, 64);
    arena_close(m.arena);
}
END_TEST

START_TEST(samples_that_become_dearer_keep_none)
{
    struct made m;
    ck_assert_int_eq(found_at(&m, even, dearer, one), FAR);
    arena_close(m.arena);
}
END_TEST

START_TEST(a_fresh_start_forgets_what_was_before)
{
    struct made m;
    made_open(&m);
    bool found = false;
    for (int64_t k = 0; k < 20 + STEADY_LEAST && !found; k++) {
        if (k == 20)
            steady_start(&m.steady, k);
        found = sample_ends_at(&m, k, k < 20 ? slowing(k) : slowing(20) + even(k - 20), 1, 1);
        ck_assert(!found || k == 20 + STEADY_LEAST - 1);
    }
    ck_assert(found);
    ASSERT_NEAR(m.rate.each.ps, 1e6, 1e-9);
    arena_close(m.arena);
}
END_TEST

/* --- played ---------------------------------------------------------------------------------- */

/* Plays `samples` of a chain whose second stage is slow; the sample at whose end it kept a rate. */
static int64_t played_until(time_ps spread_ps, int64_t samples, double *each_ps)
{
    struct made m;
    struct driver *r = &m.driver;
    int64_t done = 0;
    bool found = false;
    made_open(&m);
    r->slow = index_of(r->plan, 1);
    r->slow_ps = 20000;
    r->spread_ps = spread_ps;
    while (!found && done < samples && driver_step(r)) {
        for (; !found && done < samples && pipeline_sample_done(&r->pipe, done); done++) {
            ledger_add(m.books, PART_ARRAY_ADC, 0, "convert", 100,
                       quantity_of(1.5, FROM_SOURCE, 0));
            ends_play(&m.ends, m.arena, &r->pipe.ended);
            found = steady_take(&m.steady, &r->pipe) &&
                    steady_look(&m.steady, &m.ends, m.books, &m.rate);
        }
    }
    *each_ps = found ? m.rate.each.ps : 0;
    arena_close(m.arena);
    return done;
}

START_TEST(a_pipeline_of_equal_steps_keeps_its_slowest_stage_s_rate_at_the_first_look)
{
    double each_ps;
    ck_assert_int_eq(played_until(0, 40, &each_ps), STEADY_LEAST);
    ASSERT_NEAR(each_ps, 28 * 21000, 1e-9);
}
END_TEST

START_TEST(a_pipeline_of_random_steps_is_played_for_longer_and_its_mean_is_found)
{
    double each_ps;
    ck_assert_int_gt(played_until(20000, FAR, &each_ps), STEADY_LEAST);
    ASSERT_NEAR(each_ps, 28 * (21000 + 10000), 2e-2); /* the mean of so many draws */
}
END_TEST

SUITE("steady", even_samples_of_equal_cost_keep_a_rate_that_is_theirs,
      the_wider_they_stray_the_longer_it_takes_and_the_rate_is_right_all_the_same,
      samples_that_become_slower_keep_none_until_that_ends,
      while_a_buffer_drains_nothing_is_added_and_the_rate_after_it_is_found,
      a_window_lasts_as_long_as_it_must, samples_that_become_dearer_keep_none,
      a_fresh_start_forgets_what_was_before,
      a_pipeline_of_equal_steps_keeps_its_slowest_stage_s_rate_at_the_first_look,
      a_pipeline_of_random_steps_is_played_for_longer_and_its_mean_is_found)
