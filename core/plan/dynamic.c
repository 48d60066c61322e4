/* dynamic.c — a product of two operands (attention) in arrays.
 *
 * The second operand plays the weights: it is written into arrays before the rows of the first
 * stream through, one matrix for each group (a head of keys or values, which the query heads of its
 * group share).  All of it has arrived before it is written, and the arrays rest meanwhile: with
 * several samples the next one's is written when the last row of the one before has passed, though
 * cells might allow both at once.  A tile writes no faster than its buffer reads. */
#include <string.h>

#include "core/plan/internal.h"

bool stage_has_weights(const struct stage *s)
{
    return s->kind == STAGE_ARRAY && !s->dynamic;
}

/* --- what it costs --------------------------------------------------------------------------- */

static double most(double a, double b)
{
    return a > b ? a : b;
}

double stage_operand_ps(const struct plan *p, const struct stage *s)
{
    struct tile_shape shapes[4];
    size_t count = s->dynamic ? stage_tile_shapes(p, s, shapes) : 0;
    int64_t in_tile = s->copies * s->arrays_per_copy;
    double cells_ps = 0, bytes = 0;
    if (in_tile > p->system->arrays_per_tile)
        in_tile = p->system->arrays_per_tile;
    for (size_t i = 0; i < count; i++) {
        struct array_job job;
        struct cost c;
        stage_job(p, s, &shapes[i], &job);
        p->system->array->ops->write(p->system->array, &job, &c);
        cells_ps = most(cells_ps, c.duration_ps);
        bytes = most(bytes, (double)(job.rows * job.outputs) * job.weight_bits / 8);
    }
    return most(cells_ps, bytes * (double)in_tile / buffer_bytes_per_ps(&p->system->buffer));
}

void stage_operand_cost(const struct plan *p, const struct stage *s, struct cost *row)
{
    struct tile_shape shapes[4];
    struct cost c;
    size_t count = stage_tile_shapes(p, s, shapes);
    double bytes = 0, of_row = (double)s->copies / (double)s->rows;
    for (size_t i = 0; i < count; i++) {
        struct array_job job;
        stage_job(p, s, &shapes[i], &job);
        p->system->array->ops->write(p->system->array, &job, &c);
        cost_append(row, &c, (double)shapes[i].times * of_row);
        bytes += (double)(job.rows * job.outputs * shapes[i].times) * job.weight_bits / 8;
    }
    cost_clear(&c);
    buffer_cost(&p->system->buffer, bytes, 0, &c);
    cost_append(row, &c, of_row);
    double accesses = bytes * 8 / (double)p->system->buffer.access_bits;
    cost_add(row, PART_BUS, "write arrays", accesses * of_row, p->system->bus.energy_pj);
}

/* --- whether it pays ------------------------------------------------------------------------- */

/* Vector units as many as either way has tiles: work that may have further tiles for arrays could
 * have them for its lanes, too. */
static double lanes_ps(const struct plan *p, const struct stage *s, double host_tiles)
{
    struct cost c;
    double tiles = (double)ceil_div(s->arrays_per_copy, p->system->arrays_per_tile);
    double elements = (double)s->rows * (double)s->width * (double)s->channels;
    vector_cost(&p->system->vector, s->op, elements, most(tiles, host_tiles), &c);
    return c.duration_ps;
}

bool plan_writing_pays(const struct plan *p, const struct op *o, const struct tensor_view *v,
                       double host_tiles)
{
    struct stage s;
    struct diag why;
    memset(&s, 0, sizeof s);
    memset(&why, 0, sizeof why);
    s.kind = STAGE_ARRAY;
    s.op = o;
    s.dynamic = true;
    s.copies = 1;
    s.part[1] = 1;
    s.rows = v->rows;
    s.width = v->width;
    s.channels = v->channels;
    if (!plan_tile(p, &s, &why) || s.arrays_per_copy > p->system->arrays / 2)
        return false; /* too wide for these arrays, or for their number beside weights */
    return s.write_ps + (double)s.rows * s.mvm_ps < lanes_ps(p, &s, host_tiles);
}

/* --- side by side ---------------------------------------------------------------------------- */

static bool reads_rows_of(const struct plan *p, const struct stage *s, int32_t producer)
{
    for (size_t i = 0; i < s->in_count; i++) {
        const struct edge *e = &p->edges[s->in[i]];
        if (e->producer == producer && !e->written && !e->aside)
            return true;
    }
    return false;
}

bool plan_lay_beside(struct plan *p, int32_t a, int32_t b)
{
    struct stage *makes = &p->stages[a], *sums = &p->stages[b];
    if (!makes->dynamic || !sums->dynamic || makes->beside.stage >= 0 ||
        makes->segment != sums->segment || !reads_rows_of(p, sums, a))
        return false;
    int64_t stretch = ceil_div(makes->n_tiles, sums->k_tiles);
    if (makes->groups != sums->groups || makes->gemm_n != sums->gemm_k || makes->rows != sums->rows)
        return false;
    if (makes->groups_per_array > 1 || sums->groups_per_array > 1 || makes->k_tiles > 1 ||
        ceil_div(makes->n_tiles, stretch) != sums->k_tiles)
        return false;
    makes->beside = (struct beside){.stage = b,
                                    .of_group = makes->n_tiles + sums->k_tiles * sums->n_tiles,
                                    .of_stretch = stretch + sums->n_tiles,
                                    .makers = stretch,
                                    .all_makers = makes->n_tiles};
    sums->beside = makes->beside;
    sums->beside.stage = a;
    sums->beside.sums = true;
    return true;
}

int64_t stage_array_offset(const struct stage *s, int64_t i)
{
    const struct beside *b = &s->beside;
    if (s->slabs > 1)
        return stage_slab_offset(s, i);
    if (b->stage < 0)
        return i;
    if (!b->sums) { /* output block by output block */
        int64_t n = i % s->n_tiles;
        return i / s->n_tiles * b->of_group + n / b->makers * b->of_stretch + n % b->makers;
    }
    int64_t k = i % s->k_tiles, n = i / s->k_tiles % s->n_tiles;
    int64_t left = b->all_makers - k * b->makers;
    return i / s->k_tiles / s->n_tiles * b->of_group + k * b->of_stretch +
           (left < b->makers ? left : b->makers) + n;
}

/* --- where it goes --------------------------------------------------------------------------- */

struct places {
    struct layouts out;
    size_t room;
    struct arena *arena;
};

/* Does `next` continue `last` along one axis and equal it in the other? */
static bool continues(const struct layout *last, const struct layout *next, bool by_rows)
{
    const double *along = by_rows ? next->column : next->channel;
    const double *other = by_rows ? next->channel : next->column;
    const double *end = by_rows ? last->column : last->channel;
    const double *same = by_rows ? last->channel : last->column;
    return last->tile == next->tile && end[1] == along[0] && same[0] == other[0] &&
           same[1] == other[1];
}

/* Arrays of a tile that hold neighbouring parts are sent them together. */
static void add_place(struct places *l, struct layout at)
{
    for (int by_rows = 1; by_rows >= 0; by_rows--) {
        const struct layout *last = l->out.count ? &l->out.at[l->out.count - 1] : NULL;
        if (!last || !continues(last, &at, by_rows))
            continue;
        if (by_rows)
            at.column[0] = last->column[0];
        else
            at.channel[0] = last->channel[0];
        l->out.count--;
    }
    if (l->out.count == l->room) {
        size_t room = 2 * l->room + 16;
        struct layout *more = ARENA_ARRAY(l->arena, struct layout, room);
        if (l->out.count)
            memcpy(more, l->out.at, l->out.count * sizeof *more);
        l->out.at = more;
        l->room = room;
    }
    l->out.at[l->out.count++] = at;
}

static void share(int64_t i, int64_t count, double out[2])
{
    out[0] = (double)i / (double)count;
    out[1] = (double)(i + 1) / (double)count;
}

/* Do the operand's rows (positions) run along the sums, as those of values do?  Those of keys run
 * along the outputs. */
static bool rows_are_summed(const struct stage *from, const struct stage *to)
{
    if (from->channels != to->groups * to->gemm_n)
        return false;
    return from->channels != to->groups * to->gemm_k || from->rows == to->gemm_k;
}

/* The part that array `i` of a copy holds: outputs block by block, K tile by K tile in each. */
static void array_part(const struct stage *s, int64_t i, bool summed, struct layout *out)
{
    int64_t k = i % s->k_tiles, n = i / s->k_tiles % s->n_tiles;
    int64_t set = i / s->k_tiles / s->n_tiles;
    int64_t row = summed ? k : n, rows = summed ? s->k_tiles : s->n_tiles;
    int64_t channel = summed ? n : k, channels = summed ? s->n_tiles : s->k_tiles;
    share(row, rows, out->column);
    if (s->groups_per_array == 1) {
        share(set * channels + channel, s->groups * channels, out->channel);
        return;
    }
    double groups = (double)s->groups, each = (double)s->groups_per_array;
    out->channel[0] = (double)set * each / groups;
    out->channel[1] = (double)(set + 1) * each / groups;
    out->channel[1] = out->channel[1] > 1 ? 1 : out->channel[1];
}

struct layouts plan_operand_needs(struct plan *p, const struct edge *e, int64_t copies)
{
    const struct stage *s = &p->stages[e->consumer];
    bool summed = rows_are_summed(&p->stages[e->producer], s);
    struct places l;
    memset(&l, 0, sizeof l);
    l.arena = p->arena;
    for (int64_t c = 0; c < copies; c++)
        for (int64_t i = 0; i < s->arrays_per_copy; i++) {
            struct layout at = {.tile = stage_tile_of(p, s, c, i)};
            array_part(s, i, summed, &at);
            add_place(&l, at);
        }
    return l.out;
}
