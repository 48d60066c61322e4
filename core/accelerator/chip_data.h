/* chip_data.h — operating points of real chips, from a table.
 *
 * Answers: structure, clock, supply and published power of each point, with its source.  The tree's
 * table is configs/study/data/chips_structure.csv.  The powers are for fitting and judging only. */
#ifndef CIMARRON_CHIP_DATA_H
#define CIMARRON_CHIP_DATA_H

#include "core/accelerator/chip_power.h"
#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CHIP_ROWS_MAX = 2000 };

/* What the power of a point is. */
enum chip_kind {
    CHIP_MEASURED,  /* at this rate */
    CHIP_ESTIMATED, /* by the maker, of its own layout */
    CHIP_TDP,       /* a limit that the cooling must carry */
    CHIP_CAPPED,    /* a GPU's limit: its clock falls until it is met */
    CHIP_PREDICT    /* nobody published one */
};
extern const char *const chip_kind_names[]; /* "measured", ... NULL-terminated */

struct chip_row {
    const char *chip, *name, *vendor, *anchor, *doubtful, *source, *note;
    enum chip_kind kind;
    struct chip_point point;
    double power_w;                     /* NAN: none */
    double clock_max_ghz, volt_per_ghz; /* of a GPU held at its limit; else 0 */
    int line;
    int anchor_row; /* of the same chip at another V and f; -1: none */
};

struct chip_data {
    const char *path;
    const struct chip_row *rows;
    size_t count;
};

/* Reads the table strictly; texts live in `a`. */
FALLIBLE bool chip_data_read(struct arena *a, const char *path, struct chip_data *out,
                             struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
