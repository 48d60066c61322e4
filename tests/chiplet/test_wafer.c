#include "tests/chiplet/wafer_fixture.h"

/* 757 x 996 cores x 24 bytes x 1.1 GHz, and x 4 links x 2 directions x 32 bits. */
START_TEST(the_wse2_moves_19_9_petabytes_and_212_petabits_per_second)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of_file(a, "configs/wafer/wse2.cfg", 1);
    w->lost_cores = 0;
    ASSERT_NEAR(wafer_sram_bytes_per_s(w), 19.9e15, 2e-3);
    ASSERT_NEAR(wafer_fabric_bits_per_s(w), 212e15, 2e-3);
    ASSERT_NEAR(wafer_sram_bytes(w), 757 * 996 * 49152.0, 1e-12);
    ASSERT_NEAR(wafer_area_mm2(w), 46225, 1e-12);
    ASSERT_NEAR(wafer_bisection_bytes_per_ps(w), 2 * 757 * 4 * 1.1e-3, 1e-9);
    ASSERT_NEAR(w->edge.gb_per_s, 150, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(the_cim_wafer_holds_13_gigabytes_of_int8_weights)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of_file(a, "configs/wafer/wafer_cim.cfg", 1);
    ASSERT_NEAR((double)(w->columns * w->rows) * 32 * 8192, 13.4e9, 2e-3);
    ASSERT_NEAR(wafer_area_mm2(w), 46225, 1e-12);
    ck_assert_str_eq(w->chip, "tile/wafer_cim_core");
    ck_assert_double_gt(wafer_yield(w), 0.99);
    ASSERT_NEAR(wafer_usd(w), 16988, 0.01);
    arena_close(a);
}
END_TEST

START_TEST(defects_are_as_many_as_density_and_area_say)
{
    struct arena *a = arena_open();
    double sum = 0, squares = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        double n = (double)wafer_of_file(a, "configs/wafer/wafer_cim.cfg", seed)->defect_count;
        sum += n / 200;
        squares += n * n / 200;
    }
    ck_assert_double_eq_tol(sum, 46.2, 4 * sqrt(46.2 / 200));
    ck_assert_double_eq_tol(squares - sum * sum, 46.2, 18);
    arena_close(a);
}
END_TEST

START_TEST(equal_seeds_give_equal_wafers_and_others_do_not)
{
    struct arena *a = arena_open();
    struct wafer *v = wafer_of_file(a, "configs/wafer/wafer_cim.cfg", 7);
    struct wafer *w = wafer_of_file(a, "configs/wafer/wafer_cim.cfg", 7);
    struct wafer *other = wafer_of_file(a, "configs/wafer/wafer_cim.cfg", 8);
    ck_assert_int_gt(v->hit_cores, 0);
    ck_assert_int_eq(v->hit_cores, w->hit_cores);
    ck_assert_mem_eq(v->defects, w->defects, (size_t)v->hit_cores * sizeof *v->defects);
    ck_assert_mem_eq(v->segments, w->segments, v->segment_count * sizeof *v->segments);
    ck_assert(v->hit_cores != other->hit_cores ||
              memcmp(v->defects, other->defects, (size_t)v->hit_cores * sizeof *v->defects) != 0);
    arena_close(a);
}
END_TEST

START_TEST(the_share_of_wafers_without_a_lost_core_is_the_yield)
{
    struct arena *a = arena_open();
    struct wafer_setup s = {4, 4, 10, 12, 12, 1, 40, 44, 32, 0, 0.02, 1000};
    int whole = 0;
    double yield = wafer_yield(wafer_of(a, s, 1));
    for (uint64_t seed = 1; seed <= 1000; seed++)
        whole += wafer_of(a, s, seed)->lost_cores == 0;
    ck_assert_double_gt(yield, 0.005);
    ck_assert_double_lt(yield, 0.9);
    ck_assert_double_eq_tol(whole / 1000.0, yield, 4 * sqrt(yield * (1 - yield) / 1000));
    arena_close(a);
}
END_TEST

START_TEST(more_spares_and_fewer_defects_never_yield_less)
{
    struct arena *a = arena_open();
    struct wafer_setup s = {4, 4, 10, 12, 12, 0, 40, 32, 32, 0, 0.01, 1000};
    double before = 0;
    for (s.spares = 0; s.spares <= 4; s.spares++) {
        double now = wafer_yield(wafer_of(a, s, 1));
        ck_assert_double_ge(now, before);
        before = now;
    }
    for (s.spares = 1, before = 0, s.defects = 0.1; s.defects > 1e-5; s.defects /= 3) {
        double now = wafer_yield(wafer_of(a, s, 1));
        ck_assert_double_ge(now, before);
        before = now;
    }
    arena_close(a);
}
END_TEST

/* Column 2 of a field: its core at place 3 is dead; of column 3 that at place 0. */
START_TEST(a_defect_costs_a_hop_to_pass_and_a_hop_to_either_side)
{
    struct arena *a = arena_open();
    struct wafer_setup s = {1, 1, 6, 10, 10, 2, 6, 8, 32, 0, 0, 1000};
    struct wafer *w = wafer_of(a, s, 1);
    int64_t dead[] = {3, 0};
    struct wafer_segment segments[] = {{2, 0, 0, 1}, {3, 0, 1, 1}};
    w->defects = dead;
    w->segments = segments;
    w->segment_count = 1;
    ck_assert_int_eq(wafer_extra_hops(w, 0, 2, 5, 2), 0); /* above it nothing moved */
    ck_assert_int_eq(wafer_extra_hops(w, 0, 3, 5, 3), 2);
    ck_assert_int_eq(wafer_extra_hops(w, 5, 3, 0, 3), 2);
    ck_assert_int_eq(wafer_extra_hops(w, 0, 3, 2, 3), 1);
    ck_assert_int_eq(wafer_extra_hops(w, 2, 3, 5, 3), 1);
    ck_assert_int_eq(wafer_extra_hops(w, 2, 0, 2, 7), 1);
    ck_assert_int_eq(wafer_extra_hops(w, 2, 0, 2, 2), 0);
    ck_assert_int_eq(wafer_extra_hops(w, 2, 3, 2, 7), 0);
    ck_assert_int_eq(wafer_extra_hops(w, 1, 0, 1, 7), 0);
    w->segment_count = 2;
    ck_assert_int_eq(wafer_extra_hops(w, 0, 3, 5, 3), 2); /* both moved by one */
    ck_assert_int_eq(wafer_extra_hops(w, 0, 2, 5, 2), 2); /* only column 3 */
    ck_assert_int_eq(wafer_hops(w, 0, 2, 5, 7), 10);
    arena_close(a);
}
END_TEST

START_TEST(a_core_that_no_spare_replaces_is_lost_and_costs_a_detour)
{
    struct arena *a = arena_open();
    struct wafer_setup s = {1, 1, 6, 10, 10, 2, 6, 8, 32, 0, 0, 1000};
    struct wafer *w = wafer_of(a, s, 1);
    int64_t dead[] = {1, 5, 9};
    struct wafer_segment segment = {2, 0, 0, 3};
    w->defects = dead;
    w->segments = &segment;
    w->segment_count = 1;
    for (int64_t y = 0; y < 8; y++)
        ck_assert_int_eq(wafer_core_lost(w, 2, y), y == 7);
    ck_assert_int_eq(wafer_extra_hops(w, 0, 7, 5, 7), 2);
    arena_close(a);
}
END_TEST

/* Where each core of a column really is: the y-th that works. */
static int64_t place_of(const struct wafer *w, int64_t x, int64_t y, int64_t segment_rows)
{
    int64_t segment = y / segment_rows, want = y % segment_rows, place = 0;
    for (;; place++) {
        bool dead = false;
        for (uint32_t i = 0; i < w->segment_count; i++)
            for (uint32_t k = 0; k < w->segments[i].count; k++)
                dead =
                    dead || (w->segments[i].x == x && w->segments[i].y == segment * segment_rows &&
                             w->defects[w->segments[i].first + k] == place);
        if (!dead && want-- == 0)
            return segment * w->segment_cores + place;
    }
}

START_TEST(extra_hops_are_those_between_the_places_of_the_cores)
{
    struct arena *a = arena_open();
    struct wafer_setup s = {2, 2, 10, 20, 10, 3, 20, 28, 32, 0, 0.03, 1000};
    int tried = 0;
    uint64_t state = 9;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct wafer *w = wafer_of(a, s, seed);
        if (w->lost_cores > 0 || w->hit_cores < 5)
            continue;
        tried++;
        for (int i = 0; i < 50; i++) {
            int64_t x0 = draw(&state, 20), x1 = draw(&state, 20), y0 = draw(&state, 28);
            int64_t y1 = draw(&state, 28), extra = 0, lo = x0 < x1 ? x0 : x1;
            for (int64_t x = lo; x < lo + labs(x1 - x0); x++)
                extra += labs(place_of(w, x, y0, 7) - place_of(w, x + 1, y0, 7));
            lo = y0 < y1 ? y0 : y1;
            for (int64_t y = lo; y < lo + labs(y1 - y0); y++) {
                int64_t step = place_of(w, x1, y + 1, 7) - place_of(w, x1, y, 7);
                if ((y + 1) % 7 == 0) /* spares at the end of a segment are always passed */
                    step = place_of(w, x1, y + 1, 7) - (y + 1) / 7 * 10 + 1;
                extra += step - 1;
            }
            ck_assert_int_eq(wafer_extra_hops(w, x0, y0, x1, y1), extra);
        }
    }
    ck_assert_int_ge(tried, 10);
    arena_close(a);
}
END_TEST

START_TEST(seams_are_counted_and_cost_their_cycles)
{
    struct arena *a = arena_open();
    struct wafer_setup s = {3, 2, 10, 8, 8, 0, 30, 16, 32, 4, 0, 500};
    struct wafer *w = wafer_of(a, s, 1);
    ck_assert_int_eq(wafer_seams(w, 0, 0, 29, 15), 3);
    ck_assert_int_eq(wafer_seams(w, 0, 0, 9, 7), 0);
    ck_assert_int_eq(wafer_seams(w, 10, 8, 9, 7), 2);
    ASSERT_NEAR(wafer_latency_ps(w, 0, 0, 29, 15), (29 + 15 + 3 * 4) * 2000.0, 1e-12);
    arena_close(a);
}
END_TEST

static bool open_it(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct wafer *w;
    return wafer_open(a, g, 1, &w, d);
}

START_TEST(every_broken_wafer_gets_its_one_line_message)
{
    bad_configs_walk("wafer-", 10, open_it);
}
END_TEST

SUITE("wafer", the_wse2_moves_19_9_petabytes_and_212_petabits_per_second,
      the_cim_wafer_holds_13_gigabytes_of_int8_weights, defects_are_as_many_as_density_and_area_say,
      equal_seeds_give_equal_wafers_and_others_do_not,
      the_share_of_wafers_without_a_lost_core_is_the_yield,
      more_spares_and_fewer_defects_never_yield_less,
      a_defect_costs_a_hop_to_pass_and_a_hop_to_either_side,
      a_core_that_no_spare_replaces_is_lost_and_costs_a_detour,
      extra_hops_are_those_between_the_places_of_the_cores, seams_are_counted_and_cost_their_cycles,
      every_broken_wafer_gets_its_one_line_message)
