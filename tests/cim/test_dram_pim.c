/* Multipliers at the banks of a DRAM: rates by hand, what a product opens and reads. */
#include "core/cim/dram_pim.h"
#include "tests/cim/fixture.h"

static const struct dram_pim *pim(struct arena *a, const char *name)
{
    return (const struct dram_pim *)open_macro(a, name, NULL);
}

/* With opening rows, and refresh. */
static double sustained_tops(const struct dram_pim *x)
{
    double commands = (double)(x->row_bytes * 8 / x->element_bits / x->lanes);
    double busy = commands * (double)x->banks_per_unit * x->ccd / dram_pim_row_cycles(x, commands);
    return dram_pim_peak_tops(x) * busy * (1 - x->rfc / x->refi);
}

START_TEST(the_peak_is_a_command_of_all_banks_every_column_cycle)
{
    struct arena *a = arena_open();
    ASSERT_NEAR(dram_pim_peak_tops(pim(a, "gddr6_aim")), 32 * 16 * 2 * 1e-3, 1e-12);
    ASSERT_NEAR(dram_pim_peak_tops(pim(a, "hbm_pim")), 128 * 16 * 2 * 0.3e-3, 1e-12);
    arena_close(a);
}
END_TEST

/* aim_simulator, 64 columns of a row in all banks: 226 cycles, 113 ns, 290 of 512 GFLOPS. */
START_TEST(a_row_of_aim_takes_226_cycles)
{
    struct arena *a = arena_open();
    const struct dram_pim *x = pim(a, "gddr6_aim");
    ASSERT_NEAR(dram_pim_row_cycles(x, 64), 226, 1e-12);
    double rows = 2 * 16 * 64 * 16 * 2 / 113e3; /* TFLOPS of a device without refresh */
    ASSERT_NEAR(rows, 0.58, 1e-2);
    ASSERT_NEAR(sustained_tops(x), rows * (1 - 210.0 / 3333), 1e-9);
    arena_close(a);
}
END_TEST

/* The same simulator: 231,383 cycles for 1,024 rows of all banks, without refresh. */
START_TEST(a_thousand_rows_take_what_the_makers_simulator_takes)
{
    struct arena *a = arena_open();
    struct array *x = OPEN(a, "gddr6_aim", "rfc=0.0");
    struct array_job job = array_full_job(x, 0.5, 0.5);
    job.outputs = 1024 * 32; /* 1,024 elements fill a row: one output a row */
    ASSERT_NEAR(mvm(x, job).duration_ps, 231383 * 500.0, 1e-3);
    arena_close(a);
}
END_TEST

START_TEST(a_unit_of_two_banks_drains_both_open_rows)
{
    struct arena *a = arena_open();
    const struct dram_pim *x = pim(a, "hbm_pim");
    ASSERT_NEAR(dram_pim_row_cycles(x, 32), 14 + (2 * 32 - 1) * 4 + 5 + 14, 1e-12);
    arena_close(a);
}
END_TEST

/* PIMSimulator takes 13,166 cycles for 4096 x 4096 on 64 pseudo channels, loading inputs included.
 */
START_TEST(a_square_product_on_four_stacks_takes_less_than_with_loading_its_inputs)
{
    struct arena *a = arena_open();
    struct array *x = OPEN(a, "hbm_pim", "channels=64", "clock_mhz=1000.0");
    struct array_job job = array_full_job(x, 0.5, 0.5);
    job.outputs = 4096;
    ck_assert_int_eq(job.rows, 512);
    double cycles = 4096 / 512 * mvm(x, job).duration_ps / 1000;
    ASSERT_NEAR(cycles, 8 * 4 * 285 / (1 - 350.0 / 3900), 1e-9);
    ck_assert(cycles < 13166 && cycles > 13166 / 1.5);
    arena_close(a);
}
END_TEST

START_TEST(the_sustained_rate_of_the_whole_device_is_that_of_its_rows)
{
    static const char *const names[] = {"gddr6_aim", "hbm_pim"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct arena *a = arena_open();
        struct array *x = open_macro(a, names[i], NULL);
        struct macro_result r = evaluate(a, x, 0);
        ASSERT_NEAR(r.sustained_tops, sustained_tops((struct dram_pim *)x), 1e-9);
        ASSERT_NEAR(r.tops, dram_pim_peak_tops((struct dram_pim *)x), 1e-12);
        ck_assert(r.sustained_tops < r.tops);
        arena_close(a);
    }
}
END_TEST

START_TEST(a_product_reads_every_weight_once_and_opens_every_row_once)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "gddr6_aim", NULL);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    struct cost c = mvm(x, job);
    ASSERT_NEAR(c.actions[0].count, 32.0 * 16384, 1e-12);             /* rows */
    ASSERT_NEAR(c.actions[1].count, 8.0 * 1024 * 1024 * 1024, 1e-12); /* 8 Gb */
    ASSERT_NEAR(c.actions[2].count, 512.0 * 1024 * 1024, 1e-12);      /* products */
    arena_close(a);
}
END_TEST

START_TEST(short_outputs_share_a_row)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "gddr6_aim", NULL);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    job.rows = 256;
    job.outputs = 4 * 32; /* four to a row of 1,024 elements */
    struct cost c = mvm(x, job);
    ASSERT_NEAR(c.actions[0].count, 32, 1e-12);
    job.outputs++;
    c = mvm(x, job);
    ASSERT_NEAR(c.actions[0].count, 64, 1e-12); /* all banks open together */
    arena_close(a);
}
END_TEST

START_TEST(more_work_never_costs_less_and_wider_elements_are_refused)
{
    struct arena *a = arena_open();
    struct array *x = open_macro(a, "hbm_pim", NULL);
    struct array_job job = array_full_job(x, 0.5, 0.5);
    double before = 0;
    for (job.outputs = 1; job.outputs < 100000; job.outputs *= 3) {
        double pj = mvm_pj(x, job);
        ck_assert(pj > before);
        before = pj;
    }
    int in = 16, weight = 17;
    ck_assert(!x->ops->precision(x, &in, &weight));
    weight = 4;
    ck_assert(x->ops->precision(x, &in, &weight));
    ck_assert_int_eq(weight, 16);
    arena_close(a);
}
END_TEST

SUITE("DRAM-PIM", the_peak_is_a_command_of_all_banks_every_column_cycle,
      a_row_of_aim_takes_226_cycles, a_thousand_rows_take_what_the_makers_simulator_takes,
      a_unit_of_two_banks_drains_both_open_rows,
      a_square_product_on_four_stacks_takes_less_than_with_loading_its_inputs,
      the_sustained_rate_of_the_whole_device_is_that_of_its_rows,
      a_product_reads_every_weight_once_and_opens_every_row_once, short_outputs_share_a_row,
      more_work_never_costs_less_and_wider_elements_are_refused)
