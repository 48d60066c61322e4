/* Broken accelerators and tables of chips: every folder tests/bad/accelerator-CASE holds an in.cfg
 * or an in.csv, and in `error` the one line that it must be refused with. */
#include "core/accelerator/accelerator.h"
#include "core/accelerator/chip_data.h"
#include "tests/bad_inputs.h"

static bool read_accelerator(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct accelerator *x;
    return accelerator_open(a, g, &x, d);
}

/* A table is an in.csv. */
static bool read_either(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct bad_group_reader reader = {read_accelerator};
    struct chip_data data;
    (void)user;
    if (strstr(path, "/accelerator-data-"))
        return chip_data_read(a, path, &data, d);
    return bad_open_config(a, path, d, &reader);
}

START_TEST(every_broken_accelerator_and_table_is_refused_with_its_sentence)
{
    bad_inputs_walk("accelerator-", 32, read_either, NULL);
}
END_TEST

SUITE("bad accelerators", every_broken_accelerator_and_table_is_refused_with_its_sentence)
