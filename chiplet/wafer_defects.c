/* wafer_defects.c — where defects fall, which cores move up, and what ways become longer. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "chiplet/wafer.h"
#include "core/base/rng.h"

/* A defective core: its column and segment in the whole grid, and its place in the segment. */
struct hit {
    int64_t column, segment, place;
};

static int64_t segment_rows(const struct wafer *w)
{
    return w->segment_cores - w->segment_spares;
}

static int64_t segments_in_column(const struct wafer *w)
{
    return w->fields_y * (w->core_rows / w->segment_cores);
}

/* What software does not use lies around it. */
static int64_t column_offset(const struct wafer *w)
{
    return (w->fields_x * w->core_columns - w->columns) / 2;
}

static int64_t row_offset(const struct wafer *w)
{
    return (segments_in_column(w) * segment_rows(w) - w->rows) / 2;
}

/* --- drawing -------------------------------------------------------------------------------- */

/* Poisson, by products of uniforms, in parts small enough not to underflow. */
static int64_t draw_count(struct rng *r, double mean)
{
    enum { PART = 16 };
    int64_t count = 0;
    for (; mean > 0; mean -= PART) {
        double limit = exp(-fmin(mean, PART));
        for (double product = rng_uniform(r); product > limit; product *= rng_uniform(r))
            count++;
    }
    return count;
}

/* A place on the wafer; true when it lies in a core. */
static bool draw_hit(const struct wafer *w, struct rng *r, struct hit *out)
{
    double wide = (double)w->fields_x * w->field_width_mm;
    double high = (double)w->fields_y * w->field_height_mm;
    double x = rng_uniform(r) * w->width_mm - (w->width_mm - wide) / 2;
    double y = rng_uniform(r) * w->height_mm - (w->height_mm - high) / 2;
    double cell =
        w->field_width_mm / (double)w->core_columns * w->field_height_mm / (double)w->core_rows;
    bool in_core = rng_uniform(r) * cell < w->core_mm2;
    if (!in_core || x < 0 || y < 0 || x >= wide || y >= high)
        return false;
    int64_t row = (int64_t)(y / w->field_height_mm * (double)w->core_rows);
    out->column = (int64_t)(x / w->field_width_mm * (double)w->core_columns);
    out->segment = row / w->segment_cores;
    out->place = row % w->segment_cores;
    return true;
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_hits(const void *left, const void *right)
{
    const struct hit *a = left, *b = right;
    int order = compare(a->column, b->column);
    if (order == 0)
        order = compare(a->segment, b->segment);
    return order != 0 ? order : compare(a->place, b->place);
}

static void add_hit(struct wafer *w, const struct hit *h, uint32_t index)
{
    struct wafer_segment *last = w->segment_count > 0 ? &w->segments[w->segment_count - 1] : NULL;
    int64_t x = h->column - column_offset(w);
    int64_t y = h->segment * segment_rows(w) - row_offset(w);
    w->defects[index] = h->place;
    if (last != NULL && last->x == x && last->y == y) {
        last->count++;
        return;
    }
    w->segments[w->segment_count++] = (struct wafer_segment){x, y, index, 1};
}

/* How far the core of row y was moved: the defects at or before its place. */
static int64_t moved(const struct wafer *w, const struct wafer_segment *s, int64_t y)
{
    int64_t by = 0;
    while (by < s->count && w->defects[s->first + by] <= y - s->y + by)
        by++;
    return by;
}

static bool holds(const struct wafer *w, const struct wafer_segment *s, int64_t y)
{
    return y >= s->y && y < s->y + segment_rows(w);
}

static bool is_lost(const struct wafer *w, const struct wafer_segment *s, int64_t y)
{
    return y - s->y + moved(w, s, y) >= w->segment_cores;
}

/* Rows that software has of this segment and that no core is left for: at its end. */
static int64_t lost_in(const struct wafer *w, const struct wafer_segment *s)
{
    int64_t lost = 0;
    for (int64_t y = s->y; y < s->y + segment_rows(w); y++)
        lost += y >= 0 && y < w->rows && is_lost(w, s, y);
    return lost;
}

void wafer_draw_defects(struct wafer *w, struct arena *a, uint64_t seed)
{
    struct rng r = rng_open(seed, "wafer.defects");
    w->defect_count = draw_count(&r, wafer_expected_defects(w));
    struct hit *hits = ARENA_ARRAY(a, struct hit, w->defect_count);
    size_t count = 0;
    for (int64_t i = 0; i < w->defect_count; i++)
        count += draw_hit(w, &r, &hits[count]);
    qsort(hits, count, sizeof *hits, compare_hits);
    w->segments = ARENA_ARRAY(a, struct wafer_segment, count);
    w->defects = ARENA_ARRAY(a, int64_t, count);
    for (size_t i = 0; i < count; i++) {
        int64_t x = hits[i].column - column_offset(w);
        bool again = i > 0 && compare_hits(&hits[i], &hits[i - 1]) == 0;
        if (!again && x >= 0 && x < w->columns)
            add_hit(w, &hits[i], (uint32_t)w->hit_cores++);
    }
    for (uint32_t i = 0; i < w->segment_count; i++)
        w->lost_cores += lost_in(w, &w->segments[i]);
}

/* --- ways ----------------------------------------------------------------------------------- */

bool wafer_core_lost(const struct wafer *w, int64_t x, int64_t y)
{
    for (uint32_t i = 0; i < w->segment_count; i++)
        if (w->segments[i].x == x && holds(w, &w->segments[i], y))
            return is_lost(w, &w->segments[i], y);
    return false;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Along row y from column x0 to x1 > x0: what neighbours that moved differently are further apart.
 * Columns without a segment in the list did not move. */
static int64_t extra_in_row(const struct wafer *w, int64_t y, int64_t x0, int64_t x1)
{
    int64_t extra = 0, before = 0, before_x = x0 - 1;
    for (uint32_t i = 0; i < w->segment_count; i++) {
        const struct wafer_segment *s = &w->segments[i];
        if (s->x < x0 || s->x > x1 || !holds(w, s, y))
            continue;
        bool lost = is_lost(w, s, y);
        int64_t by = lost ? 0 : moved(w, s, y);
        extra += lost && s->x > x0 && s->x < x1 ? 2 : 0;
        if (s->x > before_x + 1) { /* back to columns that did not move, and from there */
            extra += before;
            before = 0;
        }
        if (s->x > x0)
            extra += llabs(by - before);
        before = by;
        before_x = s->x;
    }
    return before_x < x1 ? extra + before : extra;
}

/* Along column x between rows y0 < y1: defects that are passed, and cores that are lost. */
static int64_t extra_in_column(const struct wafer *w, int64_t x, int64_t y0, int64_t y1)
{
    int64_t extra = 0;
    for (uint32_t i = 0; i < w->segment_count; i++) {
        const struct wafer_segment *s = &w->segments[i];
        int64_t from = most(y0, s->y), to = least(y1, s->y + segment_rows(w) - 1);
        if (s->x != x || from > to)
            continue;
        int64_t begins = from > y0 ? 0 : moved(w, s, from); /* behind it: passed on the way in */
        extra += moved(w, s, to) - begins;
        for (int64_t y = to; y >= from && is_lost(w, s, y); y--)
            extra += y > y0 && y < y1 ? 2 : 0;
    }
    return extra;
}

int64_t wafer_extra_hops(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    int64_t extra = 0;
    if (x0 != x1)
        extra += extra_in_row(w, y0, least(x0, x1), most(x0, x1));
    if (y0 != y1)
        extra += extra_in_column(w, x1, least(y0, y1), most(y0, y1));
    return extra;
}

int64_t wafer_hops(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    assert(x0 >= 0 && x0 < w->columns && x1 >= 0 && x1 < w->columns);
    assert(y0 >= 0 && y0 < w->rows && y1 >= 0 && y1 < w->rows);
    (void)w; /* without asserts */
    return llabs(x1 - x0) + llabs(y1 - y0);
}

int64_t wafer_seams(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    int64_t per_field = segments_in_column(w) / w->fields_y * segment_rows(w);
    int64_t left = column_offset(w), top = row_offset(w);
    return llabs((x0 + left) / w->core_columns - (x1 + left) / w->core_columns) +
           llabs((y0 + top) / per_field - (y1 + top) / per_field);
}

double wafer_latency_ps(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    int64_t hops = wafer_hops(w, x0, y0, x1, y1) + wafer_extra_hops(w, x0, y0, x1, y1);
    int64_t cycles = hops * (w->router_cycles + w->link_cycles) + w->router_cycles +
                     wafer_seams(w, x0, y0, x1, y1) * w->seam_cycles;
    return (double)cycles * 1e6 / w->clock_mhz;
}
