/* wide.c — products of two operands where tiles are many, on a wafer or beside a memory:
 * their caches and their work are dealt over many tiles, beside whatever weights these hold.
 *
 * Tiles of a product have a buffer and a vector unit that the product hardly uses; keys and values
 * that lay with the few tiles that make queries, or came to them from memory, would wait for a few
 * ports.  Of scores a tile makes those of some positions of a head, for which it needs the head's
 * queries.  On a wafer it multiplies these by the values of the same positions, and sums come
 * together tile by tile; beside a memory it makes some channels of the product, for which it needs
 * all of the head's scores. */
#include <math.h>

#include "core/plan/gather.h"

bool stage_is_wide(const struct plan *p, const struct stage *s)
{
    return (p->spread || p->system->memory) && s->kind == STAGE_VECTOR && s->op &&
           s->op->kind == OP_MATMUL;
}

/* Time of a sample on the vector unit and the buffer of a single tile. */
static double alone_ps(const struct plan *p, int32_t group)
{
    double sum = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        struct cost c;
        double read_ps = s->cache_read_bytes / buffer_bytes_per_ps(&p->system->buffer);
        if (s->group != group)
            continue;
        cost_clear(&c);
        vector_cost(&p->system->vector, s->op,
                    (double)s->rows * (double)s->width * (double)s->channels, 1, &c);
        sum += c.duration_ps > read_ps ? c.duration_ps : read_ps;
    }
    return sum;
}

/* On n tiles work W takes W / n, and three ways across them (of queries, of scores, of results)
 * 2 sqrt(n) hops each: the sum is least at (W / 3 hops)^(2/3).  Buffers may ask for more. */
int64_t plan_wide_tiles(const struct plan *p, int32_t group)
{
    enum { HOP_CYCLES = 3, WAYS = 3 };
    const struct group *g = &p->groups[group];
    double hop_ps = HOP_CYCLES * 1e6 / p->system->noc->clock_mhz;
    double tiles = ceil(pow(alone_ps(p, group) / (WAYS * hop_ps), 2.0 / 3));
    double held = ceil(2 * g->buffer_bytes / (double)p->system->buffer.bytes);
    tiles = held > tiles ? held : tiles;
    double heads = (double)p->stages[g->first_stage].op->u.matmul.batch / (double)p->samples;
    tiles = ceil(tiles / heads) * heads; /* none has two heads */
    return tiles < (double)p->system->tiles ? (int64_t)tiles : p->system->tiles;
}

/* Every tile of the group, in the order of the curve, has an equal share of the channels.  On a
 * wafer they lie around the tiles that make queries; beside a memory all over the machine, so that
 * all ports are near to as many. */
void plan_wide_layouts(struct plan *p, struct stage *s)
{
    int64_t n = (int64_t)p->groups[s->group].tiles, all = p->system->tiles;
    int64_t per_tile = p->system->arrays_per_tile, first = s->copy_at[0] / per_tile - n / 2;
    first = first + n > all ? all - n : first > 0 ? first : 0;
    s->makes.at = ARENA_ARRAY(p->arena, struct layout, n);
    s->makes.count = (size_t)n;
    for (int64_t i = 0; i < n; i++) {
        int64_t tile = p->spread ? first + i : i * all / n;
        s->makes.at[i] = (struct layout){
            p->curve[tile], {0, 1}, {(double)i / (double)n, (double)(i + 1) / (double)n}};
    }
}

const struct layouts *plan_wide_tiles_of(const struct plan *p, const struct stage *s)
{
    return &p->stages[s->host].makes;
}

/* A product whose first operand is made by one, too.  Beside a memory weights are on their way over
 * the same links, and would hold up every turn of the sums. */
bool stage_sums_positions(const struct plan *p, const struct stage *s)
{
    if (!p->spread || !stage_is_wide(p, s))
        return false;
    for (size_t i = 0; i < s->in_count; i++)
        if (!p->edges[s->in[i]].whole && stage_is_wide(p, &p->stages[p->edges[s->in[i]].producer]))
            return true;
    return false;
}

static double heads_of(const struct plan *p, const struct stage *s)
{
    return (double)s->op->u.matmul.batch / (double)p->samples;
}

double plan_wide_sums(const struct plan *p, const struct stage *s)
{
    return fmax((double)plan_wide_tiles_of(p, s)->count / heads_of(p, s) - 1, 0);
}

struct head plan_wide_head(const struct plan *p, const struct stage *s, const struct layout *part)
{
    double n = (double)plan_wide_tiles_of(p, s)->count, heads = heads_of(p, s);
    double head = floor(part->channel[0] * heads + 1e-9);
    double within = part->channel[0] * heads - head; /* homes stand evenly, one by one further on */
    double nth = round(within / (heads * (part->channel[1] - part->channel[0])));
    struct head h;
    h.first = (size_t)(head * n / heads + 1e-9);
    h.count = (size_t)ceil((head + 1) * n / heads - 1e-9) - h.first;
    h.home = ((size_t)(within * (double)h.count + 1e-9) + (size_t)nth) % h.count;
    return h;
}

/* A part is as many channels as make a transfer, for links carry whole flits; or more, so that a
 * chunk's sums are no more transfers than it pays to play. */
void plan_wide_homes(struct plan *p, struct stage *s)
{
    enum { SUM_BYTES = 4, TRANSFERS = 65536 };
    const struct layouts *at = plan_wide_tiles_of(p, s);
    double heads = heads_of(p, s), row = (double)s->width * (double)s->channels;
    double of_head = (double)s->rows_per_chunk * row / heads * SUM_BYTES;
    double tiles = (double)at->count, parts = fmin(of_head / TRANSFER_BYTES, tiles / heads);
    parts = exp2(floor(log2(fmax(fmin(parts, TRANSFERS / tiles), 1)))); /* equal parts */
    struct layouts homes = {ARENA_ARRAY(p->arena, struct layout, heads * parts), 0};
    for (double i = 0; i < heads * parts; i++) {
        struct layout *l = &homes.at[homes.count++];
        *l = (struct layout){0, {0, 1}, {i / (heads * parts), (i + 1) / (heads * parts)}};
        struct head h = plan_wide_head(p, s, l);
        l->tile = at->at[h.first + h.home].tile;
    }
    s->makes = homes;
}

/* Of queries, or of scores of all positions, whole heads.  Of keys and values, and of scores where
 * positions are summed, its own share; a single new key or value goes to the tile that holds the
 * last position of its head. */
struct layouts plan_wide_needs(struct plan *p, const struct edge *e)
{
    const struct stage *s = &p->stages[e->consumer], *from = &p->stages[e->producer];
    const struct layouts *tiles = plan_wide_tiles_of(p, s);
    double heads = heads_of(p, s);
    bool by_positions = p->spread || from->channels == (int64_t)heads * s->op->u.matmul.k;
    bool fresh = e->whole && from->rows == 1 && !from->cache && by_positions;
    struct layouts l = {ARENA_ARRAY(p->arena, struct layout, tiles->count), 0};
    if (!fresh && (e->whole || stage_sums_positions(p, s)))
        return *tiles;
    for (size_t i = 0; i < tiles->count; i++) {
        struct layout at = tiles->at[i];
        double first = floor(at.channel[0] * heads + 1e-9), end = at.channel[1] * heads;
        at.channel[0] = first / heads;
        at.channel[1] = e->whole ? floor(end + 1e-9) / heads : ceil(end - 1e-9) / heads;
        if (at.channel[1] > at.channel[0])
            l.at[l.count++] = at;
    }
    return l;
}
