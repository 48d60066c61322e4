/* run.h — one run from names to the canonical result.
 *
 * run_evaluate opens the system, reads the trace, plans, plays, runs the GPU baselines on the same
 * trace, and returns the result as a JSON object with the keys of `run --format json`.  It must be
 * called at most once per process (SystemC cannot be restarted): core/app forks for each call. */
#ifndef CIMARRON_RUN_H
#define CIMARRON_RUN_H

#include <jansson.h>

#include "core/base/cfg.h"
#include "core/system/system.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct import_options;

struct run_request {
    const char *system, *trace;       /* names or paths; `trace` may be a file to import */
    int64_t batch;                    /* multiplies the trace's shapes; 1 */
    int activation_bits, weight_bits; /* 0: the trace's */
    const struct cfg_override *set;   /* overrides of the system's config */
    size_t set_count;
    const char *const *baselines; /* GPU names, NULL-terminated; NULL: the default three */
    uint64_t seed;
    int uncertainty;                           /* samples; 0: none */
    double ideal_memory_ns, ideal_memory_gb_s; /* 0: the system's own memory */
    int64_t devices;                           /* at least; 0: as few as hold the model */
    int64_t tensor; /* of them, those that share every layer; 0: the planner's choice */
    bool exact;     /* play every sample */
    /* Of a file that is imported; its bits and batch are those above.  NULL: the defaults. */
    const struct import_options *import;
};

FALLIBLE bool run_evaluate(struct arena *a, const struct run_request *q, json_t **out,
                           struct diag *d);

/* The same on a system that is open, of a trace in memory, whose operators are scaled in place;
 * what the request says of system and trace is not read. */
FALLIBLE bool run_evaluate_open(struct arena *a, struct system *s, const struct trace *t,
                                const struct run_request *q, json_t **out, struct diag *d);

/* The trace on a GPU in place of a system: `system` is its config, `set` overrides it.  Of a run's
 * keys those of a baseline, with `precision` (bits of the trace) and tops_per_mm2; `dtype` is the
 * narrowest that holds the bits. */
FALLIBLE bool run_evaluate_gpu(struct arena *a, const struct run_request *q, json_t **out,
                               struct diag *d);

/* The trace that NAME means: a path that exists, else traces/samples/NAME.jsonl.gz under
 * cfg_home.  NULL and a diag when there is none. */
const char *run_find_trace(struct arena *a, const char *name, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
