/* package_place.c — where dies and stacks lie, and whether their edges carry what hangs on them. */
#include <math.h>
#include <stdlib.h>

#include "chiplet/package.h"

static const double slack = 1e-9; /* mm: sums of decimal fractions are not exact */

const char *const side_words[] = {"west", "east", "south", "north", NULL};

static double overlap(double a, double a_length, double b, double b_length)
{
    return fmin(a + a_length, b + b_length) - fmax(a, b);
}

static bool intersect(const struct rectangle *a, const struct rectangle *b)
{
    return overlap(a->x, a->width, b->x, b->width) > slack &&
           overlap(a->y, a->height, b->y, b->height) > slack;
}

static double side_mm(const struct package_die *die, enum side s)
{
    return s == SIDE_WEST || s == SIDE_EAST ? die->at.height : die->at.width;
}

static enum side opposite(enum side s)
{
    static const enum side across[] = {SIDE_EAST, SIDE_WEST, SIDE_NORTH, SIDE_SOUTH};
    return across[s];
}

static const struct cfg_group *group_of(const struct cfg_group *g, const char *family,
                                        const char *name)
{
    const struct cfg_group *all = cfg_sub_or_null(g, family);
    const struct cfg_group *one = all != NULL ? cfg_sub_or_null(all, name) : NULL;
    return one != NULL ? one : g;
}

/* --- nothing overlaps ----------------------------------------------------------------------- */

static bool on_substrate(const struct package *p, const struct rectangle *r)
{
    return r->x >= -slack && r->y >= -slack && r->x + r->width <= p->width_mm + slack &&
           r->y + r->height <= p->height_mm + slack;
}

static bool place_dies(const struct package *p, const struct cfg_group *g, struct diag *d)
{
    for (uint32_t i = 0; i < p->die_count; i++) {
        const struct package_die *die = &p->dies[i];
        const struct cfg_group *at = group_of(g, "dies", die->name);
        if (!on_substrate(p, &die->at))
            return cfg_complain(at, NULL, d, "die %s reaches beyond the substrate of %g x %g mm",
                                die->name, p->width_mm, p->height_mm);
        if (die->tier > 0 && p->substrate != SUBSTRATE_STACKED)
            return cfg_complain(at, "tier", d,
                                "die %s is on tier %lld of a substrate that is not "
                                "stacked",
                                die->name, (long long)die->tier);
        for (uint32_t j = 0; j < i; j++)
            if (p->dies[j].tier == die->tier && intersect(&die->at, &p->dies[j].at))
                return cfg_complain(at, NULL, d, "die %s lies on die %s", die->name,
                                    p->dies[j].name);
    }
    return true;
}

static bool stack_is_free(const struct package *p, const struct cfg_group *at,
                          const struct package_memory *m, int64_t n, struct diag *d)
{
    const struct rectangle *r = &m->at[n];
    if (!on_substrate(p, r))
        return cfg_complain(at, NULL, d,
                            "stack %lld of memory %s reaches beyond the substrate of %g x %g mm",
                            (long long)n, m->name, p->width_mm, p->height_mm);
    for (uint32_t i = 0; i < p->die_count; i++)
        if (p->dies[i].tier == p->dies[m->die].tier && intersect(r, &p->dies[i].at))
            return cfg_complain(at, NULL, d, "stack %lld of memory %s lies on die %s", (long long)n,
                                m->name, p->dies[i].name);
    for (const struct package_memory *o = p->memories; o <= m; o++)
        for (int64_t k = 0; k < (o == m ? n : o->count); k++)
            if (p->dies[o->die].tier == p->dies[m->die].tier && intersect(r, &o->at[k]))
                return cfg_complain(at, NULL, d, "stack %lld of memory %s lies on one of %s",
                                    (long long)n, m->name, o->name);
    return true;
}

/* A port lies under its stack as far as that is wide enough. */
static bool stack_faces_die(const struct package *p, const struct cfg_group *at,
                            const struct package_memory *m, int64_t n, struct diag *d)
{
    const struct rectangle *r = &m->at[n], *die = &p->dies[m->die].at;
    bool upright = m->side == SIDE_WEST || m->side == SIDE_EAST;
    double has = upright ? overlap(r->y, r->height, die->y, die->height)
                         : overlap(r->x, r->width, die->x, die->width);
    double need = fmin(m->port_mm, upright ? r->height : r->width);
    if (has < need - slack)
        return cfg_complain(at, NULL, d,
                            "stack %lld of memory %s must face %g mm of the edge of die %s, it "
                            "faces %g mm",
                            (long long)n, m->name, need, p->dies[m->die].name, fmax(0, has));
    return true;
}

static bool place_stacks(const struct package *p, const struct cfg_group *g, struct diag *d)
{
    for (uint32_t i = 0; i < p->memory_count; i++)
        for (int64_t n = 0; n < p->memories[i].count; n++) {
            const struct cfg_group *at = group_of(g, "memories", p->memories[i].name);
            TRY(stack_is_free(p, at, &p->memories[i], n, d));
            TRY(stack_faces_die(p, at, &p->memories[i], n, d));
        }
    return true;
}

/* --- neighbours ----------------------------------------------------------------------------- */

/* The rectangle between two dies that face each other; false when they do not. */
static bool between(struct package_edge *e, const struct rectangle *a, const struct rectangle *b,
                    struct rectangle *gap)
{
    double shared_x = overlap(a->x, a->width, b->x, b->width);
    double shared_y = overlap(a->y, a->height, b->y, b->height);
    bool beside = shared_y > slack && shared_x <= slack;
    if (!beside && !(shared_x > slack && shared_y <= slack))
        return false;
    e->facing_mm = beside ? shared_y : shared_x;
    e->gap_mm = fmax(0, beside ? -shared_x : -shared_y);
    if (beside)
        e->side_a = a->x < b->x ? SIDE_EAST : SIDE_WEST;
    else
        e->side_a = a->y < b->y ? SIDE_NORTH : SIDE_SOUTH;
    *gap = beside ? (struct rectangle){fmin(a->x + a->width, b->x + b->width), fmax(a->y, b->y),
                                       e->gap_mm, shared_y}
                  : (struct rectangle){fmax(a->x, b->x), fmin(a->y + a->height, b->y + b->height),
                                       shared_x, e->gap_mm};
    return true;
}

/* What lies in the gap between two dies; NULL: nothing. */
static const char *obstacle(const struct package *p, const struct rectangle *gap, int64_t tier)
{
    for (uint32_t i = 0; i < p->die_count; i++)
        if (p->dies[i].tier == tier && intersect(gap, &p->dies[i].at))
            return p->dies[i].name;
    for (uint32_t i = 0; i < p->memory_count; i++)
        for (int64_t n = 0; n < p->memories[i].count; n++)
            if (p->dies[p->memories[i].die].tier == tier && intersect(gap, &p->memories[i].at[n]))
                return p->memories[i].name;
    return NULL;
}

static bool join_tiers(struct package *p, struct package_edge *e, const struct cfg_group *at,
                       struct diag *d)
{
    struct package_die *a = &p->dies[e->a], *b = &p->dies[e->b];
    double wide = overlap(a->at.x, a->at.width, b->at.x, b->at.width);
    double high = overlap(a->at.y, a->at.height, b->at.y, b->at.height);
    double has = wide > 0 && high > 0 ? wide * high : 0;
    double need = e->link.area_um2 * 1e-6 * (double)e->count;
    e->vertical = true;
    if (llabs(a->tier - b->tier) != 1)
        return cfg_complain(at, NULL, d, "dies %s and %s are not on neighbouring tiers", a->name,
                            b->name);
    if (e->link.substrate != SUBSTRATE_STACKED)
        return cfg_complain(at, NULL, d,
                            "a link between tiers must be a stacked one, not one for %s",
                            substrate_words[e->link.substrate]);
    if (need > has + slack)
        return cfg_complain(at, "count", d, "link %s needs %g mm2 where the dies overlap on %g mm2",
                            e->name, need, has);
    return true;
}

static bool join_neighbours(struct package *p, struct package_edge *e, const struct cfg_group *at,
                            struct diag *d)
{
    struct package_die *a = &p->dies[e->a], *b = &p->dies[e->b];
    struct rectangle gap;
    if (e->link.substrate == SUBSTRATE_STACKED)
        return cfg_complain(at, NULL, d, "a stacked link joins tiers, but %s and %s lie on one",
                            a->name, b->name);
    if (!between(e, &a->at, &b->at, &gap))
        return cfg_complain(at, NULL, d, "dies %s and %s do not face each other", a->name, b->name);
    const char *blocker = obstacle(p, &gap, a->tier);
    if (blocker != NULL)
        return cfg_complain(at, NULL, d, "%s lies between dies %s and %s", blocker, a->name,
                            b->name);
    if (e->link.reach_mm > 0 && e->gap_mm > e->link.reach_mm + slack)
        return cfg_complain(at, NULL, d, "link %s must span %g mm, its reach is %g mm", e->name,
                            e->gap_mm, e->link.reach_mm);
    double need = link_edge_mm(&e->link, e->count);
    if (need > e->facing_mm + slack)
        return cfg_complain(at, "count", d,
                            "link %s needs %g mm of facing edge for %lld x %s, there are %g mm",
                            e->name, need, (long long)e->count, e->link.name, e->facing_mm);
    a->edge_mm[e->side_a] += need;
    b->edge_mm[opposite(e->side_a)] += need;
    return true;
}

static bool join(struct package *p, const struct cfg_group *g, struct diag *d)
{
    for (uint32_t i = 0; i < p->edge_count; i++) {
        struct package_edge *e = &p->edges[i];
        const struct cfg_group *at = group_of(g, "links", e->name);
        if (e->link.substrate > p->substrate)
            return cfg_complain(at, NULL, d, "link %s needs %s wiring, the substrate is %s",
                                e->name, substrate_words[e->link.substrate],
                                substrate_words[p->substrate]);
        if (p->dies[e->a].tier != p->dies[e->b].tier)
            TRY(join_tiers(p, e, at, d));
        else
            TRY(join_neighbours(p, e, at, d));
        double mm2 = e->link.area_um2 * 1e-6 * (double)e->count;
        p->dies[e->a].io_mm2 += mm2;
        p->dies[e->b].io_mm2 += mm2;
    }
    return true;
}

/* --- budgets -------------------------------------------------------------------------------- */

static bool check_die(const struct package *p, const struct package_die *die,
                      const struct cfg_group *at, struct diag *d)
{
    double mm2 = die->at.width * die->at.height;
    for (enum side s = SIDE_WEST; s < SIDES; s++)
        if (die->edge_mm[s] > side_mm(die, s) + slack)
            return cfg_complain(at, NULL, d,
                                "die %s needs %g mm of its %s edge for links and memory, it has "
                                "%g mm",
                                die->name, die->edge_mm[s], side_words[s], side_mm(die, s));
    if (die->io_mm2 > mm2 * p->io_area_fraction + slack)
        return cfg_complain(at, NULL, d,
                            "die %s needs %g mm2 for links and memory ports, it has %g mm2 (%g %% "
                            "of %g mm2)",
                            die->name, die->io_mm2, mm2 * p->io_area_fraction,
                            100 * p->io_area_fraction, mm2);
    return true;
}

bool package_place(struct package *p, const struct cfg_group *g, struct diag *d)
{
    TRY(place_dies(p, g, d));
    TRY(place_stacks(p, g, d));
    TRY(join(p, g, d));
    for (uint32_t i = 0; i < p->die_count; i++)
        TRY(check_die(p, &p->dies[i], group_of(g, "dies", p->dies[i].name), d));
    return true;
}
