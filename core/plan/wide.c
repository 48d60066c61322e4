/* wide.c — products of two operands where tiles are many, on a wafer or beside a memory:
 * their caches and their work are dealt over many tiles, beside whatever weights these hold.
 *
 * Tiles of a product have a buffer and a vector unit that the product hardly uses; keys and values
 * that lay with the few tiles that make queries, or came to them from memory, would wait for a few
 * ports.  What a stage makes is dealt by channels: of scores some positions of a head, of the
 * product with values some channels of one.  A tile then needs all of its heads' queries, or all of
 * their scores. */
#include <math.h>

#include "core/plan/internal.h"

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
        s->makes.at[i] = (struct layout){plan_tile_of(p, tile * per_tile),
                                         {0, 1},
                                         {(double)i / (double)n, (double)(i + 1) / (double)n}};
    }
}

/* Of the first operand whole heads.  Of the second its share, but a single new key: it goes to the
 * tile that holds the last position of its head. */
struct layouts plan_wide_needs(struct plan *p, const struct edge *e)
{
    const struct stage *s = &p->stages[e->consumer], *from = &p->stages[e->producer];
    double heads = (double)s->op->u.matmul.batch / (double)p->samples;
    bool key = from->channels == (int64_t)heads * s->op->u.matmul.k && from->rows == 1;
    struct layouts l = {ARENA_ARRAY(p->arena, struct layout, s->makes.count), 0};
    if (e->whole && !key)
        return s->makes;
    for (size_t i = 0; i < s->makes.count; i++) {
        struct layout at = s->makes.at[i];
        double first = floor(at.channel[0] * heads + 1e-9), end = at.channel[1] * heads;
        at.channel[0] = first / heads;
        at.channel[1] = e->whole ? floor(end + 1e-9) / heads : ceil(end - 1e-9) / heads;
        if (at.channel[1] > at.channel[0])
            l.at[l.count++] = at;
    }
    return l;
}
