#include "tests/chiplet/package_fixture.h"

START_TEST(a_transfer_alone_takes_latency_and_bytes_over_the_rate)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 5, 1, 1, 100); /* 2 ns links, 10 ns dies, 0.1 bytes per ps */
    struct package_job job = {.at = 777, .bytes = 10240, .src = 0, .dst = 3};
    run_package(p, &job, 1);
    ck_assert_int_eq(job.done, 778 + 3 * 2000 + 2 * 10000 + 10 * 10240);
    arena_close(a);
}
END_TEST

/* Against links of 10, 100, 25, 50 GB/s in a row, and sizes with and without a short last packet.
 */
START_TEST(the_time_of_a_transfer_alone_is_the_formula_exactly)
{
    struct arena *a = arena_open();
    static const double rates[] = {10, 100, 25, 50};
    const char *dies = "", *links = "";
    for (int i = 0; i < 5; i++) {
        dies = arena_printf(a,
                            "%s d%d : { x_mm = %d.0; y_mm = 0.0; width_mm = 10.0; height_mm = "
                            "10.0; };",
                            dies, i, i * 11);
        if (i < 4)
            links = arena_printf(a,
                                 "%s l%d : { a = \"d%d\"; b = \"d%d\"; link : { gb_per_s = %f; "
                                 "latency_ns = %d.5; pj_per_bit = 1.0; static_mw = 0.0; area_um2 = "
                                 "0.0; }; };",
                                 links, i, i, i + 1, rates[i], i + 1);
    }
    const char *text = arena_printf(a, TOP "dies : { %s }; links : { %s };", dies, links);
    static const int64_t sizes[] = {1, 7, 1023, 1024, 1025, 5000, 65536, 65537, 1000000, 9999999};
    for (uint32_t from = 0; from < 5; from++)
        for (uint32_t to = 0; to < 5; to++)
            for (size_t i = 0; i < COUNT_OF(sizes); i++) {
                struct package *p = package_of(a, text);
                struct package_job job = {.bytes = sizes[i], .src = from, .dst = to};
                run_package(p, &job, 1);
                ck_assert_int_eq(job.done - 1, package_time_ps(p, from, to, sizes[i]));
            }
    arena_close(a);
}
END_TEST

START_TEST(a_transfer_within_a_die_takes_only_its_hop)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 2, 1, 1, 100);
    struct package_job job = {.at = 5, .bytes = 1000000, .src = 1, .dst = 1};
    run_package(p, &job, 1);
    ck_assert_int_eq(job.done, 6 + 10000);
    arena_close(a);
}
END_TEST

START_TEST(two_transfers_share_a_link_and_neither_starves)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 2, 1, 1, 100);
    struct package_job jobs[2] = {{.bytes = 32768, .src = 0, .dst = 1},
                                  {.bytes = 32768, .src = 0, .dst = 1}};
    time_ps last = run_package(p, jobs, 2);
    ck_assert_int_eq(last, 1 + 2000 + 2 * 327680);
    ck_assert_int_ge(jobs[0].done, last - 2 * 10240);
    arena_close(a);
}
END_TEST

START_TEST(opposite_directions_do_not_hinder_each_other)
{
    struct arena *a = arena_open();
    struct package *p = grid(a, 2, 1, 1, 100);
    struct package_job jobs[2] = {{.bytes = 32768, .src = 0, .dst = 1},
                                  {.bytes = 32768, .src = 1, .dst = 0}};
    run_package(p, jobs, 2);
    ck_assert_int_eq(jobs[0].done, 1 + 2000 + 327680);
    ck_assert_int_eq(jobs[1].done, jobs[0].done);
    arena_close(a);
}
END_TEST

/* Bytes moved over each link, both ways, against what its rate allows until the last completion;
 * and the bits in the ledger against those of every transfer's route. */
START_TEST(no_link_is_above_its_rate_and_bits_in_the_books_are_those_of_the_routes)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct package *p = grid(a, 3, 3, 1, 100);
        struct package_job *jobs = random_jobs(a, 400, 9, 60000, 30000, seed);
        time_ps last = run_package(p, jobs, 400);
        double load[24] = {0}, bits = 0;
        for (size_t i = 0; i < 400; i++)
            for (uint32_t at = jobs[i].src, next, edge; at != jobs[i].dst; at = next) {
                next = package_step(p, at, jobs[i].dst, &edge);
                load[2 * edge + (p->edges[edge].a == at ? 0 : 1)] += (double)jobs[i].bytes;
                bits += 8 * (double)jobs[i].bytes;
                ck_assert_int_ge(jobs[i].done - jobs[i].at - 1,
                                 package_time_ps(p, jobs[i].src, jobs[i].dst, jobs[i].bytes));
            }
        for (int i = 0; i < 24; i++)
            ck_assert_double_le(load[i], 0.1 * (double)last);
        struct ledger *l = ledger_open(a);
        struct ledger_sums sums;
        p->base.ops->account(&p->base, l, last);
        ledger_sum(l, &sums);
        double idle = 12 * 2 * 0.8 * (double)last - bits;
        ASSERT_NEAR(sums.part_pj[PART_LINK],
                    bits * 0.5 + idle * 0.1 + 12 * 3.0 * (double)last * 1e-3, 1e-9);
        ASSERT_NEAR(sums.total_pj, sums.part_pj[PART_LINK], 1e-12);
    }
    arena_close(a);
}
END_TEST

START_TEST(the_books_do_not_depend_on_how_often_they_are_asked_for)
{
    struct arena *a = arena_open();
    struct ledger *once = ledger_open(a), *often = ledger_open(a);
    struct package *p = grid(a, 2, 2, 1, 100), *q = grid(a, 2, 2, 1, 100);
    struct package_job *jobs = random_jobs(a, 50, 4, 60000, 30000, 3);
    time_ps last = run_package(p, jobs, 50) + 5000000;
    p->base.ops->account(&p->base, once, last);
    for (size_t i = 0; i < 50; i++) {
        q->base.ops->submit(&q->base,
                            &(struct transfer){.id = i + 1,
                                               .bytes = jobs[i].bytes,
                                               .src = jobs[i].src,
                                               .dst = jobs[i].dst,
                                               .layer = jobs[i].layer},
                            jobs[i].at);
        q->base.ops->advance(&q->base, jobs[i].at);
        q->base.ops->account(&q->base, often, jobs[i].at);
    }
    q->base.ops->advance(&q->base, last);
    q->base.ops->account(&q->base, often, last);
    struct ledger_sums x, y;
    ledger_sum(once, &x);
    ledger_sum(often, &y);
    ASSERT_NEAR(x.total_pj, y.total_pj, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(equal_runs_end_at_equal_times_and_submission_order_within_a_moment_is_nothing)
{
    struct arena *a = arena_open();
    struct package_job *jobs = random_jobs(a, 200, 6, 40000, 1, 7); /* all at time 0 */
    struct package *p = grid(a, 3, 2, 1, 100), *q = grid(a, 3, 2, 1, 100);
    run_package(p, jobs, 200);
    for (size_t i = 200; i-- > 0;)
        q->base.ops->submit(
            &q->base,
            &(struct transfer){
                .id = i + 1, .bytes = jobs[i].bytes, .src = jobs[i].src, .dst = jobs[i].dst},
            0);
    uint64_t id;
    size_t count = 0;
    q->base.ops->advance(&q->base, INT64_C(1) << 50);
    for (time_ps done; q->base.ops->collect(&q->base, &id, &done); count++)
        ck_assert_int_eq(done, jobs[id - 1].done);
    ck_assert_uint_eq(count, 200);
    arena_close(a);
}
END_TEST

START_TEST(a_transfer_to_several_dies_is_done_with_the_last_of_them)
{
    struct arena *a = arena_open();
    static const uint32_t more[] = {0, 2, 3};
    struct package *p = grid(a, 4, 1, 1, 100);
    struct package_job job = {.bytes = 10240, .src = 0, .dst = 1, .more = more, .more_count = 3};
    run_package(p, &job, 1); /* three copies over the first link, the last to die 3 */
    ck_assert_int_eq(job.done, 1 + 3 * 102400 + 3 * 2000 + 2 * 10000);
    struct ledger *l = ledger_open(a);
    p->base.ops->account(&p->base, l, job.done);
    double bits = 0;
    for (size_t i = 0; i < ledger_rows(l); i++)
        if (ledger_row(l, i)->layer == 0)
            bits += ledger_row(l, i)->count;
    ASSERT_NEAR(bits, 8.0 * 10240 * (1 + 2 + 3), 1e-12);
    static const uint32_t own[] = {0};
    p = grid(a, 4, 1, 1, 100);
    job = (struct package_job){.bytes = 10240, .src = 0, .dst = 1, .more = own, .more_count = 1};
    run_package(p, &job, 1); /* the own die comes last and costs its hop */
    ck_assert_int_eq(job.done, 1 + 102400 + 10000);
    arena_close(a);
}
END_TEST

START_TEST(more_links_never_end_a_random_load_later)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 4; seed++) {
        time_ps before = TIME_NEVER;
        for (int count = 1; count <= 8; count++) {
            struct package *p = grid(a, 3, 2, count, 100);
            struct package_job *jobs = random_jobs(a, 300, 6, 60000, 3000, seed);
            time_ps last = run_package(p, jobs, 300);
            ck_assert_int_le(last, before);
            before = last;
        }
    }
    arena_close(a);
}
END_TEST

SUITE("package server", a_transfer_alone_takes_latency_and_bytes_over_the_rate,
      the_time_of_a_transfer_alone_is_the_formula_exactly,
      a_transfer_within_a_die_takes_only_its_hop, two_transfers_share_a_link_and_neither_starves,
      opposite_directions_do_not_hinder_each_other,
      no_link_is_above_its_rate_and_bits_in_the_books_are_those_of_the_routes,
      the_books_do_not_depend_on_how_often_they_are_asked_for,
      equal_runs_end_at_equal_times_and_submission_order_within_a_moment_is_nothing,
      a_transfer_to_several_dies_is_done_with_the_last_of_them,
      more_links_never_end_a_random_load_later)
