/* package_system.c — a grid of equal dies as one system. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/system/internal.h"

/* Dies on their grid: row-major, row 0 in the north. */
struct grid {
    int64_t columns, rows;
    int64_t *column, *row; /* of each die */
    uint32_t *die;         /* in each cell */
};

static bool same(double a, double b)
{
    return fabs(a - b) <= 1e-6 * (fabs(a) + fabs(b) + 1e-3);
}

/* --- overrides -------------------------------------------------------------------------------- */

static const char CHIP_PREFIX[] = "chip.";

bool system_is_of_chip(const struct cfg_override *o)
{
    return strncmp(o->path, CHIP_PREFIX, sizeof CHIP_PREFIX - 1) == 0;
}

const struct cfg_override *system_overrides(struct arena *a, const struct cfg_override *set,
                                            size_t set_count, bool of_chip, size_t *count)
{
    struct cfg_override *out = ARENA_ARRAY(a, struct cfg_override, set_count + 1);
    *count = 0;
    for (size_t i = 0; i < set_count; i++)
        if (system_is_of_chip(&set[i]) == of_chip) {
            out[*count] = set[i];
            out[(*count)++].path += of_chip ? sizeof CHIP_PREFIX - 1 : 0;
        }
    return out;
}

/* --- the grid --------------------------------------------------------------------------------- */

static bool check_dies(const struct package *p, const struct cfg_group *dies, struct diag *d)
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
        if (x->tier != 0 || !same(x->at.width, first->at.width) ||
            !same(x->at.height, first->at.height))
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
        *column += same(o->y, me->y) && !same(o->x, me->x) && o->x < me->x;
        *row += same(o->x, me->x) && !same(o->y, me->y) && o->y > me->y;
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
            !same(p->dies[i].at.x, p->dies[g->die[g->column[i]]].at.x) ||
            !same(p->dies[i].at.y, p->dies[g->die[g->row[i] * g->columns]].at.y))
            return false;
    return true;
}

static bool find_grid(struct arena *a, const struct package *p, const struct cfg_group *dies,
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
    return same(a->bytes_per_ps, b->bytes_per_ps) && same(a->latency_ns, b->latency_ns) &&
           same(a->pj_per_bit.value, b->pj_per_bit.value) &&
           same(a->wire_bits_per_bit, b->wire_bits_per_bit);
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

static bool set_seams(const struct package *p, const struct cfg_group *root, const struct grid *g,
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

/* --- memory ----------------------------------------------------------------------------------- */

static bool check_stacks(const struct package *p, const struct cfg_group *memories, struct diag *d)
{
    const struct memory *first = p->memories[0].stacks[0];
    for (uint32_t i = 1; i < p->die_count; i++)
        if (p->dies[i].stacks != p->dies[0].stacks)
            return cfg_complain(
                memories, NULL, d,
                "die %s has %lld memory stacks, die %s %lld: a system has equal dies",
                p->dies[i].name, (long long)p->dies[i].stacks, p->dies[0].name,
                (long long)p->dies[0].stacks);
    for (uint32_t i = 1; i < p->memory_count; i++) {
        const struct memory *m = p->memories[i].stacks[0];
        if (m->capacity_bytes != first->capacity_bytes ||
            !same(m->peak_bytes_per_ps, first->peak_bytes_per_ps) ||
            !same(m->stream_pj_per_bit.value, first->stream_pj_per_bit.value))
            return cfg_complain(cfg_sub_at(memories, i), NULL, d,
                                "the stacks of %s are not those of %s: a system has equal stacks",
                                p->memories[i].name, p->memories[0].name);
    }
    return true;
}

static bool open_memory(struct arena *a, const struct package *p, const struct cfg_group *root,
                        struct system *s, struct diag *d)
{
    const struct cfg_group *memories = cfg_sub_or_null(root, "memories");
    s->can_reload = p->memory_count > 0;
    if (p->memory_count == 0)
        return true;
    TRY(check_stacks(p, memories, d));
    const struct cfg_group *own = cfg_sub_or_null(cfg_sub_at(memories, 0), "memory");
    const struct cfg_group *config = own ? own : cfg_sub_or_null(root, "memory");
    return memory_open_stacks(a, config, package_stacks(p), &s->memory, d);
}

/* The edges of each die, in the grid's order, that face its stacks. */
static unsigned *facing_edges(struct arena *a, const struct package *p, const struct grid *g)
{
    unsigned *edges = ARENA_ARRAY(a, unsigned, p->die_count);
    for (uint32_t i = 0; i < p->memory_count; i++) {
        uint32_t die = p->memories[i].die;
        edges[g->row[die] * g->columns + g->column[die]] |= 1u << p->memories[i].side;
    }
    return edges;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool multiply(const struct cfg_group *dies, const struct package *p, const struct grid *g,
                     const struct die *die, struct system *s, struct diag *d)
{
    int64_t places = die->width * die->height * s->shape.concentration;
    if (s->tiles != places)
        return cfg_complain(
            dies, NULL, d,
            "chip %s has %lld tiles on the %lld places of its mesh: a die of a package "
            "needs one on each",
            p->dies[0].chip, (long long)s->tiles, (long long)places);
    s->tiles *= p->die_count;
    s->arrays *= p->die_count;
    s->clock_mw = quantity_scaled(s->clock_mw, (double)p->die_count);
    s->dies_x = g->columns;
    s->dies_y = g->rows;
    s->shape.width = die->width * g->columns;
    s->shape.height = die->height * g->rows;
    return true;
}

static void take_texts(const struct package *p, struct system *s)
{
    s->kind = "package";
    s->package = p;
    s->title = p->title;
    s->year = p->year;
    s->scope = (enum power_scope)p->power_scope;
    s->regulator_efficiency = p->regulator_efficiency;
    s->cooling_w_per_mm2 = p->cooling_w_per_mm2;
    for (uint32_t i = 0; i < p->die_count; i++)
        s->io_um2 += p->dies[i].io_mm2 * 1e6;
}

static bool set_links(const struct package *p, const struct cfg_group *root,
                      const struct cfg_group *chip, struct system *s, struct diag *d)
{
    s->next = p->fabric;
    s->has_next = p->has_fabric;
    TRY(system_open_host(chip, s, d));
    if (p->has_host)
        s->host = p->host;
    s->has_host |= p->has_host;
    if (!s->has_host && !s->memory)
        return cfg_complain(root, NULL, d,
                            "a package needs a `host` link or `memories` to get its inputs from");
    return true;
}

/* What lies on a die must fit on it. */
static bool check_area(const struct package *p, const struct cfg_group *dies,
                       const struct system *s, struct diag *d)
{
    struct system_area area;
    system_area(s, &area);
    double need = area.total_um2 * 1e-6 / p->die_count;
    double has = p->dies[0].at.width * p->dies[0].at.height;
    if (need > has)
        return cfg_complain(
            dies, NULL, d, "chip %s with its links and memory ports needs %.1f mm2, a die has %.1f",
            p->dies[0].chip, need, has);
    return true;
}

static bool open_with_chip(struct arena *a, const struct cfg_group *root,
                           const struct cfg_group *chip, const struct package *p, struct system *s,
                           struct diag *d)
{
    const struct cfg_group *dies;
    struct grid grid;
    struct die die;
    TRY(cfg_sub(root, "dies", &dies, d));
    TRY(system_open_die(a, chip, s, &die, d));
    TRY(find_grid(a, p, dies, &grid, d));
    TRY(multiply(dies, p, &grid, &die, s, d));
    TRY(set_seams(p, root, &grid, &die, s, d));
    TRY(open_memory(a, p, root, s, d));
    s->memory_edges = s->memory ? facing_edges(a, p, &grid) : NULL;
    TRY(system_place_ports(a, &die, s->memory_edges, s, d));
    TRY(set_links(p, root, chip, s, d));
    TRY(system_open_network(a, &die, s, d));
    take_texts(p, s);
    return check_area(p, dies, s, d);
}

bool system_open_package(struct arena *a, const struct cfg_group *root,
                         const struct cfg_override *set, size_t set_count, struct system *s,
                         struct diag *d)
{
    static const char *const roles[] = {"chip", NULL};
    const struct cfg_group *dies;
    struct package *p;
    struct cfg *c = NULL;
    size_t count;
    TRY(package_open(a, root, &p, d));
    TRY(cfg_sub(root, "dies", &dies, d));
    TRY(check_dies(p, dies, d));
    struct diag none = {0};
    const char *path = cfg_find(a, p->dies[0].chip, roles, &none);
    if (path == NULL)
        return cfg_complain(cfg_sub_at(dies, 0), "chip", d,
                            "there is no chip \"%s\" (see: cimarron list systems)",
                            p->dies[0].chip);
    const struct cfg_override *chips = system_overrides(a, set, set_count, true, &count);
    TRY(cfg_open(a, path, chips, count, &c, d));
    bool ok = open_with_chip(a, root, cfg_root(c), p, s, d);
    cfg_close(c);
    return ok;
}
