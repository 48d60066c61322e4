/* Any bytes as a trace: reading, checking, loading, writing back. */
#include <unistd.h>

#include "tests/fuzz/input.h"
#include "traces/inspect.h"
#include "traces/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPS_MAX = 10000 };

/* What loads is written and loads again; it may only become too large to hold. */
static void write_back(const struct trace *t)
{
    char path[] = "/tmp/cimarron_fuzz_XXXXXX"; /* the writer renames: it needs a name */
    struct diag d = {0};
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0)
        abort();
    if (!trace_save(t, path, &d))
        abort(); /* the writer refuses nothing that the reader took */
    if (!trace_check(path, NULL, &d))
        abort();
    unlink(path);
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
    struct trace_info info;
    struct trace t;
    struct diag checked = {0}, loaded = {0}, informed = {0}, printed = {0};
    size_t lines = 0;
    struct fuzz_input in = fuzz_input_open(data, size);
    struct arena *a = arena_open();
    bool sound = trace_check(in.path, NULL, &checked);
    bool held = trace_load(a, in.path, OPS_MAX, &t, &loaded);
    if (held && !sound)
        abort();
    if (trace_info(a, in.path, &info, &informed) != sound)
        abort();
    if (trace_cat(in.path, true, keep_going, &lines, &printed) != sound)
        abort();
    if (held)
        write_back(&t);
    if (held && !trace_scale_batch(&t, 3, &loaded) && loaded.text[0] == '\0')
        abort(); /* a refusal says why */
    arena_close(a);
    fuzz_input_close(&in);
    return 0;
}
