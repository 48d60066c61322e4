/* Broken traces: a folder each under tests/bad/trace-NAME, with the file and what is said of it;
 * those too large to keep are made here. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/check_main.h"
#include "traces/inspect.h"
#include "traces/trace.h"

#define BAD CIMARRON_SOURCE_DIR "/tests/bad/"

static bool find_input(const char *folder, char *path, size_t size)
{
    static const char *const NAMES[] = {"in.jsonl", "in.jsonl.gz"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        snprintf(path, size, BAD "%s/%s", folder, NAMES[i]);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

/* "in.jsonl:3: sentence", whatever folder the file lies in. */
static void say(struct diag *d, char *out, size_t size)
{
    const char *slash = strrchr(d->file, '/');
    if (slash)
        memmove(d->file, slash + 1, strlen(slash));
    diag_format(d, out, size);
}

static void read_expected(const char *folder, char *out, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, BAD "%s/error", folder);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s is missing", path);
    size_t n = fread(out, 1, size - 1, f);
    fclose(f);
    out[n] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static void check_folder(const char *folder)
{
    char path[512], said[2048], expected[2048];
    struct diag checked = {0}, loaded = {0};
    struct trace t;
    struct arena *a = arena_open();
    ck_assert_msg(find_input(folder, path, sizeof path), "%s has no input", folder);
    read_expected(folder, expected, sizeof expected);
    ck_assert_msg(!trace_check(path, NULL, &checked), "%s passes the check", folder);
    ck_assert_int_eq(checked.status, 2);
    say(&checked, said, sizeof said);
    ck_assert_msg(strcmp(said, expected) == 0, "%s\n  says     %s\n  expected %s", folder, said,
                  expected);
    ck_assert_msg(!trace_load(a, path, 10000, &t, &loaded), "%s loads", folder);
    say(&loaded, said, sizeof said);
    ck_assert_msg(strcmp(said, expected) == 0, "%s, loading\n  says     %s\n  expected %s", folder,
                  said, expected);
    arena_close(a);
}

START_TEST(each_broken_trace_is_refused_with_its_sentence)
{
    int cases = 0;
    DIR *d = opendir(BAD);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strncmp(e->d_name, "trace-", 6) == 0) {
            check_folder(e->d_name);
            cases++;
        }
    }
    closedir(d);
    ck_assert_int_ge(cases, 60);
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
