/* wafer_flow.c — tensors between regions: loads of links by the row, then the column; max-min
 * rates.
 *
 * A load along a row is linear between a few columns that the regions' edges give, the same for all
 * rows of a region, and convex where slices turn around; so the most loaded link is among those
 * columns, in a row in which some flow begins.  Only such links are looked at. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chiplet/wafer.h"

struct span {
    int64_t at, length;
};

/* A flow seen along one axis: bytes leave `from` along it for `to`, over the lines of `lines`, of
 * which each carries `share`. */
struct axis {
    struct span from, to, lines;
    double share;
    bool backward, multicast;
};

/* The flow's mirror image for reductions: the tree that sums is a multicast's, turned around. */
static struct axis axis_of(const struct wafer_flow *f, enum wafer_way way)
{
    bool mirror = f->pattern == WAFER_REDUCE, along_x = way == WAFER_RIGHT || way == WAFER_LEFT;
    const struct wafer_region *a = mirror ? &f->to : &f->from, *b = mirror ? &f->from : &f->to;
    struct axis v = {.backward = (way == WAFER_LEFT || way == WAFER_UP) != mirror,
                     .multicast = f->pattern != WAFER_SLICES};
    if (along_x) {
        v.from = (struct span){a->x, a->width};
        v.to = (struct span){b->x, b->width};
        v.lines = (struct span){a->y, a->height};
        v.share = 1 / (double)a->height;
    } else {
        v.from = (struct span){a->y, a->height};
        v.to = (struct span){b->y, b->height};
        v.lines = (struct span){b->x, b->width};
        v.share = v.multicast ? 1 : 1 / (double)b->width;
    }
    return v;
}

/* The part of a span that lies at or before `at`. */
static double part_before(struct span s, int64_t at)
{
    double part = (double)(at + 1 - s.at) / (double)s.length;
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

/* What a byte puts on the link between `at` and `at` + 1 of a line. */
static double axis_load(const struct axis *v, int64_t line, int64_t at)
{
    if (line < v->lines.at || line >= v->lines.at + v->lines.length)
        return 0;
    double sent = part_before(v->from, at);
    if (!v->multicast) {
        double over = sent - part_before(v->to, at);
        return v->share * fmax(0, v->backward ? -over : over);
    }
    if (v->backward)
        return at >= v->to.at ? v->share * (1 - sent) : 0;
    return at < v->to.at + v->to.length - 1 ? v->share * sent : 0;
}

double wafer_flow_load(const struct wafer_flow *f, int64_t x, int64_t y, enum wafer_way way)
{
    struct axis v = axis_of(f, way);
    switch (way) {
    case WAFER_RIGHT:
        return axis_load(&v, y, x);
    case WAFER_LEFT:
        return axis_load(&v, y, x - 1);
    case WAFER_DOWN:
        return axis_load(&v, x, y);
    case WAFER_UP:
    default:
        return axis_load(&v, x, y - 1);
    }
}

/* --- sums ----------------------------------------------------------------------------------- */

/* The sum of part_before over [lo, hi). */
static double sum_before(struct span s, int64_t lo, int64_t hi)
{
    int64_t ramp_lo = lo > s.at ? lo : s.at;
    int64_t ramp_hi = hi < s.at + s.length ? hi : s.at + s.length;
    int64_t full_lo = lo > s.at + s.length ? lo : s.at + s.length;
    double sum = hi > full_lo ? (double)(hi - full_lo) : 0;
    if (ramp_hi > ramp_lo) {
        double count = (double)(ramp_hi - ramp_lo);
        double ends = (double)(ramp_lo - s.at + 1) + (double)(ramp_hi - s.at);
        sum += count * ends / 2 / (double)s.length;
    }
    return sum;
}

static int compare_i64(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The sum over all links of |sent - received|: piece by piece between the ends of both spans, each
 * cut once more where it changes its sign. */
static double sum_slices(const struct axis *v)
{
    int64_t ends[4] = {v->from.at - 1, v->from.at + v->from.length - 1, v->to.at - 1,
                       v->to.at + v->to.length - 1};
    double sum = 0;
    qsort(ends, COUNT_OF(ends), sizeof *ends, compare_i64);
    for (size_t i = 0; i + 1 < COUNT_OF(ends); i++) {
        int64_t lo = ends[i], hi = ends[i + 1], cut = lo;
        double first = part_before(v->from, lo) - part_before(v->to, lo);
        double last = part_before(v->from, hi) - part_before(v->to, hi);
        if (first * last < 0)
            cut = lo + (int64_t)ceil(first / (first - last) * (double)(hi - lo));
        sum += fabs(sum_before(v->from, lo, cut) - sum_before(v->to, lo, cut));
        sum += fabs(sum_before(v->from, cut, hi) - sum_before(v->to, cut, hi));
    }
    return sum;
}

/* Links that a byte crosses along one axis, both ways, all lines. */
static double axis_hops(const struct axis *v, int64_t links)
{
    double lines = v->share * (double)v->lines.length;
    if (!v->multicast)
        return lines * sum_slices(v);
    int64_t end = v->to.at + v->to.length - 1;
    double there = sum_before(v->from, 0, end);
    double back = (double)(links - v->to.at) - sum_before(v->from, v->to.at, links);
    return lines * (there + back);
}

double wafer_flow_hops(const struct wafer *w, const struct wafer_flow *f)
{
    struct axis row = axis_of(f, WAFER_RIGHT), column = axis_of(f, WAFER_DOWN);
    return axis_hops(&row, w->columns - 1) + axis_hops(&column, w->rows - 1);
}

/* --- links and ports that may bind ---------------------------------------------------------- */

enum { POINTS = 8 };

/* What one byte of each flow puts on a link or port; all have the same rate. */
struct bind {
    struct arena *scratch;
    size_t flows, count, capacity;
    double *load;  /* [count][flows] */
    double *alone; /* the largest load of each flow where it is alone */
};

static void add_bind(struct bind *b, const double *load)
{
    size_t users = 0, last = 0;
    for (size_t i = 0; i < b->flows; i++)
        if (load[i] > 0) {
            users++;
            last = i;
        }
    if (users == 1)
        b->alone[last] = fmax(b->alone[last], load[last]);
    if (users < 2)
        return;
    size_t row = b->flows * sizeof *load;
    if (b->count > 0 && memcmp(b->load + (b->count - 1) * b->flows, load, row) == 0)
        return;
    if (b->count == b->capacity) {
        size_t wanted = b->capacity > 0 ? 2 * b->capacity : 64;
        double *larger = ARENA_ARRAY(b->scratch, double, wanted * b->flows);
        if (b->count > 0)
            memcpy(larger, b->load, b->count * row);
        b->load = larger;
        b->capacity = wanted;
    }
    memcpy(b->load + b->count++ * b->flows, load, row);
}

static void add_line(struct bind *b, const struct axis *axes, int64_t line, int64_t links)
{
    double load[WAFER_FLOWS_MAX];
    for (size_t k = 0; k < b->flows; k++) {
        const struct axis *v = &axes[k];
        int64_t points[POINTS] = {v->from.at - 1,
                                  v->from.at,
                                  v->from.at + v->from.length - 2,
                                  v->from.at + v->from.length - 1,
                                  v->to.at - 1,
                                  v->to.at,
                                  v->to.at + v->to.length - 2,
                                  v->to.at + v->to.length - 1};
        if (line < v->lines.at || line >= v->lines.at + v->lines.length)
            continue;
        for (size_t i = 0; i < POINTS; i++) {
            if (points[i] < 0 || points[i] >= links)
                continue;
            for (size_t f = 0; f < b->flows; f++)
                load[f] = axis_load(&axes[f], line, points[i]);
            add_bind(b, load);
        }
    }
}

static void add_links(const struct wafer *w, struct bind *b, const struct wafer_flow *flows)
{
    struct axis axes[WAFER_FLOWS_MAX];
    for (enum wafer_way way = WAFER_RIGHT; way <= WAFER_UP; way++) {
        bool along_x = way == WAFER_RIGHT || way == WAFER_LEFT;
        for (size_t k = 0; k < b->flows; k++)
            axes[k] = axis_of(&flows[k], way);
        for (size_t k = 0; k < b->flows; k++)
            add_line(b, axes, axes[k].lines.at, (along_x ? w->columns : w->rows) - 1);
    }
}

static bool is_in(const struct wafer_region *r, int64_t x, int64_t y)
{
    return x >= r->x && x < r->x + r->width && y >= r->y && y < r->y + r->height;
}

static double cores_of(const struct wafer_region *r)
{
    return (double)r->width * (double)r->height;
}

/* What a byte of the flow puts on the port of a core: in from it (out false) or out to it. */
static double port_load(const struct wafer_flow *f, bool out, int64_t x, int64_t y)
{
    const struct wafer_region *r = out ? &f->to : &f->from;
    bool whole = f->pattern == (out ? WAFER_MULTICAST : WAFER_REDUCE);
    return !is_in(r, x, y) ? 0 : whole ? 1 : 1 / cores_of(r);
}

/* Where rectangles overlap, they do so at the left end of one and the upper end of another. */
static void add_ports(struct bind *b, const struct wafer_flow *flows)
{
    double load[WAFER_FLOWS_MAX];
    for (int out = 0; out < 2; out++)
        for (size_t i = 0; i < b->flows; i++)
            for (size_t j = 0; j < b->flows; j++) {
                const struct wafer_region *p = out ? &flows[i].to : &flows[i].from;
                const struct wafer_region *q = out ? &flows[j].to : &flows[j].from;
                if (!is_in(p, p->x, q->y) || !is_in(q, p->x, q->y))
                    continue;
                for (size_t k = 0; k < b->flows; k++)
                    load[k] = port_load(&flows[k], out != 0, p->x, q->y);
                add_bind(b, load);
            }
}

static void assert_inside(const struct wafer *w, const struct wafer_region *r)
{
    assert(r->x >= 0 && r->y >= 0 && r->width > 0 && r->height > 0);
    assert(r->x + r->width <= w->columns && r->y + r->height <= w->rows);
    (void)w;
    (void)r;
}

static void open_bind(const struct wafer *w, const struct wafer_flow *flows, size_t count,
                      struct bind *b)
{
    assert(count <= WAFER_FLOWS_MAX);
    *b = (struct bind){.scratch = arena_open(), .flows = count};
    b->alone = ARENA_ARRAY(b->scratch, double, count);
    for (size_t i = 0; i < count; i++) {
        assert_inside(w, &flows[i].from);
        assert_inside(w, &flows[i].to);
        assert(flows[i].bytes >= 0);
    }
    add_links(w, b, flows);
    add_ports(b, flows);
}

/* --- max-min rates -------------------------------------------------------------------------- */

enum state { DONE, FROZEN, GROWING };

/* How far all growing flows may rise together before a link is full. */
static double room(const struct bind *b, const double *load, const enum state *state,
                   const double *rate)
{
    double used = 0, growing = 0;
    for (size_t k = 0; k < b->flows; k++) {
        used += state[k] == FROZEN ? load[k] * rate[k] : 0;
        growing += state[k] == GROWING ? load[k] : 0;
    }
    return growing > 0 ? fmax(0, 1 - used) / growing : HUGE_VAL;
}

/* Freezes, at `level`, the growing flows of every link that is full there. */
static void freeze(const struct bind *b, enum state *state, double *rate, double level)
{
    bool full[WAFER_FLOWS_MAX] = {false};
    const double touch = level * (1 + 1e-12);
    for (size_t k = 0; k < b->flows; k++)
        full[k] = state[k] == GROWING && b->alone[k] * touch >= 1;
    for (size_t i = 0; i < b->count; i++) {
        const double *load = b->load + i * b->flows;
        if (room(b, load, state, rate) > touch)
            continue;
        for (size_t k = 0; k < b->flows; k++)
            full[k] = full[k] || (state[k] == GROWING && load[k] > 0);
    }
    for (size_t k = 0; k < b->flows; k++)
        if (full[k]) {
            state[k] = FROZEN;
            rate[k] = level;
        }
}

/* Rates in units of a link's. */
static void share(const struct bind *b, enum state *state, double *rate)
{
    size_t left = 0;
    for (size_t k = 0; k < b->flows; k++) {
        rate[k] = 0;
        if (state[k] == FROZEN)
            state[k] = GROWING;
    }
    do {
        double level = HUGE_VAL;
        left = 0;
        for (size_t k = 0; k < b->flows; k++)
            if (state[k] == GROWING && b->alone[k] > 0)
                level = fmin(level, 1 / b->alone[k]);
        for (size_t i = 0; i < b->count; i++)
            level = fmin(level, room(b, b->load + i * b->flows, state, rate));
        freeze(b, state, rate, level);
        for (size_t k = 0; k < b->flows; k++)
            left += state[k] == GROWING;
    } while (left > 0);
}

/* The longest of the ways between the corners. */
static double flow_latency_ps(const struct wafer *w, const struct wafer_flow *f)
{
    const struct wafer_region *a = &f->from, *b = &f->to;
    double longest = 0;
    for (int corner = 0; corner < 16; corner++) {
        bool right = corner & 1, low = corner & 2;
        bool to_right = corner & 4, to_low = corner & 8;
        if (f->pattern == WAFER_SLICES && (right != to_right || low != to_low))
            continue; /* slices keep their order */
        longest = fmax(longest, wafer_latency_ps(w, a->x + (right ? a->width - 1 : 0),
                                                 a->y + (low ? a->height - 1 : 0),
                                                 b->x + (to_right ? b->width - 1 : 0),
                                                 b->y + (to_low ? b->height - 1 : 0)));
    }
    return longest;
}

double wafer_flows_ps(const struct wafer *w, struct wafer_flow *flows, size_t count)
{
    struct bind b;
    enum state state[WAFER_FLOWS_MAX];
    double rate[WAFER_FLOWS_MAX], left[WAFER_FLOWS_MAX], now = 0, last = 0;
    size_t going = 0;
    open_bind(w, flows, count, &b);
    for (size_t k = 0; k < count; k++) {
        left[k] = flows[k].bytes;
        rate[k] = 0;
        state[k] = left[k] > 0 ? GROWING : DONE;
        flows[k].done_ps = 0;
        going += left[k] > 0;
    }
    while (going > 0) {
        double step = HUGE_VAL;
        share(&b, state, rate);
        for (size_t k = 0; k < count; k++)
            if (state[k] != DONE)
                step = fmin(step, left[k] / (rate[k] * w->link_bytes_per_ps));
        now += step;
        for (size_t k = 0; k < count; k++) {
            if (state[k] == DONE)
                continue;
            left[k] -= step * rate[k] * w->link_bytes_per_ps;
            if (left[k] > flows[k].bytes * 1e-12)
                continue;
            state[k] = DONE;
            flows[k].done_ps = now + flow_latency_ps(w, &flows[k]);
            last = fmax(last, flows[k].done_ps);
            going--;
        }
    }
    arena_close(b.scratch);
    return last;
}

double wafer_flows_bound_ps(const struct wafer *w, const struct wafer_flow *flows, size_t count)
{
    struct bind b;
    double most = 0;
    open_bind(w, flows, count, &b);
    for (size_t k = 0; k < count; k++)
        most = fmax(most, b.alone[k] * flows[k].bytes);
    for (size_t i = 0; i < b.count; i++) {
        double sum = 0;
        for (size_t k = 0; k < count; k++)
            sum += b.load[i * count + k] * flows[k].bytes;
        most = fmax(most, sum);
    }
    arena_close(b.scratch);
    return most / w->link_bytes_per_ps;
}

/* --- books ---------------------------------------------------------------------------------- */

/* Cores that a byte is handed to, or, of a reduction, comes from. */
static double ends_of(const struct wafer_flow *f)
{
    if (f->pattern == WAFER_SLICES)
        return 1;
    return cores_of(f->pattern == WAFER_MULTICAST ? &f->to : &f->from);
}

void wafer_flow_cost(const struct wafer *w, const struct wafer_flow *f, struct cost *out)
{
    const struct wafer_region *a = &f->from, *b = &f->to;
    struct wafer_flow alone = *f;
    double flits = f->bytes * 8 / (double)w->link_bits;
    double extra = (double)wafer_extra_hops(w, a->x + a->width / 2, a->y + a->height / 2,
                                            b->x + b->width / 2, b->y + b->height / 2);
    double hops = wafer_flow_hops(w, f) + extra;
    cost_clear(out);
    out->duration_ps = wafer_flows_ps(w, &alone, 1);
    cost_add(out, PART_NOC_LINK, "flit", flits * hops, w->link_pj);
    cost_add(out, PART_NOC_ROUTER, "flit", flits * (hops + ends_of(f)), w->router.energy_pj);
}
