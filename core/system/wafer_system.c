/* wafer_system.c — a wafer as one system, and a rectangle of its tiles as another.
 *
 * A core of the wafer is a tile of the chip that the wafer's config names.  The mesh of a system is
 * regular: positions of defects, and the cycles that seams between fields add, are in the wafer's
 * own flows (chiplet/wafer.h) and not here. */
#include <math.h>
#include <string.h>

#include "chiplet/wafer.h"
#include "core/system/internal.h"

enum { ENTRY_PORTS = 16 };

/* --- a rectangle of tiles --------------------------------------------------------------------- */

/* Work enters in the upper left corner, where the first of it is placed, and leaves over all of the
 * right column. */
static void place_entries(struct arena *a, struct system *s)
{
    int64_t w = s->shape.width, h = s->shape.height, at = 1;
    int64_t n = h < ENTRY_PORTS ? h : ENTRY_PORTS;
    int64_t *ports = ARENA_ARRAY(a, int64_t, 1 + n + h);
    for (int64_t y = 0; y < n; y++)
        ports[at++] = y * w;
    for (int64_t y = 0; y < h; y++)
        ports[at++] = y * w + w - 1;
    s->memory_ports = n;
    s->exit_ports = h;
    s->shape.ports = 1 + n + h;
    s->shape.port_router = ports;
}

/* Tiles of `die` in a mesh of width x height. */
static bool spread_tiles(struct arena *a, const struct die *die, int64_t width, int64_t height,
                         struct system *s, struct diag *d)
{
    if (s->shape.concentration != 1)
        return cfg_complain(die->root, "tiles_per_router", d,
                            "a core of a wafer is one tile on one router, not %lld",
                            (long long)s->shape.concentration);
    s->clock_mw = quantity_scaled(s->clock_mw, (double)(width * height) / (double)s->tiles);
    s->tiles = width * height;
    s->arrays = s->tiles * s->arrays_per_tile;
    s->shape.width = width;
    s->shape.height = height;
    place_entries(a, s);
    return system_open_network(a, die, s, d);
}

static void take_texts(const struct wafer *w, struct system *s)
{
    s->kind = "wafer";
    s->wafer = w;
    s->title = w->title;
    s->year = w->year;
    s->scope = SCOPE_SYSTEM;
    s->regulator_efficiency = w->regulator_efficiency;
    s->cooling_w_per_mm2 = w->cooling_w_per_mm2;
    s->host = s->next = w->edge;
    s->has_host = s->has_next = true;
}

static bool open_tiles(struct arena *a, const struct wafer *w, int64_t width, int64_t height,
                       struct system *s, struct diag *d)
{
    struct cfg *c = NULL;
    struct die die;
    TRY(cfg_open_within(a, s->chip_path, SYSTEM_CHIP_WORD, s->chip_set, s->chip_set_count, &c, d));
    bool ok =
        system_open_die(a, cfg_root(c), s, &die, d) && spread_tiles(a, &die, width, height, s, d);
    cfg_close(c);
    take_texts(w, s);
    return ok;
}

bool system_open_wafer(struct arena *a, const struct cfg_group *root,
                       const struct cfg_override *set, size_t set_count, struct system *s,
                       struct diag *d)
{
    struct wafer *w;
    TRY(wafer_open(a, root, 1, &w, d));
    if (w->chip[0] == '\0')
        return cfg_complain(root, NULL, d,
                            "a wafer needs chip = \"...\", whose tile is its core, to run a trace");
    s->chip_path = system_find_chip(a, root, d);
    if (!s->chip_path)
        return false;
    s->chip_set = system_overrides(a, set, set_count, true, &s->chip_set_count);
    s->regions = 1;
    return open_tiles(a, w, w->columns, w->rows, s, d);
}

/* --- regions ---------------------------------------------------------------------------------- */

/* Cuts columns x rows into at least `count` equal rectangles: those that leave few tiles over and
 * are not much longer than wide. */
static void cut(const struct wafer *w, int64_t count, int64_t *across, int64_t *down)
{
    double best = -1;
    for (int64_t x = 1; x <= count && x <= w->columns; x++) {
        int64_t y = (count + x - 1) / x;
        int64_t wide = w->columns / x, high = w->rows / y;
        double longer = (double)(wide > high ? wide : high),
               shorter = (double)(wide + high) - longer;
        double score = longer * shorter * sqrt(shorter / longer);
        if (y > w->rows || score <= best)
            continue;
        best = score;
        *across = x;
        *down = y;
    }
}

/* From region to region, which follow each other to and fro over the wafer: a link between two
 * sides that touch, and on average half of their length along them; where a row of regions ends the
 * whole length to the row below. */
static struct link neighbours(const struct wafer *w, const struct system *s, int64_t in_a_row)
{
    struct link l;
    double side = (double)s->shape.height, hops = 1 + side / 2 + side / (double)in_a_row;
    double cycles = hops * (double)(w->router_cycles + w->link_cycles);
    memset(&l, 0, sizeof l);
    l.name = "wafer fabric";
    l.gb_per_s = side * w->link_bytes_per_ps * 1e3;
    l.latency_ns = cycles * 1e3 / w->clock_mhz;
    l.pj_per_bit =
        quantity_of(hops * (w->router.energy_pj.value + w->link_pj.value) / (double)w->link_bits,
                    w->router.energy_pj.from, w->router.energy_pj.spread);
    l.wire_bits_per_bit = 1;
    return l;
}

bool system_region(struct arena *a, const struct system *wafer, int64_t count, struct system **out,
                   struct diag *d)
{
    const struct wafer *w = wafer->wafer;
    int64_t across = 0, down = 0;
    cut(w, count, &across, &down);
    if (across == 0)
        return diag_cannot(d, "does not fit: %lld regions on the %lld x %lld tiles of %s",
                           (long long)count, (long long)w->columns, (long long)w->rows,
                           wafer->name);
    struct system *s = ARENA_NEW(a, struct system);
    s->name = wafer->name;
    s->chip_path = wafer->chip_path;
    s->chip_set = wafer->chip_set;
    s->chip_set_count = wafer->chip_set_count;
    s->regions = across * down;
    *out = s;
    TRY(open_tiles(a, w, w->columns / across, w->rows / down, s, d));
    s->handover = neighbours(w, s, across);
    return true;
}
