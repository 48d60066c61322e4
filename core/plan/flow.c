/* flow.c — the bytes that one tile sends another per output row.
 *
 * What a tile makes and what a tile needs are rectangles of columns and channels; a flow is where
 * they overlap.  A tile that needs the same data for several of its arrays gets it once; tiles
 * that need the same region of a row get it by one multicast. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/internal.h"

/* --- what an array stage needs where ------------------------------------------------------- */

/* Columns of the input that output columns [u, v) of a window op read, as shares. */
static void needed_columns(const struct stage *s, const struct edge *e, double u, double v,
                           double out[2])
{
    const struct op *o = s->op;
    out[0] = u;
    out[1] = v;
    if (o->kind != OP_CONV2D || !e->slides || o->in.dims != 4) {
        if (o->kind == OP_MATMUL && e->whole) {
            out[0] = 0;
            out[1] = 1;
        }
        return;
    }
    double in_width = (double)o->in.dim[3], width = (double)s->width;
    double reach = (double)((o->u.conv.kernel[1] - 1) * o->u.conv.dilation[1] + 1);
    double first = u * width * o->u.conv.stride[1] - o->u.conv.pad[1];
    double last = (v * width - 1) * o->u.conv.stride[1] - o->u.conv.pad[1] + reach;
    out[0] = first > 0 ? first / in_width : 0;
    out[1] = last < in_width ? last / in_width : 1;
}

struct needs {
    struct plan *p;
    const struct stage *s;
    bool *used;    /* K tiles (of all groups) present in the tile of the copy under way */
    int64_t slots; /* group_tiles x k_tiles */
    struct layouts out;
    size_t room;
};

static void add_need(struct needs *n, uint32_t tile, const double column[2], double low,
                     double high)
{
    struct layouts *l = &n->out;
    if (l->count == n->room) {
        size_t room = 2 * n->room + 8;
        struct layout *more = ARENA_ARRAY(n->p->arena, struct layout, room);
        if (l->count)
            memcpy(more, l->at, l->count * sizeof *more);
        l->at = more;
        n->room = room;
    }
    struct layout *last = l->count ? &l->at[l->count - 1] : NULL;
    bool whole = low <= 0 && high >= 1;
    if (last && whole && last->tile == tile && last->channel[0] <= 0 && last->channel[1] >= 1) {
        last->column[1] = column[1] > last->column[1] ? column[1] : last->column[1];
        return; /* neighbouring copies in one tile share their overlap */
    }
    assert(l->at);
    struct layout *at = &l->at[l->count++];
    at->tile = tile;
    memcpy(at->column, column, sizeof at->column);
    at->channel[0] = low;
    at->channel[1] = high;
}

static void slot_channels(const struct needs *n, int64_t slot, double *low, double *high)
{
    const struct stage *s = n->s;
    double rows = (double)n->p->system->facts.rows, k = (double)s->gemm_k;
    int64_t first_group = slot / s->k_tiles * s->groups_per_array;
    double group = (double)first_group;
    double k_tile = (double)(slot % s->k_tiles), groups = (double)s->groups;
    double inside = s->groups_per_array > 1 ? (double)s->groups_per_array : 1;
    *low = (group + inside * (k_tile * rows / k > 1 ? 1 : k_tile * rows / k)) / groups;
    double end = (k_tile + 1) * rows / k;
    *high = (group + inside * (end > 1 || s->groups_per_array > 1 ? 1 : end)) / groups;
    if (*high > 1)
        *high = 1;
}

static void flush_tile(struct needs *n, uint32_t tile, const double column[2])
{
    double low = 0, high = 0;
    bool open = false;
    for (int64_t i = 0; i <= n->slots; i++) {
        if (i < n->slots && n->used[i]) {
            double a, b;
            slot_channels(n, i, &a, &b);
            low = open ? low : a;
            high = b;
            open = true;
        } else if (open) {
            add_need(n, tile, column, low, high);
            open = false;
        }
    }
    memset(n->used, 0, (size_t)n->slots * sizeof *n->used);
}

static struct layouts array_needs(struct plan *p, const struct stage *s, const struct edge *e)
{
    struct needs n;
    memset(&n, 0, sizeof n);
    n.p = p;
    n.s = s;
    n.slots = s->group_tiles * s->k_tiles;
    n.used = ARENA_ARRAY(p->arena, bool, n.slots);
    for (int64_t c = 0; c < s->copies; c++) {
        double u, v, column[2];
        stage_copy_columns(s, c, &u, &v);
        if (u >= v)
            continue;
        needed_columns(s, e, u, v, column);
        uint32_t tile = stage_tile_of(p, s, c, 0);
        for (int64_t i = 0; i < s->arrays_per_copy; i++) {
            uint32_t at = stage_tile_of(p, s, c, i);
            if (at != tile)
                flush_tile(&n, tile, column);
            tile = at;
            n.used[i / (s->n_tiles * s->k_tiles) * s->k_tiles + stage_k_of(s, i)] = true;
        }
        flush_tile(&n, tile, column);
    }
    return n.out;
}

/* --- overlaps ------------------------------------------------------------------------------ */

/* What one tile must send another: a region of a row, in the producer's columns and channels. */
struct piece {
    uint32_t src, dst;
    double column[2], channel[2];
    double bytes; /* per row */
};

struct pieces {
    struct piece *at;
    size_t count, room;
    struct arena *arena;
};

static void add_piece(struct pieces *l, const struct piece *p)
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

static int order(double a, double b)
{
    return a < b ? -1 : a > b;
}

static int by_region(const struct piece *x, const struct piece *y)
{
    int c = x->src < y->src ? -1 : x->src > y->src;
    for (int i = 0; i < 2 && !c; i++)
        c = order(x->column[i], y->column[i]);
    for (int i = 0; i < 2 && !c; i++)
        c = order(x->channel[i], y->channel[i]);
    return c;
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

/* Who needs the same region of the same tile gets it by one multicast; what goes the same way is
 * added up. */
static size_t gather(struct pieces *l, struct flow **out)
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
    t.bytes = (int64_t)ceil(bytes);
    t.src = f->src;
    t.dst = f->dst[0];
    t.more_dst = f->dst + 1;
    t.more_count = f->count - 1;
    return t;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static struct layouts edge_needs(struct plan *p, const struct edge *e)
{
    const struct stage *to = &p->stages[e->consumer];
    bool operand = to->kind == STAGE_ARRAY && (e->slides || to->op->kind == OP_MATMUL);
    if (stage_is_wide(p, to) && !e->aside)
        return plan_wide_needs(p, e);
    if (!operand || e->aside)
        return to->makes;
    if (e->written)
        return plan_operand_needs(p, e, to->copies);
    struct edge view = *e;
    if (to->op->kind == OP_MATMUL && p->stages[e->producer].rows != to->rows)
        view.whole = true; /* a vector made of all rows */
    return array_needs(p, to, &view);
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

/* --- by way of hubs ------------------------------------------------------------------------- */

/* Routers keep few multicast trees, and a flit is the least that a port takes.  Where very many
 * tiles each hold a little of what many others need whole, or less than a flit each, it is brought
 * together in some of the readers first, and goes on from each of these by one tree. */
enum {
    HUB_SOURCES = 8,  /* fewer makers or readers need no hub */
    HUB_PAIRS = 4096, /* of makers, or hubs, and readers at most */
    HUB_BYTES = 128,  /* that a hub hands on at least */
    HUB_GATHERS = 4   /* makers per hub at least */
};

static int by_need(const void *a, const void *b)
{
    const struct layout *x = a, *y = b;
    int c = 0;
    for (int i = 0; i < 2 && !c; i++)
        c = order(x->column[i], y->column[i]);
    for (int i = 0; i < 2 && !c; i++)
        c = order(x->channel[i], y->channel[i]);
    return c ? c : x->tile < y->tile ? -1 : x->tile > y->tile;
}

static bool same_need(const struct layout *x, const struct layout *y)
{
    return x->column[0] == y->column[0] && x->column[1] == y->column[1] &&
           x->channel[0] == y->channel[0] && x->channel[1] == y->channel[1];
}

struct routes {
    struct pieces direct, to_hub, from_hub;
    struct piece *parts; /* room for what each maker has of a need */
};

static void add_piece_or_keep(struct edge *e, const struct piece *x, struct pieces *list)
{
    if (x->src == x->dst)
        e->local_bytes_per_row += x->bytes;
    else
        add_piece(list, x);
}

/* Readers [0 .. count) who all need the same, and what of it each maker has. */
struct readers {
    const struct layout *at;
    size_t count;
    const struct piece *parts; /* without a destination */
    size_t sources;
    double bytes, chunk_rows;
};

/* Through how many hubs; 0: each maker sends to all readers itself. */
static size_t hubs_for(const struct plan *p, const struct readers *r)
{
    double bytes = r->bytes * r->chunk_rows, flit = (double)p->system->noc->flit_bits / 8;
    if (r->sources < HUB_SOURCES || r->count < HUB_SOURCES)
        return 0;
    if (r->sources * r->count <= HUB_PAIRS && bytes >= flit * (double)r->sources)
        return 0;
    size_t k = HUB_PAIRS / r->count, most = r->sources / HUB_GATHERS;
    k = k < most ? k : most;
    most = (size_t)(bytes / HUB_BYTES);
    k = k < most ? k : most;

    return k < 1 ? 1 : k < r->count ? k : r->count;
}

static void serve_directly(struct edge *e, const struct readers *r, struct pieces *out)
{
    for (size_t i = 0; i < r->sources; i++)
        for (size_t k = 0; k < r->count; k++) {
            struct piece x = r->parts[i];
            x.dst = r->at[k].tile;
            add_piece_or_keep(e, &x, out);
        }
}

/* Each hub takes the parts of as many makers that follow each other. */
static void serve_by_hubs(struct edge *e, const struct readers *r, size_t hubs, struct routes *out)
{
    for (size_t h = 0; h < hubs; h++) {
        size_t first = h * r->sources / hubs, end = (h + 1) * r->sources / hubs;
        struct piece all = r->parts[first];
        all.src = r->at[(2 * h + 1) * r->count / (2 * hubs)].tile;
        all.bytes = 0;
        for (size_t i = first; i < end; i++) {
            struct piece x = r->parts[i];
            x.dst = all.src;
            all.bytes += x.bytes;
            add_piece_or_keep(e, &x, &out->to_hub);
        }
        for (size_t k = 0; k < r->count; k++) {
            all.dst = r->at[k].tile;
            if (all.dst != all.src)
                add_piece(&out->from_hub, &all);
        }
    }
}

/* What the tiles needs[0 .. count) get, who all need the same. */
static void serve(const struct plan *p, struct edge *e, const struct layout *needs, size_t count,
                  double row_bytes, struct routes *out)
{
    const struct stage *from = &p->stages[e->producer];
    struct readers r = {needs, count, out->parts, 0, 0, (double)from->rows_per_chunk};
    for (size_t i = 0; i < from->makes.count; i++) {
        struct piece x = common(e, &from->makes.at[i], &needs[0], row_bytes);
        if (x.bytes > 0)
            out->parts[r.sources++] = x;
        r.bytes += x.bytes;
    }
    size_t hubs = hubs_for(p, &r);
    if (hubs > 0)
        serve_by_hubs(e, &r, hubs, out);
    else
        serve_directly(e, &r, &out->direct);
}

/* The hubs of an edge: its flows after the direct ones are in the order of their tiles. */
static void list_hubs(struct plan *p, struct edge *e)
{
    e->hubs = ARENA_ARRAY(p->arena, struct hub, e->flow_count - e->direct_count);
    for (size_t f = e->direct_count; f < e->flow_count; f++) {
        if (e->hub_count == 0 || e->hubs[e->hub_count - 1].tile != e->flows[f].src)
            e->hubs[e->hub_count++] = (struct hub){e->flows[f].src, 0, f, 0};
        e->hubs[e->hub_count - 1].count++;
    }
    for (size_t f = 0; f < e->to_hub_count; f++)
        for (uint32_t i = 0; i < e->to_hub[f].count; i++)
            edge_hub(e, e->to_hub[f].dst[i])->awaited++;
}

struct hub *edge_hub(const struct edge *e, uint32_t tile)
{
    size_t low = 0, high = e->hub_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (e->hubs[middle].tile <= tile)
            low = middle;
        else
            high = middle;
    }
    assert(low < e->hub_count && e->hubs[low].tile == tile);
    return &e->hubs[low];
}

static void set_flows(struct plan *p, struct edge *e, struct routes *routes)
{
    struct flow *direct, *relayed;
    size_t more = gather(&routes->from_hub, &relayed);
    e->direct_count = gather(&routes->direct, &direct);
    e->to_hub_count = gather(&routes->to_hub, &e->to_hub);
    e->flow_count = e->direct_count + more;
    e->flows = ARENA_ARRAY(p->arena, struct flow, e->flow_count);
    if (e->direct_count)
        memcpy(e->flows, direct, e->direct_count * sizeof *direct);
    if (more)
        memcpy(e->flows + e->direct_count, relayed, more * sizeof *relayed);
    list_hubs(p, e);
}

static void edge_flows(struct plan *p, struct edge *e)
{
    const struct stage *from = &p->stages[e->producer];
    struct layouts needs = edge_needs(p, e);
    struct pieces none = {NULL, 0, 0, p->arena};
    struct routes routes = {none, none, none,
                            ARENA_ARRAY(p->arena, struct piece, from->makes.count)};
    double row_bytes = from->row_bytes * share_read(p, e);
    struct layout *sorted = ARENA_ARRAY(p->arena, struct layout, needs.count);
    if (needs.count)
        memcpy(sorted, needs.at, needs.count * sizeof *sorted);
    qsort(sorted, needs.count, sizeof *sorted, by_need);
    for (size_t first = 0, k = 1; k <= needs.count; k++) {
        if (k < needs.count && same_need(&sorted[k], &sorted[first]))
            continue;
        serve(p, e, &sorted[first], k - first, row_bytes, &routes);
        first = k;
    }
    set_flows(p, e, &routes);
}

/* --- partial sums -------------------------------------------------------------------------- */

/* Bits of a partial sum on its way: the full product and the growth of the sum, at most 32. */
static double partial_bits(const struct plan *p, const struct stage *s)
{
    int in_bits, w_bits, growth = 0;
    plan_bits(p, s->op, &in_bits, &w_bits);
    while ((INT64_C(1) << growth) < s->gemm_k)
        growth++;
    int bits = in_bits + w_bits + growth;
    return bits < 32 ? bits : 32;
}

/* Sums on their way home, by turn: a tile's own wait for those of the turn before. */
struct sums {
    struct pieces *by_turn;
    int64_t turns;
    struct piece x; /* of the block under way */
};

static void pass_on(struct sums *l, int64_t turn, uint32_t from, uint32_t to)
{
    l->x.src = from;
    l->x.dst = to;
    if (from != to)
        add_piece(&l->by_turn[turn], &l->x);
}

static uint32_t sum_tile(const struct plan *p, const struct stage *s, int64_t c, int64_t b,
                         int64_t k)
{
    return stage_tile_of(p, s, c, stage_array_of(s, b, k));
}

/* The last K tile of a slab, counted from the last slab. */
static int64_t slab_end(const struct stage *s, int64_t from_last)
{
    int64_t end = (s->slabs - from_last) * stage_slab_width(s);
    return (end < s->k_tiles ? end : s->k_tiles) - 1;
}

/* The sums of block b of copy c pass along the tiles that hold a slab of its K tiles, each of which
 * adds its own as they stream by, then from slab to slab in a tree; the last is the block's home.
 * No port takes more than one tile's sums. */
static void block_partials(const struct plan *p, const struct stage *s, int64_t c, int64_t b,
                           struct sums *l)
{
    int64_t turn = 1, wide = stage_slab_width(s);
    for (int64_t k = 0; k < s->k_tiles - 1; k++)
        if ((k + 1) % wide != 0)
            pass_on(l, 0, sum_tile(p, s, c, b, k), sum_tile(p, s, c, b, k + 1));
    for (int64_t step = 1; step < s->slabs; step *= 2, turn++)
        for (int64_t r = step; r < s->slabs; r += 2 * step)
            pass_on(l, turn, sum_tile(p, s, c, b, slab_end(s, r)),
                    sum_tile(p, s, c, b, slab_end(s, r - step)));
}

static void add_turn(struct stage *s, struct pieces *list)
{
    struct flow *of_turn;
    size_t count = gather(list, &of_turn);
    if (count == 0)
        return;
    memcpy(s->partial_flows + s->partial_flow_count, of_turn, count * sizeof *of_turn);
    s->partial_flow_count += count;
    s->partial_ends[s->partial_turns++] = s->partial_flow_count;
}

static void partial_flows(struct plan *p, struct stage *s)
{
    int64_t blocks = s->group_tiles * s->n_tiles;
    double vectors = s->width > 1 ? (double)s->width : 1;
    struct sums l = {ARENA_ARRAY(p->arena, struct pieces, 1 + s->slabs), 1 + s->slabs, {0}};
    size_t total = 0;
    for (int64_t k = 0; k < l.turns; k++)
        l.by_turn[k].arena = p->arena;
    for (int64_t c = 0; c < s->copies; c++)
        for (int64_t b = 0; b < blocks; b++) {
            l.x = (struct piece){0, 0, {0, 0}, {(double)b, (double)b + 1}, 0};
            stage_copy_columns(s, c, &l.x.column[0], &l.x.column[1]);
            l.x.bytes = (l.x.column[1] - l.x.column[0]) * vectors *
                        (double)(s->gemm_n * s->groups) / (double)blocks * partial_bits(p, s) / 8;
            block_partials(p, s, c, b, &l);
        }
    for (int64_t k = 0; k < l.turns; k++)
        total += l.by_turn[k].count;
    s->partial_flows = ARENA_ARRAY(p->arena, struct flow, total);
    s->partial_ends = ARENA_ARRAY(p->arena, size_t, l.turns);
    for (int64_t k = 0; k < l.turns; k++)
        add_turn(s, &l.by_turn[k]);
}

void plan_flows(struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (p->stages[i].kind == STAGE_ARRAY && p->stages[i].k_tiles > 1 &&
            !plan_is_twin(p, &p->stages[i]))
            partial_flows(p, &p->stages[i]);
    for (size_t e = 0; e < p->edge_count; e++)
        if (!plan_is_twin(p, &p->stages[p->edges[e].consumer]))
            edge_flows(p, &p->edges[e]);
}
