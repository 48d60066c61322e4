/* Any bytes as a language model's config.json: the importer refuses with a sentence or gives
 * possible lines. */
#include "tests/fuzz/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const PHASES[] = {NULL, "prefill", "decode", "encode"};
    struct import_options o = {.activation_bits = 8,
                               .weight_bits = 4,
                               .batch = 3,
                               .phase = PHASES[size % 4],
                               .generate = 5,
                               .steps = size % 8 == 2};
    fuzz_import("hf", &o, data, size);
    return 0;
}
