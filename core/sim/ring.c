#include "core/sim/ring.h"

#include <assert.h>
#include <string.h>

struct ring ring_of(size_t size)
{
    return (struct ring){NULL, size, 0, 0, 0};
}

static char *place_of(const struct ring *r, int64_t i)
{
    return r->records + (size_t)(i & (r->room - 1)) * r->size;
}

static void grow(struct ring *r, struct arena *a, int64_t needed)
{
    struct ring more = *r;
    more.room = r->room ? r->room : 8;
    while (more.room < needed)
        more.room *= 2;
    more.records = arena_alloc(a, (size_t)more.room, r->size);
    for (int64_t i = r->first; i < r->end; i++)
        memcpy(place_of(&more, i), place_of(r, i), r->size);
    *r = more;
}

void ring_reach(struct ring *r, struct arena *a, int64_t end)
{
    if (end - r->first > r->room)
        grow(r, a, end - r->first);
    for (; r->end < end; r->end++)
        memset(place_of(r, r->end), 0, r->size);
}

void *ring_at(const struct ring *r, int64_t i)
{
    assert(i >= r->first && i < r->end);
    return place_of(r, i);
}

void ring_forget(struct ring *r, int64_t first)
{
    assert(first <= r->end);
    if (first > r->first)
        r->first = first;
}
