/* fuzz_system.c — any bytes as a chip, package or wafer: refused with a sentence, or a machine
 * whose area, peak and idle power are numbers. */
#include <math.h>

#include "core/system/system.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_power(double total_w, const double part_w[PART_COUNT])
{
    if (!isfinite(total_w) || total_w < 0)
        abort();
    for (int p = 0; p < PART_COUNT; p++)
        if (!(part_w[p] >= 0))
            abort();
}

static void measure(const struct system *s)
{
    const struct system_work work = system_usual_work(s, 0, 0);
    struct system_area area;
    struct static_power idle;
    struct system_peak peak;
    struct system_power full;
    struct diag d = {.status = 0};
    system_area(s, &area);
    system_static_power(s, &idle);
    if (!isfinite(area.total_um2) || area.total_um2 < 0)
        abort();
    for (int p = 0; p < PART_COUNT; p++)
        if (!isfinite(idle.part_mw[p].value) || idle.part_mw[p].value < 0)
            abort();
    if (!fuzz_took(system_peak(s, &work, &peak, &d), &d) ||
        !fuzz_took(system_full_power(s, &work, &full, &d), &d))
        return;
    if (!isfinite(peak.tops) || !(peak.tops > 0))
        abort();
    check_power(peak.power.total_w, peak.power.part_w);
    check_power(full.total_w, full.part_w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct system *s;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    if (fuzz_took(system_open(a, in.path, NULL, 0, &s, &d), &d))
        measure(s);
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
