#include "chiplet/link.h"
#include "tests/chiplet/fixture.h"

static struct link open_link(struct arena *a, const char *name)
{
    struct diag d = {0};
    struct cfg *cfg = NULL;
    struct link l;
    const char *path = arena_printf(a, CIMARRON_SOURCE_DIR "/configs/link/%s.cfg", name);
    bool ok = cfg_open(a, path, NULL, 0, &cfg, &d) && link_open(cfg_root(cfg), &l, &d);
    ck_assert_msg(ok, "%s:%d: %s", d.file, d.line, d.text);
    cfg_close(cfg);
    return l;
}

START_TEST(a_transfer_takes_its_bytes_over_the_rate)
{
    struct arena *a = arena_open();
    struct link l = open_link(a, "ucie_advanced");
    struct cost c;
    link_cost(&l, 256e9, &c);
    ASSERT_NEAR(c.duration_ps, 1e12 * 256 / 250, 1e-9); /* 6 of 256 bytes are header and CRC */
    arena_close(a);
}
END_TEST

START_TEST(a_transfer_costs_its_bits_times_the_price_on_the_link)
{
    struct arena *a = arena_open();
    struct link l = open_link(a, "pcie5_x16");
    struct cost c;
    link_cost(&l, 1000, &c);
    ck_assert_uint_eq(c.count, 1);
    ck_assert_int_eq(c.actions[0].part, PART_LINK);
    ASSERT_NEAR(cost_energy_pj(&c), 8000 * 3.89, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(twice_the_bytes_take_twice_the_time_and_energy)
{
    struct arena *a = arena_open();
    struct link l = open_link(a, "pcie4_x16");
    struct cost one, two;
    for (double bytes = 0; bytes < 1e9; bytes = bytes * 3 + 1) {
        link_cost(&l, bytes, &one);
        link_cost(&l, 2 * bytes, &two);
        ASSERT_NEAR(two.duration_ps, 2 * one.duration_ps, 1e-12);
        ASSERT_NEAR(cost_energy_pj(&two), 2 * cost_energy_pj(&one), 1e-12);
    }
    arena_close(a);
}
END_TEST

START_TEST(isaacs_hypertransport_is_static_power)
{
    struct arena *a = arena_open();
    struct link l = open_link(a, "hypertransport_isaac");
    struct cost c;
    link_cost(&l, 1e6, &c);
    ck_assert_double_eq(cost_energy_pj(&c), 0);
    ck_assert_double_eq(l.static_mw.value, 10400);
    ck_assert_int_eq(l.static_mw.from, FROM_RECALLED);
    ASSERT_NEAR(l.area_um2, 22.88e6, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(every_link_config_opens)
{
    struct arena *a = arena_open();
    struct folder_names configs = folder_list(a, CIMARRON_SOURCE_DIR "/configs/link", "", ".cfg");
    for (size_t i = 0; i < configs.count; i++) {
        struct link l = open_link(a, without_ending(a, configs.at[i], ".cfg"));
        ck_assert_double_gt(l.gb_per_s, 0);
        ck_assert_int_gt((int)strlen(l.name), 0);
    }
    ck_assert_uint_ge(configs.count, 4);
    arena_close(a);
}
END_TEST

#define PLAIN                                                                                      \
    "source = \"a test\"; latency_ns = 2.0; pj_per_bit = 0.5; static_mw = 0.0; area_um2 = 1.0; "

/* The complaint that a link of `text` earns, or "none". */
static const char *complaint(struct arena *a, const char *text, struct link *out)
{
    struct cfg *cfg = cfg_from_text(a, arena_printf(a, PLAIN "%s", text));
    struct diag d = {0};
    bool ok = link_open(cfg_root(cfg), out, &d);
    cfg_close(cfg);
    return ok ? "none" : arena_strdup(a, d.text);
}

static struct link link_of(struct arena *a, const char *text)
{
    struct link l;
    ck_assert_str_eq(complaint(a, text, &l), "none");
    return l;
}

#define LANES "lanes = 64; gt_per_s = 32.0; "

START_TEST(a_link_moves_no_more_than_its_lanes)
{
    struct arena *a = arena_open();
    struct link l = link_of(a, LANES "gb_per_s = 256.0;");
    ASSERT_NEAR(l.gb_per_s, 64 * 32 / 8.0, 1e-12);
    ck_assert_str_eq(complaint(a, LANES "gb_per_s = 300.0;", &l),
                     "64 lanes of 32 GT/s carry at most 256 GB/s, not 300");
    ck_assert_str_eq(complaint(a, "lanes = 64; gb_per_s = 256.0;", &l),
                     "a link that states lanes needs a gt_per_s above 0");
    arena_close(a);
}
END_TEST

START_TEST(lost_flits_are_sent_again_with_probability_1_less_1_less_ber_to_the_f)
{
    struct arena *a = arena_open();
    struct link l = link_of(a, "gb_per_s = 100.0; flit_bytes = 256; ber = 1e-5;");
    double p = 1 - pow(1 - 1e-5, 2048);
    ASSERT_NEAR(link_retry_probability(&l), p, 1e-9);
    ASSERT_NEAR(l.gb_per_s, 100 * (1 - p), 1e-9); /* a geometric number of sendings */
    struct cost c;
    link_cost(&l, 1000, &c);
    ASSERT_NEAR(cost_energy_pj(&c), 8000 * 0.5 / (1 - p), 1e-9);
    struct link back = link_of(a, "gb_per_s = 100.0; flit_bytes = 256; ber = 1e-5; "
                                  "replay_flits = 8;");
    ASSERT_NEAR(back.gb_per_s, 100 / (1 + 8 * p / (1 - p)), 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(more_errors_more_overhead_and_longer_replays_never_carry_more)
{
    struct arena *a = arena_open();
    double before = 1e9;
    for (double ber = 1e-18; ber < 3e-4; ber *= 10) {
        struct link l =
            link_of(a, arena_printf(a, "gb_per_s = 100.0; flit_bytes = 256; ber = %g;", ber));
        ck_assert_double_le(l.gb_per_s, before);
        ck_assert_double_ge(l.wire_bits_per_bit, 1);
        before = l.gb_per_s;
    }
    ck_assert_str_eq(
        complaint(a, "gb_per_s = 1.0; flit_bytes = 256; ber = 1e-3;", &(struct link){0}),
        "more than half of the flits would be lost: BER 0.001 over 2048 bits");
    ck_assert_str_eq(
        complaint(a, "gb_per_s = 1.0; flit_bytes = 8; flit_overhead_bytes = 8;", &(struct link){0}),
        "a flit of 8 bytes cannot hold 8 bytes of overhead");
    arena_close(a);
}
END_TEST

START_TEST(broken_lanes_take_spares_first_and_then_half_the_width)
{
    struct arena *a = arena_open();
    struct link l = open_link(a, "ucie_advanced"), f; /* 64 lanes, 4 spares */
    static const struct {
        int64_t faulty, lanes;
    } cases[] = {{0, 64}, {1, 64}, {4, 64}, {5, 32}, {36, 32}, {37, 16}, {67, 1}};
    double before = l.gb_per_s;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ck_assert(link_with_faults(&l, cases[i].faulty, &f));
        ck_assert_int_eq(f.lanes, cases[i].lanes);
        ASSERT_NEAR(f.gb_per_s, l.gb_per_s * (double)cases[i].lanes / 64, 1e-12);
        ck_assert_double_le(f.gb_per_s, before);
        before = f.gb_per_s;
    }
    ck_assert(!link_with_faults(&l, 68, &f));
    l = open_link(a, "pcie4_x16");
    ck_assert(!link_with_faults(&l, 0, &f));
    arena_close(a);
}
END_TEST

/* UCIe 1.0: a standard module is 571.5 um wide, an advanced one 388.8 um. */
START_TEST(ucie_modules_are_as_wide_as_the_specification_draws_them)
{
    struct arena *a = arena_open();
    struct link l = open_link(a, "ucie_standard");
    ASSERT_NEAR(link_edge_mm(&l, 1), 0.5715, 1e-3);
    ASSERT_NEAR(link_edge_mm(&l, 8), 8 * 0.5715, 1e-3);
    l = open_link(a, "ucie_advanced");
    ASSERT_NEAR(link_edge_mm(&l, 1), 0.3888, 1e-3);
    l = open_link(a, "pcie5_x16");
    ck_assert_double_eq(link_edge_mm(&l, 4), 0);
    arena_close(a);
}
END_TEST

SUITE("link", a_transfer_takes_its_bytes_over_the_rate,
      a_transfer_costs_its_bits_times_the_price_on_the_link,
      twice_the_bytes_take_twice_the_time_and_energy, isaacs_hypertransport_is_static_power,
      every_link_config_opens, a_link_moves_no_more_than_its_lanes,
      lost_flits_are_sent_again_with_probability_1_less_1_less_ber_to_the_f,
      more_errors_more_overhead_and_longer_replays_never_carry_more,
      broken_lanes_take_spares_first_and_then_half_the_width,
      ucie_modules_are_as_wide_as_the_specification_draws_them)
