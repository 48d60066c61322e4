/* The GPU baseline against measured matrix products that it was not fitted on: bf16, a hundred
 * shapes a GPU, drawn by a hash of the shape. */
#include <math.h>
#include <string.h>

#include "core/base/cfg.h"
#include "core/base/csv.h"
#include "core/gpu/gpu.h"
#include "core/validate/validate.h"

/* Boards report a mean power that reads low for short kernels. */
#define POWER_FROM_US 100.0

static const char source[] =
    "NVIDIA aiconfigurator, systems/data, gemm_perf (TensorRT-LLM 1.0 and 1.3, vLLM 0.22), 2026";

static bool open_gpu(struct arena *a, const char *name, struct gpu **out, struct diag *d)
{
    static const char *const roles[] = {"gpu", NULL};
    struct cfg *c;
    const char *path = cfg_find(a, name, roles, d);
    TRY(path && cfg_open(a, path, NULL, 0, &c, d));
    bool ok = gpu_open(a, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

struct product {
    double m, n, k, time_us, power_w;
};

static bool read_product(const struct csv_table *t, size_t row, struct product *s, struct diag *d)
{
    TRY(csv_real(t, row, csv_column(t, "m"), 1, 1e9, &s->m, d));
    TRY(csv_real(t, row, csv_column(t, "n"), 1, 1e9, &s->n, d));
    TRY(csv_real(t, row, csv_column(t, "k"), 1, 1e9, &s->k, d));
    TRY(csv_real(t, row, csv_column(t, "time_us"), 1e-3, 1e12, &s->time_us, d));
    return csv_real_or(t, row, csv_column(t, "power_w"), 0, 1e5, NAN, &s->power_w, d);
}

static void add(struct judged_list *l, const char *gpu, const struct gpu *g,
                const struct product *s)
{
    const struct gpu_kernel k = {
        .op = GPU_MATMUL, .dtype = GPU_BF16, .batch = 1, .m = s->m, .n = s->n, .k = s->k};
    struct gpu_result r;
    gpu_run_kernel(g, &k, &r);
    struct judged j = {.case_name = arena_printf(l->arena, "%s:%gx%gx%g", gpu, s->m, s->n, s->k),
                       .chip = gpu,
                       .family = gpu,
                       .metric = "time_us",
                       .predicted = r.time_s * 1e6,
                       .reference = s->time_us,
                       .kind = JUDGED_MEASURED,
                       .scored = true,
                       .source = source};
    judged_add(l, &j);
    if (isnan(s->power_w) || s->time_us < POWER_FROM_US)
        return;
    j.metric = "power_w";
    j.predicted = r.power_w;
    j.reference = s->power_w;
    judged_add(l, &j);
}

bool gpu_kernels(struct judged_list *l, struct diag *d)
{
    struct csv_table t;
    struct gpu *g = NULL;
    const char *open = "";
    const char *path =
        arena_printf(l->arena, "%s/configs/study/data/gpu_gemm.csv", cfg_home(l->arena));
    TRY(csv_read(l->arena, path, &t, d));
    for (size_t i = 0; i < t.rows; i++) {
        const char *name = csv_text(&t, i, csv_column(&t, "gpu"));
        struct product s;
        if (strcmp(name, open) != 0)
            TRY(open_gpu(l->arena, name, &g, d));
        open = name;
        TRY(read_product(&t, i, &s, d));
        add(l, name, g, &s);
    }
    return true;
}
