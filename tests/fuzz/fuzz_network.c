/* fuzz_network.c — any bytes as a network's config: refused with a sentence, or a network on which
 * every packet arrives. */
#include <math.h>

#include "noc/drive.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct network_shape shape = {.width = 3, .height = 2, .concentration = 1, .tiles = 6};
    const struct drive o = {.pattern = DRIVE_UNIFORM,
                            .rate = 0.05,
                            .packet_flits = 2,
                            .warmup_cycles = 10,
                            .cycles = 100,
                            .seed = 1};
    struct arena *a = arena_open();
    struct cfg *c = NULL;
    struct network *n;
    struct drive_result r;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    bool good =
        cfg_open(a, in.path, NULL, 0, &c, &d) && network_open(a, cfg_root(c), &shape, &n, &d);
    if (fuzz_took(good, &d) && fuzz_took(network_drive(a, n, &o, &r, &d), &d) &&
        (!isfinite(n->area_um2) || !isfinite(n->peak_mw) || !(r.flit_hops >= 0) || r.end_cycle < 0))
        abort();
    cfg_close(c);
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
