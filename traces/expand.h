/* expand.h — repeats written out: the copies of a block, with ids, inputs and tensors of their own.
 *
 * The rules stand in trace.h.  Operators go in as they stand in the file, in order, and come out
 * with their inputs resolved; copies are handed to a callback one by one, in memory that lives
 * for that call only. */
#ifndef CIMARRON_EXPAND_H
#define CIMARRON_EXPAND_H

#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct expander;

typedef bool expand_emit(void *user, const struct op *copy, struct diag *d);

/* `largest_id` of the file: copies count on from there.  NULL: out of memory. */
struct expander *expander_open(int32_t largest_id);
void expander_close(struct expander *x); /* NULL is allowed */

/* Inputs that name a line of an earlier block are bent to its last copy, in place. */
void expander_resolve(const struct expander *x, struct op *op);

/* The copies of a block of resolved operators; `before` is the id of the operator that came out
 * just before the block, -1 when there is none. */
FALLIBLE bool expander_copies(struct expander *x, const struct op *block,
                              const struct trace_repeat *repeat, int64_t before, expand_emit *emit,
                              void *user, struct diag *d);

/* The id of the last copy made. */
int32_t expander_last_id(const struct expander *x);

#ifdef __cplusplus
}
#endif
#endif
