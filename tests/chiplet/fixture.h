/* fixture.h — configs from a text or a file, for the tests of links, packages and wafers. */
#ifndef CIMARRON_TEST_CHIPLET_FIXTURE_H
#define CIMARRON_TEST_CHIPLET_FIXTURE_H

#include <unistd.h>

#include "tests/bad_inputs.h"

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

#endif
