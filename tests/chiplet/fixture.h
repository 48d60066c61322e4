/* fixture.h — configs from a text or a file, for the tests of links, packages and wafers. */
#ifndef CIMARRON_TEST_CHIPLET_FIXTURE_H
#define CIMARRON_TEST_CHIPLET_FIXTURE_H

#include "tests/bad_inputs.h"
#include "tests/cfg_text.h"

static inline struct cfg *cfg_from_text(struct arena *a, const char *text)
{
    struct cfg *cfg = NULL;
    struct diag d = {0};
    ck_assert_msg(cfg_open_text(a, text, &cfg, &d), "%d: %s", d.line, d.text);
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
