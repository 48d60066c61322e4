/* server.h — a part with waiting in it: transfers are submitted, time advances, completions
 * are collected.  DRAM controllers and networks are servers.
 *
 * A server holds no clock and never sees SystemC: the caller passes `now`, which never runs
 * backwards over the calls of one server.  It counts actions and hands them to the ledger when
 * asked.  One SystemC module wraps any server (core/sim). */
#ifndef CIMARRON_SERVER_H
#define CIMARRON_SERVER_H

#include "core/base/ledger.h"
#include "core/base/transfer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct server;

struct server_ops {
    /* Must provide: take a transfer at `now`; false when the queue is full (try again at news). */
    bool (*submit)(struct server *s, const struct transfer *t, time_ps now);

    /* Must provide: run up to `now`; the time of the next news (a completion, freed queue
     * space, or an inner step), or TIME_NEVER when nothing is pending.  News is > now. */
    time_ps (*advance)(struct server *s, time_ps now);

    /* Must provide: pop one completion with done <= the last `now`, in order of (done, id);
     * false when there is none. */
    bool (*collect)(struct server *s, uint64_t *id, time_ps *done);

    /* Must provide: move all counts since the last call into the ledger; static and refresh
     * energy of the time from the last call to `now` goes to LEDGER_STATIC. */
    void (*account)(struct server *s, struct ledger *l, time_ps now);
};

struct server {
    const struct server_ops *ops;
};

#ifdef __cplusplus
}
#endif
#endif
