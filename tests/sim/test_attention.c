/* One small attention in arrays, worked out by hand. */
#include "core/sim/sim.h"
#include "tests/plan/fixture.h"
#include "tests/sim/child.h"

enum { TOKENS = 256, WIDTH = 64, HEADS = 2, SAMPLES = 3 };
enum { WRITTEN_PJ, ADDED_PJ, NARROW_PJ, WIDE_PJ, SCORES, MIX = SCORES + 3, FIGURES = MIX + 3 };
enum { WRITE_PS, ROWS_PS, BUSY_PS };

static int32_t product(struct small *t, int32_t rows, int32_t operand, int64_t k, int64_t n)
{
    struct op *o = small_add(t, OP_MATMUL, NULL, rows, operand);
    o->u.matmul.batch = HEADS;
    o->u.matmul.m = TOKENS;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

/* Queries, keys and values, and the two products; no softmax. */
static void attention(struct small *t)
{
    for (int i = 0; i < 3; i++)
        small_matmul(t, -1, TOKENS, WIDTH, HEADS * WIDTH);
    product(t, product(t, 0, 1, WIDTH, TOKENS), 2, TOKENS, WIDTH);
}

/* What one part takes for one vector through an array with `rows` rows and 32 outputs in use. */
static double vector_pj(const struct plan *p, const struct stage *s, int64_t rows, enum part part)
{
    struct array_job job;
    struct tile_shape shape = {rows, 32, 1};
    struct cost c;
    double pj = 0;
    stage_job(p, s, &shape, &job);
    p->system->array->ops->mvm(p->system->array, &job, &c);
    for (unsigned i = 0; i < c.count; i++)
        pj += c.actions[i].part == part ? c.actions[i].count * c.actions[i].pj.value : 0;
    return pj;
}

/* Of one stage: writing, all rows of a sample, and how long it was busy. */
static void tell(FILE *out, const struct plan *p, const struct sim_result *r, const struct stage *s)
{
    double rows_ps = 0;
    for (int64_t k = 0; k < s->chunks; k++)
        rows_ps += stage_rows_ps(s, stage_chunk_rows(s, k), NULL);
    child_number(out, s->write_ps);
    child_number(out, rows_ps);
    child_number(out, r->stages[s - p->stages].busy_ps);
}

static void play(const void *user, FILE *out)
{
    /* 4 arrays each for three layers, 16 for keys, 4 for values: none is left for copies */
    const struct cfg_override full[] = {{"attention", "\"arrays\""},
                                        {"tiles", "2"},
                                        {"tile.arrays", "16"},
                                        {"tile.buffer.bytes", "4194304"}};
    struct arena *a = arena_open();
    struct small small = {.count = 0};
    struct trace t;
    struct plan *p;
    struct sim_result r;
    struct ledger_sums sums;
    struct sim_options o = {.exact = true};
    struct diag d = {.status = 0};
    (void)user;
    attention(&small);
    small_trace(a, &small, &t);
    if (!trace_scale_batch(&t, SAMPLES, &d) ||
        !plan_make(a, plan_chip(a, "dcim_5nm", full, COUNT_OF(full)), &t, &p, &d) ||
        !sim_run(a, p, &o, &r, &d))
        child_fail(d.text);
    ledger_sum(r.ledger, &sums);
    const struct stage *scores = stage_of(p, 3), *mix = stage_of(p, 4);
    if (!scores->dynamic || !mix->dynamic || scores->copies != 1 || mix->copies != 1)
        child_fail("the products are not in one copy of arrays each");
    child_number(out, sums.part_pj[PART_ARRAY_WRITE]);
    child_number(out, sums.part_pj[PART_ARRAY_ADDER_TREE]);
    child_number(out, vector_pj(p, scores, WIDTH, PART_ARRAY_ADDER_TREE));
    child_number(out, vector_pj(p, scores, TOKENS, PART_ARRAY_ADDER_TREE));
    tell(out, p, &r, scores);
    tell(out, p, &r, mix);
    arena_close(a);
}

START_TEST(every_sample_writes_its_keys_and_values_at_20_fj_a_cell)
{
    double r[FIGURES];
    child_numbers(play, NULL, r, FIGURES);
    /* two operands of 2 x 64 x 256 values of 8 bits */
    ASSERT_NEAR(r[WRITTEN_PJ], SAMPLES * 2 * (2 * 64 * 256) * 8 * 0.02, 1e-9);
}
END_TEST

START_TEST(a_tile_writes_as_fast_as_its_buffer_reads)
{
    double r[FIGURES];
    child_numbers(play, NULL, r, FIGURES);
    /* 2 heads x 256 / 32 arrays of 64 rows of 32 bytes, at 128 bytes a ns; cells: 64 x 0.7 ns */
    ASSERT_NEAR(r[SCORES + WRITE_PS], 16 * 64 * 32 / 128 * 1e3, 1e-12);
    /* 2 x 64 / 32 arrays of 256 rows; cells: 256 x 0.7 ns */
    ASSERT_NEAR(r[MIX + WRITE_PS], 4 * 256 * 32 / 128 * 1e3, 1e-12);
}
END_TEST

START_TEST(arrays_write_before_the_rows_of_each_sample)
{
    double r[FIGURES];
    child_numbers(play, NULL, r, FIGURES);
    for (int s = SCORES; s <= MIX; s += MIX - SCORES) {
        ck_assert_double_gt(r[s + ROWS_PS], 0);
        ASSERT_NEAR(r[s + BUSY_PS], SAMPLES * (r[s + WRITE_PS] + r[s + ROWS_PS]), 1e-5);
    }
}
END_TEST

START_TEST(every_row_passes_each_array_of_its_product_once)
{
    double r[FIGURES];
    child_numbers(play, NULL, r, FIGURES);
    /* 3 x 4 arrays of weights and 16 of keys use 64 rows; 4 of values use 256 */
    double narrow = TOKENS * (3 * 4 + 16), wide = TOKENS * 4;
    ASSERT_NEAR(r[ADDED_PJ], SAMPLES * (narrow * r[NARROW_PJ] + wide * r[WIDE_PJ]), 1e-9);
}
END_TEST

SUITE("attention in arrays", every_sample_writes_its_keys_and_values_at_20_fj_a_cell,
      a_tile_writes_as_fast_as_its_buffer_reads, arrays_write_before_the_rows_of_each_sample,
      every_row_passes_each_array_of_its_product_once)
