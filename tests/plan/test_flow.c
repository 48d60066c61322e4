/* Chunks, buffers, places and the bytes between them. */
#include "tests/plan/fixture.h"

/* --- chunks and buffers ---------------------------------------------------------------------- */

/* Two 3 x 3 convolutions after each other; what the first must be able to hold. */
static int32_t least_buffer(int32_t kernel, int32_t stride)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t one = small_conv(&t, -1, image(16, 28, 28), 16, 3, 1, 1);
    small_conv(&t, one, image(16, 28, 28), 16, kernel, stride, 1);
    const struct stage *s = stage_of(planned_small(a, "dcim_22nm", &t), one);
    int32_t least = s->min_chunks;
    ck_assert_int_eq(s->rows_per_chunk, 1);
    ck_assert_int_ge(s->capacity_chunks, least);
    arena_close(a);
    return least;
}

START_TEST(a_buffer_holds_at_least_its_readers_window_and_one_row_more)
{
    ck_assert_int_eq(least_buffer(1, 1), 2);
    ck_assert_int_eq(least_buffer(3, 1), 4);
    ck_assert_int_eq(least_buffer(5, 1), 6);
    ck_assert_int_eq(least_buffer(3, 2), 4);
}
END_TEST

START_TEST(a_shortcut_holds_the_rows_that_are_under_way_in_the_branch_beside_it)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    struct shape s = image(16, 28, 28);
    int32_t entry = small_conv(&t, -1, s, 16, 1, 1, 1), last = entry;
    for (int i = 0; i < 3; i++)
        last = small_conv(&t, last, s, 16, 3, 1, 1);
    small_point(&t, "add", last, entry, s);
    /* the sum's first row needs row 3 of the entry: each 3 x 3 looks one row ahead */
    ck_assert_int_ge(stage_of(planned_small(a, "dcim_22nm", &t), entry)->min_chunks, 4 + 1);
    arena_close(a);
}
END_TEST

START_TEST(a_step_needs_the_rows_of_its_window_and_frees_those_before_the_next)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t one = small_conv(&t, -1, image(16, 28, 28), 16, 3, 1, 1);
    int32_t two = small_conv(&t, one, image(16, 28, 28), 16, 3, 2, 1);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct edge *e = edge_between(p, stage_of(p, one), stage_of(p, two));
    ck_assert_int_eq(stage_of(p, two)->steps, 14);
    for (int32_t k = 0; k < 14; k++) { /* output row k reads rows 2 k - 1 to 2 k + 1 */
        ck_assert_int_eq(e->needs[k], 2 * k + 2);
        ck_assert_int_eq(e->frees[k], k < 13 ? 2 * k + 1 : 28);
    }
    arena_close(a);
}
END_TEST

static void pieces_are_sound(const struct plan *p)
{
    for (size_t e = 0; e < p->edge_count; e++) {
        const struct edge *at = &p->edges[e];
        const struct stage *from = &p->stages[at->producer], *to = &p->stages[at->consumer];
        for (int64_t k = 0; k < to->steps; k++) {
            ck_assert(at->needs[k] >= 1 && at->needs[k] <= from->chunks);
            ck_assert(at->frees[k] >= 0 && at->frees[k] <= from->chunks);
            ck_assert(k == 0 || at->needs[k] >= at->needs[k - 1]);
            ck_assert(k == 0 || at->frees[k] >= at->frees[k - 1]);
            ck_assert(k + 1 == to->steps || at->frees[k] <= at->needs[k + 1]);
            /* what one step needs at once fits into the buffer */
            ck_assert_int_le(at->needs[k] - (k ? at->frees[k - 1] : 0), from->capacity_chunks);
        }
        ck_assert_int_eq(at->frees[to->steps - 1], from->chunks); /* nothing stays */
    }
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        int64_t rows = 0;
        for (int64_t c = 0; c < s->chunks; c++)
            rows += stage_chunk_rows(s, c);
        ck_assert_int_eq(rows, s->rows);
        ck_assert_int_ge(s->min_chunks, 2);
        ck_assert_int_ge(s->capacity_chunks, s->min_chunks);
    }
}

START_TEST(chunks_cut_the_rows_and_steps_need_and_free_them_in_order)
{
    ck_assert_uint_ge(each_plan(pieces_are_sound), 12);
}
END_TEST

static void buffers_hold(const struct plan *p)
{
    double each = (double)p->system->buffer.bytes / (double)p->system->arrays_per_tile;
    for (size_t k = 0; k < p->group_count; k++) {
        double bytes = 0;
        for (size_t i = 0; i < p->stage_count; i++)
            if (p->stages[i].group == (int32_t)k)
                bytes += p->stages[i].capacity_chunks * (double)p->stages[i].rows_per_chunk *
                         p->stages[i].row_bytes;
        double has = p->groups[k].wide ? p->groups[k].tiles * (double)p->system->buffer.bytes
                                       : (double)p->groups[k].arrays * each;
        ck_assert_double_le(bytes, has * (1 + 1e-9));
    }
}

START_TEST(the_buffers_of_a_group_hold_the_rows_of_its_stages)
{
    each_plan(buffers_hold);
}
END_TEST

/* --- places ---------------------------------------------------------------------------------- */

static void order_is_a_walk(const struct plan *p)
{
    const struct network_shape *m = &p->system->shape;
    bool *seen = ARENA_ARRAY(p->arena, bool, p->system->tiles);
    for (int64_t i = 0; i < p->system->tiles; i++) {
        int64_t here = p->tile_order[i], router = here / m->concentration;
        ck_assert(here < p->system->tiles && !seen[here]);
        seen[here] = true;
        if (i == 0 || p->system->tiles < m->width * m->height * m->concentration)
            continue;
        int64_t before = p->tile_order[i - 1] / m->concentration;
        int64_t steps = llabs(router % m->width - before % m->width) +
                        llabs(router / m->width - before / m->width);
        ck_assert_int_le(steps, 2); /* 1, but for a corner of odd rectangles */
    }
}

START_TEST(the_curve_visits_every_tile_once_from_neighbour_to_neighbour)
{
    each_plan(order_is_a_walk);
}
END_TEST

static void arrays_are_not_shared(const struct plan *p)
{
    for (size_t g = 0; g < p->segment_count; g++) {
        bool *taken = ARENA_ARRAY(p->arena, bool, p->system->arrays);
        for (int32_t k = 0; k < p->segments[g].stage_count; k++) {
            const struct stage *s = &p->stages[p->segments[g].first_stage + k];
            for (int64_t c = 0; s->kind == STAGE_ARRAY && c < s->copies; c++)
                for (int64_t i = 0; i < s->arrays_per_copy; i++) {
                    int64_t at = s->copy_at[c] + i;
                    ck_assert(at >= 0 && at < p->system->arrays);
                    ck_assert_msg(!taken[at], "array %lld is taken twice", (long long)at);
                    taken[at] = true;
                }
        }
    }
}

START_TEST(no_array_holds_two_copies)
{
    each_plan(arrays_are_not_shared);
}
END_TEST

/* The area of a stage's layouts, and whether point (column, channel) lies in exactly one. */
static void layouts_cover(const struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct layouts *l = &p->stages[i].makes;
        double area = 0;
        for (size_t k = 0; k < l->count; k++) {
            const struct layout *r = &l->at[k];
            ck_assert(r->column[0] >= 0 && r->column[0] < r->column[1] && r->column[1] <= 1);
            ck_assert(r->channel[0] >= 0 && r->channel[0] < r->channel[1] && r->channel[1] <= 1);
            ck_assert_int_lt(r->tile, p->system->noc->endpoints);
            area += (r->column[1] - r->column[0]) * (r->channel[1] - r->channel[0]);
        }
        ASSERT_NEAR(area, 1, 1e-9);
        for (int at = 0; at < 49; at++) {
            double column = (at % 7 + 0.4142) / 7, channel = (at / 7 + 0.4142) / 7;
            int owners = 0;
            for (size_t k = 0; k < l->count; k++)
                owners += column >= l->at[k].column[0] && column < l->at[k].column[1] &&
                          channel >= l->at[k].channel[0] && channel < l->at[k].channel[1];
            ck_assert_msg(owners == 1, "stage %zu: %d tiles make the same", i, owners);
        }
    }
}

START_TEST(the_layouts_of_a_stage_cover_its_row_exactly_once)
{
    ck_assert_uint_ge(each_plan(layouts_cover), 12);
}
END_TEST

/* --- flows ----------------------------------------------------------------------------------- */

static void check_ends(const struct plan *p, const struct flow *f)
{
    ck_assert_uint_ge(f->count, 1);
    ck_assert_double_gt(f->bytes_per_row, 0);
    ck_assert_int_lt(f->src, p->system->noc->endpoints);
    for (uint32_t i = 0; i < f->count; i++) {
        ck_assert_uint_ne(f->dst[i], f->src);
        ck_assert_int_lt(f->dst[i], p->system->noc->endpoints);
        for (uint32_t k = 0; k < i; k++)
            ck_assert_uint_ne(f->dst[i], f->dst[k]);
    }
}

static void flows_go_elsewhere(const struct plan *p)
{
    for (size_t e = 0; e < p->edge_count; e++)
        for (size_t f = 0; f < p->edges[e].flow_count; f++)
            check_ends(p, &p->edges[e].flows[f]);
    for (size_t i = 0; i < p->stage_count; i++)
        for (size_t f = 0; f < p->stages[i].partial_flow_count; f++)
            check_ends(p, &p->stages[i].partial_flows[f]);
}

START_TEST(a_flow_goes_to_other_endpoints_to_none_twice)
{
    ck_assert_uint_ge(each_plan(flows_go_elsewhere), 12);
}
END_TEST

static bool makes_in(const struct stage *s, uint32_t tile)
{
    for (size_t k = 0; k < s->makes.count; k++)
        if (s->makes.at[k].tile == tile)
            return true;
    return false;
}

static bool passes_on(const struct stage *s, uint32_t tile)
{
    for (size_t f = 0; f < s->partial_flow_count; f++)
        if (s->partial_flows[f].src == tile)
            return true;
    return false;
}

static void sums_come_together(const struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        for (size_t f = 0; f < s->partial_flow_count; f++)
            for (uint32_t k = 0; k < s->partial_flows[f].count; k++) {
                uint32_t tile = s->partial_flows[f].dst[k];
                ck_assert(makes_in(s, tile) || passes_on(s, tile));
            }
    }
}

START_TEST(partial_sums_end_in_tiles_where_the_row_is_made)
{
    each_plan(sums_come_together);
}
END_TEST

/* Bytes per row that come to all tiles over an edge. */
static double delivered(const struct edge *e)
{
    double bytes = e->local_bytes_per_row;
    for (size_t f = 0; f < e->flow_count; f++)
        bytes += e->flows[f].bytes_per_row * (double)e->flows[f].count;
    for (size_t f = 0; f < e->to_hub_count; f++) /* a hub needs what it hands on */
        bytes += e->to_hub[f].bytes_per_row * (double)e->to_hub[f].count;
    return bytes;
}

/* A sink, and a vector stage, take every byte of a row exactly once. */
static void nothing_is_lost(const struct plan *p)
{
    for (size_t i = 0; i < p->edge_count; i++) {
        const struct edge *e = &p->edges[i];
        const struct stage *from = &p->stages[e->producer], *to = &p->stages[e->consumer];
        bool windowed = to->kind == STAGE_VECTOR && e->slides &&
                        to->op->u.conv.kernel[0] < to->op->u.conv.stride[0];
        bool whole = fabs(e->channel[1] - e->channel[0] - 1) < 1e-12;
        if ((to->kind != STAGE_SINK && to->kind != STAGE_VECTOR) || windowed || !whole)
            continue;
        ASSERT_NEAR(delivered(e), from->row_bytes, 1e-9);
    }
}

START_TEST(vector_stages_and_sinks_are_brought_each_byte_of_a_row_once)
{
    each_plan(nothing_is_lost);
}
END_TEST

/* Input channels of K tile k of a layer without groups, as a share. */
static double channels_of_k_tiles(const struct plan *p, const struct stage *s, const bool *used)
{
    double rows = (double)p->system->facts.rows, sum = 0;
    for (int64_t k = 0; k < s->k_tiles; k++) {
        double end =
            (double)(k + 1) * rows < (double)s->gemm_k ? (double)(k + 1) * rows : (double)s->gemm_k;
        sum += used[k] ? (end - (double)k * rows) / (double)s->gemm_k : 0;
    }
    return sum;
}

/* What the tiles of a single copy need of a row: each the channels of the K tiles that it holds. */
static double needed_by_copy(const struct plan *p, const struct stage *s)
{
    double sum = 0;
    bool *used = ARENA_ARRAY(p->arena, bool, s->k_tiles);
    for (int64_t tile = 0; tile < p->system->tiles; tile++) {
        memset(used, 0, (size_t)s->k_tiles * sizeof *used);
        for (int64_t i = 0; i < s->arrays_per_copy; i++)
            if (plan_tile_of(p, s->copy_at[0] + i) == (uint32_t)tile)
                used[i % s->k_tiles] = true;
        sum += channels_of_k_tiles(p, s, used);
    }
    return sum;
}

static void copies_get_their_inputs(const struct plan *p)
{
    for (size_t i = 0; i < p->edge_count; i++) {
        const struct edge *e = &p->edges[i];
        const struct stage *from = &p->stages[e->producer], *to = &p->stages[e->consumer];
        bool plain = to->kind == STAGE_ARRAY && to->copies == 1 && to->groups == 1 &&
                     to->in_count == 1 && fabs(e->channel[1] - e->channel[0] - 1) < 1e-12;
        if (!plain || (to->op->kind == OP_CONV2D &&
                       (!e->slides || to->op->u.conv.kernel[0] < to->op->u.conv.stride[0])))
            continue;
        ASSERT_NEAR(delivered(e), needed_by_copy(p, to) * from->row_bytes, 1e-9);
    }
}

START_TEST(each_tile_of_a_single_copy_is_brought_the_channels_of_its_k_tiles)
{
    each_plan(copies_get_their_inputs);
}
END_TEST

/* A hub awaits as many parts as are sent to it, and what it hands on starts in its tile. */
static void hubs_hand_on_what_they_gather(const struct plan *p)
{
    for (size_t i = 0; i < p->edge_count; i++) {
        const struct edge *e = &p->edges[i];
        size_t relayed = 0;
        int64_t awaited = 0, sent = 0;
        for (size_t h = 0; h < e->hub_count; h++) {
            const struct hub *hub = &e->hubs[h];
            ck_assert_ptr_eq(edge_hub(e, hub->tile), hub);
            for (size_t f = hub->first; f < hub->first + hub->count; f++)
                ck_assert_uint_eq(e->flows[f].src, hub->tile);
            relayed += hub->count;
            awaited += hub->awaited;
        }
        for (size_t f = 0; f < e->to_hub_count; f++)
            sent += e->to_hub[f].count;
        ck_assert_int_eq(sent, awaited);
        ck_assert_uint_eq(e->direct_count + relayed, e->flow_count);
    }
}

START_TEST(hubs_wait_for_their_makers_and_send_what_they_gather)
{
    each_plan(hubs_hand_on_what_they_gather);
}
END_TEST

START_TEST(a_layer_on_one_array_beside_its_producer_sends_nothing)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t one = small_matmul(&t, -1, 1, 16, 4), two = small_matmul(&t, one, 1, 4, 4);
    const struct plan *p = planned_small(a, "isaac", &t);
    const struct edge *e = edge_between(p, stage_of(p, one), stage_of(p, two));
    ck_assert_uint_eq(e->flow_count, 0);
    ASSERT_NEAR(e->local_bytes_per_row, 4, 1e-12);
    ck_assert_uint_eq(stage_of(p, one)->partial_flow_count, 0);
    arena_close(a);
}
END_TEST

START_TEST(a_stride_wider_than_its_window_reads_only_a_share_of_the_rows_and_columns)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t one = small_conv(&t, -1, image(16, 28, 28), 16, 3, 1, 1);
    int32_t two = small_conv(&t, one, image(16, 28, 28), 16, 1, 2, 1);
    const struct plan *p = planned_small(a, "dcim_22nm", &t);
    const struct edge *e = edge_between(p, stage_of(p, one), stage_of(p, two));
    ck_assert_int_eq(stage_of(p, two)->arrays_per_copy, 1); /* no two arrays read the same */
    ck_assert_double_le(delivered(e), stage_of(p, one)->row_bytes / 4 * (1 + 1e-9));
    ck_assert_double_ge(delivered(e), stage_of(p, one)->row_bytes / 4 * 0.7);
    arena_close(a);
}
END_TEST

START_TEST(a_batch_is_planned_like_a_single_sample)
{
    struct arena *a = arena_open();
    struct system *s = plan_chip(a, "isaac", NULL, 0);
    struct trace *t = sample_trace(a, "resnet50", 8), *u = sample_trace(a, "resnet50", 8);
    struct diag d = {.status = 0};
    ck_assert(trace_scale_batch(u, 8, &d));
    const struct plan *p = planned(a, s, t), *q = planned(a, s, u);
    ck_assert_int_eq(q->samples, 8);
    ck_assert_uint_eq(p->stage_count, q->stage_count);
    for (size_t i = 0; i < p->stage_count; i++) {
        ck_assert_int_eq(p->stages[i].copies, q->stages[i].copies);
        ck_assert_int_eq(p->stages[i].rows, q->stages[i].rows);
        ck_assert_int_eq(p->stages[i].capacity_chunks, q->stages[i].capacity_chunks);
    }
    ASSERT_NEAR(q->macs, 8 * p->macs, 1e-12);
    arena_close(a);
}
END_TEST

SUITE("flows", a_buffer_holds_at_least_its_readers_window_and_one_row_more,
      a_shortcut_holds_the_rows_that_are_under_way_in_the_branch_beside_it,
      a_step_needs_the_rows_of_its_window_and_frees_those_before_the_next,
      chunks_cut_the_rows_and_steps_need_and_free_them_in_order,
      the_buffers_of_a_group_hold_the_rows_of_its_stages,
      the_curve_visits_every_tile_once_from_neighbour_to_neighbour, no_array_holds_two_copies,
      the_layouts_of_a_stage_cover_its_row_exactly_once,
      a_flow_goes_to_other_endpoints_to_none_twice, partial_sums_end_in_tiles_where_the_row_is_made,
      vector_stages_and_sinks_are_brought_each_byte_of_a_row_once,
      each_tile_of_a_single_copy_is_brought_the_channels_of_its_k_tiles,
      hubs_wait_for_their_makers_and_send_what_they_gather,
      a_layer_on_one_array_beside_its_producer_sends_nothing,
      a_stride_wider_than_its_window_reads_only_a_share_of_the_rows_and_columns,
      a_batch_is_planned_like_a_single_sample)
