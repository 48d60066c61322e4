/* partial.c — partial sums on their way between the tiles that hold the K tiles of a block. */
#include <string.h>

#include "core/plan/gather.h"

/* Bits of a partial sum on its way: the full product and the growth of the sum, at most 32. */
static double partial_bits(const struct plan *p, const struct stage *s)
{
    int in_bits, w_bits, growth = 0;
    plan_bits(p, s->op, &in_bits, &w_bits);
    while ((INT64_C(1) << growth) < s->gemm_k)
        growth++;
    int bits = in_bits + w_bits + growth;
    return bits < 32 ? bits : 32;
}

/* Sums on their way home, by turn: a tile's own wait for those of the turn before. */
struct sums {
    struct pieces *by_turn;
    int64_t turns;
    struct piece x; /* of the block under way */
};

static void pass_on(struct sums *l, int64_t turn, uint32_t from, uint32_t to)
{
    l->x.src = from;
    l->x.dst = to;
    if (from != to)
        pieces_add(&l->by_turn[turn], &l->x);
}

static uint32_t sum_tile(const struct plan *p, const struct stage *s, int64_t c, int64_t b,
                         int64_t k)
{
    return stage_tile_of(p, s, c, stage_array_of(s, b, k));
}

/* The last K tile of a slab, counted from the last slab. */
static int64_t slab_end(const struct stage *s, int64_t from_last)
{
    int64_t end = (s->slabs - from_last) * stage_slab_width(s);
    return (end < s->k_tiles ? end : s->k_tiles) - 1;
}

/* The sums of block b of copy c pass along the tiles that hold a slab of its K tiles, each of which
 * adds its own as they stream by, then from slab to slab in a tree; the last is the block's home.
 * No port takes more than one tile's sums. */
static void block_partials(const struct plan *p, const struct stage *s, int64_t c, int64_t b,
                           struct sums *l)
{
    int64_t turn = 1, wide = stage_slab_width(s);
    for (int64_t k = 0; k < s->k_tiles - 1; k++)
        if ((k + 1) % wide != 0)
            pass_on(l, 0, sum_tile(p, s, c, b, k), sum_tile(p, s, c, b, k + 1));
    for (int64_t step = 1; step < s->slabs; step *= 2, turn++)
        for (int64_t r = step; r < s->slabs; r += 2 * step)
            pass_on(l, turn, sum_tile(p, s, c, b, slab_end(s, r)),
                    sum_tile(p, s, c, b, slab_end(s, r - step)));
}

static void add_turn(struct stage *s, struct pieces *list)
{
    struct flow *of_turn;
    size_t count = pieces_gather(list, &of_turn);
    if (count == 0)
        return;
    memcpy(s->partial_flows + s->partial_flow_count, of_turn, count * sizeof *of_turn);
    s->partial_flow_count += count;
    s->partial_ends[s->partial_turns++] = s->partial_flow_count;
}

void plan_partial_flows(struct plan *p, struct stage *s)
{
    int64_t blocks = s->group_tiles * s->n_tiles;
    double vectors = s->width > 1 ? (double)s->width : 1;
    struct sums l = {ARENA_ARRAY(p->arena, struct pieces, 1 + s->slabs), 1 + s->slabs, {0}};
    size_t total = 0;
    for (int64_t k = 0; k < l.turns; k++)
        l.by_turn[k].arena = p->arena;
    for (int64_t c = 0; c < s->copies; c++)
        for (int64_t b = 0; b < blocks; b++) {
            l.x = (struct piece){0, 0, {0, 0}, {(double)b, (double)b + 1}, 0};
            stage_copy_columns(s, c, &l.x.column[0], &l.x.column[1]);
            l.x.bytes = (l.x.column[1] - l.x.column[0]) * vectors *
                        (double)(s->gemm_n * s->groups) / (double)blocks * partial_bits(p, s) / 8;
            block_partials(p, s, c, b, &l);
        }
    for (int64_t k = 0; k < l.turns; k++)
        total += l.by_turn[k].count;
    s->partial_flows = ARENA_ARRAY(p->arena, struct flow, total);
    s->partial_ends = ARENA_ARRAY(p->arena, size_t, l.turns);
    for (int64_t k = 0; k < l.turns; k++)
        add_turn(s, &l.by_turn[k]);
}
