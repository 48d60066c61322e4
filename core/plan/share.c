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

/* A segment's stages group by group, those of a group in order: of group first_group + k they are
 * at[first[k] .. first[k + 1]). */
struct members {
    int32_t *at, *first;
    double slowest_ps; /* of the segment, a sample on arrays alone */
};

static struct members members_of(const struct plan *p, const struct segment *in)
{
    struct members m = {ARENA_ARRAY(p->arena, int32_t, in->stage_count),
                        ARENA_ARRAY(p->arena, int32_t, in->group_count + 2), 0};
    for (int32_t i = in->first_stage; i < in->first_stage + in->stage_count; i++) {
        double t = stage_arrays_ps(&p->stages[i]);
        m.slowest_ps = t > m.slowest_ps ? t : m.slowest_ps;
        if (p->stages[i].group >= 0)
            m.first[p->stages[i].group - in->first_group + 2]++;
    }
    for (int32_t k = 2; k < in->group_count + 2; k++)
        m.first[k] += m.first[k - 1];
    for (int32_t i = in->first_stage; i < in->first_stage + in->stage_count; i++)
        if (p->stages[i].group >= 0)
            m.at[m.first[p->stages[i].group - in->first_group + 1]++] = i;
    return m;
}

/* Time of a sample on the arrays alone; a stage without arrays is granted the slowest one's. */
static double array_sample_ps(const struct members *m, const struct stage *s)
{
    return s->kind == STAGE_ARRAY ? stage_arrays_ps(s) : m->slowest_ps;
}

/* Does a single piece of a single sample pass these stages of a group? */
static bool in_one_piece(const struct plan *p, const int32_t *of, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        if (p->stages[of[i]].steps > 1 || p->samples > 1)
            return false;
    return true;
}

/* Of stages [of[0], of[count - 1]], which need what members [first, first + 64) of a group make:
 * a bit for each of these.  Edges lead onwards. */
static void mark_after(const struct plan *p, const int32_t *of, int32_t count, int32_t first,
                       uint64_t *after)
{
    int32_t next = 0;
    for (int32_t i = of[0]; i <= of[count - 1]; i++) {
        const struct stage *s = &p->stages[i];
        uint64_t bits = 0;
        for (size_t k = 0; k < s->in_count; k++) {
            int32_t from = p->edges[s->in[k]].producer;
            bits |= from >= of[0] ? after[from - of[0]] : 0;
        }
        after[i - of[0]] = bits;
        if (i != of[next])
            continue;
        if (next >= first && next < first + 64)
            after[i - of[0]] |= UINT64_C(1) << (next - first);
        next++;
    }
}

/* Of each member of a group, those that may work when it does, itself among them: all but those
 * that it needs, and those that need it. */
static double *peers(const struct plan *p, const int32_t *of, int32_t count)
{
    double *among = ARENA_ARRAY(p->arena, double, count);
    uint64_t *after = ARENA_ARRAY(p->arena, uint64_t, of[count - 1] - of[0] + 1);
    for (int32_t i = 0; i < count; i++)
        among[i] = count + 2; /* each comes after itself, and before */
    for (int32_t first = 0; first < count; first += 64) {
        mark_after(p, of, count, first, after);
        for (int32_t i = 0; i < count; i++) {
            uint64_t needs = after[of[i] - of[0]];
            among[i] -= __builtin_popcountll(needs);
            for (; needs; needs &= needs - 1)
                among[first + __builtin_ctzll(needs)] -= 1;
        }
    }
    return among;
}

/* Tiles that a group would need for its stages to keep up with their arrays: their vector units,
 * and their buffer ports.  Row times are those of one unit. */
struct demand {
    double vector, port;
};

static double stage_budget_ps(const struct plan *p, const struct segment *in,
                              const struct members *m, const struct stage *s)
{
    double budget = p->spread ? in->pace_ps : array_sample_ps(m, s);
    return budget > 0 ? budget : 1; /* nothing but vector work: all of it takes turns */
}

static void add_demands(const struct plan *p, const struct segment *in, const struct members *m,
                        struct demand *of)
{
    for (int32_t i = 0; i < in->stage_count; i++) {
        const struct stage *s = &p->stages[in->first_stage + i];
        if (s->group < 0)
            continue;
        double budget = stage_budget_ps(p, in, m, s);
        of[s->group].vector += s->vector_row_ps * (double)s->rows / budget;
        of[s->group].port += s->buffer_row_ps * (double)s->rows / budget;
    }
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* How much of a tile is asked for by wide groups, which lie in the tiles of others, and by the
 * busiest of those others. */
struct loads {
    struct demand wide, others;
};

static void add_load(struct loads *l, const struct group *g, const struct demand *d)
{
    if (g->wide) {
        l->wide.vector += d->vector / g->tiles;
        l->wide.port += d->port / g->tiles;
    } else {
        l->others.vector = larger(l->others.vector, d->vector / g->tiles);
        l->others.port = larger(l->others.port, d->port / g->tiles);
    }
}

/* Of a group's tiles: by itself and by those who share tiles with it. */
static struct demand tile_load(const struct loads *all, const struct group *g,
                               const struct demand *d)
{
    struct loads l = {all->wide, {0, 0}};
    if (g->wide)
        l.others = all->others;
    else
        add_load(&l, g, d);
    return (struct demand){l.wide.vector + l.others.vector, l.wide.port + l.others.port};
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
static void share_tiles(struct plan *p, const struct segment *in, const struct members *m,
                        int32_t group, const struct demand *load)
{
    const double tiles = p->groups[group].tiles;
    const int32_t *of = m->at + m->first[group - in->first_group];
    int32_t count = m->first[group - in->first_group + 1] - m->first[group - in->first_group];
    bool turns = in_one_piece(p, of, count); /* each stage has all of the tiles in its turn */
    const double *among = turns ? peers(p, of, count) : NULL;
    for (int32_t i = 0; i < count; i++) {
        struct stage *s = &p->stages[of[i]];
        double of_budget = stage_budget_ps(p, in, m, s) / (double)s->rows;
        if (turns) {
            s->vector_row_ps *= among[i] / tiles;
            s->buffer_row_ps *= among[i] / tiles;
        } else if (p->spread) {
            s->vector_row_ps = among_others_ps(s->vector_row_ps / tiles, load->vector, of_budget);
            s->buffer_row_ps = among_others_ps(s->buffer_row_ps / tiles, load->port, of_budget);
        } else {
            s->vector_row_ps = s->vector_row_ps > 0 ? load->vector * of_budget : 0;
            s->buffer_row_ps = s->buffer_row_ps > 0 ? load->port * of_budget : 0;
        }
    }
}

static void share_segment(struct plan *p, struct segment *in, struct demand *of)
{
    const struct members m = members_of(p, in);
    struct loads all = {{0, 0}, {0, 0}};
    for (int32_t k = 0; k < in->group_count; k++)
        of[in->first_group + k] = (struct demand){0, 0};
    add_demands(p, in, &m, of);
    for (int32_t k = in->first_group; k < in->first_group + in->group_count; k++)
        add_load(&all, &p->groups[k], &of[k]);
    for (int32_t k = in->first_group; k < in->first_group + in->group_count; k++) {
        struct demand load = tile_load(&all, &p->groups[k], &of[k]);
        share_tiles(p, in, &m, k, &load);
    }
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
