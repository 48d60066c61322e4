/* What must hold of any DRAM, by closed forms: no reference data is needed. */
#include "tests/memory/memory_test.h"

static const char *const without_refresh[] = {"controller.refresh", "none", NULL};

START_TEST(a_stream_reaches_peak_bandwidth_less_refresh)
{
    struct drive_result r = drive(RAMULATOR_HBM2, NULL, "stream-read", 100000, 1, 0);
    double bound = 32.0 * (1 - 350.0 / 3900.0);
    ck_assert(r.bandwidth_gb_s <= bound * 1.001);
    ck_assert_msg(r.bandwidth_gb_s >= bound * 0.95, "%g of %g GB/s", r.bandwidth_gb_s, bound);
}
END_TEST

START_TEST(no_pattern_on_any_part_beats_its_peak_less_refresh)
{
    static const struct {
        const char *path;
        double duty;
    } parts[] = {{HBM2, 1 - 260.0 / 3900},
                 {"configs/memory/hbm2_2400.cfg", 1 - 313.0 / 4682},
                 {"configs/memory/hbm3_6400.cfg", 1 - 1120.0 / 12480},
                 {"configs/memory/ddr4_2400.cfg", 1 - 433.0 / 9364}};
    static const char *const patterns[] = {"stream-read", "stream-write", "mix21", "stride-256",
                                           "random"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct arena *a = arena_open();
        double peak = open_memory(a, parts[i].path, NULL)->peak_bytes_per_ps * 1e3;
        for (size_t j = 0; j < COUNT_OF(patterns); j++) {
            struct drive_result r = drive(parts[i].path, NULL, patterns[j], 200000, 1, 0);
            /* Writes still queued at the end count as done: at most 32 per channel. */
            ck_assert_msg(r.bandwidth_gb_s <= peak * parts[i].duty * 1.02, "%s %s: %g",
                          parts[i].path, patterns[j], r.bandwidth_gb_s);
        }
        arena_close(a);
    }
}
END_TEST

START_TEST(random_reads_are_bound_by_the_row_command_bus)
{
    /* One 32 B burst per activate (2 cycles) and precharge (1 cycle) of 1 ns. */
    double bound = 32.0 / 3.0;
    struct drive_result r = drive(RAMULATOR_HBM2, without_refresh, "random", 50000, 1, 0);
    ck_assert(r.bandwidth_gb_s <= bound * 1.001);
    ck_assert_msg(r.bandwidth_gb_s >= bound * 0.99, "%g of %g GB/s", r.bandwidth_gb_s, bound);
}
END_TEST

START_TEST(random_reads_are_bound_by_the_four_activate_window)
{
    static const char *const slow[] = {"timing.tFAW", "64", "controller.refresh", "none", NULL};
    double bound = 2 * 4 * 32.0 / 64.0; /* two pseudo channels */
    struct drive_result r = drive(RAMULATOR_HBM2, slow, "random", 50000, 1, 0);
    ck_assert(r.bandwidth_gb_s <= bound * 1.001);
    ck_assert_msg(r.bandwidth_gb_s >= bound * 0.97, "%g of %g GB/s", r.bandwidth_gb_s, bound);
}
END_TEST

START_TEST(a_stream_inside_one_bank_group_is_bound_by_tCCD_L)
{
    static const char *const one_group[] = {"controller.mapping",
                                            "16r2b2g1p5c",
                                            "controller.hash",
                                            "",
                                            "controller.refresh",
                                            "none",
                                            NULL};
    struct drive_result r = drive(RAMULATOR_HBM2, one_group, "stream-read", 100000, 1, 0);
    /* The queue holds one row of one pseudo channel, now and then a second. */
    ck_assert(r.bandwidth_gb_s >= 8.0 && r.bandwidth_gb_s <= 32.0 * 0.6);
}
END_TEST

START_TEST(a_stride_inside_one_bank_takes_a_row_cycle_per_request)
{
    struct drive_result r = drive(RAMULATOR_HBM2, without_refresh, "stride-65536", 4000, 1, 0);
    ASSERT_NEAR(r.cycles / 4000, 48, 0.02); /* the hash spreads a few */
}
END_TEST

START_TEST(an_idle_read_of_a_closed_row_takes_tRCD_CL_BL)
{
    struct drive_result r = drive(RAMULATOR_HBM2, without_refresh, "chase", 1, 1, 0);
    /* One cycle to be seen, tRCD after the last of two activate cycles, tCL, burst. */
    ASSERT_NEAR(r.cycles, 1 + (14 + 1) + 14 + 2, 1e-12);
}
END_TEST

START_TEST(a_chase_pays_precharge_activate_and_read_each_time)
{
    struct drive_result r = drive(RAMULATOR_HBM2, without_refresh, "chase", 5000, 1, 0);
    ASSERT_NEAR(r.avg_latency_ns, 1 + (14 - 1) + (14 + 1) + 14 + 2, 0.01);
}
END_TEST

START_TEST(refresh_takes_its_share_of_time_from_a_busy_bank)
{
    struct drive_result with = drive(RAMULATOR_HBM2, NULL, "stride-65536", 20000, 1, 0);
    struct drive_result without =
        drive(RAMULATOR_HBM2, without_refresh, "stride-65536", 20000, 1, 0);
    ASSERT_NEAR(without.cycles / with.cycles, 1 - 350.0 / 3900.0, 0.01);
}
END_TEST

START_TEST(per_bank_refresh_loses_less_than_all_bank_refresh)
{
    static const char *const per_bank[] = {"controller.refresh", "per-bank", NULL};
    struct drive_result all = drive(RAMULATOR_HBM2, NULL, "stream-read", 50000, 1, 0);
    struct drive_result one = drive(RAMULATOR_HBM2, per_bank, "stream-read", 50000, 1, 0);
    struct drive_result none = drive(RAMULATOR_HBM2, without_refresh, "stream-read", 50000, 1, 0);
    ck_assert(one.cycles < all.cycles);
    ck_assert(one.cycles > none.cycles);
    ASSERT_NEAR(one.refreshes, one.cycles / 122, 0.01);
}
END_TEST

START_TEST(a_closed_page_costs_streams_nothing_and_random_reads_gain)
{
    static const char *const closed[] = {"controller.page", "closed", NULL};
    struct drive_result open = drive(RAMULATOR_HBM2, NULL, "random", 20000, 1, 0);
    struct drive_result shut = drive(RAMULATOR_HBM2, closed, "random", 20000, 1, 0);
    ck_assert(shut.cycles <= open.cycles);
    struct drive_result stream = drive(RAMULATOR_HBM2, closed, "stream-read", 20000, 1, 0);
    ck_assert(stream.bandwidth_gb_s > 24);
}
END_TEST

START_TEST(more_channels_are_never_slower)
{
    static const char *const patterns[] = {"stream-read", "mix21", "random", "random-mix21",
                                           "stride-4096"};
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        double before = INFINITY;
        for (int64_t channels = 1; channels <= 8; channels *= 2) {
            double cycles = drive(RAMULATOR_HBM2, NULL, patterns[i], 20000, 1, channels).cycles;
            ck_assert_msg(cycles <= before, "%s: %g after %g", patterns[i], cycles, before);
            before = cycles;
        }
    }
}
END_TEST

START_TEST(a_lower_rate_is_met_and_never_faster)
{
    struct drive_result half = drive(RAMULATOR_HBM2, NULL, "stream-read", 50000, 0.5, 0);
    ASSERT_NEAR(half.bandwidth_gb_s, 16, 0.001);
    ck_assert(half.avg_latency_ns <
              drive(RAMULATOR_HBM2, NULL, "stream-read", 50000, 1, 0).avg_latency_ns);
}
END_TEST

START_TEST(driven_energy_is_the_sum_of_its_parts_and_none_is_negative)
{
    struct drive_result r = drive(HBM2, NULL, "random-mix21", 30000, 1, 0);
    const double parts[] = {r.activate_pj, r.read_pj,    r.write_pj,
                            r.io_pj,       r.refresh_pj, r.background_pj};
    double sum = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        ck_assert(parts[i] > 0);
        sum += parts[i];
    }
    ASSERT_NEAR(r.energy_pj, sum, 1e-12);
    ASSERT_NEAR(r.read_pj, r.reads * 256 * 2.68, 1e-12);
    ASSERT_NEAR(r.io_pj, r.requests * 256 * 0.80, 0.01); /* some writes are still queued */
    ck_assert(r.reads + r.writes == r.requests);
}
END_TEST

START_TEST(a_stream_costs_what_the_published_sum_says)
{
    /* O'Connor et al., MICRO 2017: 909 pJ / 8192 bit + 1.51 + 1.17 + 0.80 = 3.59, and about 3.9 in
     * all. */
    struct drive_result r = drive(HBM2, NULL, "stream-read", 400000, 1, 0);
    double bits = r.requests * 256;
    ASSERT_NEAR((r.activate_pj + r.read_pj + r.io_pj) / bits, 3.59, 0.02);
    ASSERT_NEAR(r.pj_per_bit, 3.92, 0.05);
}
END_TEST

START_TEST(the_mapping_places_every_burst_once)
{
    struct arena *a = arena_open();
    struct memory *m = open_memory(a, "configs/memory/hbm3_6400.cfg", NULL);
    const struct dram_spec *s = dram_spec_of(m);
    bool *seen = ARENA_ARRAY(a, bool, 4 * 64 * 32);
    for (int64_t burst = 0; burst < 4 * 64 * 32; burst++) {
        struct dram_place at;
        dram_map_place(s, burst, &at);
        int64_t key = (at.row * s->bank_count + at.bank) * 32 + at.column;
        ck_assert(key >= 0 && key < 4 * 64 * 32 && !seen[key]);
        seen[key] = true;
    }
    arena_close(a);
}
END_TEST

START_TEST(an_unknown_pattern_names_those_that_are)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    struct drive_result r;
    struct drive_options o = {.pattern = "zigzag", .requests = 10, .rate = 1};
    ck_assert(!memory_drive(open_memory(a, HBM2, NULL), &o, &r, &d));
    ck_assert_int_eq(d.status, 2);
    ck_assert_ptr_nonnull(strstr(d.text, "stride-BYTES"));
    arena_close(a);
}
END_TEST

/* tRRD_L after the last cycle of an activate of another bank of the group. */
START_TEST(a_bank_refresh_keeps_its_distance_from_an_activate)
{
    static const char *const set[] = {"controller.refresh", "per-bank", NULL};
    struct arena *a = arena_open();
    const struct dram_spec *s = dram_spec_of(open_memory(a, HBM2, set));
    struct dram_channel *c = ARENA_NEW(a, struct dram_channel);
    const struct dram_engine e = {.spec = s, .untracked = true};
    struct dram_place at;
    int64_t burst = 0, activate = s->cycles.refi_pb - 1, t = activate;
    do
        dram_map_place(s, ++burst, &at);
    while (at.bank != 1);
    dram_channel_open(s, c);
    dram_channel_add(c, burst, burst + 1, false, activate - 1, 0);
    while (dram_channel_run(&e, c, t), c->counts.refreshes == 0)
        t++;
    ck_assert_double_eq(c->counts.activates, 1);
    ck_assert_int_eq(t, activate + s->cycles.act_cycles - 1 + s->cycles.rrd_l);
    arena_close(a);
}
END_TEST

SUITE("dram", a_stream_reaches_peak_bandwidth_less_refresh,
      no_pattern_on_any_part_beats_its_peak_less_refresh,
      random_reads_are_bound_by_the_row_command_bus,
      random_reads_are_bound_by_the_four_activate_window,
      a_stream_inside_one_bank_group_is_bound_by_tCCD_L,
      a_stride_inside_one_bank_takes_a_row_cycle_per_request,
      an_idle_read_of_a_closed_row_takes_tRCD_CL_BL,
      a_chase_pays_precharge_activate_and_read_each_time,
      refresh_takes_its_share_of_time_from_a_busy_bank,
      per_bank_refresh_loses_less_than_all_bank_refresh,
      a_closed_page_costs_streams_nothing_and_random_reads_gain, more_channels_are_never_slower,
      a_lower_rate_is_met_and_never_faster,
      driven_energy_is_the_sum_of_its_parts_and_none_is_negative,
      a_stream_costs_what_the_published_sum_says, the_mapping_places_every_burst_once,
      an_unknown_pattern_names_those_that_are, a_bank_refresh_keeps_its_distance_from_an_activate)
