#include "core/base/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

enum { CHUNK_BYTES = 64 * 1024 };

/* A chunk's memory follows its header. */
struct chunk {
    struct chunk *older;
    size_t size, used;
    max_align_t memory[];
};

struct arena {
    struct chunk *newest;
    size_t bytes;
};

static struct chunk *chunk_new(size_t size, struct chunk *older)
{
    struct chunk *c = alloc_zeroed(1, sizeof *c + size);
    c->older = older;
    c->size = size;
    return c;
}

struct arena *arena_open(void)
{
    return alloc_zeroed(1, sizeof(struct arena));
}

void arena_close(struct arena *a)
{
    if (!a)
        return;
    for (struct chunk *c = a->newest, *older; c; c = older) {
        older = c->older;
        free(c);
    }
    free(a);
}

/* A piece larger than a chunk gets its own, behind the newest one, which keeps being filled. */
static void *alloc_large(struct arena *a, size_t bytes)
{
    struct chunk *c = chunk_new(bytes, NULL);
    c->used = bytes;
    if (a->newest) {
        c->older = a->newest->older;
        a->newest->older = c;
    } else {
        a->newest = c;
    }
    return c->memory;
}

/* The bytes of `count` elements, rounded up so that the next piece is aligned for any type. */
static size_t rounded_bytes(size_t count, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
        alloc_end();
    return bytes ? (bytes + align - 1) / align * align : align;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
    size_t bytes = rounded_bytes(count, size);
    a->bytes += bytes;
    if (bytes > CHUNK_BYTES / 4)
        return alloc_large(a, bytes);
    if (!a->newest || a->newest->size - a->newest->used < bytes)
        a->newest = chunk_new(CHUNK_BYTES, a->newest);
    char *memory = (char *)a->newest->memory + a->newest->used;
    a->newest->used += bytes;
    return memory;
}

char *arena_strndup(struct arena *a, const char *text, size_t length)
{
    char *copy = arena_alloc(a, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = arena_alloc(a, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

size_t arena_bytes(const struct arena *a)
{
    return a->bytes;
}
