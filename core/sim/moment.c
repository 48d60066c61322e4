#include "core/sim/moment.h"

#include <assert.h>

struct moment moment_until(const struct moment *m, time_ps at, enum cause cause)
{
    assert(at >= m->at);
    struct moment later = *m;
    later.at = at;
    later.by_cause[cause] += at - m->at;
    return later;
}

void moment_keep_later(struct moment *best, const struct moment *m)
{
    if (m->at > best->at)
        *best = *m;
}

const char *cause_name(enum cause c)
{
    static const char *const names[CAUSE_COUNT] = {"array",  "vector", "buffer", "noc",
                                                   "memory", "link",   "reload", "idle"};
    return names[c];
}
