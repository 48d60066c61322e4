/* The reader of kernel tables. */
#include "core/gpu/gpu_batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/csv.h"

static const double size_max = 1e12;

enum column { COLUMN_OP, COLUMN_DTYPE, COLUMN_M, COLUMN_N, COLUMN_K, COLUMN_BATCH, COLUMNS };
static const char *const column_names[COLUMNS] = {"op", "dtype", "m", "n", "k", "batch"};

static const char *const op_names[] = {"matmul", "conv", "elementwise", "softmax",
                                       "norm",   "pool", "copy",        "attention"};

const char *gpu_op_name(enum gpu_op op)
{
    return op_names[op];
}

bool gpu_op_find(const char *name, enum gpu_op *op)
{
    for (size_t i = 0; i < COUNT_OF(op_names); i++)
        if (strcmp(name, op_names[i]) == 0) {
            *op = (enum gpu_op)i;
            return true;
        }
    return false;
}

/* A table and where its columns stand; -1: nowhere. */
struct table {
    struct csv_table csv;
    int place[COLUMNS];
    struct diag *d;
};

static bool read_header(struct table *t)
{
    for (size_t i = 0; i < t->csv.columns; i++) {
        int c = 0;
        while (c < COLUMNS && strcmp(t->csv.names[i], column_names[c]) != 0)
            c++;
        if (c == COLUMNS)
            return diag_input(t->d, t->csv.path, t->csv.header_line,
                              "unknown column '%.40s': the columns are op,dtype,m,n,k,batch",
                              t->csv.names[i]);
    }
    for (int c = 0; c < COLUMN_BATCH; c++)
        TRY(csv_need(&t->csv, column_names[c], &t->place[c], t->d));
    t->place[COLUMN_BATCH] = csv_column(&t->csv, column_names[COLUMN_BATCH]);
    return true;
}

#define COMPLAIN(t, row, ...) csv_complain(&(t)->csv, row, (t)->d, __VA_ARGS__)

/* A size from 1 to 1e12; an empty cell is `fallback`, or an error where that is 0. */
static bool read_size(struct table *t, size_t row, enum column c, double fallback, double *out)
{
    const char *text = csv_text(&t->csv, row, t->place[c]);
    char *end;
    if (*text == '\0') {
        *out = fallback;
        return fallback > 0 || COMPLAIN(t, row, "%s is missing: give a whole number from 1 to 1e12",
                                        column_names[c]);
    }
    *out = strtod(text, &end);
    if (end == text || *end != '\0' || !(*out >= 1 && *out <= size_max) || *out != floor(*out))
        return COMPLAIN(t, row, "%s is '%.40s': must be a whole number from 1 to 1e12",
                        column_names[c], text);
    return true;
}

static bool read_row(struct table *t, size_t row, struct gpu_kernel *k)
{
    const char *op = csv_text(&t->csv, row, t->place[COLUMN_OP]);
    const char *dtype = csv_text(&t->csv, row, t->place[COLUMN_DTYPE]);
    bool product;
    if (!gpu_op_find(op, &k->op))
        return COMPLAIN(
            t, row,
            "unknown op '%.40s': matmul, conv, elementwise, softmax, norm, pool, copy or attention",
            op);
    if (!gpu_dtype_find(dtype, &k->dtype))
        return COMPLAIN(t, row, "unknown dtype '%.40s': int8, fp8, fp16, bf16, tf32 or fp32",
                        dtype);
    product = k->op == GPU_MATMUL || k->op == GPU_CONV || k->op == GPU_ATTENTION;
    TRY(read_size(t, row, COLUMN_M, 0, &k->m));
    TRY(read_size(t, row, COLUMN_N, 0, &k->n));
    TRY(read_size(t, row, COLUMN_BATCH, 1, &k->batch));
    if (product)
        return read_size(t, row, COLUMN_K, 0, &k->k);
    if (*csv_text(&t->csv, row, t->place[COLUMN_K]) != '\0')
        return COMPLAIN(t, row, "%s has no k: leave it empty, m x n elements are moved", op);
    return true;
}

bool gpu_batch_read(struct arena *a, const char *path, struct gpu_batch *out, struct diag *d)
{
    struct table t = {.d = d};
    memset(out, 0, sizeof *out);
    TRY(csv_read(a, path, &t.csv, d));
    TRY(read_header(&t));
    if (t.csv.rows == 0)
        return diag_input(d, path, t.csv.header_line, "no kernel follows the column names");
    out->count = t.csv.rows;
    out->lines = t.csv.lines;
    out->kernels = ARENA_ARRAY(a, struct gpu_kernel, out->count);
    for (size_t i = 0; i < out->count; i++)
        TRY(read_row(&t, i, &out->kernels[i]));
    return true;
}
