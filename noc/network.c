/* network.c — the registry of network kinds, and the calls that every kind answers. */
#include "noc/network.h"

#include <string.h>

#define KIND(id) extern const struct network_kind network_##id;
#include "noc/kinds.def"
#undef KIND

const struct network_kind *network_kind_at(size_t index)
{
    const struct network_kind *const kinds[] = {
#define KIND(id) &network_##id,
#include "noc/kinds.def"
#undef KIND
    };
    return index < COUNT_OF(kinds) ? kinds[index] : NULL;
}

static const struct network_kind *find_kind(const char *name)
{
    const struct network_kind *kind;
    for (size_t i = 0; (kind = network_kind_at(i)) != NULL; i++)
        if (strcmp(kind->kind, name) == 0)
            return kind;
    return NULL;
}

bool network_open(struct arena *a, const struct cfg_group *g, const struct network_shape *shape,
                  struct network **out, struct diag *d)
{
    const char *name = cfg_text_or(g, "kind", NULL);
    if (name == NULL)
        return cfg_complain(g, "kind", d,
                            "a network needs kind = \"...\" (see: cimarron list noc)");
    const struct network_kind *kind = find_kind(name);
    if (kind == NULL)
        return cfg_complain(g, "kind", d, "no network kind is called \"%s\" (there is: mesh)",
                            name);
    return kind->open(a, g, shape, out, d);
}

int64_t network_hops(const struct network *n, uint32_t src, uint32_t dst)
{
    return n->kind->hops(n, src, dst);
}

size_t network_links(const struct network *n)
{
    return n->kind->links(n);
}

double network_link_rate(const struct network *n, size_t link)
{
    return n->kind->link_rate(n, link);
}

void network_add_load(const struct network *n, uint32_t src, uint32_t dst, double bytes,
                      double *load)
{
    n->kind->add_load(n, src, dst, bytes, load);
}

void network_add_load_tree(const struct network *n, const struct transfer *t, double *load)
{
    n->kind->add_load_tree(n, t, load);
}
