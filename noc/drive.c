/* drive.c — synthetic traffic. */
#include "noc/drive.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "noc/cycles.h"

static const char *const pattern_names[DRIVE_PATTERNS] = {
    "uniform", "transpose", "bitcomp", "bitrev", "shuffle", "tornado", "neighbor", "hotspot"};

const char *drive_pattern_name(enum drive_pattern p)
{
    return pattern_names[p];
}

bool drive_pattern_find(const char *name, enum drive_pattern *p)
{
    for (enum drive_pattern i = DRIVE_UNIFORM; i < DRIVE_PATTERNS; i++)
        if (strcmp(name, pattern_names[i]) == 0) {
            *p = i;
            return true;
        }
    return false;
}

/* --- destinations ------------------------------------------------------------------------- */

struct traffic {
    enum drive_pattern pattern;
    int64_t nodes, side; /* side^2 = nodes, or 0 */
    int bits;            /* 2^bits = nodes, or -1 */
    bool no_self;
    struct rng rng;
};

static bool set_traffic(struct traffic *t, const struct network *n, const struct drive *o,
                        struct diag *d)
{
    t->pattern = o->pattern;
    t->no_self = o->no_self;
    t->nodes = o->nodes > 0 ? o->nodes : n->endpoints;
    t->rng = rng_open(o->seed, "noc.traffic");
    t->side = (int64_t)llround(sqrt((double)t->nodes));
    if (t->side * t->side != t->nodes)
        t->side = 0;
    for (t->bits = 0; ((int64_t)1 << t->bits) < t->nodes;)
        t->bits++;
    if ((int64_t)1 << t->bits != t->nodes)
        t->bits = -1;
    bool square = t->pattern == DRIVE_TRANSPOSE || t->pattern == DRIVE_TORNADO ||
                  t->pattern == DRIVE_NEIGHBOR;
    bool binary =
        t->pattern == DRIVE_BITCOMP || t->pattern == DRIVE_BITREV || t->pattern == DRIVE_SHUFFLE;
    const char *name = pattern_names[t->pattern];
    if (t->nodes > n->endpoints)
        return diag_input(d, NULL, 0, "%s has %lld endpoints, not %lld", n->name,
                          (long long)n->endpoints, (long long)t->nodes);
    if (square && t->side == 0)
        return diag_input(d, NULL, 0, "%s needs a square number of nodes, not %lld", name,
                          (long long)t->nodes);
    if (binary && t->bits < 0)
        return diag_input(d, NULL, 0, "%s needs a power of two of nodes, not %lld", name,
                          (long long)t->nodes);
    return true;
}

static int64_t reversed(int64_t node, int bits)
{
    int64_t out = 0;
    for (int i = 0; i < bits; i++)
        out |= (node >> i & 1) << (bits - 1 - i);
    return out;
}

static int64_t shifted(const struct traffic *t, int64_t node, int64_t by)
{
    int64_t x = (node % t->side + by) % t->side, y = (node / t->side + by) % t->side;
    return y * t->side + x;
}

static int64_t anywhere(struct traffic *t, int64_t node)
{
    if (!t->no_self || t->nodes == 1)
        return (int64_t)rng_below(&t->rng, (uint64_t)t->nodes);
    int64_t other = (int64_t)rng_below(&t->rng, (uint64_t)t->nodes - 1);
    return other < node ? other : other + 1;
}

static int64_t destination(struct traffic *t, int64_t node)
{
    switch (t->pattern) {
    case DRIVE_TRANSPOSE:
        return node % t->side * t->side + node / t->side;
    case DRIVE_BITCOMP:
        return t->nodes - 1 - node;
    case DRIVE_BITREV:
        return reversed(node, t->bits);
    case DRIVE_SHUFFLE:
        return (node << 1 & (t->nodes - 1)) | node >> (t->bits > 0 ? t->bits - 1 : 0);
    case DRIVE_TORNADO:
        return shifted(t, node, (t->side + 1) / 2 - 1);
    case DRIVE_NEIGHBOR:
        return shifted(t, node, 1);
    case DRIVE_HOTSPOT:
        return rng_below(&t->rng, 10) == 0 ? t->nodes / 2 : anywhere(t, node);
    default:
        return anywhere(t, node);
    }
}

/* --- the run ------------------------------------------------------------------------------ */

struct packet {
    int64_t created; /* cycle */
    double latency;  /* cycles; < 0 while under way */
};

struct drive_run {
    struct arena *arena;
    struct network *net;
    struct traffic traffic;
    int64_t khz, first, end; /* cycles measured: first .. end - 1 */
    struct packet *packets;
    size_t count, capacity;
    double hops, measured, arrived, waiting_before, waiting_after;
    double waiting;
};

static void create(struct drive_run *r, int64_t cycle, int64_t node, const struct drive *o)
{
    if (r->count == r->capacity) {
        size_t wanted = r->capacity > 0 ? 2 * r->capacity : 1024;
        struct packet *larger = ARENA_ARRAY(r->arena, struct packet, wanted);
        if (r->count > 0)
            memcpy(larger, r->packets, r->count * sizeof *larger);
        r->packets = larger;
        r->capacity = wanted;
    }
    uint32_t to = (uint32_t)destination(&r->traffic, node);
    struct transfer t = {.id = r->count,
                         .bytes = ceil_div(o->packet_flits * r->net->flit_bits, 8),
                         .src = (uint32_t)node,
                         .dst = to};
    r->packets[r->count++] = (struct packet){.created = cycle, .latency = -1};
    if (cycle >= r->first) {
        r->hops += (double)network_hops(r->net, t.src, to);
        r->measured++;
    }
    r->waiting++;
    bool taken = r->net->base.ops->submit(&r->net->base, &t, cycles_to_ps(cycle, r->khz));
    assert(taken);
    (void)taken;
}

static void collect(struct drive_run *r)
{
    struct server *s = &r->net->base;
    uint64_t id;
    for (time_ps done; s->ops->collect(s, &id, &done);) {
        int64_t cycle = cycles_until(done, r->khz);
        assert(r->packets && id < r->count);
        r->packets[id].latency = (double)(cycle - r->packets[id].created);
        r->waiting--;
        if (cycle >= r->first && cycle < r->end)
            r->arrived++;
    }
}

static void offer(struct drive_run *r, const struct drive *o)
{
    struct rng rng = rng_open(o->seed, "noc.injection");
    double chance = o->rate / (double)o->packet_flits;
    for (int64_t cycle = 0; cycle < r->end; cycle++) {
        if (cycle == r->first)
            r->waiting_before = r->waiting;
        for (int64_t node = 0; node < r->traffic.nodes; node++)
            if (rng_uniform(&rng) < chance)
                create(r, cycle, node, o);
        time_ps now = cycles_to_ps(cycle, r->khz);
        r->net->base.ops->advance(&r->net->base, now);
        collect(r);
    }
    r->waiting_after = r->waiting;
}

static int64_t drain(struct drive_run *r)
{
    struct server *s = &r->net->base;
    time_ps now = cycles_to_ps(r->end, r->khz), next;
    while ((next = s->ops->advance(s, now)) != TIME_NEVER) {
        collect(r);
        now = next;
    }
    collect(r);
    return cycles_until(now, r->khz);
}

/* --- statistics --------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void summarise(const struct drive_run *r, const struct drive *o, struct drive_result *out)
{
    double *latency = ARENA_ARRAY(r->arena, double, r->count), sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->packets[i].created >= r->first) {
            latency[count++] = r->packets[i].latency;
            sum += r->packets[i].latency;
        }
    double node_cycles = (double)r->traffic.nodes * (double)o->cycles;
    double flits = (double)o->packet_flits;
    out->packets = (double)count;
    out->offered_flits_per_node_cycle = (double)count * flits / node_cycles;
    out->accepted_flits_per_node_cycle = r->arrived * flits / node_cycles;
    out->stable = r->waiting_after - r->waiting_before < 0.05 * r->measured + 4;
    if (count == 0)
        return;
    qsort(latency, count, sizeof *latency, by_size);
    out->avg_packet_latency_cycles = sum / (double)count;
    out->p99_packet_latency_cycles = latency[(count - 1) * 99 / 100];
    out->min_packet_latency_cycles = latency[0];
    out->max_packet_latency_cycles = latency[count - 1];
    out->avg_hops = r->hops / (double)count;
}

static void account(struct drive_run *r, struct drive_result *out)
{
    struct ledger *l = ledger_open(r->arena);
    struct ledger_sums sums;
    r->net->base.ops->account(&r->net->base, l, cycles_to_ps(out->end_cycle, r->khz));
    ledger_sum(l, &sums);
    memcpy(out->energy_pj, sums.part_pj, sizeof out->energy_pj);
    for (size_t i = 0; i < ledger_rows(l); i++)
        if (ledger_row(l, i)->part == PART_NOC_ROUTER)
            out->flit_hops += ledger_row(l, i)->count;
}

bool network_drive(struct arena *a, struct network *n, const struct drive *o,
                   struct drive_result *out, struct diag *d)
{
    assert(o->packet_flits >= 1 && o->cycles > 0 && o->warmup_cycles >= 0 && o->rate > 0);
    struct drive_run r = {.arena = a,
                          .net = n,
                          .khz = llround(n->clock_mhz * 1e3),
                          .first = o->warmup_cycles,
                          .end = o->warmup_cycles + o->cycles};
    *out = (struct drive_result){0};
    TRY(set_traffic(&r.traffic, n, o, d));
    offer(&r, o);
    out->end_cycle = drain(&r);
    summarise(&r, o, out);
    account(&r, out);
    return true;
}
