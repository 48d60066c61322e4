#include "traces/expand.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From id to a number >= 0, open addressing. */
struct id_map {
    struct id_pair {
        int32_t id, value;
    } * slot;           /* id -1: free */
    size_t room, count; /* room: 0 or a power of two */
};

struct expander {
    struct id_map last; /* ids of repeated lines -> id of their last copy */
    int64_t largest_id; /* given out so far */
    int32_t *inputs;    /* of the copy being emitted */
    struct shape *shapes;
    char *weight;
    size_t inputs_room, shapes_room, weight_room;
};

static size_t slot_of(const struct id_map *m, int32_t id)
{
    uint32_t hash = (uint32_t)id * UINT32_C(2654435761);
    size_t i = hash & (m->room - 1);
    while (m->slot[i].id >= 0 && m->slot[i].id != id)
        i = (i + 1) & (m->room - 1);
    return i;
}

static bool id_map_find(const struct id_map *m, int32_t id, int32_t *value)
{
    if (m->count == 0)
        return false;
    const struct id_pair *p = &m->slot[slot_of(m, id)];
    *value = p->value;
    return p->id >= 0;
}

static bool id_map_reserve(struct id_map *m, size_t more)
{
    struct id_map grown = {.room = m->room ? m->room : 16, .count = m->count};
    while (grown.room < (m->count + more) * 2)
        grown.room *= 2;
    if (grown.room == m->room)
        return true;
    grown.slot = malloc(grown.room * sizeof *grown.slot);
    if (!grown.slot)
        return false;
    memset(grown.slot, -1, grown.room * sizeof *grown.slot);
    for (size_t i = 0; i < m->room; i++) {
        if (m->slot[i].id >= 0)
            grown.slot[slot_of(&grown, m->slot[i].id)] = m->slot[i];
    }
    free(m->slot);
    *m = grown;
    return true;
}

/* Needs room. */
static void id_map_put(struct id_map *m, int32_t id, int32_t value)
{
    struct id_pair *p = &m->slot[slot_of(m, id)];
    m->count += p->id < 0;
    *p = (struct id_pair){id, value};
}

struct expander *expander_open(int32_t largest_id)
{
    struct expander *x = calloc(1, sizeof *x);
    if (x)
        x->largest_id = largest_id;
    return x;
}

void expander_close(struct expander *x)
{
    if (!x)
        return;
    free(x->last.slot);
    free(x->inputs);
    free(x->shapes);
    free(x->weight);
    free(x);
}

void expander_resolve(const struct expander *x, struct op *op)
{
    int32_t *inputs = (int32_t *)(uintptr_t)op->inputs;
    for (size_t i = 0; i < op->n_inputs; i++) {
        int32_t last = 0;
        if (id_map_find(&x->last, inputs[i], &last))
            inputs[i] = last;
    }
}

static bool no_memory(struct diag *d)
{
    return diag_cannot(d, "there is not enough memory to expand a trace");
}

/* Scratch for the longest lists of the block, made once. */
static bool make_scratch(struct expander *x, const struct op *block, int64_t lines)
{
    size_t inputs = 1, weight = 1;
    for (int64_t i = 0; i < lines; i++) {
        size_t length = block[i].weight ? strlen(block[i].weight) + 24 : 0;
        inputs = block[i].n_inputs > inputs ? block[i].n_inputs : inputs;
        weight = length > weight ? length : weight;
    }
    if (inputs > x->inputs_room) {
        free(x->inputs);
        free(x->shapes);
        x->inputs = malloc(inputs * sizeof *x->inputs);
        x->shapes = malloc(inputs * sizeof *x->shapes);
        x->inputs_room = x->inputs && x->shapes ? inputs : 0;
    }
    if (weight > x->weight_room) {
        free(x->weight);
        x->weight = malloc(weight);
        x->weight_room = x->weight ? weight : 0;
    }
    return inputs <= x->inputs_room && weight <= x->weight_room;
}

/* One block on its way: where its ids are, and where copy `number` begins. */
struct copying {
    const struct op *block;
    const struct trace_repeat *repeat;
    const struct id_map *places; /* id of a block's line -> its place in the block */
    int64_t first_id;            /* of the first line of the first copy */
    int64_t number;              /* the copy, from 1 */
    int64_t before;              /* id of the line before the block; -1: none */
};

/* The id of line `place` in copy `number`; copy 0 is the block itself. */
static int32_t copy_id(const struct copying *c, int64_t number, int64_t place)
{
    if (number == 0)
        return c->block[place].id;
    return (int32_t)(c->first_id + (number - 1) * c->repeat->lines + place);
}

static int32_t copy_input(const struct copying *c, int32_t input)
{
    int32_t place = 0;
    if (id_map_find(c->places, input, &place))
        return copy_id(c, c->number, place);
    if (input == c->before)
        return copy_id(c, c->number - 1, c->repeat->lines - 1);
    return input;
}

static void make_copy(struct expander *x, const struct copying *c, int64_t place, struct op *copy)
{
    *copy = c->block[place];
    copy->id = copy_id(c, c->number, place);
    for (size_t i = 0; i < copy->n_inputs; i++)
        x->inputs[i] = copy_input(c, copy->inputs[i]);
    copy->inputs = x->inputs;
    if (copy->more_in) {
        memcpy(x->shapes, copy->more_in, copy->n_inputs * sizeof *x->shapes);
        copy->more_in = x->shapes;
    }
    if (copy->weight && c->repeat->distinct) {
        snprintf(x->weight, x->weight_room, "%s#%" PRId64, copy->weight, c->number);
        copy->weight = x->weight;
    }
}

static bool emit_copies(struct expander *x, struct copying *c, expand_emit *emit, void *user,
                        struct diag *d)
{
    struct op copy;
    for (c->number = 1; c->number <= c->repeat->times; c->number++) {
        for (int64_t place = 0; place < c->repeat->lines; place++) {
            make_copy(x, c, place, &copy);
            TRY(emit(user, &copy, d));
        }
    }
    return true;
}

/* Later lines that name a line of the block mean its last copy. */
static void remember_last(struct expander *x, const struct copying *c)
{
    for (int64_t place = 0; place < c->repeat->lines; place++)
        id_map_put(&x->last, c->block[place].id, copy_id(c, c->repeat->times, place));
    x->largest_id += c->repeat->lines * c->repeat->times;
}

bool expander_copies(struct expander *x, const struct op *block, const struct trace_repeat *repeat,
                     int64_t before, expand_emit *emit, void *user, struct diag *d)
{
    struct id_map places = {0};
    struct copying c = {.block = block,
                        .repeat = repeat,
                        .places = &places,
                        .first_id = x->largest_id + 1,

                        .before = before};
    size_t lines = (size_t)repeat->lines;
    if (!id_map_reserve(&places, lines) || !id_map_reserve(&x->last, lines) ||
        !make_scratch(x, block, repeat->lines)) {
        free(places.slot);
        return no_memory(d);
    }
    for (size_t i = 0; i < lines; i++)
        id_map_put(&places, block[i].id, (int32_t)i);
    bool fine = emit_copies(x, &c, emit, user, d);
    if (fine)
        remember_last(x, &c);
    free(places.slot);
    return fine;
}

int32_t expander_last_id(const struct expander *x)
{
    return (int32_t)x->largest_id;
}
