/* dram.h — a DRAM stack or module: channels behind one server.
 *
 * Answers: what memory.h asks, for the kind "dram"; a channel is dram_channel.h.  A transfer is
 * cut into one segment per channel by the interleaving, and channels that it leaves equal are
 * simulated once (dram_classes.h).
 *
 * Energy (O'Connor et al., MICRO 2017): an activation, so many pJ per bit read or written, so many
 * per bit over the interface; a refresh costs the rows it opens times an activation; standby power
 * runs all the time. */
#ifndef CIMARRON_MEMORY_DRAM_H
#define CIMARRON_MEMORY_DRAM_H

#include "memory/dram_channel.h"
#include "memory/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dram_prices {
    struct quantity activate_pj;       /* a row opened and closed */
    struct quantity read_pj, write_pj; /* a burst, inside the device */
    struct quantity io_pj;             /* a burst over the interface */
    struct quantity refresh_pj;        /* one refresh command */
    struct quantity background_mw;     /* one channel */
};

struct dram;

/* From plain numbers: clock in kHz (ticks of the controller).  Resolves `spec`. */
FALLIBLE bool dram_create(struct arena *a, const char *name, const struct dram_spec *spec,
                          int64_t clock_khz, const struct dram_prices *prices, struct memory **out,
                          struct diag *d);

bool dram_is(const struct memory *m);
const struct dram_spec *dram_spec_of(const struct memory *m);
const struct dram_prices *dram_prices_of(const struct memory *m);
int64_t dram_clock_khz(const struct memory *m);

/* False: simulate every command of every channel (for comparison; the results are the same). */
void dram_use_memo(struct memory *m, bool use);
int64_t dram_distinct_channels(const struct memory *m); /* channels that differ by now */
int64_t dram_skipped_stretches(const struct memory *m);

/* Cycle counts to time and back; a cycle's time is computed, not accumulated. */
time_ps dram_time_of(int64_t clock_khz, int64_t cycle); /* first ps of the cycle, rounded up */
int64_t dram_cycle_of(int64_t clock_khz, time_ps now);  /* last cycle that started by `now` */

#ifdef __cplusplus
}
#endif
#endif
