/* facts.h — a run's result as the renderers read it: plain numbers, shares in order, worst layers.
 *
 * Answers: what each key of `run --format json` says, with NAN for a key that is missing or null,
 * and the few figures that follow from them by one division (images per joule, the gap to the
 * lower bound).  It models nothing.  Texts and arrays live in the arena or in the JSON. */
#ifndef CIMARRON_FACTS_H
#define CIMARRON_FACTS_H

#include <jansson.h>

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

double facts_number(const json_t *object, const char *key);    /* NAN: no such number */
const char *facts_text(const json_t *object, const char *key); /* "-": no such text */

/* One slice of a whole, largest first; `fraction` is of the sum of all. */
struct share {
    const char *name;
    double value, fraction;
};

struct shares {
    struct share *items;
    size_t count;
    double total;
};

/* Positive members of a one-level object of numbers; at most `most` slices, the rest becomes one
 * last slice "other (7)".  Equal values keep the object's order. */
struct shares facts_shares(struct arena *a, const json_t *object, size_t most);

/* Whether both are about power measured at the same place: only then a gain may be stated. */
bool facts_same_scope(const char *one, const char *other);

struct baseline_facts {
    const json_t *json;
    const char *name;  /* "h100_sxm" */
    const char *title; /* "H100 SXM" */
    const char *dtype, *scope;
    double devices, batch, time_s, energy_j, tops, tops_per_w, area_mm2;
    double units_per_s, units_per_j; /* images or tokens, as the run counts them */
    double speedup, energy_gain; /* of the system over this device; gain NAN at unequal scopes */
};

struct run_facts {
    const json_t *json;
    const char *system, *title, *trace, *fidelity, *scope, *binding, *unit;
    const char *precision; /* "int8", "W4A8" */
    double bits;           /* of its activations */
    double count, batch, devices;
    double time_s, energy_j, tops, tops_per_w, area_mm2, power_w;
    double units_per_s, units_per_j, j_per_unit;
    double steady_interval_s, steady_energy_j, steady_tops, steady_tops_per_w;
    double lower_bound_s, gap, assumed; /* gap: time over lower bound, less one */
    size_t baselines;
};

void facts_run(struct arena *a, const json_t *run, struct run_facts *out);

/* The index-th device of a run's baselines, at the run's batch. */
void facts_baseline(struct arena *a, const struct run_facts *run, size_t index,
                    struct baseline_facts *out);
/* The same device at its best batch; false when the result has none. */
bool facts_best_batch(struct arena *a, const struct run_facts *run,
                      const struct baseline_facts *device, struct baseline_facts *out);
/* The first baseline whose name begins with `prefix`. */
bool facts_find_baseline(struct arena *a, const struct run_facts *run, const char *prefix,
                         struct baseline_facts *out);

struct layer_facts {
    const json_t *json;
    const char *name, *op;
    double energy_j, energy_fraction, duration_s, utilization;
};

/* Up to `most` layers with the most energy; then those whose arrays stand unused the longest:
 * (1 - utilization) x duration.  The row of static energy (id -1) is no layer here. */
size_t facts_hungriest(const json_t *run, struct layer_facts *out, size_t most);
size_t facts_idlest(const json_t *run, struct layer_facts *out, size_t most);

#ifdef __cplusplus
}
#endif
#endif
