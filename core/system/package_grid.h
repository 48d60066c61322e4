/* package_grid.h — is a package a grid of equal dies with equal links, and what does its mesh get?
 *
 * Each question that is answered with no is a complaint about the package's config. */
#ifndef CIMARRON_SYSTEM_PACKAGE_GRID_H
#define CIMARRON_SYSTEM_PACKAGE_GRID_H

#include "core/system/internal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Dies on their grid: row-major, row 0 in the north. */
struct grid {
    int64_t columns, rows;
    int64_t *column, *row; /* of each die */
    uint32_t *die;         /* in each cell */
};

/* Equal but for rounding. */
bool package_same(double a, double b);

/* All dies are the same chip, of one size, side by side. */
FALLIBLE bool package_grid_dies(const struct package *p, const struct cfg_group *dies,
                                struct diag *d);
FALLIBLE bool package_grid_find(struct arena *a, const struct package *p,
                                const struct cfg_group *dies, struct grid *g, struct diag *d);
/* Fills s->shape: links join all neighbours and nobody else, each with the same for a mesh link. */
FALLIBLE bool package_grid_seams(const struct package *p, const struct cfg_group *root,
                                 const struct grid *g, const struct die *die, struct system *s,
                                 struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
