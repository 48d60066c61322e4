#include "core/system/system.h"

#include <math.h>
#include <string.h>

static const char *const SCOPES[] = {"chip", "board", "system", NULL};

const char *power_scope_name(enum power_scope s)
{
    return SCOPES[s];
}

/* --- what a chip file says -------------------------------------------------------------- */

struct chip_text {
    const char *kind;
    int64_t year;
    int scope;
    double node_nm;
    int64_t width, height, concentration, tiles;
    int64_t memory_ports;
    struct quantity clock_mw;
    double regulator_efficiency, cooling_w_per_mm2;
    double link_mm;
};

static const struct cfg_field CHIP_FIELDS[] = {
    {"kind", CFG_TEXT, offsetof(struct chip_text, kind), "", 0, 0, "chip", NULL, "chip"},
    {"year", CFG_INT, offsetof(struct chip_text, year), "", 1950, 2100, NULL, NULL,
     "year of publication, or of the design"},
    {"power_scope", CFG_CHOICE, offsetof(struct chip_text, scope), "", 0, 0, "chip", SCOPES,
     "what the power figure includes"},
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
     "routers along the edge that the memory hangs on"},
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

/* Memory ports stand spread over the left and right columns, the host port on router 0. */
static void place_ports(struct arena *a, struct system *s)
{
    int64_t *ports = ARENA_ARRAY(a, int64_t, 1 + s->memory_ports);
    int64_t w = s->shape.width, h = s->shape.height;
    ports[0] = 0;
    for (int64_t i = 0; i < s->memory_ports; i++) {
        int64_t side = i % 2, nth = i / 2, per_side = (s->memory_ports + 1 - side) / 2;
        int64_t y = (2 * nth + 1) * h / (2 * per_side);
        ports[1 + i] = y * w + (side ? w - 1 : 0);
    }
    s->shape.ports = 1 + (s->memory ? s->memory_ports : 0);
    s->shape.port_router = ports;
}

static bool open_network(struct arena *a, const struct cfg_group *chip, const struct chip_text *t,
                         struct system *s, struct diag *d)
{
    const struct cfg_group *g;
    s->shape.concentration = t->concentration;
    s->shape.tiles = t->tiles;
    s->shape.link_mm = t->link_mm;
    place_ports(a, s);
    TRY(cfg_sub(chip, "noc", &g, d));
    return network_open(a, g, &s->shape, &s->noc, d);
}

static bool open_outside(struct arena *a, const struct cfg_group *chip, struct system *s,
                         struct diag *d)
{
    const struct cfg_group *host = cfg_sub_or_null(chip, "host");
    const struct cfg_group *memory = cfg_sub_or_null(chip, "memory");
    if (host) {
        TRY(link_open(host, &s->host, d));
        s->has_host = true;
    }
    if (memory)
        TRY(memory_open(a, memory, &s->memory, d));
    int64_t edge = s->shape.width > 1 ? 2 * s->shape.height : s->shape.height;
    if (memory && s->memory_ports > edge)
        return cfg_complain(chip, "memory_ports", d,
                            "%lld memory ports do not fit on the %lld routers of the mesh's edges",
                            (long long)s->memory_ports, (long long)edge);
    if (!host && !memory)
        return cfg_complain(chip, NULL, d,
                            "a chip needs a `host` link or a `memory` to get its inputs from");
    s->can_reload = memory != NULL;
    return true;
}

static const char *base_name(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');
    return dot ? arena_strndup(a, start, (size_t)(dot - start)) : arena_strdup(a, start);
}

static bool open_chip(struct arena *a, const struct cfg_group *root, struct system *s,
                      struct diag *d)
{
    struct chip_text t;
    TRY(cfg_read(root, &CHIP_SCHEMA, &t, d));
    if (strcmp(t.kind, "chip") != 0)
        return cfg_complain(root, "kind", d, "kind is \"%s\", but a system is a \"chip\"", t.kind);
    if (t.tiles > t.width * t.height * t.concentration)
        return cfg_complain(root, "tiles", d, "%lld tiles do not fit on %lld routers x %lld",
                            (long long)t.tiles, (long long)(t.width * t.height),
                            (long long)t.concentration);
    s->title = arena_strdup(a, cfg_text_or(root, "title", s->name));
    s->year = t.year;
    s->scope = (enum power_scope)t.scope;
    s->node_nm = t.node_nm;
    s->tiles = t.tiles;
    s->clock_mw = t.clock_mw;
    s->regulator_efficiency = t.regulator_efficiency;
    s->cooling_w_per_mm2 = t.cooling_w_per_mm2;
    s->memory_ports = t.memory_ports;
    s->shape.width = t.width;
    s->shape.height = t.height;
    TRY(open_tile(a, root, s, d));
    TRY(open_outside(a, root, s, d));
    if (t.link_mm == 0) /* a link spans the side of a router's tiles */
        t.link_mm = sqrt(tile_area_um2(s) * (double)t.concentration) * 1e-3;
    return open_network(a, root, &t, s, d);
}

bool system_open(struct arena *a, const char *name, const struct cfg_override *set,
                 size_t set_count, struct system **out, struct diag *d)
{
    static const char *const roles[] = {"chip", "package", "wafer", NULL};
    struct cfg *c = NULL;
    const char *path = cfg_find(a, name, roles, d);
    if (!path)
        return false;
    TRY(cfg_open(a, path, set, set_count, &c, d));
    struct system *s = ARENA_NEW(a, struct system);
    s->name = base_name(a, path);
    bool ok = open_chip(a, cfg_root(c), s, d);
    cfg_close(c);
    *out = s;
    return ok;
}

/* --- facts ------------------------------------------------------------------------------ */

uint32_t system_host_endpoint(const struct system *s)
{
    return (uint32_t)s->tiles;
}

uint32_t system_memory_endpoint(const struct system *s, int64_t port)
{
    return (uint32_t)(s->tiles + 1 + port);
}

int64_t system_weight_capacity(const struct system *s, int weight_bits)
{
    return s->arrays * s->facts.rows * s->array->ops->outputs(s->array, weight_bits);
}

void system_area(const struct system *s, struct system_area *out)
{
    double tiles = (double)s->tiles;
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < s->facts.part_count; i++)
        out->part_um2[s->facts.parts[i].part] += s->facts.parts[i].area_um2 * (double)s->arrays;
    out->part_um2[PART_BUFFER] += tiles * s->buffer.area_um2;
    out->part_um2[PART_VECTOR] += tiles * s->vector.area_um2;
    out->part_um2[PART_BUS] += tiles * s->bus.area_um2;
    out->part_um2[PART_ARRAY_SHIFT_ADD] += tiles * s->accumulate.area_um2;
    out->part_um2[PART_ARRAY_REGISTER] += tiles * s->output_register.area_um2;
    out->part_um2[PART_CLOCK] += tiles * (s->control.area_um2 + s->tile_area_um2);
    out->part_um2[PART_NOC_ROUTER] += s->noc->area_um2;
    out->part_um2[PART_LINK] += s->has_host ? s->host.area_um2 : 0;
    for (int p = 0; p < PART_COUNT; p++)
        out->total_um2 += out->part_um2[p];
}

static void add_power(struct static_power *p, enum part part, struct quantity mw, double times)
{
    struct quantity *q = &p->part_mw[part];
    double add = mw.value * times;
    if (add <= 0)
        return;
    if (q->value == 0 || mw.from > q->from)
        q->from = mw.from;
    q->spread = mw.spread > q->spread ? mw.spread : q->spread;
    q->value += add;
}

void system_static_power(const struct system *s, struct static_power *out)
{
    double tiles = (double)s->tiles;
    memset(out, 0, sizeof *out);
    add_power(out, PART_LEAKAGE, s->facts.leakage_mw, (double)s->arrays);
    add_power(out, PART_LEAKAGE, s->buffer.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->vector.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->bus.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->accumulate.leakage_mw, tiles);
    add_power(out, PART_LEAKAGE, s->output_register.leakage_mw, tiles);
    add_power(out, PART_CLOCK, s->control.energy_pj, tiles * s->tile_clock_mhz * 1e-3);
    add_power(out, PART_CLOCK, s->clock_mw, 1);
    if (s->has_host)
        add_power(out, PART_HOST, s->host.static_mw, 1);
}
