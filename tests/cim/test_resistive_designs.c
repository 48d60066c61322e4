/* What resistive macros and designs promise: the family's law, hybrid and ternary weights, cells
 * that hold a sign, neurons that integrate, ISAAC and PUMA whole: by values worked out by hand. */
#include "core/base/rng.h"
#include "core/cim/analog.h"
#include "core/cim/closed_form.h"
#include "core/cim/neuron.h"
#include "core/system/system.h"
#include "tests/cim/fixture.h"

/* --- the law of the family ---------------------------------------------------------------------
 */

static double energy_pj(const char *name, const char *setting)
{
    struct arena *a = arena_open();
    double pj = evaluate(a, OPEN(a, name, setting), 0).energy_pj;
    arena_close(a);
    return pj;
}

START_TEST(the_familys_energy_goes_with_time_and_the_root_of_the_node)
{
    double base = energy_pj("chang_2023", "read_ns=10.0");
    ASSERT_NEAR(energy_pj("chang_2023", "read_ns=30.0"), 3 * base, 1e-9);
    ASSERT_NEAR(energy_pj("chang_2023", "node_nm=160.0"), 2 * base, 1e-9);
}
END_TEST

START_TEST(the_familys_energy_is_one_price_for_every_cell_read_and_nothing_else)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "le_gallo_2023", NULL), *y = open_macro(a, "xue_2021", NULL);
    struct macro_result r = evaluate(a, x, 0), s = evaluate(a, y, 0);
    /* 256 x 256 cells for 133 ns at 14 nm; 1024 x 512 cells, a read of 14.8 ns each, at 22 nm */
    double per_cell = r.energy_pj / (256 * 256) / (133 * sqrt(14.0 / 28));
    ASSERT_NEAR(s.energy_pj, per_cell * 1024 * 512 * 14.8 * sqrt(22.0 / 28), 1e-9);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_CELLS], r.energy_pj, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_pair_of_cells_counts_once)
{
    struct arena *a = arena_open();
    /* 784 x 100 ternary weights in 200 columns, against 100 columns of cells that hold a sign */
    double pairs = evaluate(a, open_macro(a, "liu_2020", NULL), 0).energy_pj;
    double cells =
        evaluate(a, OPEN(a, "liu_2020", "encoding=\"in_cell\"", "columns=100"), 0).energy_pj;
    ASSERT_NEAR(pairs, cells, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(what_is_priced_is_added_to_the_familys_total)
{
    struct arena *a = arena_open();
    double without = energy_pj("chang_2023", "active_rows=32");
    struct array *x = open_macro(a, "chang_2023", NULL);
    struct analog priced = *(struct analog *)x;
    priced.given[ANALOG_ADC] = true;
    priced.components[ANALOG_ADC].energy_pj = quantity_of(2, FROM_SOURCE, 0);
    /* 256 columns in 8 groups of rows */
    ASSERT_NEAR(evaluate(a, &priced.base, 0).energy_pj, without + 2 * 256 * 8, 1e-9);
    arena_close(a);
}
END_TEST

/* --- weights -----------------------------------------------------------------------------------
 */

/* True where ten random products are exact without variation, noise and conversion. */
static bool is_exact(const char *name)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, name, NULL);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    struct array_facts f;
    struct rng r = rng_open(7, name);
    bool exact = true;
    x->ops->facts(x, &f);
    job.rows = job.rows < 200 ? job.rows : 200;
    job.outputs = 3;
    int32_t in[200] = {0}, w[600] = {0}, most = (int32_t)(1 << (job.weight_bits - 1)) - 1;
    for (int round = 0; round < 10; round++) {
        double y[3], sum[3] = {0};
        for (int64_t i = 0; i < job.rows; i++)
            in[i] = (int32_t)rng_below(&r, (uint64_t)1 << (job.input_bits - f.signed_inputs));
        for (int64_t i = 0; i < job.rows * 3; i++) {
            w[i] = (int32_t)rng_below(&r, (uint64_t)(2 * most + 1)) - most;
            sum[i % 3] += (double)in[i / 3] * w[i];
        }
        x->ops->compute(x, &job, in, w, y, 1, true);
        for (int o = 0; o < 3; o++)
            exact = exact && y[o] == sum[o];
    }
    arena_close(a);
    return exact;
}

START_TEST(hybrid_ternary_and_signed_cells_give_the_integer_product)
{
    ck_assert(is_exact("huang_2023"));
    ck_assert(is_exact("liu_2020"));
    ck_assert(is_exact("le_gallo_2023"));
    ck_assert(is_exact("xue_2021"));
    ck_assert(is_exact("prime_ff"));
    ck_assert(is_exact("wan_2022"));
}
END_TEST

START_TEST(a_hybrid_weight_has_a_cell_for_each_high_bit_and_two_bits_in_the_others)
{
    struct arena *a = arena_open();
    const struct analog *x = (struct analog *)open_macro(a, "huang_2023", NULL);
    static const int widths[] = {2, 2, 1, 1, 1, 1}, shifts[] = {0, 2, 4, 5, 6, 7};
    ck_assert_int_eq(analog_slices(x, 8), 6);
    for (int s = 0; s < 6; s++) {
        ck_assert_int_eq(analog_slice_width(x, 8, s), widths[s]);
        ck_assert_int_eq(analog_slice_shift(x, 8, s), shifts[s]);
    }
    ck_assert_int_eq(x->base.ops->outputs(&x->base, 8), 768 / 6);
    ck_assert_int_eq(analog_slices(x, 3), 3); /* fewer bits than single-level cells */
    arena_close(a);
}
END_TEST

START_TEST(an_odd_hybrid_weight_runs_at_the_next_even_width)
{
    struct arena *a = arena_open();
    struct array *x = OPEN(a, "huang_2023", "max_weight_bits=8");
    int in = 8, weight = 7;
    ck_assert(x->ops->precision(x, &in, &weight));
    ck_assert_int_eq(weight, 8); /* four single bits and two pairs */
    weight = 3;
    ck_assert(x->ops->precision(x, &in, &weight));
    ck_assert_int_eq(weight, 3);
    arena_close(a);
}
END_TEST

START_TEST(a_hybrid_lies_between_all_multi_level_and_all_single_level_cells)
{
    static const char *const slc[] = {"slc_bits=0", "slc_bits=4", "slc_bits=8"};
    static const int slices[] = {4, 6, 8};
    for (size_t i = 0; i < COUNT_OF(slc); i++) {
        struct arena *a = arena_open();
        struct array *x = OPEN(a, "huang_2023", slc[i]);
        ck_assert_int_eq(analog_slices((struct analog *)x, 8), slices[i]);
        ck_assert_int_eq(x->ops->outputs(x, 8), 768 / slices[i]);
        arena_close(a);
    }
}
END_TEST

START_TEST(a_cell_that_holds_a_sign_takes_one_column)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "le_gallo_2023", NULL);
    ck_assert_int_eq(x->ops->outputs(x, 5), 256);
    x = open_macro(a, "liu_2020", NULL);
    ck_assert_int_eq(x->ops->outputs(x, 2), 100);
    ASSERT_NEAR(evaluate(a, x, 0).tops, 2 * 784 * 100 / 51.1e3, 1e-9);
    arena_close(a);
}
END_TEST

/* --- neurons -----------------------------------------------------------------------------------
 */

static const struct neuron *neuron_of(struct arena *a, int input_bits)
{
    return (const struct neuron *)OPEN(a, "wan_2022_components",
                                       arena_printf(a, "input_bits=%d", input_bits),
                                       arena_printf(a, "output_bits=%d", input_bits + 2));
}

START_TEST(four_bits_take_seven_integrations_and_eight_bits_two_phases_of_four_and_three)
{
    struct arena *a = arena_open();
    struct neuron_schedule s = neuron_schedule(neuron_of(a, 4), 4);
    ck_assert_int_eq(s.phases, 1);
    ASSERT_NEAR(s.ns, 7 * 270 + 6 * 300 + 300, 1e-12);
    s = neuron_schedule(neuron_of(a, 8), 8);
    ck_assert_int_eq(s.phases, 2);
    ck_assert_int_eq(s.phase_bits[0], 4);
    ck_assert_int_eq(s.phase_bits[1], 3);
    ASSERT_NEAR(s.ns, (15 + 7) * 270 + 2 * 9 * 300 + 2 * 300, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(the_rate_is_that_of_the_closed_form_at_all_eight_precisions)
{
    for (int bits = 1; bits <= 8; bits++) {
        struct arena *a = arena_open();
        double tops = evaluate(a, &neuron_of(a, bits)->base, 0).tops;
        ASSERT_NEAR(48 * tops, neurram_tops(bits, bits + 2, true), 1e-9);
        arena_close(a);
    }
}
END_TEST

START_TEST(word_lines_rise_once_per_magnitude_bit)
{
    struct arena *a = arena_open();
    for (int bits = 2; bits <= 8; bits += 3) {
        struct macro_result r = evaluate(a, &neuron_of(a, bits)->base, 0);
        ASSERT_NEAR(r.part_pj[PART_ARRAY_DRIVER], (bits - 1) * 256 * 585.6e-3 * 1.8 * 1.8, 1e-9);
    }
    arena_close(a);
}
END_TEST

START_TEST(a_neuron_pays_for_its_samples_integrations_and_steps)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, &neuron_of(a, 4)->base, 0);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_SAMPLE], 256 * (3 * 1.2 + 7 * 0.25), 1e-9);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_ADC], 256 * 6 * 0.3, 1e-9);
    ASSERT_NEAR(r.part_pj[PART_ARRAY_SHIFT_ADD], 256 * 6 * 0.1, 1e-9);
    /* 0.5 V, 65536 cells of 1 + 3 x 0.5 / 2 uS for 10 ns, three bits, 35 % of them ones */
    ASSERT_NEAR(r.part_pj[PART_ARRAY_CELLS], 65536 * 0.25 * 1.75e-6 * 10e-9 * 3 * 0.35 * 1e12,
                1e-9);
    double neurons = 256.0 * 1270;
    ASSERT_NEAR(r.part_um2[PART_ARRAY_SAMPLE] + r.part_um2[PART_ARRAY_ADC] +
                    r.part_um2[PART_ARRAY_SHIFT_ADD],
                neurons, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(a_neuron_without_prices_is_within_a_factor_of_three_of_its_components)
{
    struct arena *a = arena_open();
    double blind = evaluate(a, open_macro(a, "wan_2022", NULL), 0).energy_pj;
    double priced = evaluate(a, open_macro(a, "wan_2022_components", NULL), 0).energy_pj;
    ck_assert(blind < 3 * priced && priced < 3 * blind);
    arena_close(a);
}
END_TEST

START_TEST(more_output_bits_never_give_less_signal_to_noise)
{
    static const char *const bits[] = {"output_bits=4", "output_bits=6", "output_bits=9"};
    double before = -100;
    for (size_t i = 0; i < COUNT_OF(bits); i++) {
        struct arena *a = arena_open();
        struct array *x = OPEN(a, "wan_2022", bits[i]);
        struct array_job job = array_full_job(x, 0.35, 0.5);
        job.outputs = 16;
        double db = array_sqnr_db(a, x, &job, 8, 1);
        ck_assert(db > before);
        before = db;
        arena_close(a);
    }
}
END_TEST

/* --- designs -----------------------------------------------------------------------------------
 */

static struct system *chip_of(struct arena *a, const char *name)
{
    struct system *s;
    struct diag d = {0};
    const char *path = arena_printf(a, CIMARRON_SOURCE_DIR "/configs/chip/%s.cfg", name);
    ck_assert_msg(system_open(a, path, NULL, 0, &s, &d), "%s", d.text);
    return s;
}

static struct system_peak peak_of(struct arena *a, const char *name)
{
    const struct system *s = chip_of(a, name);
    struct system_work w = system_usual_work(s, 0, 0);
    struct system_peak p;
    struct diag d = {0};
    ck_assert_msg(system_peak(s, &w, &p, &d), "%s", d.text);
    return p;
}

START_TEST(isaac_keeps_its_figures)
{
    struct arena *a = arena_open();
    const struct system *s = chip_of(a, "isaac");
    struct system_work w = system_usual_work(s, 0, 0);
    struct system_peak p = peak_of(a, "isaac");
    struct system_power full;
    struct diag d = {0};
    ck_assert_msg(system_full_power(s, &w, &full, &d), "%s", d.text);
    ASSERT_NEAR(p.tops, 41.28768, 1e-6);
    ASSERT_NEAR(full.total_w, 66.2824, 1e-5);
    ASSERT_NEAR(p.area_mm2, 86.6216, 1e-5);
    arena_close(a);
}
END_TEST

START_TEST(a_matrix_vector_unit_of_puma_adds_up_to_its_parts)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, open_macro(a, "puma_mvmu", NULL), 0);
    double mw = 8 * (1.8 + 0.2)                          /* converters, one to a slice */
                + 8 * 0.3                                /* crossbars */
                + 128 * (0.00350625 + 0.000390625)       /* one array of DACs */
                + 128 * 9.7e-6                           /* sample and hold */
                + 0.05                                   /* shift and add */
                + 0.16 + 1.7 / 128 + 0.04 + 0.16 + 0.04; /* input and output register */
    ASSERT_NEAR(r.energy_pj / 1600, mw, 1e-4);
    ASSERT_NEAR(r.tops, 2 * 128 * 128 / 1600e3, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(puma_takes_sixteen_hundred_nanoseconds_for_its_peak)
{
    struct arena *a = arena_open();
    struct system_peak p = peak_of(a, "puma");
    ASSERT_NEAR(p.tops, 138 * 16 * 2.0 * 128 * 128 / 1600e3, 1e-9);
    ASSERT_NEAR(p.tops * 1600 / 1383, 52.31, 1e-3);
    arena_close(a);
}
END_TEST

START_TEST(a_chip_of_cores_peaks_at_the_sum_of_its_cores)
{
    struct arena *a = arena_open();
    ASSERT_NEAR(peak_of(a, "neurram").tops, neurram_tops(4, 6, true), 1e-9);
    ASSERT_NEAR(peak_of(a, "ibm_64core").tops, 64 * 65536 * 2 / 133e3, 1e-9);
    arena_close(a);
}
END_TEST

SUITE("resistive designs", the_familys_energy_goes_with_time_and_the_root_of_the_node,
      the_familys_energy_is_one_price_for_every_cell_read_and_nothing_else,
      a_pair_of_cells_counts_once, what_is_priced_is_added_to_the_familys_total,
      hybrid_ternary_and_signed_cells_give_the_integer_product,
      a_hybrid_weight_has_a_cell_for_each_high_bit_and_two_bits_in_the_others,
      an_odd_hybrid_weight_runs_at_the_next_even_width,
      a_hybrid_lies_between_all_multi_level_and_all_single_level_cells,
      a_cell_that_holds_a_sign_takes_one_column,
      four_bits_take_seven_integrations_and_eight_bits_two_phases_of_four_and_three,
      the_rate_is_that_of_the_closed_form_at_all_eight_precisions,
      word_lines_rise_once_per_magnitude_bit, a_neuron_pays_for_its_samples_integrations_and_steps,
      a_neuron_without_prices_is_within_a_factor_of_three_of_its_components,
      more_output_bits_never_give_less_signal_to_noise, isaac_keeps_its_figures,
      a_matrix_vector_unit_of_puma_adds_up_to_its_parts,
      puma_takes_sixteen_hundred_nanoseconds_for_its_peak,
      a_chip_of_cores_peaks_at_the_sum_of_its_cores)
