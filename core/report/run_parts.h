/* run_parts.h — the pieces of a run's result, each a JSON value; only core/report/run*.c include
 * it.
 *
 * `struct run` holds all that one evaluation has opened and found. */
#ifndef CIMARRON_RUN_PARTS_H
#define CIMARRON_RUN_PARTS_H

#include "core/report/run.h"
#include "core/sim/sim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct run {
    const struct run_request *request;
    struct arena *arena;
    struct system *system;
    struct trace trace;
    bool imported; /* on the way: the trace's warnings are the importer's */
    struct plan *plan;
    struct sim_result sim;
    struct ledger_sums sums;
    struct plan_leasts *leasts;
    struct system_peak peak;
    struct plan_bound bound;
    double area_mm2, static_pj;
};

json_t *run_json(const struct run *r);        /* everything but the baselines */
json_t *run_layers_json(const struct run *r); /* one row per op, and the static row */

/* `baselines`: the same trace on GPUs; a GPU that cannot hold it says why in `warnings`. */
FALLIBLE bool run_baselines(const struct run *r, json_t *result, struct diag *d);

/* The trace on the GPU that the request calls its system. */
FALLIBLE bool run_gpu_json(const struct run *r, json_t **out, struct diag *d);

/* Adds the _interval twins and p_win by resampling every price within its spread. */
void run_uncertainty(const struct run *r, json_t *result);

double run_steady_energy_pj(const struct run *r); /* of one interval */
void run_warn(json_t *result, const char *format, ...) PRINTF_LIKE(2, 3);

#ifdef __cplusplus
}
#endif
#endif
