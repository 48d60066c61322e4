/* Broken configs: every folder tests/bad/cfg-CASE holds an in.cfg (and what it includes), read
 * by the schema of cfg_sample.h, and the one line that it must be refused with, in `error`. */
#include "tests/bad_inputs.h"
#include "tests/base/cfg_sample.h"

static bool read_sample(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct cfg *c = NULL;
    struct sample sample;
    struct sample_io io;
    (void)user;
    bool good = cfg_open(a, path, NULL, 0, &c, d) && sample_read(c, &sample, &io, d);
    cfg_close(c);
    return good;
}

START_TEST(every_broken_config_is_refused_with_its_sentence)
{
    bad_inputs_walk("cfg-", 80, read_sample, NULL);
}
END_TEST

SUITE("bad configs", every_broken_config_is_refused_with_its_sentence)
