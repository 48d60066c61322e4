/* mesh.c — opening a mesh: its structure, its prices, and what it can carry. */
#include "noc/mesh.h"

#include <assert.h>
#include <math.h>

enum { ROUTERS_MAX = 1 << 20, SIDE_MAX = 32767 };

static const char *const routings[] = {"xy", "yx", NULL};
static const char *const groups[] = {"router", "link", NULL};

#define AT(member) offsetof(struct mesh_config, member)
static const struct cfg_field fields[] = {
    {"kind", CFG_TEXT, AT(kind), "", 0, 0, NULL, NULL, "mesh"},
    {"clock_mhz", CFG_REAL, AT(clock_mhz), "MHz", 0.001, 9000, NULL, NULL, "of routers and links"},
    {"link_bits", CFG_INT, AT(link_bits), "bits", 1, 65536, NULL, NULL,
     "a flit: what a link moves per cycle and direction"},
    {"port_bits", CFG_INT, AT(port_bits), "bits", 0, 65536, "0", NULL,
     "of a tile's injection and of its ejection port; 0: as link_bits"},
    {"router_cycles", CFG_INT, AT(router_cycles), "cycles", 1, 1000, NULL, NULL,
     "pipeline of a router, head in to head out"},
    {"link_cycles", CFG_INT, AT(link_cycles), "cycles", 0, 1000, NULL, NULL,
     "latency of a link between routers"},
    {"port_cycles", CFG_INT, AT(port_cycles), "cycles", 0, 1000, "0", NULL,
     "latency of an injection or ejection port"},
    {"packet_bytes", CFG_INT, AT(packet_bytes), "bytes", 1, 65536, NULL, NULL,
     "largest payload of a packet"},
    {"header_bytes", CFG_INT, AT(header_bytes), "bytes", 0, 1024, "0", NULL,
     "header of each packet"},
    {"train_packets", CFG_INT, AT(train_packets), "packets", 1, 1024, "1", NULL,
     "packets that move as one while no other transfer waits at their port"},
    {"routing", CFG_CHOICE, AT(routing), "", 0, 0, "\"xy\"", routings, "dimension order"},
    {"multicast", CFG_BOOL, AT(multicast), "", 0, 0, "true", NULL,
     "routers fork what goes to several tiles; false: it goes as copies one after the other"},
    {"router_ports", CFG_INT, AT(router_ports), "ports", 0, 1024, "0", NULL,
     "busy ports of a router at full activity; 0: those that it has"},
    {"wire_pj_per_bit_mm", CFG_QUANTITY, AT(wire_pj_per_bit_mm), "pJ/bit/mm", 0, 100, NULL, NULL,
     "energy of links; 0 when router or link include it"},
    {"link_mm", CFG_QUANTITY, AT(link_mm), "mm", 0, 1000, "0.0", NULL,
     "between neighbours, when the chip's floor plan does not say"},
    {"port_mm", CFG_QUANTITY, AT(port_mm), "mm", 0, 1000, "0.0", NULL,
     "between a tile and its router"},
};
#undef AT

static const struct cfg_schema schema = {
    .name = "mesh network",
    .help = "2-D (concentrated) mesh, packet-level virtual cut-through; groups router and link are "
            "components with the energy of a flit",
    .fields = fields,
    .count = COUNT_OF(fields),
    .groups = groups,
};

int64_t mesh_router(const struct mesh *m, uint32_t endpoint)
{
    assert(endpoint < m->endpoints);
    if (endpoint < m->tiles)
        return endpoint / m->concentration;
    return m->port_router[endpoint - m->tiles];
}

/* --- opening ------------------------------------------------------------------------------ */

static bool check_shape(const struct cfg_group *g, const struct network_shape *s, struct diag *d)
{
    if (s->width < 1 || s->height < 1 || s->width > SIDE_MAX || s->height > SIDE_MAX ||
        s->width * s->height > ROUTERS_MAX)
        return cfg_complain(g, NULL, d, "a mesh has 1 to %d routers, at most %d in a row",
                            (int)ROUTERS_MAX, (int)SIDE_MAX);
    if (s->concentration < 1 || s->tiles < 1 || s->tiles > s->width * s->height * s->concentration)
        return cfg_complain(g, NULL, d,
                            "%lld tiles do not fit on %lld x %lld routers of %lld tiles each",
                            (long long)s->tiles, (long long)s->width, (long long)s->height,
                            (long long)s->concentration);
    if ((s->seam_columns > 0 && s->width % s->seam_columns != 0) ||
        (s->seam_rows > 0 && s->height % s->seam_rows != 0))
        return cfg_complain(g, NULL, d, "%lld x %lld routers are no whole dies of %lld x %lld",
                            (long long)s->width, (long long)s->height, (long long)s->seam_columns,
                            (long long)s->seam_rows);
    for (int64_t i = 0; i < s->ports; i++)
        if (s->port_router[i] < 0 || s->port_router[i] >= s->width * s->height)
            return cfg_complain(g, NULL, d, "port %lld hangs on router %lld of %lld", (long long)i,
                                (long long)s->port_router[i], (long long)(s->width * s->height));
    return true;
}

static bool check_config(const struct cfg_group *g, const struct mesh_config *c, struct diag *d)
{
    if ((c->packet_bytes + c->header_bytes) * 8 % c->link_bits != 0 ||
        (c->packet_bytes + c->header_bytes) * 8 % c->port_bits != 0)
        return cfg_complain(g, "packet_bytes", d,
                            "a packet of %lld bytes with its header must be whole flits of "
                            "link_bits and port_bits",
                            (long long)c->packet_bytes);
    if (c->train_packets > 1 && c->port_bits < c->link_bits)
        return cfg_complain(g, "train_packets", d,
                            "train_packets above 1 needs port_bits of at least link_bits");
    if (c->wire_pj_per_bit_mm.value > 0 && c->link_mm.value <= 0)
        return cfg_complain(g, "link_mm", d, "wire_pj_per_bit_mm needs a link_mm above 0");
    if (c->wire_pj_per_bit_mm.value > 0 && cfg_sub_or_null(g, "link") != NULL)
        return cfg_complain(g, "link", d,
                            "a link has its energy from wire_pj_per_bit_mm or from the group "
                            "link, not both");
    return true;
}

/* Those on dies; seams are not among them. */
static double links_between_routers(const struct mesh *m)
{
    int64_t pairs = (m->width - 1) * m->height + (m->height - 1) * m->width;
    return (double)(2 * pairs - m->net.seam_links);
}

static struct quantity product(struct quantity a, struct quantity b, double factor)
{
    return quantity_of(a.value * b.value * factor, a.from > b.from ? a.from : b.from,
                       hypot(a.spread, b.spread));
}

static struct quantity sum(struct quantity a, struct quantity b)
{
    double total = a.value + b.value;
    double spread = total > 0 ? hypot(a.value * a.spread, b.value * b.spread) / total : 0;
    enum provenance from = a.from > b.from ? a.from : b.from;
    if (a.value <= 0 || b.value <= 0) /* a part that is not there has no provenance */
        from = a.value > 0 ? a.from : b.from;
    return quantity_of(total, from, spread);
}

static void set_prices(struct mesh *m, const struct component *router, const struct component *link)
{
    const struct mesh_config *c = &m->cfg;
    double routers = (double)(m->width * m->height), links = links_between_routers(m);
    m->router_pj = router->energy_pj;
    m->link_pj = link->energy_pj;
    if (c->wire_pj_per_bit_mm.value > 0)
        m->link_pj = product(c->wire_pj_per_bit_mm, c->link_mm, (double)c->link_bits);
    m->port_pj = product(c->wire_pj_per_bit_mm, c->port_mm, (double)c->port_bits);
    m->leakage =
        sum(quantity_scaled(router->leakage_mw, routers), quantity_scaled(link->leakage_mw, links));
    m->net.leakage_mw = m->leakage.value;
    m->net.area_um2 = routers * router->area_um2 + links * link->area_um2;
}

/* Every port of every router takes a flit in each cycle, and every link carries one; with busy
 * ports stated, no more flits go over links than through routers. */
static double peak_mw(const struct mesh *m)
{
    double ghz = m->cfg.clock_mhz * 1e-3, links = links_between_routers(m);
    double endpoints = (double)m->endpoints, routers = (double)(m->width * m->height);
    double router_flits = links + (double)m->net.seam_links + endpoints;
    if (m->cfg.router_ports > 0)
        router_flits = routers * (double)m->cfg.router_ports;
    links = fmin(links, router_flits);
    return ghz * (router_flits * m->router_pj.value + links * m->link_pj.value +
                  2 * endpoints * m->port_pj.value);
}

/* Both directions over the middle between routers (x, 0) and (x - 1, 0), or (0, y) and (0, y - 1):
 * infinite when there is no such middle. */
static double cut_bytes_per_ps(const struct mesh *m, int64_t x, int64_t y)
{
    if (x + y == 0)
        return INFINITY;
    size_t link = mesh_link(m, (int)x, (int)y, x > 0 ? WEST : NORTH);
    return 2 * (double)(x > 0 ? m->height : m->width) * mesh_link_rate(&m->net, link);
}

static void set_rates(struct mesh *m)
{
    double bytes_per_ps = m->cfg.clock_mhz * 1e-6 / 8;
    m->net.endpoints = m->endpoints;
    m->net.flit_bits = m->cfg.link_bits;
    m->net.clock_mhz = m->cfg.clock_mhz;
    m->net.link_bytes_per_ps = (double)m->cfg.link_bits * bytes_per_ps;
    m->net.bisection_bytes_per_ps =
        fmin(cut_bytes_per_ps(m, m->width / 2, 0), cut_bytes_per_ps(m, 0, m->height / 2));
    if (m->width * m->height == 1) /* no cut: what its ports carry */
        m->net.bisection_bytes_per_ps = (double)(m->endpoints * m->cfg.port_bits) * bytes_per_ps;
    m->net.peak_mw = peak_mw(m);
    m->net.seam_peak_mw = (double)m->net.seam_links * m->seam.bytes_per_ps *
                          8e3 * /* 1 W is 1 pJ/ps */
                          m->seam.wire_bits_per_bit * m->seam.pj_per_bit.value;
    m->net.multicast = m->cfg.multicast;
}

static void set_shape(struct mesh *m, const struct network_shape *s)
{
    int64_t *port_router = ARENA_ARRAY(m->arena, int64_t, s->ports);
    for (int64_t i = 0; i < s->ports; i++)
        port_router[i] = s->port_router[i];
    m->width = s->width;
    m->height = s->height;
    m->concentration = s->concentration;
    m->tiles = s->tiles;
    m->endpoints = s->tiles + s->ports;
    m->port_router = port_router;
    m->to_next[EAST] = DIRECTIONS;
    m->to_next[WEST] = -DIRECTIONS;
    m->to_next[SOUTH] = DIRECTIONS * m->width;
    m->to_next[NORTH] = -DIRECTIONS * m->width;
    m->free_at = ARENA_ARRAY(m->arena, int64_t, mesh_ejection(m, 0) + (size_t)m->endpoints);
    m->senders = ARENA_ARRAY(m->arena, int32_t, m->endpoints);
    m->forest.marks = ARENA_ARRAY(m->arena, struct tree_mark, m->width * m->height + 1);
}

static bool mesh_open(struct arena *a, const struct cfg_group *g, const struct network_shape *shape,
                      struct network **out, struct diag *d)
{
    struct mesh *m = ARENA_NEW(a, struct mesh);
    struct component router, link;
    const struct cfg_group *router_group;
    TRY(cfg_read(g, &schema, &m->cfg, d));
    TRY(cfg_sub(g, "router", &router_group, d));
    TRY(component_read(router_group, &router, d));
    TRY(component_sub(g, "link", &link, d));
    if (m->cfg.port_bits == 0)
        m->cfg.port_bits = m->cfg.link_bits;
    if (shape->link_mm > 0)
        m->cfg.link_mm = quantity_of(shape->link_mm, FROM_SOURCE, 0);
    TRY(check_config(g, &m->cfg, d));
    TRY(check_shape(g, shape, d));

    m->arena = a;
    m->khz = llround(m->cfg.clock_mhz * 1e3);
    m->pending.arena = m->arrivals.arena = a;
    m->net.base.ops = &mesh_server;
    m->net.kind = &network_mesh;
    m->net.name = arena_strdup(a, cfg_text_or(g, "title", cfg_name(g)));
    set_shape(m, shape);
    mesh_set_seams(m, shape);
    set_prices(m, &router, &link);
    set_rates(m);
    *out = &m->net;
    return true;
}

/* --- routes ------------------------------------------------------------------------------- */

static int64_t mesh_hops(const struct network *n, uint32_t src, uint32_t dst)
{
    const struct mesh *m = (const struct mesh *)n;
    int64_t a = mesh_router(m, src), b = mesh_router(m, dst);
    int64_t dx = a % m->width - b % m->width, dy = a / m->width - b / m->width;
    return (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
}

static size_t mesh_links(const struct network *n)
{
    const struct mesh *m = (const struct mesh *)n;
    return mesh_ejection(m, 0) + (size_t)m->endpoints;
}

static void mesh_add_load(const struct network *n, uint32_t src, uint32_t dst, double bytes,
                          double *load)
{
    const struct mesh *m = (const struct mesh *)n;
    /* A port's load is given in bytes of a link: `bytes` on a port of half the rate are two. */
    double at_port = bytes * (double)m->cfg.link_bits / (double)m->cfg.port_bits;
    int64_t from = mesh_router(m, src), to = mesh_router(m, dst);
    int x = (int)(from % m->width), y = (int)(from / m->width);
    int to_x = (int)(to % m->width), to_y = (int)(to / m->width);
    load[mesh_injection(m, src)] += at_port;
    while (x != to_x || y != to_y) {
        enum direction way = mesh_route(m, x, y, to_x, to_y);
        load[mesh_link(m, x, y, way)] += bytes;
        x += (way == EAST) - (way == WEST);
        y += (way == SOUTH) - (way == NORTH);
    }
    load[mesh_ejection(m, dst)] += at_port;
}

const struct network_kind network_mesh = {
    .kind = "mesh",
    .help = "2-D mesh, packet-level virtual cut-through",
    .schema = &schema,
    .open = mesh_open,
    .hops = mesh_hops,
    .links = mesh_links,
    .add_load = mesh_add_load,
    .add_load_tree = mesh_add_load_tree,
    .link_rate = mesh_link_rate,
};
