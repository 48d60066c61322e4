/* load.c — reloading a segment: weights come from a memory port, a tile's worth at a time, and go
 * by multicast to every tile that keeps a copy of them. */
#include <stdlib.h>

#include "core/plan/internal.h"

double stage_weight_bytes(const struct plan *p, const struct stage *s)
{
    int in_bits, w_bits;
    plan_bits(p, s->op, &in_bits, &w_bits);
    double matrices = (double)(s->groups * s->experts);
    return (double)s->gemm_k * (double)s->gemm_n * matrices * w_bits / 8;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The tiles that hold array `i` of any copy, each once. */
static void fill_ends(const struct plan *p, const struct stage *s, int64_t i, struct flow *f)
{
    uint32_t *ends = ARENA_ARRAY(p->arena, uint32_t, s->copies), n = 0;
    for (int64_t c = 0; c < s->copies; c++)
        ends[c] = stage_tile_of(p, s, c, i);
    qsort(ends, (size_t)s->copies, sizeof *ends, by_number);
    for (int64_t c = 0; c < s->copies; c++)
        if (n == 0 || ends[n - 1] != ends[c])
            ends[n++] = ends[c];
    f->dst = ends;
    f->count = n;
}

/* Arrays of the first copy that follow each other in one tile travel together. */
static void load_stage(struct plan *p, int32_t offset, struct segment *g)
{
    const struct stage *s = &p->stages[g->first_stage + offset];
    double per_array = stage_weight_bytes(p, s) / (double)s->arrays_per_copy;
    for (int64_t i = 0, next; i < s->arrays_per_copy; i = next) {
        uint32_t tile = stage_tile_of(p, s, 0, i);
        for (next = i + 1; next < s->arrays_per_copy; next++)
            if (stage_tile_of(p, s, 0, next) != tile)
                break;
        struct load *l = &g->loads[g->load_count++];
        l->stage = offset;
        l->bytes = per_array * (double)(next - i);
        l->first_array = stage_array_offset(s, i);
        l->arrays = next - i;
        fill_ends(p, s, i, &l->flow);
    }
}

/* --- in which order --------------------------------------------------------------------------- */

/* What is read at once: as much as the memory moves in the time of an access. */
static const double LOT_PS = 25000;

struct dealing { /* the loads of a die */
    const struct load **at;
    size_t count, next, turn;
};

static size_t common_divisor(size_t a, size_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* Loads [first, end) of one layer lie along the curve: neighbours in the mesh.  Taken in long
 * strides, those under way at once go to places far apart. */
static void stride(struct dealing *q, const struct load **spare, size_t first, size_t end)
{
    size_t n = end - first, step = (size_t)(0.618 * (double)n) + 1;
    while (common_divisor(step, n) != 1)
        step++;
    for (size_t i = 0; i < n; i++)
        spare[i] = q->at[first + i * step % n];
    for (size_t i = 0; i < n; i++)
        q->at[first + i] = spare[i];
}

static struct dealing *gather_dies(const struct plan *p, const struct segment *g)
{
    const struct system *m = p->system;
    size_t dies = (size_t)(m->dies_x * m->dies_y);
    struct dealing *q = ARENA_ARRAY(p->arena, struct dealing, dies);
    const struct load **spare = ARENA_ARRAY(p->arena, const struct load *, g->load_count);
    for (size_t die = 0; die < dies; die++)
        q[die].at = ARENA_ARRAY(p->arena, const struct load *, g->load_count);
    for (size_t i = 0; i < g->load_count; i++) {
        struct dealing *of = &q[system_die_of(m, g->loads[i].flow.dst[0])];
        of->at[of->count++] = &g->loads[i];
    }
    for (size_t die = 0; die < dies; die++)
        for (size_t first = 0, i = 1; i <= q[die].count; i++)
            if (i == q[die].count || q[die].at[i]->stage != q[die].at[first]->stage) {
                stride(&q[die], spare, first, i);
                first = i;
            }
    return q;
}

/* One lot of a die: loads of one layer, read together. */
static void deal_lot(const struct plan *p, struct dealing *q, struct load *out, size_t *n)
{
    const struct system *m = p->system;
    double bytes = 0, lot = m->memory->peak_bytes_per_ps * LOT_PS;
    bool begins = true;
    int32_t stage = q->at[q->next]->stage;
    while (q->next < q->count && q->at[q->next]->stage == stage && (begins || bytes < lot)) {
        struct load *l = &out[(*n)++];
        *l = *q->at[q->next++];
        int64_t port = system_port_near(m, l->flow.dst[0], (int64_t)++q->turn);
        l->flow.src = system_memory_endpoint(m, port);
        l->joins = !begins;
        bytes += l->bytes;
        begins = false;
    }
}

/* The ports of a die take turns, so that all of them are busy at once. */
static void deal(const struct plan *p, struct segment *g)
{
    size_t dies = (size_t)(p->system->dies_x * p->system->dies_y), n = 0;
    struct dealing *of = gather_dies(p, g);
    struct load *dealt = ARENA_ARRAY(p->arena, struct load, g->load_count);
    g->queue_count = dies;
    g->queues = ARENA_ARRAY(p->arena, struct load_queue, dies);
    for (size_t die = 0; die < dies; die++) {
        g->queues[die].first = n;
        while (of[die].next < of[die].count)
            deal_lot(p, &of[die], dealt, &n);
        g->queues[die].end = n;
    }
    g->loads = dealt;
}

void plan_loads(struct plan *p)
{
    for (size_t k = 0; k < p->segment_count && !p->resident; k++) {
        struct segment *g = &p->segments[k];
        int64_t most = 0;
        if (g->twin >= 0)
            continue;
        for (int32_t i = 0; i < g->stage_count; i++)
            if (stage_has_weights(&p->stages[g->first_stage + i]))
                most += p->stages[g->first_stage + i].arrays_per_copy;
        g->loads = ARENA_ARRAY(p->arena, struct load, most);
        for (int32_t i = 0; i < g->stage_count; i++)
            if (stage_has_weights(&p->stages[g->first_stage + i]))
                load_stage(p, i, g);
        deal(p, g);
    }
}
