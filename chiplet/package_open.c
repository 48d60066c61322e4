/* package_open.c — a package from its config. */
#include <math.h>
#include <string.h>

#include "chiplet/package.h"

#define AT(member) offsetof(struct package, member)
static const char *const kind_words[] = {"package", NULL};
const char *const package_scope_words[] = {"chip", "board", "system", NULL};

static const struct cfg_field package_fields[] = {
    {"kind", CFG_CHOICE, AT(kind), "", 0, 0, NULL, kind_words, "package"},
    {"year", CFG_INT, AT(year), "", 1950, 2100, NULL, NULL, "of the design"},
    {"substrate", CFG_CHOICE, AT(substrate), "", 0, 0, NULL, substrate_words,
     "what the dies are mounted on"},
    {"power_scope", CFG_CHOICE, AT(power_scope), "", 0, 0, "\"board\"", package_scope_words,
     "what the power figure includes"},
    {"regulator_efficiency", CFG_REAL, AT(regulator_efficiency), "", 0.3, 1, "0.87", NULL,
     "board scope: output over input power of the regulators"},
    {"cooling_w_per_mm2", CFG_REAL, AT(cooling_w_per_mm2), "W/mm2", 0.001, 100, "1.0", NULL,
     "power density of the dies that the package can cool"},
    {"width_mm", CFG_REAL, AT(width_mm), "mm", 1, 1000, NULL, NULL, "of the mounting area"},
    {"height_mm", CFG_REAL, AT(height_mm), "mm", 1, 1000, NULL, NULL, "of the mounting area"},
    {"io_area_fraction", CFG_REAL, AT(io_area_fraction), "", 0, 1, "0.25", NULL,
     "of a die that links and memory ports may take"},
    {"hop_ns", CFG_REAL, AT(hop_ns), "ns", 0.001, 1e6, NULL, NULL,
     "through a die on the way to another"},
    {"packet_bytes", CFG_INT, AT(packet_bytes), "bytes", 1, 1 << 20, "4096", NULL,
     "that a link is held for at a time"},
};
#undef AT

static const char *const package_groups[] = {"dies",   "links",  "memories",    "link",
                                             "memory", "stack",  "die_process", "assembly",
                                             "host",   "fabric", NULL};

const struct cfg_schema package_schema = {
    .name = "package",
    .help =
        "dies on a substrate; groups dies, links, memories hold one group each; link, memory and "
        "stack are what those take that have none of their own; host is the package's link to its "
        "host (that of its chip when there is none), fabric the one to the next package",
    .fields = package_fields,
    .count = COUNT_OF(package_fields),
    .groups = package_groups,
};

#define AT(member) offsetof(struct package_die, member)
static const struct cfg_field die_fields[] = {
    {"chip", CFG_TEXT, AT(chip), "", 0, 0, "\"\"", NULL, "config of the chip that it is"},
    {"x_mm", CFG_REAL, AT(at.x), "mm", 0, 1000, NULL, NULL, "left edge"},
    {"y_mm", CFG_REAL, AT(at.y), "mm", 0, 1000, NULL, NULL, "lower edge"},
    {"width_mm", CFG_REAL, AT(at.width), "mm", 0.1, 300, NULL, NULL, ""},
    {"height_mm", CFG_REAL, AT(at.height), "mm", 0.1, 300, NULL, NULL, ""},
    {"tier", CFG_INT, AT(tier), "", 0, 16, "0", NULL, "0: on the substrate; above: on other dies"},
};
#undef AT

const struct cfg_schema package_die_schema = {
    .name = "die of a package",
    .help = "a die and where it lies",
    .fields = die_fields,
    .count = COUNT_OF(die_fields),
};

struct edge_text {
    const char *a, *b;
    int64_t count;
};

#define AT(member) offsetof(struct edge_text, member)
static const struct cfg_field edge_fields[] = {
    {"a", CFG_TEXT, AT(a), "", 0, 0, NULL, NULL, "a die"},
    {"b", CFG_TEXT, AT(b), "", 0, 0, NULL, NULL, "its neighbour"},
    {"count", CFG_INT, AT(count), "links", 1, 10000, "1", NULL, "side by side"},
};
#undef AT

static const char *const edge_groups[] = {"link", NULL};

const struct cfg_schema package_edge_schema = {
    .name = "link of a package",
    .help = "links between two neighbouring dies; a group link may stand",
    .fields = edge_fields,
    .count = COUNT_OF(edge_fields),
    .groups = edge_groups,
};

struct memory_text {
    const char *die;
    int side;
    int64_t count;
    double offset_mm;
};

#define AT(member) offsetof(struct memory_text, member)
static const struct cfg_field memory_fields[] = {
    {"die", CFG_TEXT, AT(die), "", 0, 0, NULL, NULL, "that has the ports"},
    {"edge", CFG_CHOICE, AT(side), "", 0, 0, NULL, side_words, "of the die, that they lie before"},
    {"count", CFG_INT, AT(count), "stacks", 1, PACKAGE_STACKS_MAX, "1", NULL, "side by side"},
    {"offset_mm", CFG_REAL, AT(offset_mm), "mm", -100, 300, "-100", NULL,
     "of the first from the edge's lower or left end; -100: centred"},
};
#undef AT

static const char *const memory_groups[] = {"memory", "stack", NULL};

const struct cfg_schema package_memory_schema = {
    .name = "memory of a package",
    .help = "memory stacks at an edge of a die; groups memory and stack may stand",
    .fields = memory_fields,
    .count = COUNT_OF(memory_fields),
    .groups = memory_groups,
};

struct stack_text {
    double width_mm, depth_mm, gap_mm, port_mm, port_mm2, usd;
    int substrate;
};

#define AT(member) offsetof(struct stack_text, member)
static const struct cfg_field stack_fields[] = {
    {"width_mm", CFG_REAL, AT(width_mm), "mm", 0.1, 100, NULL, NULL, "along the die's edge"},
    {"depth_mm", CFG_REAL, AT(depth_mm), "mm", 0.1, 100, NULL, NULL, "away from it"},
    {"gap_mm", CFG_REAL, AT(gap_mm), "mm", 0, 100, NULL, NULL, "to the die and between stacks"},
    {"port_mm", CFG_REAL, AT(port_mm), "mm", 0, 100, NULL, NULL, "of the die's edge, per stack"},
    {"port_mm2", CFG_REAL, AT(port_mm2), "mm2", 0, 1000, NULL, NULL, "of the die, per stack"},
    {"usd", CFG_REAL, AT(usd), "USD", 0, 1e6, "0", NULL, "price of a stack"},
    {"substrate", CFG_CHOICE, AT(substrate), "", 0, 0, "\"fanout\"", substrate_words,
     "the coarsest wiring that can carry it"},
};
#undef AT

const struct cfg_schema package_stack_schema = {
    .name = "memory stack",
    .help = "its size on the substrate, and the port that it takes of a die",
    .fields = stack_fields,
    .count = COUNT_OF(stack_fields),
};

/* --- reading -------------------------------------------------------------------------------- */

static const struct cfg_group *own_or_shared(const struct cfg_group *own, const struct cfg_group *g,
                                             const char *key)
{
    const struct cfg_group *sub = cfg_sub_or_null(own, key);
    return sub != NULL ? sub : cfg_sub_or_null(g, key);
}

static bool read_dies(struct package *p, const struct cfg_group *g, struct diag *d)
{
    const struct cfg_group *dies;
    TRY(cfg_sub(g, "dies", &dies, d));
    size_t count = cfg_sub_count(dies);
    if (count < 1 || count > PACKAGE_DIES_MAX)
        return cfg_complain(dies, NULL, d, "a package has 1 to %d dies, not %zu",
                            (int)PACKAGE_DIES_MAX, count);
    p->die_count = (uint32_t)count;
    p->dies = ARENA_ARRAY(p->arena, struct package_die, count);
    for (size_t i = 0; i < count; i++) {
        const struct cfg_group *at = cfg_sub_at(dies, i);
        TRY(cfg_read(at, &package_die_schema, &p->dies[i], d));
        p->dies[i].name = arena_strdup(p->arena, cfg_name(at));
    }
    return true;
}

static bool find_die(const struct package *p, const struct cfg_group *at, const char *key,
                     const char *name, uint32_t *out, struct diag *d)
{
    for (uint32_t i = 0; i < p->die_count; i++)
        if (strcmp(p->dies[i].name, name) == 0) {
            *out = i;
            return true;
        }
    return cfg_complain(at, key, d, "there is no die %s", name);
}

static void set_edge_rates(struct package_edge *e)
{
    e->bytes_per_ps = e->link.gb_per_s * (double)e->count * 1e-3; /* 1 GB/s is 1e-3 bytes per ps */
    e->raw_bits_per_ps = e->link.raw_gb_per_s * (double)e->count * 8e-3;
    e->latency_ps = (time_ps)(e->link.latency_ns * 1e3 + 0.5);
}

static bool read_edge(struct package *p, const struct cfg_group *g, const struct cfg_group *at,
                      struct package_edge *e, struct diag *d)
{
    struct edge_text t;
    TRY(cfg_read(at, &package_edge_schema, &t, d));
    *e = (struct package_edge){.name = arena_strdup(p->arena, cfg_name(at)), .count = t.count};
    TRY(find_die(p, at, "a", t.a, &e->a, d));
    TRY(find_die(p, at, "b", t.b, &e->b, d));
    if (e->a == e->b)
        return cfg_complain(at, "b", d, "a link joins two dies, not %s with itself", t.a);
    for (const struct package_edge *o = p->edges; o < e; o++)
        if ((o->a == e->a && o->b == e->b) || (o->a == e->b && o->b == e->a))
            return cfg_complain(at, NULL, d,
                                "dies %s and %s are joined by %s already: raise its count", t.a,
                                t.b, o->name);
    const struct cfg_group *link = own_or_shared(at, g, "link");
    if (link == NULL)
        return cfg_complain(at, NULL, d, "a link needs a group `link`, here or in the package");
    TRY(link_open(link, &e->link, d));
    if (e->link.gb_per_s < 0.001) /* else the time of a large transfer leaves 64 bits */
        return cfg_complain(link, "gb_per_s", d, "a link between dies carries at least 0.001 GB/s");
    e->link.name = arena_strdup(p->arena, e->link.name);
    set_edge_rates(e);
    return true;
}

/* A cost has room for so many prices. */
static bool check_prices(const struct package *p, const struct cfg_group *links, struct diag *d)
{
    enum { PRICES_MAX = COST_ACTIONS_MAX - 8 };
    uint32_t prices = 0;
    for (uint32_t i = 0; i < p->edge_count; i++) {
        bool new = true;
        for (uint32_t j = 0; new &&j < i; j++)
            new = p->edges[i].link.pj_per_bit.value != p->edges[j].link.pj_per_bit.value;
        prices += new;
    }
    if (prices > PRICES_MAX)
        return cfg_complain(links, NULL, d, "a package has at most %d different energies per bit",
                            (int)PRICES_MAX);
    return true;
}

static bool read_edges(struct package *p, const struct cfg_group *g, struct diag *d)
{
    const struct cfg_group *links = cfg_sub_or_null(g, "links");
    if (links == NULL)
        return true;
    p->edges = ARENA_ARRAY(p->arena, struct package_edge, cfg_sub_count(links));
    for (size_t i = 0; i < cfg_sub_count(links); i++) {
        TRY(read_edge(p, g, cfg_sub_at(links, i), &p->edges[i], d));
        p->edge_count++;
    }
    return check_prices(p, links, d);
}

/* Side by side before the die's edge. */
static void lay_stacks(const struct package *p, struct package_memory *m,
                       const struct stack_text *s, double offset)
{
    const struct rectangle *die = &p->dies[m->die].at;
    bool upright = m->side == SIDE_WEST || m->side == SIDE_EAST;
    double length = upright ? die->height : die->width;
    double all = (double)m->count * (s->width_mm + s->gap_mm) - s->gap_mm;
    double first = offset > -100 ? offset : (length - all) / 2;
    for (int64_t i = 0; i < m->count; i++) {
        double along = first + (double)i * (s->width_mm + s->gap_mm);
        struct rectangle r = {die->x + along, die->y + along, s->width_mm, s->width_mm};
        if (upright) {
            r.width = s->depth_mm;
            r.x = m->side == SIDE_WEST ? die->x - s->gap_mm - s->depth_mm
                                       : die->x + die->width + s->gap_mm;
        } else {
            r.height = s->depth_mm;
            r.y = m->side == SIDE_SOUTH ? die->y - s->gap_mm - s->depth_mm
                                        : die->y + die->height + s->gap_mm;
        }
        m->at[i] = r;
    }
}

static bool open_stacks(struct package *p, const struct cfg_group *g, const struct cfg_group *at,
                        struct package_memory *m, struct diag *d)
{
    const struct cfg_group *memory = own_or_shared(at, g, "memory");
    if (memory == NULL)
        return cfg_complain(at, NULL, d,
                            "memory stacks need a group `memory`, here or in the "
                            "package");
    m->stacks = ARENA_ARRAY(p->arena, struct memory *, m->count);
    for (int64_t i = 0; i < m->count; i++)
        TRY(memory_open(p->arena, memory, &m->stacks[i], d));
    return true;
}

static bool read_memory(struct package *p, const struct cfg_group *g, const struct cfg_group *at,
                        struct package_memory *m, struct diag *d)
{
    struct memory_text t;
    struct stack_text s;
    TRY(cfg_read(at, &package_memory_schema, &t, d));
    *m = (struct package_memory){
        .name = arena_strdup(p->arena, cfg_name(at)), .side = (enum side)t.side, .count = t.count};
    TRY(find_die(p, at, "die", t.die, &m->die, d));
    const struct cfg_group *stack = own_or_shared(at, g, "stack");
    if (stack == NULL)
        return cfg_complain(at, NULL, d,
                            "memory stacks need a group `stack`, here or in the "
                            "package");
    TRY(cfg_read(stack, &package_stack_schema, &s, d));
    if (s.substrate > p->substrate)
        return cfg_complain(at, NULL, d, "memory %s needs %s wiring, the substrate is %s", m->name,
                            substrate_words[s.substrate], substrate_words[p->substrate]);
    TRY(open_stacks(p, g, at, m, d));
    m->port_mm = s.port_mm;
    m->stack_usd = s.usd;
    m->at = ARENA_ARRAY(p->arena, struct rectangle, m->count);
    lay_stacks(p, m, &s, t.offset_mm);
    struct package_die *die = &p->dies[m->die];
    die->edge_mm[m->side] += s.port_mm * (double)m->count;
    die->io_mm2 += s.port_mm2 * (double)m->count;
    die->stacks += m->count;
    return true;
}

static bool read_memories(struct package *p, const struct cfg_group *g, struct diag *d)
{
    const struct cfg_group *memories = cfg_sub_or_null(g, "memories");
    if (memories == NULL)
        return true;
    if (cfg_sub_count(memories) > PACKAGE_DIES_MAX)
        return cfg_complain(memories, NULL, d, "a package has at most %d groups of memory stacks",
                            (int)PACKAGE_DIES_MAX);
    p->memories = ARENA_ARRAY(p->arena, struct package_memory, cfg_sub_count(memories));
    for (size_t i = 0; i < cfg_sub_count(memories); i++) {
        TRY(read_memory(p, g, cfg_sub_at(memories, i), &p->memories[i], d));
        p->memory_count++;
    }
    return true;
}

static bool read_prices(struct package *p, const struct cfg_group *g, struct diag *d)
{
    const struct cfg_group *process = cfg_sub_or_null(g, "die_process");
    const struct cfg_group *assembly = cfg_sub_or_null(g, "assembly");
    if ((process == NULL) != (assembly == NULL))
        return cfg_complain(g, NULL, d, "die_process and assembly stand together or not at all");
    p->has_cost = process != NULL;
    if (!p->has_cost)
        return true;
    TRY(yield_process_read(process, &p->process, d));
    return yield_assembly_read(assembly, &p->assembly, d);
}

static bool read_link(struct package *p, const struct cfg_group *g, struct link *out,
                      struct diag *d)
{
    TRY(link_open(g, out, d));
    out->name = arena_strdup(p->arena, out->name);
    return true;
}

static bool read_outside(struct package *p, const struct cfg_group *g, struct diag *d)
{
    const struct cfg_group *host = cfg_sub_or_null(g, "host");
    const struct cfg_group *fabric = cfg_sub_or_null(g, "fabric");
    p->has_host = host != NULL;
    p->has_fabric = fabric != NULL;
    if (host)
        TRY(read_link(p, host, &p->host, d));
    return !fabric || read_link(p, fabric, &p->fabric, d);
}

static bool connect(struct package *p, const struct cfg_group *g, struct diag *d)
{
    uint32_t from, to;
    p->next_edge = ARENA_ARRAY(p->arena, int32_t, (size_t)p->die_count * p->die_count);
    if (!package_route(p, &from, &to))
        return cfg_complain(g, NULL, d, "no links lead from die %s to die %s", p->dies[from].name,
                            p->dies[to].name);
    return true;
}

bool package_open(struct arena *a, const struct cfg_group *g, struct package **out, struct diag *d)
{
    struct package *p = ARENA_NEW(a, struct package);
    *out = p;
    p->arena = a;
    TRY(cfg_read(g, &package_schema, p, d));
    p->title = arena_strdup(a, cfg_text_or(g, "title", "package"));
    p->name = p->title;
    p->hop_ps = (time_ps)ceil(p->hop_ns * 1e3);
    TRY(read_dies(p, g, d));
    TRY(read_edges(p, g, d));
    TRY(read_memories(p, g, d));
    TRY(package_place(p, g, d));
    TRY(read_prices(p, g, d));
    TRY(read_outside(p, g, d));
    TRY(connect(p, g, d));
    package_server_open(p);
    return true;
}
