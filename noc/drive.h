/* drive.h — a network under synthetic traffic: latency and throughput against load.
 *
 * Each of the first `nodes` endpoints creates packets as a Bernoulli process; destinations follow
 * a pattern.  Packets created between warm-up and the end of the measurement are followed to their
 * arrival.  Latency runs from creation to the last byte, waiting at the source included.
 * Patterns as in Dally and Towles, "Principles and Practices of Interconnection Networks", 2004,
 * chapter 3, and, for tornado and neighbor on both dimensions, as BookSim2 has them. */
#ifndef CIMARRON_DRIVE_H
#define CIMARRON_DRIVE_H

#include "noc/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum drive_pattern {
    DRIVE_UNIFORM,
    DRIVE_TRANSPOSE,
    DRIVE_BITCOMP,
    DRIVE_BITREV,
    DRIVE_SHUFFLE,
    DRIVE_TORNADO,
    DRIVE_NEIGHBOR,
    DRIVE_HOTSPOT, /* a tenth of the packets go to the middle node, the rest is uniform */
    DRIVE_PATTERNS
};

struct drive {
    enum drive_pattern pattern;
    double rate;                   /* flits per node and cycle offered, 0 < rate <= packet_flits */
    int64_t packet_flits;          /* >= 1 */
    int64_t warmup_cycles, cycles; /* >= 0; > 0 */
    int64_t nodes;                 /* 0: all endpoints */
    uint64_t seed;
    bool no_self; /* uniform: never to the sender itself */
};

struct drive_result {
    double avg_packet_latency_cycles, p99_packet_latency_cycles;
    double min_packet_latency_cycles, max_packet_latency_cycles;
    double avg_hops; /* links between routers */
    double offered_flits_per_node_cycle, accepted_flits_per_node_cycle;
    bool stable; /* what waits grew by less than 5 % of what was created */
    double packets, flit_hops;
    double energy_pj[PART_COUNT]; /* of the whole run, warm-up and draining included */
    int64_t end_cycle;
};

const char *drive_pattern_name(enum drive_pattern p);
bool drive_pattern_find(const char *name, enum drive_pattern *p); /* false: no such pattern */

/* Runs a fresh network to the end.  False: the pattern does not suit that many nodes. */
FALLIBLE bool network_drive(struct arena *a, struct network *n, const struct drive *o,
                            struct drive_result *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
