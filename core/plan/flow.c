/* flow.c — the bytes that one tile sends another per output row.
 *
 * What a tile makes and what a tile needs are rectangles of columns and channels; a flow is where
 * they overlap.  A tile that needs the same data for several of its arrays gets it once; tiles
 * that need the same region of a row get it by one multicast. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/gather.h"

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* The share of the rows and columns that a window with a stride wider than itself reads at all. */
static double share_read(const struct plan *p, const struct edge *e)
{
    const struct op *o = p->stages[e->consumer].op;
    double share = 1;
    if (!e->slides || !o || o->in.dims != 4)
        return share;
    for (int i = 0; i < 2; i++)
        if (o->u.conv.kernel[i] < o->u.conv.stride[i])
            share *= (double)o->u.conv.kernel[i] / o->u.conv.stride[i];
    return share;
}

/* The part of what `m` makes that `n` needs; the edge says where the producer's channels lie. */
static struct piece common(const struct edge *e, const struct layout *m, const struct layout *n,
                           double row_bytes)
{
    double span = e->channel[1] - e->channel[0];
    struct piece x = {m->tile, n->tile, {0, 0}, {0, 0}, 0};
    x.column[0] = larger(m->column[0], n->column[0]);
    x.column[1] = smaller(m->column[1], n->column[1]);
    x.channel[0] = larger(m->channel[0], (n->channel[0] - e->channel[0]) / span);
    x.channel[1] = smaller(m->channel[1], (n->channel[1] - e->channel[0]) / span);
    if (x.column[1] > x.column[0] && x.channel[1] > x.channel[0])
        x.bytes = (x.column[1] - x.column[0]) * (x.channel[1] - x.channel[0]) * row_bytes;
    return x;
}

static int need_order(const struct layout *x, const struct layout *y)
{
    return region_order(x->column, x->channel, y->column, y->channel);
}

static int by_need(const void *a, const void *b)
{
    const struct layout *x = a, *y = b;
    int c = need_order(x, y);
    return c ? c : x->tile < y->tile ? -1 : x->tile > y->tile;
}

static void serve_directly(struct edge *e, const struct readers *r, struct pieces *out)
{
    for (size_t i = 0; i < r->sources; i++)
        for (size_t k = 0; k < r->count; k++) {
            struct piece x = r->parts[i];
            x.dst = r->at[k].tile;
            pieces_add_or_keep(e, &x, out);
        }
}

/* What the tiles needs[0 .. count) get, who all need the same. */
static void serve(const struct plan *p, struct edge *e, const struct layout *needs, size_t count,
                  double row_bytes, struct routes *out)
{
    const struct stage *from = &p->stages[e->producer];
    struct readers r = {
        needs, count, out->parts, 0, 0, (double)from->rows_per_chunk, 1 + e->rider_count};
    for (size_t i = 0; i < from->makes.count; i++) {
        struct piece x = common(e, &from->makes.at[i], &needs[0], row_bytes);
        if (x.bytes > 0)
            out->parts[r.sources++] = x;
        r.bytes += x.bytes;
    }
    size_t hubs = hubs_for(p, &r);
    if (hubs > 0)
        hubs_serve(e, &r, hubs, out);
    else
        serve_directly(e, &r, &out->direct);
}

static void set_flows(struct plan *p, struct edge *e, struct routes *routes)
{
    struct flow *direct, *relayed;
    size_t more = pieces_gather(&routes->from_hub, &relayed);
    e->direct_count = pieces_gather(&routes->direct, &direct);
    e->to_hub_count = pieces_gather(&routes->to_hub, &e->to_hub);
    e->flow_count = e->direct_count + more;
    e->flows = ARENA_ARRAY(p->arena, struct flow, e->flow_count);
    if (e->direct_count)
        memcpy(e->flows, direct, e->direct_count * sizeof *direct);
    if (more)
        memcpy(e->flows + e->direct_count, relayed, more * sizeof *relayed);
    hubs_list(p, e);
}

/* --- several readers of the same rows ----------------------------------------------------- */

/* May the rows of edge `b` come by the trees of `a`?  On a wafer, where the tiles of products that
 * read the same input lie in one region and their trees would take the same links. */
static bool may_ride(const struct plan *p, const struct edge *a, const struct edge *b)
{
    const struct stage *x = &p->stages[a->consumer], *y = &p->stages[b->consumer];
    return a != b && !b->rides && b->rider_count == 0 && a->producer == b->producer &&
           x->kind == STAGE_ARRAY && y->kind == STAGE_ARRAY && !x->dynamic && !y->dynamic &&
           !a->aside && !b->aside && a->whole == b->whole && x->gemm_k == y->gemm_k &&
           a->channel[0] == b->channel[0] && a->channel[1] == b->channel[1];
}

static void find_riders(struct plan *p, int32_t lead)
{
    struct edge *e = &p->edges[lead];
    const struct stage *from = &p->stages[e->producer];
    size_t count = 0;
    for (size_t i = 0; i < from->out_count && p->spread; i++)
        count += may_ride(p, e, &p->edges[from->out[i]]);
    e->riders = ARENA_ARRAY(p->arena, int32_t, count);
    for (size_t i = 0; e->rider_count < count; i++) {
        struct edge *other = &p->edges[from->out[i]];
        if (!may_ride(p, e, other))
            continue;
        other->rides = true;
        other->with = lead;
        e->riders[e->rider_count++] = from->out[i];
    }
}

/* What the tiles of all readers need that an edge serves, in the order of regions. */
static struct layouts all_needs(struct plan *p, struct edge *e)
{
    struct layouts own = plan_edge_needs(p, e), all = {NULL, own.count};
    e->readers = (double)own.count;
    struct layouts *of = ARENA_ARRAY(p->arena, struct layouts, e->rider_count);
    for (size_t i = 0; i < e->rider_count; i++) {
        of[i] = plan_edge_needs(p, &p->edges[e->riders[i]]);
        p->edges[e->riders[i]].readers = (double)of[i].count;
        all.count += of[i].count;
    }
    all.at = ARENA_ARRAY(p->arena, struct layout, all.count);
    if (own.count)
        memcpy(all.at, own.at, own.count * sizeof *own.at);
    for (size_t i = 0, at = own.count; i < e->rider_count; at += of[i++].count)
        if (of[i].count)
            memcpy(all.at + at, of[i].at, of[i].count * sizeof *of[i].at);
    qsort(all.at, all.count, sizeof *all.at, by_need);
    return all;
}

/* An operand that is wanted whole does not leave by scraps: rows wait until there is enough for
 * each reader. */
static void set_together(struct plan *p, struct edge *e)
{
    const struct stage *from = &p->stages[e->producer];
    double bytes = 0;
    for (size_t f = 0; f < e->flow_count; f++)
        bytes += e->flows[f].bytes_per_row * (double)from->rows_per_chunk / (double)e->flow_count;
    double together = e->whole && bytes > 0 ? ceil(TRANSFER_BYTES / bytes) : 1;
    e->together = together < (double)from->chunks ? (int64_t)together : from->chunks;
    for (size_t i = 0; i < e->rider_count; i++)
        p->edges[e->riders[i]].together = e->together;
}

int64_t edge_chunk_rows(const struct plan *p, const struct edge *e, int64_t chunk)
{
    const struct stage *from = &p->stages[e->producer];
    int64_t before = chunk % e->together;
    if (before + 1 < e->together && chunk + 1 < from->chunks)
        return 0;
    return before * from->rows_per_chunk + stage_chunk_rows(from, chunk);
}

static void edge_flows(struct plan *p, struct edge *e)
{
    const struct stage *from = &p->stages[e->producer];
    struct layouts needs = all_needs(p, e);
    struct pieces none = {NULL, 0, 0, p->arena};
    struct routes routes = {none, none, none,
                            ARENA_ARRAY(p->arena, struct piece, from->makes.count)};
    double row_bytes = from->row_bytes * share_read(p, e);
    for (size_t first = 0, k = 1; k <= needs.count; k++) {
        if (k < needs.count && need_order(&needs.at[k], &needs.at[first]) == 0)
            continue;
        serve(p, e, &needs.at[first], k - first, row_bytes, &routes);
        first = k;
    }
    set_flows(p, e, &routes);
    set_together(p, e);
}

void plan_flows(struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (!plan_is_twin(p, &p->stages[i]))
            plan_partial_flows(p, &p->stages[i]);
    for (size_t e = 0; e < p->edge_count; e++) {
        if (plan_is_twin(p, &p->stages[p->edges[e].consumer]) || p->edges[e].rides)
            continue;
        find_riders(p, (int32_t)e);
        edge_flows(p, &p->edges[e]);
    }
}
