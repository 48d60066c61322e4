/* Broken traces: a folder each under tests/bad/trace-NAME, with the file and what is said of it;
 * those too large to keep are made here. */
#include <unistd.h>
#include <zlib.h>

#include "tests/bad_inputs.h"
#include "traces/inspect.h"
#include "traces/trace.h"

/* "in.jsonl:3: sentence", whatever folder the file lies in. */
static void forget_folder(struct diag *d)
{
    const char *slash = strrchr(d->file, '/');
    if (slash)
        memmove(d->file, slash + 1, strlen(slash));
}

static bool check(struct arena *a, const char *path, struct diag *d, void *user)
{
    (void)a;
    (void)user;
    bool good = trace_check(path, NULL, d);
    forget_folder(d);
    return good;
}

static bool load(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct trace t;
    (void)user;
    bool good = trace_load(a, path, 10000, &t, d);
    forget_folder(d);
    return good;
}

START_TEST(each_broken_trace_is_refused_with_its_sentence)
{
    bad_inputs_walk("trace-", 60, check, NULL);
    bad_inputs_walk("trace-", 60, load, NULL);
}
END_TEST

static const char HEADER[] = "{\"cimarron_trace\": 1, \"name\": \"bomb\", \"activation_bits\": 8, "
                             "\"weight_bits\": 8}\n";

/* A gzip file of the header and `megabytes` of one byte. */
static void make_bomb(char *path, char byte, int megabytes)
{
    static char block[1 << 20];
    strcpy(path, "/tmp/cimarron_bomb_XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    gzFile z = gzdopen(fd, "wb");
    memset(block, byte, sizeof block);
    gzwrite(z, HEADER, sizeof HEADER - 1);
    for (int i = 0; i < megabytes; i++)
        gzwrite(z, block, sizeof block);
    gzclose(z);
}

START_TEST(a_bomb_of_one_line_is_refused_at_four_megabytes)
{
    char path[64];
    struct diag d = {0};
    make_bomb(path, '[', 256);
    ck_assert(!trace_check(path, NULL, &d));
    ck_assert_int_eq(d.line, 2);
    ck_assert_str_eq(d.text, "the line is longer than 4 MiB");
    unlink(path);
}
END_TEST

START_TEST(a_bomb_of_empty_lines_is_refused_at_the_first)
{
    char path[64];
    struct diag d = {0};
    struct trace t;
    struct arena *a = arena_open();
    make_bomb(path, '\n', 64);
    ck_assert(!trace_load(a, path, 1000, &t, &d));
    ck_assert_int_eq(d.line, 2);
    ck_assert_str_eq(d.text, "the line is empty; every line is one JSON object");
    ck_assert_uint_lt(arena_bytes(a), 1 << 20);
    arena_close(a);
    unlink(path);
}
END_TEST

START_TEST(a_directory_and_a_missing_file_are_refused)
{
    struct diag d = {0}, e = {0};
    ck_assert(!trace_check(CIMARRON_SOURCE_DIR, NULL, &d));
    ck_assert_str_eq(d.text, "is a directory; a trace is a file");
    ck_assert(!trace_check("/nowhere/at/all.gz", NULL, &e));
    ck_assert_str_eq(e.text, "cannot be opened: No such file or directory");
}
END_TEST

SUITE("trace_bad", each_broken_trace_is_refused_with_its_sentence,
      a_bomb_of_one_line_is_refused_at_four_megabytes,
      a_bomb_of_empty_lines_is_refused_at_the_first, a_directory_and_a_missing_file_are_refused)
