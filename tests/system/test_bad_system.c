/* Broken chips: every folder tests/bad/system-CASE holds an in.cfg and, in `error`, the one line
 * that it must be refused with. */
#include "tests/bad_inputs.h"
#include "tests/system/fixture.h"

static bool read_chip(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct system *s;
    (void)user;
    return system_open(a, path, NULL, 0, &s, d);
}

START_TEST(every_broken_chip_is_refused_with_its_sentence)
{
    bad_inputs_walk("system-", 20, read_chip, NULL);
}
END_TEST

SUITE("bad chips", every_broken_chip_is_refused_with_its_sentence)
