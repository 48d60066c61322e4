/* replicate.c — how many copies of each stage, and how many arrays it is given.
 *
 * Stage time = output rows x ceil(vectors per row / copies) x t_mvm.  The shortest time of the
 * slowest stage whose copies still fit is found by bisection.  Stages of equal row shape that
 * follow each other form a group: their copies share tiles, and with them buffers.  A group that
 * needs more buffer than its arrays bring is given further arrays, which stay idle. */
#include <math.h>

#include "core/plan/gather.h"

static const double ARRAYS_COUNTED = 0x1p60; /* whatever asks for more gets no room anyway */

/* Work that copies can share, and how often it comes in a sample. */
static int64_t shared_units(const struct stage *s)
{
    return s->width > 1 ? s->width : s->rows_per_chunk;
}

static int64_t repeats(const struct stage *s)
{
    return s->width > 1 ? s->rows : s->chunks;
}

double stage_sample_ps(const struct stage *s)
{
    double sum = s->write_ps;
    for (int64_t k = 0; k < s->chunks; k++)
        sum += stage_rows_ps(s, stage_chunk_rows(s, k), NULL);
    return sum;
}

static int64_t copies_within(const struct stage *s, double budget_ps)
{
    double rounds = (budget_ps - s->write_ps) / ((double)repeats(s) * s->mvm_ps);
    int64_t units = shared_units(s);
    int64_t each = rounds < 1 ? 1 : rounds > (double)units ? units : (int64_t)rounds;
    return ceil_div(units, each);
}

/* Products side by side have copies side by side. */
static int64_t copies_for(const struct plan *p, const struct stage *s, double budget_ps)
{
    int64_t own = copies_within(s, budget_ps), other = own;
    if (s->beside.stage >= 0)
        other = copies_within(&p->stages[s->beside.stage], budget_ps);
    return own > other ? own : other;
}

int32_t stage_maker(const struct plan *p, const struct stage *s)
{
    int32_t first = -1;
    for (size_t i = 0; i < s->in_count; i++) {
        int32_t producer = p->edges[s->in[i]].producer;
        if (p->stages[producer].kind == STAGE_RING)
            return stage_maker(p, &p->stages[producer]);
        if (p->stages[producer].kind != STAGE_SOURCE && first < 0)
            first = producer;
    }
    return first;
}

/* The first product of two operands over many tiles lets what follows live with it. */
static int32_t host_of(const struct plan *p, int32_t index)
{
    const struct stage *s = &p->stages[index];
    int32_t maker = s->kind == STAGE_VECTOR ? stage_maker(p, s) : -1;
    if (maker < 0)
        return index;
    int32_t host = p->stages[maker].host;
    return stage_is_wide(p, s) && !stage_is_wide(p, &p->stages[host]) ? index : host;
}

static bool has_tiles(const struct plan *p, int32_t index)
{
    return !stage_is_outside(&p->stages[index]) && p->stages[index].host == index;
}

/* --- groups ---------------------------------------------------------------------------------- */

static bool together(const struct stage *a, const struct stage *b)
{
    return a->kind == STAGE_ARRAY && b->kind == STAGE_ARRAY && a->rows == b->rows &&
           a->width == b->width && a->width > 1;
}

/* Bytes of a stage's least buffer. */
static double least_bytes(const struct stage *s)
{
    return s->min_chunks * (double)s->rows_per_chunk * s->row_bytes;
}

static void open_group(struct plan *p, int32_t first_stage)
{
    struct segment *g = &p->segments[p->stages[first_stage].segment];
    if (g->group_count++ == 0)
        g->first_group = (int32_t)p->group_count;
    p->groups[p->group_count++].first_stage = first_stage;
}

/* Cuts the stages into groups of neighbours; a guest belongs to its host's group. */
static void form_groups(struct plan *p)
{
    int32_t last = -1; /* the latest stage with tiles of its own */
    p->groups = ARENA_ARRAY(p->arena, struct group, p->stage_count);
    p->group_count = 0;
    for (int32_t i = 0; i < (int32_t)p->stage_count; i++) /* producers come first */
        p->stages[i].host = host_of(p, i);
    for (int32_t i = 0; i < (int32_t)p->stage_count; i++) {
        struct stage *s = &p->stages[i];
        s->group = -1;
        if (plan_is_twin(p, s) || !has_tiles(p, i))
            continue;
        bool beside = last >= 0 && plan_lay_beside(p, last, i);
        if (last < 0 || p->stages[last].segment != s->segment ||
            !(beside || together(&p->stages[last], s)))
            open_group(p, i);
        s->group = (int32_t)p->group_count - 1;
        p->groups[s->group].end_stage = i + 1;
        last = i;
    }
    for (int32_t i = 0; i < (int32_t)p->stage_count; i++) {
        struct stage *s = &p->stages[i];
        if (plan_is_twin(p, s) || stage_is_outside(s))
            continue;
        s->group = p->stages[s->host].group;
        struct group *g = &p->groups[s->group];
        g->cache_bytes += s->cache_bytes * (double)p->samples;
        g->buffer_bytes += least_bytes(s) + s->cache_bytes * (double)p->samples;
    }
    for (int32_t k = 0; k < (int32_t)p->group_count; k++) {
        struct group *g = &p->groups[k];
        g->wide = stage_is_wide(p, &p->stages[g->first_stage]);
        g->tiles = g->wide ? (double)plan_wide_tiles(p, k) : 0;
    }
}

/* What rows of a wide group may take: as others, with `slack`; caches lie still. */
static double wide_room(const struct group *g, double slack)
{
    return slack * (g->buffer_bytes - g->cache_bytes) + g->cache_bytes;
}

/* Buffer that comes with an array, less what wide groups of the segment take of each tile. */
static double bytes_per_array(const struct plan *p, int32_t segment, double slack)
{
    const struct segment *seg = &p->segments[segment];
    double of_tile = (double)p->system->buffer.bytes;
    for (int32_t k = 0; k < seg->group_count; k++) {
        const struct group *g = &p->groups[seg->first_group + k];
        of_tile -= g->wide ? wide_room(g, slack) / g->tiles : 0;
    }
    return of_tile / (double)p->system->arrays_per_tile;
}

/* Arrays whose tiles a stage without arrays takes: on a wafer so many that each has a transfer's
 * worth of a row, for a link that one tile sends all of it over holds up the whole region. */
static int64_t lane_arrays(const struct plan *p, const struct stage *s)
{
    double tiles = p->spread ? s->row_bytes / TRANSFER_BYTES : 1;
    return tiles > 1 ? (int64_t)tiles * p->system->arrays_per_tile : 1;
}

/* Arrays for rows of so many bytes beside `each` that comes with an array. */
static int64_t room_arrays(double bytes, double each)
{
    double arrays = each > 0 ? bytes / each : 0;
    return each > 0 ? (int64_t)fmin(arrays, ARRAYS_COUNTED) + 1 : 0;
}

/* Arrays of a group when every stage is given the copies that `budget_ps` asks for; `each`: the
 * bytes that come with an array. */
static int64_t group_arrays(const struct plan *p, const struct group *g, double each,
                            double budget_ps, double slack)
{
    if (g->wide)
        return each > 0 ? 0 : p->system->arrays + 1; /* more than there are: no room */
    int64_t sum = 0, room = room_arrays(slack * g->buffer_bytes, each);
    for (int32_t i = g->first_stage; i < g->end_stage; i++) {
        const struct stage *s = &p->stages[i];
        if (has_tiles(p, i))
            sum +=
                s->kind == STAGE_ARRAY ? copies_for(p, s, budget_ps) * s->span : lane_arrays(p, s);
    }
    int64_t most = sum > room ? sum : room, tile = p->system->arrays_per_tile;
    tile *= p->spread ? STRIP : 1; /* whole strips: no tile feeds two groups */
    return p->spread ? ceil_div(most, tile) * tile : most;
}

/* --- one segment ----------------------------------------------------------------------------- */

static int64_t total_within(const struct plan *p, int32_t segment, double budget_ps, double slack)
{
    const struct segment *g = &p->segments[segment];
    double sum = 0, each = bytes_per_array(p, segment, slack);
    for (int32_t k = 0; k < g->group_count; k++)
        sum += (double)group_arrays(p, &p->groups[g->first_group + k], each, budget_ps, slack);
    return (int64_t)fmin(sum, ARRAYS_COUNTED);
}

/* The shortest budget that fits: bisection between the slowest stage alone and no copies. */
static double shortest_budget(const struct plan *p, int32_t segment, double slack)
{
    const struct segment *g = &p->segments[segment];
    double low = 0, high = 0;
    for (int32_t i = 0; i < g->stage_count; i++) {
        const struct stage *s = &p->stages[g->first_stage + i];
        if (s->kind != STAGE_ARRAY)
            continue;
        double floor_ps = (double)repeats(s) * s->mvm_ps;
        double alone = floor_ps * (double)shared_units(s) + s->write_ps;
        low = floor_ps + s->write_ps > low ? floor_ps + s->write_ps : low;
        high = alone > high ? alone : high;
    }
    if (total_within(p, segment, low, slack) <= p->system->arrays)
        return low;
    for (int i = 0; i < 100; i++) {
        double middle = 0.5 * (low + high);
        if (total_within(p, segment, middle, slack) <= p->system->arrays)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static void allot(struct plan *p, int32_t segment, double budget_ps, double slack)
{
    struct segment *seg = &p->segments[segment];
    double each = bytes_per_array(p, segment, slack);
    seg->arrays = 0;
    for (int32_t k = 0; k < seg->group_count; k++) {
        struct group *g = &p->groups[seg->first_group + k];
        g->arrays = group_arrays(p, g, each, budget_ps, slack);
        g->room_bytes = g->wide ? wide_room(g, slack) : (double)g->arrays * each;
        if (!g->wide)
            g->tiles = (double)g->arrays / (double)p->system->arrays_per_tile;
        for (int32_t i = g->first_stage; i < g->end_stage; i++) {
            struct stage *s = &p->stages[i];
            if (!has_tiles(p, i))
                continue;
            s->copies = s->kind == STAGE_ARRAY ? copies_for(p, s, budget_ps) : 1;
            s->arrays = s->kind == STAGE_ARRAY ? s->copies * s->arrays_per_copy : 1;
            seg->arrays += s->kind == STAGE_ARRAY ? s->arrays : 0;
        }
    }
}

static bool replicate_segment(struct plan *p, int32_t segment, double slack, struct diag *d)
{
    int64_t least = total_within(p, segment, 1e300, slack);
    const struct segment *g = &p->segments[segment];
    double bytes = 0;
    for (int32_t k = 0; k < g->group_count; k++)
        bytes += p->groups[g->first_group + k].buffer_bytes;
    if (least > p->system->arrays)
        return diag_cannot(d,
                           "does not fit: buffer: %.2f MB of rows in flight, beside the weights, "
                           "need %lld arrays and their share of the buffers, %s has %lld",
                           bytes * 1e-6, (long long)least, p->system->name,
                           (long long)p->system->arrays);
    allot(p, segment, shortest_budget(p, segment, slack), slack);
    return true;
}

/* --- buffers --------------------------------------------------------------------------------- */

/* How many times its least a stage can use: twice, and four times where several read it (the start
 * of a residual branch) and the longer way round takes its time; more would only queue in the mesh.
 * But where weights are reloaded rows wait behind them on the links, and further rows must be on
 * their way meanwhile; caches are large, and come by sets.  Sixteen is a rule of thumb, chosen on
 * LLaMA-2-7B at batch 64 on the package: 9.4 ms with 4 sets, 7.2 with 8, 6.3 with 16 when it was.
 * On a wafer samples that follow each other are on their way for several paces: twice as many sets
 * (LLaMA-2-7B at batch 64 takes 84 us with, 92 without). */
static double useful_share(const struct plan *p, const struct stage *s)
{
    enum { SETS = 2, SETS_OF_SEVERAL = 4, SETS_BEHIND_WEIGHTS = 16 };
    if (!p->resident && !s->cache)
        return SETS_BEHIND_WEIGHTS;
    double sets = s->out_count > 1 ? SETS_OF_SEVERAL : SETS;
    return p->spread && p->samples > 1 ? 2 * sets : sets;
}

/* What it has in any case: of what comes from outside, a set more lies with those who read it. */
static double sure_share(const struct stage *s)
{
    return stage_is_outside(s) ? 2 : 1;
}

/* The group whose buffers hold what a stage makes: of what comes from outside, its first reader's;
 * -1: none. */
static int32_t holder(const struct plan *p, const struct stage *s)
{
    if (s->kind != STAGE_SOURCE)
        return s->group;
    return s->out_count ? p->stages[p->edges[s->out[0]].consumer].group : -1;
}

/* What is left of a group's buffers after the least is divided in proportion to what is useful. */
static void size_buffers(struct plan *p)
{
    double *useful = ARENA_ARRAY(p->arena, double, p->group_count);
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (holder(p, s) >= 0)
            useful[holder(p, s)] += (useful_share(p, s) - sure_share(s)) * least_bytes(s);
    }
    for (size_t i = 0; i < p->stage_count; i++) {
        struct stage *s = &p->stages[i];
        double extra = 0, beyond = useful_share(p, s) - sure_share(s);
        if (holder(p, s) >= 0) {
            const struct group *g = &p->groups[holder(p, s)];
            double left = g->room_bytes - g->buffer_bytes, wanted = useful[holder(p, s)];
            extra = left < wanted ? left / wanted : 1;
        }
        s->capacity_chunks = (int32_t)((double)s->min_chunks * (sure_share(s) + extra * beyond));
    }
}

bool plan_replicate(struct plan *p, double slack, struct diag *d)
{
    form_groups(p);
    p->arrays_used = 0;
    for (size_t g = 0; g < p->segment_count; g++) {
        if (p->segments[g].twin >= 0)
            continue;
        TRY(replicate_segment(p, (int32_t)g, slack, d));
        if (p->segments[g].arrays > p->arrays_used)
            p->arrays_used = p->segments[g].arrays;
    }
    size_buffers(p);
    return true;
}
