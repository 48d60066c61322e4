/* Whole simulations of small traces, each in a process of its own, against figures by hand. */
#include "core/sim/sim.h"
#include "tests/plan/fixture.h"
#include "tests/sim/child.h"

struct job {
    const char *chip;
    void (*build)(struct small *t);
    int64_t batch;
    const struct cfg_override *set;
    size_t set_count;
};

enum {
    TIME,
    LATENCY,
    INTERVAL,
    PLANNED_WRITES, /* pJ */
    CAUSES,
    PARTS = CAUSES + CAUSE_COUNT,
    FIGURES = PARTS + PART_COUNT
};

/* What writing the weights of all segments costs the arrays, in pJ. */
static double planned_writes(const struct plan *p)
{
    double pj = 0;
    for (size_t g = 0; g < p->segment_count; g++)
        for (size_t i = 0; i < p->segments[g].write_count; i++) {
            const struct cost *c = &p->segments[g].writes[i].cost;
            for (unsigned k = 0; k < c->count; k++)
                if (c->actions[k].part == PART_ARRAY_WRITE)
                    pj += c->actions[k].count * c->actions[k].pj.value;
        }
    return pj;
}

static void play(const void *user, FILE *out)
{
    const struct job *j = user;
    struct arena *a = arena_open();
    struct small small = {.bits = 16};
    struct trace t;
    struct plan *p;
    struct sim_result r;
    struct ledger_sums sums;
    struct sim_options o = {.exact = false};
    struct diag d = {.status = 0};
    j->build(&small);
    small_trace(a, &small, &t);
    if (!trace_scale_batch(&t, j->batch, &d) ||
        !plan_make(a, plan_chip(a, j->chip, j->set, j->set_count), &t, &p, &d) ||
        !sim_run(a, p, &o, &r, &d))
        child_fail(d.text);
    ledger_sum(r.ledger, &sums);
    child_number(out, r.time_ps);
    child_number(out, r.latency_ps);
    child_number(out, r.interval_ps);
    child_number(out, planned_writes(p));
    for (int c = 0; c < CAUSE_COUNT; c++)
        child_number(out, r.cause_ps[c]);
    for (int c = 0; c < PART_COUNT; c++)
        child_number(out, sums.part_pj[c]);
    arena_close(a);
}

/* One vector of 128 through one full crossbar: 16 outputs of 8 columns. */
static void one_vector(struct small *t)
{
    small_matmul(t, -1, 1, 128, 16);
}

START_TEST(one_vector_on_isaac_takes_its_reads_and_its_way_in_and_out)
{
    struct job j = {"isaac", one_vector, 1, NULL, 0};
    double r[FIGURES];
    child_numbers(play, &j, r, FIGURES);
    ASSERT_NEAR(r[CAUSES + CAUSE_ARRAY], 16 * 100e3, 1e-9);
    /* 256 bytes in and 32 out at 25.6 GB/s, 50 ns each way */
    ASSERT_NEAR(r[CAUSES + CAUSE_LINK], 10e3 + 50e3 + 1.25e3 + 50e3, 1e-3);
    /* 256 bytes are 64 flits of 32 bits at 1.2 GHz, a few cycles for the router, twice */
    ck_assert_double_ge(r[CAUSES + CAUSE_NOC], (64 + 8) / 1.2 * 1e3);
    ck_assert_double_le(r[CAUSES + CAUSE_NOC], (64 + 8 + 40) / 1.2 * 1e3);
    ASSERT_NEAR(r[LATENCY], r[TIME], 1e-12);
}
END_TEST

START_TEST(one_vector_on_isaac_makes_2048_conversions_of_1_5625_pj)
{
    struct job j = {"isaac", one_vector, 1, NULL, 0};
    double r[FIGURES];
    child_numbers(play, &j, r, FIGURES);
    ASSERT_NEAR(r[PARTS + PART_ARRAY_ADC], 16 * 128 * 1.5625, 0.01);
    ASSERT_NEAR(r[PARTS + PART_HOST], 10400 * r[TIME] * 1e-3, 1e-9); /* HyperTransport, always on */
}
END_TEST

static void three_layers(struct small *t)
{
    int32_t one = small_conv(t, -1, image(16, 14, 14), 32, 3, 1, 1);
    int32_t two = small_conv(t, one, image(32, 14, 14), 32, 3, 1, 1);
    small_conv(t, two, image(32, 14, 14), 16, 1, 1, 1);
}

START_TEST(a_convolution_makes_its_conversions_for_every_vector_of_every_row)
{
    struct job j = {"isaac", three_layers, 1, NULL, 0};
    double r[FIGURES];
    child_numbers(play, &j, r, FIGURES);
    /* crossbars of a copy: 2 x 2 for K = 144, 3 x 2 for K = 288, 1 for K = 32; 14 x 14 vectors */
    ASSERT_NEAR(r[PARTS + PART_ARRAY_ADC], (4 + 6 + 1) * 196 * 16 * 128 * 1.5625, 0.01);
}
END_TEST

START_TEST(a_filled_pipeline_gives_a_sample_in_the_time_of_its_slowest_stage)
{
    struct job j = {"isaac", three_layers, 12, NULL, 0};
    double r[FIGURES];
    child_numbers(play, &j, r, FIGURES);
    /* 14 rows of 1.6 us on a copy for each vector */
    ck_assert_double_ge(r[INTERVAL], 14 * 1.6e6);
    ck_assert_double_le(r[INTERVAL], 14 * 1.6e6 * 1.1);
    ck_assert_double_lt(r[INTERVAL], r[LATENCY]);
    ck_assert_double_lt(r[TIME], 12 * r[LATENCY]);
}
END_TEST

START_TEST(the_energy_of_the_work_grows_with_the_batch_and_that_of_idling_with_the_time)
{
    struct job one = {"isaac", three_layers, 1, NULL, 0},
               eight = {"isaac", three_layers, 8, NULL, 0};
    double r[FIGURES], s[FIGURES];
    child_numbers(play, &one, r, FIGURES);
    child_numbers(play, &eight, s, FIGURES);
    ASSERT_NEAR(s[PARTS + PART_ARRAY_ADC], 8 * r[PARTS + PART_ARRAY_ADC], 1e-9);
    ASSERT_NEAR(s[PARTS + PART_NOC_ROUTER], 8 * r[PARTS + PART_NOC_ROUTER], 1e-9);
    ASSERT_NEAR(s[PARTS + PART_BUFFER], 8 * r[PARTS + PART_BUFFER], 1e-9);
    ASSERT_NEAR(s[PARTS + PART_HOST] / r[PARTS + PART_HOST], s[TIME] / r[TIME], 1e-9);
}
END_TEST

/* --- reloading ------------------------------------------------------------------------------- */

/* 22 MB of 16-bit weights where the chip holds 2 MB of them */
static void too_wide(struct small *t)
{
    int32_t one = small_matmul(t, -1, 1, 4096, 2048);
    small_matmul(t, one, 1, 2048, 1000);
}

START_TEST(reloaded_weights_come_no_faster_than_the_memory_reads_and_each_is_written_once)
{
    struct job j = {"dcim_22nm", too_wide, 1, NULL, 0};
    double r[FIGURES], bytes = 2.0 * (4096 * 2048 + 2048 * 1000), rate = 256e-3 /* bytes per ps */;
    child_numbers(play, &j, r, FIGURES);
    ck_assert_double_ge(r[TIME], bytes / rate);
    ck_assert_double_gt(r[CAUSES + CAUSE_RELOAD], 0);
    ck_assert_double_le(r[CAUSES + CAUSE_RELOAD], r[TIME]);
    ck_assert_double_gt(r[PLANNED_WRITES], 0);
    ASSERT_NEAR(r[PARTS + PART_ARRAY_WRITE], r[PLANNED_WRITES], 1e-9);
    ck_assert_double_gt(r[PARTS + PART_MEMORY_READ], 0);
}
END_TEST

START_TEST(weights_are_reloaded_once_for_the_whole_batch)
{
    struct job one = {"dcim_22nm", too_wide, 1, NULL, 0},
               four = {"dcim_22nm", too_wide, 4, NULL, 0};
    double r[FIGURES], s[FIGURES];
    child_numbers(play, &one, r, FIGURES);
    child_numbers(play, &four, s, FIGURES);
    ASSERT_NEAR(s[PARTS + PART_ARRAY_WRITE], r[PARTS + PART_ARRAY_WRITE], 1e-9);
    ASSERT_NEAR(s[CAUSES + CAUSE_RELOAD], r[CAUSES + CAUSE_RELOAD], 0.02);
    ck_assert_double_ge(s[PARTS + PART_ARRAY_ADDER_TREE],
                        r[PARTS + PART_ARRAY_ADDER_TREE] * 4 * (1 - 1e-9));
}
END_TEST

START_TEST(weights_of_the_next_segment_come_while_this_one_computes)
{
    struct job j = {"dcim_22nm", too_wide, 48, NULL, 0};
    double r[FIGURES], bytes = 2.0 * (4096 * 2048 + 2048 * 1000), rate = 256e-3 /* bytes per ps */;
    child_numbers(play, &j, r, FIGURES);
    printf("  %.0f us, %.0f of it waiting for weights that take %.0f to read\n", r[TIME] * 1e-6,
           r[CAUSES + CAUSE_RELOAD] * 1e-6, bytes / rate * 1e-6);
    ck_assert_double_gt(r[TIME], bytes / rate);
    ck_assert_double_lt(r[CAUSES + CAUSE_RELOAD], 0.9 * bytes / rate);
}
END_TEST

/* --- overrides reach the run ------------------------------------------------------------------ */

START_TEST(a_slower_read_slows_the_run_and_a_dearer_one_makes_it_dearer)
{
    struct cfg_override slow = {"tile.array.read_ns", "200.0"};
    struct cfg_override dear = {"tile.array.adc.power_mw", "4.0"};
    struct job plain = {"isaac", three_layers, 1, NULL, 0};
    struct job slower = {"isaac", three_layers, 1, &slow, 1};
    struct job dearer = {"isaac", three_layers, 1, &dear, 1};
    double r[FIGURES], s[FIGURES], t[FIGURES];
    child_numbers(play, &plain, r, FIGURES);
    child_numbers(play, &slower, s, FIGURES);
    child_numbers(play, &dearer, t, FIGURES);
    ASSERT_NEAR(s[CAUSES + CAUSE_ARRAY], 2 * r[CAUSES + CAUSE_ARRAY], 0.05);
    ASSERT_NEAR(t[PARTS + PART_ARRAY_ADC], 2 * r[PARTS + PART_ARRAY_ADC], 1e-9);
    ASSERT_NEAR(t[TIME], r[TIME], 1e-12);
}
END_TEST

SUITE("simulation", one_vector_on_isaac_takes_its_reads_and_its_way_in_and_out,
      one_vector_on_isaac_makes_2048_conversions_of_1_5625_pj,
      a_convolution_makes_its_conversions_for_every_vector_of_every_row,
      a_filled_pipeline_gives_a_sample_in_the_time_of_its_slowest_stage,
      the_energy_of_the_work_grows_with_the_batch_and_that_of_idling_with_the_time,
      reloaded_weights_come_no_faster_than_the_memory_reads_and_each_is_written_once,
      weights_are_reloaded_once_for_the_whole_batch,
      weights_of_the_next_segment_come_while_this_one_computes,
      a_slower_read_slows_the_run_and_a_dearer_one_makes_it_dearer)
