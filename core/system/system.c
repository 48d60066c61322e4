/* system.c — a chip as its config says, and what of it is a die of something larger. */
#include <math.h>
#include <string.h>

#include "core/system/internal.h"

const char *power_scope_name(enum power_scope s)
{
    return package_scope_words[s];
}

/* --- what a chip file says -------------------------------------------------------------- */

struct chip_text {
    const char *kind;
    int64_t year;
    int scope;
    double node_nm;
    int64_t width, height, concentration, tiles;
    int64_t memory_ports, memory_stacks;
    int attention;
    struct quantity clock_mw;
    double regulator_efficiency, cooling_w_per_mm2;
    double link_mm;
};

static const char *const ATTENTION_WORDS[] = {"vector", "arrays", NULL};

static const struct cfg_field CHIP_FIELDS[] = {
    {"kind", CFG_TEXT, offsetof(struct chip_text, kind), "", 0, 0, "chip", NULL, "chip"},
    {"year", CFG_INT, offsetof(struct chip_text, year), "", 1950, 2100, NULL, NULL,
     "year of publication, or of the design"},
    {"power_scope", CFG_CHOICE, offsetof(struct chip_text, scope), "", 0, 0, "chip",
     package_scope_words, "what the power figure includes"},
    {"node_nm", CFG_REAL, offsetof(struct chip_text, node_nm), "nm", 1, 500, NULL, NULL,
     "process node"},
    {"mesh_width", CFG_INT, offsetof(struct chip_text, width), "", 1, 1024, NULL, NULL,
     "routers in a row"},
    {"mesh_height", CFG_INT, offsetof(struct chip_text, height), "", 1, 1024, NULL, NULL,
     "rows of routers"},
    {"tiles_per_router", CFG_INT, offsetof(struct chip_text, concentration), "", 1, 64, "1", NULL,
     "tiles on one router"},
    {"tiles", CFG_INT, offsetof(struct chip_text, tiles), "", 1, 1 << 20, NULL, NULL,
     "tiles on the chip, at most routers x tiles_per_router"},
    {"memory_ports", CFG_INT, offsetof(struct chip_text, memory_ports), "", 1, 64, "1", NULL,
     "routers along the edges that the memory hangs on: the left and right column, or all four"},
    {"memory_stacks", CFG_INT, offsetof(struct chip_text, memory_stacks), "", 1, 16, "1", NULL,
     "equal stacks of `memory`, interleaved"},
    {"attention", CFG_CHOICE, offsetof(struct chip_text, attention), "", 0, 0, "vector",
     ATTENTION_WORDS,
     "products of two operands: by vector units, or where it is faster by arrays that one operand "
     "is written into"},
    {"clock_mw", CFG_QUANTITY, offsetof(struct chip_text, clock_mw), "mW", 0, 1e6, "0", NULL,
     "clock distribution outside the tiles, always on"},
    {"regulator_efficiency", CFG_REAL, offsetof(struct chip_text, regulator_efficiency), "", 0.3, 1,
     "0.87", NULL, "board scope: output over input power of the regulators"},
    {"cooling_w_per_mm2", CFG_REAL, offsetof(struct chip_text, cooling_w_per_mm2), "W/mm2", 0.001,
     100, "1.0", NULL, "power density that the package can cool"},
    {"link_mm", CFG_REAL, offsetof(struct chip_text, link_mm), "mm", 0, 100, "0", NULL,
     "length of a mesh link; 0: from the tile's area"},
};

static const char *const CHIP_GROUPS[] = {"tile", "noc", "host", "memory", NULL};

static const struct cfg_schema CHIP_SCHEMA = {
    "chip",      "a compute-in-memory chip of equal tiles",
    CHIP_FIELDS, COUNT_OF(CHIP_FIELDS),
    CHIP_GROUPS, NULL};

struct tile_text {
    int64_t arrays;
    double clock_mhz, area_um2;
};

static const struct cfg_field TILE_FIELDS[] = {
    {"arrays", CFG_INT, offsetof(struct tile_text, arrays), "", 1, 1 << 20, NULL, NULL,
     "arrays in a tile"},
    {"clock_mhz", CFG_REAL, offsetof(struct tile_text, clock_mhz), "MHz", 0.001, 1e5, NULL, NULL,
     "clock of the tile's digital parts"},
    {"area_um2", CFG_REAL, offsetof(struct tile_text, area_um2), "um2", 0, 1e12, "0", NULL,
     "area of a tile beside the parts listed in it"},
};

static const char *const TILE_GROUPS[] = {"array",      "buffer",          "vector",  "bus",
                                          "accumulate", "output_register", "control", NULL};

static const struct cfg_schema TILE_SCHEMA = {
    "tile",      "arrays around one buffer, with a vector unit",
    TILE_FIELDS, COUNT_OF(TILE_FIELDS),
    TILE_GROUPS, NULL};

const struct cfg_schema *system_schema(void)
{
    return &CHIP_SCHEMA;
}

const struct cfg_schema *system_tile_schema(void)
{
    return &TILE_SCHEMA;
}

/* --- opening ---------------------------------------------------------------------------- */

static bool open_array(struct arena *a, const struct cfg_group *tile, struct system *s,
                       struct diag *d)
{
    const struct cfg_group *g;
    TRY(cfg_sub(tile, "array", &g, d));
    TRY(array_open(a, g, &s->array, d));
    s->array->ops->facts(s->array, &s->facts);
    return true;
}

static bool open_tile(struct arena *a, const struct cfg_group *chip, struct system *s,
                      struct diag *d)
{
    const struct cfg_group *tile, *g;
    struct tile_text text;
    TRY(cfg_sub(chip, "tile", &tile, d));
    TRY(cfg_read(tile, &TILE_SCHEMA, &text, d));
    s->arrays_per_tile = text.arrays;
    s->arrays = s->tiles * text.arrays;
    s->tile_clock_mhz = text.clock_mhz;
    s->tile_area_um2 = text.area_um2;
    TRY(open_array(a, tile, s, d));
    TRY(cfg_sub(tile, "buffer", &g, d));
    TRY(buffer_open(g, &s->buffer, d));
    TRY(cfg_sub(tile, "vector", &g, d));
    TRY(vector_open(g, &s->vector, d));
    TRY(component_sub(tile, "bus", &s->bus, d));
    TRY(component_sub(tile, "accumulate", &s->accumulate, d));
    TRY(component_sub(tile, "output_register", &s->output_register, d));
    return component_sub(tile, "control", &s->control, d);
}

static double tile_area_um2(const struct system *s)
{
    return s->tile_area_um2 + (double)s->arrays_per_tile * s->facts.area_um2 + s->buffer.area_um2 +
           s->vector.area_um2 + s->bus.area_um2 + s->accumulate.area_um2 +
           s->output_register.area_um2 + s->control.area_um2;
}

bool system_open_network(struct arena *a, const struct die *die, struct system *s, struct diag *d)
{
    const struct cfg_group *noc;
    s->shape.tiles = s->tiles;
    s->shape.link_mm = die->link_mm;
    if (s->shape.link_mm == 0) /* a link spans the side of a router's tiles */
        s->shape.link_mm = sqrt(tile_area_um2(s) * (double)s->shape.concentration) * 1e-3;
    TRY(cfg_sub(die->root, "noc", &noc, d));
    return network_open(a, noc, &s->shape, &s->noc, d);
}

static bool open_outside(struct arena *a, const struct cfg_group *chip, int64_t stacks,
                         struct system *s, struct diag *d)
{
    const struct cfg_group *memory = cfg_sub_or_null(chip, "memory");
    TRY(system_open_host(chip, s, d));
    if (memory)
        TRY(memory_open_stacks(a, memory, stacks, &s->memory, d));
    if (!s->has_host && !memory)
        return cfg_complain(chip, NULL, d,
                            "a chip needs a `host` link or a `memory` to get its inputs from");
    s->can_reload = memory != NULL;
    return true;
}

bool system_open_host(const struct cfg_group *chip, struct system *s, struct diag *d)
{
    const struct cfg_group *host = cfg_sub_or_null(chip, "host");
    if (host)
        TRY(link_open(host, &s->host, d));
    s->has_host = host != NULL;
    return true;
}

static const char *base_name(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');
    return dot ? arena_strndup(a, start, (size_t)(dot - start)) : arena_strdup(a, start);
}

static bool check_die(const struct cfg_group *root, const struct chip_text *t, struct diag *d)
{
    if (strcmp(t->kind, "chip") != 0)
        return cfg_complain(root, "kind", d, "kind is \"%s\", but a chip is wanted here", t->kind);
    if (t->tiles > t->width * t->height * t->concentration)
        return cfg_complain(root, "tiles", d, "%lld tiles do not fit on %lld routers x %lld",
                            (long long)t->tiles, (long long)(t->width * t->height),
                            (long long)t->concentration);
    return true;
}

static bool check_attention(const struct cfg_group *root, const struct system *s, struct diag *d)
{
    if (s->operands_in_arrays && !s->facts.dynamic_operands)
        return cfg_complain(root, "attention", d,
                            "attention is \"arrays\", but arrays of the kind %s take no operand "
                            "that is made during the run",
                            s->array->ops->kind);
    return true;
}

bool system_open_die(struct arena *a, const struct cfg_group *root, struct system *s,
                     struct die *die, struct diag *d)
{
    struct chip_text t;
    TRY(cfg_read(root, &CHIP_SCHEMA, &t, d));
    TRY(check_die(root, &t, d));
    s->kind = "chip";
    s->title = arena_strdup(a, cfg_text_or(root, "title", s->name));
    s->year = t.year;
    s->scope = (enum power_scope)t.scope;
    s->node_nm = t.node_nm;
    s->tiles = t.tiles;
    s->clock_mw = t.clock_mw;
    s->regulator_efficiency = t.regulator_efficiency;
    s->cooling_w_per_mm2 = t.cooling_w_per_mm2;
    s->memory_ports = t.memory_ports;
    s->dies_x = s->dies_y = 1;
    s->shape.width = t.width;
    s->shape.height = t.height;
    s->shape.concentration = t.concentration;
    *die = (struct die){root, t.width, t.height, t.memory_ports, t.memory_stacks, t.link_mm};
    s->operands_in_arrays = t.attention != 0;
    TRY(open_tile(a, root, s, d));
    return check_attention(root, s, d);
}

static bool open_chip(struct arena *a, const struct cfg_group *root, struct system *s,
                      struct diag *d)
{
    struct die die;
    unsigned everywhere[1] = {0};
    TRY(system_open_die(a, root, s, &die, d));
    TRY(open_outside(a, root, die.memory_stacks, s, d));
    TRY(system_place_ports(a, &die, everywhere, s, d));
    return system_open_network(a, &die, s, d);
}

/* Its own overrides have been applied; `set` is all of them. */
static bool open_kind(struct arena *a, const struct cfg_group *root, const struct cfg_override *set,
                      size_t set_count, struct system *s, struct diag *d)
{
    if (strcmp(cfg_text_or(root, "kind", ""), "package") == 0)
        return system_open_package(a, root, set, set_count, s, d);
    if (strcmp(cfg_text_or(root, "kind", ""), "wafer") == 0)
        return system_open_wafer(a, root, set, set_count, s, d);
    for (size_t i = 0; i < set_count; i++)
        if (system_is_of_chip(&set[i]))
            return cfg_complain(root, NULL, d, "%s: a chip has no group `chip`", set[i].path);
    return open_chip(a, root, s, d);
}

bool system_open(struct arena *a, const char *name, const struct cfg_override *set,
                 size_t set_count, struct system **out, struct diag *d)
{
    static const char *const roles[] = {"chip", "package", "wafer", NULL};
    struct cfg *c = NULL;
    size_t own;
    const char *path = cfg_find(a, name, roles, d);
    if (!path)
        return false;
    const struct cfg_override *of_file = system_overrides(a, set, set_count, false, &own);
    TRY(cfg_open(a, path, of_file, own, &c, d));
    struct system *s = ARENA_NEW(a, struct system);
    s->name = base_name(a, path);
    bool ok = open_kind(a, cfg_root(c), set, set_count, s, d);
    cfg_close(c);
    *out = s;
    return ok;
}
