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
    double cause_ps[CAUSE_COUNT] = {0};
    struct cause_path path = {.arena = a};
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
    ck_assert_int_ge(pipeline_stage(&r.pipe, one)->steps[0].start, WEIGHTS_PS);
    pipeline_trace_back(&r.pipe, &path);
    cause_path_add(&path, 0, TIME_NEVER, 1, cause_ps);
    ck_assert_double_eq(cause_ps[CAUSE_RELOAD], WEIGHTS_PS);
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
    ck_assert_int_eq(r.pipe.edges[edge].arrivals[1].at, 20);
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

static void path_of_random_run(uint64_t seed, const char *sample)
{
    struct arena *a = arena_open();
    struct plan *p = planned(a, plan_chip(a, "isaac", NULL, 0), sample_trace(a, sample, 8));
    static struct driver r;
    struct cause_path path = {a, NULL, 0, 0};
    double cause_ps[CAUSE_COUNT] = {0}, sum = 0;
    driver_open(&r, a, p, 2);
    r.random = seed;
    r.spread_ps = 100000;
    r.way_ps = 3000;
    driver_run(&r);
    pipeline_trace_back(&r.pipe, &path);
    ck_assert_int_eq(path.spans[0].to, r.now); /* latest first */
    ck_assert_int_eq(path.spans[path.count - 1].from, 0);
    for (size_t i = 0; i + 1 < path.count; i++)
        ck_assert_int_eq(path.spans[i].from, path.spans[i + 1].to);
    cause_path_add(&path, 0, r.now, 1, cause_ps);
    for (int c = 0; c < CAUSE_COUNT; c++)
        sum += cause_ps[c];
    ASSERT_NEAR(sum, (double)r.now, 1e-12);
    arena_close(a);
}

START_TEST(the_critical_path_has_no_gaps_and_its_causes_sum_to_the_makespan)
{
    path_of_random_run(1, "squeezenet");
    path_of_random_run(2, "squeezenet");
    path_of_random_run(3, "resnet50");
    path_of_random_run(4, "alexnet");
}
END_TEST

START_TEST(a_part_of_the_path_counts_as_often_as_it_is_repeated)
{
    struct cause_span spans[] = {
        {70, 100, CAUSE_NOC}, {40, 70, CAUSE_ARRAY}, {0, 40, CAUSE_MEMORY}};
    struct cause_path path = {NULL, spans, 3, 3};
    double cause_ps[CAUSE_COUNT] = {0};
    cause_path_add(&path, 30, 80, 3, cause_ps);
    ASSERT_NEAR(cause_ps[CAUSE_NOC], 30, 1e-12);
    ASSERT_NEAR(cause_ps[CAUSE_ARRAY], 90, 1e-12);
    ASSERT_NEAR(cause_ps[CAUSE_MEMORY], 30, 1e-12);
}
END_TEST

START_TEST(the_slowest_stage_takes_most_of_the_path)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    struct cause_path path = {a, NULL, 0, 0};
    double cause_ps[CAUSE_COUNT] = {0};
    driver_open(&r, a, p, 3);
    r.slow = index_of(p, 1);
    r.slow_ps = 50000;
    driver_run(&r);
    pipeline_trace_back(&r.pipe, &path);
    cause_path_add(&path, 0, r.now, 1, cause_ps);
    ASSERT_NEAR(cause_ps[r.slow % CAUSE_COUNT], 3 * 28 * 51000.0, 1e-12); /* it never waits */
    arena_close(a);
}
END_TEST

/* --- pace ------------------------------------------------------------------------------------ */

START_TEST(a_paced_step_begins_one_period_after_its_twin_of_the_sample_before)
{
    struct arena *a = arena_open();
    struct plan *p = two_stages(a);
    struct driver r;
    driver_open(&r, a, p, 3);
    int32_t one = index_of(p, 0);
    while (r.pipe.stages[one].begun < p->stages[one].steps)
        ck_assert(driver_step(&r));
    ck_assert_int_eq(pipeline_earliest(&r.pipe, one), 0);
    r.pipe.pace_ps = 700000;
    r.pipe.paced_from = 1;
    ck_assert_int_eq(pipeline_earliest(&r.pipe, one), r.pipe.stages[one].steps[0].start + 700000);
    arena_close(a);
}
END_TEST

/* Two stages behind a source, three samples, all of which keep a pace; returns the source. */
static int32_t paced_source(struct arena *a, struct driver *r, int64_t *chunks)
{
    struct plan *p = two_stages(a);
    int32_t source = 0;
    while (p->stages[source].kind != STAGE_SOURCE)
        source++;
    driver_open(r, a, p, 3);
    r->pipe.pace_ps = 700000;
    r->pipe.paced_from = 1;
    *chunks = p->stages[source].chunks;
    return source;
}

/* Even when all of them are there at once, and though none has been sent yet; and asked twice. */
START_TEST(chunks_of_a_source_leave_one_period_apart)
{
    struct arena *a = arena_open();
    struct driver r;
    int64_t of_sample;
    int32_t source = paced_source(a, &r, &of_sample);
    for (int64_t k = 0; k < 3; k++)
        for (int asked = 0; asked < 2; asked++)
            ck_assert_int_eq(pipeline_leaves(&r.pipe, source, k * of_sample, 5000),
                             5000 + k * 700000);
    ck_assert_int_eq(pipeline_leaves(&r.pipe, source, 1, 6000), 6000);
    arena_close(a);
}
END_TEST

/* Memory may answer the third before the second, which is then late enough. */
START_TEST(a_chunk_that_overtakes_the_one_of_the_sample_before_leaves_in_its_own_turn)
{
    struct arena *a = arena_open();
    struct driver r;
    int64_t of_sample;
    int32_t source = paced_source(a, &r, &of_sample);
    ck_assert_int_eq(pipeline_leaves(&r.pipe, source, 0, 5000), 5000);
    ck_assert_int_eq(pipeline_leaves(&r.pipe, source, 2 * of_sample, 6000), 1405000);
    ck_assert_int_eq(pipeline_leaves(&r.pipe, source, of_sample, 7000), 7000);
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
      the_critical_path_has_no_gaps_and_its_causes_sum_to_the_makespan,
      a_part_of_the_path_counts_as_often_as_it_is_repeated,
      the_slowest_stage_takes_most_of_the_path,
      a_paced_step_begins_one_period_after_its_twin_of_the_sample_before,
      chunks_of_a_source_leave_one_period_apart,
      a_chunk_that_overtakes_the_one_of_the_sample_before_leaves_in_its_own_turn)
