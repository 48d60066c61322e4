/* fuzz_gpu_batch.c — any bytes as a table of kernels: refused with a sentence, or read into
 * kernels that take a positive, finite time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/gpu/gpu_batch.h"

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
    char path[64];
    FILE *file = tmpfile(); /* under the name that /proc gives it */
    if (file && fwrite(data, 1, size, file) == size && fflush(file) == 0) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
        if (gpu_batch_read(a, path, &batch, &d))
            check_kernels(&batch);
        else if (d.status != 2 || d.text[0] == '\0')
            abort();
    }
    if (file)
        fclose(file);
    arena_close(a);
    return 0;
}
