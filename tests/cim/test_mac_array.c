#include "core/base/rng.h"
#include "tests/cim/fixture.h"

static const char *const engines[] = {"chimera",      "mac_5nm", "simba_pe",
                                      "tianjic_core", "tpu_v1",  "wse2_core"};

static struct array_job job_of(int64_t rows, int64_t outputs, int input_bits, int weight_bits)
{
    struct array_job job = {.rows = rows,
                            .outputs = outputs,
                            .input_bits = input_bits,
                            .weight_bits = weight_bits,
                            .input = array_bit_stats(0.5, input_bits),
                            .weight = array_bit_stats(0.5, weight_bits)};
    return job;
}

/* --- arithmetic ------------------------------------------------------------------------------ */

static int32_t draw(struct rng *r, int bits)
{
    int64_t half = INT64_C(1) << (bits - 1);
    return (int32_t)((int64_t)rng_below(r, (uint64_t)(2 * half)) - half);
}

START_TEST(results_are_the_integer_products_of_every_shape)
{
    struct rng r = rng_open(1, "test.mac");
    for (size_t m = 0; m < COUNT_OF(engines); m++) {
        for (int k = 0; k < 10; k++) {
            struct arena *a = arena_open();
            struct array *x = open_macro(a, engines[m], NULL);
            int64_t rows = 1 + (int64_t)rng_below(&r, 64), outputs = 1 + (int64_t)rng_below(&r, 7);
            struct array_job job = job_of(rows, outputs, 8, 8);
            int32_t in[64], w[64 * 7];
            double y[7];
            for (int64_t i = 0; i < rows; i++)
                in[i] = draw(&r, 8);
            for (int64_t i = 0; i < rows * outputs; i++)
                w[i] = draw(&r, 8);
            x->ops->compute(x, &job, in, w, y, rng_bits(&r), k % 2 == 0);
            for (int64_t o = 0; o < outputs; o++) {
                int64_t exact = 0;
                for (int64_t i = 0; i < rows; i++)
                    exact += in[i] * w[i * outputs + o];
                ck_assert_double_eq(y[o], (double)exact);
            }
            arena_close(a);
        }
    }
}
END_TEST

START_TEST(signal_to_noise_is_that_of_exact_results)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "simba_pe", NULL);
    struct array_job job = array_full_job(x, 0.35, 0.5);
    job.outputs = 4;
    ck_assert_double_eq(array_sqnr_db(a, x, &job, 4, 1), ARRAY_SQNR_EXACT_DB);
    arena_close(a);
}
END_TEST

START_TEST(the_widest_sums_do_not_overflow)
{
    enum { ROWS = 32768 };
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "tpu_v1", NULL);
    struct array_job job = job_of(ROWS, 1, 24, 24);
    int32_t *in = ARENA_ARRAY(a, int32_t, ROWS), *w = ARENA_ARRAY(a, int32_t, ROWS);
    for (int i = 0; i < ROWS; i++)
        in[i] = w[i] = -(1 << 23);
    double y;
    x->ops->compute(x, &job, in, w, &y, 1, false);
    ck_assert_double_eq(y, ldexp(1, 15 + 46));
    arena_close(a);
}
END_TEST

/* --- time ------------------------------------------------------------------------------------ */

START_TEST(tpu_v1_does_92_tops_at_700_mhz)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, open_macro(a, "tpu_v1", NULL), 0);
    ASSERT_NEAR(r.tops, 65536 * 2 * 0.7e-3, 1e-12);
    ASSERT_NEAR(r.tops, 92, 0.005);
    arena_close(a);
}
END_TEST

START_TEST(a_vector_takes_a_cycle_for_each_tile)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "chimera", NULL);
    double cycle_ps = 5000;
    ASSERT_NEAR(mvm(x, job_of(16, 144, 8, 8)).duration_ps, cycle_ps, 1e-12);
    ASSERT_NEAR(mvm(x, job_of(17, 144, 8, 8)).duration_ps, 2 * cycle_ps, 1e-12);
    ASSERT_NEAR(mvm(x, job_of(16, 145, 8, 8)).duration_ps, 2 * cycle_ps, 1e-12);
    ASSERT_NEAR(mvm(x, job_of(33, 145, 8, 8)).duration_ps, 6 * cycle_ps, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(narrow_operands_run_as_fast_as_the_cells_are_cut)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "mac_5nm", NULL);
    double at4 = mvm(x, job_of(256, 16, 4, 4)).duration_ps;
    ASSERT_NEAR(mvm(x, job_of(256, 16, 8, 8)).duration_ps, 2 * at4, 1e-12);
    ASSERT_NEAR(mvm(x, job_of(256, 16, 8, 4)).duration_ps, 2 * at4, 1e-12);
    ASSERT_NEAR(mvm(x, job_of(256, 16, 16, 16)).duration_ps, 4 * at4, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(wider_integers_take_a_pass_for_each_pair_of_slices)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "tpu_v1", NULL);
    double one = mvm(x, job_of(256, 256, 8, 8)).duration_ps;
    ASSERT_NEAR(mvm(x, job_of(256, 256, 16, 8)).duration_ps, 2 * one, 1e-12);
    ASSERT_NEAR(mvm(x, job_of(256, 256, 16, 16)).duration_ps, 4 * one, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(cells_that_are_loaded_longer_than_they_compute_stall)
{
    struct arena *a = arena_open();
    struct array_job job = job_of(256, 256, 8, 8);
    struct array *x = OPEN(a, "tpu_v1", "hold_cycles=64");
    double whole = mvm(open_macro(a, "tpu_v1", NULL), job).duration_ps;
    ASSERT_NEAR(mvm(x, job).duration_ps, 4 * whole, 1e-12);
    arena_close(a);
}
END_TEST

/* A decode step of one token: every weight comes from the store, and the cells wait for it. */
START_TEST(a_vector_alone_loads_every_tile_for_itself)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "tpu_v1", NULL);
    struct array_job job = job_of(256, 1024, 8, 8);
    struct cost many = mvm(x, job), lot, alone;
    job.vectors = 64;
    lot = mvm(x, job);
    job.vectors = 1;
    alone = mvm(x, job);
    ASSERT_NEAR(alone.duration_ps, 256 * many.duration_ps, 1e-12);
    ASSERT_NEAR(lot.duration_ps, 4 * many.duration_ps, 1e-12);
    ck_assert_double_gt(cost_energy_pj(&alone), cost_energy_pj(&lot));
    ck_assert_double_gt(cost_energy_pj(&lot), cost_energy_pj(&many));
    job = job_of(256, 256, 8, 8); /* one tile stays */
    job.vectors = 1;
    ASSERT_NEAR(mvm(x, job).duration_ps, many.duration_ps / 4, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_result_leaves_after_the_engine_is_crossed)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "tpu_v1", NULL);
    struct array_job job = job_of(256, 256, 8, 8);
    ASSERT_NEAR(array_latency_ps(x, &job), 512 * 1e6 / 700, 1e-9);
    arena_close(a);
}
END_TEST

/* --- capacity and precision ------------------------------------------------------------------ */

START_TEST(the_store_holds_what_its_bytes_hold)
{
    for (size_t m = 0; m < COUNT_OF(engines); m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, engines[m], NULL);
        struct array_facts f;
        x->ops->facts(x, &f);
        int64_t outputs = x->ops->outputs(x, f.weight_bits);
        int64_t half = x->ops->outputs(x, 2 * f.weight_bits);
        ck_assert_int_ge(outputs, 1);
        ck_assert_int_le(outputs * f.weight_bits, f.columns);
        ck_assert_int_le(2 * half, outputs);
        ck_assert(f.is_volatile == (strcmp(engines[m], "chimera") != 0));
        ck_assert(f.dynamic_operands == f.is_volatile);
        arena_close(a);
    }
}
END_TEST

START_TEST(operands_run_at_the_narrowest_width_that_holds_them)
{
    static const int asked[][4] = {/* inputs, weights; what they run at */
                                   {3, 4, 4, 4},
                                   {8, 4, 8, 4},
                                   {5, 2, 8, 4},
                                   {9, 8, 16, 8}};
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "mac_5nm", NULL);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        int input_bits = asked[i][0], weight_bits = asked[i][1];
        ck_assert(x->ops->precision(x, &input_bits, &weight_bits));
        ck_assert_int_eq(input_bits, asked[i][2]);
        ck_assert_int_eq(weight_bits, asked[i][3]);
    }
    int input_bits = 17, weight_bits = 8;
    ck_assert(!x->ops->precision(x, &input_bits, &weight_bits));
    x = open_macro(a, "tpu_v1", NULL);
    input_bits = 12, weight_bits = 4;
    ck_assert(x->ops->precision(x, &input_bits, &weight_bits));
    ck_assert_int_eq(input_bits, 16);
    ck_assert_int_eq(weight_bits, 8);
    arena_close(a);
}
END_TEST

/* --- energy ---------------------------------------------------------------------------------- */

START_TEST(parts_are_never_negative_and_sum_to_the_totals)
{
    for (size_t m = 0; m < COUNT_OF(engines); m++) {
        struct arena *a = arena_open();
        struct macro_result r = evaluate(a, open_macro(a, engines[m], NULL), 0);
        double pj = 0, um2 = 0;
        for (int p = 0; p < PART_COUNT; p++) {
            ck_assert(r.part_pj[p] >= 0 && r.part_um2[p] >= 0);
            pj += r.part_pj[p];
            um2 += r.part_um2[p];
        }
        ASSERT_NEAR(pj, r.energy_pj, 1e-12);
        ASSERT_NEAR(um2, r.area_um2, 1e-12);
        arena_close(a);
    }
}
END_TEST

START_TEST(more_bits_never_cost_less)
{
    static const int widths[] = {4, 8, 16};
    for (size_t m = 0; m < COUNT_OF(engines); m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, engines[m], NULL);
        double before = 0;
        for (size_t i = 0; i < COUNT_OF(widths); i++) {
            int input_bits = widths[i], weight_bits = widths[i];
            if (!x->ops->precision(x, &input_bits, &weight_bits))
                break;
            double pj = mvm_pj(x, job_of(64, 16, input_bits, weight_bits));
            ck_assert_msg(pj >= before && pj > 0, "%s at %d bits", engines[m], widths[i]);
            ck_assert_double_le(mvm_pj(x, job_of(64, 16, input_bits, input_bits / 2)), pj);
            before = pj;
        }
        arena_close(a);
    }
}
END_TEST

START_TEST(every_format_costs_more_when_it_is_wider)
{
    static const char *const numbers[] = {"\"int\"", "\"float\"", "\"bfloat\""};
    for (size_t n = 0; n < COUNT_OF(numbers); n++) {
        double before = 0;
        for (int width = 4; width <= 16; width *= 2) {
            struct arena *a = arena_open();
            const char *format = arena_printf(a, "format_%d=%s", width, numbers[n]);
            struct array *x = OPEN(a, "wse2_core", "format_16=\"none\"", format, "input_bits=4",
                                   "weight_bits=4", "accumulator_bits=32");
            double pj = mvm_pj(x, job_of(64, 64, 4, 4));
            ck_assert_msg(pj > before, "%s", format);
            before = pj;
            arena_close(a);
        }
    }
}
END_TEST

START_TEST(more_rows_or_outputs_never_cost_less)
{
    for (size_t m = 0; m < COUNT_OF(engines); m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, engines[m], NULL);
        struct array_job full = array_full_job(x, 0.35, 0.5), job = full;
        double pj = 0, ps = 0;
        for (job.rows = 1; job.rows <= full.rows; job.rows += 7) {
            struct cost c = mvm(x, job);
            ck_assert(cost_energy_pj(&c) > pj && c.duration_ps >= ps);
            pj = cost_energy_pj(&c);
            ps = c.duration_ps;
        }
        pj = ps = 0;
        job = full;
        for (job.outputs = 1; job.outputs <= full.outputs; job.outputs += 7) {
            struct cost c = mvm(x, job);
            ck_assert(cost_energy_pj(&c) > pj && c.duration_ps >= ps);
            pj = cost_energy_pj(&c);
            ps = c.duration_ps;
        }
        arena_close(a);
    }
}
END_TEST

/* Zeros save what toggles, not what is clocked. */
START_TEST(busier_operands_cost_more_and_idle_ones_something)
{
    for (size_t m = 0; m < COUNT_OF(engines); m++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, engines[m], NULL);
        double before = 0;
        for (double d = 0; d <= 0.5; d += 0.1) {
            double pj = mvm_pj(x, array_full_job(x, d, 0.5));
            ck_assert_msg(pj > before, "%s at %g", engines[m], d);
            before = pj;
        }
        ck_assert_double_gt(mvm_pj(x, array_full_job(x, 0, 0.5)), 0.2 * before);
        arena_close(a);
    }
}
END_TEST

START_TEST(a_product_of_random_operands_costs_the_table_at_7_nm)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "wse2_core", NULL);
    struct cost c = mvm(x, job_of(64, 64, 16, 16));
    for (unsigned i = 0; i < c.count; i++) {
        if (c.actions[i].part != PART_ARRAY_MULTIPLIER)
            continue;
        ASSERT_NEAR(c.actions[i].pj.value, 0.34 + 0.38, 1e-12);
        ck_assert_double_eq(c.actions[i].count, 64 * 64);
        ck_assert_int_eq(c.actions[i].pj.from, FROM_RECALLED);
    }
    ck_assert_int_eq(c.actions[0].part, PART_ARRAY_MULTIPLIER);
    arena_close(a);
}
END_TEST

START_TEST(a_larger_memory_and_a_longer_way_cost_more)
{
    struct arena *a = arena_open();
    struct array_job job = job_of(64, 64, 16, 16);
    double pj = mvm_pj(open_macro(a, "wse2_core", NULL), job);
    ck_assert_double_gt(mvm_pj(OPEN(a, "wse2_core", "store_bytes=98304"), job), pj);
    ck_assert_double_gt(mvm_pj(OPEN(a, "wse2_core", "wire_mm=1.0"), job), pj);
    ck_assert_double_gt(mvm_pj(OPEN(a, "wse2_core", "node_nm=16.0"), job), pj);
    ck_assert_double_lt(mvm_pj(OPEN(a, "wse2_core", "buffer_bytes=4096"), job), pj);
    ck_assert_double_lt(mvm_pj(OPEN(a, "wse2_core", "hold_cycles=8"), job), pj);
    arena_close(a);
}
END_TEST

START_TEST(a_lower_supply_is_slower_and_cheaper)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "mac_5nm", NULL), *refused;
    struct macro_result r = evaluate(a, x, 0), low = evaluate(a, x, 0.56);
    struct diag d = {0};
    ck_assert_double_lt(low.tops, r.tops);
    ck_assert_double_gt(low.tops_per_w, r.tops_per_w);
    ck_assert(!array_at_vdd(a, x, 0.3, &refused, &d));
    ck_assert_int_eq(d.status, 2);
    arena_close(a);
}
END_TEST

START_TEST(writing_an_sram_store_is_an_access_and_an_rram_store_wears)
{
    struct arena *a = arena_open();
    struct array *sram = open_macro(a, "mac_5nm", NULL), *rram = open_macro(a, "chimera", NULL);
    struct array_job job = job_of(256, 16, 8, 8);
    struct array_facts f;
    struct cost c;
    sram->ops->write(sram, &job, &c);
    ASSERT_NEAR(c.duration_ps, 4096 / 64 * 1000.0, 1e-12);
    ck_assert_int_eq(c.actions[0].part, PART_ARRAY_WRITE);
    ck_assert_double_eq(c.actions[0].count, 4096);
    rram->ops->write(rram, &job, &c);
    ASSERT_NEAR(c.duration_ps, 4096 / 8 * 500e3, 1e-12);
    ck_assert_double_eq(c.actions[0].count, 4096 * 8);
    ck_assert_double_eq(c.actions[0].pj.value, 50);
    rram->ops->facts(rram, &f);
    ck_assert_double_gt(f.endurance, 0);
    arena_close(a);
}
END_TEST

START_TEST(only_volatile_digital_stores_take_dynamic_operands)
{
    static const struct {
        const char *name;
        bool takes;
    } rows[] = {{"dcim_5nm", true},  {"dcim_22nm", true},   {"mac_5nm", true},  {"chimera", false},
                {"jia_2020", false}, {"isaac_xbar", false}, {"wse2_core", true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, rows[i].name, NULL);
        struct array_facts f;
        x->ops->facts(x, &f);
        ck_assert_msg(f.dynamic_operands == rows[i].takes, "%s", rows[i].name);
        arena_close(a);
    }
}
END_TEST

/* --- published engines ----------------------------------------------------------------------- */

/* Nothing is fitted: the geometric mean ratio of a first blind draft of the law over 42 chips was
 * 2.2, its aim is 1.6.  The published powers are of whole chips or wafers. */
START_TEST(untuned_engines_are_near_their_published_efficiency)
{
    static const struct {
        const char *name;
        double tops, tops_per_w;
    } rows[] = {{"tpu_v1", 92, 2.3},
                {"simba_pe", 0.0206, 9.09},
                {"tianjic_core", 0.00779, 1.28}, /* of a round with its communication */
                {"wse2_core", 0.0088, 0.5},
                {"chimera", 0.92, 2.2}};
    double logs = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *a = arena_open();
        struct macro_result r = evaluate(a, open_macro(a, rows[i].name, NULL), 0);
        double ratio = r.tops_per_w / rows[i].tops_per_w;
        ck_assert_msg(ratio < 2 && ratio > 0.5, "%s: %g", rows[i].name, ratio);
        ASSERT_NEAR(r.tops, rows[i].tops, 0.25);
        logs += fabs(log(ratio));
        arena_close(a);
    }
    ck_assert_double_lt(exp(logs / COUNT_OF(rows)), 1.6);
}
END_TEST

/* The chip around the matrix unit: clock and leakage of the rest of 331 mm2, each operand byte over
 * 9 mm to and from memories of 1 MB for every 256 products, DDR3 at 34 GB/s and half of PCIe at
 * 5.5 pJ a bit; regulators at 0.87.  Published: a TDP of 75 W at 92 TOPS. */
START_TEST(tpu_v1_as_a_chip_is_within_a_factor_two_of_its_tdp)
{
    struct arena *a = arena_open();
    struct macro_result r = evaluate(a, open_macro(a, "tpu_v1", NULL), 0);
    double macs_per_ps = r.tops / 2, scale = pow(4, 0.39) * 1.44;
    double core_w = r.tops / r.tops_per_w;
    double rest_mm2 = 331 - r.area_um2 / 1e6;
    double clock_w = 0.11 * rest_mm2 * 0.7 * 0.81 * pow(0.25, 0.6);
    double leakage_w = 0.03 * rest_mm2 * 0.9 * 0.5;
    double moved_w = macs_per_ps * 2 / 256 * (0.32 * pow(32, 0.144) + 8 * 0.10 * 9) * scale;
    double io_w = 8e-3 * (34 * 12 + 0.3 * 32 * 5.5);
    double board_w = (core_w + clock_w + leakage_w + moved_w + io_w) / 0.87;
    double ratio = (board_w / macs_per_ps) / (75 / 45.9);
    ck_assert_msg(ratio < 2 && ratio > 0.5, "%g W, %g of the published pJ per MAC", board_w, ratio);
    arena_close(a);
}
END_TEST

SUITE("mac_array", results_are_the_integer_products_of_every_shape,
      signal_to_noise_is_that_of_exact_results, the_widest_sums_do_not_overflow,
      tpu_v1_does_92_tops_at_700_mhz, a_vector_takes_a_cycle_for_each_tile,
      narrow_operands_run_as_fast_as_the_cells_are_cut,
      wider_integers_take_a_pass_for_each_pair_of_slices,
      cells_that_are_loaded_longer_than_they_compute_stall,
      a_vector_alone_loads_every_tile_for_itself, a_result_leaves_after_the_engine_is_crossed,
      the_store_holds_what_its_bytes_hold, operands_run_at_the_narrowest_width_that_holds_them,
      parts_are_never_negative_and_sum_to_the_totals, more_bits_never_cost_less,
      every_format_costs_more_when_it_is_wider, more_rows_or_outputs_never_cost_less,
      busier_operands_cost_more_and_idle_ones_something,
      a_product_of_random_operands_costs_the_table_at_7_nm,
      a_larger_memory_and_a_longer_way_cost_more, a_lower_supply_is_slower_and_cheaper,
      writing_an_sram_store_is_an_access_and_an_rram_store_wears,
      only_volatile_digital_stores_take_dynamic_operands,
      untuned_engines_are_near_their_published_efficiency,
      tpu_v1_as_a_chip_is_within_a_factor_two_of_its_tdp)
