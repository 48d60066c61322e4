/* Products of two operands in arrays: when, how many, what they wait for, what goes where. */
#include "tests/plan/fixture.h"

static const struct cfg_override in_arrays = {"attention", "\"arrays\""};

/* The product of the outputs of two ops: batch matrices of m x k and k x n. */
static int32_t small_product(struct small *t, int32_t rows, int32_t operand, int64_t batch,
                             const int64_t size[3])
{
    struct op *o = small_add(t, OP_MATMUL, NULL, rows, operand);
    o->u.matmul.batch = batch;
    o->u.matmul.m = size[0];
    o->u.matmul.k = size[1];
    o->u.matmul.n = size[2];
    return o->id;
}

enum { Q, K, V, SCORES, SOFTMAX, MIX };

/* Attention of `heads` heads of 64 over `tokens` tokens. */
static void attention(struct small *t, int64_t heads, int64_t queries, int64_t tokens)
{
    int32_t x = small_matmul(t, -1, tokens, 64, heads * 64);
    ck_assert_int_eq(x, Q);
    t->ops[Q].u.matmul.m = queries;
    small_matmul(t, -1, tokens, 64, heads * 64);
    small_matmul(t, -1, tokens, 64, heads * 64);
    const int64_t scores[3] = {queries, 64, tokens}, mix[3] = {queries, tokens, 64};
    small_product(t, Q, K, heads, scores);
    struct op *softmax = small_add(t, OP_SOFTMAX, NULL, SCORES, -1);
    softmax->in = softmax->out = (struct shape){{1, heads, queries, tokens}, 4};
    ck_assert_int_eq(small_product(t, SOFTMAX, V, heads, mix), MIX);
}

static struct plan *planned_with(struct arena *a, struct small *s, const struct cfg_override *set,
                                 size_t count)
{
    struct trace *t = ARENA_NEW(a, struct trace);
    small_trace(a, s, t);
    return planned(a, plan_chip(a, "dcim_5nm", set, count), t);
}

static struct plan *plan_attention(struct arena *a, int64_t queries, int64_t tokens)
{
    struct small s = {.count = 0};
    attention(&s, 2, queries, tokens);
    return planned_with(a, &s, &in_arrays, 1);
}

START_TEST(products_of_two_operands_stay_on_vector_units_unless_the_design_says_arrays)
{
    struct arena *a = arena_open();
    struct small s = {.count = 0};
    const struct cfg_override lanes = {"attention", "\"vector\""};
    attention(&s, 2, 256, 256);
    ck_assert_int_eq(stage_of(planned_with(a, &s, &lanes, 1), SCORES)->kind, STAGE_VECTOR);
    ck_assert_int_eq(stage_of(plan_attention(a, 256, 256), SCORES)->kind, STAGE_ARRAY);
    arena_close(a);
}
END_TEST

START_TEST(many_rows_pay_for_writing_and_one_does_not)
{
    struct arena *a = arena_open();
    struct plan *many = plan_attention(a, 256, 256), *one = plan_attention(a, 1, 256);
    ck_assert(stage_of(many, SCORES)->dynamic && stage_of(many, MIX)->dynamic);
    ck_assert_int_eq(stage_of(one, SCORES)->kind, STAGE_VECTOR);
    ck_assert_int_eq(stage_of(one, MIX)->kind, STAGE_VECTOR);
    arena_close(a);
}
END_TEST

START_TEST(a_decode_step_keeps_its_products_on_vector_units)
{
    static const char *const samples[] = {"gpt2_decode", "llama2_7b_decode", "mixtral_8x7b_decode",
                                          "llama2_70b_decode"};
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct arena *a = arena_open();
        struct plan p = {.arena = a, .trace = sample_trace(a, samples[i], 0), .samples = 1};
        struct diag d = {.status = 0};
        p.system = plan_chip(a, "dcim_5nm", &in_arrays, 1);
        ck_assert(plan_build(&p, &d));
        for (size_t k = 0; k < p.stage_count; k++)
            ck_assert_msg(!p.stages[k].dynamic, "%s, op %d", samples[i], p.stages[k].layer);
        arena_close(a);
    }
}
END_TEST

START_TEST(each_head_has_the_arrays_of_its_matrix)
{
    struct arena *a = arena_open();
    struct plan *p = plan_attention(a, 256, 256);
    const struct stage *scores = stage_of(p, SCORES), *mix = stage_of(p, MIX);
    ck_assert_int_eq(scores->groups, 2);
    ck_assert_int_eq(scores->arrays_per_copy, 2 * 1 * 8); /* 64 of 256 rows, 256 / 32 outputs */
    ck_assert_int_eq(mix->arrays_per_copy, 2 * 1 * 2);
    arena_close(a);
}
END_TEST

START_TEST(the_written_operand_arrives_whole_and_is_free_once_it_is_written)
{
    struct arena *a = arena_open();
    struct plan *p = plan_attention(a, 256, 256);
    const struct stage *keys = stage_of(p, K), *scores = stage_of(p, SCORES);
    const struct edge *e = edge_between(p, keys, scores);
    const struct edge *rows = edge_between(p, stage_of(p, Q), scores);
    ck_assert(e->whole && e->written && !rows->whole && !rows->written);
    ck_assert_int_gt(scores->steps, 1);
    for (int64_t k = 0; k < scores->steps; k++) {
        ck_assert_int_eq(e->needs[k], keys->chunks);
        ck_assert_int_eq(e->frees[k], keys->chunks);
    }
    ck_assert_int_lt(rows->needs[0], keys->chunks);
    arena_close(a);
}
END_TEST

static double flow_bytes(const struct edge *e)
{
    double sum = e->local_bytes_per_row;
    for (size_t f = 0; f < e->flow_count; f++)
        sum += e->flows[f].bytes_per_row * e->flows[f].count;
    return sum;
}

START_TEST(each_copy_is_sent_the_operand_once)
{
    struct arena *a = arena_open();
    struct plan *p = plan_attention(a, 256, 256);
    const int32_t of[2][2] = {{K, SCORES}, {V, MIX}};
    for (int i = 0; i < 2; i++) {
        const struct stage *from = stage_of(p, of[i][0]), *to = stage_of(p, of[i][1]);
        double sent = flow_bytes(edge_between(p, from, to));
        ck_assert_double_le(sent, from->row_bytes * (double)to->copies * (1 + 1e-9));
        ck_assert_double_ge(sent, from->row_bytes * (1 - 1e-9)); /* a tile may hold many copies */
    }
    arena_close(a);
}
END_TEST

START_TEST(products_side_by_side_fill_their_arrays_each_once)
{
    static const int64_t tokens[] = {256, 300, 1000, 1024};
    for (size_t t = 0; t < COUNT_OF(tokens); t++) {
        struct arena *a = arena_open();
        struct plan *p = plan_attention(a, tokens[t], tokens[t]);
        const struct stage *two[2] = {stage_of(p, SCORES), stage_of(p, MIX)};
        int64_t both = two[0]->arrays_per_copy + two[1]->arrays_per_copy;
        bool *taken = ARENA_ARRAY(a, bool, both);
        ck_assert(&p->stages[two[0]->beside.stage] == two[1] && two[1]->beside.sums);
        ck_assert_int_eq(two[0]->copies, two[1]->copies);
        ck_assert_int_eq(two[0]->copy_at[0], two[1]->copy_at[0]);
        for (int s = 0; s < 2; s++)
            for (int64_t i = 0; i < two[s]->arrays_per_copy; i++) {
                int64_t at = stage_array_offset(two[s], i);
                ck_assert(at >= 0 && at < both && !taken[at]);
                taken[at] = true;
            }
        arena_close(a);
    }
}
END_TEST

START_TEST(most_scores_stay_in_the_tile_that_made_them)
{
    struct arena *a = arena_open();
    struct plan *p = plan_attention(a, 1024, 1024);
    const struct stage *scores = stage_of(p, SCORES);
    const struct edge *e = edge_between(p, scores, stage_of(p, MIX));
    double sent = 0;
    for (size_t f = 0; f < e->flow_count; f++)
        sent += e->flows[f].bytes_per_row * e->flows[f].count;
    /* 2 x 4 stretches of 256 positions, 8 arrays of keys and 2 of values each, in tiles of 32 */
    ck_assert_double_le(sent, 0.25 * scores->row_bytes);
    arena_close(a);
}
END_TEST

START_TEST(operands_are_not_loaded_as_weights)
{
    struct arena *a = arena_open();
    struct plan *p = plan_attention(a, 256, 256);
    ck_assert_uint_eq(p->segments[0].write_count, 3);
    ASSERT_NEAR(p->segments[0].weight_bytes, 3 * 64 * 128.0, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(operands_that_do_not_fit_beside_resident_weights_stay_on_vector_units)
{
    struct arena *a = arena_open();
    struct small s = {.count = 0};
    /* 3 x 4 arrays of weights, 20 of operands, on chips of 31 and 32 */
    const struct cfg_override few[] = {in_arrays, {"tile.arrays", "1"}, {"tiles", "31"}};
    const struct cfg_override enough[] = {in_arrays, {"tile.arrays", "1"}, {"tiles", "32"}};
    attention(&s, 2, 256, 256);
    struct plan *p = planned_with(a, &s, few, COUNT_OF(few));
    ck_assert(p->resident);
    ck_assert_int_eq(stage_of(p, SCORES)->kind, STAGE_VECTOR);
    p = planned_with(a, &s, enough, COUNT_OF(enough));
    ck_assert(p->resident);
    ck_assert_int_eq(stage_of(p, SCORES)->kind, STAGE_ARRAY);
    arena_close(a);
}
END_TEST

START_TEST(keys_keep_their_bits_when_weights_are_narrow)
{
    struct arena *a = arena_open();
    struct plan p = {.arena = a, .trace = sample_trace(a, "gpt2_prefill", 4), .samples = 1};
    size_t seen = 0;
    for (size_t i = 0; i < p.trace->count; i++) {
        const struct op *o = &p.trace->ops[i];
        int in_bits, w_bits;
        if (o->kind != OP_MATMUL || o->weight)
            continue;
        plan_bits(&p, o, &in_bits, &w_bits);
        ck_assert_int_eq(in_bits, 4);
        ck_assert_int_eq(w_bits, 8);
        seen++;
    }
    ck_assert_uint_eq(seen, 24);
    arena_close(a);
}
END_TEST

SUITE("operands in arrays",
      products_of_two_operands_stay_on_vector_units_unless_the_design_says_arrays,
      many_rows_pay_for_writing_and_one_does_not, a_decode_step_keeps_its_products_on_vector_units,
      each_head_has_the_arrays_of_its_matrix,
      the_written_operand_arrives_whole_and_is_free_once_it_is_written,
      each_copy_is_sent_the_operand_once, products_side_by_side_fill_their_arrays_each_once,
      most_scores_stay_in_the_tile_that_made_them, operands_are_not_loaded_as_weights,
      operands_that_do_not_fit_beside_resident_weights_stay_on_vector_units,
      keys_keep_their_bits_when_weights_are_narrow)
