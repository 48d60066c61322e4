/* share.c — what stages that share tiles leave each other of vector units and buffer ports.
 *
 * On entry a stage's row times are those of one unit, on return those of its share.  On a wafer,
 * where samples keep a pace, a stage gets what the others leave of it; else each has a share of its
 * own for good, as large as it needs to keep up with its arrays. */
#include <math.h>

#include "core/plan/internal.h"

double stage_arrays_ps(const struct stage *s)
{
    struct stage alone = *s;
    alone.vector_row_ps = alone.buffer_row_ps = 0;
    return s->kind == STAGE_ARRAY ? stage_sample_ps(&alone) : 0;
}

/* Time of a sample on the arrays alone; a stage without arrays is granted the slowest one's. */
static double array_sample_ps(const struct plan *p, const struct stage *s)
{
    const struct segment *g = &p->segments[s->segment];
    double slowest = 0;
    if (s->kind == STAGE_ARRAY)
        return stage_arrays_ps(s);
    for (int32_t i = 0; i < g->stage_count; i++) {
        double t = stage_arrays_ps(&p->stages[g->first_stage + i]);
        slowest = t > slowest ? t : slowest;
    }
    return slowest;
}

/* Does a single piece of a single sample pass the stages of a group? */
static bool in_one_piece(const struct plan *p, const struct segment *in, int32_t group)
{
    for (int32_t i = 0; i < in->stage_count; i++) {
        const struct stage *s = &p->stages[in->first_stage + i];
        if (s->group == group && (s->steps > 1 || p->samples > 1))
            return false;
    }
    return true;
}

/* Which stages of a segment come after stage `index` because they need what it makes? */
static void mark_after(const struct plan *p, const struct segment *in, int32_t index, bool *after)
{
    for (int32_t i = 0; i < in->stage_count; i++) {
        const struct stage *s = &p->stages[in->first_stage + i];
        after[i] = false;
        for (size_t k = 0; k < s->in_count; k++) { /* producers come first */
            int32_t from = p->edges[s->in[k]].producer - in->first_stage;
            after[i] = after[i] || from == index || (from >= 0 && after[from]);
        }
    }
}

/* Stages of a group that may work when stage `index` of the segment does, itself among them. */
static double peers(struct plan *p, const struct segment *in, int32_t index)
{
    bool *after = ARENA_ARRAY(p->arena, bool, in->stage_count);
    bool *then = ARENA_ARRAY(p->arena, bool, in->stage_count);
    int32_t group = p->stages[in->first_stage + index].group;
    double count = 0;
    mark_after(p, in, index, after);
    for (int32_t i = 0; i < in->stage_count; i++) {
        if (p->stages[in->first_stage + i].group != group || after[i])
            continue;
        mark_after(p, in, i, then);
        count += !then[index];
    }
    return count;
}

/* Tiles that a group would need for its stages to keep up with their arrays: their vector units,
 * and their buffer ports.  Row times are those of one unit. */
struct demand {
    double vector, port;
};

static double stage_budget_ps(const struct plan *p, const struct segment *in, const struct stage *s)
{
    double budget = p->spread ? in->pace_ps : array_sample_ps(p, s);
    return budget > 0 ? budget : 1; /* nothing but vector work: all of it takes turns */
}

static void add_demands(const struct plan *p, const struct segment *in, struct demand *of)
{
    for (int32_t i = 0; i < in->stage_count; i++) {
        const struct stage *s = &p->stages[in->first_stage + i];
        double budget = stage_budget_ps(p, in, s);
        if (s->group < 0)
            continue;
        of[s->group].vector += s->vector_row_ps * (double)s->rows / budget;
        of[s->group].port += s->buffer_row_ps * (double)s->rows / budget;
    }
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* How much of a tile of a group is asked for, by itself and by those who share tiles with it: wide
 * groups lie in the tiles of others, of which the busiest holds them up. */
static struct demand tile_load(const struct plan *p, const struct segment *in, int32_t group,
                               const struct demand *of)
{
    const struct group *own = &p->groups[group];
    struct demand wide = {0, 0}, others = {0, 0};
    for (int32_t k = 0; k < in->group_count; k++) {
        const struct group *g = &p->groups[in->first_group + k];
        const struct demand *d = &of[in->first_group + k];
        if (g->wide) {
            wide.vector += d->vector / g->tiles;
            wide.port += d->port / g->tiles;
        } else if (own->wide || g == own) {
            others.vector = larger(others.vector, d->vector / g->tiles);
            others.port = larger(others.port, d->port / g->tiles);
        }
    }
    return (struct demand){wide.vector + others.vector, wide.port + others.port};
}

/* Time of work that takes `alone_ps` of a unit when the unit is asked for the share `load` of every
 * `pace_ps`: it gets what the others leave, evenly; of more than there is each gets as much. */
static double among_others_ps(double alone_ps, double load, double pace_ps)
{
    if (alone_ps <= 0)
        return 0;
    if (load >= 1)
        return load * pace_ps;
    return alone_ps / (1 - (load - alone_ps / pace_ps));
}

/* The vector units and buffer ports of a group's tiles are divided so that each of its stages gets
 * what it needs to keep up with its arrays, or, if that is more than there is, the same share of
 * it.  On entry row times are those of one unit; on return those of the stage's share. */
static void share_tiles(struct plan *p, const struct segment *in, int32_t group,
                        const struct demand *of)
{
    const struct group *g = &p->groups[group];
    bool turns = in_one_piece(p, in, group); /* each stage has all of the tiles in its turn */
    struct demand load = tile_load(p, in, group, of);
    for (int32_t i = 0; i < in->stage_count; i++) {
        struct stage *s = &p->stages[in->first_stage + i];
        double of_budget = s->group == group ? stage_budget_ps(p, in, s) / (double)s->rows : 0;
        if (s->group != group)
            continue;
        if (turns) {
            double share = peers(p, in, i) / g->tiles;
            s->vector_row_ps *= share;
            s->buffer_row_ps *= share;
        } else if (p->spread) {
            s->vector_row_ps = among_others_ps(s->vector_row_ps / g->tiles, load.vector, of_budget);
            s->buffer_row_ps = among_others_ps(s->buffer_row_ps / g->tiles, load.port, of_budget);
        } else {
            s->vector_row_ps = s->vector_row_ps > 0 ? load.vector * of_budget : 0;
            s->buffer_row_ps = s->buffer_row_ps > 0 ? load.port * of_budget : 0;
        }
    }
}

static void share_segment(struct plan *p, struct segment *in, struct demand *of)
{
    for (int32_t k = 0; k < in->group_count; k++)
        of[in->first_group + k] = (struct demand){0, 0};
    add_demands(p, in, of);
    for (int32_t k = 0; k < in->group_count; k++)
        share_tiles(p, in, in->first_group + k, of);
}

/* --- the pace of a wafer ---------------------------------------------------------------------- */

/* Row times of a stage on a unit that it has to itself. */
struct alone {
    double vector_ps, buffer_ps;
};

/* Of all regions the slowest sets the pace. */
static double least_pace_ps(const struct plan *p)
{
    double pace = 0;
    for (size_t g = 0; g < p->segment_count; g++)
        if (p->segments[g].twin < 0)
            pace = larger(pace, plan_segment_pace_ps(p, &p->segments[g]));
    return pace;
}

/* Nobody follows closer than the slowest stage lets him. */
static void slow_pace(const struct plan *p, struct segment *g)
{
    for (int32_t k = 0; k < g->stage_count; k++)
        g->pace_ps = larger(g->pace_ps, stage_sample_ps(&p->stages[g->first_stage + k]));
}

/* Every segment at this pace.  Returns the time of all samples, ways left out: the first one's
 * longest path, and a pace for each that follows. */
static double share_at_ps(struct plan *p, double pace_ps, const struct alone *alone,
                          struct demand *of)
{
    double first = 0, *path = ARENA_ARRAY(p->arena, double, p->segment_count);
    for (size_t k = 0; k < p->segment_count; k++) {
        struct segment *g = &p->segments[k];
        if (g->twin >= 0) {
            first += path[k] = path[g->twin];
            continue;
        }
        for (int32_t i = g->first_stage; i < g->first_stage + g->stage_count; i++) {
            p->stages[i].vector_row_ps = alone[i].vector_ps;
            p->stages[i].buffer_row_ps = alone[i].buffer_ps;
        }
        g->pace_ps = pace_ps;
        share_segment(p, g, of);
        slow_pace(p, g);
        first += path[k] = plan_longest_path_ps(p, g);
    }
    return first + (double)(p->samples - 1) * plan_pace_ps(p);
}

/* Samples that follow each other closely leave each other little of a tile: where few follow, all
 * are done sooner at a slower pace than links and arrays allow. */
static void share_wafer(struct plan *p, struct demand *of)
{
    static const double slower[] = {1, 1.25, 1.5, 2, 3, 4, 6};
    double pace = least_pace_ps(p), best = 1, least = INFINITY;
    struct alone *alone = ARENA_ARRAY(p->arena, struct alone, p->stage_count);
    for (size_t i = 0; i < p->stage_count; i++)
        alone[i] = (struct alone){p->stages[i].vector_row_ps, p->stages[i].buffer_row_ps};
    for (size_t i = 0; i < COUNT_OF(slower) && p->samples > 1; i++) {
        double ps = share_at_ps(p, slower[i] * pace, alone, of);
        best = ps < least ? slower[i] : best;
        least = ps < least ? ps : least;
    }
    share_at_ps(p, best * pace, alone, of);
}

double plan_pace_ps(const struct plan *p)
{
    double pace = 0;
    for (size_t g = 0; g < p->segment_count; g++)
        pace = larger(pace, p->segments[g].pace_ps);
    return pace;
}

void plan_share(struct plan *p)
{
    struct demand *of = ARENA_ARRAY(p->arena, struct demand, p->group_count);
    if (p->spread) {
        share_wafer(p, of);
        return;
    }
    for (size_t g = 0; g < p->segment_count; g++)
        if (p->segments[g].twin < 0)
            share_segment(p, &p->segments[g], of);
}
