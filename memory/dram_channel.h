/* dram_channel.h — one DRAM channel with its controller, cycle by cycle where something happens.
 *
 * Answers: in which cycle each burst of a list of segments is served.  First-ready first-come
 * scheduling: a command that may go now before one that may not, else the older request; a row
 * with an older hit is not closed; reads go first until the write queue reaches its high
 * watermark, no read waits, or a write has waited for too long.  The rules are those that
 * Ramulator 2.1 documents for its FRFCFS-RowHit scheduler, so that its published runs can be held
 * against this one.
 *
 * Cycles in which nothing can happen are skipped: every candidate knows when it is ready.  Long
 * streams repeat themselves: dram_memo.h skips what was met before, exactly.
 * The state is one flat struct without pointers into itself: copying it is a checkpoint. */
#ifndef CIMARRON_MEMORY_DRAM_CHANNEL_H
#define CIMARRON_MEMORY_DRAM_CHANNEL_H

#include "memory/dram_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DRAM_SEGMENTS = 128, DRAM_POOL = 2 * DRAM_QUEUE_MAX + DRAM_BANKS_MAX };

#define DRAM_CYCLE_NEVER (INT64_MAX / 4)

/* Consecutive bursts of one transfer in one channel. */
struct dram_segment {
    int64_t next, end; /* bursts of the channel still to be taken in: [next, end) */
    int64_t eligible;  /* first cycle in which they may be offered */
    int64_t left;      /* bursts not yet finished */
    int64_t done;      /* cycle of the last finished burst, valid when left is 0 */
    double activates;  /* rows opened on its behalf */
    int32_t owner;     /* the caller's */
    bool write;
};

struct dram_entry {
    int64_t arrive;
    uint64_t order; /* position in its list */
    int64_t row;
    int16_t column, bank, segment, next;
    bool write;
};

/* Requests of one direction, a list per bank in order of age. */
struct dram_queue {
    int32_t size;
    uint64_t banks, hits, misses; /* banks with any entry, one for the open row, one for another */
    int16_t head[DRAM_BANKS_MAX], tail[DRAM_BANKS_MAX];
    int16_t hit[DRAM_BANKS_MAX], miss[DRAM_BANKS_MAX]; /* oldest of each, -1 none */
};

struct dram_bank {
    int64_t row;              /* -1 closed */
    int64_t act, pre, rd, wr; /* first cycle for each command */
};

struct dram_group {
    int64_t act, rd, wr;
};

struct dram_pseudo {
    int64_t act, rd, wr, pre, preab, ref;
    int64_t faw[4];
    int32_t faw_at;
};

/* What happened, for statistics; counts since the channel was opened. */
struct dram_counts {
    double activates, reads, writes, refreshes, hits, forwarded;
};

struct dram_channel {
    int64_t clk; /* ticks done */
    int64_t refresh_due, row_bus, column_bus;
    int64_t last_accept, last_read; /* cycles of the last request taken in, last read returned */
    uint64_t order;
    int32_t refresh_count; /* refreshes waiting */
    int32_t refresh_unit;  /* pseudo channel (all-bank) or flat bank (per-bank) of the first */
    int64_t pair_edge;     /* HBM3: falling edge bound by the row command before it */
    int32_t pair_pseudo, pair_bank;
    int64_t write_since; /* since when writes wait while reads go */
    bool write_mode, write_flush;
    int16_t active[DRAM_BANKS_MAX];
    int32_t active_count;
    uint64_t active_banks;
    int16_t free_entry;
    struct dram_queue queue[2]; /* reads, writes */
    struct dram_bank bank[DRAM_BANKS_MAX];
    struct dram_group group[DRAM_BANKS_MAX];
    struct dram_pseudo pseudo[DRAM_PSEUDO_MAX];
    struct dram_entry entry[DRAM_POOL];
    /* What follows is bookkeeping that decides nothing. */
    struct dram_segment segment[DRAM_SEGMENTS];        /* ring, oldest unfinished first */
    uint32_t segment_first, segment_feed, segment_end; /* running numbers */
    int64_t stretch;
    uint32_t stretch_segment;
    struct dram_counts counts;
};

struct dram_memo;

/* Latencies of reads, for whoever wants them; `bins` counts cycles 0..count-1, the last one all
 * beyond. */
struct dram_probe {
    int64_t *bins;
    int64_t count;
    double sum, reads, max;
};

struct dram_engine {
    const struct dram_spec *spec;
    struct dram_memo *memo;   /* NULL: simulate everything */
    struct dram_probe *probe; /* NULL: nobody asks */
    bool untracked;           /* segments are forgotten once taken in; nobody asks when they end */
};

void dram_channel_open(const struct dram_spec *s, struct dram_channel *c);

/* Room for one more segment? */
bool dram_channel_has_room(const struct dram_channel *c);

/* Appends a segment [from, to) of bursts; asserts that there is room. */
void dram_channel_add(struct dram_channel *c, int64_t from, int64_t to, bool write,
                      int64_t eligible, int32_t owner);

/* Runs until all segments but the newest `leave` have been taken in (never past that cycle), or to
 * cycle `until`.  Segments added later are met as if they had been there from the start when they
 * become eligible later than that, or when `leave` is at least feed_per_cycle. */
void dram_channel_feed(const struct dram_engine *e, struct dram_channel *c, int64_t until,
                       uint32_t leave);

/* Runs to cycle `until`, or, when it is DRAM_CYCLE_NEVER, until nothing is left. */
void dram_channel_run(const struct dram_engine *e, struct dram_channel *c, int64_t until);

/* Offers one burst at cycle `at`, not before the channel's own, and in every cycle from then on
 * until it is taken in; returns that cycle, up to which the channel has run.  Nothing else may wait
 * to be taken in. */
int64_t dram_channel_offer(const struct dram_engine *e, struct dram_channel *c, int64_t burst,
                           bool write, int64_t at);

bool dram_channel_fed(const struct dram_channel *c);  /* everything has been taken in */
bool dram_channel_idle(const struct dram_channel *c); /* nothing taken in is unfinished */

/* Pops the oldest segment that is finished: writes may wait while reads that came later go. */
bool dram_channel_collect(struct dram_channel *c, struct dram_segment *out);

static inline struct dram_segment *dram_channel_segment(struct dram_channel *c, uint32_t number)
{
    return &c->segment[number % DRAM_SEGMENTS];
}

/* --- between dram_channel.c and dram_sched.c ------------------------------------------------ */

/* One tick at cycle `now`: at most one command per bus.  Returns whether one went; *wake is then
 * meaningless, else the first later cycle at which one might go. */
bool dram_sched_tick(const struct dram_engine *e, struct dram_channel *c, int64_t now,
                     int64_t *wake);

void dram_queue_insert(struct dram_channel *c, struct dram_queue *q, int16_t at);
void dram_queue_remove(struct dram_channel *c, struct dram_queue *q, int16_t at);
void dram_queue_row_changed(struct dram_channel *c, struct dram_queue *q, int bank);
void dram_entry_free(struct dram_channel *c, int16_t at);
void dram_burst_done(const struct dram_engine *e, struct dram_channel *c, int segment,
                     int64_t cycle);

#ifdef __cplusplus
}
#endif
#endif
