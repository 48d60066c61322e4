/* fuzz_gpu_batch.c — any bytes as a table of kernels: refused with a sentence, or read into
 * kernels that take a positive, finite time. */
#include <math.h>

#include "core/gpu/gpu_batch.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_kernels(const struct gpu_batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct gpu_kernel *k = &b->kernels[i];
        bool whole = k->m >= 1 && k->n >= 1 && k->batch >= 1 && k->k >= 0;
        if (!whole || !isfinite(k->m * k->n * k->batch) || b->lines[i] < 2)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct gpu_batch batch;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    if (gpu_batch_read(a, in.path, &batch, &d))
        check_kernels(&batch);
    else if (d.status != 2 || d.text[0] == '\0')
        abort();
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
