#include <dirent.h>
#include <string.h>

#include "chiplet/link.h"
#include "tests/check_main.h"

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
    ASSERT_NEAR(c.duration_ps, 1e12, 1e-12);
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
    DIR *folder = opendir(CIMARRON_SOURCE_DIR "/configs/link");
    ck_assert_ptr_nonnull(folder);
    int count = 0;
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        size_t length = strlen(e->d_name);
        if (length < 5 || strcmp(e->d_name + length - 4, ".cfg") != 0)
            continue;
        struct link l = open_link(a, arena_strndup(a, e->d_name, length - 4));
        ck_assert_double_gt(l.gb_per_s, 0);
        ck_assert_int_gt((int)strlen(l.name), 0);
        count++;
    }
    closedir(folder);
    ck_assert_int_ge(count, 4);
    arena_close(a);
}
END_TEST

SUITE("link", a_transfer_takes_its_bytes_over_the_rate,
      a_transfer_costs_its_bits_times_the_price_on_the_link,
      twice_the_bytes_take_twice_the_time_and_energy, isaacs_hypertransport_is_static_power,
      every_link_config_opens)
