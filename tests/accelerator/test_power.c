/* The terms of the chip power formula, each by hand, and what must hold for any chip. */
#include <string.h>

#include "tests/accelerator/fixture.h"

START_TEST(the_data_path_is_the_sum_of_its_terms)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    struct mac_pj e = chip_mac_energy(&p, &c);
    ASSERT_NEAR(e.multiply, 0.10, 1e-12);
    ASSERT_NEAR(e.registers, (1.5 * 8 + 32) * 3.2e-3, 1e-12);
    ASSERT_NEAR(e.near_memory, (1.0 / 32 + 1.0 / 32 + 64.0 / 256) * 0.32, 1e-12);
    ASSERT_NEAR(e.far_memory, 2.0 / 32 * 0.32 * pow(32, 0.144), 1e-12);
    ASSERT_NEAR(e.wires, 2.0 / 32 * 8 * 0.10 * 1.0, 1e-12); /* half of 2 mm */
    ck_assert_double_eq(e.register_file, 0);
}
END_TEST

START_TEST(clock_and_leakage_go_with_the_area)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    double part_w[PART_COUNT];
    chip_power_w(&p, &c, part_w);
    ASSERT_NEAR(part_w[PART_CLOCK], 0.11 * 4 * 1 * 0.5625, 1e-12);
    ASSERT_NEAR(part_w[PART_LEAKAGE], 0.003 * 4 * 0.75, 1e-12);
    p.process = PROCESS_HIGH_PERFORMANCE;
    p.node_nm = 28;
    chip_power_w(&p, &c, part_w);
    ASSERT_NEAR(part_w[PART_CLOCK], 0.11 * 4 * 0.5625 * pow(0.25, 0.6), 1e-12);
    ASSERT_NEAR(part_w[PART_LEAKAGE], 0.03 * 4 * 0.75 * 0.5, 1e-12);
}
END_TEST

START_TEST(memory_and_links_count_for_a_chip_but_not_for_a_core)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    double part_w[PART_COUNT], core = watts(&p);
    p.memory = CHIP_MEMORY_HBM2;
    p.memory_gb_s = 100;
    p.link_gb_s = 50;
    ck_assert_double_eq(watts(&p), core);
    p.scope = CHIP_SCOPE_CHIP;
    double sum = chip_power_w(&p, &c, part_w);
    ASSERT_NEAR(part_w[PART_MEMORY_READ], 100e9 * 8 * 5.0e-12, 1e-12);
    ASSERT_NEAR(part_w[PART_LINK], 50e9 * 8 * 0.3 * 5.5e-12, 1e-12);
    ASSERT_NEAR(sum, core + 4.0 + 0.66, 1e-12);
    p.memory_pj_per_bit = 1;
    ASSERT_NEAR(watts(&p), core + 0.8 + 0.66, 1e-12);
}
END_TEST

START_TEST(a_board_adds_its_regulators_losses)
{
    struct chip_point p = small_chip();
    p.scope = CHIP_SCOPE_CHIP;
    double chip = watts(&p);
    p.scope = CHIP_SCOPE_BOARD;
    ASSERT_NEAR(watts(&p), chip / 0.87, 1e-12);
}
END_TEST

START_TEST(a_fused_tree_halves_the_float_addition)
{
    struct chip_constants c = chip_constants_blind();
    ASSERT_NEAR(chip_mac_pj(CHIP_FP16, ENGINE_SYSTOLIC, &c), 0.34 + 0.38, 1e-12);
    ASSERT_NEAR(chip_mac_pj(CHIP_FP16, ENGINE_WGMMA, &c), 0.34 + 0.19, 1e-12);
    ASSERT_NEAR(chip_mac_pj(CHIP_INT8, ENGINE_WGMMA, &c), 0.10, 1e-12);
}
END_TEST

START_TEST(gpu_engines_pay_for_their_register_files)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    double e_s = 0.32 * pow(0.5, 0.144);
    p.engine = ENGINE_MMA_SYNC;
    ASSERT_NEAR(chip_mac_energy(&p, &c).register_file, 0.44 * e_s / 2, 1e-12);
    p.engine = ENGINE_WGMMA;
    ASSERT_NEAR(chip_mac_energy(&p, &c).register_file, 0.25 * e_s / 2, 1e-12);
    p.engine = ENGINE_MFMA;
    ASSERT_NEAR(chip_mac_energy(&p, &c).register_file, 0.56 * e_s / 2, 1e-12);
}
END_TEST

START_TEST(idle_operands_leave_half_of_the_registers_and_most_of_the_moving)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    struct mac_pj busy = chip_mac_energy(&p, &c);
    p.activity = 0;
    struct mac_pj idle = chip_mac_energy(&p, &c);
    ck_assert_double_eq(idle.multiply, 0);
    ASSERT_NEAR(idle.registers, 0.5 * busy.registers, 1e-12);
    ASSERT_NEAR(idle.near_memory, 0.6 * busy.near_memory, 1e-12);
}
END_TEST

START_TEST(node_and_supply_scale_the_data_path)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    double at_7 = chip_mac_energy(&p, &c).multiply;
    p.node_nm = 28;
    p.vdd_v = 0.9;
    ASSERT_NEAR(chip_mac_energy(&p, &c).multiply, at_7 * pow(4, 0.39) * 1.44, 1e-12);
}
END_TEST

/* --- laws over every chip of the table ------------------------------------------------------- */

#define ALL_CHIPS_LAW(promise, change)                                                             \
    START_TEST(promise)                                                                            \
    {                                                                                              \
        struct arena *a = arena_open();                                                            \
        struct chip_data data = chips(a);                                                          \
        for (size_t i = 0; i < data.count; i++) {                                                  \
            struct chip_point p = data.rows[i].point;                                              \
            double before = watts(&p);                                                             \
            change;                                                                                \
            ck_assert_msg(watts(&p) > before, "%s", data.rows[i].name);                            \
        }                                                                                          \
        arena_close(a);                                                                            \
    }                                                                                              \
    END_TEST

ALL_CHIPS_LAW(more_macs_never_draw_less, p.tera_macs_per_s *= 1.01)
ALL_CHIPS_LAW(a_higher_supply_never_draws_less, p.vdd_v *= 1.01)
ALL_CHIPS_LAW(a_larger_die_never_draws_less, p.area_mm2 *= 1.01)
ALL_CHIPS_LAW(the_same_chip_in_an_older_node_draws_more, p.node_nm *= 1.05; p.area_mm2 *= 1.1025)

static double mac_energy(const struct chip_point *p)
{
    struct chip_constants c = chip_constants_blind();
    struct mac_pj e = chip_mac_energy(p, &c);
    return e.multiply + e.registers + e.register_file + e.near_memory + e.far_memory + e.wires;
}

START_TEST(fewer_bits_never_cost_more_in_any_engine)
{
    static const enum chip_precision ladder[] = {CHIP_INT4, CHIP_INT8, CHIP_INT16,
                                                 CHIP_FP4,  CHIP_FP8,  CHIP_BF16,
                                                 CHIP_FP16, CHIP_TF32, CHIP_FP32};
    for (int engine = 0; engine < ENGINES; engine++)
        for (size_t i = 1; i < COUNT_OF(ladder); i++) {
            struct chip_point p = small_chip();
            p.engine = (enum chip_engine)engine;
            p.precision = ladder[i - 1];
            double narrow = mac_energy(&p);
            p.precision = ladder[i];
            if (chip_precision_is_float(ladder[i - 1]) == chip_precision_is_float(ladder[i]))
                ck_assert_msg(narrow <= mac_energy(&p), "%s in %s", chip_precision_names[ladder[i]],
                              chip_engine_names[engine]);
        }
}
END_TEST

START_TEST(the_power_is_the_sum_of_its_parts_and_none_is_negative)
{
    struct arena *a = arena_open();
    struct chip_data data = chips(a);
    struct chip_constants c = chip_constants_fitted();
    for (size_t i = 0; i < data.count; i++) {
        double part_w[PART_COUNT], sum = 0;
        double w = chip_power_w(&data.rows[i].point, &c, part_w);
        for (int part = 0; part < PART_COUNT; part++) {
            ck_assert_double_ge(part_w[part], 0);
            sum += part_w[part];
        }
        ASSERT_NEAR(sum, w, 1e-9);
    }
    arena_close(a);
}
END_TEST

START_TEST(under_a_cap_the_clock_falls_until_the_power_fits)
{
    struct chip_point p = small_chip();
    struct chip_constants c = chip_constants_blind();
    const struct chip_voltage law = {0.75, 1, 0.3, 0.6};
    double part_w[PART_COUNT], full = chip_power_w(&p, &c, part_w);
    struct chip_point free = chip_point_under_cap(&p, &law, 1, 2 * full, &c);
    ck_assert_double_eq(free.clock_ghz, 1);
    struct chip_point held = chip_point_under_cap(&p, &law, 1, 0.7 * full, &c);
    ASSERT_NEAR(chip_power_w(&held, &c, part_w), 0.7 * full, 1e-6);
    ASSERT_NEAR(held.vdd_v, fmax(0.6, 0.75 + 0.3 * (held.clock_ghz - 1)), 1e-12);
    ASSERT_NEAR(held.tera_macs_per_s, held.clock_ghz, 1e-12);
}
END_TEST

SUITE("chip power", the_data_path_is_the_sum_of_its_terms, clock_and_leakage_go_with_the_area,
      memory_and_links_count_for_a_chip_but_not_for_a_core, a_board_adds_its_regulators_losses,
      a_fused_tree_halves_the_float_addition, gpu_engines_pay_for_their_register_files,
      idle_operands_leave_half_of_the_registers_and_most_of_the_moving,
      node_and_supply_scale_the_data_path, more_macs_never_draw_less,
      a_higher_supply_never_draws_less, a_larger_die_never_draws_less,
      the_same_chip_in_an_older_node_draws_more, fewer_bits_never_cost_more_in_any_engine,
      the_power_is_the_sum_of_its_parts_and_none_is_negative,
      under_a_cap_the_clock_falls_until_the_power_fits)
