/* Broken GPUs and kernel tables: every folder tests/bad/gpu-CASE holds an in.cfg or an in.csv, and
 * in `error` the one line that it must be refused with. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/gpu/gpu_batch.h"
#include "tests/check_main.h"

#define FOLDER "tests/bad"

static bool read_config(struct arena *a, const char *path, struct diag *d)
{
    struct cfg *c = NULL;
    struct gpu *g;
    bool good = cfg_open(a, path, NULL, 0, &c, d) && gpu_open(a, cfg_root(c), &g, d);
    cfg_close(c);
    return good;
}

/* The complaint about one case into `line`. */
static void complaint(struct arena *a, const char *name, char *line, size_t size)
{
    bool table = strncmp(name, "gpu-batch-", 10) == 0;
    char *path = arena_printf(a, FOLDER "/%s/in.%s", name, table ? "csv" : "cfg");
    struct gpu_batch batch;
    struct diag d = {.status = 0};
    bool good = table ? gpu_batch_read(a, path, &batch, &d) : read_config(a, path, &d);
    ck_assert_msg(!good, "%s was accepted", path);
    ck_assert_int_eq(d.status, 2);
    diag_format(&d, line, size);
}

static bool is_refused_as_expected(struct arena *a, const char *name)
{
    char expected[2048] = "", actual[2048];
    FILE *f = fopen(arena_printf(a, FOLDER "/%s/error", name), "r");
    complaint(a, name, actual, sizeof actual);
    if (f) {
        if (fgets(expected, sizeof expected, f))
            expected[strcspn(expected, "\n")] = '\0';
        fclose(f);
    }
    if (strcmp(expected, actual) == 0)
        return true;
    printf("%s\n  expected: %s\n  actual:   %s\n", name, expected, actual);
    return false;
}

START_TEST(every_broken_gpu_and_table_is_refused_with_its_sentence)
{
    struct arena *a = arena_open();
    DIR *folder = opendir(FOLDER);
    int cases = 0, wrong = 0;
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        if (strncmp(e->d_name, "gpu-", 4) != 0)
            continue;
        cases++;
        wrong += !is_refused_as_expected(a, e->d_name);
    }
    closedir(folder);
    arena_close(a);
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_ge(cases, 43);
}
END_TEST

START_TEST(a_table_that_is_not_there_is_refused_by_its_name)
{
    struct arena *a = arena_open();
    struct gpu_batch batch;
    struct diag d = {.status = 0};
    ck_assert(!gpu_batch_read(a, "tests/bad/no-such.csv", &batch, &d));
    ck_assert_str_eq(d.file, "tests/bad/no-such.csv");
    arena_close(a);
}
END_TEST

SUITE("bad gpus", every_broken_gpu_and_table_is_refused_with_its_sentence,
      a_table_that_is_not_there_is_refused_by_its_name)
