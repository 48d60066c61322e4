/* Channels in equal states are simulated once: against every channel by itself. */
#include "memory/dram_memo_key.h"
#include "tests/memory/memory_test.h"

#define HBM3 "configs/memory/hbm3_6400.cfg"
#define DDR4 "configs/memory/ddr4_2400.cfg"

enum { TRANSFERS = 48, IN_FLIGHT_MAX = 12 };

/* Kinds of traffic: how long, how far apart, which way, how many at a time. */
enum traffic { ALIGNED, RAGGED, MIXED, NARROW, PAUSING, BATCHES, TRAFFIC_COUNT };

struct stack {
    const char *path;
    int64_t stacks;
    const char *const *set;
};

static struct memory *open_stacks(struct arena *a, const struct stack *p)
{
    struct cfg_override overrides[4] = {{NULL, NULL}};
    size_t count = 0;
    struct diag d = {.status = 0};
    struct cfg *c = NULL;
    struct memory *m = NULL;
    for (; p->set && p->set[2 * count]; count++)
        overrides[count] = (struct cfg_override){p->set[2 * count], p->set[2 * count + 1]};
    bool good = cfg_open(a, p->path, overrides, count, &c, &d) &&
                memory_open_stacks(a, cfg_root(c), p->stacks, &m, &d);
    ck_assert_msg(good, "%s", d.text);
    cfg_close(c);
    return m;
}

static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Transfer `i`; `at` runs on with streams. */
static struct transfer make_transfer(enum traffic kind, uint64_t i, uint64_t *at, uint64_t *random,
                                     int64_t round)
{
    struct transfer t = {.id = i, .bytes = round, .address = *at, .layer = (int32_t)i};
    switch (kind) {
    case ALIGNED:
        t.bytes = round * (i % 8 == 5 ? 64 : 1 + (int64_t)(i % 3));
        break;
    case RAGGED:
        t.bytes = 1 + (int64_t)(draw(random) % (uint64_t)((i % 8 == 5 ? 64 : 2) * round));
        break;
    case MIXED:
        t.bytes = round / 2 * (1 + (int64_t)(draw(random) % 4));
        t.write = draw(random) % 3 == 0;
        break;
    case NARROW:
        t.bytes = 1 + (int64_t)(draw(random) % 700);
        t.address = draw(random) << 5;
        t.write = draw(random) % 2;
        return t;
    default:
        t.bytes = round * (1 + (int64_t)(draw(random) % 2)) + (i % 5 == 4 ? 300 : 0);
        t.write = i % 7 == 3;
        break;
    }
    *at += (uint64_t)t.bytes;
    return t;
}

static time_ps pause_after(enum traffic kind, uint64_t i, uint64_t *random)
{
    if (kind == PAUSING)
        return (time_ps)(draw(random) % 30000000);
    return kind == BATCHES && i % 8 == 7 ? 9000000 : 0;
}

/* The same for two memories at the same times; their completions must be the same. */
static void play(struct memory *m[2], enum traffic kind, int in_flight_max, int64_t round,
                 time_ps *end)
{
    uint64_t at = kind == RAGGED ? 12345 : 0, random = 7 + (uint64_t)kind, id[2];
    time_ps now = 0, next[2], done[2];
    int in_flight = 0;
    for (uint64_t i = 0; i < TRANSFERS || in_flight > 0;) {
        bool more = i < TRANSFERS && in_flight < in_flight_max;
        struct transfer t;
        if (more)
            t = make_transfer(kind, i, &at, &random, round);
        for (int k = 0; k < 2; k++) {
            ck_assert(!more || m[k]->base.ops->submit(&m[k]->base, &t, now));
            next[k] = m[k]->base.ops->advance(&m[k]->base, now);
        }
        ck_assert_int_eq(next[0], next[1]);
        in_flight += more;
        i += more;
        while (m[0]->base.ops->collect(&m[0]->base, &id[0], &done[0])) {
            ck_assert(m[1]->base.ops->collect(&m[1]->base, &id[1], &done[1]));
            ck_assert(id[0] == id[1] && done[0] == done[1]);
            in_flight--;
        }
        now += pause_after(kind, i, &random);
        if (more && in_flight < in_flight_max)
            continue;
        now = next[0] != TIME_NEVER && next[0] > now ? next[0] : now;
    }
    *end = now;
}

static void compare_ledgers(struct arena *a, struct memory *m[2], time_ps end)
{
    struct ledger *l[2] = {ledger_open(a), ledger_open(a)};
    for (int k = 0; k < 2; k++)
        m[k]->base.ops->account(&m[k]->base, l[k], end);
    ck_assert_uint_eq(ledger_rows(l[0]), ledger_rows(l[1]));
    for (size_t i = 0; i < ledger_rows(l[0]); i++) {
        const struct ledger_row *x = ledger_row(l[0], i), *y = ledger_row(l[1], i);
        ck_assert(x->part == y->part && x->layer == y->layer && x->count == y->count);
    }
}

START_TEST(equal_channels_simulated_once_end_and_cost_as_each_by_itself)
{
    static const char *const per_bank[] = {"controller.refresh", "per-bank", NULL};
    static const char *const closed[] = {"controller.page", "closed", NULL};
    static const struct stack parts[] = {{HBM2, 1, NULL},   {HBM3, 2, NULL},
                                         {DDR4, 4, NULL},   {HBM2, 2, per_bank},
                                         {HBM2, 1, closed}, {RAMULATOR_HBM2, 1, NULL}};
    static const int in_flight[] = {1, 3, IN_FLIGHT_MAX};
    for (size_t p = 0; p < COUNT_OF(parts); p++) {
        for (int kind = 0; kind < TRAFFIC_COUNT; kind++) {
            struct arena *a = arena_open();
            struct memory *m[2] = {open_stacks(a, &parts[p]), open_stacks(a, &parts[p])};
            const struct dram_spec *s = dram_spec_of(m[0]);
            time_ps end;
            dram_use_memo(m[1], false);
            play(m, (enum traffic)kind, in_flight[(p + (size_t)kind) % COUNT_OF(in_flight)],
                 s->org.channels * s->ctl.interleave_bytes, &end);
            compare_ledgers(a, m, end);
            ck_assert_int_eq(dram_distinct_channels(m[1]), s->org.channels);
            arena_close(a);
        }
    }
}
END_TEST

START_TEST(transfers_of_whole_rounds_keep_all_channels_equal)
{
    struct arena *a = arena_open();
    struct memory *m = open_stacks(a, &(struct stack){HBM3, 8, NULL});
    for (uint64_t i = 0; i < 20; i++)
        ck_assert(submit(m, i, i << 18, 1 << 18, i % 3 == 0, (time_ps)i * 300000));
    run_dry(m, 20 * 300000);
    ck_assert_int_eq(dram_distinct_channels(m), 1);
    arena_close(a);
}
END_TEST

START_TEST(ragged_ends_make_few_classes_and_a_refresh_joins_them)
{
    struct arena *a = arena_open();
    struct memory *m = open_stacks(a, &(struct stack){HBM3, 8, NULL});
    time_ps now = 0;
    ck_assert(submit(m, 1, 0, 376832, false, now));
    ck_assert(submit(m, 2, 376832, 270336, false, now));
    now = run_dry(m, now);
    ck_assert_int_ge(dram_distinct_channels(m), 2);
    ck_assert_int_le(dram_distinct_channels(m), 8);
    ck_assert(submit(m, 3, 1 << 20, 1 << 18, false, now + 10000000));
    run_dry(m, now + 10000000);
    ck_assert_int_eq(dram_distinct_channels(m), 1);
    arena_close(a);
}
END_TEST

START_TEST(a_transfer_of_one_burst_sets_one_channel_apart)
{
    struct arena *a = arena_open();
    struct memory *m = open_stacks(a, &(struct stack){HBM3, 8, NULL});
    ck_assert_int_eq(dram_distinct_channels(m), 1);
    ck_assert(submit(m, 1, 5 * 256, 32, false, 0));
    ck_assert_int_eq(dram_distinct_channels(m), 2);
    run_dry(m, 0);
    arena_close(a);
}
END_TEST

/* A channel in the middle of two transfers, with requests waiting and one segment not begun. */
static void make_busy(const struct dram_engine *e, struct dram_channel *c)
{
    dram_channel_open(e->spec, c);
    dram_channel_add(c, 100, 140, false, 0, 64);
    dram_channel_add(c, 9000, 9040, false, 0, 65);
    dram_channel_feed(e, c, DRAM_CYCLE_NEVER, 0);
    dram_channel_add(c, 20000, 20010, true, c->clk + 5, 66);
}

static bool same_key(const struct dram_spec *s, const struct dram_channel *a,
                     const struct dram_channel *b)
{
    struct dram_key key[2];
    dram_key_whole(&key[0], s, a);
    dram_key_whole(&key[1], s, b);
    return dram_key_equal(&key[0], &key[1]);
}

START_TEST(channels_that_may_do_different_things_have_different_keys)
{
    struct arena *a = arena_open();
    const struct dram_spec *s = dram_spec_of(open_memory(a, HBM3, NULL));
    struct dram_engine e = {.spec = s};
    struct dram_channel *c = ARENA_ARRAY(a, struct dram_channel, 2);
    make_busy(&e, &c[0]);
    ck_assert_int_gt(c[0].queue[0].size, 8);
    int bank = __builtin_ctzll(c[0].queue[0].banks);
    struct dram_entry *waiting = &c[1].entry[c[0].queue[0].head[bank]];
    struct dram_segment *segment = c[1].segment;
    c[1] = c[0];
    ck_assert(same_key(s, &c[0], &c[1]));
#define MATTERS(field)                                                                             \
    do {                                                                                           \
        c[1] = c[0];                                                                               \
        (field) += 300; /* beyond all that lies in the past */                                     \
        ck_assert_msg(!same_key(s, &c[0], &c[1]), "%s decides nothing", #field);                   \
    } while (0)
    MATTERS(c[1].clk);
    MATTERS(c[1].refresh_due);
    MATTERS(c[1].refresh_count);
    MATTERS(c[1].refresh_unit);
    MATTERS(c[1].row_bus);
    MATTERS(c[1].column_bus);
    MATTERS(c[1].pair_edge);
    for (int b = 0; b < s->bank_count; b++) {
        MATTERS(c[1].bank[b].row);
        MATTERS(c[1].bank[b].act);
        MATTERS(c[1].bank[b].pre);
        MATTERS(c[1].bank[b].rd);
        MATTERS(c[1].bank[b].wr);
    }
    for (int g = 0; g < s->group_count; g++) {
        MATTERS(c[1].group[g].act);
        MATTERS(c[1].group[g].rd);
        MATTERS(c[1].group[g].wr);
    }
    for (int p = 0; p < (int)s->org.pseudo; p++) {
        MATTERS(c[1].pseudo[p].act);
        MATTERS(c[1].pseudo[p].rd);
        MATTERS(c[1].pseudo[p].wr);
        MATTERS(c[1].pseudo[p].pre);
        MATTERS(c[1].pseudo[p].preab);
        MATTERS(c[1].pseudo[p].ref);
        MATTERS(c[1].pseudo[p].faw[2]);
    }
    MATTERS(waiting->arrive);
    MATTERS(waiting->order);
    MATTERS(waiting->row);
    MATTERS(waiting->column);
    MATTERS(segment[waiting->segment].owner);
    MATTERS(segment[1].left);
    MATTERS(segment[2].owner);
    MATTERS(segment[2].next);
    MATTERS(segment[2].end);
    MATTERS(segment[2].eligible);
#undef MATTERS
    arena_close(a);
}
END_TEST

START_TEST(what_lies_in_the_past_and_what_is_only_counted_is_in_no_key)
{
    struct arena *a = arena_open();
    const struct dram_spec *s = dram_spec_of(open_memory(a, HBM3, NULL));
    struct dram_engine e = {.spec = s};
    struct dram_channel *c = ARENA_ARRAY(a, struct dram_channel, 2);
    make_busy(&e, &c[0]);
    c[1] = c[0];
    c[0].bank[3].act = c[0].clk;
    c[1].bank[3].act = 1;
    c[1].counts.reads += 5;
    c[1].segment[1].activates += 2;
    c[1].segment[1].done += 10;
    c[1].stretch++;
    ck_assert(same_key(s, &c[0], &c[1]));
    arena_close(a);
}
END_TEST

SUITE("classes of equal channels", equal_channels_simulated_once_end_and_cost_as_each_by_itself,
      transfers_of_whole_rounds_keep_all_channels_equal,
      ragged_ends_make_few_classes_and_a_refresh_joins_them,
      a_transfer_of_one_burst_sets_one_channel_apart,
      channels_that_may_do_different_things_have_different_keys,
      what_lies_in_the_past_and_what_is_only_counted_is_in_no_key)
