/* Layers on arrays: how many arrays a copy takes, how many copies there are, how long a row lasts.
 */
#include "tests/plan/fixture.h"

/* ISAAC at 16 bits: 128 rows, 16 outputs of 8 two-bit columns each. */
static int64_t arrays_of(struct shape in, int64_t channels, int32_t kernel, int64_t groups)
{
    struct arena *a = arena_open();
    struct small t = {.bits = 16};
    small_conv(&t, -1, in, channels, kernel, 1, groups);
    int64_t arrays = stage_of(planned_small(a, "isaac", &t), 0)->arrays_per_copy;
    arena_close(a);
    return arrays;
}

START_TEST(a_copy_takes_k_over_rows_times_n_over_outputs_arrays_each_rounded_up)
{
    static const int64_t cases[][4] = {/* channels, kernel, outputs: arrays */
                                       {64, 1, 16, 1},        {128, 1, 16, 1}, {129, 1, 16, 2},
                                       {128, 1, 17, 2},       {64, 3, 64, 20}, {3, 7, 64, 8},
                                       {512, 3, 512, 36 * 32}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_int_eq(arrays_of(image(cases[i][0], 8, 8), cases[i][2], (int32_t)cases[i][1], 1),
                         cases[i][3]);
}
END_TEST

START_TEST(small_groups_share_an_array_as_many_as_its_rows_and_outputs_hold)
{
    ck_assert_int_eq(arrays_of(image(128, 8, 8), 128, 3, 32), 11); /* 36 x 4: three in an array */
    ck_assert_int_eq(arrays_of(image(64, 8, 8), 64, 3, 64), 5);    /* 9 x 1: fourteen */
    ck_assert_int_eq(arrays_of(image(64, 8, 8), 64, 1, 64), 4);    /* 1 x 1: sixteen outputs */
}
END_TEST

START_TEST(groups_larger_than_an_array_take_arrays_of_their_own)
{
    ck_assert_int_eq(arrays_of(image(256, 8, 8), 128, 3, 2), 2 * 9 * 4);
}
END_TEST

START_TEST(the_shapes_of_a_copys_tiles_hold_every_weight_once)
{
    static const int64_t cases[][4] = {
        {64, 3, 64, 1}, {3, 7, 64, 1}, {130, 1, 17, 1}, {128, 3, 128, 32}, {256, 3, 128, 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *a = arena_open();
        struct small t = {.bits = 16};
        struct tile_shape shapes[4];
        int64_t c = cases[i][0], kernel = cases[i][1], n = cases[i][2], groups = cases[i][3];
        small_conv(&t, -1, image(c, 8, 8), n, (int32_t)kernel, 1, groups);
        const struct plan *p = planned_small(a, "isaac", &t);
        const struct stage *s = stage_of(p, 0);
        size_t count = stage_tile_shapes(p, s, shapes);
        int64_t arrays = 0, rows = 0, outputs = 0;
        for (size_t k = 0; k < count; k++) {
            arrays += shapes[k].times;
            rows += shapes[k].rows * shapes[k].times;
            outputs += shapes[k].outputs * shapes[k].times;
            ck_assert(shapes[k].rows <= 128 && shapes[k].outputs <= 16);
        }
        ck_assert_int_eq(arrays, s->arrays_per_copy);
        ck_assert_int_eq(rows,
                         c * kernel * kernel * s->n_tiles); /* each row once per column tile */
        ck_assert_int_eq(outputs, n * s->k_tiles);
        arena_close(a);
    }
}
END_TEST

START_TEST(resnet50_takes_12504_crossbars_of_isaac_at_16_bits_and_6260_at_8)
{
    static const int64_t expected[][2] = {{16, 12504}, {8, 6260}};
    for (size_t i = 0; i < 2; i++) {
        struct arena *a = arena_open();
        struct system *isaac = plan_chip(a, "isaac", NULL, 0);
        struct plan *p = planned(a, isaac, sample_trace(a, "resnet50", (int)expected[i][0]));
        int64_t arrays = 0;
        for (size_t k = 0; k < p->stage_count; k++)
            arrays += p->stages[k].kind == STAGE_ARRAY ? p->stages[k].arrays_per_copy : 0;
        ck_assert_int_eq(arrays, expected[i][1]);
        ck_assert(p->resident);
        arena_close(a);
    }
}
END_TEST

START_TEST(work_wider_than_the_arrays_can_do_is_refused)
{
    struct arena *a = arena_open();
    struct plan *p;
    struct diag d = {.status = 0};
    ck_assert(
        !plan_make(a, plan_chip(a, "dcim_5nm", NULL, 0), sample_trace(a, "alexnet", 60), &p, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "60-bit"));
    arena_close(a);
}
END_TEST

/* --- copies ---------------------------------------------------------------------------------- */

static void copies_fit(const struct plan *p)
{
    for (size_t g = 0; g < p->segment_count; g++) {
        int64_t sum = 0, groups = 0;
        for (int32_t k = 0; k < p->segments[g].stage_count; k++) {
            const struct stage *s = &p->stages[p->segments[g].first_stage + k];
            if (s->kind != STAGE_ARRAY)
                continue;
            sum += s->arrays;
            ck_assert_int_eq(s->arrays, s->copies * s->arrays_per_copy);
            ck_assert_int_ge(s->copies, 1);
            ck_assert_int_le(s->copies, s->width > 1 ? s->width : s->rows_per_chunk);
        }
        for (size_t k = 0; k < p->group_count; k++)
            if (p->stages[p->groups[k].first_stage].segment == (int32_t)g)
                groups += p->groups[k].arrays;
        ck_assert_int_eq(sum, p->segments[g].arrays);
        ck_assert_int_le(sum, groups);
        ck_assert_int_le(groups, p->system->arrays);
    }
}

START_TEST(the_copies_of_all_stages_fit_on_the_chip)
{
    ck_assert_uint_ge(each_plan(copies_fit), 12);
}
END_TEST

static double slowest_ps(const struct plan *p)
{
    double slowest = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        double t = (double)s->rows * (double)ceil_div(s->width, s->copies) * s->mvm_ps;
        if (s->kind == STAGE_ARRAY && t > slowest)
            slowest = t;
    }
    return slowest;
}

START_TEST(more_arrays_never_slow_the_slowest_stage_of_resnet50_on_isaac_and_spare_ones_speed_it_up)
{
    static const char *const arrays[] = {"80", "96", "128", "192", "384"};
    double before = 0, first = 0;
    for (size_t i = 0; i < COUNT_OF(arrays); i++) {
        struct arena *a = arena_open();
        struct cfg_override set = {"tile.arrays", arrays[i]};
        struct system *s = plan_chip(a, "isaac", &set, 1);
        double now = slowest_ps(planned(a, s, sample_trace(a, "resnet50", 16)));
        ck_assert_msg(i == 0 || now <= before, "%s arrays: %g ps after %g", arrays[i], now, before);
        before = now;
        first = i ? first : now;
        arena_close(a);
    }
    ck_assert_double_lt(before, first / 2);
}
END_TEST

START_TEST(no_copy_more_for_the_slowest_stage_of_resnet50_on_isaac_would_fit)
{
    struct arena *a = arena_open();
    struct plan *p = planned(a, plan_chip(a, "isaac", NULL, 0), sample_trace(a, "resnet50", 16));
    int64_t used = 0, asked = 0;
    double slowest = slowest_ps(p);
    for (size_t k = 0; k < p->group_count; k++)
        used += p->groups[k].arrays;
    for (size_t i = 0; i < p->stage_count; i++) { /* all that are as slow need the next step */
        const struct stage *s = &p->stages[i];
        double t = (double)s->rows * (double)ceil_div(s->width, s->copies) * s->mvm_ps;
        if (s->kind != STAGE_ARRAY || t < slowest * (1 - 1e-9))
            continue;
        int64_t each = ceil_div(s->width, s->copies);
        ck_assert_int_gt(each, 1);
        asked += (ceil_div(s->width, each - 1) - s->copies) * s->arrays_per_copy;
    }
    ck_assert_int_gt(used + asked, p->system->arrays);
    arena_close(a);
}
END_TEST

/* --- time ------------------------------------------------------------------------------------ */

static void times_follow(const struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        enum work_bound bound;
        if (s->kind != STAGE_ARRAY)
            continue;
        for (int64_t rows = 1; rows <= s->rows_per_chunk; rows++) {
            double vectors = s->width > 1 ? (double)(rows * ceil_div(s->width, s->copies))
                                          : (double)ceil_div(rows, s->copies);
            double t = stage_rows_ps(s, rows, &bound);
            ck_assert_double_ge(t, vectors * s->mvm_ps * (1 - 1e-12));
            if (bound == BOUND_ARRAY)
                ASSERT_NEAR(t, vectors * s->mvm_ps, 1e-12);
        }
    }
}

START_TEST(rows_last_as_long_as_their_vectors_on_all_copies_or_longer)
{
    ck_assert_uint_ge(each_plan(times_follow), 12);
}
END_TEST

START_TEST(an_isaac_vector_of_16_bits_takes_16_reads_of_100_ns_and_its_row_one_per_copy_and_vector)
{
    struct arena *a = arena_open();
    struct small t = {.bits = 16};
    small_conv(&t, -1, image(64, 14, 14), 64, 3, 1, 1);
    const struct stage *s = stage_of(planned_small(a, "isaac", &t), 0);
    ASSERT_NEAR(s->mvm_ps, 16 * 100e3, 1e-9);
    ck_assert_int_eq(s->copies, 14); /* the chip is empty: a copy for each vector of a row */
    ASSERT_NEAR(stage_rows_ps(s, 1, NULL), 1.6e6, 1e-9);
    arena_close(a);
}
END_TEST

SUITE("tiling", a_copy_takes_k_over_rows_times_n_over_outputs_arrays_each_rounded_up,
      small_groups_share_an_array_as_many_as_its_rows_and_outputs_hold,
      groups_larger_than_an_array_take_arrays_of_their_own,
      the_shapes_of_a_copys_tiles_hold_every_weight_once,
      resnet50_takes_12504_crossbars_of_isaac_at_16_bits_and_6260_at_8,
      work_wider_than_the_arrays_can_do_is_refused, the_copies_of_all_stages_fit_on_the_chip,
      more_arrays_never_slow_the_slowest_stage_of_resnet50_on_isaac_and_spare_ones_speed_it_up,
      no_copy_more_for_the_slowest_stage_of_resnet50_on_isaac_would_fit,
      rows_last_as_long_as_their_vectors_on_all_copies_or_longer,
      an_isaac_vector_of_16_bits_takes_16_reads_of_100_ns_and_its_row_one_per_copy_and_vector)
