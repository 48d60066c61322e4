/* measured.h — measured GEMMs from a CSV with the columns device, op, shape (m=..;n=..;k=..),
 * precision, latency_ms, power_W and any further; and the error of a GPU's model on them.
 *
 * One row in five, chosen by a hash of its shape, is for fitting; the others judge. */
#ifndef CIMARRON_TESTS_MEASURED_H
#define CIMARRON_TESTS_MEASURED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/gpu/gpu_model.h"

enum { MEASURED_MAX = 40000, MEASURED_COLUMNS = 6 };

struct measured {
    struct gpu_kernel kernel;
    double time_s, power_w; /* power_w 0: not measured */
    bool fit;               /* for fitting */
    bool odd;               /* probably zero-filled operands: weights beyond 3.2 GB */
};

static inline bool for_fitting(const char *shape)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (; *shape; shape++)
        hash = (hash ^ (unsigned char)*shape) * 16777619U;
    return (hash >> 8) % 5 == 0;
}

/* Rows of one device and precision; NULL when the file cannot be opened. The caller frees. */
static inline struct measured *measured_read(const char *path, const char *device,
                                             const char *precision, size_t *count)
{
    FILE *f = fopen(path, "r");
    struct measured *rows = f ? calloc(MEASURED_MAX, sizeof *rows) : NULL;
    char line[4096];
    *count = 0;
    while (rows && *count < MEASURED_MAX && fgets(line, sizeof line, f)) {
        char *column[MEASURED_COLUMNS] = {line};
        int columns = 1;
        struct measured *r = &rows[*count];
        struct gpu_kernel k = {.op = GPU_MATMUL, .batch = 1};
        for (char *c = line; *c && columns < MEASURED_COLUMNS; c++)
            if (*c == ',') {
                *c = '\0';
                column[columns++] = c + 1;
            }
        if (columns < MEASURED_COLUMNS || strcmp(column[0], device) != 0 ||
            strcmp(column[1], "gemm") != 0 || strcmp(column[3], precision) != 0)
            continue;
        if (sscanf(column[2], "m=%lf;n=%lf;k=%lf", &k.m, &k.n, &k.k) != 3)
            continue;
        k.dtype = strcmp(precision, "bfloat16") == 0 ? GPU_BF16 : GPU_FP8;
        r->kernel = k;
        r->time_s = atof(column[4]) * 1e-3;
        r->power_w = atof(column[5]);
        r->fit = for_fitting(column[2]);
        r->odd = k.n * k.k * gpu_dtype_bytes(k.dtype) > 3.2e9;
        ++*count;
    }
    if (f)
        fclose(f);
    return rows;
}

struct error {
    size_t count;
    double mean, median, worst_tenth, bias; /* relative; worst_tenth: the 90th percentile */
};

static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Error of the time (or, `power`, of the power of runs over 100 us) over the rows that are or are
 * not for fitting and last from `from_s` to `to_s`. */
static inline struct error measured_error(const struct gpu *g, const struct measured *rows,
                                          size_t count, bool fit, double from_s, double to_s,
                                          bool power)
{
    struct error e = {0};
    double *size = calloc(count + 1, sizeof *size);
    for (size_t i = 0; i < count; i++) {
        const struct measured *r = &rows[i];
        struct gpu_result result;
        double relative;
        if (r->fit != fit || r->time_s < from_s || r->time_s >= to_s)
            continue;
        if (power && (r->power_w <= 0 || r->time_s < 100e-6 || r->odd))
            continue;
        gpu_run_kernel(g, &r->kernel, &result);
        relative = power ? result.power_w / r->power_w - 1 : result.time_s / r->time_s - 1;
        size[e.count++] = fabs(relative);
        e.mean += fabs(relative);
        e.bias += relative;
    }
    if (e.count > 0) {
        qsort(size, e.count, sizeof *size, by_size);
        e.mean /= (double)e.count;
        e.bias /= (double)e.count;
        e.median = size[e.count / 2];
        e.worst_tenth = size[e.count * 9 / 10];
    }
    free(size);
    return e;
}

#endif
