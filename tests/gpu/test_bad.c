/* Broken GPUs and kernel tables: every folder tests/bad/gpu-CASE holds an in.cfg or an in.csv, and
 * in `error` the one line that it must be refused with. */
#include "core/gpu/gpu_batch.h"
#include "tests/bad_inputs.h"

static bool read_gpu(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct gpu *gpu;
    return gpu_open(a, g, &gpu, d);
}

/* A kernel table is an in.csv. */
static bool read_either(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct bad_group_reader reader = {read_gpu};
    struct gpu_batch batch;
    (void)user;
    if (strstr(path, "/gpu-batch-"))
        return gpu_batch_read(a, path, &batch, d);
    return bad_open_config(a, path, d, &reader);
}

START_TEST(every_broken_gpu_and_table_is_refused_with_its_sentence)
{
    bad_inputs_walk("gpu-", 43, read_either, NULL);
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
