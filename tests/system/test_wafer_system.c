/* Wafers as systems: the whole wafer of wafer_cim, and the rectangles of tiles that it is cut into.
 */
#include "chiplet/wafer.h"
#include "tests/system/fixture.h"

static struct system *wafer(struct arena *a)
{
    return open_chip(a, "wafer_cim");
}

static struct system *region_of(struct arena *a, const struct system *w, int64_t count)
{
    struct system *s = NULL;
    struct diag d = {.status = 0};
    ck_assert_msg(system_region(a, w, count, &s, &d), "%lld regions: %s", (long long)count, d.text);
    return s;
}

static const int64_t counts[] = {1, 2, 3, 7, 12, 33, 97, 228, 1000};

/* --- the whole wafer -------------------------------------------------------------------------- */

START_TEST(every_core_of_the_wafer_is_a_tile_of_the_chip)
{
    struct arena *a = arena_open();
    struct system *s = wafer(a), *chip = open_chip(a, "dcim_5nm");
    ck_assert_str_eq(s->kind, "wafer");
    ck_assert_int_eq(s->tiles, 228 * 224);
    ck_assert_int_eq(s->shape.width * 1000 + s->shape.height, 228224);
    ck_assert_int_eq(s->arrays_per_tile, chip->arrays_per_tile);
    ck_assert_int_eq(s->arrays, s->tiles * chip->arrays_per_tile);
    ck_assert_int_eq(s->buffer.bytes, chip->buffer.bytes);
    ck_assert_int_eq(s->regions, 1);
    ck_assert_int_eq(s->scope, SCOPE_SYSTEM);
    ck_assert_ptr_null(s->memory);
    ck_assert(s->has_host && s->has_next);
    ASSERT_NEAR(s->clock_mw.value, chip->clock_mw.value * 228 * 224 / 256, 1e-12);
    arena_close(a);
}
END_TEST

/* 32 macros of 64 Kb in each of 51,072 tiles. */
START_TEST(the_wafer_holds_13_4_gb_of_int8_weights)
{
    struct arena *a = arena_open();
    struct system *s = wafer(a);
    ck_assert_int_eq(system_weight_capacity(s, 8), INT64_C(51072) * 32 * 8192);
    ck_assert_int_eq(system_weight_capacity(s, 4), INT64_C(51072) * 32 * 16384);
    ck_assert_int_eq(system_weight_capacity(s, 16), INT64_C(51072) * 32 * 4096);
    arena_close(a);
}
END_TEST

START_TEST(a_wafer_never_reloads)
{
    struct arena *a = arena_open();
    ck_assert(!wafer(a)->can_reload);
    arena_close(a);
}
END_TEST

START_TEST(a_wafer_covers_what_is_cut_out_of_it)
{
    static const char *const names[] = {"wafer_cim", "wse2"};
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct system *s = open_chip(a, names[i]);
        struct system_peak p = peak_of(s, 0, 0);
        struct system_area area;
        system_area(s, &area);
        double parts = 0;
        for (int part = 0; part < PART_COUNT; part++)
            parts += area.part_um2[part];
        ASSERT_NEAR(p.area_mm2, 215.0 * 215.0, 1e-12);
        ASSERT_NEAR(p.area_mm2, wafer_area_mm2(s->wafer), 1e-12);
        ck_assert_double_gt(area.rest_um2, 0);
        ASSERT_NEAR(parts + area.rest_um2, area.total_um2, 1e-12);
    }
    arena_close(a);
}
END_TEST

/* --- regions ---------------------------------------------------------------------------------- */

START_TEST(a_wafer_is_cut_into_at_least_as_many_regions_as_asked)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        ck_assert_int_ge(region_of(a, w, counts[i])->regions, counts[i]);
    arena_close(a);
}
END_TEST

START_TEST(one_region_is_the_whole_wafer)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a), *s = region_of(a, w, 1);
    ck_assert_int_eq(s->regions, 1);
    ck_assert_int_eq(s->tiles, w->tiles);
    ck_assert_int_eq(s->arrays, w->arrays);
    arena_close(a);
}
END_TEST

/* Equal rectangles side by side: what is left over is less than a column and a row of them. */
START_TEST(regions_lie_on_the_wafer_and_cover_nine_tenths_of_it)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct system *s = region_of(a, w, counts[i]);
        int64_t across = w->shape.width / s->shape.width, down = w->shape.height / s->shape.height;
        ck_assert_int_eq(s->tiles, s->shape.width * s->shape.height);
        ck_assert_int_ge(across * down, s->regions);
        ck_assert_int_le(s->regions * s->tiles, w->tiles);
        ck_assert_msg((double)(s->regions * s->tiles) >= 0.9 * (double)w->tiles,
                      "%lld regions of %lld tiles leave over %lld", (long long)s->regions,
                      (long long)s->tiles, (long long)(w->tiles - s->regions * s->tiles));
    }
    arena_close(a);
}
END_TEST

START_TEST(more_regions_are_never_larger)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a);
    int64_t last = w->tiles;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct system *s = region_of(a, w, counts[i]);
        ck_assert_int_le(s->tiles, last);
        last = s->tiles;
    }
    arena_close(a);
}
END_TEST

START_TEST(work_enters_in_the_upper_left_corner_and_leaves_over_the_right_column)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct system *s = region_of(a, w, counts[i]);
        int64_t width = s->shape.width, height = s->shape.height;
        const int64_t *at = s->shape.port_router + 1;
        ck_assert_int_ge(s->memory_ports, 1);
        ck_assert_int_eq(s->exit_ports, height);
        ck_assert_int_eq(s->shape.ports, 1 + s->memory_ports + height);
        for (int64_t k = 0; k < s->memory_ports; k++)
            ck_assert_int_eq(at[k], k * width);
        for (int64_t y = 0; y < height; y++)
            ck_assert_int_eq(at[s->memory_ports + y], y * width + width - 1);
        for (int64_t tile = 0; tile < s->tiles; tile++)
            ck_assert_uint_eq(system_exit_endpoint(s, (uint32_t)tile),
                              system_memory_endpoint(s, s->memory_ports + tile / width));
    }
    arena_close(a);
}
END_TEST

START_TEST(a_region_has_its_share_of_what_the_wafer_spends_at_rest)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a);
    struct static_power whole, part;
    system_static_power(w, &whole);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct system *s = region_of(a, w, counts[i]);
        double share = (double)s->tiles / (double)w->tiles;
        system_static_power(s, &part);
        ASSERT_NEAR(part.part_mw[PART_CLOCK].value, share * whole.part_mw[PART_CLOCK].value, 1e-9);
        ASSERT_NEAR(part.part_mw[PART_LEAKAGE].value, share * whole.part_mw[PART_LEAKAGE].value,
                    0.01);
    }
    arena_close(a);
}
END_TEST

/* The links that cross the side where two regions touch, and ways along it. */
START_TEST(a_handover_carries_no_more_than_the_links_of_a_side_and_smaller_regions_are_nearer)
{
    struct arena *a = arena_open();
    struct system *w = wafer(a);
    for (size_t i = 1; i < COUNT_OF(counts); i++) {
        struct system *s = region_of(a, w, counts[i]);
        double side = (double)s->shape.height, hop_ns = 3; /* two cycles of router, one of link */
        ck_assert_double_le(s->handover.gb_per_s, side * 32 * (1 + 1e-9));
        ck_assert_double_gt(s->handover.latency_ns, (1 + side / 2) * hop_ns);
        ck_assert_double_le(s->handover.latency_ns, (1 + side * 3 / 2) * hop_ns);
        ck_assert_double_gt(s->handover.pj_per_bit.value, 0);
    }
    arena_close(a);
}
END_TEST

START_TEST(more_regions_than_tiles_do_not_fit)
{
    struct arena *a = arena_open();
    struct system *s, *w = wafer(a);
    struct diag d = {.status = 0};
    ck_assert(!system_region(a, w, w->tiles + 1, &s, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_str_eq(d.text, "does not fit: 51073 regions on the 228 x 224 tiles of wafer_cim");
    arena_close(a);
}
END_TEST

START_TEST(overrides_with_the_word_chip_reach_the_tiles_of_regions)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"chip.tile.buffer.bytes", "131072"};
    struct system *w = open_chip_with(a, "wafer_cim", &set, 1);
    ck_assert_int_eq(w->buffer.bytes, 131072);
    ck_assert_int_eq(region_of(a, w, 12)->buffer.bytes, 131072);
    arena_close(a);
}
END_TEST

SUITE("wafers as systems", every_core_of_the_wafer_is_a_tile_of_the_chip,
      the_wafer_holds_13_4_gb_of_int8_weights, a_wafer_never_reloads,
      a_wafer_covers_what_is_cut_out_of_it, a_wafer_is_cut_into_at_least_as_many_regions_as_asked,
      one_region_is_the_whole_wafer, regions_lie_on_the_wafer_and_cover_nine_tenths_of_it,
      more_regions_are_never_larger,
      work_enters_in_the_upper_left_corner_and_leaves_over_the_right_column,
      a_region_has_its_share_of_what_the_wafer_spends_at_rest,
      a_handover_carries_no_more_than_the_links_of_a_side_and_smaller_regions_are_nearer,
      more_regions_than_tiles_do_not_fit, overrides_with_the_word_chip_reach_the_tiles_of_regions)
