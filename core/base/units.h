/* units.h — unit factors, written once.
 *
 * Answers: how the units that end names turn into each other.  Exact decimal factors only.
 * 1 mW x 1 ns = 1 pJ; 1 mW / 1 GHz = 1 pJ; 1 GB/s = 1 byte/ns (GB is 1e9 bytes). */
#ifndef CIMARRON_UNITS_H
#define CIMARRON_UNITS_H

#include "core/base/base.h"

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PS_PER_NS 1e3
#define PS_PER_US 1e6
#define PS_PER_MS 1e9
#define PS_PER_S 1e12
#define PJ_PER_FJ 1e-3
#define PJ_PER_NJ 1e3
#define PJ_PER_UJ 1e6
#define PJ_PER_MJ 1e9 /* millijoule */
#define PJ_PER_J 1e12
#define MW_PER_W 1e3
#define UM2_PER_MM2 1e6
#define BYTES_PER_KIB INT64_C(1024)
#define BYTES_PER_MIB INT64_C(1048576)
#define BYTES_PER_GIB INT64_C(1073741824)

static inline double ps_to_s(double ps)
{
    return ps / PS_PER_S;
}

static inline double pj_to_j(double pj)
{
    return pj / PJ_PER_J;
}

/* Power drawn for a time, as energy: 1 mW for 1 ps is 1e-3 pJ. */
static inline double mw_ps_to_pj(double mw, double ps)
{
    return mw * ps / PS_PER_NS;
}

/* The picoseconds of one cycle at f MHz. */
static inline double mhz_to_ps(double mhz)
{
    return 1e6 / mhz;
}

/* A duration as simulated time: rounded up, so that nothing takes no time; too long is never. */
static inline time_ps time_ceil(double ps)
{
    return ps >= 9.2e18 ? TIME_NEVER : (time_ps)ceil(ps);
}

#ifdef __cplusplus
}
#endif
#endif
