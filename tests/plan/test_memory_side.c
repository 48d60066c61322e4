/* Beside a weight memory: the ports by which rows come and go, the orders in which weights are
 * read, the tiles that work on caches, the buffers of rows that wait behind weights. */
#include "tests/plan/fixture.h"

static struct plan *on_package(struct arena *a, const char *sample)
{
    return planned(a, plan_chip(a, "configs/package/quad_dcim_hbm3.cfg", NULL, 0),
                   sample_trace(a, sample, 8));
}

START_TEST(rows_of_one_vector_come_and_go_by_the_ports_that_have_their_channels)
{
    struct arena *a = arena_open();
    const struct plan *p = on_package(a, "llama2_7b_decode");
    int met = 0;
    for (size_t i = 0; i < p->edge_count; i++) {
        const struct edge *e = &p->edges[i];
        const struct stage *from = &p->stages[e->producer], *to = &p->stages[e->consumer];
        if (plan_is_twin(p, to) || to->kind != STAGE_SINK || from->kind != STAGE_ARRAY)
            continue;
        met++;
        ck_assert_uint_eq(to->makes.count, (size_t)p->system->memory_ports);
        ck_assert_uint_le(e->flow_count, from->makes.count + to->makes.count);
    }
    ck_assert_int_gt(met, 0);
    arena_close(a);
}
END_TEST

START_TEST(every_load_is_in_the_queue_of_its_die)
{
    struct arena *a = arena_open();
    const struct plan *p = on_package(a, "llama2_7b_decode");
    const struct segment *g = &p->segments[0];
    size_t next = 0;
    ck_assert_uint_eq(g->queue_count, 4);
    for (size_t die = 0; die < g->queue_count; die++) {
        ck_assert_uint_eq(g->queues[die].first, next);
        ck_assert(next == g->queues[die].end || !g->loads[next].joins);
        for (; next < g->queues[die].end; next++)
            ck_assert_int_eq(system_die_of(p->system, g->loads[next].flow.dst[0]), (int64_t)die);
    }
    ck_assert_uint_eq(next, g->load_count);
    arena_close(a);
}
END_TEST

START_TEST(tiles_that_work_on_caches_lie_on_all_dies_and_read_by_ports_of_their_own)
{
    struct arena *a = arena_open();
    const struct plan *p = on_package(a, "llama2_7b_decode");
    int met = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        size_t on[4] = {0};
        if (plan_is_twin(p, s) || !stage_is_wide(p, s))
            continue;
        met++;
        for (size_t k = 0; k < s->makes.count; k++)
            on[system_die_of(p->system, s->makes.at[k].tile)]++;
        for (int die = 0; die < 4; die++)
            ck_assert(4 * on[die] + 4 > s->makes.count && 4 * on[die] < s->makes.count + 4);
    }
    ck_assert_int_gt(met, 0);
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (plan_is_twin(p, s) || !s->cache)
            continue;
        for (size_t k = 0; k < s->makes.count; k++) {
            const struct stage *to = &p->stages[p->edges[s->out[0]].consumer];
            int64_t die = system_die_of(p->system, to->makes.at[k].tile);
            int64_t port = (int64_t)s->makes.at[k].tile - p->system->tiles - 1;
            ck_assert_int_eq(port / (p->system->memory_ports / 4), die);
        }
    }
    arena_close(a);
}
END_TEST

START_TEST(rows_wait_behind_weights_in_larger_buffers_as_far_as_there_is_room)
{
    struct arena *a = arena_open();
    const struct plan *p = on_package(a, "llama2_7b_decode");
    int larger = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (plan_is_twin(p, s))
            continue;
        ck_assert_int_le(s->capacity_chunks, (s->cache ? 2 : 16) * s->min_chunks);
        larger += s->capacity_chunks > 4 * s->min_chunks;
    }
    ck_assert_int_gt(larger, 0);
    const struct plan *stays =
        planned(a, plan_chip(a, "isaac", NULL, 0), sample_trace(a, "resnet50", 8));
    for (size_t i = 0; i < stays->stage_count; i++)
        ck_assert_int_le(stays->stages[i].capacity_chunks, 4 * stays->stages[i].min_chunks);
    arena_close(a);
}
END_TEST

/* Each row leaves once, with the last of its sample at the latest, and few at a time only where
 * they are few. */
START_TEST(an_operand_that_is_wanted_whole_leaves_by_more_than_scraps)
{
    struct arena *a = arena_open();
    const struct plan *p =
        planned(a, plan_chip(a, "dcim_22nm", NULL, 0), sample_trace(a, "bert_base", 8));
    int gathered = 0;
    for (size_t i = 0; i < p->edge_count; i++) {
        const struct edge *e = &p->edges[i];
        const struct stage *from = &p->stages[e->producer];
        int64_t rows = 0, left = 0;
        if (plan_is_twin(p, &p->stages[e->consumer]))
            continue;
        for (int64_t k = 0; k < from->chunks; k++) {
            rows += edge_chunk_rows(p, e, k);
            left += edge_chunk_rows(p, e, k) > 0;
        }
        ck_assert_int_eq(rows, from->rows);
        ck_assert_int_gt(edge_chunk_rows(p, e, from->chunks - 1), 0);
        ck_assert(e->whole || e->together == 1);
        ck_assert_int_eq(left, ceil_div(from->chunks, e->together));
        gathered += e->together > 1;
    }
    ck_assert_int_gt(gathered, 0);
    arena_close(a);
}
END_TEST

SUITE("memory side", rows_of_one_vector_come_and_go_by_the_ports_that_have_their_channels,
      every_load_is_in_the_queue_of_its_die,
      tiles_that_work_on_caches_lie_on_all_dies_and_read_by_ports_of_their_own,
      rows_wait_behind_weights_in_larger_buffers_as_far_as_there_is_room,
      an_operand_that_is_wanted_whole_leaves_by_more_than_scraps)
