/* moment.h — a point in time, and what the time up to it was spent on.
 *
 * Of all that an event waited for, what came last decides.  So every event carries the moment of
 * its last dependency, extended by what lies between; the moment of the last event of all says
 * where the time of the whole went, without anything being kept of the way there.  The causes of
 * a moment sum to the time from the start of everything to it. */
#ifndef CIMARRON_MOMENT_H
#define CIMARRON_MOMENT_H

#include "core/base/units.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an interval of the critical path was spent on. */
enum cause {
    CAUSE_ARRAY,
    CAUSE_VECTOR,
    CAUSE_BUFFER,
    CAUSE_NOC,
    CAUSE_MEMORY,
    CAUSE_LINK,
    CAUSE_RELOAD,
    CAUSE_IDLE,
    CAUSE_COUNT
};

const char *cause_name(enum cause c);

struct moment {
    time_ps at;
    time_ps by_cause[CAUSE_COUNT];
};

/* The moment at `at`, no earlier than m, the time between spent on `cause`. */
struct moment moment_until(const struct moment *m, time_ps at, enum cause cause);

/* *best = m where m is later. */
void moment_keep_later(struct moment *best, const struct moment *m);

#ifdef __cplusplus
}
#endif
#endif
