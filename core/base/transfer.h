/* transfer.h — a piece of data on its way: what travels between stages, networks, memories.
 *
 * A transfer is not a packet: a network cuts it as its own rules demand.  `src` and `dst` are
 * endpoint numbers of a network; a memory looks at `address` and `write` instead.
 *
 * Multicast: the same bytes may go to further endpoints, `more_dst`.  The transfer is done when the
 * last of all its destinations has the last byte.  Only networks look at them. */
#ifndef CIMARRON_TRANSFER_H
#define CIMARRON_TRANSFER_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct transfer {
    uint64_t id;   /* the caller's: handed back on completion */
    int64_t bytes; /* > 0 */
    uint64_t address;
    uint32_t src, dst;
    int32_t layer; /* whose energy this is */
    bool write;
    const uint32_t *more_dst; /* destinations beside dst, none twice; must last until completion */
    uint32_t more_count;      /* 0: to dst alone */
};

#ifdef __cplusplus
}
#endif
#endif
