#include "tests/chiplet/package_fixture.h"

START_TEST(the_quad_package_opens_with_two_stacks_per_die_and_2_tb_per_s_per_edge)
{
    struct arena *a = arena_open();
    struct package *p = package_of_file(a, "configs/package/quad_dcim_hbm3.cfg");
    ck_assert_uint_eq(p->die_count, 4);
    ck_assert_uint_eq(p->edge_count, 4);
    ck_assert_int_eq(package_stacks(p), 8);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_str_eq(p->dies[i].chip, "dcim_5nm_hbm3");
        ck_assert_int_eq(p->dies[i].stacks, 2);
        ASSERT_NEAR(package_die_memory_bytes_per_ps(p, i), 2 * 0.8192, 1e-9);
        ck_assert_int_eq(package_die_memory_bytes(p, i), INT64_C(2) << 34);
        ASSERT_NEAR(p->edges[i].bytes_per_ps, 8 * 0.250, 1e-9); /* less 6 of 256 bytes */
        ASSERT_NEAR(p->edges[i].gap_mm, 0.5, 1e-9);
    }
    ASSERT_NEAR(p->dies[0].edge_mm[SIDE_EAST], 8 * 512 / 1317.0, 1e-9);
    ASSERT_NEAR(p->dies[0].edge_mm[SIDE_WEST], 6.1, 1e-9);
    ASSERT_NEAR(package_bisection(p), 4 * 2.0, 1e-6); /* two edges, two directions each */
    ck_assert_int_eq(package_hops(p, 0, 3), 2);
    ASSERT_NEAR(package_link_peak_mw(p), 4 * 2 * 8 * 256 * 8 * 0.3, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(four_dies_in_a_package_cost_less_than_one_of_their_area)
{
    struct arena *a = arena_open();
    struct package *p = package_of_file(a, "configs/package/quad_dcim_hbm3.cfg");
    struct yield_package_cost c;
    struct yield_die_cost whole;
    ck_assert(package_cost(p, &c));
    yield_die_cost(&p->process, package_silicon_mm2(p), &whole);
    double dies = c.parts_usd - 8 * 240 - (4 * 289 + 8 * 121) * 0.01;
    ck_assert_double_lt(dies, whole.good_usd / 2);
    ck_assert_double_gt(c.package_usd, c.parts_usd + c.interposer_usd + c.substrate_usd);
    arena_close(a);
}
END_TEST

START_TEST(a_die_gives_no_more_edge_than_it_has)
{
    struct arena *a = arena_open();
    struct package *p;
    const char *two =
        TOP LINK "dies : { l : { x_mm = 0.0; y_mm = 0.0; width_mm = 8.0; height_mm = "
                 "8.0; }; r : { x_mm = 9.0; y_mm = 4.0; width_mm = 8.0; height_mm = "
                 "8.0; }; }; links : { lr : { a = \"l\"; b = \"r\"; count = %d; }; };";
    ck_assert_str_eq(package_complaint(a, arena_printf(a, two, 20), &p), "none");
    ASSERT_NEAR(p->edges[0].facing_mm, 4, 1e-12);
    ASSERT_NEAR(p->dies[0].edge_mm[SIDE_EAST], 4, 1e-12);
    ASSERT_NEAR(p->dies[1].edge_mm[SIDE_WEST], 4, 1e-12);
    ck_assert_str_eq(package_complaint(a, arena_printf(a, two, 21), &p),
                     "link lr needs 4.2 mm of facing edge for 21 x link, there are 4 mm");
    arena_close(a);
}
END_TEST

START_TEST(every_further_stack_adds_its_bandwidth_and_capacity_and_changes_no_way)
{
    struct arena *a = arena_open();
    const char *text = TOP LINK
        "memory : { @include \"" CIMARRON_SOURCE_DIR "/configs/memory/hbm3_6400.cfg\" }; "
        "stack : { width_mm = 4.0; depth_mm = 8.0; gap_mm = 0.5; port_mm = 4.0; port_mm2 = 2.0; };"
        "dies : { l : { x_mm = 20.0; y_mm = 20.0; width_mm = 30.0; height_mm = 30.0; }; r : { "
        "x_mm = 51.0; y_mm = 20.0; width_mm = 30.0; height_mm = 30.0; }; }; "
        "links : { lr : { a = \"l\"; b = \"r\"; count = 4; }; }; "
        "memories : { m : { die = \"l\"; edge = \"west\"; count = %d; }; };";
    for (int count = 1; count <= 6; count++) {
        struct package *p = package_of(a, arena_printf(a, text, count));
        ASSERT_NEAR(package_die_memory_bytes_per_ps(p, 0), count * 0.8192, 1e-9);
        ck_assert_int_eq(package_die_memory_bytes(p, 0), count * (INT64_C(1) << 34));
        ck_assert_double_eq(package_die_memory_bytes_per_ps(p, 1), 0);
        ck_assert_int_eq(package_stacks(p), count);
        ck_assert_int_eq(package_time_ps(p, 0, 1, 65536), 2000 + 64 * 2560);
    }
    arena_close(a);
}
END_TEST

START_TEST(dies_on_tiers_are_joined_where_they_overlap)
{
    struct arena *a = arena_open();
    struct package *p;
    const char *text =
        "source = \"a test\"; kind = \"package\"; year = 2026; substrate = \"stacked\"; "
        "width_mm = 20.0; height_mm = 20.0; hop_ns = 1.0; link : { gb_per_s = 1000.0; latency_ns = "
        "0.5; pj_per_bit = 0.05; static_mw = 0.0; area_um2 = 250000.0; substrate = \"%s\"; }; "
        "dies : { low : { x_mm = 0.0; y_mm = 0.0; width_mm = 10.0; height_mm = 10.0; }; top : { "
        "x_mm = 8.0; y_mm = 8.0; width_mm = 10.0; height_mm = 10.0; tier = %d; }; }; links : { v : "
        "{ a = \"low\"; b = \"top\"; count = %d; }; };";
    ck_assert_str_eq(package_complaint(a, arena_printf(a, text, "stacked", 1, 16), &p), "none");
    ck_assert(p->edges[0].vertical);
    ck_assert_str_eq(package_complaint(a, arena_printf(a, text, "stacked", 1, 17), &p),
                     "link v needs 4.25 mm2 where the dies overlap on 4 mm2");
    ck_assert_str_eq(package_complaint(a, arena_printf(a, text, "stacked", 2, 1), &p),
                     "dies low and top are not on neighbouring tiers");
    ck_assert_str_eq(package_complaint(a, arena_printf(a, text, "fanout", 1, 1), &p),
                     "a link between tiers must be a stacked one, not one for fanout");
    ck_assert_str_eq(package_complaint(a, arena_printf(a, text, "stacked", 0, 1), &p),
                     "die top lies on die low");
    arena_close(a);
}
END_TEST

/* --- routes --------------------------------------------------------------------------------------
 */

START_TEST(routes_are_shortest_and_the_same_back_and_forth)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 5, 4, 1, 100);
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t j = 0; j < 20; j++) {
            int64_t apart = abs((int)(i % 5) - (int)(j % 5)) + abs((int)(i / 5) - (int)(j / 5));
            ck_assert_int_eq(package_hops(p, i, j), apart);
            ck_assert_int_eq(package_latency_ps(p, i, j),
                             apart > 0 ? apart * 2000 + (apart - 1) * 10000 : 0);
            uint32_t edges[16], count = 0, at, edge;
            for (at = i; at != j; count++)
                at = package_step(p, at, j, &edges[count]);
            for (at = j; at != i; count--) {
                at = package_step(p, at, i, &edge);
                ck_assert_uint_eq(edge, edges[count - 1]);
            }
        }
    arena_close(a);
}
END_TEST

START_TEST(a_fast_detour_is_preferred_to_a_slow_neighbour)
{
    struct arena *a = arena_open();
    const char *text =
        TOP "dies : { a : { x_mm = 0.0; y_mm = 0.0; width_mm = 10.0; height_mm = 10.0; }; "
            "b : { x_mm = 11.0; y_mm = 0.0; width_mm = 10.0; height_mm = 10.0; }; "
            "c : { x_mm = 0.0; y_mm = 11.0; width_mm = 21.0; height_mm = 10.0; }; }; " LINK
            "links : { ac : { a = \"a\"; b = \"c\"; }; bc : { a = \"b\"; b = \"c\"; }; "
            "ab : { a = \"a\"; b = \"b\"; link : { gb_per_s = 10.0; latency_ns = %f; pj_per_bit = "
            "1.0; static_mw = 0.0; area_um2 = 0.0; }; }; };";
    struct package *p = package_of(a, arena_printf(a, text, 14.1)); /* against 2 + 10 + 2 */
    ck_assert_int_eq(package_hops(p, 0, 1), 2);
    ASSERT_NEAR(package_bandwidth(p, 0, 1), 0.1, 1e-9);
    p = package_of(a, arena_printf(a, text, 13.9));
    ck_assert_int_eq(package_hops(p, 0, 1), 1);
    ASSERT_NEAR(package_bandwidth(p, 0, 1), 0.01, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(the_bisection_of_a_grid_is_its_narrower_cut)
{
    struct arena *a = arena_open();
    ASSERT_NEAR(package_bisection(grid(a, 4, 2, 3, 100)), 2 * 2 * 3 * 0.1, 1e-9);
    ASSERT_NEAR(package_bisection(grid(a, 3, 3, 1, 100)), 2 * 4 * 0.1, 1e-9);
    ASSERT_NEAR(package_bisection(grid(a, 6, 4, 1, 100)), 2 * 4 * 0.1, 1e-9);
    ck_assert(isinf(package_bisection(grid(a, 1, 1, 1, 100))));
    arena_close(a);
}
END_TEST

START_TEST(a_package_in_two_halves_is_refused)
{
    struct arena *a = arena_open();
    struct package *p;
    ck_assert_str_eq(
        package_complaint(a,
                          TOP LINK "dies : { a : { x_mm = 0.0; y_mm = 0.0; width_mm = 9.0; "
                                   "height_mm = 9.0; }; b : { x_mm = 10.0; y_mm = 0.0; width_mm = "
                                   "9.0; height_mm = 9.0; }; };",
                          &p),
        "no links lead from die b to die a");
    arena_close(a);
}
END_TEST

/* --- collectives ---------------------------------------------------------------------------------
 */

static const uint32_t all[20] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};

/* Both directions of four links, each with half: 2 (n - 1) (alpha + B / (2 n bandwidth)). */
START_TEST(an_all_reduce_over_a_ring_takes_alpha_and_beta_2_n_less_1_times)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 2, 2, 1, 100);
    struct package_ring r;
    struct cost c;
    package_ring_open(a, p, all, 4, 1e6, &r);
    ASSERT_NEAR(r.alpha_ps, 2000 + 10000, 1e-12); /* a link and a die */
    ASSERT_NEAR(package_all_reduce_ps(&r, 1e6), 6 * (12000 + 1e6 / 4 / 2 / 0.1), 1e-12);
    ASSERT_NEAR(package_all_gather_ps(&r, 1e6), 3 * (12000 + 1e6 / 4 / 2 / 0.1), 1e-12);
    package_all_reduce_cost(p, &r, 1e6, &c);
    ASSERT_NEAR(c.duration_ps, package_all_reduce_ps(&r, 1e6), 1e-12);
    ASSERT_NEAR(cost_energy_pj(&c), 4 * 6 * 8e6 / 4 * 0.5, 1e-12);
    ck_assert_int_eq(c.actions[0].part, PART_LINK);
    arena_close(a);
}
END_TEST

START_TEST(a_ring_alone_costs_nothing)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 2, 2, 1, 100);
    struct package_ring r;
    struct cost c;
    package_ring_open(a, p, all + 2, 1, 1e6, &r);
    package_all_reduce_cost(p, &r, 1e6, &c);
    ck_assert_double_eq(c.duration_ps, 0);
    ck_assert_uint_eq(c.count, 0);
    arena_close(a);
}
END_TEST

/* A ring moves B (n - 1) / n twice out of each die: no schedule gets by with less than that over
 * the links that a die has. */
START_TEST(no_all_reduce_beats_the_links_of_a_die)
{
    struct arena *a = arena_open();
    for (int w = 2; w <= 5; w++)
        for (int h = 1; h <= 4; h++) {
            struct package *p = grid(a, w, h, 1, 100);
            struct package_ring r;
            double n = w * h, corner_links = h > 1 ? 2 : 1;
            package_ring_open(a, p, all, (uint32_t)(w * h), 1e8, &r);
            double bound = 2 * 1e8 * (n - 1) / n / (corner_links * 0.1);
            ck_assert_double_ge(package_all_reduce_ps(&r, 1e8), bound);
            if (w * h <= 8 && h > 1) /* a ring of neighbours exists and is found */
                ck_assert_double_le(package_all_reduce_ps(&r, 1e8), bound * 1.01);
        }
    arena_close(a);
}
END_TEST

START_TEST(more_links_and_faster_links_never_slow_a_collective_or_a_transfer)
{
    struct arena *a = arena_open();
    for (int w = 1; w <= 4; w++)
        for (int h = 1; h <= 3; h++) {
            double reduce = 1e300;
            time_ps alone = TIME_NEVER;
            for (int count = 1; count <= 64; count *= 2) {
                struct package *p = grid(a, w, h, count, 50);
                struct package *fast = grid(a, w, h, count, 70);
                struct package_ring r, f;
                package_ring_open(a, p, all, (uint32_t)(w * h), 1e6, &r);
                package_ring_open(a, fast, all, (uint32_t)(w * h), 1e6, &f);
                uint32_t far = (uint32_t)(w * h - 1);
                time_ps now = package_time_ps(p, 0, far, 123457);
                ck_assert_double_le(package_all_reduce_ps(&r, 1e6), reduce);
                ck_assert_double_le(package_all_reduce_ps(&f, 1e6), package_all_reduce_ps(&r, 1e6));
                ck_assert_int_le(now, alone);
                ck_assert_int_le(package_time_ps(fast, 0, far, 123457), now);
                reduce = package_all_reduce_ps(&r, 1e6);
                alone = now;
            }
        }
    arena_close(a);
}
END_TEST

/* All connected graphs on the four dies of a square that its sides allow. */
START_TEST(a_further_link_never_slows_a_collective)
{
    struct arena *a = arena_open();
    static const char *const sides[] = {"a = \"d0\"; b = \"d1\";", "a = \"d1\"; b = \"d3\";",
                                        "a = \"d3\"; b = \"d2\";", "a = \"d2\"; b = \"d0\";"};
    double time[16] = {0};
    for (unsigned mask = 0; mask < 16; mask++) {
        const char *links = "";
        for (unsigned i = 0; i < 4; i++)
            if (mask >> i & 1)
                links = arena_printf(a, "%s l%u : { %s };", links, i, sides[i]);
        const char *dies = "";
        for (int i = 0; i < 4; i++)
            dies = arena_printf(a,
                                "%s d%d : { x_mm = %d.0; y_mm = %d.0; width_mm = 10.0; "
                                "height_mm = 10.0; };",
                                dies, i, i % 2 * 11, i / 2 * 11);
        struct package *p;
        if (strcmp(
                package_complaint(
                    a, arena_printf(a, TOP LINK "dies : { %s }; links : { %s };", dies, links), &p),
                "none") != 0)
            continue;
        for (double bytes = 100; bytes < 1e9; bytes *= 1000) {
            struct package_ring r;
            package_ring_open(a, p, all, 4, bytes, &r);
            time[mask] += package_all_reduce_ps(&r, bytes);
        }
        for (unsigned i = 0; i < 4; i++)
            if ((mask >> i & 1) && time[mask & ~(1u << i)] > 0)
                ck_assert_double_le(time[mask], time[mask & ~(1u << i)]);
    }
    ck_assert_double_gt(time[15], 0);
    ck_assert_double_gt(time[7], 0);
    arena_close(a);
}
END_TEST

static bool open_it(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct package *p;
    return package_open(a, g, &p, d);
}

START_TEST(every_broken_package_gets_its_one_line_message)
{
    bad_configs_walk("package-", 15, open_it);
}
END_TEST

SUITE("package", the_quad_package_opens_with_two_stacks_per_die_and_2_tb_per_s_per_edge,
      four_dies_in_a_package_cost_less_than_one_of_their_area, a_die_gives_no_more_edge_than_it_has,
      every_further_stack_adds_its_bandwidth_and_capacity_and_changes_no_way,
      dies_on_tiers_are_joined_where_they_overlap, routes_are_shortest_and_the_same_back_and_forth,
      a_fast_detour_is_preferred_to_a_slow_neighbour, the_bisection_of_a_grid_is_its_narrower_cut,
      a_package_in_two_halves_is_refused,
      an_all_reduce_over_a_ring_takes_alpha_and_beta_2_n_less_1_times, a_ring_alone_costs_nothing,
      no_all_reduce_beats_the_links_of_a_die,
      more_links_and_faster_links_never_slow_a_collective_or_a_transfer,
      a_further_link_never_slows_a_collective, every_broken_package_gets_its_one_line_message)
