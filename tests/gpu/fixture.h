/* fixture.h — the GPUs that ship, opened for a test. */
#ifndef CIMARRON_TESTS_GPU_FIXTURE_H
#define CIMARRON_TESTS_GPU_FIXTURE_H

#include "core/gpu/gpu_model.h"
#include "tests/check_main.h"

static const char *const gpu_names[] = {"a100_sxm", "h100_pcie", "h100_sxm", "h200_sxm"};

static inline const struct gpu *gpu_named(struct arena *a, const char *name)
{
    struct cfg *c = NULL;
    struct gpu *g = NULL;
    struct diag d = {.status = 0};
    bool good = cfg_open(a, arena_printf(a, "configs/gpu/%s.cfg", name), NULL, 0, &c, &d) &&
                gpu_open(a, cfg_root(c), &g, &d);
    ck_assert_msg(good, "%s:%d: %s", d.file, d.line, d.text);
    cfg_close(c);
    return g;
}

static inline struct gpu_result gpu_time_of(const struct gpu *g, enum gpu_dtype dtype, double m,
                                            double n, double k, double batch)
{
    struct gpu_kernel kernel = {
        .op = GPU_MATMUL, .dtype = dtype, .batch = batch, .m = m, .n = n, .k = k};
    struct gpu_result r;
    gpu_run_kernel(g, &kernel, &r);
    return r;
}

#endif
