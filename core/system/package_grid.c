/* package_grid.c — the dies of a package in rows and columns, and the seams between them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/system/package_grid.h"

bool package_same(double a, double b)
{
    return fabs(a - b) <= 1e-6 * (fabs(a) + fabs(b) + 1e-3);
}

/* --- the grid --------------------------------------------------------------------------------- */

bool package_grid_dies(const struct package *p, const struct cfg_group *dies, struct diag *d)
{
    const struct package_die *first = &p->dies[0];
    for (uint32_t i = 0; i < p->die_count; i++) {
        const struct package_die *x = &p->dies[i];
        const struct cfg_group *at = cfg_sub_at(dies, i);
        if (x->chip[0] == '\0')
            return cfg_complain(at, NULL, d, "die %s needs chip = \"...\" to be part of a system",
                                x->name);
        if (strcmp(x->chip, first->chip) != 0)
            return cfg_complain(at, "chip", d,
                                "die %s is a %s, die %s a %s: a system has equal dies", x->name,
                                x->chip, first->name, first->chip);
        if (x->tier != 0 || !package_same(x->at.width, first->at.width) ||
            !package_same(x->at.height, first->at.height))
            return cfg_complain(at, NULL, d,
                                "die %s is not of the size and on the tier of die %s: a system has "
                                "equal dies side by side",
                                x->name, first->name);
    }
    return true;
}

/* How many dies lie in the same row to the left, and in the same column above. */
static void find_cell(const struct package *p, uint32_t i, int64_t *column, int64_t *row)
{
    const struct rectangle *me = &p->dies[i].at;
    *column = *row = 0;
    for (uint32_t k = 0; k < p->die_count; k++) {
        const struct rectangle *o = &p->dies[k].at;
        *column += package_same(o->y, me->y) && !package_same(o->x, me->x) && o->x < me->x;
        *row += package_same(o->x, me->x) && !package_same(o->y, me->y) && o->y > me->y;
    }
}

/* Every cell has one die, which is aligned with the first of its row and of its column. */
static bool is_grid(const struct package *p, struct grid *g)
{
    if (g->columns * g->rows != p->die_count)
        return false;
    for (uint32_t i = 0; i < p->die_count; i++)
        g->die[g->row[i] * g->columns + g->column[i]] = i;
    for (uint32_t i = 0; i < p->die_count; i++)
        if (g->die[g->row[i] * g->columns + g->column[i]] != i ||
            !package_same(p->dies[i].at.x, p->dies[g->die[g->column[i]]].at.x) ||
            !package_same(p->dies[i].at.y, p->dies[g->die[g->row[i] * g->columns]].at.y))
            return false;
    return true;
}

bool package_grid_find(struct arena *a, const struct package *p, const struct cfg_group *dies,
                       struct grid *g, struct diag *d)
{
    g->column = ARENA_ARRAY(a, int64_t, p->die_count);
    g->row = ARENA_ARRAY(a, int64_t, p->die_count);
    g->die = ARENA_ARRAY(a, uint32_t, p->die_count);
    g->columns = g->rows = 1;
    for (uint32_t i = 0; i < p->die_count; i++) {
        find_cell(p, i, &g->column[i], &g->row[i]);
        g->columns = g->column[i] + 1 > g->columns ? g->column[i] + 1 : g->columns;
        g->rows = g->row[i] + 1 > g->rows ? g->row[i] + 1 : g->rows;
    }
    if (!is_grid(p, g))
        return cfg_complain(dies, NULL, d,
                            "the %u dies of a system must lie in rows and columns, without gaps",
                            p->die_count);
    return true;
}

/* --- the seams -------------------------------------------------------------------------------- */

/* What each mesh link across an edge gets of it. */
static struct network_seam seam_of(const struct package_edge *e, int64_t routers)
{
    double idle = e->link.idle_pj_per_bit.value, busy = e->link.pj_per_bit.value;
    return (struct network_seam){
        .bytes_per_ps = e->bytes_per_ps / (double)routers,
        .latency_ns = e->link.latency_ns,
        .wire_bits_per_bit = e->link.wire_bits_per_bit,
        .pj_per_bit =
            quantity_of(fmax(0, busy - idle), e->link.pj_per_bit.from, e->link.pj_per_bit.spread)};
}

static bool equal_seams(const struct network_seam *a, const struct network_seam *b)
{
    return package_same(a->bytes_per_ps, b->bytes_per_ps) &&
           package_same(a->latency_ns, b->latency_ns) &&
           package_same(a->pj_per_bit.value, b->pj_per_bit.value) &&
           package_same(a->wire_bits_per_bit, b->wire_bits_per_bit);
}

static bool add_edge(const struct package *p, const struct grid *g, const struct die *die,
                     uint32_t i, struct network_seam *seam, const struct cfg_group *at,
                     struct diag *d)
{
    const struct package_edge *e = &p->edges[i];
    int64_t across = llabs(g->column[e->a] - g->column[e->b]);
    int64_t along = llabs(g->row[e->a] - g->row[e->b]);
    if (across + along != 1)
        return cfg_complain(at, NULL, d, "link %s joins dies %s and %s, which are no neighbours",
                            e->name, p->dies[e->a].name, p->dies[e->b].name);
    struct network_seam mine = seam_of(e, across ? die->height : die->width);
    if (i == 0)
        *seam = mine;
    if (!equal_seams(&mine, seam))
        return cfg_complain(
            at, NULL, d,
            "link %s gives each of the mesh's links across it %g GB/s, %g ns and %g "
            "pJ/bit, link %s %g GB/s, %g ns and %g pJ/bit: a system has equal seams",
            e->name, mine.bytes_per_ps * 1e3, mine.latency_ns, e->link.pj_per_bit.value,
            p->edges[0].name, seam->bytes_per_ps * 1e3, seam->latency_ns,
            p->edges[0].link.pj_per_bit.value);
    return true;
}

static bool are_joined(const struct package *p, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < p->edge_count; i++)
        if ((p->edges[i].a == a && p->edges[i].b == b) ||
            (p->edges[i].a == b && p->edges[i].b == a))
            return true;
    return false;
}

static bool check_joined(const struct package *p, const struct grid *g, const struct cfg_group *at,
                         struct diag *d)
{
    for (int64_t i = 0; i < g->columns * g->rows; i++) {
        int64_t right = i + 1, below = i + g->columns;
        bool has_right = right % g->columns != 0, has_below = below < g->columns * g->rows;
        bool joined = !has_right || are_joined(p, g->die[i], g->die[right]);
        int64_t other = joined ? below : right;
        if (joined && (!has_below || are_joined(p, g->die[i], g->die[below])))
            continue;
        return cfg_complain(at, NULL, d, "no link joins the neighbours %s and %s",
                            p->dies[g->die[i]].name, p->dies[g->die[other]].name);
    }
    return true;
}

bool package_grid_seams(const struct package *p, const struct cfg_group *root, const struct grid *g,
                        const struct die *die, struct system *s, struct diag *d)
{
    const struct cfg_group *links = cfg_sub_or_null(root, "links");
    for (uint32_t i = 0; i < p->edge_count; i++)
        TRY(add_edge(p, g, die, i, &s->shape.seam, cfg_sub_at(links, i), d));
    TRY(check_joined(p, g, links ? links : root, d));
    s->shape.seam_columns = g->columns > 1 ? die->width : 0;
    s->shape.seam_rows = g->rows > 1 ? die->height : 0;
    return true;
}
