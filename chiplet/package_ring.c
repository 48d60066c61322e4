/* package_ring.c — all-reduce and all-gather over a ring of dies. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "chiplet/package.h"

enum { RING_SEARCH_MAX = 8 };

/* Alpha and beta of a ring: pieces travel both ways round, half of each piece either way. */
static void measure(const struct package *p, double *load, struct package_ring *r)
{
    memset(load, 0, 2 * (size_t)p->edge_count * sizeof *load);
    r->alpha_ps = r->beta_ps_per_byte = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t at = r->order[i], to = r->order[(i + 1) % r->count];
        r->alpha_ps = fmax(r->alpha_ps, (double)(package_latency_ps(p, at, to) + p->hop_ps));
        for (uint32_t edge; at != to;) {
            bool forward = p->edges[p->next_edge[at * p->die_count + to]].a == at;
            at = package_step(p, at, to, &edge);
            load[2 * edge + (forward ? 0 : 1)] += 0.5;
            load[2 * edge + (forward ? 1 : 0)] += 0.5;
        }
    }
    for (uint32_t i = 0; i < 2 * p->edge_count; i++)
        r->beta_ps_per_byte = fmax(r->beta_ps_per_byte, load[i] / p->edges[i / 2].bytes_per_ps);
}

static void keep_better(struct package_ring *best, const struct package_ring *r, double bytes)
{
    if (package_all_reduce_ps(r, bytes) >= package_all_reduce_ps(best, bytes))
        return;
    memcpy(best->order, r->order, r->count * sizeof *r->order);
    best->alpha_ps = r->alpha_ps;
    best->beta_ps_per_byte = r->beta_ps_per_byte;
}

/* The next order in the order of words, the first die left in its place. */
static bool next_order(uint32_t *order, uint32_t count)
{
    uint32_t i = count - 1, j = count - 1;
    while (i > 1 && order[i - 1] > order[i])
        i--;
    if (i <= 1)
        return false;
    while (order[j] < order[i - 1])
        j--;
    uint32_t swap = order[i - 1];
    order[i - 1] = order[j];
    order[j] = swap;
    for (uint32_t lo = i, hi = count - 1; lo < hi; lo++, hi--) {
        swap = order[lo];
        order[lo] = order[hi];
        order[hi] = swap;
    }
    return true;
}

static bool lies_before(const struct package *p, uint32_t a, uint32_t b, bool by_row)
{
    const struct rectangle *m = &p->dies[a].at, *n = &p->dies[b].at;
    if (by_row && (m->y < n->y || m->y > n->y))
        return m->y < n->y;
    if (!by_row && (m->x < n->x || m->x > n->x))
        return m->x < n->x;
    return a < b;
}

static void sort(const struct package *p, uint32_t *order, uint32_t count, bool by_row)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = i; j > 0 && lies_before(p, order[j], order[j - 1], by_row); j--) {
            uint32_t swap = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swap;
        }
}

/* Row by row, every other row backwards. */
static void serpentine(const struct package *p, uint32_t *order, uint32_t count)
{
    sort(p, order, count, true);
    bool back = false;
    for (uint32_t from = 0, to; from < count; from = to, back = !back) {
        for (to = from + 1; to < count && p->dies[order[to]].at.y <= p->dies[order[from]].at.y;)
            to++;
        sort(p, order + from, to - from, false);
        for (uint32_t lo = from, hi = to - 1; back && lo < hi; lo++, hi--) {
            uint32_t swap = order[lo];
            order[lo] = order[hi];
            order[hi] = swap;
        }
    }
}

static void sort_ids(uint32_t *order, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = i; j > 0 && order[j] < order[j - 1]; j--) {
            uint32_t swap = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swap;
        }
}

void package_ring_open(struct arena *a, const struct package *p, const uint32_t *dies,
                       uint32_t count, double bytes, struct package_ring *out)
{
    assert(count > 0 && count <= p->die_count);
    double *load = ARENA_ARRAY(a, double, 2 * p->edge_count);
    struct package_ring r = {.count = count, .order = ARENA_ARRAY(a, uint32_t, count)};
    *out = (struct package_ring){.count = count, .order = ARENA_ARRAY(a, uint32_t, count)};
    memcpy(r.order, dies, count * sizeof *dies);
    sort_ids(r.order, count);
    if (count > RING_SEARCH_MAX)
        serpentine(p, r.order, count);
    measure(p, load, &r);
    *out = (struct package_ring){count, out->order, r.alpha_ps, r.beta_ps_per_byte};
    memcpy(out->order, r.order, count * sizeof *dies);
    while (count > 2 && count <= RING_SEARCH_MAX && next_order(r.order, count)) {
        measure(p, load, &r);
        keep_better(out, &r, bytes);
    }
}

static double steps_ps(const struct package_ring *r, double steps, double bytes)
{
    return steps * (r->alpha_ps + bytes / r->count * r->beta_ps_per_byte);
}

double package_all_reduce_ps(const struct package_ring *r, double bytes)
{
    return steps_ps(r, 2.0 * (r->count - 1), bytes);
}

double package_all_gather_ps(const struct package_ring *r, double bytes)
{
    return steps_ps(r, r->count - 1.0, bytes);
}

/* Each of `steps` sends a piece over every hop of the ring. */
static void steps_cost(const struct package *p, const struct package_ring *r, double steps,
                       double bytes, struct cost *out)
{
    cost_clear(out);
    out->duration_ps = steps_ps(r, steps, bytes);
    for (uint32_t i = 0; i < r->count && r->count > 1; i++) {
        uint32_t at = r->order[i], to = r->order[(i + 1) % r->count];
        for (uint32_t edge; at != to;) {
            at = package_step(p, at, to, &edge);
            const struct link *l = &p->edges[edge].link;
            cost_add(out, PART_LINK, "bit", 8 * bytes / r->count * steps * l->wire_bits_per_bit,
                     l->pj_per_bit);
        }
    }
}

void package_all_reduce_cost(const struct package *p, const struct package_ring *r, double bytes,
                             struct cost *out)
{
    steps_cost(p, r, 2.0 * (r->count - 1), bytes, out);
}

void package_all_gather_cost(const struct package *p, const struct package_ring *r, double bytes,
                             struct cost *out)
{
    steps_cost(p, r, r->count - 1.0, bytes, out);
}
