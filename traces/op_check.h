/* op_check.h — whether an operator's numbers can be true.
 *
 * Answers: sizes are positive, shapes follow from each other (convolution and pooling windows,
 * concatenation, reshaping), products stay within 10^18, integers within 2^53.  The reader and
 * the writer both ask here, so that what is written can be read. */
#ifndef CIMARRON_OP_CHECK_H
#define CIMARRON_OP_CHECK_H

#include "core/base/diag.h"
#include "traces/id_set.h"
#include "traces/op.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { OP_WHY_MAX = 240, OP_BITS_MAX = 64 };

/* False: `why` holds one sentence that names the key. */
bool op_check(const struct op *o, char why[OP_WHY_MAX]);

/* The same for the next operator of a trace, complained of at `path`: its inputs are in `ids`, its
 * own id is not, and goes in. */
FALLIBLE bool op_check_next(const struct op *o, struct id_set *ids, const char *path,
                            struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
