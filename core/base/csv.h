/* csv.h — tables of comma-separated values, read strictly.
 *
 * Answers: the cells of a file whose first line names its columns, and the numbers in them, with
 * FILE:LINE for whatever is wrong.  A cell may stand in double quotes, "" inside them is one quote
 * (RFC 4180); a quoted cell ends in its own line.  Blanks around a bare cell go.  Blank lines and
 * lines that begin with # are skipped.  A row may end early: its last cells are empty; it may not
 * have more cells than there are columns.  Column names are not empty and stand once.
 * Limits: 64 MiB, lines of 64 KiB, 64 columns, 1,000,000 rows; no zero bytes. */
#ifndef CIMARRON_CSV_H
#define CIMARRON_CSV_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CSV_COLUMNS_MAX = 64, CSV_ROWS_MAX = 1000000, CSV_LINE_MAX = 65536 };

struct csv_table {
    const char *path;
    int header_line;
    size_t columns, rows;
    const char *names[CSV_COLUMNS_MAX];
    const char *const *cells; /* rows x columns, never NULL; "" where nothing stands */
    const int *lines;         /* where each row stands */
};

/* Reads the file; a table of column names alone is good and has no rows.  Text lives in `a`. */
FALLIBLE bool csv_read(struct arena *a, const char *path, struct csv_table *out, struct diag *d);

/* The place of a column, or -1. */
int csv_column(const struct csv_table *t, const char *name);

/* Its place, or a complaint at the header. */
FALLIBLE bool csv_need(const struct csv_table *t, const char *name, int *column, struct diag *d);

/* A cell's text; "" where column is -1. */
const char *csv_text(const struct csv_table *t, size_t row, int column);

/* The finite number from `min` to `max` that must stand in a cell. */
FALLIBLE bool csv_real(const struct csv_table *t, size_t row, int column, double min, double max,
                       double *out, struct diag *d);

/* The same, or `fallback` (any value) where the cell is empty or the column is -1. */
FALLIBLE bool csv_real_or(const struct csv_table *t, size_t row, int column, double min, double max,
                          double fallback, double *out, struct diag *d);

/* diag_input at a row; false. */
#define csv_complain(t, row, d, ...) diag_input(d, (t)->path, (t)->lines[row], __VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
