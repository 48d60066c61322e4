#include "traces/annotate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "traces/import_csv.h"

enum { FILE_MAX = 64 << 20, BINS_MAX = 4096, LEVEL_BITS_MAX = 10 };

enum column { NET, OPERATOR, DIMS, INPUTS, WEIGHTS, COLUMN_COUNT };

static const char *const TITLES[COLUMN_COUNT] = {"net", "op", "dims", "hist_inputs",
                                                 "hist_weights"};

struct histogram {
    double *bins;
    size_t count;
};

struct row {
    double k, n;
    bool dynamic, taken;
    struct histogram inputs, weights;
};

struct side_file {
    struct csv_place at;
    struct arena *arena;
    const char *net;
    int column[COLUMN_COUNT];
    struct row *rows;
    size_t count, room, dynamic;
};

/* --- the side file --------------------------------------------------------------------------- */

static bool take_titles(struct side_file *s, const struct csv_row *row)
{
    for (int c = 0; c < COLUMN_COUNT; c++) {
        s->column[c] = -1;
        for (int i = 0; i < row->n; i++)
            if (strcmp(row->field[i], TITLES[c]) == 0)
                s->column[c] = i;
        if (s->column[c] < 0)
            return diag_input(s->at.d, s->at.path, s->at.line, "the column %s is missing",
                              TITLES[c]);
    }
    return true;
}

/* The number behind "C=" and the like; 1 where the word is missing. */
static bool dimension(struct side_file *s, const char *dims, const char *key, double *out)
{
    const char *at = dims;
    *out = 1;
    while (*at) {
        size_t length = strcspn(at, " ");
        if (length > 2 && strncmp(at, key, 2) == 0) {
            char *end;
            *out = strtod(at + 2, &end);
            if (end != at + length || !(*out >= 1 && *out <= INT32_MAX))
                return diag_input(s->at.d, s->at.path, s->at.line, "%s is no size in dims", key);
        }
        at += length + (at[length] == ' ');
    }
    return true;
}

static bool read_histogram(struct side_file *s, const char *text, struct histogram *h)
{
    double bins[BINS_MAX], sum = 0;
    size_t count = 0;
    while (*text) {
        char *end;
        double value = strtod(text, &end);
        if (end == text || count == BINS_MAX || !(value >= 0 && value <= 1))
            return diag_input(s->at.d, s->at.path, s->at.line,
                              "a histogram holds up to %d shares from 0 to 1", BINS_MAX);
        bins[count++] = value;
        sum += value;
        text = end + strspn(end, " ");
    }
    if (count < 3 || count % 2 == 0 || fabs(sum - 1) > 0.01)
        return diag_input(s->at.d, s->at.path, s->at.line,
                          "a histogram has an odd number of bins, 3 or more, that sum to 1");
    h->bins = ARENA_ARRAY(s->arena, double, count);
    memcpy(h->bins, bins, count * sizeof *bins);
    h->count = count;
    return true;
}

static struct row *next_row(struct side_file *s)
{
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 64 : 2 * s->room;
        struct row *more = ARENA_ARRAY(s->arena, struct row, room);
        if (s->count > 0)
            memcpy(more, s->rows, s->count * sizeof *more);
        s->rows = more;
        s->room = room;
    }
    return &s->rows[s->count++];
}

static bool ends_in(const char *text, const char *tail)
{
    size_t length = strlen(text), end = strlen(tail);
    return length >= end && strcmp(text + length - end, tail) == 0;
}

static bool take_row(struct side_file *s, const struct csv_row *fields)
{
    double c, m, r, width;
    const char *dims = csv_field(fields, s->column[DIMS]);
    if (strcmp(csv_field(fields, s->column[NET]), s->net) != 0)
        return true;
    struct row *row = next_row(s);
    TRY(dimension(s, dims, "C=", &c));
    TRY(dimension(s, dims, "M=", &m));
    TRY(dimension(s, dims, "R=", &r));
    TRY(dimension(s, dims, "S=", &width));
    row->k = c * r * width;
    row->n = m;
    row->dynamic = ends_in(csv_field(fields, s->column[OPERATOR]), "Attention");
    s->dynamic += row->dynamic;
    TRY(read_histogram(s, csv_field(fields, s->column[INPUTS]), &row->inputs));
    return read_histogram(s, csv_field(fields, s->column[WEIGHTS]), &row->weights);
}

static bool take_line(void *user, const struct csv_row *row)
{
    struct side_file *s = user;
    if (s->at.line == 1)
        return take_titles(s, row);
    return row->n == 0 || take_row(s, row);
}

static bool take_lines(struct side_file *s, struct import_file *f)
{
    TRY(csv_each_row(&s->at, f, take_line, s));
    if (s->count == 0)
        return diag_input(s->at.d, s->at.path, 0, "there is no row of the net %.60s", s->net);
    return true;
}

/* --- statistics ------------------------------------------------------------------------------ */

static bool never_negative(const struct histogram *h)
{
    double below = 0;
    for (size_t i = 0; i < h->count / 2; i++)
        below += h->bins[i];
    return below < 1e-9;
}

/* Mass spread evenly from `low` to `high`, in levels, over levels that are each one value. */
static void spread(double *levels, size_t count, double low, double high, double mass)
{
    for (size_t i = (size_t)(low + 0.5); i < count && (double)i - 0.5 < high; i++) {
        double from = fmax(low, (double)i - 0.5), to = fmin(high, (double)i + 0.5);
        levels[i] += mass * fmax(0, to - from) / (high - low);
    }
}

/* Behind a ReLU the bin around zero holds exact zeros beside as many small values as its half
 * width would have with the density of the next bin. */
static struct operand_stats stats_of_unsigned(const struct histogram *h, int bits)
{
    double levels[1 << LEVEL_BITS_MAX] = {0};
    size_t middle = h->count / 2, count = (size_t)1 << bits;
    double step = ((double)count - 1) / ((double)h->count / 2);
    double small = fmin(h->bins[middle], h->bins[middle + 1] / 2);
    levels[0] = h->bins[middle] - small;
    spread(levels, count, 0, step / 2, small);
    for (size_t j = 1; j <= middle; j++)
        spread(levels, count, ((double)j - 0.5) * step, ((double)j + 0.5) * step,
               h->bins[middle + j]);
    return stats_from_histogram(levels, count, bits, false);
}

static struct operand_stats stats_of(const struct histogram *h, int bits, bool weights)
{
    bool positive = !weights && never_negative(h);
    if (positive && bits <= LEVEL_BITS_MAX)
        return stats_of_unsigned(h, bits);
    if (positive)
        return stats_from_histogram(h->bins + h->count / 2, h->count - h->count / 2, bits, false);
    return stats_from_histogram(h->bins, h->count, bits, true);
}

static void give(struct side_file *s, struct op *o, struct row *row)
{
    struct op_stats *stats = ARENA_NEW(s->arena, struct op_stats);
    stats->activation = stats_of(&row->inputs, o->activation_bits, false);
    stats->weights = stats_of(&row->weights, o->weight_bits, true);
    o->stats = stats;
    row->taken = true;
}

/* --- matching -------------------------------------------------------------------------------- */

static bool is_product(const struct op *o)
{
    return o->kind == OP_CONV2D || o->kind == OP_MATMUL;
}

/* K and N of one group. */
static void sizes_of(const struct op *o, double *k, double *n)
{
    if (o->kind == OP_MATMUL) {
        *k = (double)o->u.matmul.k;
        *n = (double)o->u.matmul.n;
        return;
    }
    double groups = (double)o->u.conv.groups;
    *k = (double)o->in.dim[1] / groups * o->u.conv.kernel[0] * o->u.conv.kernel[1];
    *n = (double)o->out.dim[1] / groups;
}

static struct row *row_for(struct side_file *s, const struct op *o, bool in_order)
{
    double k, n;
    sizes_of(o, &k, &n);
    for (size_t i = 0; i < s->count; i++) {
        struct row *row = &s->rows[i];
        bool fits = o->weight ? !row->dynamic && fabs(row->k - k) < 0.5 && fabs(row->n - n) < 0.5
                              : row->dynamic && in_order;
        if (fits && !row->taken)
            return row;
    }
    return NULL;
}

static bool match(struct side_file *s, struct trace *t, struct annotated *out, struct diag *d)
{
    size_t dynamic = 0;
    for (size_t i = 0; i < t->count; i++)
        dynamic += is_product(&t->ops[i]) && !t->ops[i].weight;
    *out = (struct annotated){.rows = (int64_t)s->count};
    for (size_t i = 0; i < t->count; i++) {
        struct op *o = &t->ops[i];
        if (!is_product(o))
            continue;
        out->products++;
        struct row *row = row_for(s, o, dynamic == s->dynamic);
        if (row) {
            give(s, o, row);
            out->matched++;
        }
    }
    if (out->matched == 0)
        return diag_input(d, s->at.path, 0,
                          "no row of the net %.60s has the sizes of a product of %.60s", s->net,
                          t->header.name);
    return true;
}

bool trace_annotate(struct arena *a, struct trace *t, const char *csv, const char *net,
                    struct annotated *out, struct diag *d)
{
    struct import_file f;
    struct side_file s = {.arena = a, .net = net, .at = {.path = csv, .d = d}};
    TRY(import_file_open(csv, FILE_MAX, &f, d));
    s.at.scratch = arena_open();
    bool fine = take_lines(&s, &f) && match(&s, t, out, d);
    arena_close(s.at.scratch);
    import_file_close(&f);
    return fine;
}
