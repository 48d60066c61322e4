/* sim.h — playing a plan in time: who waits for whom, how long, and what it cost.
 *
 * sim_run is the one C function of this floor.  SystemC keeps the clock and the order of events;
 * the pipeline's rules are plain C (pipeline.h); arrays, vector units, networks and memories answer
 * through their contracts.  The SystemC kernel cannot be restarted: one process runs one plan.
 *
 * Work that repeats is played once: when the states at the ends of two samples are equal up to a
 * shift in time, and the periods agree within 0.1 % in time and in every part's energy, whole
 * periods are added by arithmetic.  `exact` switches that off. */
#ifndef CIMARRON_SIM_H
#define CIMARRON_SIM_H

#include "core/plan/plan.h"
#include "core/sim/moment.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_options {
    bool exact; /* play every sample */
    /* An ideal TLM-2.0 memory in place of the system's: latency in ns, bandwidth in 1e9 bytes/s
     * (0: the system's own).  Its energy is not booked. */
    double ideal_memory_ns, ideal_memory_gb_s;
};

struct stage_times {
    double start_ps, end_ps, busy_ps;
};

struct sim_result {
    double time_ps;               /* makespan of the trace */
    double latency_ps;            /* of the first sample */
    double interval_ps;           /* between samples in the filled pipeline; 0 below two samples */
    double repeated_fraction;     /* share of the samples added by arithmetic */
    double cause_ps[CAUSE_COUNT]; /* sums to time_ps */
    struct ledger *ledger;
    struct stage_times *stages;        /* by stage index */
    double bytes_sent, bytes_received; /* over the network, played part */
    double transfers;                  /* played */
};

/* Fails (exit 1) when the pipeline stalls for good. */
FALLIBLE bool sim_run(struct arena *a, const struct plan *p, const struct sim_options *o,
                      struct sim_result *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
