/* cfg_text.h — a config that a test writes as a text: opened like a user's, from a file of its own
 * that is gone afterwards.  Complaints name that file; compare their sentences, not their place. */
#ifndef CIMARRON_TEST_CFG_TEXT_H
#define CIMARRON_TEST_CFG_TEXT_H

#include <string.h>
#include <unistd.h>

#include "core/base/cfg.h"
#include "tests/check_main.h"

/* As cfg_open(). */
static inline bool cfg_open_text(struct arena *a, const char *text, struct cfg **c, struct diag *d)
{
    char path[] = "/tmp/cimarron_test_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    bool good = cfg_open(a, path, NULL, 0, c, d);
    unlink(path);
    return good;
}

#endif
