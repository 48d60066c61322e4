/* A mesh over several dies: what its seams take, carry and cost. */
#include <stdlib.h>

#include "core/base/ledger.h"
#include "tests/noc/fixture.h"

enum { PACKET = 64, FLITS = 16 /* of a packet, on a die */, TILES = 32 };

/* Two by two dies of 4 x 2 routers; links on a die carry 4 GB/s at 1 GHz. */
static struct setup dies(double seam_gb_s)
{
    struct setup s = plain_setup();
    s.width = 8;
    s.height = 4;
    s.concentration = 1;
    s.tiles = TILES;
    s.seam_columns = 4;
    s.seam_rows = 2;
    s.seam_gb_s = seam_gb_s;
    s.seam_ns = 4.5; /* 5 cycles */
    return s;
}

static int64_t hops_between(uint32_t src, uint32_t dst)
{
    return abs((int)src % 8 - (int)dst % 8) + abs((int)src / 8 - (int)dst / 8);
}

static int64_t seams_between(uint32_t src, uint32_t dst)
{
    return (src % 8 / 4 != dst % 8 / 4) + (src / 16 != dst / 16);
}

/* --- time ------------------------------------------------------------------------------------ */

/* Does a way turn from one seam right over the other, at the corner of four dies? */
static bool over_the_corner(uint32_t src, uint32_t dst)
{
    bool next_column = dst % 8 == (src % 8 < 4 ? 4 : 3), next_row = src / 8 == 1 || src / 8 == 2;
    return seams_between(src, dst) == 2 && next_column && next_row;
}

/* By hand, for whole packets and seams on which one lasts a whole number of cycles: ports 2 x 1,
 * routers 3 each, links on a die 1, seams 5; each seam behind a port or a link of a die adds what a
 * packet takes longer on it; the packets follow each other at the pace of the slowest link. */
static int64_t by_hand(uint32_t src, uint32_t dst, int64_t packets, int64_t seam_flits)
{
    int64_t hops = hops_between(src, dst), seams = seams_between(src, dst);
    int64_t longer = seam_flits > FLITS ? seam_flits - FLITS : 0;
    int64_t pace = seams > 0 ? FLITS + longer : FLITS;
    int64_t slowed = seams - over_the_corner(src, dst);
    return 2 + 3 * (hops + 1) + (hops - seams) + 5 * seams + slowed * longer + FLITS +
           (packets - 1) * pace;
}

static void check_zero_load(double seam_gb_s, int64_t packets)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, dies(seam_gb_s));
    time_ps now = 0;
    for (uint32_t src = 0; src < TILES; src++)
        for (uint32_t dst = 0; dst < TILES; dst++) {
            struct job job = {.at = now, .id = src * 100 + dst + 1, .bytes = packets * PACKET};
            job.src = src;
            job.dst = dst;
            time_ps done = run_jobs(n, &job, 1);
            int64_t cycles = by_hand(src, dst, packets, (int64_t)(PACKET / seam_gb_s));
            ck_assert_int_eq(done - now, (1 + cycles) * 1000);
            now = done + 1000000;
        }
    arena_close(a);
}

START_TEST(an_idle_mesh_takes_the_stated_latency_over_slow_equal_and_fast_seams)
{
    check_zero_load(4, 1);
    check_zero_load(4, 5);
    check_zero_load(2, 1);
    check_zero_load(2, 5);
    check_zero_load(0.5, 3);
    check_zero_load(8, 1);
    check_zero_load(64, 4);
}
END_TEST

/* 64 bytes at 3 GB/s are 21.33 cycles, 5,462 parts of 256: the third packet's tail is over the seam
 * 65 cycles after the first one's head, not 3 x 22. */
START_TEST(packets_follow_each_other_over_a_seam_at_its_own_rate_not_in_whole_cycles)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, dies(3));
    struct job job = {.id = 1, .bytes = 3 * PACKET, .src = 3, .dst = 4};
    ck_assert_int_eq(run_jobs(n, &job, 1), (1 + 2 + 3 * 2 + 5 + 65) * 1000);
    arena_close(a);
}
END_TEST

START_TEST(a_mesh_within_one_die_does_not_see_its_seams)
{
    struct arena *a = arena_open();
    struct setup slow = dies(0.1), none = dies(0.1);
    none.seam_columns = none.seam_rows = 0;
    enum { COUNT = 100 };
    struct job *with = random_jobs(a, COUNT, 8, 600, 1000, 3);
    struct job *without = random_jobs(a, COUNT, 8, 600, 1000, 3);
    for (size_t i = 0; i < COUNT; i++) { /* the upper left die */
        with[i].src = without[i].src = with[i].src % 4 + with[i].src / 4 * 8;
        with[i].dst = without[i].dst = with[i].dst % 4 + with[i].dst / 4 * 8;
    }
    run_jobs(open_setup(a, slow), with, COUNT);
    run_jobs(open_setup(a, none), without, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_int_eq(with[i].done, without[i].done);
    arena_close(a);
}
END_TEST

/* --- rates ----------------------------------------------------------------------------------- */

START_TEST(links_across_seams_have_the_seams_rate_and_all_others_their_own)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, dies(3));
    size_t across = 0;
    for (uint32_t src = 0; src < TILES; src++)
        for (int step = 1; step <= 8; step += 7) { /* to the right, and below */
            uint32_t dst = src + (uint32_t)step;
            if (dst >= TILES || (step == 1 && dst % 8 == 0))
                continue;
            double *load = ARENA_ARRAY(a, double, network_links(n));
            network_add_load(n, src, dst, 1, load);
            for (size_t i = 0; i < TILES * 4; i++) { /* links between routers */
                bool seam = load[i] > 0 && seams_between(src, dst) > 0;
                if (load[i] > 0)
                    ASSERT_NEAR(network_link_rate(n, i), seam ? 3e-3 : 4e-3, 1e-12);
                across += seam;
            }
        }
    ck_assert_uint_eq(across, 4 + 8);
    ck_assert_int_eq(n->seam_links, 2 * (4 + 8));
    ASSERT_NEAR(n->link_bytes_per_ps, 4e-3, 1e-12);
    ASSERT_NEAR(n->bisection_bytes_per_ps, 2 * 4 * 3e-3, 1e-12);
    arena_close(a);
}
END_TEST

static double bound_of(struct arena *a, struct network *n, const struct job *jobs, size_t count)
{
    double *load = ARENA_ARRAY(a, double, network_links(n)), most = 0;
    for (size_t i = 0; i < count; i++)
        network_add_load(n, jobs[i].src, jobs[i].dst, (double)jobs[i].bytes, load);
    for (size_t i = 0; i < network_links(n); i++)
        most = fmax(most, load[i] / network_link_rate(n, i));
    return most;
}

START_TEST(no_link_on_a_die_or_across_a_seam_carries_more_than_its_rate)
{
    static const double rates[] = {0.3, 1, 3, 4, 5, 16};
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 12; seed++)
        for (size_t r = 0; r < COUNT_OF(rates); r++) {
            struct network *n = open_setup(a, dies(rates[r]));
            struct job *jobs = random_jobs(a, 200, TILES, 2000, 2, seed);
            double bound = bound_of(a, n, jobs, 200), end = (double)run_jobs(n, jobs, 200);
            ck_assert_double_ge(end, bound);
            ck_assert_double_le(end, 4 * bound);
        }
    arena_close(a);
}
END_TEST

/* Four flows over one seam of a third of a link: it is busy all the time. */
START_TEST(a_seam_that_is_wanted_carries_exactly_its_rate)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, dies(1.25));
    enum { BYTES = 64000 };
    struct job jobs[4];
    for (uint32_t i = 0; i < 4; i++)
        jobs[i] = (struct job){.id = i + 1, .bytes = BYTES, .src = i, .dst = 4 + i};
    double all = 4 * BYTES / 1.25e-3, end = (double)run_jobs(n, jobs, 4);
    ck_assert_double_ge(end, all);
    ck_assert_double_le(end, 1.001 * all);
    arena_close(a);
}
END_TEST

/* A seam of twice a link's rate passes two streams at once, each at the full rate of its link. */
START_TEST(a_fast_seam_is_not_slowed_by_the_links_before_it)
{
    struct arena *a = arena_open();
    struct setup s = dies(8);
    s.concentration = 2;
    s.tiles = 2 * TILES;
    s.port_bits = 32;
    struct network *n = open_setup(a, s);
    enum { BYTES = 64000 };
    struct job jobs[2] = {{.id = 1, .bytes = BYTES, .src = 6, .dst = 8},
                          {.id = 2, .bytes = BYTES, .src = 7, .dst = 9}};
    run_jobs(n, jobs, 2); /* from router 3 to router 4 */
    for (int i = 0; i < 2; i++)
        ck_assert_double_le((double)jobs[i].done, 1.01 * BYTES / 4e-3);
    arena_close(a);
}
END_TEST

START_TEST(more_bandwidth_across_the_seams_never_makes_the_work_slower)
{
    static const double rates[] = {0.25, 0.5, 1, 2, 3, 4, 6, 8, 16, 64};
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 10; seed++) {
        time_ps before = TIME_NEVER;
        for (size_t r = 0; r < COUNT_OF(rates); r++) {
            time_ps end = run_jobs(open_setup(a, dies(rates[r])),
                                   random_jobs(a, 200, TILES, 2000, 20, seed), 200);
            ck_assert_msg(end <= before, "seed %d: %g GB/s take %lld ps, less takes %lld",
                          (int)seed, rates[r], (long long)end, (long long)before);
            before = end;
        }
    }
    arena_close(a);
}
END_TEST

/* --- books ----------------------------------------------------------------------------------- */

static double sum_of(const struct ledger *l, enum part part, const char *action)
{
    double pj = 0;
    for (size_t i = 0; i < ledger_rows(l); i++)
        if (ledger_row(l, i)->part == part && strcmp(ledger_row(l, i)->action, action) == 0)
            pj += ledger_row(l, i)->count * ledger_row(l, i)->pj.value;
    return pj;
}

START_TEST(bits_that_cross_seams_are_booked_on_the_link_and_on_no_wire_of_a_die)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, dies(3));
    enum { COUNT = 300 };
    struct job *jobs = random_jobs(a, COUNT, TILES, 900, 500, 9);
    double seam_bits = 0, wire_flits = 0;
    for (size_t i = 0; i < COUNT; i++) {
        int64_t seams = seams_between(jobs[i].src, jobs[i].dst);
        int64_t hops = hops_between(jobs[i].src, jobs[i].dst);
        seam_bits += 8.0 * (double)(jobs[i].bytes * seams);
        wire_flits += (double)(ceil_div(jobs[i].bytes * 8, 32) * (hops - seams));
    }
    time_ps end = run_jobs(n, jobs, COUNT);
    struct ledger *l = ledger_open(a);
    n->base.ops->account(&n->base, l, end);
    ASSERT_NEAR(sum_of(l, PART_LINK, "seam bit"), seam_bits * 1.5 * 0.25, 1e-12);
    ASSERT_NEAR(sum_of(l, PART_NOC_LINK, "flit"), wire_flits * 32 * 2 * 0.1, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_multicast_crosses_a_seam_once)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, dies(3));
    static const uint32_t more[] = {5, 6, 7, 13, 14};
    struct transfer t = {.id = 1, .bytes = 640, .src = 0, .dst = 4, .more_dst = more};
    t.more_count = COUNT_OF(more);
    double *load = ARENA_ARRAY(a, double, network_links(n)), across = 0;
    network_add_load_tree(n, &t, load);
    for (size_t i = 0; i < TILES * 4; i++)
        across += network_link_rate(n, i) < 3.5e-3 ? load[i] : 0;
    ASSERT_NEAR(across, 640, 1e-12);
    ck_assert(n->base.ops->submit(&n->base, &t, 0));
    while (n->base.ops->advance(&n->base, 10000000) != TIME_NEVER)
        ;
    struct ledger *l = ledger_open(a);
    n->base.ops->account(&n->base, l, 10000000);
    ASSERT_NEAR(sum_of(l, PART_LINK, "seam bit"), 8 * 640 * 1.5 * 0.25, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_mesh_that_is_no_whole_number_of_dies_is_refused)
{
    struct arena *a = arena_open();
    struct network_shape shape = {.width = 6, .height = 4, .concentration = 1, .tiles = 24};
    struct diag d = {.status = 0};
    shape.seam_columns = 4;
    shape.seam.bytes_per_ps = 1e-3;
    ck_assert_ptr_null(open_text(a,
                                 "source = \"a test\"; kind = \"mesh\"; clock_mhz = 1000.0; "
                                 "link_bits = 32; router_cycles = 1; link_cycles = 1; "
                                 "packet_bytes = 64; wire_pj_per_bit_mm = 0.0; "
                                 "router : { energy_pj = 3.0; };",
                                 &shape, &d));
    ck_assert_str_eq(d.text, "6 x 4 routers are no whole dies of 4 x 0");
    arena_close(a);
}
END_TEST

SUITE("seams", an_idle_mesh_takes_the_stated_latency_over_slow_equal_and_fast_seams,
      packets_follow_each_other_over_a_seam_at_its_own_rate_not_in_whole_cycles,
      a_mesh_within_one_die_does_not_see_its_seams,
      links_across_seams_have_the_seams_rate_and_all_others_their_own,
      no_link_on_a_die_or_across_a_seam_carries_more_than_its_rate,
      a_seam_that_is_wanted_carries_exactly_its_rate,
      a_fast_seam_is_not_slowed_by_the_links_before_it,
      more_bandwidth_across_the_seams_never_makes_the_work_slower,
      bits_that_cross_seams_are_booked_on_the_link_and_on_no_wire_of_a_die,
      a_multicast_crosses_a_seam_once,
      a_mesh_that_is_no_whole_number_of_dies_is_refused)
