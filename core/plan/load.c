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
        ends[c] = plan_tile_of(p, s->copy_at[c] + i);
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
        uint32_t tile = plan_tile_of(p, s->copy_at[0] + i);
        for (next = i + 1; next < s->arrays_per_copy; next++)
            if (plan_tile_of(p, s->copy_at[0] + next) != tile)
                break;
        struct load *l = &g->loads[g->load_count++];
        l->stage = offset;
        l->bytes = per_array * (double)(next - i);
        fill_ends(p, s, i, &l->flow);
    }
}

/* Dies take turns, so that all of their ports are busy at once, and so do the ports of a die. */
static void deal(const struct plan *p, struct segment *g)
{
    const struct system *m = p->system;
    size_t dies = (size_t)(m->dies_x * m->dies_y), n = 0;
    struct load *dealt = ARENA_ARRAY(p->arena, struct load, g->load_count);
    size_t *next = ARENA_ARRAY(p->arena, size_t, dies), *turn = ARENA_ARRAY(p->arena, size_t, dies);
    while (n < g->load_count)
        for (size_t die = 0; die < dies; die++) {
            size_t *k = &next[die];
            while (*k < g->load_count && (size_t)system_die_of(m, g->loads[*k].flow.dst[0]) != die)
                (*k)++;
            if (*k == g->load_count)
                continue;
            struct load *l = &dealt[n++];
            *l = g->loads[(*k)++];
            int64_t port = system_port_near(m, l->flow.dst[0], (int64_t)++turn[die]);
            l->flow.src = system_memory_endpoint(m, port);
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
            if (p->stages[g->first_stage + i].kind == STAGE_ARRAY)
                most += p->stages[g->first_stage + i].arrays_per_copy;
        g->loads = ARENA_ARRAY(p->arena, struct load, most);
        for (int32_t i = 0; i < g->stage_count; i++)
            if (p->stages[g->first_stage + i].kind == STAGE_ARRAY)
                load_stage(p, i, g);
        deal(p, g);
    }
}
