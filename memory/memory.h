/* memory.h — off-array memory: when an access is done, and what it cost.
 *
 * A memory is a server of transfers.  It moves its own row and bus state forward and counts
 * actions (activate, read, write, io, refresh, background).  It keeps no clock and never sees
 * SystemC: the caller passes `now`, which never runs backwards.  Energy is not computed here: the
 * ledger multiplies counts by their cost.
 *
 * A transfer covers [address, address + bytes), interleaved over channels by the address mapping;
 * it completes when its last burst has been read back (reads) or accepted and drained (writes).
 *
 * New part, same behaviour:  add configs/memory/NAME.cfg.  No code.
 * New behaviour:             add memory/NAME.c and a line in kinds.def. */
#ifndef CIMARRON_MEMORY_H
#define CIMARRON_MEMORY_H

#include "core/base/cfg.h"
#include "core/base/server.h"

#ifdef __cplusplus
extern "C" {
#endif

struct memory {
    struct server base;
    const char *name;
    int64_t capacity_bytes;
    double peak_bytes_per_ps;          /* all channels */
    struct quantity stream_pj_per_bit; /* whole rows read in order: for bounds and peak */
    double background_mw;              /* standby of the whole memory */
};

struct memory_kind {
    const char *kind; /* "dram" */
    const char *help;
    const struct cfg_schema *schema;
    bool (*open)(struct arena *a, const struct cfg_group *g, int64_t stacks, struct memory **out,
                 struct diag *d);
};

FALLIBLE bool memory_open(struct arena *a, const struct cfg_group *g, struct memory **out,
                          struct diag *d);
/* So many (>= 1) of them as one memory, interleaved over the channels of all. */
FALLIBLE bool memory_open_stacks(struct arena *a, const struct cfg_group *g, int64_t stacks,
                                 struct memory **out, struct diag *d);
const struct memory_kind *memory_kind_at(size_t index); /* NULL past the end */

#ifdef __cplusplus
}
#endif
#endif
