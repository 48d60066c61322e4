/* hub.c — parts of rows that go by way of hubs.
 *
 * Routers keep few multicast trees, and a flit is the least that a port takes.  Where very many
 * tiles each hold a little of what many others need whole, or less than a flit each, it is brought
 * together in some of the readers first, and goes on from each of these by one tree. */
#include <assert.h>

#include "core/plan/gather.h"

enum {
    HUB_SOURCES = 8,  /* fewer makers or readers need no hub */
    HUB_PAIRS = 4096, /* of makers, or hubs, and readers of an edge at most */
    HUB_GATHERS = 4   /* makers per hub at least */
};

size_t hubs_for(const struct plan *p, const struct readers *r)
{
    double bytes = r->bytes * r->chunk_rows, flit = (double)p->system->noc->flit_bits / 8;
    size_t pairs = HUB_PAIRS * r->edges;
    if (r->sources < HUB_SOURCES || r->count < HUB_SOURCES)
        return 0;
    if (r->sources * r->count <= pairs && bytes >= flit * (double)r->sources)
        return 0;
    size_t k = pairs / r->count, most = r->sources / HUB_GATHERS;
    k = k < most ? k : most;
    most = (size_t)(bytes / TRANSFER_BYTES);
    k = k < most ? k : most;

    return k < 1 ? 1 : k < r->count ? k : r->count;
}

void hubs_serve(struct edge *e, const struct readers *r, size_t hubs, struct routes *out)
{
    for (size_t h = 0; h < hubs; h++) {
        size_t first = h * r->sources / hubs, end = (h + 1) * r->sources / hubs;
        struct piece all = r->parts[first];
        all.src = r->at[(2 * h + 1) * r->count / (2 * hubs)].tile;
        all.bytes = 0;
        for (size_t i = first; i < end; i++) {
            struct piece x = r->parts[i];
            x.dst = all.src;
            all.bytes += x.bytes;
            pieces_add_or_keep(e, &x, &out->to_hub);
        }
        for (size_t k = 0; k < r->count; k++) {
            all.dst = r->at[k].tile;
            if (all.dst != all.src)
                pieces_add(&out->from_hub, &all);
        }
    }
}

void hubs_list(struct plan *p, struct edge *e)
{
    e->hubs = ARENA_ARRAY(p->arena, struct hub, e->flow_count - e->direct_count);
    for (size_t f = e->direct_count; f < e->flow_count; f++) {
        if (e->hub_count == 0 || e->hubs[e->hub_count - 1].tile != e->flows[f].src)
            e->hubs[e->hub_count++] = (struct hub){e->flows[f].src, 0, f, 0};
        e->hubs[e->hub_count - 1].count++;
    }
    for (size_t f = 0; f < e->to_hub_count; f++)
        for (uint32_t i = 0; i < e->to_hub[f].count; i++)
            edge_hub(e, e->to_hub[f].dst[i])->awaited++;
}

struct hub *edge_hub(const struct edge *e, uint32_t tile)
{
    size_t low = 0, high = e->hub_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (e->hubs[middle].tile <= tile)
            low = middle;
        else
            high = middle;
    }
    assert(low < e->hub_count && e->hubs[low].tile == tile);
    return &e->hubs[low];
}
