/* benchmark.h — rows of configs/study/data/imc_benchmark.csv as facts and published figures.
 *
 * Answers: of every operating point of the public benchmark the structural facts of its family
 * (core/cim/family.h), its labels and its published figures in units of their own: energy of one
 * conversion or of one 1-b multiply-accumulate, area of a core, cycle.  It predicts nothing. */
#ifndef CIMARRON_BENCHMARK_H
#define CIMARRON_BENCHMARK_H

#include "core/base/arena.h"
#include "core/base/diag.h"
#include "core/cim/family.h"

#ifdef __cplusplus
extern "C" {
#endif

struct benchmark_row {
    const char *chip; /* its index, as text */
    const char *title, *venue, *cell, *node, *left_out;
    int line;
    struct family_facts facts;
    double event_fj; /* per conversion, or per 1-b multiply-accumulate; NAN: not stated */
    double mac_fj;   /* per 1-b multiply-accumulate; NAN */
    double step_ns;  /* cycle per input bit; NAN */
    double area_um2; /* of one core; NAN, also where it is known to one digit only */
};

struct benchmark {
    struct benchmark_row *rows;
    size_t count;
};

/* Reads the table at `path`; benchmark_open finds the one of this tree or installation. */
FALLIBLE bool benchmark_read(struct arena *a, const char *path, struct benchmark *out,
                             struct diag *d);
FALLIBLE bool benchmark_open(struct arena *a, struct benchmark *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
