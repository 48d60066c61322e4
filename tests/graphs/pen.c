#include "tests/graphs/pen.h"

#include <string.h>

bool pen_chance(struct pen *p, double share)
{
    return rng_uniform(&p->rng) < share;
}

int64_t pen_between(struct pen *p, int64_t low, int64_t high)
{
    return low + (int64_t)rng_below(&p->rng, (uint64_t)(high - low + 1));
}

int64_t pen_width(struct pen *p)
{
    static const int64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 31, 61, 97, 127, 131, 251};
    switch (pen_between(p, 0, 7)) {
    case 0:
        return 1;
    case 1:
    case 2:
        return INT64_C(1) << pen_between(p, 0, 8);
    case 3:
        return primes[pen_between(p, 0, (int64_t)COUNT_OF(primes) - 1)];
    case 4:
        return 2 * pen_between(p, 0, 100) + 1;
    case 5:
        return pen_between(p, 1, 600);
    default:
        return pen_between(p, 1, 12) * 8;
    }
}

int64_t pen_divisor(struct pen *p, int64_t of)
{
    int64_t found[64], count = 0;
    for (int64_t i = 1; i <= of && count < 64; i++)
        if (of % i == 0)
            found[count++] = i;
    return found[pen_between(p, 0, count - 1)];
}

const char *pen_word(struct pen *p, const char *const *words, size_t count)
{
    return words[pen_between(p, 0, (int64_t)count - 1)];
}

static const struct op_stats *draw_stats(struct pen *p, const struct trace_header *h)
{
    if (!p->with_stats || pen_chance(p, 0.2))
        return NULL;
    struct op_stats *s = ARENA_NEW(p->arena, struct op_stats);
    double activation = pen_chance(p, 0.1) ? 0 : pen_chance(p, 0.1) ? 1 : rng_uniform(&p->rng);
    double weight = pen_chance(p, 0.5) ? 1 : rng_uniform(&p->rng);
    s->activation = stats_from_density(activation, h->activation_bits, false);
    s->weights = stats_from_density(weight, h->weight_bits, true);
    return s;
}

struct op *pen_line(struct pen *p, enum op_kind kind, const char *fn, const int32_t *inputs,
                    size_t count, const struct shape *out)
{
    struct trace *t = &p->graph->trace;
    struct op *o = &t->ops[t->count];
    int32_t *ids = ARENA_ARRAY(p->arena, int32_t, count);
    memset(o, 0, sizeof *o);
    o->kind = (uint8_t)kind;
    o->id = (int32_t)t->count;
    o->name = arena_printf(p->arena, "%s%zu", op_kind_name(kind), t->count);
    o->fn = fn;
    for (size_t i = 0; i < count; i++)
        if (inputs[i] >= 0)
            ids[o->n_inputs++] = inputs[i];
    o->inputs = ids;
    o->activation_bits = (uint8_t)t->header.activation_bits;
    o->weight_bits = (uint8_t)t->header.weight_bits;
    p->made[t->count++] = *out;
    return o;
}

struct op *pen_one(struct pen *p, enum op_kind kind, const char *fn, int32_t input,
                   const struct shape *out)
{
    return pen_line(p, kind, fn, &input, 1, out);
}

void pen_macs(struct pen *p, double macs)
{
    p->graph->macs[pen_last(p)] = macs;
    p->macs_left -= macs;
}

void pen_weight(struct pen *p, struct op *o, double macs)
{
    o->weight = arena_printf(p->arena, "w%d", o->id);
    o->stats = draw_stats(p, &p->graph->trace.header);
    pen_macs(p, macs);
}

int32_t pen_pick(struct pen *p, int dims)
{
    int32_t found = -1;
    for (int32_t i = pen_last(p); i >= 0; i--) {
        if (p->made[i].dims != dims)
            continue;
        found = i;
        if (pen_chance(p, 0.8)) /* else an earlier one: a branch */
            return i;
    }
    return found;
}

int32_t pen_pick_alike(struct pen *p, const struct shape *s, int32_t but)
{
    int32_t found = -1;
    for (int32_t i = pen_last(p); i >= 0; i--) {
        if (i == but || !shapes_equal(&p->made[i], s))
            continue;
        found = i;
        if (pen_chance(p, 0.6))
            return i;
    }
    return found;
}

void draw_repeat(struct pen *p, int32_t first)
{
    struct trace *t = &p->graph->trace;
    struct trace_mark *m = &p->graph->marks[t->mark_count];
    int64_t lines = (int64_t)pen_lines(p) - first;
    if (first < 1 || t->mark_count == GRAPH_BLOCKS_MAX ||
        !shapes_equal(&p->made[first - 1], &p->made[pen_last(p)]))
        return;
    m->end = t->count;
    m->repeat = (struct trace_repeat){
        .lines = lines, .times = pen_between(p, 1, 5), .distinct = pen_chance(p, 0.8)};
    for (int32_t i = first; i <= pen_last(p); i++)
        p->macs_left -= p->graph->macs[i] * (double)m->repeat.times;
    t->mark_count++;
}
