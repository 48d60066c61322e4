/* package_system.c — a grid of equal dies as one system. */
#include <math.h>
#include <string.h>

#include "core/system/package_grid.h"

/* --- the chip within -------------------------------------------------------------------------- */

bool system_is_of_chip(const struct cfg_override *o)
{
    return strncmp(o->path, SYSTEM_CHIP_WORD, sizeof SYSTEM_CHIP_WORD - 1) == 0;
}

const struct cfg_override *system_overrides(struct arena *a, const struct cfg_override *set,
                                            size_t set_count, bool of_chip, size_t *count)
{
    struct cfg_override *out = ARENA_ARRAY(a, struct cfg_override, set_count + 1);
    *count = 0;
    for (size_t i = 0; i < set_count; i++)
        if (system_is_of_chip(&set[i]) == of_chip) {
            out[*count] = set[i];
            out[(*count)++].path += of_chip ? sizeof SYSTEM_CHIP_WORD - 1 : 0;
        }
    return out;
}

const char *system_find_chip(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    static const char *const roles[] = {"chip", NULL};
    struct diag said = {0};
    const char *path = cfg_find_named(a, g, "chip", roles, &said);
    if (path == NULL)
        cfg_record(g, "chip", d, "there is no chip \"%s\" (see: cimarron list systems)",
                   cfg_text_or(g, "chip", ""));
    return path;
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
            !package_same(m->peak_bytes_per_ps, first->peak_bytes_per_ps) ||
            !package_same(m->stream_pj_per_bit.value, first->stream_pj_per_bit.value))
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
    TRY(package_grid_find(a, p, dies, &grid, d));
    TRY(multiply(dies, p, &grid, &die, s, d));
    TRY(package_grid_seams(p, root, &grid, &die, s, d));
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
    const struct cfg_group *dies;
    struct package *p;
    struct cfg *c = NULL;
    size_t count;
    TRY(package_open(a, root, &p, d));
    TRY(cfg_sub(root, "dies", &dies, d));
    TRY(package_grid_dies(p, dies, d));
    const char *path = system_find_chip(a, cfg_sub_at(dies, 0), d);
    if (path == NULL)
        return false;
    const struct cfg_override *chips = system_overrides(a, set, set_count, true, &count);
    TRY(cfg_open_within(a, path, SYSTEM_CHIP_WORD, chips, count, &c, d));
    bool ok = open_with_chip(a, root, cfg_root(c), p, s, d);
    cfg_close(c);
    return ok;
}
