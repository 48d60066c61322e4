/* What the SRAM macros of configs/macro promise: converters, ladders, chains of adders, Booth
 * multipliers and priced components by values worked out by hand, and laws over all of them. */
#include "core/cim/closed_form.h"
#include "core/tech/adc.h"
#include "core/tech/dac.h"
#include "core/tech/gates.h"
#include "tests/cim/fixture.h"
#include "tests/folder.h"

/* Calls `check` with every macro of these kinds in configs/macro; returns how many. */
static int each_macro(const char *const *kinds, void (*check)(const struct array *, const char *))
{
    struct arena *names = arena_open();
    struct folder_names files =
        folder_list(names, CIMARRON_SOURCE_DIR "/configs/macro", "", ".cfg");
    int count = 0;
    for (size_t i = 0; i < files.count; i++) {
        struct arena *a = arena_open();
        const char *name = arena_strndup(a, files.at[i], strlen(files.at[i]) - 4);
        struct array *x = open_macro(a, name, NULL);
        for (size_t k = 0; kinds[k]; k++)
            if (strcmp(x->ops->kind, kinds[k]) == 0) {
                check(x, name);
                count++;
            }
        arena_close(a);
    }
    arena_close(names);
    return count;
}

static const char *const analog_kinds[] = {"charge", "neuron", "resistive", NULL};
static const char *const sram_kinds[] = {"charge", "digital", NULL};

/* --- signal and noise ------------------------------------------------------------------------ */

/* Up to eight outputs: the ratio does not hang on how many there are. */
static double sqnr_of(const struct array *x)
{
    struct arena *a = arena_open();
    struct array_job job = array_full_job(x, 0.35, 0.5);
    if (job.outputs > 8)
        job.outputs = 8;
    double db = array_sqnr_db(a, x, &job, 2, 3);
    arena_close(a);
    return db;
}

static void has_a_signal(const struct array *x, const char *name)
{
    double db = sqnr_of(x);
    ck_assert_msg(db > 3 && db <= ARRAY_SQNR_EXACT_DB, "%s: %g dB", name, db);
}

START_TEST(every_analog_macro_has_more_signal_than_noise_at_its_own_bits)
{
    ck_assert_int_ge(each_macro(analog_kinds, has_a_signal), 12);
}
END_TEST

START_TEST(a_bit_of_a_calibrated_converter_is_worth_three_to_seven_decibels)
{
    static const char *const bits[] = {"adc_bits=3", "adc_bits=4", "adc_bits=5", "adc_bits=6",
                                       "adc_bits=7"};
    double before = NAN;
    for (size_t i = 0; i < COUNT_OF(bits); i++) {
        struct arena *a = arena_open();
        double db = sqnr_of(OPEN(a, "papistas_2021", bits[i], "cell.sigma=0.0"));
        if (i > 0)
            ck_assert_msg(db - before > 3 && db - before < 7, "%s: %g after %g", bits[i], db,
                          before);
        before = db;
        arena_close(a);
    }
}
END_TEST

START_TEST(a_converter_over_all_possible_sums_loses_to_a_calibrated_one)
{
    struct arena *a = arena_open();
    double fixed = sqnr_of(OPEN(a, "sinangil_2020", "adc_calibrated=false"));
    ck_assert(sqnr_of(open_macro(a, "sinangil_2020", NULL)) > fixed + 10);
    arena_close(a);
}
END_TEST

/* --- converters ------------------------------------------------------------------------------ */

START_TEST(a_one_bit_resistor_ladder_draws_half_its_current_when_the_bit_is_one)
{
    /* 10 kohm to the bit, then 10 kohm to ground: 1 V drives 0.05 mA for 10 ns; half the time. */
    struct dac c = {
        .kind = DAC_RESISTOR_LADDER, .bits = 1, .unit_kohm = 5, .ns = 10, .nm = 22, .vdd_v = 1};
    ASSERT_NEAR(dac_energy_pj(&c, 0.5, 0.5), 0.5 * 0.05 * 10, 1e-12);
    ASSERT_NEAR(dac_energy_pj(&c, 1, 1), 0.05 * 10, 1e-12);
}
END_TEST

START_TEST(a_single_slope_converter_counts_through_all_codes)
{
    struct adc c = {.kind = ADC_SLOPE, .bits = 8, .nm = 28, .vdd_v = 0.9};
    /* flip-flop 3 x 0.7 fF, two toggles a count, a comparator of 2.9 fF, at 0.81 V2 */
    ASSERT_NEAR(adc_energy_pj(&c), 1e-3 * 0.81 * (2.9 + 256 * 2 * 2.1), 1e-12);
}
END_TEST

START_TEST(a_time_domain_converter_costs_what_a_sense_amplifier_does)
{
    struct adc c = {.kind = ADC_TIME, .bits = 5, .nm = 28, .vdd_v = 1};
    ASSERT_NEAR(adc_energy_pj(&c), 1e-3 * 2.9 * 5, 1e-12);
}
END_TEST

/* --- analog arrays --------------------------------------------------------------------------- */

START_TEST(a_familys_constant_holds_drivers_registers_and_a_single_steps_recombination)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, open_macro(a, "jia_2020", NULL), 0);
    ck_assert(r.part_pj[PART_ARRAY_DAC] == 0 && r.part_pj[PART_ARRAY_REGISTER] == 0);
    ck_assert(r.part_pj[PART_ARRAY_SHIFT_ADD] == 0);
    r = evaluate(a, OPEN(a, "jia_2020", "input_bits=8"), 0);
    ck_assert(r.part_pj[PART_ARRAY_DAC] == 0 && r.part_pj[PART_ARRAY_SHIFT_ADD] > 0);
    r = evaluate(a, OPEN(a, "jia_2020", "activity=\"product\""), 0);
    ck_assert(r.part_pj[PART_ARRAY_DAC] > 0 && r.part_pj[PART_ARRAY_REGISTER] > 0);
    arena_close(a);
}
END_TEST

START_TEST(jias_measured_components_sum_to_its_published_energy)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, open_macro(a, "jia_2020_components", NULL), 0);
    ASSERT_NEAR(r.energy_pj, 256 * (1.79 + 9.7 + 8.3), 1e-5);
    ASSERT_NEAR(r.part_pj[PART_VECTOR], 256 * 8.3, 1e-12);
    ASSERT_NEAR(r.area_um2, 497000 + 2.91e6 + 497000 + 392000, 1e-4);
    arena_close(a);
}
END_TEST

/* --- digital arrays -------------------------------------------------------------------------- */

START_TEST(a_chain_takes_columns_for_its_guard_and_cycles_for_its_registers)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "kim_2021", NULL);
    struct array_job job = array_full_job(x, 0.35, 0.5);
    ck_assert_int_eq((int)job.outputs, 128 / 15);
    ASSERT_NEAR(mvm(x, job).duration_ps, 8 * 10e3, 1e-12);
    ASSERT_NEAR(array_latency_ps(x, &job), (8 + 16) * 10e3, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_chains_stage_is_a_carry_through_the_columns_and_a_sum_down_the_rows)
{
    struct arena *a = arena_open();
    struct array *x = OPEN(a, "kim_2021", "cycle_ns=0.0");
    struct gates g = gates_at(65, 0.8);
    double stage_ps = g.nand_ps + 15 * 2 * g.nand_ps + 8 * 2 * g.xor_ps;
    ASSERT_NEAR(mvm(x, array_full_job(x, 0.35, 0.5)).duration_ps, 8 * stage_ps, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(colonnades_components_sum_to_its_energy_per_cycle)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, open_macro(a, "kim_2021_components", NULL), 0);
    ASSERT_NEAR(r.energy_pj, 8 * 1024 * 0.1443, 1e-4); /* 8 cycles of 1024 products */
    arena_close(a);
}
END_TEST

/* Price of an adder's action in two rows of a chain with registers every `chain_rows`. */
static double chain_adder_pj(const char *chain_rows)
{
    struct arena *a = arena_open();
    struct array *x = OPEN(a, "kim_2021", "rows=2", chain_rows);
    struct cost c = mvm(x, array_full_job(x, 0.5, 0.5));
    double pj = 0;
    for (unsigned i = 0; i < c.count; i++)
        if (c.actions[i].part == PART_ARRAY_ADDER_TREE) {
            ASSERT_NEAR(c.actions[i].count, 2.0 * 8 * 15 * 8, 1e-12);
            pj = c.actions[i].pj.value;
        }
    arena_close(a);
    return pj;
}

START_TEST(a_transition_passes_all_adders_of_a_chain_up_to_its_register)
{
    struct gates g = gates_at(65, 0.8);
    double product = 0.5 * 0.5; /* the input toggles, the weight is one */
    double settled = 2 * product * (1 - product);
    ASSERT_NEAR(chain_adder_pj("chain_rows=2"),
                1e-3 * g.full_adder_fj * (product + 2 * product) / 2, 1e-12);
    ASSERT_NEAR(chain_adder_pj("chain_rows=1"), 1e-3 * g.full_adder_fj * (product + settled) / 2,
                1e-12);
}
END_TEST

START_TEST(booth_recoding_halves_the_partial_products)
{
    struct arena *a = arena_open();
    struct macro_result booth = evaluate(a, open_macro(a, "fujiwara_2024", NULL), 0);
    struct macro_result and = evaluate(a, OPEN(a, "fujiwara_2024", "multiplier=\"and\""), 0);
    struct gates g = gates_at(3, 0.9);
    double selectors = 6 * 13 * (2 * g.nand_um2 + g.xor_um2), adders = 5 * 14 * g.full_adder_um2;
    ASSERT_NEAR(booth.part_um2[PART_ARRAY_MULTIPLIER], 72 * 4 * (selectors + adders), 1e-12);
    ASSERT_NEAR(and.part_um2[PART_ARRAY_MULTIPLIER],
                72 * 4 * 12 * (12 * g.nand_um2 + 11 * g.full_adder_um2), 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_booth_multiplier_is_exact)
{
    struct arena *a = arena_open();
    ck_assert(sqnr_of(open_macro(a, "fujiwara_2024", NULL)) == ARRAY_SQNR_EXACT_DB);
    ck_assert(sqnr_of(open_macro(a, "kim_2021", NULL)) == ARRAY_SQNR_EXACT_DB);
    arena_close(a);
}
END_TEST

/* --- laws ------------------------------------------------------------------------------------ */

static void never_cheaper_when_denser(const struct array *x, const char *name)
{
    for (int w = 0; w < 2; w++) {
        double before = 0;
        for (double d = 0.1; d < 0.55; d += 0.1) {
            double pj = mvm_pj(x, array_full_job(x, w ? 0.35 : d, w ? d : 0.5));
            ck_assert_msg(pj >= before * (1 - 1e-12), "%s at %g", name, d);
            before = pj;
        }
    }
}

START_TEST(denser_inputs_and_weights_never_cost_less)
{
    ck_assert_int_ge(each_macro(sram_kinds, never_cheaper_when_denser), 12);
}
END_TEST

static void never_cheaper_when_higher(const struct array *x, const char *name)
{
    struct array_facts f;
    struct array_job job = array_full_job(x, 0.35, 0.5);
    double pj = 0, ps = INFINITY;
    x->ops->facts(x, &f);
    for (double scale = 0.8; scale < 1.35; scale += 0.1) {
        struct arena *a = arena_open();
        struct array *at;
        struct diag d = {0};
        if (scale * f.vdd_v >= 0.45) {
            ck_assert_msg(array_at_vdd(a, x, scale * f.vdd_v, &at, &d), "%s: %s", name, d.text);
            ck_assert_msg(mvm_pj(at, job) > pj, "%s at %g", name, scale);
            ck_assert_msg(mvm(at, job).duration_ps < ps, "%s at %g", name, scale);
            pj = mvm_pj(at, job);
            ps = mvm(at, job).duration_ps;
        }
        arena_close(a);
    }
}

START_TEST(a_higher_supply_never_costs_less_and_is_faster)
{
    ck_assert_int_ge(each_macro(sram_kinds, never_cheaper_when_higher), 12);
}
END_TEST

START_TEST(more_bits_of_any_kind_of_converter_never_cost_less)
{
    for (int kind = ADC_SURVEY; kind <= ADC_SLOPE; kind++) {
        double before = 0;
        for (int bits = 1; bits <= 12; bits++) {
            struct adc c = {.kind = (enum adc_kind)kind,
                            .bits = bits,
                            .rate_gsps = 0.01,
                            .nm = 28,
                            .vdd_v = 0.9};
            if (kind == ADC_SURVEY && bits < 4)
                continue; /* the regression is flat, and worse, below */
            ck_assert_msg(adc_energy_pj(&c) > before, "%s, %d bits", adc_kind_words[kind], bits);
            before = adc_energy_pj(&c);
        }
    }
}
END_TEST

START_TEST(more_bits_of_any_kind_of_dac_never_cost_less)
{
    for (int kind = DAC_CAPACITIVE; kind <= DAC_RESISTOR_LADDER; kind++) {
        double before = 0;
        for (int bits = 1; bits <= 12; bits++) {
            struct dac c = {.kind = (enum dac_kind)kind,
                            .bits = bits,
                            .row_ff = 100,
                            .unit_ff = 2,
                            .unit_kohm = 5,
                            .ns = 5,
                            .nm = 28,
                            .vdd_v = 0.9};
            ck_assert_msg(dac_energy_pj(&c, 0.35, 0.35) > before, "%s, %d bits",
                          dac_kind_words[kind], bits);
            before = dac_energy_pj(&c, 0.35, 0.35);
        }
    }
}
END_TEST

static void never_cheaper_with_bits(const struct array *x, const char *name)
{
    static const char *const bits[] = {"adc_bits=2", "adc_bits=4", "adc_bits=6", "adc_bits=8",
                                       "adc_bits=10"};
    double pj = 0, um2 = 0;
    (void)x;
    for (size_t i = 0; i < COUNT_OF(bits); i++) {
        struct arena *a = arena_open();
        struct macro_result r = evaluate(a, OPEN(a, name, bits[i]), 0);
        ck_assert_msg(r.energy_pj >= pj && r.area_um2 >= um2, "%s, %s", name, bits[i]);
        pj = r.energy_pj;
        um2 = r.area_um2;
        arena_close(a);
    }
}

START_TEST(more_bits_of_a_macros_converter_never_cost_less)
{
    static const char *const kinds[] = {"charge", "resistive", NULL};
    ck_assert_int_ge(each_macro(kinds, never_cheaper_with_bits), 12);
}
END_TEST

/* --- closed forms ---------------------------------------------------------------------------- */

START_TEST(rates_of_three_charge_macros_follow_from_one_line)
{
    ASSERT_NEAR(jia_tops(0.85, 1), 2 * 2304 * 256 / 1350.0 * 1e-3, 1e-12);
    ASSERT_NEAR(jia_tops(0.85, 4), jia_tops(0.85, 1) / 4, 1e-12);
    ASSERT_NEAR(jia_tops(1.2, 1), 2.185, 2e-3);
    ASSERT_NEAR(sinangil_tops(0.8), 2 * 64 * 16 / 5.5 * 1e-3, 1e-12);
    ASSERT_NEAR(sinangil_tops(1.0), 0.4551, 3e-3);
    ASSERT_NEAR(wang_tops(0.7), 2 * 64 * 16 / 6.9 * 1e-3, 1e-12);
    ck_assert(jia_tops_per_w(1.0) == 0);
}
END_TEST

SUITE("SRAM macros", every_analog_macro_has_more_signal_than_noise_at_its_own_bits,
      a_bit_of_a_calibrated_converter_is_worth_three_to_seven_decibels,
      a_converter_over_all_possible_sums_loses_to_a_calibrated_one,
      a_one_bit_resistor_ladder_draws_half_its_current_when_the_bit_is_one,
      a_single_slope_converter_counts_through_all_codes,
      a_time_domain_converter_costs_what_a_sense_amplifier_does,
      a_familys_constant_holds_drivers_registers_and_a_single_steps_recombination,
      jias_measured_components_sum_to_its_published_energy,
      a_chain_takes_columns_for_its_guard_and_cycles_for_its_registers,
      a_chains_stage_is_a_carry_through_the_columns_and_a_sum_down_the_rows,
      colonnades_components_sum_to_its_energy_per_cycle,
      a_transition_passes_all_adders_of_a_chain_up_to_its_register,
      booth_recoding_halves_the_partial_products, a_booth_multiplier_is_exact,
      denser_inputs_and_weights_never_cost_less, a_higher_supply_never_costs_less_and_is_faster,
      more_bits_of_any_kind_of_converter_never_cost_less,
      more_bits_of_any_kind_of_dac_never_cost_less, more_bits_of_a_macros_converter_never_cost_less,
      rates_of_three_charge_macros_follow_from_one_line)
