/* Chips as their configs describe them: what they can do at most, and what overrides change. */
#include "tests/folder.h"
#include "tests/system/fixture.h"

/* Calls `check` for every config of a folder that is a system. */
static size_t each_of(const char *folder, void (*check)(const struct system *s))
{
    struct arena *all = arena_open();
    struct folder_names names = folder_list(all, folder, "", ".cfg");
    for (size_t i = 0; i < names.count; i++) {
        struct arena *a = arena_open();
        check(open_chip(a, arena_printf(a, "%s/%s", folder, names.at[i])));
        arena_close(a);
    }
    size_t count = names.count;
    arena_close(all);
    return count;
}

static size_t each_chip(void (*check)(const struct system *s))
{
    return each_of("configs/chip", check) + each_of("configs/package", check);
}

/* --- ISAAC as published ---------------------------------------------------------------------- */

START_TEST(isaac_peaks_at_its_published_41_3_tops_and_takes_65_8_w_at_full_activity_and_85_4_mm2)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "isaac");
    struct system_peak p = peak_of(s, 0, 0);
    ck_assert_int_eq(p.input_bits, 16);
    ck_assert_int_eq(p.weight_bits, 16);
    ASSERT_NEAR(p.tops, 41.3, 0.02);
    ASSERT_NEAR(full_power_of(s).total_w, 65.8, 0.02);
    ASSERT_NEAR(p.area_mm2, 85.4, 0.02);
    arena_close(a);
}
END_TEST

START_TEST(converters_take_58_percent_of_the_power_of_isaacs_tiles)
{
    struct arena *a = arena_open();
    struct system_power p = full_power_of(open_chip(a, "isaac"));
    double tiles_w = p.total_w - p.part_w[PART_HOST] - p.part_w[PART_LINK];
    ASSERT_NEAR(p.part_w[PART_ARRAY_ADC] / tiles_w, 0.58, 0.02);
    arena_close(a);
}
END_TEST

START_TEST(isaac_has_16128_crossbars_of_which_each_holds_2048_weights_of_16_bits)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "isaac");
    ck_assert_int_eq(s->arrays, 168 * 96);
    ck_assert_int_eq(system_weight_capacity(s, 16), INT64_C(16128) * 128 * 16);
    ck_assert_int_eq(system_weight_capacity(s, 8), 2 * system_weight_capacity(s, 16));
    ck_assert(!s->can_reload && s->has_host && !s->memory);
    arena_close(a);
}
END_TEST

START_TEST(half_the_bits_on_isaac_are_four_times_the_operations)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "isaac");
    ASSERT_NEAR(peak_of(s, 8, 8).tops, 4 * peak_of(s, 16, 16).tops, 0.02);
    arena_close(a);
}
END_TEST

/* --- every chip ------------------------------------------------------------------------------ */

static void power_closes(const struct system *s, const struct system_power *p)
{
    double sum = 0;
    for (int i = 0; i < PART_COUNT; i++) {
        sum += p->part_w[i];
        ck_assert_msg(p->part_w[i] >= 0, "%s: %s is negative", s->name, part_name((enum part)i));
    }
    ASSERT_NEAR(sum, p->total_w, 1e-12);
}

static void sums_close(const struct system *s)
{
    struct system_peak p = peak_of(s, 0, 0);
    struct system_power full = full_power_of(s);
    struct system_area area;
    double um2 = 0;
    system_area(s, &area);
    for (int i = 0; i < PART_COUNT; i++) {
        um2 += area.part_um2[i];
        ck_assert_msg(area.part_um2[i] >= 0, "%s: %s is negative", s->name,
                      part_name((enum part)i));
    }
    power_closes(s, &p.power);
    power_closes(s, &full);
    ck_assert_msg(p.power.total_w < full.total_w, "%s: the peak takes more than full activity",
                  s->name);
    ASSERT_NEAR(um2, area.total_um2, 1e-12);
    ASSERT_NEAR(p.area_mm2, area.total_um2 * 1e-6, 1e-12);
    ck_assert(p.tops > 0 && p.power.total_w > 0 && p.on_chip_mb > 0);
}

START_TEST(every_chip_opens_and_its_parts_sum_to_its_power_and_its_area)
{
    ck_assert_uint_ge(each_chip(sums_close), 3);
}
END_TEST

static void has_working_parts(const struct system *s)
{
    const struct {
        enum part part;
        bool has;
    } parts[] = {{PART_ARRAY_SHIFT_ADD, s->accumulate.energy_pj.value > 0},
                 {PART_BUFFER, true},
                 {PART_BUS, s->bus.energy_pj.value > 0},
                 {PART_VECTOR, true},
                 {PART_NOC_ROUTER, true},
                 {PART_LINK, s->host.pj_per_bit.value > 0 || s->package != NULL},
                 {PART_MEMORY_READ, s->memory != NULL},
                 {PART_MEMORY_BACKGROUND, s->memory != NULL}};
    struct system_power p = full_power_of(s);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        ck_assert_msg(!parts[i].has || p.part_w[parts[i].part] > 0, "%s: %s takes no power",
                      s->name, part_name(parts[i].part));
    ck_assert_msg((peak_of(s, 0, 0).memory_gb_s > 0) == (s->memory != NULL), "%s: memory bandwidth",
                  s->name);
}

START_TEST(at_full_activity_every_kind_of_part_that_a_chip_has_takes_power)
{
    each_chip(has_working_parts);
}
END_TEST

static void regulators_by_scope(const struct system *s)
{
    struct system_power p = peak_of(s, 0, 0).power;
    double outside = p.part_w[PART_HOST] + p.part_w[PART_LINK], loss = p.part_w[PART_REGULATOR];
    if (s->scope == SCOPE_CHIP)
        ck_assert_msg(loss <= 0, "%s: a chip has no regulators", s->name);
    else
        ASSERT_NEAR((p.total_w - outside - loss) / (p.total_w - outside), s->regulator_efficiency,
                    1e-9);
}

START_TEST(a_board_loses_in_its_regulators_what_their_efficiency_says)
{
    struct arena *a = arena_open();
    each_chip(regulators_by_scope);
    ck_assert_int_eq(open_chip(a, "dcim_5nm")->scope, SCOPE_BOARD);
    arena_close(a);
}
END_TEST

static void idles_below_its_peak(const struct system *s)
{
    struct static_power idle;
    struct system_power p = peak_of(s, 0, 0).power;
    double sum = 0;
    system_static_power(s, &idle);
    for (int i = 0; i < PART_COUNT; i++) {
        sum += idle.part_mw[i].value * 1e-3;
        ck_assert_msg(idle.part_mw[i].value * 1e-3 <= p.part_w[i] * (1 + 1e-12),
                      "%s: %s idles above its peak", s->name, part_name((enum part)i));
    }
    ck_assert(sum > 0 && sum < p.total_w);
}

START_TEST(every_chip_takes_some_power_without_work_and_less_than_at_its_peak)
{
    each_chip(idles_below_its_peak);
}
END_TEST

static void ports_lie_on_the_mesh(const struct system *s)
{
    int64_t routers = s->shape.width * s->shape.height;
    ck_assert_int_eq(s->shape.ports, 1 + (s->memory ? s->memory_ports : 0));
    for (int64_t i = 0; i < s->shape.ports; i++) {
        ck_assert(s->shape.port_router[i] >= 0 && s->shape.port_router[i] < routers);
        for (int64_t k = 1; k < i; k++)
            ck_assert_msg(s->shape.port_router[i] != s->shape.port_router[k],
                          "%s: two memory ports on a router", s->name);
    }
    ck_assert_int_eq(system_host_endpoint(s), s->tiles);
    ck_assert_int_eq(system_memory_endpoint(s, 0), s->tiles + 1);
    ck_assert_int_eq(s->noc->endpoints, s->tiles + s->shape.ports);
}

START_TEST(ports_hang_on_routers_of_the_mesh_memory_ports_on_one_each)
{
    each_chip(ports_lie_on_the_mesh);
}
END_TEST

/* --- precision ------------------------------------------------------------------------------- */

START_TEST(a_precision_that_the_arrays_cannot_do_is_refused)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "dcim_5nm");
    struct system_work w = system_usual_work(s, 64, 64);
    struct system_peak p;
    struct diag d = {.status = 0};
    ck_assert(!system_peak(s, &w, &p, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "64-bit"));
    arena_close(a);
}
END_TEST

/* --- overrides ------------------------------------------------------------------------------- */

START_TEST(twice_the_arrays_in_a_tile_are_twice_the_operations_on_the_same_tiles)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"tile.arrays", "192"};
    struct system *one = open_chip(a, "isaac"), *two = open_chip_with(a, "isaac", &set, 1);
    ck_assert_int_eq(two->arrays, 2 * one->arrays);
    ck_assert_int_eq(two->tiles, one->tiles);
    ASSERT_NEAR(peak_of(two, 0, 0).tops, 2 * peak_of(one, 0, 0).tops, 1e-12);
    ASSERT_NEAR(full_power_of(two).part_w[PART_BUFFER], full_power_of(one).part_w[PART_BUFFER],
                1e-12);
    arena_close(a);
}
END_TEST

START_TEST(dearer_conversions_raise_the_converters_share_alone)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"tile.array.adc.power_mw", "4.0"};
    struct system_power p = peak_of(open_chip(a, "isaac"), 0, 0).power;
    struct system_power q = peak_of(open_chip_with(a, "isaac", &set, 1), 0, 0).power;
    for (int i = 0; i < PART_COUNT; i++)
        ASSERT_NEAR(q.part_w[i], (i == PART_ARRAY_ADC ? 2 : 1) * p.part_w[i], 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(better_regulators_lower_a_boards_power_and_nothing_else)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"regulator_efficiency", "1.0"};
    struct system_peak p = peak_of(open_chip(a, "dcim_22nm"), 0, 0);
    struct system_peak q = peak_of(open_chip_with(a, "dcim_22nm", &set, 1), 0, 0);
    double loss = p.power.part_w[PART_REGULATOR];
    ck_assert(loss > 0 && q.power.part_w[PART_REGULATOR] <= 0);
    ASSERT_NEAR(q.power.total_w, p.power.total_w - loss, 1e-12);
    ASSERT_NEAR(q.tops, p.tops, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(an_override_of_an_unknown_key_is_refused)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"tile.arays", "192"};
    struct system *s;
    struct diag d = {.status = 0};
    ck_assert(!system_open(a, "isaac", &set, 1, &s, &d));
    ck_assert_int_eq(d.status, 2);
    arena_close(a);
}
END_TEST

START_TEST(a_chip_that_is_not_there_is_refused_by_its_name)
{
    struct arena *a = arena_open();
    struct system *s;
    struct diag d = {.status = 0};
    ck_assert(!system_open(a, "isaak", NULL, 0, &s, &d));
    ck_assert_int_eq(d.status, 2);
    ck_assert_ptr_nonnull(strstr(d.text, "isaak"));
    arena_close(a);
}
END_TEST

START_TEST(the_interval_of_a_peak_holds_it_and_follows_its_seed)
{
    struct arena *a = arena_open();
    struct system_peak p = peak_of(open_chip(a, "isaac"), 0, 0);
    double one[2], same[2], other[2], middle = p.tops / p.power.total_w;
    system_peak_interval(a, &p, 500, 1, one);
    system_peak_interval(a, &p, 500, 1, same);
    system_peak_interval(a, &p, 500, 2, other);
    ck_assert(one[0] < middle && middle < one[1]);
    ck_assert(one[0] == same[0] && one[1] == same[1] && one[0] != other[0]);
    memset(p.power.part_sigma_w, 0, sizeof p.power.part_sigma_w);
    system_peak_interval(a, &p, 500, 1, one);
    ASSERT_NEAR(one[0], middle, 1e-12);
    ASSERT_NEAR(one[1], middle, 1e-12);
    arena_close(a);
}
END_TEST

SUITE("system", the_interval_of_a_peak_holds_it_and_follows_its_seed,
      isaac_peaks_at_its_published_41_3_tops_and_takes_65_8_w_at_full_activity_and_85_4_mm2,
      converters_take_58_percent_of_the_power_of_isaacs_tiles,
      isaac_has_16128_crossbars_of_which_each_holds_2048_weights_of_16_bits,
      half_the_bits_on_isaac_are_four_times_the_operations,
      every_chip_opens_and_its_parts_sum_to_its_power_and_its_area,
      at_full_activity_every_kind_of_part_that_a_chip_has_takes_power,
      a_board_loses_in_its_regulators_what_their_efficiency_says,
      every_chip_takes_some_power_without_work_and_less_than_at_its_peak,
      ports_hang_on_routers_of_the_mesh_memory_ports_on_one_each,
      a_precision_that_the_arrays_cannot_do_is_refused,
      twice_the_arrays_in_a_tile_are_twice_the_operations_on_the_same_tiles,
      dearer_conversions_raise_the_converters_share_alone,
      better_regulators_lower_a_boards_power_and_nothing_else,
      an_override_of_an_unknown_key_is_refused, a_chip_that_is_not_there_is_refused_by_its_name)
