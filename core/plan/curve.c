/* curve.c — all tiles of a machine in an order in which neighbours are neighbours on the mesh: a
 * generalised Hilbert curve over any rectangle, of routers or of strips of them. */
#include <stdlib.h>

#include "core/plan/internal.h"

struct walk {
    int64_t *order; /* routers in the order of the curve */
    int64_t count, width;
};

static int64_t sign_of(int64_t x)
{
    return (x > 0) - (x < 0);
}

/* Walks the rectangle spanned by (ax, ay), its longer side, and (bx, by) from (x, y). */
static void walk_rectangle(struct walk *w, int64_t x, int64_t y, int64_t ax, int64_t ay, int64_t bx,
                           int64_t by)
{
    int64_t long_side = llabs(ax + ay), short_side = llabs(bx + by);
    int64_t dax = sign_of(ax), day = sign_of(ay), dbx = sign_of(bx), dby = sign_of(by);
    if (short_side == 1 || long_side == 1) {
        int64_t n = short_side == 1 ? long_side : short_side;
        for (int64_t i = 0; i < n; i++) {
            w->order[w->count++] = y * w->width + x;
            x += short_side == 1 ? dax : dbx;
            y += short_side == 1 ? day : dby;
        }
        return;
    }
    int64_t ax2 = ax / 2, ay2 = ay / 2, bx2 = bx / 2, by2 = by / 2;
    if (2 * long_side > 3 * short_side) { /* two halves of the long side */
        if (llabs(ax2 + ay2) % 2 && long_side > 2) {
            ax2 += dax;
            ay2 += day;
        }
        walk_rectangle(w, x, y, ax2, ay2, bx, by);
        walk_rectangle(w, x + ax2, y + ay2, ax - ax2, ay - ay2, bx, by);
        return;
    }
    if (llabs(bx2 + by2) % 2 && short_side > 2) {
        bx2 += dbx;
        by2 += dby;
    }
    walk_rectangle(w, x, y, bx2, by2, ax2, ay2);
    walk_rectangle(w, x + bx2, y + by2, ax, ay, bx - bx2, by - by2);
    walk_rectangle(w, x + (ax - dax) + (bx2 - dbx), y + (ay - day) + (by2 - dby), -bx2, -by2,
                   -(ax - ax2), -(ay - ay2));
}

/* From the upper left corner: of one die along the longer side, of a region of a wafer to the upper
 * right corner, by which it is left. */
static void walk_all(struct walk *w, int64_t width, int64_t height, bool region)
{
    if (width >= height || region)
        walk_rectangle(w, 0, 0, width, 0, 0, height);
    else
        walk_rectangle(w, 0, 0, 0, height, width, 0);
}

/* The curve over strips of STRIP routers in a row, each from left to right; columns that whole
 * strips leave over come last. */
static void walk_strips(const struct plan *p, struct walk *w, int64_t width, int64_t height)
{
    int64_t across = width / STRIP;
    struct walk strips = {ARENA_ARRAY(p->arena, int64_t, across * height), 0, across};
    walk_all(&strips, across, height, true);
    for (int64_t i = 0; i < strips.count; i++)
        for (int64_t x = 0; x < STRIP; x++)
            w->order[w->count++] =
                strips.order[i] / across * width + strips.order[i] % across * STRIP + x;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = across * STRIP; x < width; x++)
            w->order[w->count++] = y * width + x;
}

uint32_t *plan_curve(const struct plan *p, bool by_strips)
{
    const struct network_shape *m = &p->system->shape;
    struct walk w = {ARENA_ARRAY(p->arena, int64_t, m->width * m->height), 0, m->width};
    if (by_strips && m->width >= STRIP)
        walk_strips(p, &w, m->width, m->height);
    else
        walk_all(&w, m->width, m->height, p->spread);
    uint32_t *tiles = ARENA_ARRAY(p->arena, uint32_t, p->system->tiles);
    int64_t n = 0;
    for (int64_t i = 0; i < w.count; i++)
        for (int64_t k = 0; k < m->concentration; k++) {
            int64_t tile = w.order[i] * m->concentration + k;
            if (tile < p->system->tiles)
                tiles[n++] = (uint32_t)tile;
        }
    return tiles;
}
