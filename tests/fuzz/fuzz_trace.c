/* Any bytes as a trace: reading, checking, loading, writing back. */
#include "tests/fuzz/input.h"
#include "traces/inspect.h"
#include "traces/trace.h"
#include "traces/write_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPS_MAX = 10000, SAVED_ONE_OF = 64 };

/* What loads is written, and is a trace again; it may only become too large to hold. */
static void write_back(const struct trace *t)
{
    struct json_text text = {0};
    struct diag d = {0};
    write_json_header(&text, &t->header);
    json_text_newline(&text);
    for (size_t i = 0; i < t->count; i++) {
        write_json_op(&text, &t->ops[i], t->header.activation_bits, t->header.weight_bits);
        json_text_newline(&text);
    }
    if (text.failure)
        abort();
    struct fuzz_input in = fuzz_input_open((const uint8_t *)text.text, text.length);
    if (!trace_check(in.path, NULL, &d))
        abort();
    fuzz_input_close(&in);
    json_text_close(&text);
}

/* The same by the writer, which waits for the disk: of few inputs. */
static void save(const struct trace *t)
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
    if (held && size % SAVED_ONE_OF == 0)
        save(&t);
    if (held && !trace_scale_batch(&t, 3, &loaded) && loaded.text[0] == '\0')
        abort(); /* a refusal says why */
    arena_close(a);
    fuzz_input_close(&in);
    return 0;
}
