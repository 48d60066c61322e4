/* Any bytes as a trace: reading, checking, loading, writing back. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "traces/inspect.h"
#include "traces/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPS_MAX = 10000 };

static void write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n <= 0)
            abort();
        data += n;
        size -= (size_t)n;
    }
}

/* What loads is written and loads again; it may only become too large to hold. */
static void write_back(const struct trace *t, const char *path)
{
    struct diag d = {0};
    if (!trace_save(t, path, &d))
        abort(); /* the writer refuses nothing that the reader took */
    if (!trace_check(path, NULL, &d))
        abort();
}

static bool keep_going(void *user, const char *text, size_t length)
{
    size_t *lines = user;
    (void)text;
    (void)length;
    return ++*lines < OPS_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/cimarron_fuzz_XXXXXX";
    struct trace_info info;
    struct trace t;
    struct diag checked = {0}, loaded = {0}, informed = {0}, printed = {0};
    size_t lines = 0;
    int fd = mkstemp(path);
    if (fd < 0)
        abort();
    write_all(fd, data, size);
    close(fd);
    struct arena *a = arena_open();
    bool sound = trace_check(path, NULL, &checked);
    bool held = trace_load(a, path, OPS_MAX, &t, &loaded);
    if (held && !sound)
        abort();
    if (trace_info(a, path, &info, &informed) != sound)
        abort();
    if (trace_cat(path, true, keep_going, &lines, &printed) != sound)
        abort();
    if (held)
        write_back(&t, path);
    if (held && !trace_scale_batch(&t, 3, &loaded) && loaded.text[0] == '\0')
        abort(); /* a refusal says why */
    arena_close(a);
    unlink(path);
    return 0;
}
