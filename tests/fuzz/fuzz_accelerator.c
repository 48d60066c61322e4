/* fuzz_accelerator.c — any bytes as an accelerator's config: refused with a sentence, or a chip
 * whose peak, rate at its cap and interval are numbers at every precision and point. */
#include <math.h>
#include <stdlib.h>

#include "core/accelerator/accelerator.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_peak(const struct accelerator_peak *p)
{
    double sum = 0;
    for (int i = 0; i < PART_COUNT; i++) {
        if (!(p->part_w[i] >= 0))
            abort();
        sum += p->part_w[i];
    }
    if (!isfinite(p->tops) || !isfinite(p->power_w) || !(p->tops_per_w > 0) ||
        fabs(sum - p->power_w) > 1e-6 * sum)
        abort();
}

static void compute(struct arena *a, const struct accelerator *x, struct accelerator_job *job)
{
    struct accelerator_peak peak;
    struct accelerator_interval w;
    struct diag d = {.status = 0};
    if (!accelerator_peak(x, job, &peak, &d))
        abort();
    check_peak(&peak);
    if (accelerator_sustained(x, job, &peak, &d))
        check_peak(&peak);
    if (!accelerator_uncertainty(a, x, job, 20, 1, &w, &d) || !(w.low <= w.high))
        abort();
}

static void compute_all(struct arena *a, const struct accelerator *x)
{
    const struct chip_constants by = chip_constants_fitted();
    for (int p = 0; p < CHIP_PRECISIONS; p++) {
        struct accelerator_job job = {.precision = (enum chip_precision)p, .by = &by};
        if (!accelerator_has(x, job.precision))
            continue;
        compute(a, x, &job);
        for (size_t i = 0; i < x->point_count; i++) {
            job.point = x->points[i].name;
            compute(a, x, &job);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct accelerator *x;
    struct cfg *c = NULL;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    if (cfg_open(a, in.path, NULL, 0, &c, &d) && accelerator_open(a, cfg_root(c), &x, &d))
        compute_all(a, x);
    else if (d.status != 2 || d.text[0] == '\0')
        abort();
    cfg_close(c);
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
