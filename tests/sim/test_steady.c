/* When the pipeline repeats itself: on made-up states, and on a pipeline that is played. */
#include "tests/sim/driver.h"

enum { WORDS = 3, TAKEN = 2 * STEADY_PERIODS + 1 };

/* Nine states of a pipeline that does the same every 1,000 ps, 5 pJ of conversions each time. */
struct made {
    struct steady steady;
    int64_t counts[TAKEN][WORDS], times[TAKEN][WORDS];
};

static struct made repeating(void)
{
    struct made m;
    memset(&m, 0, sizeof m);
    m.steady.taken = TAKEN;
    for (int i = 0; i < TAKEN; i++) { /* newest first */
        struct snapshot *s = &m.steady.last[i];
        s->at = 1000000 * (TAKEN - i);
        s->count_words = s->time_words = WORDS;
        s->sums.part_pj[PART_ARRAY_ADC] = 5.0 * (TAKEN - i);
        s->sums.part_pj[PART_MEMORY_REFRESH] = 2.0 * (TAKEN - i);
        m.counts[i][1] = 7;
        m.times[i][2] = 400;
    }
    return m;
}

static int period_of(struct made *m)
{
    for (int i = 0; i < TAKEN; i++) {
        m->steady.last[i].counts = m->counts[i];
        m->steady.last[i].times = m->times[i];
    }
    return steady_period(&m->steady);
}

START_TEST(equal_states_at_equal_distances_repeat)
{
    struct made m = repeating();
    ck_assert_int_eq(period_of(&m), 1);
}
END_TEST

START_TEST(two_periods_must_have_passed)
{
    struct made m = repeating();
    m.steady.taken = 2;
    ck_assert_int_eq(period_of(&m), 0);
    m.steady.taken = 3;
    ck_assert_int_eq(period_of(&m), 1);
}
END_TEST

START_TEST(states_that_alternate_repeat_every_second_sample)
{
    struct made m = repeating();
    for (int i = 0; i < TAKEN; i++)
        m.counts[i][0] = i % 2;
    ck_assert_int_eq(period_of(&m), 2);
}
END_TEST

START_TEST(a_fill_that_moves_on_does_not_repeat)
{
    struct made m = repeating();
    for (int i = 0; i < TAKEN; i++)
        m.counts[i][0] = i;
    ck_assert_int_eq(period_of(&m), 0);
}
END_TEST

START_TEST(a_state_may_shift_by_a_thousandth_of_the_period_and_no_more)
{
    struct made m = repeating();
    for (int i = 0; i < TAKEN; i++)
        m.times[i][2] = 400 + 900 * i;
    ck_assert_int_eq(period_of(&m), 1);
    for (int i = 0; i < TAKEN; i++)
        m.times[i][2] = 400 + 1100 * i;
    ck_assert_int_eq(period_of(&m), 0);
}
END_TEST

START_TEST(periods_that_differ_by_more_than_a_thousandth_do_not_repeat)
{
    struct made m = repeating();
    for (int i = 0; i < TAKEN; i++) /* each longer than the one before by 2 in 1,000 */
        m.steady.last[i].at += 1000 * (TAKEN - i) * (TAKEN - i);
    ck_assert_int_eq(period_of(&m), 0);
}
END_TEST

START_TEST(a_part_whose_energy_differs_from_period_to_period_does_not_repeat)
{
    struct made m = repeating();
    for (int i = 0; i < TAKEN; i++)
        m.steady.last[i].sums.part_pj[PART_ARRAY_ADC] +=
            0.01 * (TAKEN - i) * (TAKEN - i) * (TAKEN - i);
    ck_assert_int_eq(period_of(&m), 0);
}
END_TEST

START_TEST(refresh_has_a_period_of_its_own_and_does_not_hinder)
{
    struct made m = repeating();
    for (int i = 0; i < TAKEN; i++)
        m.steady.last[i].sums.part_pj[PART_MEMORY_REFRESH] += i % 3;
    ck_assert_int_eq(period_of(&m), 1);
}
END_TEST

/* --- played ---------------------------------------------------------------------------------- */

/* Plays `samples` of a chain whose second stage is slow; the sample at whose end it was steady. */
static int64_t steady_at(time_ps spread_ps, int64_t samples, int *period)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t one = small_conv(&t, -1, image(16, 28, 28), 16, 3, 1, 1);
    small_conv(&t, one, image(16, 28, 28), 16, 3, 1, 1);
    struct plan *p = planned_small(a, "dcim_22nm", &t);
    struct ledger *books = ledger_open(a);
    struct driver r;
    struct steady steady = {.arena = a};
    int64_t done = 0;
    driver_open(&r, a, p, samples);
    r.slow = index_of(p, 1);
    r.slow_ps = 20000;
    r.spread_ps = spread_ps;
    *period = 0;
    while (!*period && driver_step(&r)) {
        for (; done < samples && pipeline_sample_done(&r.pipe, done); done++) {
            ledger_add(books, PART_ARRAY_ADC, 0, "convert", 100, quantity_of(1.5, FROM_SOURCE, 0));
            steady_take(&steady, &r.pipe, done, books, NULL, r.now);
            *period = steady_period(&steady);
        }
    }
    arena_close(a);
    return done;
}

START_TEST(a_pipeline_of_equal_steps_is_found_to_repeat_before_its_tenth_sample)
{
    int period;
    int64_t at = steady_at(0, 40, &period);
    ck_assert_int_eq(period, 1);
    ck_assert_int_ge(at, 3);
    ck_assert_int_le(at, 10);
}
END_TEST

START_TEST(a_pipeline_of_random_steps_is_never_taken_to_repeat)
{
    int period;
    ck_assert_int_eq(steady_at(40000, 40, &period), 40);
    ck_assert_int_eq(period, 0);
}
END_TEST

SUITE("steady", equal_states_at_equal_distances_repeat, two_periods_must_have_passed,
      states_that_alternate_repeat_every_second_sample, a_fill_that_moves_on_does_not_repeat,
      a_state_may_shift_by_a_thousandth_of_the_period_and_no_more,
      periods_that_differ_by_more_than_a_thousandth_do_not_repeat,
      a_part_whose_energy_differs_from_period_to_period_does_not_repeat,
      refresh_has_a_period_of_its_own_and_does_not_hinder,
      a_pipeline_of_equal_steps_is_found_to_repeat_before_its_tenth_sample,
      a_pipeline_of_random_steps_is_never_taken_to_repeat)
