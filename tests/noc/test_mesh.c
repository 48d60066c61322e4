#include "tests/noc/fixture.h"

/* Cycles from the edge after the submission to the last byte, as mesh.h states it. */
static int64_t zero_load(const struct setup *s, int64_t hops, int64_t bytes)
{
    int64_t full = bytes / s->packet, rest = bytes % s->packet;
    int port_bits = s->port_bits > 0 ? s->port_bits : s->link_bits;
    int64_t wire = (s->packet + s->header) * 8, last = rest > 0 ? (rest + s->header) * 8 : 0;
    int64_t link = full * (wire / s->link_bits) + ceil_div(last, s->link_bits);
    int64_t port = full * (wire / port_bits) + ceil_div(last, port_bits);
    int64_t serial = hops > 0 && link > port ? link : port;
    if (hops > 0 && port_bits < s->link_bits) { /* a packet is assembled before it goes on */
        int64_t first = full > 0 ? wire : last;
        serial += ceil_div(first, port_bits) - ceil_div(first, s->link_bits);
    }
    return 2 * s->port + (hops + 1) * s->router + hops * s->link + serial;
}

static void check_zero_load(struct setup s, int64_t bytes)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, s);
    time_ps now = 0;
    for (uint32_t src = 0; src < (uint32_t)s.tiles; src++)
        for (uint32_t dst = 0; dst < (uint32_t)s.tiles; dst++) {
            int from = (int)src / s.concentration, to = (int)dst / s.concentration;
            int64_t hops = abs(from % s.width - to % s.width) + abs(from / s.width - to / s.width);
            int64_t cycle = (int64_t)floor((double)now * s.clock_mhz / 1e6 + 1e-6) + 1;
            struct job job = {.at = now, .id = src * 1000 + dst, .bytes = bytes};
            job.src = src;
            job.dst = dst;
            time_ps done = run_jobs(n, &job, 1);
            ck_assert_int_eq(network_hops(n, src, dst), hops);
            ck_assert_int_eq(done, edge(cycle + zero_load(&s, hops, bytes), s.clock_mhz));
            now = done + 1000003;
        }
    arena_close(a);
}

START_TEST(an_idle_mesh_takes_the_stated_latency_between_all_pairs)
{
    struct setup s = plain_setup();
    check_zero_load(s, 1);
    check_zero_load(s, 64);
    check_zero_load(s, 1000);
    s.routing = "yx";
    s.header = 8;
    s.router = 1;
    s.link = 0;
    check_zero_load(s, 333);
}
END_TEST

START_TEST(ports_of_another_width_take_the_stated_latency)
{
    struct setup s = plain_setup();
    s.port_bits = 128;
    check_zero_load(s, 999);
    s.port_bits = 8;
    check_zero_load(s, 999);
    check_zero_load(s, 20);
}
END_TEST

START_TEST(a_clock_that_is_no_whole_number_of_picoseconds_does_not_drift)
{
    struct setup s = plain_setup();
    s.clock_mhz = 1200;
    check_zero_load(s, 200);
    s.clock_mhz = 735;
    check_zero_load(s, 200);
}
END_TEST

START_TEST(a_train_of_packets_takes_as_long_as_its_packets)
{
    struct setup s = plain_setup();
    s.train = 8;
    check_zero_load(s, 1500);
}
END_TEST

START_TEST(many_senders_fill_an_ejection_port_and_never_exceed_it)
{
    struct arena *a = arena_open();
    struct setup s = plain_setup();
    struct network *n = open_setup(a, s);
    struct job jobs[39];
    for (uint32_t i = 0; i < 39; i++)
        jobs[i] = (struct job){.id = i + 1, .bytes = 640, .src = i + 1, .dst = 0};
    int64_t cycles = run_jobs(n, jobs, 39) / 1000, flits = 39 * 640 * 8 / 32;
    ck_assert_int_ge(cycles, flits);
    ck_assert_int_le(cycles, flits + zero_load(&s, 7, 64));
    arena_close(a);
}
END_TEST

/* Every link, not just the last: the run is at least as long as the busiest link needs. */
START_TEST(no_link_carries_more_than_its_rate)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct setup s = plain_setup();
        s.port_bits = seed % 2 == 0 ? 128 : 0;
        struct network *n = open_setup(a, s);
        struct job *jobs = random_jobs(a, 300, 40, 2000, 2, seed);
        double *load = ARENA_ARRAY(a, double, network_links(n));
        for (size_t i = 0; i < 300; i++)
            network_add_load(n, jobs[i].src, jobs[i].dst, (double)jobs[i].bytes, load);
        double busiest = 0;
        for (size_t i = 0; i < network_links(n); i++)
            busiest = fmax(busiest, load[i]);
        time_ps end = run_jobs(n, jobs, 300);
        ck_assert_double_ge((double)end, busiest / n->link_bytes_per_ps);
        ck_assert_double_le((double)end, 4 * busiest / n->link_bytes_per_ps);
    }
    arena_close(a);
}
END_TEST

START_TEST(two_flows_share_a_link_by_halves)
{
    struct arena *a = arena_open();
    struct setup s = plain_setup();
    s.height = 1;
    s.tiles = 10;
    struct network *n = open_setup(a, s);
    enum { BYTES = 64000 };
    struct job jobs[2] = {{.id = 1, .bytes = BYTES, .src = 0, .dst = 8},
                          {.id = 2, .bytes = BYTES, .src = 2, .dst = 9}};
    run_jobs(n, jobs, 2);
    double alone = BYTES / n->link_bytes_per_ps;
    for (int i = 0; i < 2; i++) {
        ck_assert_double_ge((double)jobs[i].done, 2 * alone * 0.998);
        ck_assert_double_le((double)jobs[i].done, 2 * alone * 1.005);
    }
    arena_close(a);
}
END_TEST

START_TEST(a_short_transfer_passes_between_the_packets_of_a_long_one)
{
    struct arena *a = arena_open();
    struct setup s = plain_setup();
    struct network *n = open_setup(a, s);
    struct job jobs[2] = {{.id = 1, .bytes = 1000000, .src = 0, .dst = 8},
                          {.at = 50003000, .id = 2, .bytes = 64, .src = 0, .dst = 9}};
    run_jobs(n, jobs, 2);
    int64_t wait = (jobs[1].done - jobs[1].at) / 1000;
    ck_assert_int_le(wait, zero_load(&s, 4, 64) + 1 + 64 * 8 / 32);
    arena_close(a);
}
END_TEST

START_TEST(the_order_of_submissions_at_one_time_does_not_matter)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, plain_setup()), *m = open_setup(a, plain_setup());
    enum { COUNT = 200 };
    struct job *jobs = random_jobs(a, COUNT, 40, 600, 1, 7),
               *turned = random_jobs(a, COUNT, 40, 600, 1, 7);
    for (size_t i = 0; i < COUNT; i++)
        turned[i] = jobs[COUNT - 1 - i];
    run_jobs(n, jobs, COUNT);
    run_jobs(m, turned, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_int_eq(jobs[i].done, turned[COUNT - 1 - i].done);
    arena_close(a);
}
END_TEST

START_TEST(how_often_time_is_advanced_does_not_matter)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, plain_setup()), *m = open_setup(a, plain_setup());
    enum { COUNT = 100 };
    struct job *jobs = random_jobs(a, COUNT, 40, 900, 1, 3),
               *again = random_jobs(a, COUNT, 40, 900, 1, 3);
    time_ps end = run_jobs(n, jobs, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        submit_job(m, &again[i], 0);
    for (time_ps now = 0; now < end; now += 137)
        m->base.ops->advance(&m->base, now);
    ck_assert_int_eq(m->base.ops->advance(&m->base, end), TIME_NEVER);
    uint64_t id, last_id = 0;
    time_ps done, last = 0;
    size_t count = 0;
    for (; m->base.ops->collect(&m->base, &id, &done); count++) {
        ck_assert_int_eq(done, jobs[id - 1].done);
        ck_assert(done > last || (done == last && id > last_id));
        last = done;
        last_id = id;
    }
    ck_assert_uint_eq(count, COUNT);
    arena_close(a);
}
END_TEST

START_TEST(wider_links_are_never_slower)
{
    struct arena *a = arena_open();
    for (uint64_t seed = 1; seed <= 8; seed++) {
        time_ps before = TIME_NEVER;
        for (int bits = 8; bits <= 256; bits *= 2) {
            struct setup s = plain_setup();
            s.link_bits = bits;
            struct network *n = open_setup(a, s);
            time_ps end = run_jobs(n, random_jobs(a, 200, 40, 3000, 100, seed), 200);
            ck_assert_msg(end <= before, "seed %llu: %d bits take %lld ps, half of them %lld",
                          (unsigned long long)seed, bits, (long long)end, (long long)before);
            before = end;
        }
    }
    arena_close(a);
}
END_TEST

START_TEST(every_route_ends_and_crosses_as_many_links_as_it_has_hops)
{
    struct arena *a = arena_open();
    struct setup s = plain_setup();
    for (int turn = 0; turn < 2; turn++) {
        s.routing = turn == 0 ? "xy" : "yx";
        struct network *n = open_setup(a, s);
        for (uint32_t src = 0; src < 40; src++)
            for (uint32_t dst = 0; dst < 40; dst++) {
                double *load = ARENA_ARRAY(a, double, network_links(n)), crossed = 0;
                network_add_load(n, src, dst, 1, load);
                for (size_t i = 0; i < network_links(n); i++)
                    crossed += load[i];
                ck_assert_double_eq(crossed, (double)network_hops(n, src, dst) + 2);
            }
    }
    arena_close(a);
}
END_TEST

static double booked(const struct ledger *l, enum part part, int32_t layer, const char *action)
{
    for (size_t i = 0; i < ledger_rows(l); i++) {
        const struct ledger_row *row = ledger_row(l, i);
        if (row->part == part && row->layer == layer && strcmp(row->action, action) == 0)
            return row->count * row->pj.value;
    }
    return 0;
}

START_TEST(energy_is_flit_hops_times_their_prices_in_each_layer)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, plain_setup());
    struct job *jobs = random_jobs(a, 400, 40, 900, 4000, 11);
    time_ps end = run_jobs(n, jobs, 400);
    struct ledger *l = ledger_open(a);
    n->base.ops->account(&n->base, l, end);
    for (int32_t layer = 0; layer < 5; layer++) {
        double flits = 0, link_hops = 0, router_hops = 0;
        for (size_t i = 0; i < 400; i++)
            if (jobs[i].layer == layer) {
                double f = (double)ceil_div(jobs[i].bytes * 8, 32);
                double hops = (double)network_hops(n, jobs[i].src, jobs[i].dst);
                flits += f;
                link_hops += f * hops;
                router_hops += f * (hops + 1);
            }
        ASSERT_NEAR(booked(l, PART_NOC_ROUTER, layer, "flit"), router_hops * 3.0, 1e-12);
        ASSERT_NEAR(booked(l, PART_NOC_LINK, layer, "flit"), link_hops * 32 * 2 * 0.1, 1e-12);
        ASSERT_NEAR(booked(l, PART_NOC_LINK, layer, "port flit"), 2 * flits * 32 * 0.5 * 0.1,
                    1e-12);
    }
    ASSERT_NEAR(booked(l, PART_LEAKAGE, LEDGER_STATIC, "network ns"),
                20 * 0.25 * (double)end * 1e-3, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(accounting_twice_books_nothing_twice)
{
    struct arena *a = arena_open();
    struct network *n = open_setup(a, plain_setup());
    time_ps end = run_jobs(n, random_jobs(a, 100, 40, 900, 4000, 5), 100);
    struct ledger *l = ledger_open(a);
    struct ledger_sums once, twice;
    n->base.ops->account(&n->base, l, end);
    ledger_sum(l, &once);
    n->base.ops->account(&n->base, l, end);
    ledger_sum(l, &twice);
    ck_assert_double_gt(once.total_pj, 0);
    ck_assert_double_eq(once.total_pj, twice.total_pj);
    arena_close(a);
}
END_TEST

START_TEST(ports_hang_on_the_routers_that_the_chip_names)
{
    struct arena *a = arena_open();
    const int64_t routers[] = {11, 3};
    struct network_shape shape = {.width = 4,
                                  .height = 3,
                                  .concentration = 1,
                                  .tiles = 12,
                                  .ports = 2,
                                  .port_router = routers,
                                  .link_mm = 1.5};
    struct diag d = {0};
    struct network *n =
        open_text(a,
                  "source = \"a test\"; kind = \"mesh\"; clock_mhz = 500.0; "
                  "link_bits = 64; router_cycles = 2; link_cycles = 1; "
                  "packet_bytes = 64; wire_pj_per_bit_mm = 0.2; router : { energy_pj = 1.0; };",
                  &shape, &d);
    ck_assert_msg(n != NULL, "%s", d.text);
    ck_assert_int_eq(network_hops(n, 0, 12), 5);
    ck_assert_int_eq(network_hops(n, 13, 0), 3);
    ck_assert_int_eq(network_hops(n, 12, 13), 2);
    ASSERT_NEAR(n->link_bytes_per_ps, 500e6 * 8 / 1e12, 1e-12);
    ASSERT_NEAR(n->bisection_bytes_per_ps, 2 * 3 * 500e6 * 8 / 1e12, 1e-12);
    double links = 2 * (3 * 3 + 2 * 4), endpoints = 14;
    ASSERT_NEAR(n->peak_mw, 0.5 * (links * 64 * 0.2 * 1.5 + links + endpoints), 1e-12);
    arena_close(a);
}
END_TEST

SUITE("mesh", an_idle_mesh_takes_the_stated_latency_between_all_pairs,
      ports_of_another_width_take_the_stated_latency,
      a_clock_that_is_no_whole_number_of_picoseconds_does_not_drift,
      a_train_of_packets_takes_as_long_as_its_packets,
      many_senders_fill_an_ejection_port_and_never_exceed_it, no_link_carries_more_than_its_rate,
      two_flows_share_a_link_by_halves, a_short_transfer_passes_between_the_packets_of_a_long_one,
      the_order_of_submissions_at_one_time_does_not_matter,
      how_often_time_is_advanced_does_not_matter, wider_links_are_never_slower,
      every_route_ends_and_crosses_as_many_links_as_it_has_hops,
      energy_is_flit_hops_times_their_prices_in_each_layer, accounting_twice_books_nothing_twice,
      ports_hang_on_the_routers_that_the_chip_names)
