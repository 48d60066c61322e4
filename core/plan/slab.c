/* slab.c — where the arrays of a product lie, when K is cut into slabs for the sake of its ways.
 *
 * A tile whose arrays all belong to the same part of K, a slab, needs that part of the inputs
 * alone. On a wafer tiles come in strips, STRIP routers in a row, and a strip holds the slabs of
 * some outputs side by side, so that a column of tiles carries the slabs of its position and no
 * others: all inputs come down columns, and 32-bit sums pass along rows, from slab to slab in a
 * tree to one of them, the block's home.  (As in the two-dimensional products of R. van de Geijn
 * and J. Watts, SUMMA, 1997.)  Elsewhere, and where it does not pay, there is one slab: arrays
 * follow each other block by block. */
#include <math.h>

#include "core/plan/internal.h"

/* --- how many ------------------------------------------------------------------------------- */

/* Arrays of a tile that hold slabs of `wide` K tiles: whole slabs, unless room is short. */
static int64_t used_in_tile(const struct plan *p, int64_t wide)
{
    int64_t each = p->system->arrays_per_tile;
    return wide < each && !p->tight ? each / wide * wide : each;
}

/* Arrays that a copy takes room of: with slabs those of whole strips. */
static int64_t span_of(const struct plan *p, const struct stage *s, int64_t slabs)
{
    int64_t wide = ceil_div(s->k_tiles, slabs), blocks = s->n_tiles * s->group_tiles;
    if (slabs == 1)
        return s->arrays_per_copy;
    return ceil_div(blocks * wide, used_in_tile(p, wide)) * p->system->arrays_per_tile * slabs;
}

/* Cycles until a vector has come to all tiles of a product and its sums are home.  A column of
 * tiles carries the slabs of one position in each strip, a port its own; in a tree of sums a tile
 * passes on all but its share, a block's home takes it in every turn, and a link carries a quarter
 * of it in each.  A rule to choose by, no bound: what overlaps is counted twice. */
static double slab_cycles(const struct plan *p, const struct stage *s, int64_t slabs)
{
    enum { HOP_CYCLES = 3, TURN_HOPS = 4, SUM_BITS = 32 };
    int in_bits, w_bits;
    plan_bits(p, s->op, &in_bits, &w_bits);
    int64_t each = p->system->arrays_per_tile, wide = ceil_div(s->k_tiles, slabs);
    double flit = (double)p->system->noc->flit_bits, n = (double)slabs, turns = ceil(log2(n));
    double inputs = (double)s->gemm_k * in_bits / flit;
    double block = (double)s->gemm_n / (double)s->n_tiles * SUM_BITS / flit;
    int64_t beside = wide < each ? each / wide : 1; /* blocks of a tile */
    double blocks = (double)beside;
    double chain = (double)ceil_div(wide, each) - 1; /* tiles of a slab, each adds as sums pass */
    double sums = block * fmax(fmax(blocks * (1 - 1 / n), blocks * turns / 4), turns);
    return inputs / fmin(n, STRIP) + inputs / n + sums + (chain > 0 ? block : 0) +
           (turns * TURN_HOPS + chain) * HOP_CYCLES;
}

/* Is K cut into just so many slabs of no more than a tile each, on at most a quarter more tiles, or
 * a twentieth where room is short? */
static bool may_have(const struct plan *p, const struct stage *s, int64_t slabs)
{
    int64_t wide = ceil_div(s->k_tiles, slabs);
    double most = p->tight ? 1.05 : 1.25;
    return ceil_div(s->k_tiles, wide) == slabs && wide <= p->system->arrays_per_tile &&
           (double)span_of(p, s, slabs) <= most * (double)s->arrays_per_copy;
}

/* Beside a memory weights are on their way over the same links and hold up every turn of the sums:
 * only many vectors, one after the other, get more from shorter ways than that. */
static bool may_pay(const struct plan *p, const struct stage *s)
{
    enum { MANY = 64 };
    bool vectors = s->op->kind == OP_MATMUL && s->rows >= MANY;
    return !s->dynamic && (p->spread || (p->system->memory && vectors));
}

void plan_slabs(const struct plan *p, struct stage *s)
{
    s->slabs = 1;
    for (int64_t n = 2; n <= s->k_tiles && may_pay(p, s); n *= 2)
        if (may_have(p, s, n) && slab_cycles(p, s, n) < slab_cycles(p, s, s->slabs))
            s->slabs = n;
    s->span = span_of(p, s, s->slabs);
    s->in_tile = p->system->arrays_per_tile;
    s->used_in_tile = used_in_tile(p, stage_slab_width(s));
}

/* --- numbers of arrays ------------------------------------------------------------------------ */

int64_t stage_slab_width(const struct stage *s)
{
    return ceil_div(s->k_tiles, s->slabs);
}

int64_t stage_slab_end(const struct stage *s, int64_t slab)
{
    return least((slab + 1) * stage_slab_width(s), s->k_tiles) - 1;
}

/* The K tiles of all slabs before that of array `i`, or before K tile `k`; and how many it has. */
struct slab {
    int64_t before, own;
};

static struct slab slab_at(const struct stage *s, int64_t k)
{
    int64_t wide = stage_slab_width(s), before = k / wide * wide;
    return (struct slab){before, least(wide, s->k_tiles - before)};
}

static int64_t blocks_of(const struct stage *s)
{
    return s->n_tiles * s->group_tiles;
}

int64_t stage_array_of(const struct stage *s, int64_t block, int64_t k)
{
    struct slab in = slab_at(s, k);
    return in.before * blocks_of(s) + block * in.own + k - in.before;
}

int64_t stage_k_of(const struct stage *s, int64_t i)
{
    struct slab in = slab_at(s, i / blocks_of(s));
    return in.before + (i - in.before * blocks_of(s)) % in.own;
}

int64_t stage_block_of(const struct stage *s, int64_t i)
{
    struct slab in = slab_at(s, i / blocks_of(s));
    return (i - in.before * blocks_of(s)) / in.own;
}

/* --- where they lie ------------------------------------------------------------------------- */

int64_t stage_home_slab(const struct stage *s, int64_t block)
{
    int64_t slot = block * stage_slab_width(s) % s->used_in_tile;
    return s->slabs > 1 ? slot * s->slabs / s->used_in_tile : 0;
}

int64_t stage_slab_offset(const struct stage *s, int64_t i)
{
    int64_t k = stage_k_of(s, i), wide = stage_slab_width(s);
    int64_t at = stage_block_of(s, i) * wide + k % wide, strip = at / s->used_in_tile;
    return (strip * s->slabs + k / wide) * s->in_tile + at % s->used_in_tile;
}
