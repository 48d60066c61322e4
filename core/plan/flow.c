/* flow.c — the bytes that one tile sends another per output row.
 *
 * What a tile makes and what a tile needs are rectangles of columns and channels; a flow is where
 * they overlap.  A tile that needs the same data for several of its arrays gets it once; tiles
 * that need the same data each get their own copy (there is no multicast at this fidelity). */
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

static void add_need(struct needs *n, uint32_t tile, const double column[2], double low, double high)
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
    double group = (double)(slot / s->k_tiles * s->groups_per_array);
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
        uint32_t tile = plan_tile_of(p, s->copy_at[c]);
        for (int64_t i = 0; i < s->arrays_per_copy; i++) {
            uint32_t at = plan_tile_of(p, s->copy_at[c] + i);
            if (at != tile)
                flush_tile(&n, tile, column);
            tile = at;
            n.used[i / (s->n_tiles * s->k_tiles) * s->k_tiles + i % s->k_tiles] = true;
        }
        flush_tile(&n, tile, column);
    }
    return n.out;
}

/* --- overlaps ------------------------------------------------------------------------------ */

struct flow_list {
    struct flow *at;
    size_t count, room;
    struct arena *arena;
};

static void add_flow(struct flow_list *l, uint32_t src, uint32_t dst, double bytes)
{
    if (bytes <= 0)
        return;
    if (l->count == l->room) {
        size_t room = 2 * l->room + 16;
        struct flow *more = ARENA_ARRAY(l->arena, struct flow, room);
        if (l->count)
            memcpy(more, l->at, l->count * sizeof *more);
        l->at = more;
        l->room = room;
    }
    struct flow *f = &l->at[l->count++];
    f->src = src;
    f->dst = dst;
    f->bytes_per_row = bytes;
}

static int by_ends(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;
    if (x->src != y->src)
        return x->src < y->src ? -1 : 1;
    return x->dst < y->dst ? -1 : x->dst > y->dst;
}

/* Sorts by (src, dst) and adds up what has equal ends. */
static void merge_flows(struct flow_list *l)
{
    size_t n = 0;
    if (l->count)
        qsort(l->at, l->count, sizeof *l->at, by_ends);
    for (size_t i = 0; i < l->count; i++) {
        if (n && by_ends(&l->at[n - 1], &l->at[i]) == 0)
            l->at[n - 1].bytes_per_row += l->at[i].bytes_per_row;
        else
            l->at[n++] = l->at[i];
    }
    l->count = n;
}

static double overlap(double a0, double a1, double b0, double b1)
{
    double low = a0 > b0 ? a0 : b0, high = a1 < b1 ? a1 : b1;
    return high > low ? high - low : 0;
}

static struct layouts edge_needs(struct plan *p, const struct edge *e)
{
    const struct stage *to = &p->stages[e->consumer];
    bool operand = to->kind == STAGE_ARRAY && (e->slides || to->op->kind == OP_MATMUL);
    if (operand && p->stages[e->producer].rows == to->rows && to->op->kind == OP_MATMUL)
        return array_needs(p, to, e);
    if (operand && to->op->kind == OP_MATMUL) { /* a vector made of all rows */
        struct edge whole = *e;
        whole.whole = true;
        return array_needs(p, to, &whole);
    }
    return operand ? array_needs(p, to, e) : to->makes;
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

static void edge_flows(struct plan *p, struct edge *e)
{
    const struct stage *from = &p->stages[e->producer];
    double row_bytes = from->row_bytes * share_read(p, e);
    struct layouts needs = edge_needs(p, e);
    struct flow_list list = {NULL, 0, 0, p->arena};
    double span = e->channel[1] - e->channel[0];
    for (size_t i = 0; i < from->makes.count; i++) {
        const struct layout *m = &from->makes.at[i];
        double low = e->channel[0] + span * m->channel[0];
        double high = e->channel[0] + span * m->channel[1];
        for (size_t k = 0; k < needs.count; k++) {
            const struct layout *n = &needs.at[k];
            double bytes = overlap(m->column[0], m->column[1], n->column[0], n->column[1]) *
                           overlap(low, high, n->channel[0], n->channel[1]) / span * row_bytes;
            if (m->tile == n->tile)
                e->local_bytes_per_row += bytes > 0 ? bytes : 0;
            else
                add_flow(&list, m->tile, n->tile, bytes);
        }
    }
    merge_flows(&list);
    e->flows = list.at;
    e->flow_count = list.count;
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

static void partial_flows(struct plan *p, struct stage *s)
{
    struct flow_list list = {NULL, 0, 0, p->arena};
    int64_t blocks = s->group_tiles * s->n_tiles;
    double per_block = (double)(s->gemm_n * s->groups) / (double)blocks * partial_bits(p, s) / 8;
    double vectors = s->width > 1 ? (double)s->width : 1;
    for (int64_t c = 0; c < s->copies; c++) {
        double u, v;
        stage_copy_columns(s, c, &u, &v);
        for (int64_t b = 0; b < blocks; b++) {
            int64_t first = s->copy_at[c] + b * s->k_tiles;
            uint32_t home = plan_tile_of(p, first + s->k_tiles - 1), last = home;
            for (int64_t k = 0; k < s->k_tiles - 1; k++) {
                uint32_t tile = plan_tile_of(p, first + k);
                if (tile != home && tile != last) /* a tile adds up before it sends */
                    add_flow(&list, tile, home, (v - u) * vectors * per_block);
                last = tile;
            }
        }
    }
    merge_flows(&list);
    s->partial_flows = list.at;
    s->partial_flow_count = list.count;
}

void plan_flows(struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (p->stages[i].kind == STAGE_ARRAY && p->stages[i].k_tiles > 1)
            partial_flows(p, &p->stages[i]);
    for (size_t e = 0; e < p->edge_count; e++)
        edge_flows(p, &p->edges[e]);
}
