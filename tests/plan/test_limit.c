/* What planning costs, and what no plan goes beyond. */
#include <time.h>

#include "tests/plan/fixture.h"

/* --- graphs of as many operators as one likes ------------------------------------------------ */

enum graph { CHAIN, STAR, POOLS, GRAPH_COUNT };

static void draw(struct op *o, int32_t *input, int32_t id, enum graph kind)
{
    struct small one = {.count = 0};
    *o =
        *small_add(&one, kind == POOLS ? OP_POOL : OP_MATMUL, kind == POOLS ? "max" : NULL, -1, -1);
    o->id = id;
    *input = kind == STAR ? 0 : id - 1;
    o->inputs = input;
    o->n_inputs = id > 0;
    o->activation_bits = o->weight_bits = 8;
    if (kind == POOLS) {
        o->in = o->out = image(8, 4, 4);
        for (int i = 0; i < 2; i++)
            o->u.conv.kernel[i] = o->u.conv.stride[i] = o->u.conv.dilation[i] = 1;
        o->u.conv.groups = 1;
        return;
    }
    o->weight = "w";
    o->u.matmul.batch = o->u.matmul.m = 1;
    o->u.matmul.k = o->u.matmul.n = 64;
}

static struct trace *many(struct arena *a, enum graph kind, int32_t count)
{
    struct trace *t = ARENA_NEW(a, struct trace);
    int32_t *inputs = ARENA_ARRAY(a, int32_t, count);
    t->header = (struct trace_header){.name = "many",
                                      .source = "",
                                      .work_unit = "image",
                                      .phase = "inference",
                                      .work_count = 1,
                                      .batch = 1,
                                      .activation_bits = 8,
                                      .weight_bits = 8,
                                      .kv_bits = 8};
    t->ops = ARENA_ARRAY(a, struct op, count);
    t->count = (size_t)count;
    for (int32_t i = 0; i < count; i++)
        draw(&t->ops[i], &inputs[i], i, kind);
    return t;
}

/* The least CPU time of some plans, in s, and the memory of one. */
static double plan_cost(const char *system, enum graph kind, int32_t count, double *bytes)
{
    double least_s = 1e9;
    for (int i = 0; i < 3; i++) {
        struct arena *a = arena_open();
        const struct system *s = plan_chip(a, system, NULL, 0);
        const struct trace *t = many(a, kind, count);
        const double before = (double)arena_bytes(a);
        clock_t begun = clock();
        planned(a, s, t);
        double took_s = (double)(clock() - begun) / CLOCKS_PER_SEC;
        least_s = took_s < least_s ? took_s : least_s;
        *bytes = (double)arena_bytes(a) - before;
        arena_close(a);
    }
    return least_s;
}

START_TEST(four_times_the_operators_cost_about_four_times_as_much_to_plan)
{
    static const struct {
        const char *system;
        enum graph kind;
        int32_t count;
    } cases[] = {{"wse2_core", CHAIN, 2000}, /* in one segment */
                 {"wse2_core", STAR, 2000},
                 {"dcim_5nm", POOLS, 2000},
                 {"dcim_22nm", CHAIN, 1500}, /* in many */
                 {"dcim_22nm", STAR, 1500}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double few, more;
        double few_s = plan_cost(cases[i].system, cases[i].kind, cases[i].count, &few);
        double more_s = plan_cost(cases[i].system, cases[i].kind, 4 * cases[i].count, &more);
        ck_assert_msg(more <= 4.5 * few, "case %zu: %.0f bytes, then %.0f", i, few, more);
        ck_assert_msg(more_s <= 8 * few_s + 0.05, "case %zu: %.3f s, then %.3f", i, few_s, more_s);
    }
}
END_TEST

/* --- limits ---------------------------------------------------------------------------------- */

START_TEST(pieces_of_a_plan_are_few_however_many_rows_there_are)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t first = small_matmul(&t, -1, INT64_C(1) << 27, 4096, 64);
    small_matmul(&t, first, INT64_C(1) << 27, 64, 4096);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    int64_t pieces = 0;
    for (size_t i = 0; i < p->stage_count; i++)
        pieces += p->stages[i].steps;
    ck_assert_int_gt(pieces, 1 << 20); /* rows do not fit in fewer */
    ck_assert_int_le(pieces, 1 << 22);
    arena_close(a);
}
END_TEST

static void refused(const char *chip, struct small *s, const char *why)
{
    struct arena *a = arena_open();
    struct plan *p = NULL;
    struct diag d = {.status = 0};
    struct trace t;
    small_trace(a, s, &t);
    ck_assert(!plan_make(a, plan_chip(a, chip, NULL, 0), &t, &p, &d));
    ck_assert_int_eq(d.status, 2);
    ck_assert_msg(strstr(d.text, why) != NULL, "%s", d.text);
    arena_close(a);
}

START_TEST(rows_beyond_a_terabyte_are_refused_by_the_name_of_the_operator)
{
    struct small products = {.count = 0}, images = {.count = 0};
    small_matmul(&products, -1, INT64_C(1) << 30, 1 << 20, 512);
    refused("dcim_5nm", &products, "op 0 (x) has rows of 1.13e+15 bytes a sample");
    small_conv(&images, -1, image(64, 1 << 20, 1 << 20), 1, 3, 1, 1);
    refused("isaac", &images, "op 0 (x) has rows of ");
}
END_TEST

SUITE("limits of plans", four_times_the_operators_cost_about_four_times_as_much_to_plan,
      pieces_of_a_plan_are_few_however_many_rows_there_are,
      rows_beyond_a_terabyte_are_refused_by_the_name_of_the_operator)
