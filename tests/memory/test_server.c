/* The DRAM as a server of transfers. */
#include <time.h>

#include "tests/memory/memory_test.h"

START_TEST(a_transfer_alone_takes_as_long_as_its_bursts_one_by_one)
{
    /* The driver feeds single bursts; the same bytes as one transfer must end in the same cycle. */
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, RAMULATOR_HBM2, NULL);
    double cycles = drive(RAMULATOR_HBM2, NULL, "stream-read", 40000, 1, 0).cycles;
    ASSERT_NEAR((double)time_alone(m, 0, 40000 * 32, false), cycles * 1000, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(skipping_known_stretches_changes_nothing)
{
    for (int write = 0; write < 2; write++) {
        struct arena *a = arena_open();
        struct memory *fast = open_memory(a, HBM2, NULL), *slow = open_memory(a, HBM2, NULL);
        struct ledger *l = ledger_open(a), *k = ledger_open(a);
        dram_use_memo(slow, false);
        for (uint64_t i = 0; i < 3; i++) {
            ck_assert(submit(fast, i, i * 77777216, 20000000 + (int64_t)i * 1000, write, 0));
            ck_assert(submit(slow, i, i * 77777216, 20000000 + (int64_t)i * 1000, write, 0));
        }
        time_ps end = run_dry(fast, 0);
        ck_assert_int_eq(end, run_dry(slow, 0));
        uint64_t id[2];
        time_ps done[2];
        for (int i = 0; i < 3; i++) {
            ck_assert(fast->base.ops->collect(&fast->base, &id[0], &done[0]));
            ck_assert(slow->base.ops->collect(&slow->base, &id[1], &done[1]));
            ck_assert(id[0] == id[1] && done[0] == done[1]);
        }
        fast->base.ops->account(&fast->base, l, end);
        slow->base.ops->account(&slow->base, k, end);
        ck_assert_uint_eq(ledger_rows(l), ledger_rows(k));
        for (size_t i = 0; i < ledger_rows(l); i++)
            ck_assert(ledger_row(l, i)->count == ledger_row(k, i)->count);
        ck_assert_int_gt(dram_skipped_stretches(fast), 100);
        arena_close(a);
    }
}
END_TEST

START_TEST(skipping_changes_nothing_on_any_part_or_policy)
{
    static const char *const per_bank[] = {"controller.refresh", "per-bank", NULL};
    static const char *const none[] = {"controller.refresh", "none", NULL};
    static const char *const closed[] = {"controller.page", "closed", NULL};
    static const struct {
        const char *path;
        const char *const *set;
    } parts[] = {{"configs/memory/hbm2_2400.cfg", NULL},
                 {"configs/memory/hbm3_6400.cfg", NULL},
                 {"configs/memory/ddr4_2400.cfg", NULL},
                 {HBM2, per_bank},
                 {HBM2, none},
                 {HBM2, closed}};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (int write = 0; write < 2; write++) {
            struct arena *a = arena_open();
            struct memory *fast = open_memory(a, parts[i].path, parts[i].set);
            struct memory *slow = open_memory(a, parts[i].path, parts[i].set);
            dram_use_memo(slow, false);
            time_ps done = time_alone(fast, 1 << 20, 6000000, write);
            ck_assert_int_eq(done, time_alone(slow, 1 << 20, 6000000, write));
            ck_assert_int_gt(dram_skipped_stretches(fast), 100);
            arena_close(a);
        }
    }
}
END_TEST

START_TEST(skipping_survives_other_traffic_in_between)
{
    struct arena *a = arena_open();
    struct memory *m[2] = {open_memory(a, HBM2, NULL), open_memory(a, HBM2, NULL)};
    time_ps end[2];
    dram_use_memo(m[1], false);
    for (int k = 0; k < 2; k++) {
        time_ps now = 0;
        for (uint64_t i = 0; i < 12; i++) {
            ck_assert(submit(m[k], 3 * i, i << 22, 3000000, false, now));
            ck_assert(submit(m[k], 3 * i + 1, (i << 22) + 12345678, 5000, true, now));
            ck_assert(submit(m[k], 3 * i + 2, (i << 22) + 98765432, 2000000, i & 1, now));
            now = run_dry(m[k], now) + 1234567;
            for (uint64_t id; m[k]->base.ops->collect(&m[k]->base, &id, &end[k]);)
                ck_assert(id <= 3 * i + 2);
        }
        end[k] = now;
    }
    ck_assert_int_eq(end[0], end[1]);
    arena_close(a);
}
END_TEST

START_TEST(reads_go_on_past_a_write_that_waits_however_many_they_are)
{
    enum { READS = 500 };
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    uint64_t id, sent = 0, before_write = 0;
    time_ps now = 0, done;
    ck_assert(submit(m, 0, 1 << 20, 64, true, now));
    for (int in_flight = 0, ended = 0; ended < READS + 1;) {
        for (; sent < READS && in_flight < 40; sent++, in_flight++) /* one channel never rests */
            ck_assert(submit(m, sent + 1, sent << 12, 64, false, now));
        now = m->base.ops->advance(&m->base, now);
        for (; m->base.ops->collect(&m->base, &id, &done); ended++, in_flight -= id > 0)
            before_write = id == 0 ? (uint64_t)ended : before_write;
    }
    ck_assert_uint_gt(before_write, 128); /* the write waited for these */
    arena_close(a);
}
END_TEST

START_TEST(a_hundred_megabytes_cost_little_time)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    clock_t start = clock();
    time_alone(m, 0, 100000000, false);
    double ms = (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC;
    /* 40 ms in a release build; debug and sanitizer builds on a busy machine take longer. */
    ck_assert_msg(ms < 3000, "%g ms", ms);
    arena_close(a);
}
END_TEST

START_TEST(long_transfers_cost_far_less_than_their_bursts)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    time_alone(m, 0, INT64_C(4000000000), false);
    /* A million stretches of 128 bursts, of which eight channels share each. */
    ck_assert_int_ge(dram_skipped_stretches(m), 4000000000 / 32 / 128 / 8 / 10 * 9);
    arena_close(a);
}
END_TEST

START_TEST(completions_come_in_order_of_time_then_id)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    for (uint64_t i = 0; i < 40; i++)
        ck_assert(submit(m, 39 - i, i * 5000, 100 + (int64_t)(i % 7) * 900, i % 3 == 0, 0));
    run_dry(m, 0);
    uint64_t id, last_id = 0;
    time_ps done, last = -1;
    int count = 0;
    for (; m->base.ops->collect(&m->base, &id, &done); count++) {
        ck_assert(done > last || (done == last && id > last_id));
        last = done;
        last_id = id;
    }
    ck_assert_int_eq(count, 40);
    arena_close(a);
}
END_TEST

START_TEST(a_full_memory_says_so_and_takes_more_after_news)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    uint64_t taken = 0, id;
    time_ps done;
    while (submit(m, taken, taken * 4096, 4096, false, 0))
        ck_assert_uint_lt(++taken, 10000);
    time_ps next = m->base.ops->advance(&m->base, 0);
    ck_assert(next != TIME_NEVER);
    m->base.ops->advance(&m->base, next);
    ck_assert(m->base.ops->collect(&m->base, &id, &done) && done <= next);
    ck_assert(submit(m, taken, 0, 4096, false, next));
    run_dry(m, next);
    arena_close(a);
}
END_TEST

START_TEST(advancing_in_small_steps_changes_nothing)
{
    struct arena *a = arena_open();
    struct memory *m[2] = {open_memory(a, HBM2, NULL), open_memory(a, HBM2, NULL)};
    time_ps done[2], last[2] = {0, 0};
    uint64_t id;
    for (time_ps now = 0; now < 40000000; now += 100000) {
        for (int k = 0; k < 2; k++) {
            if (now % 2000000 == 0)
                ck_assert(submit(m[k], (uint64_t)now, (uint64_t)now * 3, 200000, now % 4000000 == 0,
                                 now));
            if (k == 0 || now % 2000000 == 0)
                m[k]->base.ops->advance(&m[k]->base, now);
            while (m[k]->base.ops->collect(&m[k]->base, &id, &done[k]))
                last[k] += done[k];
        }
    }
    for (int k = 0; k < 2; k++) {
        run_dry(m[k], 40000000);
        while (m[k]->base.ops->collect(&m[k]->base, &id, &done[k]))
            last[k] += done[k];
    }
    ck_assert_int_eq(last[0], last[1]);
    arena_close(a);
}
END_TEST

START_TEST(bytes_in_are_bytes_out_in_the_ledger)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    struct ledger *l = ledger_open(a);
    ck_assert(submit(m, 4, 0, 1 << 20, false, 0));
    ck_assert(submit(m, 7, 1 << 24, 1 << 19, true, 0));
    time_ps end = run_dry(m, 0);
    m->base.ops->account(&m->base, l, end);
    double bursts[PART_COUNT] = {0}, layer4 = 0;
    for (size_t i = 0; i < ledger_rows(l); i++) {
        const struct ledger_row *r = ledger_row(l, i);
        bursts[r->part] += r->count;
        layer4 += r->layer == 4 && r->part == PART_MEMORY_READ ? r->count : 0;
        ck_assert(r->count >= 0 && r->pj.value >= 0);
    }
    ck_assert(bursts[PART_MEMORY_READ] == (1 << 20) / 32 && layer4 == (1 << 20) / 32);
    ck_assert(bursts[PART_MEMORY_WRITE] == (1 << 19) / 32);
    ck_assert(bursts[PART_MEMORY_IO] == ((1 << 20) + (1 << 19)) / 32);
    ck_assert(bursts[PART_MEMORY_ACTIVATE] >= ((1 << 20) + (1 << 19)) / 1024);
    struct ledger_sums s;
    ledger_sum(l, &s);
    double sum = 0;
    for (int p = 0; p < PART_COUNT; p++)
        sum += s.part_pj[p];
    ASSERT_NEAR(s.total_pj, sum, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(an_idle_memory_spends_standby_and_refresh)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    struct ledger *l = ledger_open(a);
    struct ledger_sums s;
    m->base.ops->advance(&m->base, 500000000000);
    m->base.ops->account(&m->base, l, 500000000000);
    m->base.ops->advance(&m->base, 1000000000000);
    m->base.ops->account(&m->base, l, 1000000000000);
    ledger_sum(l, &s);
    ASSERT_NEAR(s.part_pj[PART_MEMORY_BACKGROUND], 8 * 66e-3 * 1e12, 1e-9); /* a second */
    ASSERT_NEAR(s.part_pj[PART_MEMORY_REFRESH], 1e9 / 3900.0 * 16 * 64 * 909, 1e-4);
    arena_close(a);
}
END_TEST

START_TEST(a_memory_idle_for_long_serves_the_next_read_at_once)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    uint64_t id;
    time_ps done, now = 3600000000000000 + 1000000; /* an hour, and off a refresh */
    time_alone(m, 0, 4096, false);
    ck_assert(submit(m, 2, 1 << 20, 32, false, now));
    run_dry(m, now);
    ck_assert(m->base.ops->collect(&m->base, &id, &done));
    ck_assert_int_ge(done, now + 30000);
    ck_assert_int_le(done, now + 400000);
    arena_close(a);
}
END_TEST

START_TEST(a_write_is_not_held_up_for_ever_by_reads)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, HBM2, NULL);
    time_ps done = 0, write_done = TIME_NEVER;
    uint64_t id;
    ck_assert(submit(m, 1, 1 << 26, 512, true, 0));
    ck_assert(submit(m, 2, 0, 50000000, false, 0));
    run_dry(m, 0);
    while (m->base.ops->collect(&m->base, &id, &done))
        write_done = id == 1 ? done : write_done;
    ck_assert_int_lt(write_done, 10000000);
    arena_close(a);
}
END_TEST

START_TEST(twice_the_bytes_never_cost_less)
{
    time_ps before = 0;
    for (int64_t bytes = 1; bytes <= 1 << 24; bytes *= 2) {
        struct arena *a = arena_open();
        time_ps done = time_alone(open_memory(a, HBM2, NULL), 12345, bytes, false);
        ck_assert_int_ge(done, before);
        before = done;
        arena_close(a);
    }
}
END_TEST

SUITE("dram server", a_transfer_alone_takes_as_long_as_its_bursts_one_by_one,
      skipping_known_stretches_changes_nothing, skipping_changes_nothing_on_any_part_or_policy,
      skipping_survives_other_traffic_in_between,
      reads_go_on_past_a_write_that_waits_however_many_they_are,
      a_hundred_megabytes_cost_little_time, long_transfers_cost_far_less_than_their_bursts,
      completions_come_in_order_of_time_then_id, a_full_memory_says_so_and_takes_more_after_news,
      advancing_in_small_steps_changes_nothing, bytes_in_are_bytes_out_in_the_ledger,
      an_idle_memory_spends_standby_and_refresh,
      a_memory_idle_for_long_serves_the_next_read_at_once, a_write_is_not_held_up_for_ever_by_reads,
      twice_the_bytes_never_cost_less)
