/* place.c — arrays on tiles along a space-filling curve, so that neighbours in the pipeline are
 * neighbours on the mesh; and which part of every row each tile makes.
 *
 * Copies of a stage share the columns of a row.  Stages of equal row shape that follow each other
 * are laid out together, sorted by column: copies that work on the same columns sit in the same
 * tile, and what one makes the next reads without leaving it.  The last K tile of a block of
 * outputs holds the finished sums. */
#include <stdlib.h>
#include <string.h>

#include "core/plan/gather.h"

uint32_t plan_tile_of(const struct plan *p, int64_t array)
{
    return p->tile_order[array / p->system->arrays_per_tile];
}

uint32_t stage_tile_of(const struct plan *p, const struct stage *s, int64_t copy, int64_t i)
{
    return plan_tile_of(p, s->copy_at[copy] + stage_array_offset(s, i));
}

/* --- what a stage makes where -------------------------------------------------------------- */

void stage_copy_columns(const struct stage *s, int64_t copy, double *first, double *last)
{
    int64_t units = s->width > 1 ? s->width : s->rows_per_chunk, each = ceil_div(units, s->copies);
    int64_t from = copy * each, to = from + each;
    *first = (double)(from < units ? from : units) / (double)units;
    *last = (double)(to < units ? to : units) / (double)units;
}

static void add_layout(struct layouts *list, uint32_t tile, const double column[2], double low,
                       double high)
{
    struct layout *last = list->count ? &list->at[list->count - 1] : NULL;
    if (column[0] >= column[1])
        return;
    if (last && last->tile == tile && last->column[0] == column[0] && last->channel[1] == low) {
        last->channel[1] = high; /* the next block of the same copy */
        if (last->channel[0] == 0 && high == 1 && list->count > 1) {
            struct layout *before = last - 1; /* a whole copy beside a whole copy */
            if (before->tile == tile && before->channel[0] == 0 && before->channel[1] == 1 &&
                before->column[1] == column[0]) {
                before->column[1] = column[1];
                list->count--;
            }
        }
        return;
    }
    if (last && last->tile == tile && low == 0 && high == 1 && last->channel[0] == 0 &&
        last->channel[1] == 1 && last->column[1] == column[0]) {
        last->column[1] = column[1];
        return;
    }
    struct layout *l = &list->at[list->count++];
    l->tile = tile;
    memcpy(l->column, column, sizeof l->column);
    l->channel[0] = low;
    l->channel[1] = high;
}

static void array_layouts(struct plan *p, struct stage *s)
{
    int64_t blocks = s->group_tiles * s->n_tiles;
    s->makes.at = ARENA_ARRAY(p->arena, struct layout, s->copies * blocks);
    for (int64_t c = 0; c < s->copies; c++) {
        double column[2];
        stage_copy_columns(s, c, &column[0], &column[1]);
        for (int64_t b = 0; b < blocks; b++) {
            uint32_t tile = stage_tile_of(
                p, s, c, stage_array_of(s, b, stage_slab_end(s, stage_home_slab(s, b))));
            double low = (double)b / (double)blocks, high = (double)(b + 1) / (double)blocks;
            add_layout(&s->makes, tile, column, low, b + 1 == blocks ? 1 : high);
        }
    }
}

/* Tiles over which a chunk is spread: all `n`, but on a wafer, where a group may have thousands for
 * its buffers, no more than get a transfer's worth from each of its makers. */
static int64_t spread_over(const struct plan *p, const struct stage *s, bool vector, int64_t n)
{
    double makers = 1, chunk = s->row_bytes * (double)s->rows_per_chunk;
    if (!vector && s->in_count > 0)
        makers = (double)p->stages[p->edges[s->in[0]].producer].makes.count;
    int64_t most = (int64_t)(chunk / (TRANSFER_BYTES * makers));
    most = most > 1 ? most : 1;
    return p->spread && most < n ? most : n;
}

/* A stage with tiles but no arrays spreads its columns evenly over its tiles; a single vector, its
 * channels. */
static void tile_layouts(struct plan *p, struct stage *s)
{
    int64_t per_tile = p->system->arrays_per_tile;
    const struct group *g = &p->groups[s->group];
    int64_t first = s->copy_at[0] / per_tile, last = (s->copy_at[0] + g->arrays - 1) / per_tile;
    bool vector = s->width == 1 && s->rows_per_chunk == 1;
    last = first + spread_over(p, s, vector, last - first + 1) - 1;
    double n = (double)(last - first + 1);
    s->makes.at = ARENA_ARRAY(p->arena, struct layout, last - first + 1);
    for (int64_t t = first; t <= last; t++) {
        double all[2] = {0, 1}, share[2] = {(double)(t - first) / n, (double)(t - first + 1) / n};
        const double *column = vector ? all : share, *channel = vector ? share : all;
        add_layout(&s->makes, plan_tile_of(p, t * per_tile), column, channel[0], channel[1]);
    }
}

/* Ports share what enters and leaves by columns; by channels where a row is one vector: a tile that
 * makes or adds some channels then has business with one port, not with all of them. */
static void port_layouts(struct plan *p, struct stage *s)
{
    const struct system *m = p->system;
    bool many = m->memory || m->wafer;
    int64_t ports = many ? m->memory_ports : 1;
    s->makes.at = ARENA_ARRAY(p->arena, struct layout, ports);
    for (int64_t i = 0; i < ports; i++) {
        double share[2] = {(double)i / (double)ports, (double)(i + 1) / (double)ports};
        uint32_t port = many ? system_memory_endpoint(m, i) : system_host_endpoint(m);
        struct layout *l = &s->makes.at[s->makes.count++];
        *l = (struct layout){port, {0, 1}, {0, 1}};
        memcpy(s->width == 1 ? l->channel : l->column, share, sizeof share);
    }
}

/* Keys and values lie behind the memory ports near the tiles that read them.  The fabric shares the
 * edges of dies with memory: what is exchanged leaves and comes back by the ports near its tiles.
 */
static void near_layouts(struct plan *p, struct stage *s)
{
    const struct edge *e = &p->edges[s->out[0]];
    int32_t with = s->cache ? e->consumer : stage_maker(p, s);
    struct layouts needs, *reads = &p->stages[with].makes;
    const struct system *m = p->system;
    if (s->cache && e->written) {
        needs = plan_operand_needs(p, e, 1);
        reads = &needs;
    }
    s->makes.at = ARENA_ARRAY(p->arena, struct layout, reads->count);
    s->makes.count = reads->count;
    for (size_t i = 0; i < reads->count; i++) {
        s->makes.at[i] = reads->at[i];
        s->makes.at[i].tile =
            system_memory_endpoint(m, system_port_near(m, reads->at[i].tile, (int64_t)i));
    }
}

/* What leaves a region of a wafer goes straight on from the tiles that make it. */
static void exit_layouts(struct plan *p, struct stage *s)
{
    const struct layouts *made = &p->stages[stage_maker(p, s)].makes;
    s->makes.at = ARENA_ARRAY(p->arena, struct layout, made->count);
    s->makes.count = made->count;
    for (size_t i = 0; i < made->count; i++) {
        s->makes.at[i] = made->at[i];
        s->makes.at[i].tile = system_exit_endpoint(p->system, made->at[i].tile);
    }
}

/* --- copies along the curve ----------------------------------------------------------------- */

struct unit { /* one copy of one stage */
    double column;
    int32_t stage;
    int64_t copy, arrays;
};

static int by_column(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    if (x->stage != y->stage)
        return x->stage < y->stage ? -1 : 1;
    return x->copy < y->copy ? -1 : x->copy > y->copy;
}

/* Lays out a group's copies from array `next` on, sorted by column. */
static void lay_out(struct plan *p, const struct group *g, int64_t next)
{
    int64_t count = 0, n = 0;
    for (int32_t i = g->first_stage; i < g->end_stage; i++)
        count += p->stages[i].arrays ? p->stages[i].copies : 0;
    struct unit *units = ARENA_ARRAY(p->arena, struct unit, count);
    for (int32_t i = g->first_stage; i < g->end_stage; i++) {
        const struct stage *s = &p->stages[i];
        for (int64_t c = 0; s->arrays && !s->beside.sums && c < s->copies; c++) {
            double last;
            struct unit *u = &units[n++];
            stage_copy_columns(s, c, &u->column, &last);
            u->stage = i;
            u->copy = c;
            u->arrays = s->span;
        }
    }
    qsort(units, (size_t)n, sizeof *units, by_column);
    for (int64_t k = 0; k < n; k++) {
        const struct stage *s = &p->stages[units[k].stage];
        s->copy_at[units[k].copy] = next;
        next += units[k].arrays;
        if (s->beside.stage < 0)
            continue;
        p->stages[s->beside.stage].copy_at[units[k].copy] = s->copy_at[units[k].copy];
        next += p->stages[s->beside.stage].arrays_per_copy;
    }
}

/* Arrays that a segment leaves free, to be left between its groups: weights that come from the
 * memories of several dies come faster when all of the dies take some. */
static int64_t gap(const struct plan *p, const struct segment *g)
{
    int64_t used = 0;
    if (p->resident || p->system->dies_x * p->system->dies_y == 1)
        return 0;
    for (int32_t k = 0; k < g->group_count; k++)
        used += p->groups[g->first_group + k].arrays;
    return (p->system->arrays - used) / (g->group_count > 0 ? g->group_count : 1);
}

static void place_groups(struct plan *p)
{
    int64_t next = 0;
    int32_t segment = -1;
    for (size_t k = 0; k < p->group_count; k++) {
        const struct group *g = &p->groups[k];
        if (p->stages[g->first_stage].segment != segment)
            next = 0;
        segment = p->stages[g->first_stage].segment;
        lay_out(p, g, next);
        next += g->arrays + gap(p, &p->segments[segment]);
    }
}

static bool has_slabs(const struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (p->stages[i].kind == STAGE_ARRAY && p->stages[i].slabs > 1)
            return true;
    return false;
}

void plan_place(struct plan *p)
{
    p->curve = plan_curve(p, false);
    p->tile_order = has_slabs(p) ? plan_curve(p, true) : p->curve;
    for (size_t i = 0; i < p->stage_count; i++)
        if (p->stages[i].arrays)
            p->stages[i].copy_at = ARENA_ARRAY(p->arena, int64_t, p->stages[i].copies);
    place_groups(p);
    for (size_t i = 0; i < p->stage_count; i++) {
        struct stage *s = &p->stages[i];
        if (plan_is_twin(p, s))
            continue;
        if (s->kind == STAGE_ARRAY)
            array_layouts(p, s);
        else if (s->kind != STAGE_VECTOR)
            port_layouts(p, s);
        else if (stage_is_wide(p, s) && s->host == (int32_t)i)
            plan_wide_layouts(p, s);
        else if (s->host == (int32_t)i)
            tile_layouts(p, s);
    }
    for (size_t i = 0; i < p->stage_count; i++)
        if (p->stages[i].kind == STAGE_VECTOR && !plan_is_twin(p, &p->stages[i]))
            p->stages[i].makes = p->stages[p->stages[i].host].makes;
    for (size_t i = 0; i < p->stage_count; i++)
        if (!plan_is_twin(p, &p->stages[i]) && stage_sums_positions(p, &p->stages[i]))
            plan_wide_homes(p, &p->stages[i]);
    for (size_t i = 0; i < p->stage_count; i++)
        if ((p->stages[i].cache || p->stages[i].kind == STAGE_RING) &&
            !plan_is_twin(p, &p->stages[i]))
            near_layouts(p, &p->stages[i]);
        else if (p->spread && p->stages[i].kind == STAGE_SINK && p->stages[i].in_count == 1 &&
                 !plan_is_twin(p, &p->stages[i]) && stage_maker(p, &p->stages[i]) >= 0)
            exit_layouts(p, &p->stages[i]);
}
