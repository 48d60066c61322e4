/* gather.h — pieces of rows on their way between tiles, and the flows they become.
 *
 * Within core/plan, for those who say which tile sends what to whom: flow.c (operands), hub.c (by
 * way of hubs), partial.c (partial sums).  A piece is a rectangle of a row's columns and channels
 * that one tile sends another; gathering finds who needs the same and makes a multicast of it. */
#ifndef CIMARRON_PLAN_GATHER_H
#define CIMARRON_PLAN_GATHER_H

#include "core/plan/internal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Less is worth gathering before it is sent: a flit is the least that a port takes.  Assumed. */
enum { TRANSFER_BYTES = 128 };

/* What one tile must send another: a region of a row, in the producer's columns and channels. */
struct piece {
    uint32_t src, dst;
    double column[2], channel[2];
    double bytes; /* per row */
};

struct pieces {
    struct piece *at;
    size_t count, room;
    struct arena *arena;
};

/* Order of two regions: by columns, then by channels; 0: they are the same. */
int region_order(const double x_column[2], const double x_channel[2], const double y_column[2],
                 const double y_channel[2]);

/* Adds a piece to a list that grows; one without bytes is left out. */
void pieces_add(struct pieces *l, const struct piece *p);

/* As pieces_add, but what stays in its tile is booked on the edge. */
void pieces_add_or_keep(struct edge *e, const struct piece *x, struct pieces *list);

/* Who needs the same region of the same tile gets it by one multicast; what goes the same way is
 * added up.  Sorts the list; returns the number of flows, in the order of their tiles. */
size_t pieces_gather(struct pieces *l, struct flow **out);

/* What way the pieces of an edge take, and room for what each maker has of a need. */
struct routes {
    struct pieces direct, to_hub, from_hub;
    struct piece *parts;
};

/* Readers [0 .. count) who all need the same, and what of it each maker has. */
struct readers {
    const struct layout *at;
    size_t count;
    const struct piece *parts; /* without a destination */
    size_t sources;
    double bytes, chunk_rows;
    size_t edges; /* that they read over */
};

/* hub.c: through how many hubs; 0: each maker sends to all readers itself. */
size_t hubs_for(const struct plan *p, const struct readers *r);
/* hub.c: each hub takes the parts of as many makers that follow each other. */
void hubs_serve(struct edge *e, const struct readers *r, size_t hubs, struct routes *out);
/* hub.c: the hubs of an edge, of its flows, which are in the order of their tiles. */
void hubs_list(struct plan *p, struct edge *e);

#ifdef __cplusplus
}
#endif
#endif
