/* fit_accelerators.h — the family `accelerators` of `cimarron fit`: whole digital chips, their
 * power.
 *
 * Its law is no single term but the chip power formula (core/accelerator), of which five factors
 * are fitted; its points stand in configs/study/data/chips_structure.csv. */
#ifndef CIMARRON_FIT_ACCELERATORS_H
#define CIMARRON_FIT_ACCELERATORS_H

#include <jansson.h>

#include "core/app/app.h"

/* The result in the shape of the other families'. */
FALLIBLE bool fit_accelerators(const struct app *app, json_t **out, struct diag *d);

/* Adds the family's row to `fit all`. */
FALLIBLE bool fit_accelerators_summary(const struct app *app, json_t *rows, struct diag *d);

#endif
