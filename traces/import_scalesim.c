/* SCALE-Sim topology files: one layer per row, convolutions or matrix products.
 *
 *     Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter,
 *     Strides [, second stride | batch size | sparsity N:M]
 *     Layer name, M, N, K [, sparsity N:M]
 *
 * Rows name no edges: layers are chained whole.  A row with a name and nothing else is a title
 * and starts another chain.  There is no padding: what a row states is a valid convolution over
 * the input map it states.  There are no groups: depth-wise layers stand as ordinary ones.
 * Source: scalesim-project/SCALE-Sim, topologies/ and its README. */
#include <string.h>
#include <strings.h>

#include "traces/import_layers.h"

extern const struct importer scalesim_importer;

enum { CONV_COLUMNS = 8, GEMM_COLUMNS = 4 };

static const size_t FILE_MAX = (size_t)64 << 20;

enum layout { LAYOUT_UNKNOWN, LAYOUT_CONV, LAYOUT_GEMM };

enum extra { EXTRA_UNNAMED, EXTRA_STRIDE, EXTRA_BATCH, EXTRA_SPARSITY, EXTRA_OTHER };

struct reading {
    struct csv_place at;
    enum layout layout;
    enum extra extras[CSV_FIELDS_MAX];
    bool sparse; /* a row states the density of its weights */
    struct layer_list layers;
};

static bool starts_with(const char *s, const char *start)
{
    return strncasecmp(s, start, strlen(start)) == 0;
}

/* --- layout ------------------------------------------------------------------------------- */

static bool has_word(const char *title, const char *word)
{
    for (; *title != '\0'; title++)
        if (starts_with(title, word))
            return true;
    return false;
}

static enum extra extra_of_title(const char *title)
{
    return title[0] == '\0'               ? EXTRA_UNNAMED
           : has_word(title, "sparsity")  ? EXTRA_SPARSITY
           : has_word(title, "batch")     ? EXTRA_BATCH
           : starts_with(title, "stride") ? EXTRA_STRIDE
                                          : EXTRA_OTHER;
}

static enum layout layout_of_title(const struct csv_row *row)
{
    const char *second = csv_field(row, 1);
    if (strcasecmp(second, "m") == 0)
        return LAYOUT_GEMM;
    return starts_with(second, "ifmap") ? LAYOUT_CONV : LAYOUT_UNKNOWN;
}

/* A header row names the layout and the columns beyond the usual ones. */
static void take_header(struct reading *r, const struct csv_row *row, enum layout layout)
{
    r->layout = layout;
    int usual = layout == LAYOUT_CONV ? CONV_COLUMNS : GEMM_COLUMNS;
    for (int i = 0; i < CSV_FIELDS_MAX; i++) {
        const char *title = csv_field(row, i);
        r->extras[i] = i < usual ? EXTRA_OTHER : extra_of_title(title);
        if (i >= usual && r->extras[i] == EXTRA_OTHER)
            layer_list_remark(&r->layers,
                              arena_printf(r->layers.keep, "the column %.40s is left out",
                                           import_clean_name(r->at.scratch, title, strlen(title))));
    }
}

/* Without a header the number of columns tells. */
static bool guess_layout(struct reading *r, const struct csv_row *row)
{
    struct csv_row none = {.n = 0};
    const char *second = csv_field(row, 1);
    bool number = second[0] >= '0' && second[0] <= '9';
    if (!number || (row->n > GEMM_COLUMNS + 1 && row->n < CONV_COLUMNS))
        return diag_input(r->at.d, r->at.path, r->at.line,
                          "this is no SCALE-Sim topology: its second column is '%.40s'; a header "
                          "with 'IFMAP Height' or 'M' is needed",
                          import_clean_name(r->at.scratch, second, strlen(second)));
    take_header(r, &none, row->n >= CONV_COLUMNS ? LAYOUT_CONV : LAYOUT_GEMM);
    return true;
}

/* --- layers ------------------------------------------------------------------------------- */

struct extras {
    int64_t stride, batch;
    double density; /* of the weights; 0: not stated */
};

static bool read_extra(struct reading *r, const struct csv_row *row, int i, struct extras *x)
{
    const char *text = row->field[i];
    bool ratio = strchr(text, ':') != NULL;
    switch (r->extras[i]) {
    case EXTRA_SPARSITY:
        return csv_ratio(&r->at, text, &x->density);
    case EXTRA_BATCH:
        return csv_size(&r->at, row, i, "batch size", &x->batch);
    case EXTRA_STRIDE:
        return csv_size(&r->at, row, i, "stride", &x->stride);
    case EXTRA_UNNAMED:
        if (ratio)
            return csv_ratio(&r->at, text, &x->density);
        return i != CONV_COLUMNS || r->layout != LAYOUT_CONV ||
               csv_size(&r->at, row, i, "stride", &x->stride);
    default:
        return true;
    }
}

static bool read_extras(struct reading *r, const struct csv_row *row, struct extras *x)
{
    int usual = r->layout == LAYOUT_CONV ? CONV_COLUMNS : GEMM_COLUMNS;
    for (int i = usual; i < row->n; i++)
        if (row->field[i][0] != '\0')
            TRY(read_extra(r, row, i, x));
    return true;
}

static bool fill_conv(struct reading *r, const struct csv_row *row, struct op *op, struct extras *x)
{
    static const char *const what[] = {"IFMAP height", "IFMAP width", "filter height",
                                       "filter width", "channels",    "number of filters",
                                       "stride"};
    int64_t v[COUNT_OF(what)];
    for (int i = 0; i < (int)COUNT_OF(what); i++)
        TRY(csv_size(&r->at, row, i + 1, what[i], &v[i]));
    x->stride = v[6];
    TRY(read_extras(r, row, x));
    if (v[2] > v[0] || v[3] > v[1])
        return diag_input(r->at.d, r->at.path, r->at.line,
                          "the filter of %lld x %lld is larger than the input map of %lld x %lld",
                          (long long)v[2], (long long)v[3], (long long)v[0], (long long)v[1]);
    const int64_t in[] = {v[4], v[0], v[1]}, stride[] = {v[6], x->stride};
    const int64_t out[] = {v[5], (v[0] - v[2]) / v[6] + 1, (v[1] - v[3]) / x->stride + 1};
    layer_fill_conv(op, x->batch, in, out, &v[2], stride);
    return true;
}

static bool fill_gemm(struct reading *r, const struct csv_row *row, struct op *op, struct extras *x)
{
    int64_t m, n, k;
    TRY(csv_size(&r->at, row, 1, "M", &m));
    TRY(csv_size(&r->at, row, 2, "N", &n));
    TRY(csv_size(&r->at, row, 3, "K", &k));
    TRY(read_extras(r, row, x));
    if (__builtin_mul_overflow(m, x->batch, &m))
        return diag_input(r->at.d, r->at.path, r->at.line, "M times the batch is beyond 2^63");
    layer_fill_product(op, m, k, n);
    return true;
}

static void fill_stats(struct reading *r, struct op *op, double density)
{
    if (!(density > 0))
        return;
    struct op_stats *stats = ARENA_NEW(r->layers.keep, struct op_stats);
    stats->activation = stats_default_activation(op->activation_bits);
    stats->weights = stats_from_density(density, op->weight_bits, true);
    op->stats = stats;
    r->sparse = true;
}

static bool take_layer(struct reading *r, const struct csv_row *row)
{
    struct op *op = layer_list_next(&r->layers);
    struct extras x = {.batch = layer_list_batch(&r->layers)};
    TRY(layer_list_name(&r->layers, &r->at, csv_field(row, 0)));
    TRY(r->layout == LAYOUT_CONV ? fill_conv(r, row, op, &x) : fill_gemm(r, row, op, &x));
    fill_stats(r, op, x.density);
    return layer_list_add(&r->layers, &r->at);
}

/* --- rows --------------------------------------------------------------------------------- */

static bool take_row(void *user, const struct csv_row *row)
{
    struct reading *r = user;
    enum layout named = layout_of_title(row);
    if (row->n == 0)
        return true;
    if (named != LAYOUT_UNKNOWN) {
        take_header(r, row, named);
        return true;
    }
    if (row->n == 1 && r->layout != LAYOUT_UNKNOWN) { /* a title: another network */
        r->layers.apart = true;
        return true;
    }
    if (r->layout == LAYOUT_UNKNOWN)
        TRY(guess_layout(r, row));
    return take_layer(r, row);
}

static bool take_rows(struct reading *r, struct import_file *f)
{
    TRY(csv_each_row(&r->at, f, take_row, r));
    if (r->layers.count == 0)
        return diag_input(r->at.d, r->at.path, r->at.line, "the file holds no layer");
    if (r->sparse)
        layer_list_remark(&r->layers,
                          "the column Sparsity is taken as the density of the weights: how many "
                          "are zero, not where; the MACs stay those of the dense layers");
    return true;
}

static void fill_trace(const struct reading *r, struct trace *out)
{
    bool conv = r->layers.ops[0].kind == OP_CONV2D;
    layer_list_trace(&r->layers, r->at.path,
                     conv ? "SCALE-Sim topology: layers chained, no padding, depth-wise layers "
                            "stand as ordinary convolutions"
                          : "SCALE-Sim topology: layers chained, no padding, every product with a "
                            "stored second operand",
                     out);
}

static bool import_scalesim(struct arena *a, const char *path, const struct import_options *o,
                            struct trace *out, struct diag *d)
{
    struct import_file f;
    struct reading r = {.at = {.path = path, .d = d}};
    *out = (struct trace){0};
    TRY(import_file_open(path, FILE_MAX, &f, d));
    r.at.scratch = arena_open();
    bool ok = layer_list_open(&r.layers, a, r.at.scratch, o, d) && take_rows(&r, &f);
    if (ok)
        fill_trace(&r, out);
    arena_close(r.at.scratch);
    import_file_close(&f);
    return ok;
}

static bool recognises_csv(const char *path)
{
    return import_has_suffix(path, ".csv");
}

const struct importer scalesim_importer = {
    .kind = "scalesim",
    .help = "SCALE-Sim topology CSV (convolutions or M, N, K; layers chained)",
    .recognises = recognises_csv,
    .import = import_scalesim,
};
