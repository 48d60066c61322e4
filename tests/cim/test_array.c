#include "core/base/rng.h"
#include "core/tech/family_fit.h"
#include "tests/bad_inputs.h"
#include "tests/cim/fixture.h"

static const char *const macros[] = {
    "chih_2021",   "dcim_22nm",     "dcim_5nm",      "deaville_2021", "deaville_2022",
    "eflash_2023", "fick_2022",     "fujiwara_2022", "isaac_xbar",    "jia_2020",
    "mori_2023",   "papistas_2021", "puma_mvmu",     "sinangil_2020", "soliman_2023",
    "wan_2022",    "wang_2022",     "xue_2020",      "yan_2022"};

enum { MACROS_COUNT = COUNT_OF(macros) };

static double mvm_ps(const struct array *x, struct array_job job)
{
    return mvm(x, job).duration_ps;
}

/* --- arithmetic ------------------------------------------------------------------------------ */

static int64_t draw_between(struct rng *r, int64_t low, int64_t high)
{
    return low + (int64_t)rng_below(r, (uint64_t)(high - low + 1));
}

/* One random GEMM slice through the array; true when every result is the integer product. */
static bool is_exact(struct arena *a, const struct array *x, struct rng *r, bool signed_inputs,
                     bool ideal)
{
    struct array_facts f;
    x->ops->facts(x, &f);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    int input_bits = (int)draw_between(r, 1, 16), weight_bits = (int)draw_between(r, 2, 12);
    if (!x->ops->precision(x, &input_bits, &weight_bits)) {
        input_bits = f.input_bits;
        weight_bits = f.weight_bits;
    }
    job.input_bits = input_bits;
    job.weight_bits = weight_bits;
    int64_t most = x->ops->outputs(x, weight_bits);
    job.rows = draw_between(r, 1, f.rows < 300 ? f.rows : 300);
    job.outputs = draw_between(r, 1, most < 5 ? most : 5);
    int64_t half = INT64_C(1) << (weight_bits - 1), top = (INT64_C(1) << input_bits) - 1;
    int32_t *in = ARENA_ARRAY(a, int32_t, job.rows);
    int32_t *w = ARENA_ARRAY(a, int32_t, job.rows * job.outputs);
    double *y = ARENA_ARRAY(a, double, job.outputs);
    for (int64_t i = 0; i < job.rows; i++)
        in[i] = (int32_t)(signed_inputs ? draw_between(r, -(top / 2) - 1, top / 2)
                                        : draw_between(r, 0, top));
    for (int64_t i = 0; i < job.rows * job.outputs; i++)
        w[i] = (int32_t)(weight_bits == 1 ? 0 : draw_between(r, -half + 1, half - 1));
    x->ops->compute(x, &job, in, w, y, rng_bits(r), ideal);
    for (int64_t o = 0; o < job.outputs; o++) {
        double exact = 0;
        for (int64_t i = 0; i < job.rows; i++)
            exact += (double)in[i] * w[i * job.outputs + o];
        if (y[o] != exact)
            return false;
    }
    return true;
}

START_TEST(ideal_arithmetic_is_the_integer_product_for_every_macro)
{
    struct rng r = rng_open(1, "test.ideal");
    for (size_t m = 0; m < MACROS_COUNT; m++) {
        for (int i = 0; i < 20; i++) {
            struct arena *a = arena_open();
            struct array *x = open_macro(a, macros[m], NULL);
            struct array_facts f;
            x->ops->facts(x, &f);
            ck_assert_msg(is_exact(a, x, &r, f.signed_inputs, true), "%s", macros[m]);
            arena_close(a);
        }
    }
}
END_TEST

/* Widths that work runs at, asked again, stay, and they are none that the array refuses. */
static void check_widths(const struct array *x, const char *what)
{
    for (int in = 1; in <= 16; in++) {
        for (int w = 1; w <= 16; w++) {
            int once_in = in, once_w = w;
            if (!x->ops->precision(x, &once_in, &once_w))
                continue;
            int twice_in = once_in, twice_w = once_w;
            ck_assert_msg(x->ops->precision(x, &twice_in, &twice_w),
                          "%s takes %d x %d bits, but not the %d x %d that they run at", what, in,
                          w, once_in, once_w);
            ck_assert_msg(twice_in == once_in && twice_w == once_w && once_in >= in && once_w >= w,
                          "%s: %d x %d runs at %d x %d, that at %d x %d", what, in, w, once_in,
                          once_w, twice_in, twice_w);
        }
    }
}

START_TEST(the_width_that_work_runs_at_is_one_that_the_array_takes)
{
    static const char *const sets[][4] = {
        {"xue_2020", "encoding=differential", "columns_per_adc=1", NULL},
        {"xue_2020", "encoding=in_cell", NULL},
        {"xue_2020", "encoding=offset", "dac_bits=3", "dac_kind=capacitive"},
        {"jia_2020", "dac_bits=3", "dac_kind=capacitive", NULL},
        {"isaac_xbar", "encoding=in_cell", "flip_columns=false", NULL},
        {"dcim_22nm", "step_bits=3", NULL},
    };
    struct arena *a = arena_open();
    for (size_t m = 0; m < MACROS_COUNT; m++)
        check_widths(open_macro(a, macros[m], NULL), macros[m]);
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        const char *const settings[] = {sets[i][1], sets[i][2], sets[i][2] ? sets[i][3] : NULL,
                                        NULL};
        check_widths(open_macro(a, sets[i][0], settings), sets[i][1]);
    }
    arena_close(a);
}
END_TEST

START_TEST(sign_and_seven_bits_of_magnitude_lie_in_four_cells_of_two_bits)
{
    static const char *const encodings[] = {"encoding=differential", "encoding=in_cell",
                                            "encoding=offset"};
    static const int64_t columns_of_a_weight[] = {8, 4, 4};
    struct arena *a = arena_open();
    struct rng r = rng_open(4, "test.slices");
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        struct array *x = OPEN(a, "isaac_xbar", "flip_columns=false", "weight_bits=8",
                               "input_bits=8", "columns_per_adc=1", encodings[i]);
        struct array_facts f;
        int in = 8, w = 8;
        x->ops->facts(x, &f);
        ck_assert(x->ops->precision(x, &in, &w));
        ck_assert_int_eq(w, 8);
        ck_assert_int_eq(x->ops->outputs(x, 8), 128 / columns_of_a_weight[i]);
        for (int k = 0; k < 10; k++)
            ck_assert(is_exact(a, x, &r, f.signed_inputs, true));
    }
    arena_close(a);
}
END_TEST

START_TEST(signed_inputs_are_exact_too)
{
    static const char *const names[] = {"isaac_xbar", "jia_2020", "eflash_2023", "wang_2022"};
    struct rng r = rng_open(2, "test.signed");
    for (size_t m = 0; m < COUNT_OF(names); m++) {
        for (int i = 0; i < 10; i++) {
            struct arena *a = arena_open();
            struct array *x = OPEN(a, names[m], "signed_inputs=true");
            ck_assert_msg(is_exact(a, x, &r, true, true), "%s", names[m]);
            arena_close(a);
        }
    }
}
END_TEST

START_TEST(isaacs_eight_bits_are_lossless_with_its_encoding)
{
    struct rng r = rng_open(3, "test.isaac");
    for (int i = 0; i < 30; i++) {
        struct arena *a = arena_open();
        struct array *x = OPEN(a, "isaac_xbar", "cell.sigma=0.0", "cell.read_noise=0.0");
        ck_assert(is_exact(a, x, &r, false, false));
        arena_close(a);
    }
}
END_TEST

START_TEST(without_the_encoding_a_full_column_overflows_eight_bits)
{
    struct arena *a = arena_open();
    struct array *x =
        OPEN(a, "isaac_xbar", "cell.sigma=0.0", "cell.read_noise=0.0", "flip_columns=false");
    struct array_job job = array_full_job(x, 1, 1);
    job.outputs = 1;
    int32_t in[128], w[128];
    double y;
    for (int i = 0; i < 128; i++) {
        in[i] = 65535;
        w[i] = 32767 - i;
    }
    double exact = 0;
    for (int i = 0; i < 128; i++)
        exact += (double)in[i] * w[i];
    x->ops->compute(x, &job, in, w, &y, 1, false);
    ck_assert(y != exact);
    x->ops->compute(x, &job, in, w, &y, 1, true);
    ck_assert(y == exact);
    arena_close(a);
}
END_TEST

static double sqnr(const char *setting, const char *other)
{
    struct arena *a = arena_open();
    struct array *x = OPEN(a, "isaac_xbar", setting, other);
    struct array_job job = array_full_job(x, 0.35, 0.5);
    job.outputs = 4;
    job.input_bits = job.weight_bits = 8;
    job.input = stats_from_density(0.5, 8, false);
    job.weight = stats_default_weight(8);
    double db = array_sqnr_db(a, x, &job, 4, 7);
    arena_close(a);
    return db;
}

START_TEST(sqnr_falls_with_cell_variation)
{
    double before = ARRAY_SQNR_EXACT_DB + 1;
    static const char *const sigmas[] = {"cell.sigma=0.0", "cell.sigma=0.02", "cell.sigma=0.1",
                                         "cell.sigma=0.3"};
    for (size_t i = 0; i < COUNT_OF(sigmas); i++) {
        double db = sqnr(sigmas[i], "cell.read_noise=0.0");
        ck_assert_msg(db < before, "%s: %g dB after %g", sigmas[i], db, before);
        before = db;
    }
}
END_TEST

START_TEST(sqnr_falls_with_read_noise_and_with_wire_resistance)
{
    double quiet = sqnr("cell.sigma=0.0", "cell.read_noise=0.0");
    ck_assert(quiet == ARRAY_SQNR_EXACT_DB);
    ck_assert(sqnr("cell.sigma=0.0", "cell.read_noise=0.1") < 60);
    double some = sqnr("cell.sigma=0.0", "wire_ohm=20.0");
    ck_assert(sqnr("cell.sigma=0.0", "wire_ohm=200.0") < some);
}
END_TEST

START_TEST(sqnr_rises_with_adc_bits)
{
    double before = -100;
    static const char *const bits[] = {"adc_bits=3", "adc_bits=4", "adc_bits=5", "adc_bits=6",
                                       "adc_bits=7"};
    for (size_t i = 0; i < COUNT_OF(bits); i++) {
        struct arena *a = arena_open();
        struct array *x = OPEN(a, "isaac_xbar", bits[i], "cell.sigma=0.0", "cell.read_noise=0.0");
        struct array_job job = array_full_job(x, 0.35, 0.5);
        job.outputs = 4;
        double db = array_sqnr_db(a, x, &job, 4, 7);
        ck_assert_msg(db > before, "%s: %g dB after %g", bits[i], db, before);
        before = db;
        arena_close(a);
    }
}
END_TEST

START_TEST(sqnr_is_finite_and_positive_for_signed_inputs_and_for_one_bit_weights)
{
    struct arena *a = arena_open();
    struct array *x =
        OPEN(a, "isaac_xbar", "signed_inputs=true", "cell.sigma=0.0", "cell.read_noise=0.0");
    struct array_job job = array_full_job(x, 0.35, 0.5);
    job.outputs = 4;
    ck_assert(array_sqnr_db(a, x, &job, 2, 7) == ARRAY_SQNR_EXACT_DB);
    x = open_macro(a, "jia_2020", NULL);
    job = array_full_job(x, 0.35, 0.5);
    job.outputs = 4;
    double db = array_sqnr_db(a, x, &job, 2, 7);
    ck_assert_msg(db > 10 && db < 80, "%g", db);
    arena_close(a);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_noise)
{
    ck_assert(sqnr("cell.sigma=0.1", "cell.read_noise=0.02") ==
              sqnr("cell.sigma=0.1", "cell.read_noise=0.02"));
}
END_TEST

/* --- prices ---------------------------------------------------------------------------------- */

START_TEST(an_isaac_crossbar_draws_three_milliwatts_and_its_adc_two)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "isaac_xbar", NULL);
    struct macro_result r = evaluate(a, x, 0);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    ASSERT_NEAR(mvm_ps(x, job), 1.6e6, 1e-12); /* 16 steps of 100 ns */
    ASSERT_NEAR(r.energy_pj / 1600, 24.08 / 8, 1e-6);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_ADC] / 1600, 2.0, 1e-12);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_ADC] / (128 * 16), 1.5625, 1e-12);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_DAC] / (128 * 16), 0.390625, 1e-12);
    ASSERT_NEAR(r.area_um2, 13120.0 / 8, 1e-3); /* Table I: 0.01312 mm2 an IMA */
    arena_close(a);
}
END_TEST

START_TEST(isaac_runs_narrow_inputs_in_fewer_steps_and_slices_weights_by_two)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "isaac_xbar", NULL);
    int input_bits = 7, weight_bits = 5;
    ck_assert(x->ops->precision(x, &input_bits, &weight_bits));
    ck_assert_int_eq(input_bits, 7);
    ck_assert_int_eq(weight_bits, 6);
    ck_assert_int_eq((int)x->ops->outputs(x, 16), 16);
    ck_assert_int_eq((int)x->ops->outputs(x, 6), 42);
    input_bits = 17;
    ck_assert(!x->ops->precision(x, &input_bits, &weight_bits));
    arena_close(a);
}
END_TEST

START_TEST(a_crossbar_without_prices_is_within_a_factor_three_of_its_components)
{
    struct arena *a = arena_open();
    struct diag d = {0};
    struct cfg *c;
    struct array *blind;
    ck_assert_msg(
        cfg_open(a, CIMARRON_SOURCE_DIR "/tests/cim/isaac_structure.cfg", NULL, 0, &c, &d) &&
            array_open(a, cfg_root(c), &blind, &d),
        "%s", d.text);
    struct macro_result priced = evaluate(a, open_macro(a, "isaac_xbar", NULL), 0);
    struct macro_result derived = evaluate(a, blind, 0);
    double ratio = derived.energy_pj / priced.energy_pj;
    ck_assert_msg(ratio > 1 / 3.0 && ratio < 3, "%g", ratio);
    ASSERT_NEAR(derived.tops, priced.tops, 1e-12);
    cfg_close(c);
    arena_close(a);
}
END_TEST

START_TEST(every_macro_opens_and_its_parts_sum_to_its_totals)
{
    for (size_t m = 0; m < MACROS_COUNT; m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, macros[m], NULL);
        struct macro_result r = evaluate(a, x, 0);
        double pj = 0, um2 = 0;
        for (int p = 0; p < PART_COUNT; p++) {
            ck_assert(r.part_pj[p] >= 0 && r.part_um2[p] >= 0);
            pj += r.part_pj[p];
            um2 += r.part_um2[p];
        }
        ASSERT_NEAR(pj, r.energy_pj, 1e-12);
        ASSERT_NEAR(um2, r.area_um2, 1e-12);
        ck_assert(r.tops > 0 && r.latency_ns > 0);
        arena_close(a);
    }
}
END_TEST

START_TEST(more_rows_or_outputs_never_cost_less)
{
    for (size_t m = 0; m < MACROS_COUNT; m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, macros[m], NULL);
        struct array_job full = array_full_job(x, 0.35, 0.5), job = full;
        double pj = 0, ps = 0;
        for (job.rows = 1; job.rows <= full.rows; job.rows *= 2) {
            ck_assert_msg(mvm_pj(x, job) > pj && mvm_ps(x, job) >= ps, "%s", macros[m]);
            pj = mvm_pj(x, job);
            ps = mvm_ps(x, job);
        }
        pj = ps = 0;
        job = full;
        for (job.outputs = 1; job.outputs <= full.outputs; job.outputs *= 2) {
            ck_assert_msg(mvm_pj(x, job) > pj && mvm_ps(x, job) >= ps, "%s", macros[m]);
            pj = mvm_pj(x, job);
            ps = mvm_ps(x, job);
        }
        arena_close(a);
    }
}
END_TEST

START_TEST(denser_data_never_costs_less_and_empty_data_costs_something)
{
    for (size_t m = 0; m < MACROS_COUNT; m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, macros[m], NULL);
        double before = 0;
        for (double d = 0; d <= 0.5; d += 0.1) {
            double pj = mvm_pj(x, array_full_job(x, d, 0.5));
            ck_assert_msg(pj >= before && pj > 0, "%s at %g", macros[m], d);
            before = pj;
        }
        arena_close(a);
    }
}
END_TEST

START_TEST(more_adc_bits_of_a_derived_converter_never_cost_less)
{
    static const char *const bits[] = {"adc_bits=4", "adc_bits=6", "adc_bits=8", "adc_bits=10"};
    static const char *const names[] = {"jia_2020", "wang_2022", "fick_2022"};
    for (size_t m = 0; m < COUNT_OF(names); m++) {
        double before = 0;
        for (size_t i = 0; i < COUNT_OF(bits); i++) {
            struct arena *a = arena_open();
            double pj = evaluate(a, OPEN(a, names[m], bits[i]), 0).energy_pj;
            ck_assert(pj > before);
            before = pj;
            arena_close(a);
        }
    }
}
END_TEST

START_TEST(a_static_current_costs_its_cells_five_times_as_much)
{
    struct arena *a = arena_open();
    struct macro_result charge = evaluate(a, open_macro(a, "jia_2020", NULL), 0);
    struct macro_result current =
        evaluate(a, OPEN(a, "jia_2020", "activity=\"family_current\""), 0);
    ASSERT_NEAR(current.part_pj[PART_ARRAY_CELLS],
                FAMILY_FIT_STATIC_FACTOR * charge.part_pj[PART_ARRAY_CELLS], 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(a_read_per_conversion_takes_a_read_for_each_shared_column)
{
    struct arena *a = arena_open();
    struct array *at_once = open_macro(a, "isaac_xbar", NULL);
    struct array *each = OPEN(a, "isaac_xbar", "sampling=\"per_conversion\"");
    struct array_job job = array_full_job(at_once, 0.5, 0.5);
    ASSERT_NEAR(mvm_ps(each, job), 128 * mvm_ps(at_once, job), 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_lower_supply_is_slower_and_cheaper)
{
    static const char *const names[] = {"jia_2020", "chih_2021", "isaac_xbar"};
    for (size_t m = 0; m < COUNT_OF(names); m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, names[m], NULL), *low;
        struct diag d = {0};
        struct array_facts f;
        x->ops->facts(x, &f);
        ck_assert(array_at_vdd(a, x, 0.8 * f.vdd_v, &low, &d));
        struct array_job job = array_full_job(x, 0.35, 0.5);
        ck_assert(mvm_pj(low, job) < mvm_pj(x, job));
        ck_assert(mvm_ps(low, job) > mvm_ps(x, job));
        ck_assert(!array_at_vdd(a, x, 0.2, &low, &d));
        ck_assert_int_eq(d.status, 2);
        arena_close(a);
    }
}
END_TEST

START_TEST(a_digital_array_takes_a_step_per_input_bit_and_row_group)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "fujiwara_2022", NULL);
    struct array_job job = array_full_job(x, 0.35, 0.5);
    ASSERT_NEAR(mvm_ps(x, job), 4 * 4 * 862.5, 1e-12);
    job.rows = 64;
    ASSERT_NEAR(mvm_ps(x, job), 4 * 862.5, 1e-12);
    ck_assert(array_latency_ps(x, &job) >= mvm_ps(x, job));
    arena_close(a);
}
END_TEST

START_TEST(writing_counts_every_cell_of_the_weights)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "isaac_xbar", NULL);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    struct cost c;
    x->ops->write(x, &job, &c);
    ck_assert_uint_eq(c.count, 1);
    ASSERT_NEAR(c.actions[0].count, 128.0 * 128, 1e-12);
    ASSERT_NEAR(c.duration_ps, 128 * 10 * 50e3, 1e-12);
    arena_close(a);
}
END_TEST

/* --- published macros ------------------------------------------------------------------------ */

/* The untuned models against published TOPS/W; the limits are those of the literature's families
 * (digital 1.8, charge 5.1, resistive 8.9: their worst case when a chip is left out). */
START_TEST(untuned_predictions_stay_within_the_families_worst_case)
{
    static const struct {
        const char *name;
        double tops, tops_per_w, limit;
    } rows[] = {{"chih_2021", 0.819, 89, 1.8},     {"fujiwara_2022", 2.374, 69.9, 1.8},
                {"mori_2023", 0.582, 12.1, 1.8},   {"yan_2022", 0, 22, 1.8},
                {"jia_2020", 0.874, 400, 5.1},     {"sinangil_2020", 0.3724, 351, 5.1},
                {"wang_2022", 0.2947, 32, 5.1},    {"papistas_2021", 23.6, 1050, 5.1},
                {"xue_2020", 0.00187, 28.93, 8.9}, {"wan_2022", 0.0155, 16, 8.9},
                {"deaville_2021", 0.1, 5.1, 8.9},  {"eflash_2023", 0.0819, 333, 8.9}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *a = arena_open();
        struct macro_result r = evaluate(a, open_macro(a, rows[i].name, NULL), 0);
        double ratio = r.tops_per_w / rows[i].tops_per_w;
        ck_assert_msg(ratio < rows[i].limit && ratio > 1 / rows[i].limit, "%s: %g", rows[i].name,
                      ratio);
        if (rows[i].tops > 0)
            ASSERT_NEAR(r.tops, rows[i].tops, 0.08); /* the clock is structure */
        arena_close(a);
    }
}
END_TEST

/* --- bad configs ----------------------------------------------------------------------------- */

static bool read_array(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct array *x;
    return array_open(a, g, &x, d);
}

START_TEST(bad_macros_are_refused_with_a_sentence)
{
    bad_configs_walk("macro-", 25, read_array);
}
END_TEST

SUITE("array", ideal_arithmetic_is_the_integer_product_for_every_macro,
      the_width_that_work_runs_at_is_one_that_the_array_takes,
      sign_and_seven_bits_of_magnitude_lie_in_four_cells_of_two_bits, signed_inputs_are_exact_too,
      isaacs_eight_bits_are_lossless_with_its_encoding,
      without_the_encoding_a_full_column_overflows_eight_bits, sqnr_falls_with_cell_variation,
      sqnr_falls_with_read_noise_and_with_wire_resistance, sqnr_rises_with_adc_bits,
      sqnr_is_finite_and_positive_for_signed_inputs_and_for_one_bit_weights,
      the_same_seed_gives_the_same_noise, an_isaac_crossbar_draws_three_milliwatts_and_its_adc_two,
      isaac_runs_narrow_inputs_in_fewer_steps_and_slices_weights_by_two,
      a_crossbar_without_prices_is_within_a_factor_three_of_its_components,
      every_macro_opens_and_its_parts_sum_to_its_totals, more_rows_or_outputs_never_cost_less,
      denser_data_never_costs_less_and_empty_data_costs_something,
      more_adc_bits_of_a_derived_converter_never_cost_less,
      a_static_current_costs_its_cells_five_times_as_much,
      a_read_per_conversion_takes_a_read_for_each_shared_column,
      a_lower_supply_is_slower_and_cheaper,
      a_digital_array_takes_a_step_per_input_bit_and_row_group,
      writing_counts_every_cell_of_the_weights,
      untuned_predictions_stay_within_the_families_worst_case,
      bad_macros_are_refused_with_a_sentence)
