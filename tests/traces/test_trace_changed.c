/* Traces in which one value is another one: read all the same, or refused where it stands. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/arena.h"
#include "tests/check_main.h"
#include "traces/trace.h"

enum { LINES_MAX = 256, LINE_BYTES = 65536 };

struct text {
    json_t *line[LINES_MAX];
    int count;
    char path[64];
};

static struct text read_sample(const char *name)
{
    static char line[LINE_BYTES];
    struct text t = {.count = 0};
    snprintf(line, sizeof line, "traces/samples/%s.jsonl.gz", name);
    gzFile f = gzopen(line, "rb");
    ck_assert_ptr_nonnull(f);
    while (gzgets(f, line, sizeof line)) {
        ck_assert_int_lt(t.count, LINES_MAX);
        t.line[t.count] = json_loads(line, 0, NULL);
        ck_assert_ptr_nonnull(t.line[t.count++]);
    }
    gzclose(f);
    snprintf(t.path, sizeof t.path, "/tmp/cimarron-test-changed-%ld.jsonl", (long)getpid());
    return t;
}

static void free_text(struct text *t)
{
    for (int i = 0; i < t->count; i++)
        json_decref(t->line[i]);
    unlink(t->path);
}

/* Loads it up to line `at` (from 0), which was changed, and one more: a complaint stands there. */
static bool is_read(const struct text *t, int at, const char *what)
{
    struct arena *a = arena_open();
    struct trace trace;
    struct diag d = {.status = 0};
    FILE *f = fopen(t->path, "w");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < t->count && i <= at + 1; i++) {
        json_dumpf(t->line[i], f, JSON_COMPACT);
        putc('\n', f);
    }
    fclose(f);
    bool good = trace_load(a, t->path, 1000000, &trace, &d);
    if (!good)
        ck_assert_msg(d.status == 2 && d.line > at && *d.text, "line %d, %s: status %d at %d: %s",
                      at + 1, what, d.status, d.line, d.text);
    arena_close(a);
    return good;
}

static const char *const values[] = {"null",
                                     "true",
                                     "-1",
                                     "0",
                                     "3",
                                     "0.5",
                                     "1e300",
                                     "9007199254740993",
                                     "\"\"",
                                     "\"x\"",
                                     "[]",
                                     "{}",
                                     "[-1]",
                                     "[0,0]",
                                     "[1,2,3,4,5,6,7]",
                                     "[[1]]",
                                     "{\"hist\": [2]}",
                                     "{\"density\": 2, \"hist\": [0.2, 0.6, 0.2]}"};

/* Every member of an object of line `at` left out, then with every value. */
static void change_members(const struct text *t, int at, json_t *object, int counts[2])
{
    const char *key;
    json_t *copy = json_deep_copy(object), *kept;
    json_object_foreach(copy, key, kept)
    {
        for (size_t v = 0; v <= COUNT_OF(values); v++) {
            if (v == COUNT_OF(values))
                json_object_del(object, key);
            else
                json_object_set_new(object, key, json_loads(values[v], JSON_DECODE_ANY, NULL));
            counts[is_read(t, at, key)]++;
        }
        json_object_set(object, key, kept);
        if (json_is_object(json_object_get(object, key)))
            change_members(t, at, json_object_get(object, key), counts);
    }
    json_decref(copy);
}

/* The header, and the first line of each operator. */
static void change_sample(const char *name, int counts[2])
{
    struct text t = read_sample(name);
    char seen[LINES_MAX][32]; /* copies: the members they stand in are replaced */
    int kinds = 0;
    for (int i = 0; i < t.count; i++) {
        const char *op = json_string_value(json_object_get(t.line[i], "op"));
        bool known = false;
        for (int k = 0; op && k < kinds; k++)
            known = known || strcmp(seen[k], op) == 0;
        if (known)
            continue;
        if (op)
            snprintf(seen[kinds++], sizeof seen[0], "%s", op);
        if (json_object_get(t.line[i], "weight"))
            json_object_set_new(
                t.line[i], "weights",
                json_pack("{s:f, s:[f,f,f]}", "density", 0.9, "hist", 0.2, 0.6, 0.2));
        ck_assert_msg(is_read(&t, i, "as it is"), "%s, line %d", name, i + 1);
        change_members(&t, i, t.line[i], counts);
    }
    free_text(&t);
}

START_TEST(a_changed_value_is_read_or_refused_at_its_line_or_behind_it)
{
    static const char *const samples[] = {"squeezenet", "mixtral_8x7b_decode"};
    int counts[2] = {0};
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        change_sample(samples[i], counts);
    printf("%d traces with one changed value refused, %d read\n", counts[0], counts[1]);
    ck_assert_int_gt(counts[0], 2000);
    ck_assert_int_gt(counts[1], 100);
}
END_TEST

SUITE("changed traces", a_changed_value_is_read_or_refused_at_its_line_or_behind_it)
