/* Plans of wafers: products cut into slabs, whose sums come home; attention by positions; where
 * work enters and leaves; how many wafers it takes. */
#include <string.h>

#include "tests/plan/fixture.h"

static const struct plan *on_wafer(struct arena *a, const char *trace)
{
    return planned(a, plan_chip(a, "wafer_cim", NULL, 0), sample_trace(a, trace, 8));
}

/* Calls `check` for each product with static weights of LLaMA-2-7B that has several slabs. */
static void each_with_slabs(void (*check)(const struct plan *p, const struct stage *s))
{
    struct arena *a = arena_open();
    const struct plan *p = on_wafer(a, "llama2_7b_decode");
    int count = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (s->kind != STAGE_ARRAY || s->slabs < 2 || plan_is_twin(p, s))
            continue;
        check(p, s);
        count++;
    }
    ck_assert_int_ge(count, 14); /* seven in the first block, seven in the one of the others */
    arena_close(a);
}

/* --- slabs ------------------------------------------------------------------------------------ */

static void numbers_are_sound(const struct plan *p, const struct stage *s)
{
    bool *taken = ARENA_ARRAY(p->arena, bool, s->arrays_per_copy);
    for (int64_t b = 0; b < s->n_tiles * s->group_tiles; b++)
        for (int64_t k = 0; k < s->k_tiles; k++) {
            int64_t i = stage_array_of(s, b, k);
            ck_assert(i >= 0 && i < s->arrays_per_copy && !taken[i]);
            taken[i] = true;
            ck_assert_int_eq(stage_k_of(s, i), k);
            ck_assert_int_eq(stage_block_of(s, i), b);
        }
}

START_TEST(slabs_number_every_array_once)
{
    each_with_slabs(numbers_are_sound);
}
END_TEST

static void tiles_have_one_slab(const struct plan *p, const struct stage *s)
{
    bool *taken = ARENA_ARRAY(p->arena, bool, s->span);
    int64_t *slab_of = ARENA_ARRAY(p->arena, int64_t, s->span / s->in_tile);
    for (int64_t i = 0; i < s->arrays_per_copy; i++) {
        int64_t at = stage_array_offset(s, i), slab = stage_k_of(s, i) / stage_slab_width(s);
        ck_assert(at >= 0 && at < s->span && !taken[at]);
        taken[at] = true;
        int64_t *of = &slab_of[at / s->in_tile];
        ck_assert(*of == 0 || *of == slab + 1);
        *of = slab + 1;
    }
}

START_TEST(every_array_has_a_place_of_its_own_in_a_tile_of_its_slab)
{
    each_with_slabs(tiles_have_one_slab);
}
END_TEST

/* Of a strip each column has the slabs of one position. */
static void columns_have_few_slabs(const struct plan *p, const struct stage *s)
{
    int64_t width = p->system->shape.width, of_strip = s->slabs < STRIP ? s->slabs : STRIP;
    int64_t *position = ARENA_ARRAY(p->arena, int64_t, width);
    for (int64_t i = 0; i < s->arrays_per_copy; i++) {
        int64_t x = stage_tile_of(p, s, 0, i) % width;
        int64_t at = stage_k_of(s, i) / stage_slab_width(s) % of_strip;
        if (x >= width / STRIP * STRIP)
            continue; /* what strips leave over */
        ck_assert(position[x] == 0 || position[x] == at + 1);
        position[x] = at + 1;
    }
}

START_TEST(a_column_of_tiles_has_the_slabs_of_one_position_in_each_strip)
{
    each_with_slabs(columns_have_few_slabs);
}
END_TEST

/* Beside a memory weights on their way hold up every turn of the sums: only prompts have slabs. */
START_TEST(beside_a_memory_prompts_have_slabs_and_steps_have_none)
{
    struct arena *a = arena_open();
    struct system *s = plan_chip(a, "quad_dcim_hbm3", NULL, 0);
    const struct plan *prompt = planned(a, s, sample_trace(a, "bert_large", 8));
    const struct plan *step = planned(a, s, sample_trace(a, "gpt2_decode", 8));
    int slabs = 0;
    for (size_t i = 0; i < prompt->stage_count; i++)
        slabs += prompt->stages[i].kind == STAGE_ARRAY && prompt->stages[i].slabs > 1;
    for (size_t i = 0; i < step->stage_count; i++)
        ck_assert(step->stages[i].kind != STAGE_ARRAY || step->stages[i].slabs <= 1);
    ck_assert_int_gt(slabs, 0);
    ck_assert_ptr_ne(prompt->tile_order, prompt->curve);
    ck_assert_ptr_eq(step->tile_order, step->curve);
    arena_close(a);
}
END_TEST

/* --- sums ------------------------------------------------------------------------------------- */

static double partial_bytes(const struct stage *s)
{
    double bytes = 0;
    for (size_t f = 0; f < s->partial_flow_count; f++)
        bytes += s->partial_flows[f].bytes_per_row * s->partial_flows[f].count;
    return bytes;
}

/* Tiles that hold a part of an output block, and whether its row is made in one of them. */
static int64_t tiles_of_block(const struct plan *p, const struct stage *s, int64_t b, bool *home)
{
    uint32_t *seen = ARENA_ARRAY(p->arena, uint32_t, s->k_tiles);
    int64_t count = 0;
    double middle = ((double)b + 0.5) / (double)(s->n_tiles * s->group_tiles);
    *home = false;
    for (int64_t k = 0; k < s->k_tiles; k++) {
        uint32_t tile = stage_tile_of(p, s, 0, stage_array_of(s, b, k));
        bool known = false;
        for (int64_t i = 0; i < count; i++)
            known = known || seen[i] == tile;
        if (!known)
            seen[count++] = tile;
    }
    for (size_t i = 0; i < s->makes.count; i++)
        for (int64_t k = 0; k < count && s->makes.at[i].channel[0] < middle; k++)
            *home = *home || (s->makes.at[i].channel[1] > middle && s->makes.at[i].tile == seen[k]);
    return count;
}

/* Every tile but the home passes its sums on once: 32 outputs of 4 bytes for a block. */
static void sums_come_home(const struct plan *p, const struct stage *s)
{
    double bytes = 0, block = (double)s->gemm_n / (double)s->n_tiles * 4;
    for (int64_t b = 0; b < s->n_tiles * s->group_tiles; b++) {
        bool home;
        bytes += (double)(tiles_of_block(p, s, b, &home) - 1) * block;
        ck_assert(home);
    }
    ASSERT_NEAR(partial_bytes(s), bytes, 0.13); /* sums of 8-bit products have 28 to 30 bits */
    ck_assert_double_le(partial_bytes(s), bytes * (1 + 1e-9));
}

START_TEST(the_sums_of_a_block_leave_each_tile_but_its_home_once)
{
    each_with_slabs(sums_come_home);
}
END_TEST

/* --- attention -------------------------------------------------------------------------------- */

static const struct stage *summing(const struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (!plan_is_twin(p, &p->stages[i]) && stage_sums_positions(p, &p->stages[i]))
            return &p->stages[i];
    ck_abort_msg("no product sums over positions");
    return NULL;
}

START_TEST(scores_stay_in_their_tiles_and_values_are_summed_over_the_tiles_of_a_head)
{
    struct arena *a = arena_open();
    const struct plan *p = on_wafer(a, "llama2_7b_decode");
    const struct stage *s = summing(p);
    const struct layouts *at = plan_wide_tiles_of(p, s);
    double tiles = (double)at->count / 32, made = 0;
    ck_assert_uint_eq(at->count % 32, 0); /* heads */
    ck_assert_uint_gt(at->count, 64);     /* more than make the queries */
    for (size_t i = 0; i < s->in_count; i++) {
        const struct edge *e = &p->edges[s->in[i]];
        if (!e->whole) { /* the scores */
            ck_assert_uint_eq(e->flow_count, 0);
            ASSERT_NEAR(e->local_bytes_per_row, p->stages[e->producer].row_bytes, 1e-9);
        }
    }
    for (size_t i = 0; i < s->makes.count; i++) {
        struct head h = plan_wide_head(p, s, &s->makes.at[i]);
        ASSERT_NEAR(s->makes.at[i].channel[0], made, 1e-9);
        made = s->makes.at[i].channel[1];
        ck_assert_uint_eq(h.count, (size_t)tiles);
        ck_assert_uint_eq(at->at[h.first + h.home].tile, s->makes.at[i].tile);
    }
    ASSERT_NEAR(made, 1, 1e-9);
    ASSERT_NEAR(partial_bytes(s), (tiles - 1) * 4096 * 27 / 8, 1e-9); /* 16 + 11 bits */
    arena_close(a);
}
END_TEST

START_TEST(two_products_of_the_same_rows_do_not_wait_for_each_other)
{
    struct arena *a = arena_open();
    const struct plan *p = on_wafer(a, "llama2_7b_decode");
    for (size_t e = 0; e < p->edge_count; e++) {
        const struct stage *x = &p->stages[p->edges[e].producer];
        const struct stage *y = &p->stages[p->edges[e].consumer];
        bool alike = x->kind == STAGE_ARRAY && y->kind == STAGE_ARRAY && x->gemm_n == y->gemm_n &&
                     x->gemm_k == y->gemm_k && x->gemm_n == 11008;
        ck_assert(!alike); /* gate and up */
    }
    arena_close(a);
}
END_TEST

/* --- where work enters and leaves, and how many wafers it takes ------------------------------- */

START_TEST(what_a_region_makes_leaves_it_straight_on_from_its_tiles)
{
    struct arena *a = arena_open();
    struct small t = {.count = 0};
    int32_t last = small_matmul(&t, -1, 1, 1024, 4096);
    const struct plan *p = planned_small(a, "wafer_cim", &t);
    const struct stage *s = stage_of(p, last);
    const struct edge *e = &p->edges[s->out[0]];
    int64_t width = p->system->shape.width;
    ck_assert_uint_gt(s->makes.count, 1);
    ck_assert_uint_eq(e->flow_count, s->makes.count);
    for (size_t f = 0; f < e->flow_count; f++) {
        int64_t port = (int64_t)e->flows[f].dst[0] - p->system->tiles;
        int64_t router = p->system->shape.port_router[port];
        ck_assert_uint_eq(e->flows[f].count, 1);
        ck_assert_int_eq(router % width, width - 1);
        ck_assert_int_eq(router / width, e->flows[f].src / width);
    }
    arena_close(a);
}
END_TEST

START_TEST(no_wafer_more_is_taken_for_the_sake_of_shorter_ways)
{
    struct arena *a = arena_open();
    const struct plan *p = on_wafer(a, "mixtral_8x7b_decode");
    double bytes = 0;
    for (size_t i = 0; i < p->segment_count; i++)
        bytes += plan_model(p, &p->segments[i])->weight_bytes;
    ck_assert(p->tight);
    ck_assert_int_eq(p->devices, (int64_t)ceil(bytes / 13.39e9)); /* 46.6 GB on 4 */
    arena_close(a);
}
END_TEST

START_TEST(a_transfer_has_no_byte_more_because_shares_are_not_exact)
{
    static const uint32_t end = 1;
    struct flow f = {.src = 0, .count = 1, .dst = &end};
    ck_assert_int_eq(flow_transfer(&f, 64.0000000001).bytes, 64);
    ck_assert_int_eq(flow_transfer(&f, 64.01).bytes, 65);
    ck_assert_int_eq(flow_transfer(&f, 1e-9).bytes, 1);
}
END_TEST

/* An embedding's rows once went to every tile of the buffers of a prompt, a byte to each. */
START_TEST(work_without_arrays_is_not_cut_into_scraps)
{
    struct arena *a = arena_open();
    const struct plan *p =
        planned(a, plan_chip(a, "wse2", NULL, 0), sample_trace(a, "gpt2_prefill", 8));
    int stages = 0;
    for (size_t e = 0; e < p->edge_count; e++) {
        const struct stage *from = &p->stages[p->edges[e].producer];
        const struct stage *to = &p->stages[p->edges[e].consumer];
        bool own = to->kind == STAGE_VECTOR && to->host == p->edges[e].consumer;
        if (!own || stage_is_wide(p, to) || from->kind != STAGE_SOURCE)
            continue;
        stages++;
        ck_assert_uint_gt(p->edges[e].flow_count, 0);
        for (size_t f = 0; f < p->edges[e].flow_count; f++)
            ck_assert_double_ge(p->edges[e].flows[f].bytes_per_row * (double)from->rows_per_chunk,
                                64);
    }
    ck_assert_int_gt(stages, 0);
    arena_close(a);
}
END_TEST

START_TEST(strips_are_rows_of_routers_and_visit_every_tile_once)
{
    struct arena *a = arena_open();
    const struct plan *p = on_wafer(a, "gpt2_decode");
    int64_t width = p->system->shape.width, whole = width / STRIP * STRIP;
    bool *seen = ARENA_ARRAY(a, bool, p->system->tiles);
    for (int64_t i = 0; i < p->system->tiles; i++) {
        int64_t tile = p->tile_order[i], in_strips = whole * p->system->shape.height;
        ck_assert(!seen[tile]);
        seen[tile] = true;
        if (i < in_strips && i % STRIP > 0)
            ck_assert_int_eq(tile, p->tile_order[i - 1] + 1);
        if (i >= in_strips)
            ck_assert_int_ge(tile % width, whole);
    }
    arena_close(a);
}
END_TEST

SUITE("plans of wafers", slabs_number_every_array_once,
      every_array_has_a_place_of_its_own_in_a_tile_of_its_slab,
      a_column_of_tiles_has_the_slabs_of_one_position_in_each_strip,
      the_sums_of_a_block_leave_each_tile_but_its_home_once,
      scores_stay_in_their_tiles_and_values_are_summed_over_the_tiles_of_a_head,
      two_products_of_the_same_rows_do_not_wait_for_each_other,
      what_a_region_makes_leaves_it_straight_on_from_its_tiles,
      no_wafer_more_is_taken_for_the_sake_of_shorter_ways,
      strips_are_rows_of_routers_and_visit_every_tile_once,
      beside_a_memory_prompts_have_slabs_and_steps_have_none,
      a_transfer_has_no_byte_more_because_shares_are_not_exact,
      work_without_arrays_is_not_cut_into_scraps)
