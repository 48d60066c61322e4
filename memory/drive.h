/* drive.h — one DRAM driven by a pattern or a request trace, request by request.
 *
 * Answers: cycles, bandwidth, latency, row hits and energy of a list of single-burst requests, as
 * the command-level simulators of the field are driven.  With T bytes per burst, C channels,
 * F = 256 MiB x C:
 *   stream-read, stream-write, mix21  address i T; mix21 writes when i mod 3 = 2
 *   stride-S (bytes)                  o = i S, address (o mod F) + T floor(o / F)
 *   random, random-mix21              x = x 6364136223846793005 + 1442695040888963407 (mod 2^64)
 *                                     from x = seed, address ((x >> 33) mod (F/T)) T
 *   chase                             the random list, one outstanding request
 *   FILE or FILE.gz                   lines `R|W hex-address`, 64 bytes each
 * Each channel gets its own requests in order, at most bursts_per_cycle (2) per cycle; or all are
 * in one list, which stops at a request that its channel cannot take and passes at most C times as
 * many.  At rate R < 1 request i may
 * not go before cycle i T / (R peak).  Posted writes may still be queued at the end. */
#ifndef CIMARRON_MEMORY_DRIVE_H
#define CIMARRON_MEMORY_DRIVE_H

#include "memory/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

struct drive_options {
    const char *pattern;
    int64_t requests; /* 0: all of a file, 100,000 of a pattern */
    double rate;      /* fraction of peak, 0 < rate <= 1 (1: as fast as accepted) */
    int64_t channels; /* 0: as many as the memory has */
    bool one_list;    /* one list before all channels, not one before each */
    uint64_t seed;    /* of the random patterns; 1 is the reference */
};

struct drive_result {
    double cycles, time_ns, bandwidth_gb_s, row_hit_rate;
    double avg_latency_ns, p99_latency_ns, max_latency_ns; /* of reads, from acceptance to data */
    double activate_pj, read_pj, write_pj, io_pj, refresh_pj, background_pj, energy_pj, pj_per_bit;
    double requests, reads, writes, activates, refreshes;
};

/* `m` must be of kind "dram"; its state is not touched.  False and a diag when the pattern is
 * unknown, an option is out of range, or the file cannot be read. */
FALLIBLE bool memory_drive(const struct memory *m, const struct drive_options *o,
                           struct drive_result *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
