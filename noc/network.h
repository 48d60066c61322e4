/* network.h — networks on chip: when a transfer arrives, and what it cost on the way.
 *
 * A network is a server of transfers between endpoints.  It cuts a transfer into packets, routes
 * them, reserves links, and counts flit-hops.  Contention is real and deterministic: packets that
 * want the same link at the same time are served in order of (arrival, transfer id).
 * A transfer whose src and dst hang on the same router still passes that router.
 * A transfer to several endpoints is told once, when the last of them has its last byte.
 *
 * New part, same behaviour: configs/noc/NAME.cfg.  New behaviour: noc/NAME.c and a line in
 * kinds.def. */
#ifndef CIMARRON_NETWORK_H
#define CIMARRON_NETWORK_H

#include "core/base/cfg.h"
#include "core/base/server.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One direction of one link that leaves a die for the next. */
struct network_seam {
    double bytes_per_ps;        /* > 0: payload */
    double latency_ns;          /* first byte in to first byte out */
    double wire_bits_per_bit;   /* bits moved for a bit of payload: overhead and replays */
    struct quantity pj_per_bit; /* moved, beyond what the link takes when nothing moves */
};

/* What the chip hangs on the network: endpoints 0 .. tiles-1 sit on router tile/concentration in
 * row-major order; endpoints tiles .. tiles+ports-1 sit on port_router[i].
 * A network over several dies has a seam after every seam_columns routers of a row and after every
 * seam_rows of a column: links between routers on either side of one are those of `seam`. */
struct network_shape {
    int64_t width, height, concentration;
    int64_t tiles;
    int64_t ports;
    const int64_t *port_router;
    double link_mm; /* length of a link between neighbours; 0: as the config says */
    int64_t seam_columns, seam_rows; /* of routers on a die; 0: no seams */
    struct network_seam seam;
};

struct network_kind;

struct network {
    struct server base;
    const struct network_kind *kind;
    const char *name;
    int64_t endpoints;
    int64_t flit_bits; /* what a link moves in a cycle */
    double clock_mhz;
    double link_bytes_per_ps;      /* of one link on a die, one direction */
    double bisection_bytes_per_ps; /* both directions over the narrower middle cut */
    double area_um2;               /* all routers and links */
    double leakage_mw;
    double peak_mw;      /* every link and router busy, without seams */
    double seam_peak_mw; /* all that crosses seams, beyond what their links take when idle */
    int64_t seam_links;  /* links across seams, each direction counted */
    bool multicast; /* what goes to several endpoints crosses each link of its tree once; else it
                       goes as one copy for each of them, one after the other */
};

struct network_kind {
    const char *kind; /* "mesh" */
    const char *help;
    const struct cfg_schema *schema;
    bool (*open)(struct arena *a, const struct cfg_group *g, const struct network_shape *shape,
                 struct network **out, struct diag *d);
    int64_t (*hops)(const struct network *n, uint32_t src, uint32_t dst); /* links crossed */
    size_t (*links)(const struct network *n);
    void (*add_load)(const struct network *n, uint32_t src, uint32_t dst, double bytes,
                     double *load);
    void (*add_load_tree)(const struct network *n, const struct transfer *t, double *load);
    double (*link_rate)(const struct network *n, size_t link);
};

FALLIBLE bool network_open(struct arena *a, const struct cfg_group *g,
                           const struct network_shape *shape, struct network **out, struct diag *d);
const struct network_kind *network_kind_at(size_t index); /* NULL past the end */

int64_t network_hops(const struct network *n, uint32_t src, uint32_t dst);

/* Bytes that would cross a link, divided by its rate, is a lower bound of any schedule: add every
 * flow, then ask.  `load` has network_links(n) zeroed entries.  The rate, in bytes per ps, is that
 * of a link on a die or across a seam; the load of a port is given in bytes of a link on a die. */
size_t network_links(const struct network *n);
double network_link_rate(const struct network *n, size_t link);
void network_add_load(const struct network *n, uint32_t src, uint32_t dst, double bytes,
                      double *load);

/* The same for a transfer to any number of endpoints (src, dst, more_dst, bytes): each link of its
 * tree once, or, on a network without multicast, each link of each copy. */
void network_add_load_tree(const struct network *n, const struct transfer *t, double *load);

#ifdef __cplusplus
}
#endif
#endif
