/* Broken configs: every folder tests/bad/cfg-CASE holds an in.cfg (and what it includes), read
 * by the schema of cfg_sample.h, and the one line that it must be refused with, in `error`. */
#include "tests/base/cfg_sample.h"
#include "tests/check_main.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "tests/bad"

static void expected_error(const char *name, char *line, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, FOLDER "/%s/error", name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is missing", path);
    ck_assert_ptr_nonnull(fgets(line, (int)size, file));
    line[strcspn(line, "\n")] = '\0';
    fclose(file);
}

static void actual_error(const char *name, char *line, size_t size)
{
    char path[512];
    struct arena *a = arena_open();
    struct cfg *c = NULL;
    struct sample sample;
    struct sample_io io;
    struct diag d = {.status = 0};
    snprintf(path, sizeof path, FOLDER "/%s/in.cfg", name);
    bool read = cfg_open(a, path, NULL, 0, &c, &d) && sample_read(c, &sample, &io, &d);
    ck_assert_msg(!read, "%s was accepted", path);
    ck_assert_int_eq(d.status, 2);
    diag_format(&d, line, size);
    cfg_close(c);
    arena_close(a);
}

START_TEST(every_broken_config_is_refused_with_its_sentence)
{
    char expected[2048], actual[2048];
    int cases = 0, wrong = 0;
    DIR *folder = opendir(FOLDER);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        if (strncmp(e->d_name, "cfg-", 4) != 0)
            continue;
        cases++;
        expected_error(e->d_name, expected, sizeof expected);
        actual_error(e->d_name, actual, sizeof actual);
        if (strcmp(expected, actual) != 0) {
            wrong++;
            printf("%s\n  expected: %s\n  actual:   %s\n", e->d_name, expected, actual);
        }
    }
    closedir(folder);
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_ge(cases, 80);
}
END_TEST

SUITE("bad configs", every_broken_config_is_refused_with_its_sentence)
