/* package_route.c — routes between dies: least latency, one table, the same back and forth. */
#include <assert.h>
#include <math.h>

#include "chiplet/package.h"

/* A sum of latencies, and of a hash of every edge: no two routes are equal, so that the best one is
 * the same from both ends and the table is consistent. */
struct length {
    time_ps latency;
    uint64_t mark;
};

static bool shorter(struct length a, struct length b)
{
    return a.latency != b.latency ? a.latency < b.latency : a.mark < b.mark;
}

static uint64_t edge_mark(uint32_t edge)
{
    uint64_t z = (edge + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return (z ^ z >> 27) >> 16; /* sums of 255 stay below 2^64 */
}

/* Dijkstra toward `to`: next_edge of every die, O(dies^2 + dies x edges) for one destination. */
static bool route_to(struct package *p, uint32_t to, uint32_t *lost)
{
    struct length best[PACKAGE_DIES_MAX];
    bool final[PACKAGE_DIES_MAX] = {false};
    for (uint32_t i = 0; i < p->die_count; i++) {
        best[i] = (struct length){i == to ? 0 : TIME_NEVER, 0};
        p->next_edge[i * p->die_count + to] = -1;
    }
    for (uint32_t turn = 0; turn < p->die_count; turn++) {
        uint32_t at = PACKAGE_DIES_MAX;
        for (uint32_t i = 0; i < p->die_count; i++)
            if (!final[i] && (at == PACKAGE_DIES_MAX || shorter(best[i], best[at])))
                at = i;
        *lost = at;
        if (best[at].latency == TIME_NEVER)
            return false;
        final[at] = true;
        for (uint32_t e = 0; e < p->edge_count; e++) {
            const struct package_edge *edge = &p->edges[e];
            if (edge->a != at && edge->b != at)
                continue;
            uint32_t other = edge->a == at ? edge->b : edge->a;
            struct length way = {best[at].latency + edge->latency_ps + (at == to ? 0 : p->hop_ps),
                                 best[at].mark + edge_mark(e)};
            if (!final[other] && shorter(way, best[other])) {
                best[other] = way;
                p->next_edge[other * p->die_count + to] = (int32_t)e;
            }
        }
    }
    return true;
}

bool package_route(struct package *p, uint32_t *from, uint32_t *to)
{
    for (*to = 0; *to < p->die_count; (*to)++)
        if (!route_to(p, *to, from))
            return false;
    return true;
}

uint32_t package_step(const struct package *p, uint32_t a, uint32_t b, uint32_t *edge)
{
    assert(a < p->die_count && b < p->die_count && a != b);
    *edge = (uint32_t)p->next_edge[a * p->die_count + b];
    return p->edges[*edge].a == a ? p->edges[*edge].b : p->edges[*edge].a;
}

int64_t package_hops(const struct package *p, uint32_t a, uint32_t b)
{
    int64_t hops = 0;
    for (uint32_t edge; a != b; hops++)
        a = package_step(p, a, b, &edge);
    return hops;
}

time_ps package_latency_ps(const struct package *p, uint32_t a, uint32_t b)
{
    time_ps sum = 0;
    for (uint32_t edge, next; a != b; a = next) {
        next = package_step(p, a, b, &edge);
        sum += p->edges[edge].latency_ps + (next != b ? p->hop_ps : 0);
    }
    return sum;
}

double package_bandwidth(const struct package *p, uint32_t a, uint32_t b)
{
    double least = HUGE_VAL;
    for (uint32_t edge; a != b;) {
        a = package_step(p, a, b, &edge);
        least = fmin(least, p->edges[edge].bytes_per_ps);
    }
    return least;
}

/* --- bisection ------------------------------------------------------------------------------- */

static double cut(const struct package *p, const bool *left)
{
    double sum = 0;
    for (uint32_t e = 0; e < p->edge_count; e++)
        if (left[p->edges[e].a] != left[p->edges[e].b])
            sum += 2 * p->edges[e].bytes_per_ps;
    return sum;
}

/* All halves that hold die 0 or, with an odd count, do not. */
static double exact_bisection(const struct package *p)
{
    double least = HUGE_VAL;
    for (uint32_t mask = 1; mask < 1u << p->die_count; mask++) {
        bool left[PACKAGE_DIES_MAX] = {false};
        uint32_t count = 0;
        for (uint32_t i = 0; i < p->die_count; i++)
            count += left[i] = mask >> i & 1;
        if (count == p->die_count / 2)
            least = fmin(least, cut(p, left));
    }
    return least;
}

/* The cut across one axis: the half of the dies that lie lowest on it. */
static double axis_cut(const struct package *p, bool along_x)
{
    bool left[PACKAGE_DIES_MAX] = {false};
    for (uint32_t taken = 0; taken < p->die_count / 2; taken++) {
        uint32_t lowest = PACKAGE_DIES_MAX;
        double least = HUGE_VAL;
        for (uint32_t i = 0; i < p->die_count; i++) {
            double where = along_x ? p->dies[i].at.x : p->dies[i].at.y;
            if (!left[i] && where < least) {
                least = where;
                lowest = i;
            }
        }
        left[lowest] = true;
    }
    return cut(p, left);
}

double package_bisection(const struct package *p)
{
    if (p->die_count == 1)
        return HUGE_VAL;
    if (p->die_count <= 16)
        return exact_bisection(p);
    return fmin(axis_cut(p, true), axis_cut(p, false));
}

/* --- a transfer alone ------------------------------------------------------------------------- */

int64_t package_packet(const struct package *p, int64_t bytes)
{
    int64_t even = ceil_div(bytes, PACKAGE_PACKETS), most = INT64_C(1) << 30;
    int64_t size = even > p->packet_bytes ? even : p->packet_bytes;
    return size < most ? size : most;
}

time_ps package_hold_ps(const struct package_edge *e, int64_t bytes)
{
    return (time_ps)ceil((double)bytes / e->bytes_per_ps);
}

static time_ps later(time_ps a, time_ps b)
{
    return a > b ? a : b;
}

/* What the full packets do is closed: packet k enters a link k - 1 times the slowest holding so far
 * after the first did.  The last, shorter packet then follows step by step. */
time_ps package_time_ps(const struct package *p, uint32_t a, uint32_t b, int64_t bytes)
{
    assert(bytes > 0);
    if (a == b)
        return p->hop_ps;
    int64_t size = package_packet(p, bytes), full = bytes / size, rest = bytes % size;
    time_ps head = 0, slowest = 0, before = 0, last_head = 0, last_before = 0, end = 0;
    for (uint32_t edge, next; a != b; a = next) {
        next = package_step(p, a, b, &edge);
        const struct package_edge *e = &p->edges[edge];
        time_ps wait = next != b ? p->hop_ps : 0, hold = package_hold_ps(e, size), free = 0;
        if (full > 0) {
            time_ps start = head + later(0, before - hold);
            slowest = later(slowest, hold);
            free = start + (full - 1) * slowest + hold;
            end = free + e->latency_ps;
            head = start + e->latency_ps + wait;
            before = hold;
        }
        if (rest > 0) {
            time_ps short_hold = package_hold_ps(e, rest);
            time_ps start = later(free, last_head + later(0, last_before - short_hold));
            end = start + short_hold + e->latency_ps;
            last_head = start + e->latency_ps + wait;
            last_before = short_hold;
        }
    }
    return end;
}

void package_transfer_cost(const struct package *p, uint32_t a, uint32_t b, double bytes,
                           struct cost *out)
{
    assert(bytes >= 0);
    cost_clear(out);
    out->duration_ps = (double)package_latency_ps(p, a, b) + bytes / package_bandwidth(p, a, b);
    for (uint32_t edge; a != b;) {
        a = package_step(p, a, b, &edge);
        const struct link *l = &p->edges[edge].link;
        cost_add(out, PART_LINK, "bit", 8 * bytes * l->wire_bits_per_bit, l->pj_per_bit);
    }
}
