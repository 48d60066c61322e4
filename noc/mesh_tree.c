/* mesh_tree.c — the trees of transfers to several endpoints. */
#include <assert.h>
#include <string.h>

#include "noc/mesh.h"

/* --- walking ------------------------------------------------------------------------------ */

/* A position on the way back to the source, from a destination. */
struct walk {
    int x, y, src_x, src_y;
};

static struct walk walk_from(const struct mesh *m, uint32_t src, uint32_t dst)
{
    int64_t from = mesh_router(m, src), to = mesh_router(m, dst);
    return (struct walk){(int)(to % m->width), (int)(to / m->width), (int)(from % m->width),
                         (int)(from / m->width)};
}

/* One link back from where is not the source: its index.  The dimension that is routed
 * last comes first. */
static size_t walk_back(const struct mesh *m, struct walk *w)
{
    bool along_x = m->cfg.routing == 0 ? w->y == w->src_y : w->x != w->src_x;
    enum direction way = w->y > w->src_y ? SOUTH : NORTH;
    if (along_x)
        way = w->x > w->src_x ? EAST : WEST;
    w->x -= (way == EAST) - (way == WEST);
    w->y -= (way == SOUTH) - (way == NORTH);
    return mesh_link(m, w->x, w->y, way);
}

static struct tree_mark *mark_at(const struct mesh *m, const struct walk *w)
{
    return &m->forest.marks[(int64_t)w->y * m->width + w->x];
}

/* A new turn forgets which routers the walks before have met, but for that of the source.  All ways
 * from one source into a router are the same: a walk back ends at a router that was met. */
static uint64_t new_turn(const struct mesh *m, uint32_t src, uint32_t node)
{
    uint64_t turn = ++m->forest.marks[m->width * m->height].turn;
    m->forest.marks[mesh_router(m, src)] = (struct tree_mark){turn, node};
    return turn;
}

static uint32_t destination(const struct transfer *t, uint32_t i)
{
    return i == 0 ? t->dst : t->more_dst[i - 1];
}

void mesh_add_load_tree(const struct network *n, const struct transfer *t, double *load)
{
    const struct mesh *m = (const struct mesh *)n;
    /* A port's load is given in bytes of a link: `bytes` on a port of half the rate are two. */
    double bytes = (double)t->bytes;
    double at_port = bytes * (double)m->cfg.link_bits / (double)m->cfg.port_bits;
    uint64_t turn = 0;
    for (uint32_t i = 0; i <= t->more_count; i++) {
        if (i == 0 || !m->cfg.multicast) {
            load[mesh_injection(m, t->src)] += at_port;
            turn = new_turn(m, t->src, 0);
        }
        struct walk w = walk_from(m, t->src, destination(t, i));
        for (struct tree_mark *mark; (mark = mark_at(m, &w))->turn != turn; mark->turn = turn)
            load[walk_back(m, &w)] += bytes;
        load[mesh_ejection(m, destination(t, i))] += at_port;
    }
}

/* --- building ----------------------------------------------------------------------------- */

/* Counts of a tree that is being built. */
struct growth {
    uint32_t nodes, exits;
};

static void add_exit(struct mesh *m, struct growth *g, uint32_t from, uint32_t to, size_t link)
{
    struct forest *f = &m->forest;
    f->found = heap_room(m->arena, f->found, g->exits, &f->found_capacity, sizeof *f->found);
    f->found[g->exits++] = (struct tree_found){from, to, (uint32_t)link};
}

/* Makes a router that this turn has not met a node; false: it is one. */
static bool new_node(struct tree_mark *mark, struct growth *g, uint64_t turn)
{
    if (mark->turn == turn)
        return false;
    *mark = (struct tree_mark){turn, g->nodes++};
    return true;
}

/* The links to an endpoint, as far as this turn has not met them. */
static void grow(struct mesh *m, struct growth *g, uint64_t turn, uint32_t src, uint32_t dst)
{
    struct walk w = walk_from(m, src, dst);
    struct tree_mark *mark = mark_at(m, &w);
    bool fresh = new_node(mark, g, turn);
    add_exit(m, g, mark->node, mark->node, mesh_ejection(m, dst));
    while (fresh) {
        uint32_t behind = mark->node;
        size_t link = walk_back(m, &w);
        mark = mark_at(m, &w);
        fresh = new_node(mark, g, turn);
        add_exit(m, g, mark->node, behind, link);
    }
}

/* Where the exits of each node begin, for those that were found. */
static uint32_t *first_exits(struct mesh *m, const struct growth *g)
{
    uint32_t *first = ARENA_ARRAY(m->arena, uint32_t, g->nodes + 1);
    for (uint32_t i = 0; i < g->exits; i++)
        first[m->forest.found[i].from + 1]++;
    for (uint32_t i = 0; i < g->nodes; i++)
        first[i + 1] += first[i];
    return first;
}

/* Lets an exit reach as far as nothing but one link straight on follows.  Of the exits behind it
 * some do so already. */
static void lengthen(struct tree_exit *e)
{
    for (;;) {
        const struct tree_exit *next = e + e->onward;
        if (!next->last || next->run == 0 || next->link % DIRECTIONS != e->link % DIRECTIONS)
            return;
        e->run += next->run;
        e->onward += next->onward;
    }
}

/* Sorts what was found by its node, and points from each exit to those behind it. */
static void gather(struct mesh *m, struct tree *tree, const struct growth *g, uint32_t *root)
{
    uint32_t *first = first_exits(m, g);
    uint32_t *next = ARENA_ARRAY(m->arena, uint32_t, g->nodes);
    struct tree_exit *exits = ARENA_ARRAY(m->arena, struct tree_exit, g->exits);
    memcpy(next, first, g->nodes * sizeof *next);
    for (uint32_t i = 0; i < g->exits; i++) {
        const struct tree_found *f = &m->forest.found[i];
        uint32_t at = next[f->from]++;
        exits[at].link = f->link & INT32_MAX;
        exits[at].last = at + 1 == first[f->from + 1];
        exits[at].run = f->to != f->from;
        exits[at].onward = f->to != f->from ? (int32_t)first[f->to] - (int32_t)at : 0;
    }
    for (uint32_t i = 0; i < g->exits; i++)
        if (exits[i].run > 0)
            lengthen(&exits[i]);
    for (uint32_t i = 0; i < tree->copies; i++)
        root[i] = first[root[i]];
    tree->root = root;
    tree->exits = exits;
}

static const struct tree *build(struct mesh *m, const struct transfer *t, uint64_t hash)
{
    struct tree *tree = ARENA_NEW(m->arena, struct tree);
    uint32_t count = t->more_count + 1;
    uint32_t *dst = ARENA_ARRAY(m->arena, uint32_t, count);
    uint32_t *root = ARENA_ARRAY(m->arena, uint32_t, m->cfg.multicast ? 1 : count);
    struct growth g = {0, 0};
    uint64_t turn = 0;
    for (uint32_t i = 0; i < count; i++) {
        dst[i] = destination(t, i);
        if (i == 0 || !m->cfg.multicast) {
            turn = new_turn(m, t->src, g.nodes);
            root[tree->copies++] = g.nodes++;
        }
        grow(m, &g, turn, t->src, dst[i]);
    }
    tree->hash = hash;
    tree->src = t->src;
    tree->count = count;
    tree->dst = dst;
    gather(m, tree, &g, root);
    return tree;
}

/* --- finding ------------------------------------------------------------------------------ */

static uint64_t reach_hash(const struct transfer *t)
{
    uint64_t hash = mesh_mixed(mesh_mixed(t->more_count, t->src), t->dst);
    for (uint32_t i = 0; i < t->more_count; i++)
        hash = mesh_mixed(hash, t->more_dst[i]);
    return hash;
}

static bool reaches(const struct tree *tree, const struct transfer *t, uint64_t hash)
{
    return tree->hash == hash && tree->src == t->src && tree->count == t->more_count + 1 &&
           tree->dst[0] == t->dst &&
           memcmp(tree->dst + 1, t->more_dst, t->more_count * sizeof *t->more_dst) == 0;
}

static void index_trees(struct mesh *m, size_t size)
{
    struct forest *f = &m->forest;
    f->index_size = size;
    f->index = ARENA_ARRAY(m->arena, uint32_t, size);
    for (size_t i = 0; i < f->count; i++) {
        size_t at = f->trees[i]->hash & (size - 1);
        while (f->index[at] != 0)
            at = (at + 1) & (size - 1);
        f->index[at] = (uint32_t)i + 1;
    }
}

const struct tree *mesh_tree(struct mesh *m, const struct transfer *t)
{
    struct forest *f = &m->forest;
    assert(t->more_dst != NULL);
    if (2 * (f->count + 1) > f->index_size)
        index_trees(m, f->index_size > 0 ? 2 * f->index_size : 64);
    uint64_t hash = reach_hash(t);
    size_t at = hash & (f->index_size - 1);
    for (; f->index[at] != 0; at = (at + 1) & (f->index_size - 1))
        if (reaches(f->trees[f->index[at] - 1], t, hash))
            return f->trees[f->index[at] - 1];
    f->trees = heap_room(m->arena, f->trees, f->count, &f->capacity, sizeof *f->trees);
    f->trees[f->count] = build(m, t, hash);
    f->index[at] = (uint32_t)++f->count;
    return f->trees[f->count - 1];
}
