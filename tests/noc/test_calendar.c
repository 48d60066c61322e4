/* Pending packet heads: taken in the order of a sorted list, whatever was put and when. */
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "noc/calendar.h"
#include "tests/check_main.h"

static int by_key(const void *a, const void *b)
{
    const struct hop *x = a, *y = b;
    if (x->cycle != y->cycle)
        return x->cycle < y->cycle ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->packet != y->packet ? (x->packet < y->packet ? -1 : 1) : 0;
}

/* A calendar beside a list that is sorted anew before each take. */
struct pair {
    struct calendar calendar;
    struct hop *list;
    size_t count;
};

enum { LIST_MAX = 4000 };

static struct pair open_pair(struct arena *a)
{
    return (struct pair){{.arena = a}, ARENA_ARRAY(a, struct hop, LIST_MAX), 0};
}

static void put(struct pair *p, struct hop h)
{
    ck_assert_uint_lt(p->count, LIST_MAX);
    p->list[p->count++] = h;
    calendar_put(&p->calendar, &h);
}

/* What one take gives is the front of the sorted list, up to its last hop of the first cycle. */
static int64_t take(struct pair *p)
{
    struct hop_turn *turns;
    qsort(p->list, p->count, sizeof *p->list, by_key);
    int64_t cycle = p->list[0].cycle;
    ck_assert_int_eq(calendar_next(&p->calendar), cycle);
    size_t n = calendar_take(&p->calendar, &turns);
    ck_assert_uint_le(n, p->count);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(by_key(turns[i].hop, &p->list[i]) == 0 &&
                          turns[i].hop->flow == p->list[i].flow,
                      "hop %zu of cycle %lld", i, (long long)cycle);
    ck_assert(n == p->count || p->list[n].cycle > cycle);
    p->count -= n;
    memmove(p->list, p->list + n, p->count * sizeof *p->list);
    ck_assert_uint_eq(p->calendar.count, p->count);
    return cycle;
}

/* How far ahead hops come: the next cycles, a few digits, and hardly ever very far. */
static int64_t some_distance(struct rng *r)
{
    static const uint64_t reach[] = {4, 4, 40, 300, 70000, UINT64_C(1) << 40};
    return (int64_t)rng_below(r, reach[rng_below(r, COUNT_OF(reach))]);
}

START_TEST(hops_come_out_in_the_order_of_a_sorted_list)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct arena *a = arena_open();
        struct pair p = open_pair(a);
        struct rng r = rng_open(seed, "test.calendar");
        int64_t now = (int64_t)rng_below(&r, 1000);
        uint32_t next = 0; /* no two have the same id and packet */
        for (int step = 0; step < 400; step++) {
            for (uint64_t i = rng_below(&r, 10); i > 0; i--, next++)
                put(&p, (struct hop){.cycle = now + some_distance(&r),
                                     .id = rng_below(&r, 50),
                                     .packet = next,
                                     .flow = next});
            if (p.count > 0)
                now = take(&p);
        }
        while (p.count > 0)
            take(&p);
        ck_assert_int_eq(calendar_next(&p.calendar), INT64_MAX);
        arena_close(a);
    }
}
END_TEST

START_TEST(many_hops_of_one_cycle_come_in_the_order_of_ids_then_packets)
{
    struct arena *a = arena_open();
    struct pair p = open_pair(a);
    for (uint32_t i = 0; i < LIST_MAX; i++) /* in rising runs, in falling ones, and both mixed */
        put(&p, (struct hop){.cycle = 77,
                             .id = i % 3 == 0 ? i % 100 : LIST_MAX - i,
                             .packet = LIST_MAX - i,
                             .flow = i});
    ck_assert_int_eq(take(&p), 77);
    ck_assert_uint_eq(p.count, 0);
    arena_close(a);
}
END_TEST

START_TEST(a_hop_put_for_the_cycle_that_was_just_taken_comes_next)
{
    struct arena *a = arena_open();
    struct pair p = open_pair(a);
    put(&p, (struct hop){.cycle = 1000, .id = 1});
    put(&p, (struct hop){.cycle = 1001, .id = 2});
    ck_assert_int_eq(take(&p), 1000);
    put(&p, (struct hop){.cycle = 1000, .id = 3});
    ck_assert_int_eq(take(&p), 1000);
    ck_assert_int_eq(take(&p), 1001);
    arena_close(a);
}
END_TEST

START_TEST(hops_that_were_taken_stay_while_others_are_put)
{
    struct arena *a = arena_open();
    struct calendar c = {.arena = a};
    struct hop_turn *turns;
    for (uint32_t i = 0; i < 100; i++)
        calendar_put(&c, &(struct hop){.cycle = 5, .id = i, .flow = i});
    size_t n = calendar_take(&c, &turns);
    ck_assert_uint_eq(n, 100);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_uint_eq(turns[i].hop->flow, i);
        struct hop onward = *turns[i].hop;
        onward.cycle += 3;
        onward.flow += 1000;
        calendar_put(&c, &onward);
    }
    ck_assert_uint_eq(calendar_take(&c, &turns), 100);
    ck_assert_uint_eq(turns[99].hop->flow, 1099);
    arena_close(a);
}
END_TEST

START_TEST(a_long_run_needs_room_only_for_what_is_pending_at_once)
{
    struct arena *a = arena_open();
    struct calendar c = {.arena = a};
    struct hop_turn *turns;
    for (uint32_t i = 0; i < 100; i++)
        calendar_put(&c, &(struct hop){.cycle = 7, .id = i});
    for (int step = 0; step < 20000; step++) {
        size_t n = calendar_take(&c, &turns);
        for (size_t i = 0; i < n; i++) {
            turns[i].hop->cycle += 3 + (int64_t)turns[i].hop->id;
            calendar_put(&c, turns[i].hop);
        }
    }
    ck_assert_uint_lt(arena_bytes(a), 300000); /* the wheel, and a block for each hop: 160 kB */
    arena_close(a);
}
END_TEST

SUITE("calendar", hops_come_out_in_the_order_of_a_sorted_list,
      many_hops_of_one_cycle_come_in_the_order_of_ids_then_packets,
      a_hop_put_for_the_cycle_that_was_just_taken_comes_next,
      hops_that_were_taken_stay_while_others_are_put,
      a_long_run_needs_room_only_for_what_is_pending_at_once)
