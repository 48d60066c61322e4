/* costed.h — the answer of a part that is asked once per piece of work.
 *
 * A costed part (array, vector unit, buffer, link without queueing) has no clock and no state
 * but its structure: it answers how long a piece of work takes and which actions it counts.
 * It never multiplies counts by costs: the ledger does. */
#ifndef CIMARRON_COSTED_H
#define CIMARRON_COSTED_H

#include "core/base/part.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { COST_ACTIONS_MAX = 48 };

/* One kind of action: `count` times `pj` picojoules on `part`.  `name` is a string literal. */
struct action {
    enum part part;
    const char *name;
    double count;
    struct quantity pj;
};

struct cost {
    double duration_ps; /* not rounded: callers multiply before they round */
    unsigned count;
    struct action actions[COST_ACTIONS_MAX];
};

static inline void cost_clear(struct cost *c)
{
    c->duration_ps = 0;
    c->count = 0;
}

/* Add an action, to an equal one if it stands already; a count or a price of zero adds nothing.
 * Asserts that there is room. */
void cost_add(struct cost *c, enum part part, const char *name, double count, struct quantity pj);

/* Append the actions of `more`, each count times `times`.  Durations are left alone. */
void cost_append(struct cost *c, const struct cost *more, double times);

/* Sum of count x price in pJ: for peak figures and part commands, never for a run's energy. */
double cost_energy_pj(const struct cost *c);

#ifdef __cplusplus
}
#endif
#endif
