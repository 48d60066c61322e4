/* The pipeline's rules in plain C: who may start, what a step frees, what the time was spent on. */
#include "tests/sim/driver.h"

/* source, two 3 x 3 convolutions of 28 rows, sink */
static struct plan *two_stages(struct arena *a)
{
    struct small t = {.count = 0};
    int32_t one = small_conv(&t, -1, image(16, 28, 28), 16, 3, 1, 1);
    small_conv(&t, one, image(16, 28, 28), 16, 3, 1, 1);
    return planned_small(a, "dcim_22nm", &t);
}

START_TEST(a_fast_producer_fills_its_buffer_and_never_overfills_it)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 3);
    r.watched = index_of(p, 0);
    r.slow = index_of(p, 1);
    r.slow_ps = 50000;
    driver_run(&r); /* checks at every event */
    ck_assert(pipeline_finished(&r.pipe));
    ck_assert_int_eq(r.fullest, p->stages[r.watched].capacity_chunks);
    arena_close(a);
}
END_TEST

START_TEST(nothing_but_sources_may_start_before_something_has_arrived)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 1);
    for (int32_t k = 0; k < (int32_t)p->stage_count; k++)
        ck_assert_int_eq(pipeline_ready(&r.pipe, k), p->stages[k].kind == STAGE_SOURCE);
    arena_close(a);
}
END_TEST

START_TEST(a_stage_waits_for_its_weights_and_the_wait_is_booked_on_reloading)
{
    enum { WEIGHTS_PS = 10000000 };
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 1);
    int32_t one = index_of(p, 0);
    pipeline_weights(&r.pipe, one, TIME_NEVER);
    driver_run(&r);
    ck_assert(!pipeline_finished(&r.pipe));
    ck_assert_int_eq(pipeline_stage(&r.pipe, one)->begun, 0);
    r.now = WEIGHTS_PS;
    pipeline_weights(&r.pipe, one, WEIGHTS_PS);
    driver_run(&r);
    ck_assert(pipeline_finished(&r.pipe));
    ck_assert(pipeline_stage_finished(&r.pipe, one));
    ck_assert_int_ge(pipeline_stage(&r.pipe, one)->first_start, WEIGHTS_PS);
    ck_assert_int_eq(r.pipe.latest.by_cause[CAUSE_RELOAD], WEIGHTS_PS);
    arena_close(a);
}
END_TEST

START_TEST(a_step_may_start_when_the_last_row_of_its_window_is_there_and_not_before)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 1);
    int32_t one = index_of(p, 0), two = index_of(p, 1);
    int32_t edge = (int32_t)(edge_between(p, &p->stages[one], &p->stages[two]) - p->edges);
    pipeline_send(&r.pipe, edge, 0, 1, 0);
    pipeline_send(&r.pipe, edge, 1, 2, 0);
    ck_assert(pipeline_arrive(&r.pipe, edge, 0, 10));
    ck_assert(!pipeline_ready(&r.pipe, two));
    ck_assert(!pipeline_arrive(&r.pipe, edge, 1, 20)); /* one of its two pieces */
    ck_assert(!pipeline_ready(&r.pipe, two));
    ck_assert(pipeline_arrive(&r.pipe, edge, 1, 30));
    ck_assert(pipeline_ready(&r.pipe, two));
    arena_close(a);
}
END_TEST

START_TEST(a_chunk_that_overtakes_another_counts_when_the_other_is_there)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 1);
    int32_t one = index_of(p, 0), two = index_of(p, 1);
    int32_t edge = (int32_t)(edge_between(p, &p->stages[one], &p->stages[two]) - p->edges);
    pipeline_send(&r.pipe, edge, 0, 1, 0);
    pipeline_send(&r.pipe, edge, 1, 1, 0);
    ck_assert(!pipeline_arrive(&r.pipe, edge, 1, 10));
    ck_assert_int_eq(r.pipe.edges[edge].arrived, 0);
    ck_assert(pipeline_arrive(&r.pipe, edge, 0, 20));
    ck_assert_int_eq(r.pipe.edges[edge].arrived, 2);
    const struct arrival_record *second = ring_at(&r.pipe.edges[edge].arrivals, 1);
    ck_assert_int_eq(second->when.at, 20);
    arena_close(a);
}
END_TEST

START_TEST(a_stage_does_one_step_at_a_time_and_frees_rows_when_it_ends)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 1);
    int32_t one = index_of(p, 0), two = index_of(p, 1);
    int32_t edge = (int32_t)(edge_between(p, &p->stages[one], &p->stages[two]) - p->edges);
    for (int64_t c = 0; c < 4; c++)
        pipeline_send(&r.pipe, edge, c, 0, 0);
    struct pipe_step first = pipeline_begin(&r.pipe, two, 5);
    ck_assert(!pipeline_ready(&r.pipe, two));
    pipeline_end(&r.pipe, two, first.step, CAUSE_ARRAY, 9);
    ck_assert_int_eq(r.pipe.edges[edge].freed, 0); /* the next step reads row 0 too */
    struct pipe_step second = pipeline_begin(&r.pipe, two, 9);
    ck_assert_int_eq(r.pipe.edges[edge].freed, 0);
    pipeline_end(&r.pipe, two, second.step, CAUSE_ARRAY, 12);
    ck_assert_int_eq(r.pipe.edges[edge].freed, 1);
    arena_close(a);
}
END_TEST

START_TEST(a_source_reads_ahead_as_far_as_its_buffer_goes)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 4);
    int32_t source = 0;
    while (p->stages[source].kind != STAGE_SOURCE)
        source++;
    for (int32_t n = 0; n < p->stages[source].capacity_chunks; n++)
        pipeline_begin(&r.pipe, source, 0);
    ck_assert(!pipeline_ready(&r.pipe, source));
    arena_close(a);
}
END_TEST

START_TEST(a_reduction_emits_with_the_last_of_its_steps_only)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, image(16, 14, 14), 16, 3, 1, 1);
    int32_t pool = small_pool(&t, c, image(16, 14, 14), 14, 1);
    struct plan *p = planned_small(a, "dcim_22nm", &t);
    struct driver r;
    driver_open(&r, a, p, 2);
    int32_t at = index_of(p, pool);
    int64_t steps = p->stages[at].steps;
    for (int64_t k = 0; k < 2 * steps; k++) {
        struct pipe_step s = pipeline_step(&r.pipe, at, k);
        ck_assert_int_eq(s.chunk, (k + 1) % steps ? -1 : k / steps);
        ASSERT_NEAR(s.share, 1.0 / (double)steps, 1e-12);
    }
    driver_run(&r);
    ck_assert(pipeline_finished(&r.pipe));
    arena_close(a);
}
END_TEST

/* --- no deadlock ----------------------------------------------------------------------------- */

START_TEST(in_the_least_buffers_resnet50_comes_to_its_end_whatever_the_durations)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct arena *a = arena_open();
        struct plan *p = planned(a, plan_chip(a, "isaac", NULL, 0), sample_trace(a, "resnet50", 8));
        static struct driver r;
        for (size_t i = 0; i < p->stage_count; i++)
            p->stages[i].capacity_chunks = p->stages[i].min_chunks;
        driver_open(&r, a, p, 2);
        r.random = seed;
        r.spread_ps = 1000000;
        r.way_ps = 500;
        driver_run(&r);
        ck_assert(pipeline_finished(&r.pipe));
        arena_close(a);
    }
}
END_TEST

START_TEST(a_sample_is_done_when_every_result_of_it_has_left)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, image(16, 14, 14), 16, 3, 1, 1);
    small_conv(&t, c, image(16, 14, 14), 8, 1, 1, 1);
    small_conv(&t, c, image(16, 14, 14), 8, 1, 1, 1);
    struct plan *p = planned_small(a, "dcim_22nm", &t);
    struct driver r;
    driver_open(&r, a, p, 2);
    r.slow = index_of(p, 2);
    r.slow_ps = 9000;
    do {
        bool all = true;
        for (int32_t k = 0; k < (int32_t)p->stage_count; k++)
            all = all &&
                  (p->stages[k].kind != STAGE_SINK || r.pipe.stages[k].ended >= p->stages[k].steps);
        ck_assert_int_eq(pipeline_sample_done(&r.pipe, 0), all);
    } while (driver_step(&r));
    ck_assert(pipeline_finished(&r.pipe) && pipeline_sample_done(&r.pipe, 1));
    arena_close(a);
}
END_TEST

/* --- causes ---------------------------------------------------------------------------------- */

static void causes_of_random_run(uint64_t seed, const char *sample)
{
    struct arena *a = arena_open();
    struct plan *p = planned(a, plan_chip(a, "isaac", NULL, 0), sample_trace(a, sample, 8));
    static struct driver r;
    time_ps sum = 0;
    driver_open(&r, a, p, 2);
    r.random = seed;
    r.spread_ps = 100000;
    r.way_ps = 3000;
    driver_run(&r);
    ck_assert_int_eq(r.pipe.latest.at, r.now);
    for (int c = 0; c < CAUSE_COUNT; c++)
        sum += r.pipe.latest.by_cause[c];
    ck_assert_int_eq(sum, r.now);
    arena_close(a);
}

START_TEST(the_causes_of_the_last_moment_sum_to_the_makespan)
{
    causes_of_random_run(1, "squeezenet");
    causes_of_random_run(2, "squeezenet");
    causes_of_random_run(3, "resnet50");
    causes_of_random_run(4, "alexnet");
}
END_TEST

START_TEST(the_slowest_stage_takes_most_of_the_path)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 3);
    r.slow = index_of(p, 1);
    r.slow_ps = 50000;
    driver_run(&r);
    ck_assert_int_eq(r.pipe.latest.by_cause[r.slow % CAUSE_COUNT],
                     3 * 28 * 51000); /* never waits */
    arena_close(a);
}
END_TEST

/* --- what is kept, and what is played ----------------------------------------------------------
 */

static int64_t most_kept(const struct pipeline *l)
{
    int64_t most = 0;
    for (int32_t k = 0; k < l->segment->stage_count; k++)
        most = l->stages[k].steps.room > most ? l->stages[k].steps.room : most;
    for (int32_t k = 0; k < l->segment->edge_count; k++) {
        most = l->edges[k].arrivals.room > most ? l->edges[k].arrivals.room : most;
        most = l->edges[k].frees.room > most ? l->edges[k].frees.room : most;
    }
    return most;
}

START_TEST(what_is_kept_does_not_grow_with_the_samples)
{
    int64_t kept[2];
    for (int many = 0; many < 2; many++) {
        struct arena *a = arena_open();
        struct driver r;
        driver_open(&r, a, two_stages(a), many ? 400 : 8);
        r.way_ps = 700;
        r.slow = 1;
        r.slow_ps = 9000;
        driver_run(&r);
        ck_assert(pipeline_finished(&r.pipe));
        kept[many] = most_kept(&r.pipe);
        arena_close(a);
    }
    ck_assert_int_eq(kept[0], kept[1]);
}
END_TEST

/* A convolution whose last rows its consumer strides over: they are made and sent all the same. */
START_TEST(rows_that_nobody_reads_are_made_and_arrive_before_the_end)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, image(8, 28, 28), 16, 3, 1, 1);
    small_conv(&t, c, image(16, 28, 28), 16, 1, 9, 1);
    struct plan *p = planned_small(a, "dcim_22nm", &t);
    struct driver r;
    driver_open(&r, a, p, 3);
    r.way_ps = 4000;
    int32_t one = index_of(p, 0), two = index_of(p, 1);
    int32_t edge = (int32_t)(edge_between(p, &p->stages[one], &p->stages[two]) - p->edges);
    driver_run(&r);
    ck_assert(pipeline_finished(&r.pipe));
    ck_assert_int_eq(r.pipe.stages[one].ended, 3 * p->stages[one].steps);
    ck_assert_int_eq(r.pipe.edges[edge].arrived, 3 * p->stages[one].chunks);
    arena_close(a);
}
END_TEST

START_TEST(samples_that_are_added_are_not_played)
{
    struct arena *a = arena_open();
    struct driver r;
    driver_open(&r, a, two_stages(a), 50);
    while (!pipeline_sample_done(&r.pipe, 3))
        ck_assert(driver_step(&r));
    int64_t untouched = pipeline_untouched(&r.pipe);
    ck_assert_int_gt(untouched, 3);
    pipeline_add(&r.pipe, 50 - untouched, &(struct spell){.ps = 1});
    driver_run(&r);
    ck_assert(pipeline_finished(&r.pipe));
    ck_assert(pipeline_sample_done(&r.pipe, untouched - 1));
    ck_assert_int_eq(pipeline_untouched(&r.pipe), untouched);
    arena_close(a);
}
END_TEST

/* --- samples that are handed over --------------------------------------------------------------
 */

START_TEST(a_sample_begins_as_long_after_the_start_as_it_ended_upstream_after_the_first)
{
    enum { APART = 900000 };
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    struct sample_ends upstream = {.count = 0};
    struct moment end = {.at = 0};
    for (int k = 0; k < 3; k++) {
        ends_play(&upstream, a, &end);
        end = moment_until(&end, end.at + APART, CAUSE_LINK);
    }
    int32_t source = 0;
    while (p->stages[source].kind != STAGE_SOURCE)
        source++;
    p->stages[source].handover = true;
    driver_open(&r, a, p, 3);
    r.pipe.upstream = &upstream;
    for (int64_t k = 0; k < 3; k++) {
        while (r.pipe.stages[source].begun < k * p->stages[source].steps)
            if (!driver_step(&r)) /* all that is here is done */
                r.now = pipeline_earliest(&r.pipe, source);
        ck_assert_int_eq(pipeline_earliest(&r.pipe, source), k * APART);
    }
    while (!pipeline_finished(&r.pipe))
        if (!driver_step(&r))
            r.now = pipeline_earliest(&r.pipe, source);
    ck_assert_int_ge(r.pipe.latest.by_cause[CAUSE_LINK], 2 * APART);
    arena_close(a);
}
END_TEST

SUITE("pipeline", a_fast_producer_fills_its_buffer_and_never_overfills_it,
      a_stage_waits_for_its_weights_and_the_wait_is_booked_on_reloading,
      nothing_but_sources_may_start_before_something_has_arrived,
      a_step_may_start_when_the_last_row_of_its_window_is_there_and_not_before,
      a_chunk_that_overtakes_another_counts_when_the_other_is_there,
      a_stage_does_one_step_at_a_time_and_frees_rows_when_it_ends,
      a_source_reads_ahead_as_far_as_its_buffer_goes,
      a_reduction_emits_with_the_last_of_its_steps_only,
      in_the_least_buffers_resnet50_comes_to_its_end_whatever_the_durations,
      a_sample_is_done_when_every_result_of_it_has_left,
      the_causes_of_the_last_moment_sum_to_the_makespan, the_slowest_stage_takes_most_of_the_path,
      what_is_kept_does_not_grow_with_the_samples,
      rows_that_nobody_reads_are_made_and_arrive_before_the_end,
      samples_that_are_added_are_not_played,
      a_sample_begins_as_long_after_the_start_as_it_ended_upstream_after_the_first)
