/* When samples ended: played ones, and those between them that were added by arithmetic. */
#include "core/sim/ends.h"
#include "tests/check_main.h"

static struct moment at_us(double us)
{
    struct moment m = {.at = (time_ps)(us * 1e6)};
    m.by_cause[CAUSE_ARRAY] = m.at;
    return m;
}

static void play_us(struct sample_ends *e, struct arena *a, double us)
{
    struct moment m = at_us(us);
    ends_play(e, a, &m);
}

START_TEST(samples_that_were_added_lie_evenly_behind_those_played_before)
{
    struct arena *a = arena_open();
    struct sample_ends e = {.count = 0};
    play_us(&e, a, 10);
    play_us(&e, a, 12);
    ends_add(&e, 3, &(struct spell){.ps = 2e6, .cause_ps = {[CAUSE_NOC] = 2e6}});
    play_us(&e, a, 14);
    ck_assert_int_eq(ends_at(&e, 1).at, 12000000);
    ck_assert_int_eq(ends_at(&e, 3).at, 16000000);
    ck_assert_int_eq(ends_at(&e, 3).by_cause[CAUSE_NOC], 4000000);
    ck_assert_int_eq(ends_at(&e, 5).at, 20000000); /* played at 14, three samples later */
    arena_close(a);
}
END_TEST

START_TEST(causes_of_an_added_sample_sum_to_its_time_to_the_picosecond)
{
    struct arena *a = arena_open();
    struct sample_ends e = {.count = 0};
    play_us(&e, a, 1);
    ends_add(&e, 1000,
             &(struct spell){.ps = 10.1, .cause_ps = {[CAUSE_ARRAY] = 3.3, [CAUSE_NOC] = 6.8}});
    for (int64_t k = 0; k < 1001; k++) {
        struct moment m = ends_at(&e, k);
        time_ps sum = 0;
        for (int c = 0; c < CAUSE_COUNT; c++)
            sum += m.by_cause[c];
        ck_assert_int_eq(sum, m.at);
    }
    arena_close(a);
}
END_TEST

START_TEST(the_interval_is_that_of_the_middle_half)
{
    struct arena *a = arena_open();
    struct sample_ends e = {.count = 0};
    play_us(&e, a, 10);
    ck_assert_double_eq(ends_interval_ps(&e), 0);
    play_us(&e, a, 15);
    ck_assert_double_eq(ends_interval_ps(&e), 5e6); /* of two, all there is */
    for (int k = 0; k < 4; k++)
        play_us(&e, a, 16 + k);
    play_us(&e, a, 100);
    play_us(&e, a, 200);
    ck_assert_double_eq(ends_interval_ps(&e), 1e6); /* 10 15 [16 17 18 19] 100 200 */
    arena_close(a);
}
END_TEST

SUITE("ends", samples_that_were_added_lie_evenly_behind_those_played_before,
      causes_of_an_added_sample_sum_to_its_time_to_the_picosecond,
      the_interval_is_that_of_the_middle_half)
