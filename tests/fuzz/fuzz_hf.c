/* Any bytes as a language model's config.json: the importer refuses with a sentence or gives
 * possible lines. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "traces/op_check.h"
#include "traces/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const PHASES[] = {NULL, "prefill", "decode", "encode"};
    char path[64], why[OP_WHY_MAX];
    snprintf(path, sizeof path, "/tmp/cimarron-fuzz-%ld.json", (long)getpid());
    FILE *out = fopen(path, "wb");
    if (out == NULL || fwrite(data, 1, size, out) != size || fclose(out) != 0)
        abort();
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = {.activation_bits = 8,
                               .weight_bits = 4,
                               .batch = 3,
                               .phase = PHASES[size % 4],
                               .generate = 5,
                               .steps = size % 8 == 2};
    bool ok = importer_find("hf")->import(a, path, &o, &t, &d);
    if (ok == (d.status != 0))
        abort(); /* a refusal without a sentence, or a sentence without a refusal */
    for (size_t i = 0; ok && i < t.count; i++)
        if (!op_check(&t.ops[i], why))
            abort();
    arena_close(a);
    unlink(path);
    return 0;
}
