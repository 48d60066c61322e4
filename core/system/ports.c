/* ports.c — on which routers the host and the memory hang. */
#include <assert.h>
#include <stdlib.h>

#include "core/system/internal.h"

/* --- one die --------------------------------------------------------------------------------- */

/* A chip's ports as long as two columns hold them: by turns left and right, spread over each. */
static void on_two_columns(const struct die *die, int64_t *routers)
{
    for (int64_t i = 0; i < die->memory_ports; i++) {
        int64_t side = i % 2, nth = i / 2, per_side = (die->memory_ports + 1 - side) / 2;
        int64_t y = (2 * nth + 1) * die->height / (2 * per_side);
        routers[i] = y * die->width + (side ? die->width - 1 : 0);
    }
}

/* The routers along some edges of a die, clockwise from the upper left, each once. */
static int64_t walk_edges(const struct die *die, unsigned edges, int64_t *routers)
{
    int64_t w = die->width, h = die->height, n = 0;
    bool north = edges & 1u << SIDE_NORTH, south = edges & 1u << SIDE_SOUTH;
    bool west = edges & 1u << SIDE_WEST, east = edges & 1u << SIDE_EAST;
    for (int64_t x = 0; north && x < w; x++)
        routers[n++] = x;
    for (int64_t y = north; east && y < h; y++)
        routers[n++] = y * w + w - 1;
    for (int64_t x = w - 1 - (east ? 1 : 0); south && (h > 1 || !north) && x >= 0; x--)
        routers[n++] = (h - 1) * w + x;
    for (int64_t y = h - 1 - (south ? 1 : 0); west && (w > 1 || !east) && y >= (north ? 1 : 0); y--)
        routers[n++] = y * w;
    return n;
}

static bool on_edges(struct arena *a, const struct die *die, unsigned edges, int64_t *routers,
                     struct diag *d)
{
    int64_t *along = ARENA_ARRAY(a, int64_t, 2 * (die->width + die->height));
    int64_t n = walk_edges(die, edges, along), ports = die->memory_ports;
    if (ports > n)
        return cfg_complain(die->root, "memory_ports", d,
                            "%lld memory ports do not fit on the %lld routers of the mesh's edges",
                            (long long)ports, (long long)n);
    for (int64_t i = 0; i < ports; i++)
        routers[i] = along[(2 * i + 1) * n / (2 * ports)];
    return true;
}

static bool place_on_die(struct arena *a, const struct die *die, unsigned edges, int64_t *routers,
                         struct diag *d)
{
    if (edges != 0)
        return on_edges(a, die, edges, routers, d);
    if (die->memory_ports > (die->width > 1 ? 2 : 1) * die->height)
        return on_edges(a, die, (1u << SIDES) - 1, routers, d);
    on_two_columns(die, routers);
    return true;
}

/* --- all dies -------------------------------------------------------------------------------- */

bool system_place_ports(struct arena *a, const struct die *die, const unsigned *edges,
                        struct system *s, struct diag *d)
{
    int64_t dies = s->dies_x * s->dies_y, each = die->memory_ports;
    int64_t *ports = ARENA_ARRAY(a, int64_t, 1 + dies * each);
    s->shape.ports = 1;
    s->shape.port_router = ports;
    for (int64_t i = 0; s->memory && i < dies; i++) {
        int64_t *at = ports + s->shape.ports;
        int64_t corner = i / s->dies_x * die->height * s->shape.width + i % s->dies_x * die->width;
        TRY(place_on_die(a, die, edges[i], at, d));
        for (int64_t k = 0; k < each; k++)
            at[k] = corner + at[k] / die->width * s->shape.width + at[k] % die->width;
        s->shape.ports += each;
    }
    s->memory_ports = dies * each;
    return true;
}

int64_t system_die_of(const struct system *s, uint32_t tile)
{
    int64_t router = tile / s->shape.concentration, width = s->shape.width;
    int64_t x = router % width / (width / s->dies_x);
    int64_t y = router / width / (s->shape.height / s->dies_y);
    return y * s->dies_x + x;
}

/* Does a port lie on this edge of its die? */
static bool on_edge(const struct system *s, int64_t port, enum side side)
{
    int64_t width = s->shape.width, at = s->shape.port_router[1 + port];
    int64_t w = width / s->dies_x, h = s->shape.height / s->dies_y;
    int64_t x = at % width % w, y = at / width % h;
    bool on[SIDES] = {x == 0, x == w - 1, y == h - 1, y == 0};
    return on[side];
}

static int64_t columns_away(const struct system *s, int64_t port, uint32_t tile)
{
    int64_t router = tile / s->shape.concentration;
    return llabs(s->shape.port_router[1 + port] % s->shape.width - router % s->shape.width);
}

/* The edge whose turn it is; `turn` becomes the turn of that edge. */
static enum side edge_in_turn(unsigned edges, int64_t *turn)
{
    int64_t count = 1; /* every die has memory, or none has */
    assert(edges != 0);
    for (unsigned e = edges & (edges - 1); e != 0; e &= e - 1)
        count++;
    int64_t skip = *turn % count;
    enum side side = SIDE_WEST;
    while (!(edges >> side & 1u) || skip-- > 0)
        side++;
    *turn /= count;
    return side;
}

/* Of the ports on an upper or lower edge the nearest, on a left or right one the next in turn. */
static int64_t port_on_edge(const struct system *s, int64_t first, int64_t end, enum side side,
                            uint32_t tile, int64_t turn)
{
    bool nearest = side == SIDE_NORTH || side == SIDE_SOUTH;
    int64_t count = 0, best = first, least = INT64_MAX;
    for (int64_t port = first; port < end; port++)
        count += on_edge(s, port, side);
    int64_t wanted = count > 0 ? turn % count : 0;
    for (int64_t port = first, nth = 0; port < end; port++) {
        if (!on_edge(s, port, side))
            continue;
        int64_t away = nearest ? columns_away(s, port, tile) : nth++ != wanted;
        if (away < least) {
            least = away;
            best = port;
        }
    }
    return best;
}

int64_t system_port_near(const struct system *s, uint32_t tile, int64_t turn)
{
    int64_t die = system_die_of(s, tile), each = s->memory_ports / (s->dies_x * s->dies_y);
    if (s->memory_edges == NULL)
        return die * each + turn % each;
    enum side side = edge_in_turn(s->memory_edges[die], &turn);
    return port_on_edge(s, die * each, (die + 1) * each, side, tile, turn);
}
