/* fuzz_memory.c — any bytes as a memory's config: refused with a sentence, or a memory that a
 * stream reads through. */
#include <math.h>

#include "memory/drive.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct drive_options o = {
        .pattern = "stream-read", .requests = 300, .rate = 1, .channels = 1, .seed = 1};
    struct arena *a = arena_open();
    struct cfg *c = NULL;
    struct memory *m;
    struct drive_result r;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    bool good = cfg_open(a, in.path, NULL, 0, &c, &d) && memory_open(a, cfg_root(c), &m, &d);
    if (fuzz_took(good, &d) && fuzz_took(memory_drive(m, &o, &r, &d), &d) &&
        (!(r.time_ns > 0) || !isfinite(r.time_ns) || !isfinite(r.energy_pj)))
        abort();
    cfg_close(c);
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
