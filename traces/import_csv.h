/* import_csv.h — rows of a comma-separated file, and the numbers in their fields.
 *
 * It knows blanks, comments (#), trailing commas, carriage returns and tabs; no quoting: the
 * workload tables that are read this way have none. */
#ifndef CIMARRON_IMPORT_CSV_H
#define CIMARRON_IMPORT_CSV_H

#include "traces/import_file.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CSV_FIELDS_MAX = 64 };

struct csv_row {
    char *field[CSV_FIELDS_MAX]; /* trimmed, never NULL below n */
    int n;                       /* up to the last field that is not empty */
};

/* Where a row stands, for complaints. */
struct csv_place {
    struct arena *scratch;
    const char *path;
    struct diag *d;
    int line;
};

/* Cuts the line, in place, at commas, or at tabs where it has no comma. */
FALLIBLE bool csv_cut(const struct csv_place *at, char *line, struct csv_row *row);

/* Hands the rows of a text, in order and cut in place, to `take`; at->line is the row's.  Ends at
 * the first that `take` does not want, which has then said why.  A zero byte is an error. */
typedef bool csv_take(void *user, const struct csv_row *row);
FALLIBLE bool csv_each_row(struct csv_place *at, struct import_file *f, csv_take *take, void *user);

/* Field i, "" where the row is shorter. */
const char *csv_field(const struct csv_row *row, int i);

/* Field i as a size from 1 to 2^31 - 1; `what` names it in complaints. */
FALLIBLE bool csv_size(const struct csv_place *at, const struct csv_row *row, int i,
                       const char *what, int64_t *out);

/* "2:4" as 0.5: two of four weights are kept. */
FALLIBLE bool csv_ratio(const struct csv_place *at, const char *text, double *share);

#ifdef __cplusplus
}
#endif
#endif
