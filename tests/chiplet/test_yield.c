#include "chiplet/yield.h"
#include "tests/chiplet/fixture.h"
#include "tests/data_table.h"

static const struct yield_process n5 = {.wafer_usd = 16988,
                                        .wafer_mm = 300,
                                        .defects_per_cm2 = 0.11,
                                        .cluster = 10,
                                        .edge_mm = 5,
                                        .scribe_mm = 0.2};

START_TEST(dies_of_800_mm2_at_5_nm_yield_43_percent_and_cost_672_dollars)
{
    struct yield_die_cost c;
    yield_die_cost(&n5, 800, &c);
    ck_assert_double_eq_tol(c.yield, 0.430, 0.0005);
    ck_assert_double_eq_tol(c.raw_usd, 289, 0.5);
    ck_assert_double_eq_tol(c.good_usd, 672, 0.5);
    yield_die_cost(&n5, 200, &c);
    ck_assert_double_eq_tol(c.good_usd, 76.5, 0.05);
}
END_TEST

START_TEST(the_published_estimates_of_63_dies_are_met_to_a_cent)
{
    struct arena *a = arena_open();
    struct csv_table t = data_table(a, "chiplet_actuary.csv");
    ck_assert_uint_eq(t.rows, 63);
    for (size_t i = 0; i < t.rows; i++) {
        double good = data_number(&t, i, "kgd_usd");
        struct yield_process p = n5;
        struct yield_die_cost c;
        p.defects_per_cm2 = data_number(&t, i, "defect_density_per_cm2");
        p.wafer_usd = data_number(&t, i, "wafer_cost_usd");
        yield_die_cost(&p, data_number(&t, i, "die_area_mm2"), &c);
        /* the table rounds to four decimals and five digits */
        ck_assert_double_eq_tol(c.yield, data_number(&t, i, "yield_negbin_alpha10"), 0.0001);
        ck_assert_double_eq_tol(c.per_wafer, data_number(&t, i, "dies_per_wafer"), 0.01);
        ck_assert_double_eq_tol(c.raw_usd, data_number(&t, i, "raw_die_usd"), 0.01);
        ck_assert_double_eq_tol(c.good_usd, good, good > 1000 ? 0.05 : 0.01);
    }
    arena_close(a);
}
END_TEST

START_TEST(larger_dies_and_more_defects_never_yield_more)
{
    struct yield_process p = n5;
    double before = 1;
    for (double mm2 = 1; mm2 < 2000; mm2 *= 1.3) {
        ck_assert_double_lt(yield_die(&p, mm2), before);
        before = yield_die(&p, mm2);
    }
    for (before = 1, p.defects_per_cm2 = 0.01; p.defects_per_cm2 < 5; p.defects_per_cm2 *= 1.5) {
        ck_assert_double_lt(yield_die(&p, 400), before);
        before = yield_die(&p, 400);
    }
}
END_TEST

START_TEST(yield_nears_poissons_as_defects_cluster_less)
{
    struct yield_process p = n5;
    p.cluster = 1e6;
    ASSERT_NEAR(yield_die(&p, 800), exp(-0.11 * 8), 1e-5);
}
END_TEST

START_TEST(a_die_as_large_as_the_wafer_has_no_price)
{
    struct yield_die_cost c;
    yield_die_cost(&n5, 60000, &c);
    ck_assert_double_eq(c.per_wafer, 0);
    ck_assert(isinf(c.raw_usd));
}
END_TEST

/* 4 dies of 200 mm2 at $76.46 known good on an interposer of 880 mm2: worked by hand with the
 * formulas and figures of the source (interposer wafer $1,937, 0.06 defects per cm2, level 6). */
START_TEST(four_chiplets_on_an_interposer_cost_what_the_formulas_say)
{
    const struct yield_assembly a = {
        .interposer = {1937, 300, 0.06, 6, 5, 0.2},
        .interposer_factor = 1.1,
        .substrate_usd_mm2 = 0.005,
        .substrate_factor = 4,
        .die_bump_usd_mm2 = 0.01,
        .interposer_bump_usd_mm2 = 0.005,
        .die_bond_yield = 0.95,
        .substrate_bond_yield = 0.99,
    };
    const struct yield_part dies = {200, 76.46, 4};
    struct yield_package_cost c;
    yield_package_cost(&a, &dies, 1, &c);
    double y1 = pow(1 + 0.0006 * 880 / 6, -6), y2 = pow(0.95, 4), y3 = 0.99;
    double chips = 4 * (76.46 + 2), substrate = 880 * 4 * 0.005;
    ASSERT_NEAR(c.parts_usd, chips, 1e-12);
    ASSERT_NEAR(c.yield, y2 * y3, 1e-12);
    ASSERT_NEAR(c.substrate_usd, substrate, 1e-12);
    ASSERT_NEAR(c.package_usd,
                chips / (y2 * y3) + c.interposer_usd / (y1 * y2 * y3) + substrate / y3, 1e-12);
    ASSERT_NEAR(c.wasted_usd + c.parts_usd + c.interposer_usd + c.substrate_usd, c.package_usd,
                1e-12);
}
END_TEST

START_TEST(dies_on_the_substrate_itself_pay_no_interposer)
{
    const struct yield_assembly a = {.interposer_factor = 1,
                                     .substrate_usd_mm2 = 0.005,
                                     .substrate_factor = 8,
                                     .die_bump_usd_mm2 = 0.005,
                                     .die_bond_yield = 0.99,
                                     .substrate_bond_yield = 1};
    const struct yield_part dies = {200, 76.46, 4};
    struct yield_package_cost c;
    yield_package_cost(&a, &dies, 1, &c);
    ck_assert_double_eq(c.interposer_usd, 0);
    ASSERT_NEAR(c.package_usd, (4 * 77.46 + 800 * 8 * 0.005) / pow(0.99, 4), 1e-12);
}
END_TEST

/* At 0.001 defects per mm2 and 0.05 mm2 per core, 5,652 segments of 158 cores that have 2 spares.
 */
START_TEST(two_spares_of_160_cores_save_all_but_5_wafers_of_10000)
{
    double core = exp(-0.001 * 0.05);
    ck_assert_double_eq_tol(yield_wafer(5652, 160, 2, core, 0, 1), 0.9995, 0.0001);
    ck_assert_double_lt(yield_wafer(5652, 160, 0, core, 0, 1), 1e-10);
    ck_assert_double_lt(yield_wafer(5652, 160, 2, core, 131, 0.999), 0.89);
}
END_TEST

START_TEST(spare_cores_follow_the_binomial)
{
    ASSERT_NEAR(yield_segment(4, 0, 0.9), pow(0.9, 4), 1e-12);
    ASSERT_NEAR(yield_segment(4, 1, 0.9), pow(0.9, 4) + 4 * 0.1 * pow(0.9, 3), 1e-12);
    ck_assert_double_eq(yield_segment(4, 4, 0.5), 1);
    ck_assert_double_eq(yield_segment(4, 1, 0), 0);
    ck_assert_double_eq(yield_segment(4, 1, 1), 1);
}
END_TEST

static bool open_process(struct arena *a, const char *text)
{
    struct cfg *cfg = cfg_from_text(a, text);
    struct yield_process p;
    struct diag d = {0};
    bool ok = yield_process_read(cfg_root(cfg), &p, &d);
    cfg_close(cfg);
    return ok && p.wafer_mm > 0;
}

START_TEST(a_process_without_defects_or_price_is_refused)
{
    struct arena *a = arena_open();
    ck_assert(open_process(a, "source = \"x\"; wafer_usd = 100.0; defects_per_cm2 = 0.1;"));
    ck_assert(!open_process(a, "source = \"x\"; wafer_usd = 100.0;"));
    ck_assert(!open_process(a, "source = \"x\"; defects_per_cm2 = 0.1;"));
    ck_assert(!open_process(a, "source = \"x\"; wafer_usd = 100.0; defects_per_cm2 = -1.0;"));
    arena_close(a);
}
END_TEST

SUITE("yield", dies_of_800_mm2_at_5_nm_yield_43_percent_and_cost_672_dollars,
      the_published_estimates_of_63_dies_are_met_to_a_cent,
      larger_dies_and_more_defects_never_yield_more, yield_nears_poissons_as_defects_cluster_less,
      a_die_as_large_as_the_wafer_has_no_price,
      four_chiplets_on_an_interposer_cost_what_the_formulas_say,
      dies_on_the_substrate_itself_pay_no_interposer,
      two_spares_of_160_cores_save_all_but_5_wafers_of_10000, spare_cores_follow_the_binomial,
      a_process_without_defects_or_price_is_refused)
