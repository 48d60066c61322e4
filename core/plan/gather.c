/* gather.c — pieces of rows become flows: one multicast for all who need the same of a tile. */
#include "core/plan/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pieces_add(struct pieces *l, const struct piece *p)
{
    if (p->bytes <= 0)
        return;
    if (l->count == l->room) {
        size_t room = 2 * l->room + 16;
        struct piece *more = ARENA_ARRAY(l->arena, struct piece, room);
        if (l->count)
            memcpy(more, l->at, l->count * sizeof *more);
        l->at = more;
        l->room = room;
    }
    l->at[l->count++] = *p;
}

void pieces_add_or_keep(struct edge *e, const struct piece *x, struct pieces *list)
{
    if (x->src == x->dst)
        e->local_bytes_per_row += x->bytes;
    else
        pieces_add(list, x);
}

static int order(double a, double b)
{
    return a < b ? -1 : a > b;
}

int region_order(const double x_column[2], const double x_channel[2], const double y_column[2],
                 const double y_channel[2])
{
    int c = 0;
    for (int i = 0; i < 2 && !c; i++)
        c = order(x_column[i], y_column[i]);
    for (int i = 0; i < 2 && !c; i++)
        c = order(x_channel[i], y_channel[i]);
    return c;
}

static int by_region(const struct piece *x, const struct piece *y)
{
    if (x->src != y->src)
        return x->src < y->src ? -1 : 1;
    return region_order(x->column, x->channel, y->column, y->channel);
}

static int by_region_and_end(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    int c = by_region(x, y);
    return c ? c : x->dst < y->dst ? -1 : x->dst > y->dst;
}

static int by_ends(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;
    if (x->src != y->src)
        return x->src < y->src ? -1 : 1;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    for (uint32_t i = 0; i < x->count; i++)
        if (x->dst[i] != y->dst[i])
            return x->dst[i] < y->dst[i] ? -1 : 1;
    return 0;
}

size_t pieces_gather(struct pieces *l, struct flow **out)
{
    uint32_t *ends = ARENA_ARRAY(l->arena, uint32_t, l->count);
    struct flow *flows = ARENA_ARRAY(l->arena, struct flow, l->count);
    size_t n = 0, used = 0, merged = 0;
    if (l->count)
        qsort(l->at, l->count, sizeof *l->at, by_region_and_end);
    for (size_t i = 0; i < l->count; i++) {
        const struct piece *p = &l->at[i];
        bool same = i > 0 && by_region(p, &l->at[i - 1]) == 0;
        if (same && p->dst == l->at[i - 1].dst)
            continue; /* two arrays of a tile read it together */
        if (!same)
            flows[n++] = (struct flow){p->src, 0, &ends[used], p->bytes};
        ends[used++] = p->dst;
        flows[n - 1].count++;
    }
    if (n)
        qsort(flows, n, sizeof *flows, by_ends);
    for (size_t i = 0; i < n; i++) {
        if (merged && by_ends(&flows[merged - 1], &flows[i]) == 0)
            flows[merged - 1].bytes_per_row += flows[i].bytes_per_row;
        else
            flows[merged++] = flows[i];
    }
    *out = flows;
    return merged;
}

struct transfer flow_transfer(const struct flow *f, double bytes)
{
    struct transfer t;
    memset(&t, 0, sizeof t);
    t.bytes = (int64_t)ceil(bytes - 1e-6); /* shares are not exact */
    t.bytes += t.bytes == 0 && bytes > 0;
    t.src = f->src;
    t.dst = f->dst[0];
    t.more_dst = f->dst + 1;
    t.more_count = f->count - 1;
    return t;
}
