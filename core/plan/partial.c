/* partial.c — partial sums on their way between the tiles that hold the K tiles of a block. */
#include <string.h>

#include "core/plan/gather.h"

/* Bits of a partial sum on its way: the full product and the growth of the sum, at most 32. */
static double partial_bits(const struct plan *p, const struct stage *s)
{
    int in_bits, w_bits, growth = 0;
    int64_t terms = s->kind == STAGE_VECTOR ? s->op->u.matmul.k : s->gemm_k;
    plan_bits(p, s->op, &in_bits, &w_bits);
    while ((INT64_C(1) << growth) < terms)
        growth++;
    int bits = in_bits + w_bits + growth;
    return bits < 32 ? bits : 32;
}

enum { SUM_TURNS = 64 }; /* each doubles the tiles that are summed */

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

/* Sums over the tiles [first, end) of a row of tiles come to `home` among them: those of the half
 * without it to the tile that stands there as it does here, and then over.  So each turn doubles
 * the way, and with homes all along the row all tiles send alike.  Returns the next free turn. */
static int64_t come_home(struct sums *l, const uint32_t *tiles, int64_t first, int64_t end,
                         int64_t home)
{
    int64_t middle = (first + end) / 2, half = middle - first, before, after;
    if (end - first < 2)
        return 1;
    int64_t twin = home < middle ? home + half : least(home - half, middle - 1);
    before = come_home(l, tiles, first, middle, home < middle ? home : twin);
    after = come_home(l, tiles, middle, end, home < middle ? twin : home);
    int64_t turn = before > after ? before : after;
    pass_on(l, turn, tiles[twin], tiles[home]);
    return turn + 1;
}

/* The sums of block b of copy c pass along the tiles that hold a slab of its K tiles, each of which
 * adds its own as they stream by, then from slab to slab to the block's home. */
static void block_partials(const struct plan *p, const struct stage *s, int64_t c, int64_t b,
                           uint32_t *ends, struct sums *l)
{
    int64_t wide = stage_slab_width(s);
    for (int64_t k = 0; k < s->k_tiles - 1; k++)
        if ((k + 1) % wide != 0)
            pass_on(l, 0, sum_tile(p, s, c, b, k), sum_tile(p, s, c, b, k + 1));
    for (int64_t r = 0; r < s->slabs; r++)
        ends[r] = sum_tile(p, s, c, b, stage_slab_end(s, r));
    come_home(l, ends, 0, s->slabs, stage_home_slab(s, b));
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

static struct sums open_sums(const struct plan *p, int64_t turns)
{
    struct sums l = {ARENA_ARRAY(p->arena, struct pieces, turns), turns, {0}};
    for (int64_t k = 0; k < turns; k++)
        l.by_turn[k].arena = p->arena;
    return l;
}

static void close_sums(struct plan *p, struct stage *s, struct sums *l)
{
    size_t total = 0;
    for (int64_t k = 0; k < l->turns; k++)
        total += l->by_turn[k].count;
    s->partial_flows = ARENA_ARRAY(p->arena, struct flow, total);
    s->partial_ends = ARENA_ARRAY(p->arena, size_t, l->turns);
    for (int64_t k = 0; k < l->turns; k++)
        add_turn(s, &l->by_turn[k]);
}

static void array_partials(struct plan *p, struct stage *s)
{
    int64_t blocks = s->group_tiles * s->n_tiles;
    double vectors = s->width > 1 ? (double)s->width : 1;
    struct sums l = open_sums(p, SUM_TURNS);
    uint32_t *ends = ARENA_ARRAY(p->arena, uint32_t, s->slabs);
    for (int64_t c = 0; c < s->copies; c++)
        for (int64_t b = 0; b < blocks; b++) {
            l.x = (struct piece){0, 0, {0, 0}, {(double)b, (double)b + 1}, 0};
            stage_copy_columns(s, c, &l.x.column[0], &l.x.column[1]);
            l.x.bytes = (l.x.column[1] - l.x.column[0]) * vectors *
                        (double)(s->gemm_n * s->groups) / (double)blocks * partial_bits(p, s) / 8;
            block_partials(p, s, c, b, ends, &l);
        }
    close_sums(p, s, &l);
}

/* Each tile of a head has the sums over its positions. */
static void wide_partials(struct plan *p, struct stage *s)
{
    const struct layouts *at = plan_wide_tiles_of(p, s);
    double row = (double)s->width * (double)s->channels * partial_bits(p, s) / 8;
    struct sums l = open_sums(p, SUM_TURNS);
    uint32_t *tiles = ARENA_ARRAY(p->arena, uint32_t, at->count);
    for (size_t i = 0; i < at->count; i++)
        tiles[i] = at->at[i].tile;
    for (size_t i = 0; i < s->makes.count; i++) {
        const struct layout *home = &s->makes.at[i];
        struct head h = plan_wide_head(p, s, home);
        l.x = (struct piece){0, 0, {0, 1}, {home->channel[0], home->channel[1]}, 0};
        l.x.bytes = row * (home->channel[1] - home->channel[0]);
        come_home(&l, tiles + h.first, 0, (int64_t)h.count, (int64_t)h.home);
    }
    close_sums(p, s, &l);
}

void plan_partial_flows(struct plan *p, struct stage *s)
{
    if (s->kind == STAGE_ARRAY && s->k_tiles > 1)
        array_partials(p, s);
    else if (stage_sums_positions(p, s))
        wide_partials(p, s);
}
