#include "tests/bad_inputs.h"
#include "tests/noc/fixture.h"

static struct network *open_config(struct arena *a, const char *name, struct network_shape shape)
{
    struct diag d = {0};
    struct cfg *cfg = NULL;
    struct network *n = NULL;
    const char *path = arena_printf(a, CIMARRON_SOURCE_DIR "/configs/noc/%s.cfg", name);
    bool ok =
        cfg_open(a, path, NULL, 0, &cfg, &d) && network_open(a, cfg_root(cfg), &shape, &n, &d);
    ck_assert_msg(ok, "%s:%d: %s", d.file, d.line, d.text);
    cfg_close(cfg);
    return n;
}

static const struct network_shape cmesh = {
    .width = 7, .height = 6, .concentration = 4, .tiles = 168};

START_TEST(an_isaac_router_at_full_activity_draws_42_mw)
{
    struct arena *a = arena_open();
    struct network *n = open_config(a, "isaac_cmesh", cmesh);
    ASSERT_NEAR(n->peak_mw, 42 * 42.0, 1e-9);
    ASSERT_NEAR(n->area_um2, 42 * 151000.0, 1e-9);
    ASSERT_NEAR(n->link_bytes_per_ps, 4.8e9 / 1e12, 1e-9);
    ck_assert_double_eq(n->leakage_mw, 0);
    arena_close(a);
}
END_TEST

/* 35 whole routers stand for the paper's 34.5 (138 tiles / 4), 570.63 mW and 1.622 mm2. */
START_TEST(the_puma_mesh_has_the_power_and_area_of_the_papers_network)
{
    struct arena *a = arena_open();
    struct network_shape shape = {.width = 7, .height = 5, .concentration = 4, .tiles = 138};
    struct network *n = open_config(a, "puma_mesh", shape);
    ASSERT_NEAR(n->peak_mw + n->leakage_mw, 570.63 * 35 / 34.5, 1e-4);
    ASSERT_NEAR(n->area_um2, 1.622e6 * 35 / 34.5, 1e-3);
    arena_close(a);
}
END_TEST

START_TEST(every_network_config_opens_and_moves_a_byte)
{
    struct arena *a = arena_open();
    struct folder_names configs = folder_list(a, CIMARRON_SOURCE_DIR "/configs/noc", "", ".cfg");
    for (size_t i = 0; i < configs.count; i++) {
        struct network *n = open_config(a, without_ending(a, configs.at[i], ".cfg"), cmesh);
        struct job job = {.id = 1, .bytes = 1, .src = 0, .dst = 167};
        ck_assert_int_gt(run_jobs(n, &job, 1), 0);
        struct ledger *l = ledger_open(a);
        struct ledger_sums sums;
        n->base.ops->account(&n->base, l, job.done);
        ledger_sum(l, &sums);
        ck_assert_double_gt(sums.part_pj[PART_NOC_ROUTER], 0);
    }
    ck_assert_uint_ge(configs.count, 4);
    arena_close(a);
}
END_TEST

/* Full activity is the most that any traffic can draw. */
START_TEST(no_traffic_draws_more_than_the_peak_power)
{
    struct arena *a = arena_open();
    static const char *const names[] = {"isaac_cmesh", "puma_mesh", "mesh_22nm", "mesh_5nm"};
    for (size_t c = 0; c < COUNT_OF(names); c++) {
        struct network *n = open_config(a, names[c], cmesh);
        struct job *jobs = random_jobs(a, 3000, 168, 4000, 10, c + 1);
        time_ps end = run_jobs(n, jobs, 3000);
        struct ledger *l = ledger_open(a);
        struct ledger_sums sums;
        n->base.ops->account(&n->base, l, end);
        ledger_sum(l, &sums);
        ck_assert_double_lt(sums.total_pj / ((double)end * 1e-3), n->peak_mw + n->leakage_mw);
    }
    arena_close(a);
}
END_TEST

/* The complaint that `text` earns, without its place. */
static const char *complaint(struct arena *a, const char *text, struct network_shape shape)
{
    struct diag d = {0};
    if (open_text(a, text, &shape, &d) != NULL)
        return "none";
    ck_assert_int_eq(d.status, 2);
    return arena_strdup(a, d.text);
}

#define GOOD                                                                                       \
    "source = \"a test\"; kind = \"mesh\"; clock_mhz = 500.0; link_bits = 64; router_cycles = 2; " \
    "link_cycles = 1; packet_bytes = 64; wire_pj_per_bit_mm = 0.0; router : { energy_pj = 1.0; };"

START_TEST(a_chip_that_does_not_fit_its_mesh_is_refused)
{
    struct arena *a = arena_open();
    const int64_t nowhere = 6;
    struct network_shape fits = {.width = 3, .height = 2, .concentration = 1, .tiles = 6};
    struct network_shape crowded = fits, empty = fits, vast = fits, astray = fits;
    crowded.tiles = 7;
    empty.width = 0;
    vast.width = vast.height = 30000;
    astray.ports = 1;
    astray.port_router = &nowhere;
    ck_assert_str_eq(complaint(a, GOOD, fits), "none");
    ck_assert_str_eq(complaint(a, GOOD, crowded),
                     "7 tiles do not fit on 3 x 2 routers of 1 tiles each");
    ck_assert_str_eq(complaint(a, GOOD, empty),
                     "a mesh has 1 to 1048576 routers, at most 32767 in a row");
    ck_assert_str_eq(complaint(a, GOOD, vast),
                     "a mesh has 1 to 1048576 routers, at most 32767 in a row");
    ck_assert_str_eq(complaint(a, GOOD, astray), "port 0 hangs on router 6 of 6");
    arena_close(a);
}
END_TEST

static bool read_network(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct network *n;
    struct network_shape shape = {.width = 3, .height = 2, .concentration = 1, .tiles = 6};
    return network_open(a, g, &shape, &n, d);
}

START_TEST(every_broken_network_config_gets_its_one_line_message)
{
    bad_configs_walk("noc-", 10, read_network);
}
END_TEST

SUITE("noc configs", an_isaac_router_at_full_activity_draws_42_mw,
      the_puma_mesh_has_the_power_and_area_of_the_papers_network,
      every_network_config_opens_and_moves_a_byte, no_traffic_draws_more_than_the_peak_power,
      a_chip_that_does_not_fit_its_mesh_is_refused,
      every_broken_network_config_gets_its_one_line_message)
