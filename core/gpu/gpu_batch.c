/* The reader of kernel tables. */
#include "core/gpu/gpu_batch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, KERNELS_MAX = 1000000, CELLS_MAX = 16 };
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

struct table {
    const char *path;
    FILE *file;
    int line;
    int place[COLUMNS]; /* which cell holds the column; -1: none */
    size_t room;
    struct diag *d;
};

#define COMPLAIN(t, ...) diag_input((t)->d, (t)->path, (t)->line, __VA_ARGS__)

enum reading { READ_LINE, READ_END, READ_FAILED };

/* The next line that says something, without its end. */
static enum reading next_line(struct table *t, char *line)
{
    while (fgets(line, LINE_MAX_BYTES, t->file)) {
        size_t length = strlen(line);
        t->line++;
        if (length == 0 || (line[length - 1] != '\n' && !feof(t->file))) {
            COMPLAIN(t, "the line is longer than %d bytes or holds a NUL; a kernel needs far less",
                     LINE_MAX_BYTES - 1);
            return READ_FAILED;
        }
        while (length > 0 && strchr(" \t\r\n", line[length - 1]))
            line[--length] = '\0';
        if (length > 0 && line[0] != '#')
            return READ_LINE;
    }
    if (ferror(t->file)) {
        COMPLAIN(t, "cannot be read: %s", strerror(errno));
        return READ_FAILED;
    }
    return READ_END;
}

/* Cuts a line at its commas; blanks around a cell go. Returns the number of cells. */
static int cut(char *line, char **cells)
{
    int count = 0;
    for (char *start = line; start && count < CELLS_MAX;) {
        char *comma = strchr(start, ','), *end;
        if (comma)
            *comma = '\0';
        start += strspn(start, " \t");
        end = start + strlen(start);
        while (end > start && strchr(" \t", end[-1]))
            *--end = '\0';
        cells[count++] = start;
        start = comma ? comma + 1 : NULL;
    }
    return count;
}

static bool read_header(struct table *t, char *line)
{
    char *cells[CELLS_MAX];
    int count = cut(line, cells);
    for (int c = 0; c < COLUMNS; c++)
        t->place[c] = -1;
    for (int i = 0; i < count; i++) {
        int c = 0;
        while (c < COLUMNS && strcmp(cells[i], column_names[c]) != 0)
            c++;
        if (c == COLUMNS)
            return COMPLAIN(t, "unknown column '%.40s': the columns are op,dtype,m,n,k,batch",
                            cells[i]);
        if (t->place[c] >= 0)
            return COMPLAIN(t, "column '%s' stands twice", cells[i]);
        t->place[c] = i;
    }
    for (int c = 0; c < COLUMN_BATCH; c++)
        if (t->place[c] < 0)
            return COMPLAIN(t, "no column '%s': the first line must name op,dtype,m,n,k",
                            column_names[c]);
    return true;
}

static const char *cell(const struct table *t, char **cells, int count, enum column c)
{
    return t->place[c] >= 0 && t->place[c] < count ? cells[t->place[c]] : "";
}

/* A size from 1 to 1e12; an empty cell is `fallback`, or an error where that is 0. */
static bool read_size(struct table *t, enum column c, const char *text, double fallback,
                      double *out)
{
    char *end;
    if (*text == '\0') {
        *out = fallback;
        return fallback > 0 ||
               COMPLAIN(t, "%s is missing: give a whole number from 1 to 1e12", column_names[c]);
    }
    *out = strtod(text, &end);
    if (end == text || *end != '\0' || !(*out >= 1 && *out <= size_max) || *out != floor(*out))
        return COMPLAIN(t, "%s is '%.40s': must be a whole number from 1 to 1e12", column_names[c],
                        text);
    return true;
}

static bool read_row(struct table *t, char *line, struct gpu_kernel *k)
{
    char *cells[CELLS_MAX];
    int count = cut(line, cells);
    const char *op = cell(t, cells, count, COLUMN_OP);
    const char *dtype = cell(t, cells, count, COLUMN_DTYPE);
    bool product;
    for (int i = 0, named = 0; i < count; i++, named = 0) {
        for (int c = 0; c < COLUMNS; c++)
            named |= t->place[c] == i;
        if (!named)
            return COMPLAIN(t, "%d cells, but the first line names fewer columns", count);
    }
    memset(k, 0, sizeof *k);
    if (!gpu_op_find(op, &k->op))
        return COMPLAIN(
            t,
            "unknown op '%.40s': matmul, conv, elementwise, softmax, norm, pool, copy or attention",
            op);
    if (!gpu_dtype_find(dtype, &k->dtype))
        return COMPLAIN(t, "unknown dtype '%.40s': int8, fp8, fp16, bf16, tf32 or fp32", dtype);
    product = k->op == GPU_MATMUL || k->op == GPU_CONV || k->op == GPU_ATTENTION;
    TRY(read_size(t, COLUMN_M, cell(t, cells, count, COLUMN_M), 0, &k->m));
    TRY(read_size(t, COLUMN_N, cell(t, cells, count, COLUMN_N), 0, &k->n));
    TRY(read_size(t, COLUMN_BATCH, cell(t, cells, count, COLUMN_BATCH), 1, &k->batch));
    if (product)
        return read_size(t, COLUMN_K, cell(t, cells, count, COLUMN_K), 0, &k->k);
    if (*cell(t, cells, count, COLUMN_K) != '\0')
        return COMPLAIN(t, "%s has no k: leave it empty, m x n elements are moved", op);
    return true;
}

static void grow(struct arena *a, struct table *t, struct gpu_batch *b)
{
    struct gpu_kernel *kernels;
    int *lines;
    if (b->count < t->room)
        return;
    t->room = t->room ? 2 * t->room : 64;
    kernels = ARENA_ARRAY(a, struct gpu_kernel, t->room);
    lines = ARENA_ARRAY(a, int, t->room);
    if (b->count > 0) {
        memcpy(kernels, b->kernels, b->count * sizeof *kernels);
        memcpy(lines, b->lines, b->count * sizeof *lines);
    }
    b->kernels = kernels;
    b->lines = lines;
}

static bool read_table(struct arena *a, struct table *t, struct gpu_batch *out)
{
    char line[LINE_MAX_BYTES];
    enum reading reading = next_line(t, line);
    if (reading == READ_END)
        return COMPLAIN(t, "the file is empty: the first line must name op,dtype,m,n,k,batch");
    if (reading == READ_FAILED)
        return false;
    TRY(read_header(t, line));
    while ((reading = next_line(t, line)) == READ_LINE) {
        if (out->count == KERNELS_MAX)
            return COMPLAIN(t, "more than %d kernels: cut the table", KERNELS_MAX);
        grow(a, t, out);
        TRY(read_row(t, line, &out->kernels[out->count]));
        out->lines[out->count++] = t->line;
    }
    if (reading == READ_FAILED)
        return false;
    return out->count > 0 || COMPLAIN(t, "no kernel follows the column names");
}

bool gpu_batch_read(struct arena *a, const char *path, struct gpu_batch *out, struct diag *d)
{
    struct table t = {.path = path, .d = d};
    bool good;
    memset(out, 0, sizeof *out);
    t.file = fopen(path, "r");
    if (!t.file)
        return diag_input(d, path, 0, "cannot be opened: %s", strerror(errno));
    good = read_table(a, &t, out);
    fclose(t.file);
    return good;
}
