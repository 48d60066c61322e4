/* calendar.c — a wheel of levels, buckets and blocks. */
#include "noc/calendar.h"

#include <assert.h>
#include <string.h>

/* --- buckets ------------------------------------------------------------------------------ */

static uint32_t fill_of(const struct hop_bucket *b, const struct hop_block *block)
{
    return block == b->last ? b->fill : HOP_BLOCK;
}

static void add_block(struct calendar *c, struct hop_bucket *b)
{
    struct hop_block *fresh = c->idle;
    if (fresh != NULL)
        c->idle = fresh->next;
    else
        fresh = ARENA_NEW(c->arena, struct hop_block);
    fresh->next = NULL;
    if (b->first == NULL)
        b->first = fresh;
    else
        b->last->next = fresh;
    b->last = fresh;
    b->fill = 0;
}

static void drop_blocks(struct calendar *c, const struct hop_bucket *b)
{
    if (b->first == NULL)
        return;
    b->last->next = c->idle;
    c->idle = b->first;
}

/* The level of the highest digit in which `cycle` differs from now. */
static int level_of(const struct calendar *c, int64_t cycle)
{
    uint64_t differs = (uint64_t)(cycle ^ c->now);
    return differs < CALENDAR_BUCKETS ? 0 : (63 - __builtin_clzll(differs)) / CALENDAR_DIGIT;
}

static size_t digit_of(int64_t cycle, int level)
{
    return (size_t)(cycle >> (level * CALENDAR_DIGIT)) & (CALENDAR_BUCKETS - 1);
}

void calendar_put(struct calendar *c, const struct hop *h)
{
    assert(h->cycle >= c->now);
    if (c->levels == NULL)
        c->levels = ARENA_ARRAY(c->arena, struct hop_level, CALENDAR_LEVELS);
    int level = level_of(c, h->cycle);
    size_t digit = digit_of(h->cycle, level);
    struct hop_bucket *b = &c->levels[level].buckets[digit];
    if (b->first == NULL) {
        c->levels[level].used[digit / 64] |= UINT64_C(1) << (digit % 64);
        b->least = h->cycle;
    }
    if (b->first == NULL || b->fill == HOP_BLOCK)
        add_block(c, b);
    if (h->cycle < b->least)
        b->least = h->cycle;
    b->last->hops[b->fill++] = *h;
    c->count++;
}

/* --- the earliest ------------------------------------------------------------------------- */

/* The first bucket that holds something; NULL: none at this level.  Buckets of digits that have
 * passed are empty, so that the first is the earliest. */
static const struct hop_bucket *first_bucket(const struct hop_level *l)
{
    for (size_t i = 0; i < CALENDAR_WORDS; i++)
        if (l->used[i] != 0)
            return &l->buckets[i * 64 + (size_t)__builtin_ctzll(l->used[i])];
    return NULL;
}

int64_t calendar_next(const struct calendar *c)
{
    for (int i = 0; c->count > 0 && i < CALENDAR_LEVELS; i++) {
        const struct hop_bucket *b = first_bucket(&c->levels[i]);
        if (b != NULL)
            return b->least;
    }
    return INT64_MAX;
}

/* Empties a bucket; the blocks are the caller's. */
static struct hop_bucket lift(struct hop_level *l, size_t digit)
{
    struct hop_bucket lifted = l->buckets[digit];
    l->used[digit / 64] &= ~(UINT64_C(1) << (digit % 64));
    l->buckets[digit] = (struct hop_bucket){0};
    return lifted;
}

/* Now is `cycle`, the earliest: what lay in its bucket of a higher level moves down. */
static void move_to(struct calendar *c, int64_t cycle)
{
    int level = level_of(c, cycle);
    c->now = cycle;
    if (level == 0)
        return;
    struct hop_bucket lifted = lift(&c->levels[level], digit_of(cycle, level));
    for (const struct hop_block *b = lifted.first; b != NULL; b = b->next) {
        uint32_t count = fill_of(&lifted, b);
        c->count -= count;
        for (uint32_t i = 0; i < count; i++)
            calendar_put(c, &b->hops[i]);
    }
    drop_blocks(c, &lifted);
}

/* --- order -------------------------------------------------------------------------------- */

static bool turn_before(const struct hop_turn *a, const struct hop_turn *b)
{
    return a->id != b->id ? a->id < b->id : a->packet < b->packet;
}

static void make_room(struct calendar *c, size_t count)
{
    if (count <= c->turn_capacity)
        return;
    c->turn_capacity = 2 * count;
    c->turns = ARENA_ARRAY(c->arena, struct hop_turn, c->turn_capacity);
    c->aside = ARENA_ARRAY(c->arena, struct hop_turn, c->turn_capacity);
    c->runs = ARENA_ARRAY(c->arena, size_t, c->turn_capacity + 1);
}

/* A turn for each hop that was taken, and where their rising runs begin; the last entry of the runs
 * is the end.  Returns the number of runs. */
static size_t list_turns(struct calendar *c)
{
    size_t n = 0, runs = 0;
    for (struct hop_block *b = c->taken.first; b != NULL; b = b->next)
        for (uint32_t i = 0; i < fill_of(&c->taken, b); i++, n++) {
            struct hop *h = &b->hops[i];
            c->turns[n] = (struct hop_turn){h->id, h->packet, h};
            if (n == 0 || turn_before(&c->turns[n], &c->turns[n - 1]))
                c->runs[runs++] = n;
        }
    c->runs[runs] = n;
    return runs;
}

/* Merges [from, middle) and [middle, end) of the turns, over the first of them set aside: what is
 * left of the second in the end is where it belongs. */
static void merge(const struct calendar *c, size_t from, size_t middle, size_t end)
{
    const struct hop_turn *a = c->aside, *a_end = a + (middle - from);
    const struct hop_turn *b = c->turns + middle, *b_end = c->turns + end;
    struct hop_turn *out = c->turns + from;
    memcpy(c->aside, out, (middle - from) * sizeof *out);
    while (a < a_end && b < b_end)
        *out++ = turn_before(b, a) ? *b++ : *a++;
    memcpy(out, a, (size_t)(a_end - a) * sizeof *out);
}

/* Each two runs become one, but the last one waits for all others: it is the longest, of what came
 * without waiting from the cycle before. */
static size_t merge_runs(struct calendar *c, size_t runs)
{
    size_t left = 0;
    for (size_t i = 0; i < runs - 1; i += 2) {
        if (i + 2 < runs || runs == 2)
            merge(c, c->runs[i], c->runs[i + 1], c->runs[i + 2]);
        c->runs[left++] = c->runs[i];
    }
    if (runs > 2)
        c->runs[left++] = c->runs[runs - 1];
    c->runs[left] = c->runs[runs];
    return left;
}

size_t calendar_take(struct calendar *c, struct hop_turn **turns)
{
    move_to(c, calendar_next(c));
    drop_blocks(c, &c->taken);
    c->taken = lift(&c->levels[0], digit_of(c->now, 0));
    size_t count = 0;
    for (const struct hop_block *b = c->taken.first; b != NULL; b = b->next)
        count += fill_of(&c->taken, b);
    c->count -= count;
    make_room(c, count);
    for (size_t runs = list_turns(c); runs > 1;)
        runs = merge_runs(c, runs);
    *turns = c->turns;
    return count;
}
