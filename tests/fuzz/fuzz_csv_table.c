/* fuzz_csv_table.c — any bytes as a table of comma-separated values: refused with a sentence, or
 * read into named columns and whole rows. */
#include <string.h>

#include "core/base/csv.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cells(const struct csv_table *t)
{
    struct diag d = {.status = 0};
    double value;
    if (t->columns == 0 || t->columns > CSV_COLUMNS_MAX || csv_column(t, t->names[0]) != 0)
        abort();
    for (size_t row = 0; row < t->rows; row++) {
        if (t->lines[row] <= t->header_line)
            abort();
        for (int c = 0; c < (int)t->columns; c++)
            if (strlen(csv_text(t, row, c)) > CSV_LINE_MAX)
                abort();
        if (csv_real(t, row, 0, -1, 1, &value, &d) && !(value >= -1 && value <= 1))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct csv_table table;
    struct diag d = {.status = 0};
    struct fuzz_input in = fuzz_input_open(data, size);
    if (csv_read(a, in.path, &table, &d))
        check_cells(&table);
    else if (d.status != 2 || d.text[0] == '\0')
        abort();
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
