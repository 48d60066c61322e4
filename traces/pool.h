/* pool.h — small things packed tightly in an arena, names kept once.
 *
 * An arena aligns every piece for any type; a trace holds millions of short names and lists, so
 * a pool takes blocks from the arena and packs them.  Interning needs a table outside the arena
 * that pool_close gives back; the names stay. */
#ifndef CIMARRON_POOL_H
#define CIMARRON_POOL_H

#include "core/base/arena.h"
#include "traces/op.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool {
    struct arena *arena;
    char *block;
    size_t used, room;
    struct name_set *names;
    struct op_stats last_stats;
    const struct op_stats *kept_stats; /* the copy of last_stats; NULL: none yet */
};

void pool_open(struct pool *p, struct arena *a);
void pool_close(struct pool *p);

void *pool_alloc(struct pool *p, size_t size, size_t align); /* align: a power of two, at most 16 */
const char *pool_text(struct pool *p, const char *text);
const char *pool_intern(struct pool *p, const char *text); /* equal texts, equal pointers */

/* A copy of an op whose texts and lists live in the pool. */
void pool_copy_op(struct pool *p, const struct op *from, struct op *to);

/* The same for the copy of an op that lives in the pool already: fn, load and statistics are the
 * first one's. */
void pool_copy_repeated(struct pool *p, const struct op *from, struct op *to);

/* --- a set of names; the names are the caller's ------------------------------------------ */

struct name_set;

/* Running out of memory ends the process, as an arena does. */
struct name_set *name_set_open(void);
void name_set_close(struct name_set *s); /* NULL is allowed */

/* The equal name in the set, or NULL; then its place is remembered for the next add. */
const char *name_set_find(struct name_set *s, const char *name);
void name_set_add(struct name_set *s, const char *name); /* right after a find that gave NULL */

#ifdef __cplusplus
}
#endif
#endif
