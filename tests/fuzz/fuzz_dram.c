/* fuzz_dram.c — any bytes as a request trace of a memory: refused with a sentence, or every request
 * is played in finite time and energy. */
#include <math.h>

#include "memory/drive.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char *const MEMORIES[] = {"ddr4_2400", "hbm2_2000", "hbm3_6400"};
enum { REQUESTS_MAX = 2000 };

static struct memory *memories[COUNT_OF(MEMORIES)]; /* opened once: driving does not touch them */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const roles[] = {"memory", NULL};
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    struct cfg *c;
    (void)argc, (void)argv;
    for (size_t i = 0; i < COUNT_OF(MEMORIES); i++) {
        const char *path = cfg_find(a, MEMORIES[i], roles, &d);
        if (!path || !cfg_open(a, path, NULL, 0, &c, &d) ||
            !memory_open(a, cfg_root(c), &memories[i], &d))
            abort();
        cfg_close(c);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct drive_result r;
    struct diag d = {.status = 0};
    uint64_t choice = fuzz_hash(data, size);
    struct fuzz_input in = fuzz_input_open(data, size);
    struct drive_options o = {.pattern = in.path,
                              .requests = REQUESTS_MAX,
                              .rate = choice >> 8 & 1 ? 1 : 0.1,
                              .channels = choice >> 9 & 1,
                              .seed = 1};
    if (!memories[0])
        LLVMFuzzerInitialize(NULL, NULL);
    if (fuzz_took(memory_drive(memories[choice % COUNT_OF(MEMORIES)], &o, &r, &d), &d) &&
        (!isfinite(r.time_ns) || !(r.energy_pj >= 0) || !isfinite(r.energy_pj) ||
         fabs(r.reads + r.writes - r.requests) > 0))
        abort();
    fuzz_input_close(&in);
    return 0;
}
