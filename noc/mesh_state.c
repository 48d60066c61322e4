/* mesh_state.c — what decides the future of a mesh, relative to now. */
#include <assert.h>

#include "noc/cycles.h"
#include "noc/mesh.h"

static int64_t ahead(int64_t cycle, int64_t base)
{
    return cycle > base ? cycle - base : 0;
}

/* A pending packet: no identity, no absolute time. */
static uint64_t packet_hash(const struct mesh *m, const struct hop *e, int64_t base)
{
    const struct flow *f = &m->flows[e->flow];
    uint64_t hash = mesh_mixed(0, ahead(e->cycle, base));
    int64_t destinations = f->tree != NULL ? f->tree->count : 1;
    hash = mesh_mixed(mesh_mixed(mesh_mixed(hash, e->stage), f->src), f->dst);
    hash = mesh_mixed(hash, f->bytes * destinations - f->delivered);
    if (f->tree != NULL)
        hash = mesh_mixed(mesh_mixed(hash, (int64_t)f->tree->hash), ahead(f->latest, base));
    if (e->stage == HOP_AT_PORT)
        return mesh_mixed(hash, f->bytes - f->sent);
    hash = mesh_mixed(mesh_mixed(hash, e->bytes), e->behind);
    hash = mesh_mixed(mesh_mixed(hash, e->link), e->run);
    if (e->stage != HOP_IN_TREE)
        return hash;
    assert(f->tree != NULL);
    return mesh_mixed(hash, e->exit - f->tree->exits);
}

struct packets_sum {
    const struct mesh *m;
    int64_t base;
    uint64_t sum; /* of a hash of each: in no order */
};

static void add_packet(const struct hop *e, void *data)
{
    struct packets_sum *s = data;
    s->sum += packet_hash(s->m, e, s->base);
}

static uint64_t packets_hash(const struct mesh *m, int64_t base)
{
    struct packets_sum s = {m, base, 0};
    calendar_each(&m->pending, add_packet, &s);
    return s.sum;
}

static uint64_t arrivals_hash(const struct mesh *m, int64_t base)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < m->arrivals.count; i++)
        sum += mesh_mixed(0, ahead(m->arrivals.items[i].cycle, base));
    return sum;
}

/* One word more; what does not fit is folded into the last one. */
static void put(int64_t *words, size_t max, size_t *count, int64_t word)
{
    if (*count < max)
        words[(*count)++] = word;
    else if (max > 0)
        words[max - 1] = (int64_t)mesh_mixed((uint64_t)words[max - 1], word);
}

size_t mesh_state(const struct server *s, time_ps now, int64_t *words, size_t max)
{
    const struct mesh *m = (const struct mesh *)s;
    int64_t base = cycles_until(now, m->khz);
    size_t count = 0, links = mesh_injection(m, 0) + 2 * (size_t)m->endpoints;
    put(words, max, &count, (int64_t)m->pending.count);
    put(words, max, &count, (int64_t)packets_hash(m, base));
    put(words, max, &count, (int64_t)arrivals_hash(m, base));
    for (size_t i = 0; i < links; i++) {
        bool seam = i < mesh_injection(m, 0) && mesh_is_seam(m, i);
        put(words, max, &count, ahead(m->free_at[i], seam ? base * SEAM_PARTS : base));
    }
    return count;
}
