/* link.h — a link that leaves a die: host interface, die-to-die, board.
 *
 * Costed here: bandwidth, latency, energy per bit and static power; a transfer takes latency +
 * bytes / bandwidth and the caller serialises.  It does not model CRC replay or training yet. */
#ifndef CIMARRON_LINK_H
#define CIMARRON_LINK_H

#include "core/base/cfg.h"
#include "core/base/costed.h"

#ifdef __cplusplus
extern "C" {
#endif

struct link {
    const char *name;
    double gb_per_s;               /* 1e9 bytes per second, one direction */
    double latency_ns;
    struct quantity pj_per_bit;    /* moved */
    struct quantity static_mw;     /* always */
    double area_um2;
};

extern const struct cfg_schema link_schema;

FALLIBLE bool link_open(const struct cfg_group *g, struct link *out, struct diag *d);

/* Duration: serialisation only (latency is the caller's to add once per transfer). */
void link_cost(const struct link *l, double bytes, struct cost *out);

#ifdef __cplusplus
}
#endif
#endif
