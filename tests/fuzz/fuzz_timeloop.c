/* Any bytes as a problem file of Timeloop: the importer refuses with a sentence or gives a possible
 * trace. */
#include "tests/fuzz/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct import_options o = {.activation_bits = 8, .weight_bits = 8, .batch = 2};
    fuzz_import("timeloop", &o, data, size);
    return 0;
}
