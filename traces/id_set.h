/* id_set.h — which ids have been seen, in little memory.
 *
 * A tree of bits over [0, 2^31): a full branch is one pointer, so ids that come densely cost
 * nothing; ids that are strewn about cost at most 140 bytes each and 300 MB in all. */
#ifndef CIMARRON_ID_SET_H
#define CIMARRON_ID_SET_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct id_set;

/* NULL, or false from add: out of memory. */
struct id_set *id_set_open(void);
void id_set_close(struct id_set *s); /* NULL is allowed */

bool id_set_has(const struct id_set *s, int32_t id);
FALLIBLE bool id_set_add(struct id_set *s, int32_t id); /* id >= 0 */

#ifdef __cplusplus
}
#endif
#endif
