#include "tests/check_main.h"

#include <string.h>

#include "core/tech/adc.h"
#include "core/tech/dac.h"
#include "core/tech/gates.h"
#include "core/tech/node.h"

static double energy(double from_nm, double from_v, double to_nm, double to_v)
{
    struct diag d = {0};
    double factor = 0;
    struct node_point from = {from_nm, NODE_HIGH_PERFORMANCE, from_v};
    struct node_point to = {to_nm, NODE_HIGH_PERFORMANCE, to_v};
    ck_assert_msg(node_energy_factor(from, to, &factor, &d), "%s", d.text);
    return factor;
}

START_TEST(scaling_from_65_nm_to_32_nm_matches_the_published_example)
{
    ASSERT_NEAR(energy(65, 1.3, 32, 0.9), 0.1755, 5e-4);
}
END_TEST

START_TEST(scaling_there_and_back_is_one)
{
    ASSERT_NEAR(energy(28, 0.9, 5, 0.7) * energy(5, 0.7, 28, 0.9), 1, 1e-12);
    ASSERT_NEAR(node_area_factor(28, 5) * node_area_factor(5, 28), 1, 1e-12);
}
END_TEST

START_TEST(energy_rises_and_delay_falls_with_the_supply_at_every_node)
{
    static const double nodes[] = {180, 130, 110, 90, 65, 55, 45, 40, 32, 28,
                                   22,  20,  16,  14, 12, 10, 7,  5,  3,  2};
    for (int flavor = 0; flavor < 2; flavor++) {
        for (size_t i = 0; i < COUNT_OF(nodes); i++) {
            double low, high;
            struct diag d = {0};
            node_supply_range(nodes[i], (enum node_flavor)flavor, &low, &high);
            struct node_point at = {nodes[i], (enum node_flavor)flavor, low}, next = at;
            for (double v = low; v + 0.02 <= high; v += 0.02) {
                double more, slower;
                at.vdd_v = v;
                next.vdd_v = v + 0.02;
                ck_assert(node_energy_factor(at, next, &more, &d));
                ck_assert(node_delay_factor(at, next, &slower, &d));
                ck_assert_msg(more > 1, "energy at %g nm, %g V: %g", nodes[i], v, more);
                ck_assert_msg(slower < 1 && slower > 0, "delay at %g nm, %g V: %g", nodes[i], v,
                              slower);
            }
        }
    }
}
END_TEST

START_TEST(area_falls_with_the_node)
{
    for (double nm = 2; nm < 180; nm += 0.5)
        ck_assert_msg(node_area_factor(nm, nm + 0.5) > 1, "at %g nm", nm);
}
END_TEST

START_TEST(a_supply_outside_the_range_is_refused)
{
    struct diag d = {0};
    double factor;
    struct node_point good = {7, NODE_HIGH_PERFORMANCE, 0.7}, bad = {7, NODE_HIGH_PERFORMANCE, 1.8};
    ck_assert(!node_energy_factor(good, bad, &factor, &d));
    ck_assert(strstr(d.text, "1.8 V") != NULL);
    ck_assert(!node_delay_factor(bad, good, &factor, &d));
    bad = (struct node_point){1, NODE_HIGH_PERFORMANCE, 0.7};
    ck_assert(!node_energy_factor(good, bad, &factor, &d));
}
END_TEST

START_TEST(a_tree_of_two_inputs_is_one_adder_per_bit)
{
    ASSERT_NEAR(adder_tree_adders(2, 8), 8, 1e-12);
    /* 4 inputs of 1 bit: two half adders, then two bits */
    ASSERT_NEAR(adder_tree_adders(4, 1), 4, 1e-12);
    ck_assert(adder_tree_adders(1, 8) == 0);
}
END_TEST

START_TEST(a_tree_of_idle_inputs_does_not_toggle)
{
    ck_assert(adder_tree_toggle(256, 0) == 0);
    ck_assert(adder_tree_toggle(256, 0.5) > adder_tree_toggle(256, 0.1));
    ck_assert(adder_tree_toggle(256, 0.5) <= 0.5);
}
END_TEST

/* The family law of digital adder trees, fJ per 1-bit MAC: C (1 + 2/p) V^2, C = 1.44 fF, fitted on
 * the UIUC benchmark's digital macros from 28 to 4 nm. */
static double adder_tree_family_fj(int bits, double vdd_v)
{
    return 1.44 * (1 + 2.0 / bits) * vdd_v * vdd_v;
}

START_TEST(the_counted_tree_is_within_its_spread_of_the_family_law)
{
    /* One multiplier and (p + 1) / p adders per bit at random data, 28 nm. */
    for (int p = 4; p <= 16; p *= 2) {
        struct gates g = gates_at(28, 0.9);
        double adders = adder_tree_adders(256, p) / 256 / p;
        double fj = g.nand_fj * 0.25 + adders * g.full_adder_fj * adder_tree_toggle(256, 0.25);
        double ratio = fj / adder_tree_family_fj(p, 0.9);
        ck_assert_msg(ratio > 1 / 1.8 && ratio < 1.8, "p %d: %g", p, ratio);
    }
}
END_TEST

START_TEST(more_adc_bits_never_cost_less)
{
    for (int kind = ADC_SURVEY; kind <= ADC_SENSE; kind++) {
        double before = 0;
        for (int bits = 4; bits <= 14; bits++) {
            struct adc c = {(enum adc_kind)kind, bits, 0.1, 32, 0.9};
            double pj = adc_energy_pj(&c);
            ck_assert_msg(pj >= before, "kind %d, %d bits: %g after %g", kind, bits, pj, before);
            ck_assert(adc_area_um2(&c) > 0);
            before = pj;
        }
    }
}
END_TEST

START_TEST(the_survey_fit_gives_its_known_points)
{
    struct adc four = {ADC_SURVEY, 4, 0.1, 65, 1}, six = {ADC_SURVEY, 6, 0.1, 65, 1};
    ASSERT_NEAR(adc_energy_pj(&four), 3.50, 0.01);
    ASSERT_NEAR(adc_energy_pj(&six), 4.04, 0.01);
}
END_TEST

START_TEST(a_one_bit_ladder_draws_the_series_capacitance)
{
    /* C to the input in series with C to ground: C/2 V^2 when the bit is one. */
    ASSERT_NEAR(dac_ladder_activity(1, 1), 0.5, 1e-12);
    ASSERT_NEAR(dac_ladder_activity(1, 0.5), 0.25, 1e-12);
    ck_assert(dac_ladder_activity(8, 0) == 0);
    ck_assert(dac_ladder_activity(8, 0.5) > dac_ladder_activity(4, 0.5));
}
END_TEST

START_TEST(a_ladder_of_all_ones_draws_only_into_its_terminator)
{
    /* All bits high: the ladder is one node at (1 - 2^-n), drawn energy 1 - V summed. */
    double drawn = dac_ladder_activity(8, 1);
    ck_assert(drawn > 0 && drawn < 1);
}
END_TEST

SUITE("tech", scaling_from_65_nm_to_32_nm_matches_the_published_example,
      scaling_there_and_back_is_one, energy_rises_and_delay_falls_with_the_supply_at_every_node,
      area_falls_with_the_node, a_supply_outside_the_range_is_refused,
      a_tree_of_two_inputs_is_one_adder_per_bit, a_tree_of_idle_inputs_does_not_toggle,
      the_counted_tree_is_within_its_spread_of_the_family_law, more_adc_bits_never_cost_less,
      the_survey_fit_gives_its_known_points, a_one_bit_ladder_draws_the_series_capacitance,
      a_ladder_of_all_ones_draws_only_into_its_terminator)
