/* arena.h — memory that lives exactly as long as one run.
 *
 * Answers: where a model's state comes from.  Nothing is freed singly; arena_close gives all
 * of it back.  Running out of memory ends the process with a sentence on stderr (exit 1): no
 * caller could do better.  Not for data that grows without bound while streaming. */
#ifndef CIMARRON_ARENA_H
#define CIMARRON_ARENA_H

#include <stdarg.h>

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arena;

struct arena *arena_open(void);
void arena_close(struct arena *a); /* NULL is allowed */

/* `count` zeroed elements of `size` bytes, aligned for any type; count 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t count, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                                            \
    ((type *)arena_alloc((arena), (size_t)(count), sizeof(type)))

char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t length);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

size_t arena_bytes(const struct arena *a); /* bytes handed out so far */

#ifdef __cplusplus
}
#endif
#endif
