/* dram_spec.h — one DRAM part as plain numbers: organisation, timing, queues, policies.
 *
 * Answers: which commands may follow which after how many cycles, and where a burst lies.
 * It holds no state.  A cycle is the controller's tick: a clock of the command bus, or half a
 * clock where row commands use both edges (HBM3).  Timings are JEDEC names, in cycles; those of
 * multi-cycle commands count from the last cycle of the command, as in the standards.
 *
 * Limits: one rank; stack ids (SID) share the data bus of their pseudo channel; at most 64 banks
 * in a channel and 64 entries in a queue.  Refresh: all banks of a pseudo channel together, bank
 * by bank, or none.  No power-down, no self-refresh, no ECC scrubbing. */
#ifndef CIMARRON_MEMORY_DRAM_SPEC_H
#define CIMARRON_MEMORY_DRAM_SPEC_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DRAM_BANKS_MAX = 64, DRAM_QUEUE_MAX = 64, DRAM_PSEUDO_MAX = 4, DRAM_XOR_MAX = 32 };

enum dram_refresh { DRAM_REFRESH_ALL_BANK, DRAM_REFRESH_PER_BANK, DRAM_REFRESH_NONE };
enum dram_page { DRAM_PAGE_OPEN, DRAM_PAGE_CLOSED };
/* Commands that may be held to the rising edge. */
enum dram_edge {
    DRAM_EDGE_ACT,
    DRAM_EDGE_PRE,
    DRAM_EDGE_RD,
    DRAM_EDGE_WR,
    DRAM_EDGE_REF,
    DRAM_EDGE_REFPB,
    DRAM_EDGES
};
enum dram_bus { DRAM_BUS_SHARED, DRAM_BUS_ROW_COLUMN };

/* Timings of the data sheet in cycles; 0: the part does not have that rule. */
struct dram_cycles {
    int64_t bl, cl, cwl;
    int64_t rcd_rd, rcd_wr, rp, ras, rc;
    int64_t ccd_s, ccd_l, ccd_r; /* ccd_r: reads on different stack ids */
    int64_t rrd_s, rrd_l, faw;
    int64_t wr, wtr_s, wtr_l, rtp;
    int64_t rtw; /* read to write; 0: cl + bl + 2 - cwl */
    int64_t ppd; /* precharge to precharge */
    int64_t rfc, rfc_pb, rrefd, refi, refi_pb;
    int64_t act_cycles, column_cycles, pre_cycles; /* cycles on the command bus, 1 or more */
};

struct dram_organisation {
    int64_t channels, pseudo, sids, groups, banks; /* banks: per group */
    int64_t rows, row_bytes;                       /* row_bytes: of one pseudo channel */
    int64_t burst_bytes;
};

struct dram_controller {
    int64_t read_queue, write_queue; /* entries per channel */
    double write_high, write_low;    /* watermarks, shares of write_queue */
    int64_t write_wait;              /* cycles after which waiting writes go; 0: any time */
    int64_t feed_per_cycle;          /* bursts a channel takes in per cycle */
    int64_t edges;                   /* cycles per clock: 1, or 2 with row commands on both */
    const char *rising;              /* "ACT RD ...": commands held to the rising edge of 2 */
    int64_t interleave_bytes;        /* consecutive bytes in one channel */
    enum dram_refresh refresh;
    enum dram_page page;
    enum dram_bus bus;
    const char *mapping; /* "16r3c2b2g1p2c": bits from MSB to LSB after the burst offset */
    const char *hash;    /* "p0^c0 g0^c1 ...": XORs applied after the split, in order; may be "" */
};

/* Where the bursts of a channel lie. */
struct dram_place {
    int64_t row;
    int32_t bank, column; /* bank: flat, pseudo channel first */
};

struct dram_field {
    char what;            /* r c b g p s */
    int shift, width, at; /* bits [shift, shift+width) of the burst number land at bit `at` */
};

struct dram_xor {
    char to, from;
    int to_bit, from_bit;
};

struct dram_map {
    struct dram_field fields[16];
    int count, low_bits; /* low_bits: bits below the row when row_on_top */
    struct dram_xor xors[DRAM_XOR_MAX];
    int xor_count;
    bool row_on_top;                /* the row is the top bits and no XOR touches or uses it */
    int64_t bursts;                 /* in a channel */
    const struct dram_place *table; /* of the low bits, when row_on_top */
};

/* Command-to-command distances in cycles, from first cycle to first cycle. */
struct dram_distances {
    int64_t rd_rd, rd_rd_group, rd_rd_sid, wr_wr, wr_wr_group, rd_wr, wr_rd, wr_rd_group;
    int64_t act_rd, act_wr, act_pre, act_act, act_act_group, act_act_bank, faw;
    int64_t pre_act, pre_pre, rd_pre, wr_pre, act_ref, pre_ref, ref_act, ref_pre;
    int64_t refpb_act, refpb_act_other, read_latency, write_latency;
};

struct dram_spec {
    struct dram_organisation org;
    struct dram_cycles cycles;
    struct dram_controller ctl;
    struct dram_map map;
    struct dram_distances d;
    int32_t pseudo_banks, bank_count, group_count; /* per pseudo channel; per channel */
    int64_t held[DRAM_EDGES];        /* 1: the command goes on rising edges (odd cycles) only */
    int32_t write_above, read_below; /* waiting writes beyond which writes go, below which reads */
    uint8_t group_of[DRAM_BANKS_MAX], pseudo_of[DRAM_BANKS_MAX]; /* flat bank -> */
    uint64_t group_banks[DRAM_BANKS_MAX];                        /* bits of its banks */
};

/* Fills map, d, the counts and what is looked up by bank from org, cycles and ctl.  False and a
 * diag when they do not fit together (not a power of two, mapping bits do not match, more banks
 * than DRAM_BANKS_MAX). */
FALLIBLE bool dram_spec_resolve(struct arena *a, struct dram_spec *s, struct diag *d);

/* Reads mapping and hash; the row count and widths must match the organisation. */
FALLIBLE bool dram_map_open(struct arena *a, struct dram_spec *s, struct diag *d);

/* Place of the burst number within its channel; numbers beyond the capacity wrap around. */
void dram_map_place(const struct dram_spec *s, int64_t burst, struct dram_place *out);

/* First cycle-by-cycle distances from the data-sheet timings. */
void dram_distances_from(struct dram_spec *s);

#ifdef __cplusplus
}
#endif
#endif
