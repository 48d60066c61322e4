/* Broken memories: every folder tests/bad/memory-CASE holds an in.cfg and, in `error`, the one line
 * that it must be refused with. */
#include <dirent.h>

#include "tests/memory/memory_test.h"

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
    struct memory *m;
    struct diag d = {.status = 0};
    snprintf(path, sizeof path, FOLDER "/%s/in.cfg", name);
    ck_assert_msg(!cfg_open(a, path, NULL, 0, &c, &d) || !memory_open(a, cfg_root(c), &m, &d),
                  "%s was accepted", path);
    ck_assert_int_eq(d.status, 2);
    diag_format(&d, line, size);
    cfg_close(c);
    arena_close(a);
}

START_TEST(every_broken_memory_is_refused_with_its_sentence)
{
    char expected[2048], actual[2048];
    int cases = 0, wrong = 0;
    DIR *folder = opendir(FOLDER);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        if (strncmp(e->d_name, "memory-", 7) != 0)
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
    ck_assert_int_ge(cases, 16);
}
END_TEST

START_TEST(every_shipped_memory_opens)
{
    static const char *const paths[] = {HBM2, RAMULATOR_HBM2, "configs/memory/hbm2_2400.cfg",
                                        "configs/memory/hbm3_6400.cfg",
                                        "configs/memory/ddr4_2400.cfg"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct arena *a = arena_open();
        struct memory *m = open_memory(a, paths[i], NULL);
        ck_assert(m->capacity_bytes >= INT64_C(1) << 31 && m->peak_bytes_per_ps > 0.01);
        ck_assert(m->background_mw > 0 && m->stream_pj_per_bit.value > 1);
        arena_close(a);
    }
}
END_TEST

START_TEST(every_kind_has_a_schema)
{
    size_t i = 0;
    for (const struct memory_kind *k; (k = memory_kind_at(i)); i++)
        ck_assert(k->kind && k->help && k->schema && k->open);
    ck_assert_uint_ge(i, 1);
}
END_TEST

SUITE("bad memories", every_broken_memory_is_refused_with_its_sentence, every_shipped_memory_opens,
      every_kind_has_a_schema)
