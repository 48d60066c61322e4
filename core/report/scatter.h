/* scatter.h — predicted against published as an SVG drawing.
 *
 * Answers: points on two logarithmic axes of the same range, the line where both are equal, the
 * band within a factor of two, intervals as bars, a colour and a shape for each family, and names
 * where there is room; every point tells its name and figures when it is pointed at.  SVG is
 * written as text, so that it stays small, searchable, and the same bytes on every machine. */
#ifndef CIMARRON_SCATTER_H
#define CIMARRON_SCATTER_H

#include <stdio.h>

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

struct scatter_point {
    double x, y;      /* published, predicted; both above 0 */
    double low, high; /* of y; NAN: no bar */
    const char *name;
    size_t series;
    bool hollow; /* printed, not scored */
};

struct scatter {
    const char *title, *x_title, *y_title;
    const char *const *series; /* names; colours and shapes repeat behind the eighth */
    size_t series_count;
    const struct scatter_point *points;
    size_t count;
};

/* Panels, two in a row, in one svg element. */
void scatter_write(FILE *out, const struct scatter *panels, size_t count);

#ifdef __cplusplus
}
#endif
#endif
