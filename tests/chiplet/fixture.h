/* fixture.h — configs from a text or a file, for the tests of links, packages and wafers. */
#ifndef CIMARRON_TEST_CHIPLET_FIXTURE_H
#define CIMARRON_TEST_CHIPLET_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cfg.h"
#include "tests/check_main.h"

static inline struct cfg *cfg_from_text(struct arena *a, const char *text)
{
    char path[] = "/tmp/cimarron_chiplet_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct cfg *cfg = NULL;
    struct diag d = {0};
    bool ok = cfg_open(a, path, NULL, 0, &cfg, &d);
    unlink(path);
    ck_assert_msg(ok, "%d: %s", d.line, d.text);
    return cfg;
}

static inline struct cfg *cfg_from_file(struct arena *a, const char *path)
{
    struct cfg *cfg = NULL;
    struct diag d = {0};
    bool ok = cfg_open(a, arena_printf(a, CIMARRON_SOURCE_DIR "/%s", path), NULL, 0, &cfg, &d);
    ck_assert_msg(ok, "%s:%d: %s", d.file, d.line, d.text);
    return cfg;
}

static inline bool ends_in_cfg(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".cfg") == 0;
}

/* Opens something from a group: true, or a diag. */
typedef bool open_group(struct arena *a, const struct cfg_group *g, struct diag *d);

/* Holds each tests/bad/PREFIX* folder's in.cfg to the message in its `error`; returns how many. */
static inline int each_bad_config(struct arena *a, const char *prefix, open_group *open)
{
    DIR *bad = opendir("tests/bad");
    ck_assert_ptr_nonnull(bad);
    int count = 0;
    for (struct dirent *e; (e = readdir(bad)) != NULL;) {
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        char expected[DIAG_FILE_MAX + DIAG_TEXT_MAX] = "", actual[sizeof expected];
        FILE *f = fopen(arena_printf(a, "tests/bad/%s/error", e->d_name), "r");
        ck_assert_msg(f != NULL, "%s has no file `error`", e->d_name);
        ck_assert_ptr_nonnull(fgets(expected, (int)sizeof expected, f));
        fclose(f);
        expected[strcspn(expected, "\n")] = '\0';
        struct diag d = {0};
        struct cfg *cfg = NULL;
        bool ok =
            cfg_open(a, arena_printf(a, "tests/bad/%s/in.cfg", e->d_name), NULL, 0, &cfg, &d) &&
            open(a, cfg_root(cfg), &d);
        cfg_close(cfg);
        ck_assert_msg(!ok, "%s is accepted", e->d_name);
        diag_format(&d, actual, sizeof actual);
        ck_assert_msg(strcmp(actual, expected) == 0, "%s\n  says     %s\n  expected %s", e->d_name,
                      actual, expected);
        count++;
    }
    closedir(bad);
    return count;
}

#endif
