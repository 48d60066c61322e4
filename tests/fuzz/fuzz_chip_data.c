/* fuzz_chip_data.c — any bytes as a table of chips: refused with a sentence, or fitted with factors
 * that are numbers. */
#include <math.h>
#include <stdlib.h>

#include "core/accelerator/accelerator_fit.h"
#include "tests/fuzz/input.h"

enum { FITTED_ROWS = 8 }; /* the fit takes rows squared */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fit(struct arena *a, const struct chip_data *data)
{
    struct accelerator_fit f;
    accelerator_fit(a, data, &f);
    for (int i = 0; i < CHIP_FACTORS; i++)
        if (!(f.factor[i] > 0) || !isfinite(f.factor[i]))
            abort();
    for (size_t i = 0; i < f.count; i++)
        if (!(f.rows[i].leave_chip_w > 0) || !isfinite(f.rows[i].leave_chip_w))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct chip_data table;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    if (chip_data_read(a, in.path, &table, &d)) {
        if (table.count <= FITTED_ROWS)
            check_fit(a, &table);
    } else if (d.status != 2 || d.text[0] == '\0') {
        abort();
    }
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
