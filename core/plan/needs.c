/* needs.c — which region of a row every tile of a consumer must be sent.
 *
 * Of an operand that is played on arrays a tile needs the columns under its copies' windows and the
 * channels of the K tiles that it holds; other work needs what it makes. */
#include <assert.h>
#include <string.h>

#include "core/plan/internal.h"

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
            n.used[stage_block_of(s, i) / s->n_tiles * s->k_tiles + stage_k_of(s, i)] = true;
        }
        flush_tile(&n, tile, column);
    }
    return n.out;
}

struct layouts plan_edge_needs(struct plan *p, const struct edge *e)
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
