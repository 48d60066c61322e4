/* link.h — a link that leaves a die: host interface, die-to-die, board.
 *
 * Answers: rate, latency, energy per bit moved and idle, static power, area, and the edge of a die
 * that it takes up.  A transfer takes latency + bytes / bandwidth and the caller serialises.
 *
 * Bits are lost on the way with probability `ber` each, so that a flit of F bits is sent again with
 * probability 1 - (1 - BER)^F, and `replay_flits` go with it (go-back-N).  Only the mean is taken:
 * it lowers the rate of the payload and adds to the bits that are paid for.  A link with faulty
 * lanes first uses its spare ones, then halves its width (link_with_faults).
 *
 * Left out: training, lane repair time, the jitter of single replays, ramps of low-power states.
 * Source of the model: Universal Chiplet Interconnect Express Specification 1.0, 2022 (flits, CRC,
 * replay, width degrade). */
#ifndef CIMARRON_LINK_H
#define CIMARRON_LINK_H

#include "core/base/cfg.h"
#include "core/base/costed.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What dies are mounted on, in the order of how fine its wires are. */
enum substrate { SUBSTRATE_ORGANIC, SUBSTRATE_FANOUT, SUBSTRATE_INTERPOSER, SUBSTRATE_STACKED };

extern const char *const substrate_words[]; /* "organic", ..., NULL */

struct link {
    const char *name;
    double gb_per_s; /* 1e9 bytes of payload per second, one direction */
    double latency_ns;
    struct quantity pj_per_bit; /* moved */
    struct quantity static_mw;  /* always */
    double area_um2;

    double raw_gb_per_s;             /* of all lanes, one direction */
    double wire_bits_per_bit;        /* bits moved for a bit of payload: overhead and replays */
    struct quantity idle_pj_per_bit; /* in the time of each bit that does not move */
    int64_t lanes, spare_lanes;      /* of one direction; lanes 0: not stated */
    double gt_per_s;                 /* of a lane */
    int64_t flit_bytes, flit_overhead_bytes, replay_flits;
    double ber;
    double edge_gb_per_s_mm; /* both directions, per mm of die edge; 0: takes no edge */
    double reach_mm;         /* 0: any distance */
    int substrate;           /* enum substrate: the coarsest that can carry it */
};

extern const struct cfg_schema link_schema;

FALLIBLE bool link_open(const struct cfg_group *g, struct link *out, struct diag *d);

/* Duration: serialisation only (latency is the caller's to add once per transfer). */
void link_cost(const struct link *l, double bytes, struct cost *out);

/* Probability that a flit must be sent again; 0 without flits. */
double link_retry_probability(const struct link *l);

/* Millimetres of die edge that `count` such links side by side take up. */
double link_edge_mm(const struct link *l, int64_t count);

/* The link with `faulty` (>= 0) of its lanes broken: spares step in, then the width halves until it
 * fits what works.  False when no lane is left, or when the lanes are not stated. */
bool link_with_faults(const struct link *l, int64_t faulty, struct link *out);

#ifdef __cplusplus
}
#endif
#endif
