/* Layers that several devices share: what each has of them, and what they tell each other. */
#include "tests/plan/fixture.h"

static const char PACKAGE[] = "configs/package/quad_dcim_hbm3.cfg";

static struct trace *share_of(struct arena *a, const struct trace *whole, int64_t ways)
{
    struct trace *t = NULL;
    struct diag d = {.status = 0};
    ck_assert_msg(plan_shard(a, whole, ways, &t, &d), "%s", d.text);
    return t;
}

static const struct op *op_of(const struct trace *t, int32_t id)
{
    int64_t index = trace_index(t, id);
    ck_assert_int_ge(index, 0);
    return &t->ops[index];
}

static size_t count_kind(const struct trace *t, enum op_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += t->ops[i].kind == kind;
    return n;
}

/* Elements of all tensors but tables. */
static double product_weights(const struct trace *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->count; i++)
        sum += t->ops[i].kind == OP_MATMUL ? op_weight_elements(&t->ops[i]) : 0;
    return sum;
}

/* --- what each has --------------------------------------------------------------------------- */

START_TEST(each_device_has_its_part_of_a_llama_and_does_norms_and_residuals_again)
{
    struct arena *a = arena_open();
    const struct trace *whole = sample_trace(a, "llama2_7b_decode", 0);
    for (int64_t ways = 2; ways <= 8; ways *= 2) {
        const struct trace *t = share_of(a, whole, ways);
        ASSERT_NEAR(trace_macs(t) * (double)ways, trace_macs(whole), 1e-12);
        ASSERT_NEAR(product_weights(t) * (double)ways, product_weights(whole), 1e-12);
        for (size_t i = 0; i < whole->count; i++) {
            const struct op *o = &whole->ops[i], *part = op_of(t, o->id);
            double cut = o->kind == OP_NORM || o->kind == OP_EMBEDDING ? 1 : (double)ways;
            if (o->kind == OP_ELEMENTWISE && strcmp(o->fn, "add") == 0)
                cut = 1;
            if (o->kind != OP_MATMUL && o->kind != OP_KV_APPEND && o->kind != OP_KV_READ)
                ASSERT_NEAR(op_out_elements(part) * cut, op_out_elements(o), 1e-12);
            if (o->kind == OP_KV_APPEND || o->kind == OP_KV_READ)
                ck_assert_int_eq(part->u.move.bytes * ways, o->u.move.bytes);
        }
    }
    arena_close(a);
}
END_TEST

START_TEST(queries_keys_and_values_of_one_product_are_cut_by_heads)
{
    struct arena *a = arena_open();
    const struct trace *t = share_of(a, sample_trace(a, "gpt2_decode", 0), 3);
    ck_assert_int_eq(op_of(t, 4)->u.matmul.n, 2304 / 3); /* qkv */
    ck_assert_int_eq(op_of(t, 5)->out.dim[2], 768 / 3);  /* q of it */
    ck_assert_int_eq(op_of(t, 10)->u.matmul.batch, 12 / 3);
    ck_assert_int_eq(op_of(t, 10)->u.matmul.k, 64);
    ck_assert_int_eq(op_of(t, 13)->u.matmul.k, 768 / 3); /* o, by rows */
    ck_assert_int_eq(op_of(t, 13)->u.matmul.n, 768);
    arena_close(a);
}
END_TEST

START_TEST(a_width_that_does_not_divide_is_rounded_up)
{
    struct arena *a = arena_open();
    const struct trace *t = share_of(a, sample_trace(a, "gpt2_decode", 0), 2);
    ck_assert_int_eq(op_of(t, 21)->u.matmul.n, 25129); /* of 50,257 words */
    arena_close(a);
}
END_TEST

/* --- what they tell each other --------------------------------------------------------------- */

START_TEST(two_all_reduces_a_layer_carry_batch_times_hidden_bytes_and_the_head_is_gathered)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    struct trace *whole = sample_trace(a, "llama2_7b_decode", 0);
    ck_assert(trace_scale_batch(whole, 3, &d));
    const struct trace *t = share_of(a, whole, 4);
    ck_assert_uint_eq(count_kind(t, OP_ALL_REDUCE), 2 * 32);
    ck_assert_uint_eq(count_kind(t, OP_ALL_GATHER), 1);
    for (size_t i = 0; i < t->count; i++)
        if (t->ops[i].kind == OP_ALL_REDUCE)
            ck_assert_int_eq(t->ops[i].u.move.bytes, 3 * 4096);
    ck_assert_int_eq(t->ops[t->count - 1].kind, OP_ALL_GATHER);
    ck_assert_int_eq(t->ops[t->count - 1].u.move.bytes, 3 * 32000);
    arena_close(a);
}
END_TEST

START_TEST(experts_are_cut_like_any_layer_and_added_up_before_they_are_reduced)
{
    struct arena *a = arena_open();
    const struct trace *whole = sample_trace(a, "mixtral_8x7b_decode", 0);
    const struct trace *t = share_of(a, whole, 4);
    const struct op *router = op_of(t, 15), *gate = op_of(t, 18), *down = op_of(t, 22);
    ck_assert_int_eq(router->u.matmul.n, 8); /* each does it again */
    ck_assert_int_eq(gate->u.matmul.n, 14336 / 4);
    ck_assert_int_eq(down->u.matmul.k, 14336 / 4);
    ck_assert_int_eq(gate->u.matmul.experts, 8);
    ck_assert_uint_eq(count_kind(t, OP_ALL_REDUCE), 2 * 32);
    ck_assert_uint_eq(count_kind(t, OP_ALL_GATHER), 1);
    const struct op *sum = op_of(t, op_of(t, 24)->inputs[1]);
    ck_assert_int_eq(sum->kind, OP_ALL_REDUCE);
    ck_assert_int_eq(sum->inputs[0], 23); /* what the experts' sum is, not each of them */
    ck_assert_int_eq(sum->u.move.bytes, 4096);
    arena_close(a);
}
END_TEST

START_TEST(branches_side_by_side_are_reduced_together)
{
    struct arena *a = arena_open();
    struct small s = {.count = 0};
    struct trace whole;
    struct shape row = {.dim = {1, 64}, .dims = 2};
    int32_t one = small_matmul(&s, small_matmul(&s, -1, 1, 64, 256), 1, 256, 64);
    int32_t two = small_matmul(&s, small_matmul(&s, -1, 1, 64, 128), 1, 128, 64);
    int32_t both = small_point(&s, "add", one, two, row);
    small_point(&s, "relu", both, -1, row);
    small_trace(a, &s, &whole);
    const struct trace *t = share_of(a, &whole, 2);
    ck_assert_uint_eq(count_kind(t, OP_ALL_REDUCE), 1);
    ck_assert_int_eq(op_of(t, both)->inputs[0], one);
    ck_assert_int_eq(op_of(t, op_of(t, both + 1)->inputs[0])->inputs[0], both);
    arena_close(a);
}
END_TEST

/* --- rings ----------------------------------------------------------------------------------- */

static struct plan *shared(struct arena *a, const char *sample, const struct plan_options *o)
{
    struct diag d = {.status = 0};
    struct plan *p = NULL;
    bool ok =
        plan_make_with(a, plan_chip(a, PACKAGE, NULL, 0), sample_trace(a, sample, 0), o, &p, &d);
    ck_assert_msg(ok, "%s", d.text);
    return p;
}

START_TEST(a_ring_of_four_moves_three_halves_of_the_bytes_in_six_steps)
{
    struct arena *a = arena_open();
    struct plan_options o = {.tensor = 4, .exact = true};
    const struct plan *p = shared(a, "gpt2_decode", &o);
    const struct link *l = &p->system->next;
    size_t rings = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        struct cost c;
        if (s->kind != STAGE_RING)
            continue;
        double steps = s->op->kind == OP_ALL_REDUCE ? 6 : 3;
        ASSERT_NEAR(plan_over_link(p, s, l, 768, &c), steps * 5000, 1e-12); /* 5 ns each */
        ASSERT_NEAR(c.duration_ps, steps / 4 * 768 / 450e9 * 1e12, 1e-12);
        ASSERT_NEAR(c.actions[0].count, steps / 4 * 768 * 8, 1e-12);
        ASSERT_NEAR(c.actions[0].pj.value, 1.3, 1e-12);
        rings++;
    }
    ck_assert_uint_eq(rings, 2 * 12 + 1);
    arena_close(a);
}
END_TEST

START_TEST(sums_come_back_to_the_tiles_that_made_them)
{
    struct arena *a = arena_open();
    struct plan_options o = {.tensor = 2, .exact = true};
    const struct plan *p = shared(a, "gpt2_decode", &o);
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (s->kind != STAGE_RING || s->op->kind != OP_ALL_REDUCE)
            continue;
        const struct stage *from = &p->stages[p->edges[s->in[0]].producer];
        const struct stage *to = &p->stages[p->edges[s->out[0]].consumer];
        ck_assert_int_eq(to->kind, STAGE_VECTOR);
        ck_assert_int_eq(to->group, from->group);
        ck_assert_int_eq(s->layer, from->op->id);
    }
    arena_close(a);
}
END_TEST

/* --- how many -------------------------------------------------------------------------------- */

START_TEST(a_model_that_one_cannot_hold_is_shared_layer_by_layer)
{
    struct arena *a = arena_open();
    struct plan_options usual = {.devices = 0}, row = {.tensor = 1},
                        both = {.tensor = 2, .devices = 4};
    const struct plan *p = shared(a, "gpt3_175b_decode", &usual);
    const struct plan *q = shared(a, "gpt3_175b_decode", &row);
    const struct plan *r = shared(a, "gpt3_175b_decode", &both);
    ck_assert_int_eq(p->tensor, 2);
    ck_assert_int_eq(p->devices, 2);
    ck_assert_int_eq(q->tensor, 1);
    ck_assert_int_eq(q->devices, 2);
    ck_assert_int_eq(r->tensor, 2);
    ck_assert_int_eq(r->devices, 4);
    size_t crossings = 0;
    for (size_t g = 0; g < r->segment_count; g++)
        crossings += r->segments[g].crosses;
    ck_assert_uint_eq(crossings, 1); /* two groups of two */
    ASSERT_NEAR(p->macs, trace_macs(p->whole), 1e-12);
    ASSERT_NEAR(q->macs, p->macs, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(over_a_fabric_that_is_slower_than_memory_devices_stand_in_a_row)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    struct plan *p = NULL;
    struct system *s = plan_chip(a, PACKAGE, NULL, 0);
    s->next.gb_per_s = 0.001;
    ck_assert_msg(plan_make(a, s, sample_trace(a, "gpt3_175b_decode", 0), &p, &d), "%s", d.text);
    ck_assert_int_eq(p->tensor, 1);
    ck_assert_int_eq(p->devices, 2);
    arena_close(a);
}
END_TEST

/* --- refusals -------------------------------------------------------------------------------- */

static void refused(const char *system, const char *sample, int64_t tensor, int64_t devices,
                    const char *word)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    struct plan_options o = {.tensor = tensor, .devices = devices};
    struct plan *p = NULL;
    ck_assert(
        !plan_make_with(a, plan_chip(a, system, NULL, 0), sample_trace(a, sample, 0), &o, &p, &d));
    ck_assert_int_eq(d.status, 2);
    ck_assert_msg(strstr(d.text, word) != NULL, "%s", d.text);
    arena_close(a);
}

START_TEST(what_cannot_be_shared_is_refused_as_the_users_mistake)
{
    refused(PACKAGE, "llama2_70b_decode", 16, 0, "8 heads of keys and values");
    refused(PACKAGE, "gpt2_decode", 5, 0, "12 heads of keys and values");
    refused(PACKAGE, "resnet50", 2, 0, "conv2d");
    refused(PACKAGE, "gpt2_decode", 2, 3, "no multiple");
    refused("configs/chip/dcim_5nm_hbm3.cfg", "gpt2_decode", 2, 0, "no link");
    refused("configs/wafer/wafer_cim.cfg", "gpt2_decode", 2, 0, "wafer");
}
END_TEST

SUITE("shard", each_device_has_its_part_of_a_llama_and_does_norms_and_residuals_again,
      queries_keys_and_values_of_one_product_are_cut_by_heads,
      a_width_that_does_not_divide_is_rounded_up,
      two_all_reduces_a_layer_carry_batch_times_hidden_bytes_and_the_head_is_gathered,
      experts_are_cut_like_any_layer_and_added_up_before_they_are_reduced,
      branches_side_by_side_are_reduced_together,
      a_ring_of_four_moves_three_halves_of_the_bytes_in_six_steps,
      sums_come_back_to_the_tiles_that_made_them,
      a_model_that_one_cannot_hold_is_shared_layer_by_layer,
      over_a_fabric_that_is_slower_than_memory_devices_stand_in_a_row,
      what_cannot_be_shared_is_refused_as_the_users_mistake)
