/* Packages of equal dies as one system: what the four dies of quad_dcim_hbm3 add up to, where their
 * ports lie, and what their seams carry. */
#include <stdlib.h>

#include "chiplet/package.h"
#include "tests/system/fixture.h"

static struct system *quad(struct arena *a)
{
    return open_chip(a, "quad_dcim_hbm3");
}

/* --- structure -------------------------------------------------------------------------------- */

START_TEST(the_quad_package_is_four_chips_on_one_mesh_with_eight_stacks)
{
    struct arena *a = arena_open();
    struct system *s = quad(a), *chip = open_chip(a, "dcim_5nm_hbm3");
    ck_assert_str_eq(s->kind, "package");
    ck_assert_str_eq(chip->kind, "chip");
    ck_assert_int_eq(s->dies_x * 10 + s->dies_y, 22);
    ck_assert_int_eq(chip->dies_x * 10 + chip->dies_y, 11);
    ck_assert_int_eq(s->tiles, 4 * chip->tiles);
    ck_assert_int_eq(s->arrays, 4 * chip->arrays);
    ck_assert_int_eq(system_weight_capacity(s, 8), 4 * system_weight_capacity(chip, 8));
    ck_assert_int_eq(s->shape.width * 100 + s->shape.height, 3232);
    ck_assert_int_eq(s->shape.seam_columns * 100 + s->shape.seam_rows, 1616);
    ck_assert_int_eq(s->memory->capacity_bytes, INT64_C(8) << 34);
    ck_assert_int_eq(chip->memory->capacity_bytes, INT64_C(2) << 34);
    ASSERT_NEAR(s->memory->peak_bytes_per_ps, 8 * 0.8192, 1e-12);
    ASSERT_NEAR(s->memory->background_mw, 4 * chip->memory->background_mw, 1e-12);
    ASSERT_NEAR(s->clock_mw.value, 4 * chip->clock_mw.value, 1e-12);
    ck_assert(s->has_host && s->has_next && s->can_reload && !chip->has_next);
    ck_assert_int_eq(s->scope, SCOPE_BOARD);
    arena_close(a);
}
END_TEST

/* 8 modules of 256 GB/s, of which 250 of 256 bytes are payload, over 16 links of the mesh. */
START_TEST(a_mesh_link_across_a_seam_has_its_share_of_the_links_between_the_dies)
{
    struct arena *a = arena_open();
    struct system *s = quad(a);
    ASSERT_NEAR(s->shape.seam.bytes_per_ps, 0.125, 1e-6);
    ASSERT_NEAR(s->shape.seam.latency_ns, 2, 1e-12);
    ASSERT_NEAR(s->shape.seam.wire_bits_per_bit, 256.0 / 250, 1e-6);
    ASSERT_NEAR(s->shape.seam.pj_per_bit.value, 0.3 - 0.045, 1e-12);
    ck_assert_int_eq(s->noc->seam_links, 4 * 2 * 16);
    ASSERT_NEAR(s->noc->bisection_bytes_per_ps, package_bisection(s->package), 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(tiles_on_either_side_of_a_seam_are_neighbours)
{
    struct arena *a = arena_open();
    struct system *s = quad(a);
    ck_assert_int_eq(network_hops(s->noc, 15, 16), 1);
    ck_assert_int_eq(network_hops(s->noc, 15 * 32, 16 * 32), 1);
    ck_assert_int_eq(system_die_of(s, 15), 0);
    ck_assert_int_eq(system_die_of(s, 16), 1);
    ck_assert_int_eq(system_die_of(s, 16 * 32 + 3), 2);
    ck_assert_int_eq(system_die_of(s, 1023), 3);
    ck_assert_int_eq(system_die_of(open_chip(a, "isaac"), 167), 0);
    arena_close(a);
}
END_TEST

/* --- ports ------------------------------------------------------------------------------------ */

/* Stacks lie in the west and in the east, in the north and in the south of the package. */
START_TEST(memory_ports_lie_on_the_outer_edges_of_their_own_die)
{
    struct arena *a = arena_open();
    struct system *s = quad(a);
    int64_t on_side[SIDES] = {0};
    ck_assert_int_eq(s->memory_ports, 4 * 30);
    for (int64_t i = 0; i < s->memory_ports; i++) {
        int64_t router = s->shape.port_router[1 + i], x = router % 32, y = router / 32;
        ck_assert_int_eq(system_die_of(s, (uint32_t)router), i / 30);
        ck_assert(x == 0 || x == 31 || y == 0 || y == 31);
        on_side[x == 0 ? SIDE_WEST : x == 31 ? SIDE_EAST : y == 0 ? SIDE_NORTH : SIDE_SOUTH]++;
    }
    for (int side = 0; side < SIDES; side++)
        ck_assert_int_ge(on_side[side], 28);
    arena_close(a);
}
END_TEST

START_TEST(a_tile_is_fed_by_all_ports_beside_its_die_and_the_nearest_above_or_below)
{
    struct arena *a = arena_open();
    struct system *s = quad(a);
    bool used[4 * 30] = {false};
    for (uint32_t tile = 0; tile < 1024; tile++)
        for (int64_t turn = 0; turn < 64; turn++) {
            int64_t port = system_port_near(s, tile, turn);
            int64_t router = s->shape.port_router[1 + port];
            int64_t column = router % 32, away = llabs(column - tile % 32);
            ck_assert_int_eq(port / 30, system_die_of(s, tile));
            ck_assert(turn % 2 == 0 ? column == 0 || column == 31 : away <= 1);
            used[port] |= turn % 2 == 0;
        }
    for (int64_t port = 0; port < s->memory_ports; port++) {
        int64_t column = s->shape.port_router[1 + port] % 32;
        ck_assert(used[port] == (column == 0 || column == 31));
    }
    arena_close(a);
}
END_TEST

START_TEST(the_ports_of_a_chip_take_turns_whatever_the_tile)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "dcim_5nm");
    for (int64_t turn = 0; turn < 40; turn++)
        ck_assert_int_eq(system_port_near(s, (uint32_t)(turn * 5), turn), turn % s->memory_ports);
    arena_close(a);
}
END_TEST

START_TEST(ports_that_two_columns_do_not_hold_lie_on_all_four_edges)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"memory_ports", "40"};
    struct system *s = open_chip_with(a, "dcim_5nm", &set, 1);
    int64_t on_top = 0;
    for (int64_t i = 0; i < 40; i++) {
        int64_t router = s->shape.port_router[1 + i], x = router % 16, y = router / 16;
        ck_assert(x == 0 || x == 15 || y == 0 || y == 15);
        on_top += y == 0;
        for (int64_t k = 0; k < i; k++)
            ck_assert_int_ne(s->shape.port_router[1 + k], router);
    }
    ck_assert_int_ge(on_top, 8);
    arena_close(a);
}
END_TEST

/* --- power and area --------------------------------------------------------------------------- */

START_TEST(four_dies_peak_at_four_times_the_operations_of_one)
{
    struct arena *a = arena_open();
    struct system_peak p = peak_of(quad(a), 0, 0),
                       one = peak_of(open_chip(a, "dcim_5nm_hbm3"), 0, 0);
    ASSERT_NEAR(p.tops, 4 * one.tops, 1e-9);
    ASSERT_NEAR(p.memory_gb_s, 4 * one.memory_gb_s, 1e-9);
    ASSERT_NEAR(p.power.part_w[PART_BUFFER], 4 * one.power.part_w[PART_BUFFER], 1e-9);
    ASSERT_NEAR(p.power.part_w[PART_MEMORY_BACKGROUND],
                4 * one.power.part_w[PART_MEMORY_BACKGROUND], 1e-9);
    arena_close(a);
}
END_TEST

/* All lanes of 4 edges x 8 modules: idle 0.045 pJ/bit, busy 0.3. */
START_TEST(links_between_dies_take_their_idle_power_always_and_their_full_power_at_full_activity)
{
    struct arena *a = arena_open();
    struct system *s = quad(a);
    struct static_power idle;
    system_static_power(s, &idle);
    ASSERT_NEAR(idle.part_mw[PART_LINK].value, package_link_idle_mw(s->package), 1e-9);
    ASSERT_NEAR(idle.part_mw[PART_LINK].value, 4 * 2 * 8 * 2048 * 0.045, 1e-9);
    double host_w = s->host.gb_per_s * 8e-3 * s->host.pj_per_bit.value;
    ASSERT_NEAR(full_power_of(s).part_w[PART_LINK] - host_w,
                package_link_peak_mw(s->package) * 1e-3, 1e-6);
    arena_close(a);
}
END_TEST

START_TEST(links_and_memory_ports_add_to_the_area_of_the_dies)
{
    struct arena *a = arena_open();
    struct system *s = quad(a);
    struct system_area area, one;
    system_area(s, &area);
    system_area(open_chip(a, "dcim_5nm_hbm3"), &one);
    double io = 4 * (2 * 8 * 0.38 + 2 * 12) * 1e6 + s->next.area_um2 + s->host.area_um2;
    ASSERT_NEAR(area.part_um2[PART_LINK], io, 1e-9);
    ASSERT_NEAR(area.part_um2[PART_NOC_ROUTER], 4 * one.part_um2[PART_NOC_ROUTER], 1e-12);
    ck_assert_double_lt(area.total_um2 * 1e-6, package_silicon_mm2(s->package));
    arena_close(a);
}
END_TEST

/* --- overrides -------------------------------------------------------------------------------- */

START_TEST(overrides_reach_the_package_and_with_the_word_chip_its_dies)
{
    struct arena *a = arena_open();
    static const struct cfg_override set[] = {{"chip.tile.buffer.bytes", "131072"},
                                              {"link.latency_ns", "20.0"},
                                              {"regulator_efficiency", "0.9"}};
    struct system *s = open_chip_with(a, "quad_dcim_hbm3", set, COUNT_OF(set));
    ck_assert_int_eq(s->buffer.bytes, 131072);
    ASSERT_NEAR(s->shape.seam.latency_ns, 20, 1e-12);
    ASSERT_NEAR(s->regulator_efficiency, 0.9, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(complaints_about_an_override_of_the_dies_say_it_as_it_was_written)
{
    static const struct {
        struct cfg_override set;
        const char *text;
    } cases[] = {
        {{"chip.tile.array", "8"}, "--set chip.tile.array=8: the config has there a group"},
        {{"chip.til.array", "8"}, "--set chip.til.array=8: the config has no group chip.til"}};
    static const char *const systems[] = {"quad_dcim_hbm3", "wafer_cim"};
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(systems) * COUNT_OF(cases); i++) {
        struct system *s;
        struct diag d = {.status = 0};
        ck_assert(!system_open(a, systems[i / COUNT_OF(cases)], &cases[i % COUNT_OF(cases)].set, 1,
                               &s, &d));
        ck_assert_int_eq(d.status, 2);
        ck_assert_str_eq(d.text, cases[i % COUNT_OF(cases)].text);
    }
    arena_close(a);
}
END_TEST

START_TEST(a_chip_alone_has_no_chip_to_override)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"chip.tile.arrays", "48"};
    struct system *s;
    struct diag d = {.status = 0};
    ck_assert(!system_open(a, "dcim_5nm", &set, 1, &s, &d));
    ck_assert_int_eq(d.status, 2);
    ck_assert_str_eq(d.text, "chip.tile.arrays: a chip has no group `chip`");
    arena_close(a);
}
END_TEST

SUITE("packages as systems", the_quad_package_is_four_chips_on_one_mesh_with_eight_stacks,
      a_mesh_link_across_a_seam_has_its_share_of_the_links_between_the_dies,
      tiles_on_either_side_of_a_seam_are_neighbours,
      memory_ports_lie_on_the_outer_edges_of_their_own_die,
      a_tile_is_fed_by_all_ports_beside_its_die_and_the_nearest_above_or_below,
      the_ports_of_a_chip_take_turns_whatever_the_tile,
      ports_that_two_columns_do_not_hold_lie_on_all_four_edges,
      four_dies_peak_at_four_times_the_operations_of_one,
      links_between_dies_take_their_idle_power_always_and_their_full_power_at_full_activity,
      links_and_memory_ports_add_to_the_area_of_the_dies,
      overrides_reach_the_package_and_with_the_word_chip_its_dies,
      complaints_about_an_override_of_the_dies_say_it_as_it_was_written,
      a_chip_alone_has_no_chip_to_override)
