/* fuzz_benchmark.c — any bytes as the table of published macros: refused with a sentence, or read
 * into facts on which every law gives a positive figure or says that it does not apply. */
#include <math.h>

#include "core/fit/family.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_points(struct arena *a, const struct benchmark *b)
{
    for (size_t i = 0; fit_family_at(i); i++) {
        struct fit_set s = fit_family_points(a, fit_family_at(i), b);
        for (size_t p = 0; p < s.count; p++)
            if (!(s.points[p].published > 0) || !s.points[p].chip)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct benchmark b;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    if (benchmark_read(a, in.path, &b, &d))
        check_points(a, &b);
    else if (d.status != 2 || d.text[0] == '\0')
        abort();
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
