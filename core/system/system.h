/* system.h — a machine as its config describes it, all parts open, known by their contracts only.
 *
 * Answers: how many arrays, tiles, buffers and vector units a system has, which network joins them,
 * which memory and host link hang on it; what its structure can do at most (system_peak).  It does
 * not run anything and knows no trace.
 *
 * A chip is `tiles` equal tiles on a mesh of routers (`concentration` tiles on each).  A tile holds
 * arrays, one buffer, one vector unit, a bus between buffer and arrays, and an accumulator for
 * partial sums.  Endpoints of the network: tiles first, then the host port, then memory ports.
 *
 * A package is a grid of equal dies, each of which is a chip: one system whose mesh spans them all,
 * row-major over the whole, with seams between dies (noc/network.h).  The die's own memory gives
 * way to the stacks of the package: one memory, interleaved over the channels of all.  Each die has
 * the chip's memory_ports, on the edges that face its stacks.  Left out: that a die reaches the
 * stacks of another only through it; what a tile is sent from memory is taken to lie before its own
 * die.
 *
 * New chip: a file in configs/chip.  New package: one in configs/package.  No code. */
#ifndef CIMARRON_SYSTEM_H
#define CIMARRON_SYSTEM_H

#include "chiplet/link.h"
#include "core/cim/array.h"
#include "core/cim/vector.h"
#include "core/tech/component.h"
#include "memory/buffer.h"
#include "memory/memory.h"
#include "noc/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum power_scope { SCOPE_CHIP, SCOPE_BOARD, SCOPE_SYSTEM };

const char *power_scope_name(enum power_scope s); /* "chip", "board", "system" */

struct package; /* chiplet/package.h */
struct wafer;   /* chiplet/wafer.h */

struct system {
    const char *name; /* base name of the config */
    const char *title;
    const char *kind; /* "chip", "package", "wafer" */
    int64_t year;
    enum power_scope scope;
    double node_nm;

    struct array *array; /* all arrays are alike */
    struct array_facts facts;
    int64_t tiles, arrays_per_tile, arrays;

    double tile_clock_mhz;
    struct buffer buffer;             /* of a tile */
    struct vector_unit vector;        /* of a tile */
    struct component bus;             /* per access of the buffer's width */
    struct component accumulate;      /* per partial sum added in a tile */
    struct component output_register; /* per output element leaving a tile's arrays */
    struct component control;         /* per tile and clock cycle, always running */
    double tile_area_um2;             /* what a tile holds beside the parts above */

    struct network *noc;
    struct network_shape shape;

    int64_t dies_x, dies_y;        /* 1, 1: one die */
    const struct package *package; /* NULL: none */
    const unsigned *memory_edges;  /* of each die: bits 1 << enum side; NULL: one die */
    double io_um2;                 /* of all dies, for links between them and memory ports */

    const struct wafer *wafer; /* NULL: none */
    int64_t regions;           /* of this size on the wafer */
    struct link handover;      /* of a region to the next one */
    const char *chip_path;     /* whose tile is a core of the wafer, and what is set in it */
    const struct cfg_override *chip_set;
    size_t chip_set_count;

    struct link host, next; /* next: to the next equal device; its power is its user's to count */
    bool has_host, has_next;
    struct memory *memory; /* NULL: none */
    int64_t memory_ports;  /* endpoints host_endpoint+1 ...; on a wafer where work enters */
    int64_t exit_ports;    /* of a wafer: those behind them, where it leaves; else 0 */

    struct quantity clock_mw;    /* clock distribution outside the tiles */
    double regulator_efficiency; /* board scope: 0.87 */
    double cooling_w_per_mm2;    /* what the package can cool */
    bool operands_in_arrays;     /* products of two operands may write one of them into arrays */
    bool can_reload;             /* has a weight memory and cells that can be rewritten */
};

/* Opens NAME.cfg of configs/chip, configs/package or configs/wafer, or a path; overrides as in
 * cfg_open, those of a package or wafer that begin with "chip." for the chip that its dies or cores
 * are. */
FALLIBLE bool system_open(struct arena *a, const char *name, const struct cfg_override *set,
                          size_t set_count, struct system **out, struct diag *d);

/* Cuts a wafer into at least `count` equal rectangles: one of them as a system of its own, with a
 * mesh of its tiles, entries in its corner, exits on its right, and the link to the next region.
 * Fails where the wafer has too few tiles. */
FALLIBLE bool system_region(struct arena *a, const struct system *wafer, int64_t count,
                            struct system **out, struct diag *d);

/* For `cimarron list`. */
const struct cfg_schema *system_schema(void);
const struct cfg_schema *system_tile_schema(void);

uint32_t system_host_endpoint(const struct system *s);
uint32_t system_memory_endpoint(const struct system *s, int64_t port);
/* Of a wafer: where what a tile makes leaves, straight on from it. */
uint32_t system_exit_endpoint(const struct system *s, uint32_t tile);
/* The die on which a tile lies, row-major over the grid. */
int64_t system_die_of(const struct system *s, uint32_t tile);
/* A memory port, 0 .. memory_ports - 1, to feed a tile.  On a chip all take turns.  In a package
 * the edges of its die that face stacks take turns, and on a left or right edge all ports; on an
 * upper or lower edge it is the nearest: ways that go along the row first would else crowd the row
 * there. */
int64_t system_port_near(const struct system *s, uint32_t tile, int64_t turn);
int64_t system_weight_capacity(const struct system *s,
                               int weight_bits); /* elements, whole arrays */

/* A wafer covers what is cut out of it: the parts and the rest. */
struct system_area {
    double part_um2[PART_COUNT];
    double rest_um2; /* of a wafer: spare cores, power, pads, the lanes between fields; else 0 */
    double total_um2;
};
void system_area(const struct system *s, struct system_area *out);

/* Leakage and everything else that is spent whether or not there is work, in mW by part. */
struct static_power {
    struct quantity part_mw[PART_COUNT];
};
void system_static_power(const struct system *s, struct static_power *out);

/* Products of one kind: at which bits, on which data. */
struct system_work {
    int input_bits, weight_bits; /* as asked, >= 1: run at the narrowest that hold them */
    struct operand_stats input, weight;
    bool of_operands; /* both are made during the run: lanes of vector units do them, too, and
                       * arrays only where the chip writes operands into them */
};

/* Products with static weights (bits 0: native), on the data that is taken where a trace says
 * nothing. */
struct system_work system_usual_work(const struct system *s, int input_bits, int weight_bits);

/* What no mapping of such products can do better (product.c): the rate of all arrays or lanes, and
 * the energy of one multiply-accumulate with what must move to feed it. */
struct system_least {
    int input_bits, weight_bits;                /* as run */
    double array_macs_per_ps, lane_macs_per_ps; /* 0: these cannot */
    double part_pj[PART_COUNT];
    double part_sigma_pj[PART_COUNT]; /* standard uncertainty, by the spreads of prices */
};
FALLIBLE bool system_least(const struct system *s, const struct system_work *w,
                           struct system_least *out, struct diag *d);

struct system_power {
    double total_w;
    double part_w[PART_COUNT];
    double part_sigma_w[PART_COUNT];
};

/* What the structure can do at most with the products added to a mix: no run of them, however
 * mapped, has a higher rate or more operations per joule (docs/MODELS.md, "Peak"). */
struct system_mix {
    const struct system *system;
    double macs;
    double array_ps,
        either_ps;          /* that all arrays take for what only they, what lanes can do, too */
    double lane_ps;         /* that all lanes take for what only they can do */
    double lanes_per_array; /* the largest rate of lanes over that of arrays */
    double part_pj[PART_COUNT], part_sigma_pj[PART_COUNT];
};
struct system_mix system_mix_open(const struct system *s);
void system_mix_add(struct system_mix *m, const struct system_least *l, double macs); /* > 0 */

struct system_peak {
    int input_bits, weight_bits; /* as run; of a mix 0 */
    double tops, area_mm2;
    struct system_power power; /* at that rate */
    double memory_gb, memory_gb_s, on_chip_mb;
};
void system_mix_peak(const struct system_mix *m, struct system_peak *out);

/* The peak of a single kind of product. */
FALLIBLE bool system_peak(const struct system *s, const struct system_work *w,
                          struct system_peak *out, struct diag *d);

/* Every part at full activity at once, needed or not, as designs publish it: arrays full, one
 * action of every other part in every cycle. */
FALLIBLE bool system_full_power(const struct system *s, const struct system_work *w,
                                struct system_power *out, struct diag *d);

/* The middle 90 % of TOPS/W, low then high, over `samples` (>= 20) draws of all parts' power;
 * scratch from `a`.  Rates are not drawn. */
void system_peak_interval(struct arena *a, const struct system_peak *p, size_t samples,
                          uint64_t seed, double tops_per_w[2]);

#ifdef __cplusplus
}
#endif
#endif
