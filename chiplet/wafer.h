/* wafer.h — one mesh of cores over a whole wafer: reticle fields, defects, spares, traffic by
 * flows.
 *
 * Answers: what the structure holds and carries (memory, memory bandwidth, fabric, bisection,
 * edge); which cores are defective and what it costs in hops to route around them; how long tensors
 * take from region to region when they share links, and how many flits that is.  The work is that
 * of the number of flows and defects, not of cores.  It does not know what a core computes.
 *
 * Structure.  fields_x x fields_y reticle fields, stitched, hold core_columns x core_rows cores
 * each. A column of a field is cut into segments of segment_cores, of which segment_spares step in
 * for defective ones: behind a defect the segment moves up by one.  A link between neighbours that
 * were moved differently is longer by the difference; one past a defect, by one; past a core that
 * no spare replaces, by two.  Software sees columns x rows of what is left, in the middle.
 *
 * Traffic.  Bytes lie evenly over the cores of a region, in order, and go along the row first, then
 * along the column.  Flows share links by max-min fairness, anew whenever one ends; a flow ends
 * with its bytes over its rates and the latency of its longest way.  Slices keep their order: a
 * core that lies a third into `from` sends to one a third into `to`.  A multicast forks in the
 * routers; a reduction is its mirror image and adds in the routers' cores. Left out: bursts, finite
 * buffers, wakening of links; positions of defects do not reroute flows but lengthen them; defects
 * outside cores are taken to hit redundant wires.
 *
 * Sources: S. Lie, Hot Chips 2022 and IEEE Micro 43(3), 2023; K. Rocki et al., SC 2020 (one cycle
 * per hop, static routes, multicast); D. Bertsekas and R. Gallager, Data Networks, 1992 (max-min).
 */
#ifndef CIMARRON_WAFER_H
#define CIMARRON_WAFER_H

#include "chiplet/link.h"
#include "chiplet/yield.h"
#include "core/base/arena.h"
#include "core/tech/component.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WAFER_FLOWS_MAX = 64 };

/* A column's cores that share spares, with at least one defect among them. */
struct wafer_segment {
    int64_t x, y;          /* column, and row of its first core, as software counts; y may be < 0 */
    uint32_t first, count; /* its entries in `defects` */
};

struct wafer {
    const char *title;
    const char *chip; /* the chip config whose tile is a core; "" when it is none */
    int kind;         /* 0: the word "wafer" */
    int64_t year;
    double width_mm, height_mm;
    int64_t fields_x, fields_y;
    double field_width_mm, field_height_mm;
    int64_t core_columns, core_rows, segment_cores, segment_spares;
    int64_t columns, rows; /* that software may use */
    double core_mm2;
    double clock_mhz;
    int64_t link_bits, router_cycles, link_cycles, seam_cycles;
    bool multicast;
    struct quantity wire_pj_per_bit_mm;
    double defects_per_mm2, seam_yield;
    int64_t sram_bytes;           /* of a core */
    double sram_bytes_per_cycle;  /* of a core, reads and writes */
    struct quantity core_peak_mw; /* of a core, all busy; 0: not stated */
    double regulator_efficiency, cooling_w_per_mm2;

    struct component router; /* energy per flit, area, leakage */
    struct link edge;        /* all that leaves the wafer */
    bool has_wafer_process;
    struct yield_process process; /* wafer_usd: of the processed wafer */

    int64_t defect_count;           /* drawn on the whole wafer, in cores or not */
    int64_t hit_cores, lost_cores;  /* in use: defective, and not replaced */
    struct wafer_segment *segments; /* damaged ones, by column, then row */
    uint32_t segment_count;
    int64_t *defects;         /* places in their segments, ascending, from 0 */
    struct quantity link_pj;  /* of a flit over a link */
    double link_bytes_per_ps; /* one direction */
    double core_mm;           /* side of a core */
};

extern const struct cfg_schema wafer_schema; /* for `cimarron list` */

/* Defects are drawn from the stream (seed, "wafer.defects"). */
FALLIBLE bool wafer_open(struct arena *a, const struct cfg_group *g, uint64_t seed,
                         struct wafer **out, struct diag *d);

/* --- what the structure holds ----------------------------------------------------------------- */

int64_t wafer_cores(const struct wafer *w); /* usable, less those lost */
double wafer_area_mm2(const struct wafer *w);
double wafer_sram_bytes(const struct wafer *w);
double wafer_sram_bytes_per_s(const struct wafer *w);
/* As vendors count: four links of each router, both directions. */
double wafer_fabric_bits_per_s(const struct wafer *w);
double wafer_bisection_bytes_per_ps(const struct wafer *w); /* both directions, narrower cut */
double wafer_expected_defects(const struct wafer *w);
double wafer_yield(const struct wafer *w); /* that spares and seams suffice everywhere */
double wafer_usd(const struct wafer *w);   /* of a wafer that works; 0 when no price is given */

/* --- ways ------------------------------------------------------------------------------------- */

/* Links from core to core along the row, then the column, and what defects add to them. */
int64_t wafer_hops(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1);
int64_t wafer_extra_hops(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1);
int64_t wafer_seams(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1);
double wafer_latency_ps(const struct wafer *w, int64_t x0, int64_t y0, int64_t x1, int64_t y1);
bool wafer_core_lost(const struct wafer *w, int64_t x, int64_t y);

/* --- traffic ---------------------------------------------------------------------------------- */

struct wafer_region {
    int64_t x, y, width, height; /* of cores; at least one */
};

enum wafer_pattern {
    WAFER_SLICES,    /* each byte goes to one core */
    WAFER_MULTICAST, /* each byte goes to every core of `to` */
    WAFER_REDUCE     /* every core of `from` holds `bytes`; their sums are spread over `to` */
};

struct wafer_flow {
    struct wafer_region from, to;
    enum wafer_pattern pattern;
    double bytes;   /* of the tensor, once */
    double done_ps; /* set by wafer_flows_ps */
};

/* All flows (at most WAFER_FLOWS_MAX) start at 0: when each is done, and the last of them. */
double wafer_flows_ps(const struct wafer *w, struct wafer_flow *flows, size_t count);

/* Bytes over the most loaded link or port, over its rate: no schedule is faster. */
double wafer_flows_bound_ps(const struct wafer *w, const struct wafer_flow *flows, size_t count);

/* What a byte of a flow puts on one link: from (x, y) to the right or left neighbour (along the
 * row), or down (y + 1) or up.  0 to 1. */
enum wafer_way { WAFER_RIGHT, WAFER_LEFT, WAFER_DOWN, WAFER_UP };
double wafer_flow_load(const struct wafer_flow *f, int64_t x, int64_t y, enum wafer_way way);

/* Links that a byte of the flow crosses, all its copies together. */
double wafer_flow_hops(const struct wafer *w, const struct wafer_flow *f);

/* Flits over links and through routers, with defects' hops; the duration is that of it alone. */
void wafer_flow_cost(const struct wafer *w, const struct wafer_flow *f, struct cost *out);

/* --- private to chiplet/ ---------------------------------------------------------------------- */

void wafer_draw_defects(struct wafer *w, struct arena *a, uint64_t seed); /* wafer_defects.c */

#ifdef __cplusplus
}
#endif
#endif
