#include "tests/noc/fixture.h"

enum { TILES = 40, WORDS = 1024 };

/* A 5 x 4 mesh of two tiles per router from the fixture, with or without multicast. */
static struct network *open_mesh(struct arena *a, struct setup s, bool multicast)
{
    struct network *n = open_setup(a, s);
    ck_assert(n->multicast);
    ((struct mesh *)n)->cfg.multicast = n->multicast = multicast;
    return n;
}

/* `count` different endpoints, which may include the source. */
static uint32_t *random_set(struct arena *a, uint32_t count, uint64_t *seed)
{
    uint32_t *all = ARENA_ARRAY(a, uint32_t, TILES);
    for (uint32_t i = 0; i < TILES; i++)
        all[i] = i;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t other = i + draw(seed, TILES - i), kept = all[i];
        all[i] = all[other];
        all[other] = kept;
    }
    return all;
}

static struct transfer to_set(uint64_t id, int64_t bytes, uint32_t src, const uint32_t *set,
                              uint32_t count)
{
    return (struct transfer){.id = id,
                             .bytes = bytes,
                             .src = src,
                             .dst = set[0],
                             .more_dst = set + 1,
                             .more_count = count - 1,
                             .layer = (int32_t)(id % 5)};
}

/* Submits each transfer at its time (not falling), runs to the end; done[i] for id i + 1. */
static time_ps play(struct network *n, const struct transfer *t, const time_ps *at, size_t count,
                    time_ps *done)
{
    struct server *s = &n->base;
    size_t sent = 0, finished = 0;
    time_ps next = TIME_NEVER, last = 0, told;
    for (size_t i = 0; i < count; i++)
        done[i] = -1;
    while (sent < count || next != TIME_NEVER) {
        time_ps now = sent < count && at[sent] <= next ? at[sent] : next;
        for (; sent < count && at[sent] == now; sent++)
            ck_assert(s->ops->submit(s, &t[sent], now));
        next = s->ops->advance(s, now);
        ck_assert(next > now);
        for (uint64_t id; s->ops->collect(s, &id, &told); finished++) {
            ck_assert_msg(id >= 1 && id <= count && done[id - 1] < 0, "told twice");
            ck_assert(told == now && told >= last);
            done[id - 1] = last = told;
        }
    }
    ck_assert_uint_eq(finished, count);
    return last;
}

static time_ps play_one(struct network *n, const struct transfer *t)
{
    const time_ps at = 0;
    time_ps done;
    struct transfer first = *t;
    first.id = 1;
    return play(n, &first, &at, 1, &done);
}

static double booked(const struct ledger *l, enum part part, int32_t layer, const char *action)
{
    for (size_t i = 0; i < ledger_rows(l); i++) {
        const struct ledger_row *row = ledger_row(l, i);
        if (row->part == part && row->layer == layer && strcmp(row->action, action) == 0)
            return row->count;
    }
    return 0;
}

/* What a transfer of one packet alone did, in flits. */
struct flits {
    double router, link, port;
};

static struct flits flits_of(struct arena *a, struct network *n, const struct transfer *t)
{
    struct ledger *l = ledger_open(a);
    n->base.ops->account(&n->base, l, play_one(n, t));
    return (struct flits){booked(l, PART_NOC_ROUTER, t->layer, "flit"),
                          booked(l, PART_NOC_LINK, t->layer, "flit"),
                          booked(l, PART_NOC_LINK, t->layer, "port flit")};
}

/* The links of a tree, counted from the paths of unicasts; `load` has a 1 for each. */
static double union_of_paths(struct arena *a, const struct network *n, const struct transfer *t,
                             double *load)
{
    double links = 0;
    size_t ports = mesh_injection((const struct mesh *)n, 0);
    for (uint32_t i = 0; i <= t->more_count; i++) {
        double *path = ARENA_ARRAY(a, double, network_links(n));
        network_add_load(n, t->src, i == 0 ? t->dst : t->more_dst[i - 1], 1, path);
        for (size_t k = 0; k < network_links(n); k++)
            load[k] = fmax(load[k], path[k]);
    }
    for (size_t k = 0; k < ports; k++)
        links += load[k];
    return links;
}

/* --- what arrives where -------------------------------------------------------------------- */

/* Walks the tree itself: every destination's ejection port is there once, no link twice. */
START_TEST(a_tree_reaches_every_destination_once_over_the_union_of_the_paths)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct setup s = plain_setup();
        s.routing = seed % 2 == 0 ? "xy" : "yx";
        struct network *n = open_mesh(a, s, true);
        uint64_t dice = seed;
        uint32_t count = 2 + draw(&dice, TILES - 1);
        struct transfer t = to_set(1, 64, draw(&dice, TILES), random_set(a, count, &dice), count);
        double *paths = ARENA_ARRAY(a, double, network_links(n));
        double *tree = ARENA_ARRAY(a, double, network_links(n));
        const struct tree *built = mesh_tree((struct mesh *)n, &t);
        union_of_paths(a, n, &t, paths);
        ck_assert_uint_eq(built->copies, 1);
        tree[mesh_injection((struct mesh *)n, t.src)] = 1;
        const struct mesh *m = (const struct mesh *)n;
        const struct tree_exit *routers[TILES] = {&built->exits[built->root[0]]};
        for (uint32_t k = 0, reached = 1; k < reached; k++) {
            const struct tree_exit *out = routers[k];
            do {
                uint32_t link = out->link;
                for (int32_t i = 0; i < out->run; i++, link = mesh_next_link(m, link))
                    tree[link] += 1;
                tree[link] += out->run == 0;
                if (out->run > 0)
                    routers[reached++] = out + out->onward;
            } while (!out++->last);
        }
        ck_assert_mem_eq(tree, paths, network_links(n) * sizeof *tree);
    }
    arena_close(a);
}
END_TEST

START_TEST(equal_sets_share_a_tree_whatever_array_they_stand_in)
{
    struct arena *a = arena_open();
    struct mesh *m = (struct mesh *)open_mesh(a, plain_setup(), true);
    uint32_t set[] = {1, 7, 30}, same[] = {1, 7, 30};
    struct transfer t = to_set(1, 64, 5, set, 3), u = to_set(2, 64, 5, same, 3);
    const struct tree *tree = mesh_tree(m, &t);
    ck_assert_ptr_eq(mesh_tree(m, &u), tree);
    set[2] = 31; /* the same array, to somewhere else */
    ck_assert_ptr_ne(mesh_tree(m, &t), tree);
    u.src = 6;
    ck_assert_ptr_ne(mesh_tree(m, &u), tree);
    arena_close(a);
}
END_TEST

START_TEST(a_thousand_sets_each_keep_their_tree)
{
    struct arena *a = arena_open();
    struct mesh *m = (struct mesh *)open_mesh(a, plain_setup(), true);
    const struct tree *trees[1000];
    struct transfer t[1000];
    uint64_t dice = 9;
    for (uint32_t i = 0; i < 1000; i++) {
        t[i] = to_set(1, 64, i % TILES, random_set(a, 4, &dice), 4);
        trees[i] = mesh_tree(m, &t[i]);
    }
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_ptr_eq(mesh_tree(m, &t[i]), trees[i]);
    arena_close(a);
}
END_TEST

START_TEST(the_load_of_a_tree_counts_each_of_its_links_once)
{
    struct arena *a = arena_open();
    struct setup s = plain_setup();
    s.port_bits = 16;
    struct network *n = open_mesh(a, s, true);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t dice = seed;
        uint32_t count = 1 + draw(&dice, TILES);
        struct transfer t = to_set(1, 1000, draw(&dice, TILES), random_set(a, count, &dice), count);
        double *once = ARENA_ARRAY(a, double, network_links(n));
        double *load = ARENA_ARRAY(a, double, network_links(n));
        union_of_paths(a, n, &t, once);
        network_add_load_tree(n, &t, load);
        for (size_t k = 0; k < network_links(n); k++)
            ck_assert_double_eq(load[k], 1000 * once[k]);
    }
    arena_close(a);
}
END_TEST

START_TEST(without_multicast_the_load_is_that_of_the_copies)
{
    struct arena *a = arena_open();
    struct network *n = open_mesh(a, plain_setup(), false);
    uint64_t dice = 4;
    struct transfer t = to_set(1, 1000, 3, random_set(a, 20, &dice), 20);
    double *copies = ARENA_ARRAY(a, double, network_links(n));
    double *load = ARENA_ARRAY(a, double, network_links(n));
    for (uint32_t i = 0; i < 20; i++)
        network_add_load(n, 3, i == 0 ? t.dst : t.more_dst[i - 1], 1000, copies);
    network_add_load_tree(n, &t, load);
    ck_assert_mem_eq(load, copies, network_links(n) * sizeof *load);
    arena_close(a);
}
END_TEST

/* --- energy -------------------------------------------------------------------------------- */

START_TEST(a_packet_pays_each_link_of_its_tree_once)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct network *n = open_mesh(a, plain_setup(), true);
        uint64_t dice = seed;
        uint32_t count = 2 + draw(&dice, TILES - 1);
        struct transfer t = to_set(1, 60, draw(&dice, TILES), random_set(a, count, &dice), count);
        double links = union_of_paths(a, n, &t, ARENA_ARRAY(a, double, network_links(n)));
        struct flits f = flits_of(a, n, &t);
        ck_assert_double_eq(f.link, 15 * links);
        ck_assert_double_eq(f.port, 15 * (1.0 + count));
        ck_assert_double_eq(f.router, 15 * (links + count)); /* one for each way out */
    }
    arena_close(a);
}
END_TEST

START_TEST(energy_of_a_tree_is_its_links_times_flits_times_price)
{
    struct arena *a = arena_open();
    struct network *n = open_mesh(a, plain_setup(), true);
    const uint32_t set[] = {4, 8, 28}; /* (2,0) and (4,0) on a row, (4,2) below the latter */
    struct transfer t = to_set(1, 6400, 0, set, 3);
    struct ledger *l = ledger_open(a);
    struct ledger_sums sums;
    time_ps end = play_one(n, &t);
    n->base.ops->account(&n->base, l, end);
    ledger_sum(l, &sums);
    double flits = 1600, links = 6, wire = 32 * 0.1; /* pJ per mm */
    ASSERT_NEAR(sums.part_pj[PART_NOC_LINK], flits * wire * (links * 2.0 + (1 + 3) * 0.5), 1e-12);
    ASSERT_NEAR(sums.part_pj[PART_NOC_ROUTER], flits * (links + 3) * 3.0, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(copies_pay_what_unicasts_pay)
{
    struct arena *a = arena_open();
    struct network *n = open_mesh(a, plain_setup(), false);
    uint64_t dice = 3;
    struct transfer t = to_set(1, 640, 3, random_set(a, 11, &dice), 11);
    struct flits f = flits_of(a, n, &t), sum = {0, 0, 0};
    for (uint32_t i = 0; i < 11; i++) {
        struct transfer one = {.bytes = 640, .src = 3, .layer = t.layer};
        one.dst = i == 0 ? t.dst : t.more_dst[i - 1];
        struct flits g = flits_of(a, open_mesh(a, plain_setup(), true), &one);
        sum = (struct flits){sum.router + g.router, sum.link + g.link, sum.port + g.port};
    }
    ck_assert_double_eq(f.link, sum.link);
    ck_assert_double_eq(f.router, sum.router);
    ck_assert_double_eq(f.port, sum.port);
    arena_close(a);
}
END_TEST

/* --- time in an idle mesh ------------------------------------------------------------------ */

static time_ps latest_unicast(struct arena *a, struct setup s, const struct transfer *t)
{
    time_ps latest = 0;
    for (uint32_t i = 0; i <= t->more_count; i++) {
        struct transfer one = *t;
        one.dst = i == 0 ? t->dst : t->more_dst[i - 1];
        one.more_dst = NULL;
        one.more_count = 0;
        time_ps done = play_one(open_mesh(a, s, true), &one);
        latest = done > latest ? done : latest;
    }
    return latest;
}

/* Ports as wide as links, wider, and narrower; with headers; with trains. */
static struct setup some_setup(uint64_t seed)
{
    struct setup s = plain_setup();
    s.port_bits = (int[]){0, 128, 8, 0}[seed % 4];
    s.header = seed % 3 == 0 ? 16 : 0;
    s.train = s.port_bits == 0 ? 4 : 1;
    s.routing = seed % 5 < 2 ? "yx" : "xy";
    s.clock_mhz = seed % 7 == 0 ? 1200 : 1000;
    s.link = (int)(seed % 3);
    return s;
}

START_TEST(a_multicast_in_an_idle_mesh_ends_with_the_latest_of_its_unicasts)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct setup s = some_setup(seed);
        uint64_t dice = seed;
        uint32_t count = 2 + draw(&dice, 15), src = draw(&dice, TILES);
        struct transfer t =
            to_set(1, 1 + draw(&dice, 3000), src, random_set(a, count, &dice), count);
        time_ps done = play_one(open_mesh(a, s, true), &t);
        ck_assert_msg(done == latest_unicast(a, s, &t), "seed %d", (int)seed);
    }
    arena_close(a);
}
END_TEST

START_TEST(a_set_of_one_is_a_unicast_in_time_and_energy)
{
    struct arena *a = arena_open();
    const uint32_t set[] = {33};
    for (int with = 0; with < 2; with++) {
        struct network *n = open_mesh(a, plain_setup(), with == 1);
        struct network *m = open_mesh(a, plain_setup(), true);
        struct transfer t = to_set(1, 3000, 4, set, 1);
        struct transfer plain = {.id = 1, .bytes = 3000, .src = 4, .dst = 33, .layer = t.layer};
        ck_assert_int_eq(play_one(n, &t), play_one(m, &plain));
        /* time never runs backwards: another play is another network's */
        struct flits f = flits_of(a, open_mesh(a, plain_setup(), with == 1), &t);
        struct flits g = flits_of(a, open_mesh(a, plain_setup(), true), &plain);
        ck_assert_double_eq(f.router, g.router);
        ck_assert_double_eq(f.link, g.link);
        ck_assert_double_eq(f.port, g.port);
    }
    arena_close(a);
}
END_TEST

/* The same through the code of trees: a tree to two tiles of one router beside one of them. */
START_TEST(a_second_tile_on_the_same_router_costs_no_time)
{
    struct arena *a = arena_open();
    const uint32_t set[] = {38, 39};
    struct transfer t = to_set(1, 2000, 0, set, 2);
    struct transfer one = {.id = 1, .bytes = 2000, .src = 0, .dst = 39};
    ck_assert_int_eq(play_one(open_mesh(a, plain_setup(), true), &t),
                     play_one(open_mesh(a, plain_setup(), true), &one));
    arena_close(a);
}
END_TEST

START_TEST(a_multicast_is_never_slower_than_its_copies_in_an_idle_mesh)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct setup s = some_setup(seed);
        uint64_t dice = seed * 77;
        uint32_t count = 2 + draw(&dice, TILES - 1), src = draw(&dice, TILES);
        struct transfer t =
            to_set(1, 1 + draw(&dice, 2000), src, random_set(a, count, &dice), count);
        time_ps tree = play_one(open_mesh(a, s, true), &t);
        time_ps copies = play_one(open_mesh(a, s, false), &t);
        ck_assert_msg(tree <= copies, "seed %d: %lld against %lld", (int)seed, (long long)tree,
                      (long long)copies);
    }
    arena_close(a);
}
END_TEST

/* Twelve copies fill the injection port one after the other: the case that trees are for. */
START_TEST(copies_leave_the_port_one_after_the_other)
{
    struct arena *a = arena_open();
    uint64_t dice = 2;
    struct transfer t = to_set(1, 6400, 0, random_set(a, 12, &dice), 12);
    const time_ps serial = 6400 / 4 * 1000;
    time_ps tree = play_one(open_mesh(a, plain_setup(), true), &t);
    time_ps copies = play_one(open_mesh(a, plain_setup(), false), &t);
    ck_assert_int_ge(tree, serial);
    ck_assert_int_le(tree, serial + 40000);
    ck_assert_int_ge(copies, 12 * serial);
    ck_assert_int_le(copies, 12 * serial + 40000);
    arena_close(a);
}
END_TEST

/* --- together with other traffic ------------------------------------------------------------ */

/* Half of the transfers go to sets, half to one tile. */
static struct transfer *mixture(struct arena *a, size_t count, uint64_t seed, time_ps *at,
                                uint32_t span)
{
    struct transfer *t = ARENA_ARRAY(a, struct transfer, count);
    time_ps now = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = i % 2 == 0 ? 1 : 2 + draw(&seed, 20);
        uint32_t src = draw(&seed, TILES);
        const uint32_t *set = random_set(a, size, &seed);
        t[i] = to_set(i + 1, 1 + draw(&seed, 2000), src, set, size);
        at[i] = now += draw(&seed, span);
    }
    return t;
}

enum { MANY = 200 };

START_TEST(no_link_carries_more_than_its_rate_under_mixed_traffic)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 16; seed++) {
        time_ps at[MANY], done[MANY];
        struct setup s = plain_setup();
        s.port_bits = seed % 3 == 0 ? 128 : 0;
        s.train = seed % 2 == 0 ? 4 : 1;
        struct network *n = open_mesh(a, s, seed % 4 != 0);
        struct transfer *t = mixture(a, MANY, seed, at, 2);
        double *load = ARENA_ARRAY(a, double, network_links(n)), busiest = 0;
        for (size_t i = 0; i < MANY; i++)
            network_add_load_tree(n, &t[i], load);
        for (size_t i = 0; i < network_links(n); i++)
            busiest = fmax(busiest, load[i]);
        time_ps end = play(n, t, at, MANY, done);
        ck_assert_double_ge((double)end, busiest / n->link_bytes_per_ps);
        ck_assert_double_le((double)end, 4 * busiest / n->link_bytes_per_ps);
    }
    arena_close(a);
}
END_TEST

/* Two trees and a unicast over one link: it is busy all the time, so each has a third. */
START_TEST(trees_and_unicasts_share_a_link_fairly)
{
    struct arena *a = arena_open();
    struct setup s = plain_setup();
    s.height = 1;
    s.tiles = 10;
    struct network *n = open_mesh(a, s, true);
    const uint32_t left[] = {4, 6, 8}, right[] = {9, 7};
    const time_ps at[3] = {0, 0, 0};
    struct transfer t[3] = {to_set(1, 64000, 0, left, 3), to_set(2, 64000, 2, right, 2),
                            to_set(3, 64000, 3, left, 1)};
    t[2].dst = 7;
    time_ps done[3];
    play(n, t, at, 3, done);
    double alone = 64000 / n->link_bytes_per_ps;
    for (int i = 0; i < 3; i++) { /* the link from router 1 to router 2 */
        ck_assert_double_ge((double)done[i], 2.9 * alone);
        ck_assert_double_le((double)done[i], 3.05 * alone);
    }
    arena_close(a);
}
END_TEST

START_TEST(two_runs_of_mixed_traffic_are_equal)
{
    struct arena *a = arena_open();
    for (int with = 0; with < 2; with++) {
        time_ps at[MANY], first[MANY], second[MANY];
        struct transfer *t = mixture(a, MANY, 5, at, 300);
        play(open_mesh(a, plain_setup(), with == 1), t, at, MANY, first);
        play(open_mesh(a, plain_setup(), with == 1), mixture(a, MANY, 5, at, 300), at, MANY,
             second);
        ck_assert_mem_eq(first, second, sizeof first);
    }
    arena_close(a);
}
END_TEST

START_TEST(the_order_of_calls_and_of_a_set_does_not_matter)
{
    struct arena *a = arena_open();
    time_ps at[MANY], first[MANY], second[MANY];
    struct transfer *t = mixture(a, MANY, 8, at, 1);
    struct transfer *turned = ARENA_ARRAY(a, struct transfer, MANY);
    for (size_t i = 0; i < MANY; i++) {
        turned[MANY - 1 - i] = t[i];
        uint32_t last = t[i].more_count, *set = ARENA_ARRAY(a, uint32_t, last + 1);
        for (uint32_t k = 0; k <= last; k++) /* backwards */
            set[last - k] = k == 0 ? t[i].dst : t[i].more_dst[k - 1];
        turned[MANY - 1 - i].dst = set[0];
        turned[MANY - 1 - i].more_dst = set + 1;
    }
    play(open_mesh(a, plain_setup(), true), t, at, MANY, first);
    play(open_mesh(a, plain_setup(), true), turned, at, MANY, second);
    ck_assert_mem_eq(first, second, sizeof first);
    arena_close(a);
}
END_TEST

START_TEST(how_often_a_mesh_with_trees_is_advanced_does_not_matter)
{
    struct arena *a = arena_open();
    for (int with = 0; with < 2; with++) {
        time_ps at[MANY], done[MANY], told;
        struct transfer *t = mixture(a, MANY, 3, at, 1);
        struct network *n = open_mesh(a, plain_setup(), with == 1);
        time_ps end = play(open_mesh(a, plain_setup(), with == 1), t, at, MANY, done);
        for (size_t i = 0; i < MANY; i++)
            ck_assert(n->base.ops->submit(&n->base, &t[i], 0));
        for (time_ps now = 0; now < end; now += 3137)
            n->base.ops->advance(&n->base, now);
        ck_assert_int_eq(n->base.ops->advance(&n->base, end), TIME_NEVER);
        size_t count = 0;
        for (uint64_t id; n->base.ops->collect(&n->base, &id, &told); count++)
            ck_assert_int_eq(told, done[id - 1]);
        ck_assert_uint_eq(count, MANY);
    }
    arena_close(a);
}
END_TEST

/* --- the key -------------------------------------------------------------------------------- */

START_TEST(the_key_multicast_of_a_config_is_heard)
{
    struct arena *a = arena_open();
    struct network_shape shape = {.width = 3, .height = 2, .concentration = 1, .tiles = 6};
    static const char *const lines[] = {"", "multicast = true;", "multicast = false;"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct diag d = {0};
        struct network *n = open_text(
            a,
            arena_printf(a,
                         "source = \"a test\"; kind = \"mesh\"; clock_mhz = 500.0; link_bits = 64; "
                         "router_cycles = 2; link_cycles = 1; packet_bytes = 64; "
                         "wire_pj_per_bit_mm = 0.0; %s router : { energy_pj = 1.0; };",
                         lines[i]),
            &shape, &d);
        ck_assert_msg(n != NULL, "%s", d.text);
        ck_assert_int_eq(n->multicast, i < 2);
        ck_assert_int_eq(((struct mesh *)n)->cfg.multicast, i < 2);
    }
    arena_close(a);
}
END_TEST

SUITE("multicast", a_tree_reaches_every_destination_once_over_the_union_of_the_paths,
      equal_sets_share_a_tree_whatever_array_they_stand_in, a_thousand_sets_each_keep_their_tree,
      the_load_of_a_tree_counts_each_of_its_links_once,
      without_multicast_the_load_is_that_of_the_copies, a_packet_pays_each_link_of_its_tree_once,
      energy_of_a_tree_is_its_links_times_flits_times_price, copies_pay_what_unicasts_pay,
      a_multicast_in_an_idle_mesh_ends_with_the_latest_of_its_unicasts,
      a_set_of_one_is_a_unicast_in_time_and_energy, a_second_tile_on_the_same_router_costs_no_time,
      a_multicast_is_never_slower_than_its_copies_in_an_idle_mesh,
      copies_leave_the_port_one_after_the_other,
      no_link_carries_more_than_its_rate_under_mixed_traffic,
      trees_and_unicasts_share_a_link_fairly, two_runs_of_mixed_traffic_are_equal,
      the_order_of_calls_and_of_a_set_does_not_matter,
      how_often_a_mesh_with_trees_is_advanced_does_not_matter, the_key_multicast_of_a_config_is_heard)
