/* Broken chips: every folder tests/bad/system-CASE holds an in.cfg and, in `error`, the one line
 * that it must be refused with. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/fixture.h"

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
    struct system *s;
    struct diag d = {.status = 0};
    snprintf(path, sizeof path, FOLDER "/%s/in.cfg", name);
    if (system_open(a, path, NULL, 0, &s, &d))
        snprintf(line, size, "accepted");
    else
        diag_format(&d, line, size);
    ck_assert_msg(d.status == 2 || strcmp(line, "accepted") == 0, "%s: status %d", path, d.status);
    arena_close(a);
}

START_TEST(every_broken_chip_is_refused_with_its_sentence)
{
    char expected[2048], actual[2048];
    int cases = 0, wrong = 0;
    DIR *folder = opendir(FOLDER);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        if (strncmp(e->d_name, "system-", 7) != 0)
            continue;
        cases++;
        actual_error(e->d_name, actual, sizeof actual);
        expected_error(e->d_name, expected, sizeof expected);
        if (strcmp(expected, actual) != 0) {
            wrong++;
            printf("%s\n  expected: %s\n  actual:   %s\n", e->d_name, expected, actual);
        }
    }
    closedir(folder);
    fflush(stdout);
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_ge(cases, 20);
}
END_TEST

SUITE("bad chips", every_broken_chip_is_refused_with_its_sentence)
