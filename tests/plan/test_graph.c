/* From operators to stages: what is fused, what a join reads, what is cut. */
#include "tests/plan/fixture.h"

static const int64_t SIDE = 14;

static struct shape wide(int64_t channels)
{
    return image(channels, SIDE, SIDE);
}

START_TEST(element_wise_work_joins_the_stage_that_makes_its_operand)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, wide(16), 32, 3, 1, 1);
    int32_t relu = small_point(&t, "relu", c, -1, wide(32));
    small_conv(&t, relu, wide(32), 32, 1, 1, 1);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    ck_assert_uint_eq(p->stage_count, 4); /* source, two convolutions, sink */
    ck_assert(fuses(stage_of(p, c), relu));
    arena_close(a);
}
END_TEST

START_TEST(a_residual_sum_joins_the_later_of_its_two_producers_and_reads_the_other)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t entry = small_conv(&t, -1, wide(16), 32, 1, 1, 1);
    int32_t one = small_conv(&t, entry, wide(32), 32, 3, 1, 1);
    int32_t two = small_conv(&t, one, wide(32), 32, 3, 1, 1);
    int32_t sum = small_point(&t, "add", two, entry, wide(32));
    int32_t relu = small_point(&t, "relu", sum, -1, wide(32));
    small_conv(&t, relu, wide(32), 8, 1, 1, 1);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct stage *host = stage_of(p, two);
    const struct edge *shortcut = edge_between(p, stage_of(p, entry), host);
    ck_assert_uint_eq(p->stage_count, 6);
    ck_assert(fuses(host, sum) && fuses(host, relu));
    ck_assert_ptr_nonnull(shortcut);
    ck_assert(!shortcut->slides && !shortcut->whole);
    ck_assert_ptr_null(edge_between(p, stage_of(p, one), stage_of(p, 5)));
    arena_close(a);
}
END_TEST

START_TEST(a_sum_over_a_single_convolution_is_read_with_its_window)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t entry = small_conv(&t, -1, wide(16), 32, 1, 1, 1);
    int32_t one = small_conv(&t, entry, wide(32), 32, 3, 1, 1);
    int32_t sum = small_point(&t, "add", one, entry, wide(32));
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    ck_assert(fuses(stage_of(p, one), sum));
    ck_assert(edge_between(p, stage_of(p, entry), stage_of(p, one))->slides);
    arena_close(a);
}
END_TEST

START_TEST(norm_and_activation_before_a_convolution_join_it_when_their_operand_has_other_readers)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t entry = small_conv(&t, -1, wide(16), 32, 1, 1, 1);
    int32_t norm = small_norm(&t, entry, wide(32));
    int32_t relu = small_point(&t, "relu", norm, -1, wide(32));
    int32_t reader = small_conv(&t, relu, wide(32), 32, 3, 1, 1);
    int32_t sum = small_point(&t, "add", reader, entry, wide(32));
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct stage *s = stage_of(p, reader);
    ck_assert_uint_eq(p->stage_count, 4);
    ck_assert(fuses(s, norm) && fuses(s, relu) && fuses(s, sum));
    ck_assert_uint_eq(stage_of(p, entry)->fused_count, 0);
    arena_close(a);
}
END_TEST

START_TEST(a_concat_is_no_stage_its_reader_reads_each_part_where_its_channels_lie)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    struct shape parts[2] = {wide(24), wide(8)};
    int32_t entry = small_conv(&t, -1, wide(16), 16, 1, 1, 1);
    int32_t left = small_conv(&t, entry, wide(16), 24, 1, 1, 1);
    int32_t right = small_conv(&t, entry, wide(16), 8, 3, 1, 1);
    struct op *join = small_add(&t, OP_CONCAT, NULL, left, right);
    join->more_in = parts;
    join->in = parts[0];
    join->out = wide(32);
    int32_t reader = small_conv(&t, join->id, wide(32), 8, 1, 1, 1);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct edge *l = edge_between(p, stage_of(p, left), stage_of(p, reader));
    const struct edge *r = edge_between(p, stage_of(p, right), stage_of(p, reader));
    ck_assert_uint_eq(p->stage_count, 6);
    ck_assert(l && r);
    ASSERT_NEAR(l->channel[0], 0, 0);
    ASSERT_NEAR(l->channel[1], 0.75, 1e-12);
    ASSERT_NEAR(r->channel[0], 0.75, 1e-12);
    ASSERT_NEAR(r->channel[1], 1, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(a_pool_is_a_stage_in_the_tiles_of_its_producer)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, wide(16), 32, 3, 1, 1);
    int32_t pool = small_pool(&t, c, wide(32), 2, 2);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct stage *s = stage_of(p, pool), *host = stage_of(p, c);
    ck_assert_int_eq(s->kind, STAGE_VECTOR);
    ck_assert_int_eq(s->arrays, 0);
    ck_assert_int_eq(s->group, host->group);
    ck_assert_ptr_eq(s->makes.at, host->makes.at);
    arena_close(a);
}
END_TEST

START_TEST(a_pool_over_all_rows_takes_them_chunk_by_chunk_and_emits_once)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, wide(16), 32, 3, 1, 1);
    int32_t pool = small_pool(&t, c, wide(32), (int32_t)SIDE, 1);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct stage *s = stage_of(p, pool);
    ck_assert(s->emits_last_only);
    ck_assert_int_eq(s->steps, stage_of(p, c)->chunks);
    ck_assert_int_eq(s->chunks, 1);
    arena_close(a);
}
END_TEST

START_TEST(each_result_that_nobody_reads_leaves_by_a_sink)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t c = small_conv(&t, -1, wide(16), 32, 3, 1, 1);
    small_conv(&t, c, wide(32), 8, 1, 1, 1);
    small_conv(&t, c, wide(32), 16, 1, 1, 1);
    ck_assert_uint_eq(stages_of_kind(planned_small(a, "dcim_22nm", &t), STAGE_SINK), 2);
    arena_close(a);
}
END_TEST

START_TEST(the_second_operand_of_a_dynamic_product_is_needed_whole)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t q = small_matmul(&t, -1, 32, 64, 64), k = small_matmul(&t, -1, 32, 64, 64);
    struct op *o = small_add(&t, OP_MATMUL, NULL, q, k);
    o->u.matmul.batch = 1;
    o->u.matmul.m = 32;
    o->u.matmul.k = 64;
    o->u.matmul.n = 32;
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct stage *s = stage_of(p, o->id);
    ck_assert_int_eq(s->kind, STAGE_VECTOR);
    ck_assert(!edge_between(p, stage_of(p, q), s)->whole);
    const struct edge *whole = edge_between(p, stage_of(p, k), s);
    ck_assert(whole->whole);
    for (int64_t i = 0; i < s->steps; i++)
        ck_assert_int_eq(whole->needs[i], stage_of(p, k)->chunks);
    arena_close(a);
}
END_TEST

START_TEST(collectives_are_refused_by_a_single_chip)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    struct trace trace;
    struct plan *p;
    struct diag d = {.status = 0};
    int32_t m = small_matmul(&t, -1, 32, 64, 64);
    struct op *o = small_add(&t, OP_ALL_REDUCE, NULL, m, -1);
    o->u.move.bytes = 2048;
    o->u.move.group = 8;
    small_trace(a, &t, &trace);
    ck_assert(!plan_make(a, plan_chip(a, "dcim_22nm", NULL, 0), &trace, &p, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "all_reduce"));
    arena_close(a);
}
END_TEST

/* --- laws of every plan ---------------------------------------------------------------------- */

static void macs_are_the_traces(const struct plan *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->stage_count; i++)
        sum += p->stages[i].macs * (double)p->samples;
    ASSERT_NEAR(sum, trace_macs(p->trace), 1e-12);
    ASSERT_NEAR(p->macs, trace_macs(p->trace), 1e-12);
}

START_TEST(the_stages_do_the_multiplications_of_the_trace)
{
    ck_assert_uint_ge(each_plan(macs_are_the_traces), 12);
}
END_TEST

static void weights_are_the_traces(const struct plan *p)
{
    double bytes = 0;
    for (size_t g = 0; g < p->segment_count; g++)
        bytes += p->segments[g].weight_bytes;
    ASSERT_NEAR(bytes, trace_weights(p->trace) * p->trace->header.weight_bits / 8, 1e-12);
}

START_TEST(the_segments_hold_the_weights_of_the_trace)
{
    each_plan(weights_are_the_traces);
}
END_TEST

static void every_op_is_somewhere(const struct plan *p)
{
    for (size_t i = 0; i < p->trace->count; i++) {
        const struct op *o = &p->trace->ops[i];
        size_t found = 0;
        for (size_t k = 0; k < p->stage_count; k++)
            found += p->stages[k].op == o || fuses(&p->stages[k], o->id);
        if (o->kind != OP_CONCAT && o->kind != OP_RESHAPE)
            ck_assert_msg(found >= 1, "op %d (%s) is in no stage", o->id, o->name);
        if (!op_has_arrays(o)) /* a layer in parts fuses its element-wise work in each */
            continue;
        double part = 0;
        for (size_t k = 0; k < p->stage_count; k++)
            if (p->stages[k].op == o)
                part += p->stages[k].part[1] - p->stages[k].part[0];
        ASSERT_NEAR(part, 1, 1e-12);
    }
}

START_TEST(every_operator_is_done_and_the_parts_of_a_layer_make_all_of_it)
{
    each_plan(every_op_is_somewhere);
}
END_TEST

static void edges_go_forward(const struct plan *p)
{
    for (size_t e = 0; e < p->edge_count; e++) {
        const struct edge *at = &p->edges[e];
        ck_assert_int_lt(at->producer, at->consumer);
        ck_assert_int_eq(p->stages[at->producer].segment, p->stages[at->consumer].segment);
        ck_assert(at->channel[0] >= 0 && at->channel[0] < at->channel[1] &&
                  at->channel[1] <= 1 + 1e-12);
    }
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        ck_assert_msg((s->in_count == 0) == (s->kind == STAGE_SOURCE), "stage %zu reads nothing",
                      i);
        ck_assert_msg((s->out_count == 0) == (s->kind == STAGE_SINK), "stage %zu feeds nobody", i);
    }
}

START_TEST(edges_lead_forward_within_a_segment_from_sources_to_sinks)
{
    each_plan(edges_go_forward);
}
END_TEST

/* --- what does not fit ----------------------------------------------------------------------- */

START_TEST(weights_without_a_memory_to_reload_from_do_not_fit_and_the_sentence_says_how_many_arrays)
{
    struct arena *a = arena_open();
    struct plan *p;
    struct diag d = {.status = 0};
    ck_assert(!plan_make(a, plan_chip(a, "isaac", NULL, 0), sample_trace(a, "vgg19", 8), &p, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "does not fit: needs "));
    ck_assert_ptr_nonnull(strstr(d.text, "has 16128"));
    arena_close(a);
}
END_TEST

START_TEST(rows_in_flight_beyond_all_buffers_do_not_fit)
{
    struct arena *a = arena_open();
    struct cfg_override set = {"tile.buffer.bytes", "512"};
    struct plan *p;
    struct diag d = {.status = 0};
    ck_assert(
        !plan_make(a, plan_chip(a, "dcim_22nm", &set, 1), sample_trace(a, "vgg19", 8), &p, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "does not fit: buffer: "));
    arena_close(a);
}
END_TEST

START_TEST(weights_beyond_the_chip_fall_into_segments_that_each_fit)
{
    struct arena *a = arena_open();
    struct plan *p = planned(a, plan_chip(a, "dcim_22nm", NULL, 0), sample_trace(a, "resnet50", 8));
    ck_assert(!p->resident);
    ck_assert_uint_gt(p->segment_count, 1);
    for (size_t g = 0; g < p->segment_count; g++) {
        int64_t arrays = 0;
        for (int32_t k = 0; k < p->segments[g].stage_count; k++) {
            const struct stage *s = &p->stages[p->segments[g].first_stage + k];
            ck_assert_int_eq(s->segment, (int32_t)g);
            arrays += s->kind == STAGE_ARRAY ? s->arrays_per_copy : 0;
        }
        ck_assert(arrays > 0 && arrays <= p->system->arrays);
        ck_assert_double_gt(p->segments[g].weight_bytes, 0);
    }
    arena_close(a);
}
END_TEST

START_TEST(what_a_later_segment_reads_was_put_away_by_an_earlier_one)
{
    struct arena *a = arena_open();
    struct plan *p = planned(a, plan_chip(a, "dcim_22nm", NULL, 0), sample_trace(a, "resnet50", 8));
    size_t brought = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        bool stored = s->kind != STAGE_SOURCE || s->segment == 0;
        for (size_t k = 0; !stored && k < p->stage_count; k++)
            stored = p->stages[k].kind == STAGE_SINK && p->stages[k].layer == s->layer &&
                     p->stages[k].segment < s->segment && p->stages[k].rows == s->rows &&
                     fabs(p->stages[k].row_bytes - s->row_bytes) < 1e-9;
        ck_assert_msg(stored, "source %zu of layer %d", i, s->layer);
        brought += s->kind == STAGE_SOURCE && s->segment > 0;
    }
    ck_assert_uint_ge(brought, p->segment_count - 1);
    arena_close(a);
}
END_TEST

START_TEST(a_layer_wider_than_the_chip_is_cut_into_parts_that_make_each_output_once)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int64_t outputs = 0, parts = 0;
    double macs = 0, next = 0, bytes = 0;
    int32_t wide_one = small_matmul(&t, -1, 1, 8192, 4099);
    small_matmul(&t, wide_one, 1, 4099, 10);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (!s->op || s->op->id != wide_one)
            continue;
        parts++;
        outputs += s->gemm_n;
        macs += s->macs;
        bytes += s->row_bytes;
        next += s->part[1] - s->part[0];
        ck_assert_int_le(s->arrays_per_copy, p->system->arrays);
    }
    ck_assert_int_ge(parts, 2);
    ck_assert_int_eq(outputs, 4099);
    ASSERT_NEAR(macs, 8192.0 * 4099, 1e-12);
    ASSERT_NEAR(bytes, 4099, 1e-12);
    ASSERT_NEAR(next, 1, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(the_reader_of_a_layer_in_parts_reads_each_part_where_its_outputs_lie)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    double next = 0;
    int32_t wide_one = small_matmul(&t, -1, 1, 8192, 4099);
    int32_t reader = small_matmul(&t, wide_one, 1, 4099, 10);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct stage *s = stage_of(p, reader);
    ck_assert_uint_ge(s->in_count, 2);
    for (size_t n = 0; n < s->in_count; n++) { /* the parts join without gap or overlap */
        double end = -1;
        for (size_t k = 0; k < s->in_count; k++) {
            const struct edge *e = &p->edges[s->in[k]];
            if (fabs(e->channel[0] - next) < 1e-9)
                end = e->channel[1];
        }
        ck_assert_msg(end > next, "nobody brings the outputs from %g on", next);
        next = end;
    }
    ASSERT_NEAR(next, 1, 1e-9);
    arena_close(a);
}
END_TEST

SUITE("graphs", element_wise_work_joins_the_stage_that_makes_its_operand,
      a_residual_sum_joins_the_later_of_its_two_producers_and_reads_the_other,
      a_sum_over_a_single_convolution_is_read_with_its_window,
      norm_and_activation_before_a_convolution_join_it_when_their_operand_has_other_readers,
      a_concat_is_no_stage_its_reader_reads_each_part_where_its_channels_lie,
      a_pool_is_a_stage_in_the_tiles_of_its_producer,
      a_pool_over_all_rows_takes_them_chunk_by_chunk_and_emits_once,
      each_result_that_nobody_reads_leaves_by_a_sink,
      the_second_operand_of_a_dynamic_product_is_needed_whole,
      collectives_are_refused_by_a_single_chip, the_stages_do_the_multiplications_of_the_trace,
      the_segments_hold_the_weights_of_the_trace,
      every_operator_is_done_and_the_parts_of_a_layer_make_all_of_it,
      edges_lead_forward_within_a_segment_from_sources_to_sinks,
      weights_without_a_memory_to_reload_from_do_not_fit_and_the_sentence_says_how_many_arrays,
      rows_in_flight_beyond_all_buffers_do_not_fit,
      weights_beyond_the_chip_fall_into_segments_that_each_fit,
      what_a_later_segment_reads_was_put_away_by_an_earlier_one,
      a_layer_wider_than_the_chip_is_cut_into_parts_that_make_each_output_once,
      the_reader_of_a_layer_in_parts_reads_each_part_where_its_outputs_lie)
