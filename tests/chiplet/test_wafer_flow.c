#include <time.h>

#include "tests/chiplet/wafer_fixture.h"

/* Loads by following every byte: load[way][y][x], in bytes of a tensor of one byte. */
struct loads {
    double way[4][16][20];
};

static void row_way(struct loads *l, int64_t y, int64_t from, int64_t to, double bytes)
{
    for (; from < to; from++)
        l->way[WAFER_RIGHT][y][from] += bytes;
    for (; from > to; from--)
        l->way[WAFER_LEFT][y][from] += bytes;
}

static void column_way(struct loads *l, int64_t x, int64_t from, int64_t to, double bytes)
{
    for (; from < to; from++)
        l->way[WAFER_DOWN][from][x] += bytes;
    for (; from > to; from--)
        l->way[WAFER_UP][from][x] += bytes;
}

/* The part of a line that both the i-th of n and the j-th of m pieces cover. */
static double common(int64_t i, int64_t n, int64_t j, int64_t m)
{
    double lo = fmax((double)i / (double)n, (double)j / (double)m);
    double hi = fmin((double)(i + 1) / (double)n, (double)(j + 1) / (double)m);
    return fmax(0, hi - lo);
}

static void follow_slices(struct loads *l, const struct wafer_flow *f)
{
    const struct wafer_region *a = &f->from, *b = &f->to;
    for (int64_t y = 0; y < a->height; y++)
        for (int64_t x = 0; x < a->width; x++)
            for (int64_t v = 0; v < b->height; v++)
                for (int64_t u = 0; u < b->width; u++) {
                    double part =
                        common(x, a->width, u, b->width) * common(y, a->height, v, b->height);
                    row_way(l, a->y + y, a->x + x, b->x + u, part);
                    column_way(l, b->x + u, a->y + y, b->y + v, part);
                }
}

static void follow_multicast(struct loads *l, const struct wafer_region *a,
                             const struct wafer_region *b)
{
    double part = 1 / (double)(a->width * a->height);
    int64_t right = b->x + b->width - 1, low = b->y + b->height - 1;
    for (int64_t y = a->y; y < a->y + a->height; y++)
        for (int64_t x = a->x; x < a->x + a->width; x++) {
            row_way(l, y, x, x < right ? right : x, part);
            row_way(l, y, x, x > b->x ? b->x : x, part);
            for (int64_t u = b->x; u <= right; u++) {
                column_way(l, u, y, y < low ? low : y, part);
                column_way(l, u, y, y > b->y ? b->y : y, part);
            }
        }
}

/* The mirror image: what went right over a link comes left over it. */
static void follow(struct loads *l, const struct wafer_flow *f)
{
    struct loads mirror = {0};
    if (f->pattern == WAFER_SLICES)
        follow_slices(l, f);
    if (f->pattern == WAFER_MULTICAST)
        follow_multicast(l, &f->from, &f->to);
    if (f->pattern != WAFER_REDUCE)
        return;
    follow_multicast(&mirror, &f->to, &f->from);
    for (int y = 0; y < 16; y++)
        for (int x = 0; x < 20; x++) {
            if (x < 19) {
                l->way[WAFER_RIGHT][y][x] = mirror.way[WAFER_LEFT][y][x + 1];
                l->way[WAFER_LEFT][y][x + 1] = mirror.way[WAFER_RIGHT][y][x];
            }
            if (y < 15) {
                l->way[WAFER_DOWN][y][x] = mirror.way[WAFER_UP][y + 1][x];
                l->way[WAFER_UP][y + 1][x] = mirror.way[WAFER_DOWN][y][x];
            }
        }
}

START_TEST(loads_and_hops_are_those_of_every_byte_followed)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    uint64_t seed = 11;
    for (int i = 0; i < 60; i++) {
        struct wafer_flow f = random_flow(w, &seed);
        static struct loads l;
        double hops = 0;
        memset(&l, 0, sizeof l);
        follow(&l, &f);
        for (int way = 0; way < 4; way++)
            for (int y = 0; y < 16; y++)
                for (int x = 0; x < 20; x++) {
                    hops += l.way[way][y][x];
                    ck_assert_double_eq_tol(wafer_flow_load(&f, x, y, (enum wafer_way)way),
                                            l.way[way][y][x], 1e-9);
                }
        ck_assert_double_eq_tol(wafer_flow_hops(w, &f), hops, 1e-7);
    }
    arena_close(a);
}
END_TEST

/* The most loaded link or port of all, found by looking at each. */
static double worst(const struct wafer *w, const struct wafer_flow *flows, size_t count)
{
    double most = 0;
    for (int64_t y = 0; y < w->rows; y++)
        for (int64_t x = 0; x < w->columns; x++) {
            double in = 0, out = 0;
            for (enum wafer_way way = WAFER_RIGHT; way <= WAFER_UP; way++) {
                double sum = 0;
                for (size_t k = 0; k < count; k++)
                    sum += flows[k].bytes * wafer_flow_load(&flows[k], x, y, way);
                most = fmax(most, sum);
            }
            for (size_t k = 0; k < count; k++) {
                const struct wafer_region *f = &flows[k].from, *t = &flows[k].to;
                if (x >= f->x && x < f->x + f->width && y >= f->y && y < f->y + f->height)
                    in += flows[k].bytes /
                          (flows[k].pattern == WAFER_REDUCE ? 1 : (double)(f->width * f->height));
                if (x >= t->x && x < t->x + t->width && y >= t->y && y < t->y + t->height)
                    out +=
                        flows[k].bytes /
                        (flows[k].pattern == WAFER_MULTICAST ? 1 : (double)(t->width * t->height));
            }
            most = fmax(most, fmax(in, out));
        }
    return most / w->link_bytes_per_ps;
}

START_TEST(the_bound_is_the_most_loaded_of_all_links_and_ports)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    uint64_t seed = 3;
    for (size_t count = 1; count <= 12; count++)
        for (int i = 0; i < 4; i++) {
            struct wafer_flow flows[12];
            for (size_t k = 0; k < count; k++)
                flows[k] = random_flow(w, &seed);
            ASSERT_NEAR(wafer_flows_bound_ps(w, flows, count), worst(w, flows, count), 1e-9);
        }
    arena_close(a);
}
END_TEST

START_TEST(no_set_of_flows_beats_its_bound_and_none_is_slower_than_one_by_one)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    uint64_t seed = 29;
    for (size_t count = 1; count <= 10; count++) {
        struct wafer_flow flows[10];
        double queue = 0;
        for (size_t k = 0; k < count; k++) {
            flows[k] = random_flow(w, &seed);
            queue += wafer_flows_ps(w, &flows[k], 1);
        }
        double last = wafer_flows_ps(w, flows, count);
        ck_assert_double_ge(last * (1 + 1e-9), wafer_flows_bound_ps(w, flows, count));
        ck_assert_double_le(last, queue * (1 + 1e-9));
        for (size_t k = 0; k < count; k++) {
            struct wafer_flow alone = flows[k];
            ck_assert_double_ge(flows[k].done_ps * (1 + 1e-9), wafer_flows_ps(w, &alone, 1));
            ck_assert_double_le(flows[k].done_ps, last);
        }
    }
    arena_close(a);
}
END_TEST

#define CORE(px, py)                                                                               \
    (struct wafer_region)                                                                          \
    {                                                                                              \
        px, py, 1, 1                                                                               \
    }

START_TEST(a_flow_alone_takes_its_bytes_over_a_link_and_its_hops)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1); /* 4 bytes per ns, a hop is a ns */
    struct wafer_flow f = {CORE(1, 2), CORE(9, 7), WAFER_SLICES, 4000, 0};
    ASSERT_NEAR(wafer_flows_ps(w, &f, 1), 1e6 + 13e3, 1e-9);
    f.from = (struct wafer_region){0, 0, 5, 4}; /* 20 cores to 20: rows share, columns do */
    f.to = (struct wafer_region){10, 8, 5, 4};
    ASSERT_NEAR(wafer_flows_ps(w, &f, 1), 1e6 / 4 + 18e3, 1e-9);
    f.bytes = 0;
    ck_assert_double_eq(wafer_flows_ps(w, &f, 1), 0);
    arena_close(a);
}
END_TEST

START_TEST(two_flows_share_a_link_fairly_and_the_rest_goes_to_who_is_left)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    struct wafer_flow f[2] = {{CORE(0, 0), CORE(5, 0), WAFER_SLICES, 4000, 0},
                              {CORE(1, 0), CORE(6, 0), WAFER_SLICES, 12000, 0}};
    wafer_flows_ps(w, f, 2);
    ASSERT_NEAR(f[0].done_ps, 2e6 + 5e3, 1e-9);       /* half of the link */
    ASSERT_NEAR(f[1].done_ps, 2e6 + 2e6 + 5e3, 1e-9); /* 4,000 by then, 8,000 alone */
    arena_close(a);
}
END_TEST

/* One long flow meets two short ones on one link and one on another: a third and two thirds. */
START_TEST(rates_are_max_min_fair)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    struct wafer_flow f[4] = {{CORE(0, 0), CORE(9, 0), WAFER_SLICES, 4000, 0},
                              {CORE(1, 0), CORE(3, 0), WAFER_SLICES, 4000, 0},
                              {CORE(2, 0), CORE(4, 0), WAFER_SLICES, 4000, 0},
                              {CORE(6, 0), CORE(8, 0), WAFER_SLICES, 8000, 0}};
    wafer_flows_ps(w, f, 4);
    ASSERT_NEAR(f[0].done_ps, 3e6 + 9e3, 1e-9);
    ASSERT_NEAR(f[1].done_ps, 3e6 + 2e3, 1e-9);
    ASSERT_NEAR(f[2].done_ps, 3e6 + 2e3, 1e-9);
    ASSERT_NEAR(f[3].done_ps, 3e6 + 2e3, 1e-9); /* two thirds of the link all along */
    arena_close(a);
}
END_TEST

START_TEST(a_multicast_crosses_each_link_of_its_tree_once)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    struct wafer_flow f = {CORE(0, 0), {4, 0, 6, 5}, WAFER_MULTICAST, 4000, 0};
    struct cost c;
    ASSERT_NEAR(wafer_flow_hops(w, &f), 9 + 6 * 4, 1e-12);
    ASSERT_NEAR(wafer_flows_ps(w, &f, 1), 1e6 + 13e3, 1e-9);
    wafer_flow_cost(w, &f, &c);
    double flits = 1000, link = 0.1 * 1 * 32; /* a core is a mm wide */
    ASSERT_NEAR(cost_energy_pj(&c), flits * (33 * link + (33 + 30) * 3.0), 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(a_reduction_is_a_multicast_turned_around)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of(a, plain_wafer(), 1);
    uint64_t seed = 77;
    for (int i = 0; i < 40; i++) {
        struct wafer_flow f = random_flow(w, &seed);
        struct wafer_flow r = {f.to, f.from, WAFER_REDUCE, f.bytes, 0};
        struct cost there, back;
        f.pattern = WAFER_MULTICAST;
        wafer_flow_cost(w, &f, &there);
        wafer_flow_cost(w, &r, &back);
        ASSERT_NEAR(back.duration_ps, there.duration_ps, 1e-9);
        ASSERT_NEAR(cost_energy_pj(&back), cost_energy_pj(&there), 1e-9);
    }
    arena_close(a);
}
END_TEST

START_TEST(wider_and_faster_links_and_fewer_bytes_are_never_slower)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 10; seed++) {
        uint64_t state = seed;
        struct wafer_setup s = plain_wafer();
        struct wafer *w = wafer_of(a, s, 1);
        struct wafer_flow flows[6], half[6];
        for (size_t k = 0; k < 6; k++) {
            half[k] = flows[k] = random_flow(w, &state);
            half[k].bytes /= 2;
        }
        double base = wafer_flows_ps(w, flows, 6);
        ck_assert_double_lt(wafer_flows_ps(w, half, 6), base);
        s.link_bits = 64;
        ck_assert_double_lt(wafer_flows_ps(wafer_of(a, s, 1), flows, 6), base);
        s.link_bits = 32;
        s.clock_mhz = 1500;
        ck_assert_double_lt(wafer_flows_ps(wafer_of(a, s, 1), flows, 6), base);
    }
    arena_close(a);
}
END_TEST

/* 754 thousand cores, 32 flows between regions of the whole wafer. */
START_TEST(flows_over_a_whole_wafer_are_cheap)
{
    struct arena *a = arena_open();
    struct wafer *w = wafer_of_file(a, "configs/wafer/wse2.cfg", 1);
    struct wafer_region r[33]; /* strips side by side, of whole height */
    struct wafer_flow flows[32];
    for (int64_t i = 0; i < 33; i++)
        r[i] = (struct wafer_region){i * (w->columns / 33), 0, w->columns / 33, w->rows};
    for (size_t i = 0; i < 32; i++)
        flows[i] = (struct wafer_flow){r[i], r[i + 1], i % 2 ? WAFER_SLICES : WAFER_MULTICAST,
                                       1e6 * (double)(i + 1), 0};
    clock_t before = clock();
    double last = wafer_flows_ps(w, flows, 32);
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    ck_assert_double_gt(last, 0);
    ck_assert_msg(seconds < 2, "32 flows took %g s", seconds);
    arena_close(a);
}
END_TEST

SUITE("wafer flows", loads_and_hops_are_those_of_every_byte_followed,
      the_bound_is_the_most_loaded_of_all_links_and_ports,
      no_set_of_flows_beats_its_bound_and_none_is_slower_than_one_by_one,
      a_flow_alone_takes_its_bytes_over_a_link_and_its_hops,
      two_flows_share_a_link_fairly_and_the_rest_goes_to_who_is_left, rates_are_max_min_fair,
      a_multicast_crosses_each_link_of_its_tree_once, a_reduction_is_a_multicast_turned_around,
      wider_and_faster_links_and_fewer_bytes_are_never_slower, flows_over_a_whole_wafer_are_cheap)
