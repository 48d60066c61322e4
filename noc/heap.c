/* heap.c — a 4-ary heap of events in an arena. */
#include "noc/heap.h"

#include <assert.h>
#include <string.h>

enum { ARITY = 4, FIRST_CAPACITY = 64 };

void *heap_room(struct arena *a, void *items, size_t used, size_t *capacity, size_t size)
{
    if (used < *capacity)
        return items;
    size_t wanted = *capacity > 0 ? *capacity * 2 : FIRST_CAPACITY;
    void *larger = arena_alloc(a, wanted, size);
    if (used > 0)
        memcpy(larger, items, used * size);
    *capacity = wanted;
    return larger;
}

void heap_push(struct heap *h, const struct event *e)
{
    h->items = heap_room(h->arena, h->items, h->count, &h->capacity, sizeof *h->items);
    size_t at = h->count++;
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;
        if (!event_before(e, &h->items[parent]))
            break;
        h->items[at] = h->items[parent];
        at = parent;
    }
    h->items[at] = *e;
}

/* items[0] has another key now: puts it in its place. */
static void settle_top(struct heap *h)
{
    struct event *items = h->items;
    const struct event moved = items[0];
    size_t at = 0;
    for (;;) {
        size_t child = at * ARITY + 1;
        if (child >= h->count)
            break;
        size_t end = child + ARITY < h->count ? child + ARITY : h->count;
        size_t least = child;
        for (size_t i = child + 1; i < end; i++)
            if (event_before(&items[i], &items[least]))
                least = i;
        if (!event_before(&items[least], &moved))
            break;
        items[at] = items[least];
        at = least;
    }
    items[at] = moved;
}

void heap_pop(struct heap *h)
{
    assert(h->count > 0);
    h->items[0] = h->items[--h->count];
    if (h->count > 1)
        settle_top(h);
}
