#include "traces/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

enum { FIRST_BLOCK = 1 << 10, LAST_BLOCK = 1 << 18, FIRST_NAMES = 64 };

struct name_set {
    const char **slot;
    size_t room, count; /* room: a power of two */
    size_t place;       /* where the last find ended */
};

struct name_set *name_set_open(void)
{
    struct name_set *s = alloc_zeroed(1, sizeof *s);
    s->room = FIRST_NAMES;
    s->slot = alloc_zeroed(s->room, sizeof *s->slot);
    return s;
}

void name_set_close(struct name_set *s)
{
    if (!s)
        return;
    free(s->slot);
    free(s);
}

/* FNV-1a, 64 bits. */
static size_t hash_name(const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

const char *name_set_find(struct name_set *s, const char *name)
{
    size_t i = hash_name(name) & (s->room - 1);
    while (s->slot[i] && strcmp(s->slot[i], name) != 0)
        i = (i + 1) & (s->room - 1);
    s->place = i;
    return s->slot[i];
}

static void name_set_grow(struct name_set *s)
{
    const char **old = s->slot;
    size_t room = s->room;
    s->room *= 2;
    s->slot = alloc_zeroed(s->room, sizeof *s->slot);
    for (size_t i = 0; i < room; i++) {
        if (old[i]) {
            name_set_find(s, old[i]);
            s->slot[s->place] = old[i];
        }
    }
    free(old);
}

void name_set_add(struct name_set *s, const char *name)
{
    s->slot[s->place] = name;
    if (++s->count * 4 > s->room * 3)
        name_set_grow(s);
}

void pool_open(struct pool *p, struct arena *a)
{
    *p = (struct pool){.arena = a, .names = name_set_open()};
}

void pool_close(struct pool *p)
{
    name_set_close(p->names);
    p->names = NULL;
}

void *pool_alloc(struct pool *p, size_t size, size_t align)
{
    size_t at = (p->used + align - 1) & ~(align - 1);
    if (at + size > p->room) {
        size_t grown = p->room * 2 < LAST_BLOCK ? p->room * 2 : LAST_BLOCK;
        p->room = grown < FIRST_BLOCK ? FIRST_BLOCK : grown;
        p->room = size > p->room ? size : p->room;
        p->block = arena_alloc(p->arena, p->room, 1);
        at = 0;
    }
    p->used = at + size;
    return p->block + at;
}

static void *pool_copy(struct pool *p, const void *from, size_t count, size_t size, size_t align)
{
    if (count == 0)
        return NULL;
    void *copy = pool_alloc(p, count * size, align);
    memcpy(copy, from, count * size);
    return copy;
}

const char *pool_text(struct pool *p, const char *text)
{
    return text ? pool_copy(p, text, strlen(text) + 1, 1, 1) : NULL;
}

const char *pool_intern(struct pool *p, const char *text)
{
    if (!text)
        return NULL;
    const char *known = name_set_find(p->names, text);
    if (known)
        return known;
    known = pool_text(p, text);
    name_set_add(p->names, known);
    return known;
}

static bool same_operand(const struct operand_stats *a, const struct operand_stats *b)
{
    return a->is_default == b->is_default && a->density == b->density &&
           a->bit_density == b->bit_density && a->bit_toggle == b->bit_toggle &&
           a->mean == b->mean && a->mean_square == b->mean_square;
}

/* Lines that follow each other often share their statistics. */
static const struct op_stats *keep_stats(struct pool *p, const struct op_stats *s)
{
    if (!s)
        return NULL;
    if (p->kept_stats && same_operand(&s->activation, &p->last_stats.activation) &&
        same_operand(&s->weights, &p->last_stats.weights))
        return p->kept_stats;
    p->last_stats = *s;
    p->kept_stats = pool_copy(p, s, 1, sizeof *s, sizeof(double));
    return p->kept_stats;
}

void pool_copy_op(struct pool *p, const struct op *from, struct op *to)
{
    size_t shapes = from->more_in ? from->n_inputs : 0;
    size_t shares = from->load ? (size_t)from->u.route.experts : 0;
    *to = *from;
    to->name = pool_text(p, from->name);
    to->fn = pool_intern(p, from->fn);
    to->weight = pool_intern(p, from->weight);
    to->inputs = pool_copy(p, from->inputs, from->n_inputs, sizeof *from->inputs, sizeof(int32_t));
    to->more_in = pool_copy(p, from->more_in, shapes, sizeof *from->more_in, sizeof(int64_t));
    to->load = pool_copy(p, from->load, shares, sizeof *from->load, sizeof(double));
    to->stats = keep_stats(p, from->stats);
}

void pool_copy_repeated(struct pool *p, const struct op *from, struct op *to)
{
    size_t shapes = from->more_in ? from->n_inputs : 0;
    *to = *from;
    to->weight = pool_intern(p, from->weight);
    to->inputs = pool_copy(p, from->inputs, from->n_inputs, sizeof *from->inputs, sizeof(int32_t));
    to->more_in = pool_copy(p, from->more_in, shapes, sizeof *from->more_in, sizeof(int64_t));
}
