/* cycles.h — the edges of a clock in picoseconds, without drift.
 *
 * A clock is a whole number of kHz; edge k lies at floor(k x 10^9 / kHz) ps, computed from k and
 * never accumulated.  Exact for all times of 64 bits and clocks up to 9 GHz. */
#ifndef CIMARRON_CYCLES_H
#define CIMARRON_CYCLES_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CYCLES_PS_PER_MS = 1000000000 };

/* The time of edge `cycle` >= 0 of a clock of `khz` (> 0). */
static inline time_ps cycles_to_ps(int64_t cycle, int64_t khz)
{
    return cycle / khz * CYCLES_PS_PER_MS + cycle % khz * CYCLES_PS_PER_MS / khz;
}

/* The last edge at or before `t` >= 0. */
static inline int64_t cycles_until(time_ps t, int64_t khz)
{
    int64_t ms = t / CYCLES_PS_PER_MS, rest = t % CYCLES_PS_PER_MS;
    return ms * khz + ceil_div((rest + 1) * khz, CYCLES_PS_PER_MS) - 1;
}

#ifdef __cplusplus
}
#endif
#endif
