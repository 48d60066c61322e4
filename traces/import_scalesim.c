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

#include "traces/import_csv.h"
#include "traces/op_check.h"
#include "traces/trace.h"

extern const struct importer scalesim_importer;

enum { NAME_MAX_BYTES = 4096, CONV_COLUMNS = 8, GEMM_COLUMNS = 4 };

static const size_t FILE_MAX = (size_t)64 << 20;

enum layout { LAYOUT_UNKNOWN, LAYOUT_CONV, LAYOUT_GEMM };

enum extra { EXTRA_UNNAMED, EXTRA_STRIDE, EXTRA_BATCH, EXTRA_SPARSITY, EXTRA_OTHER };

struct reading {
    struct arena *keep;
    const struct import_options *options;
    struct csv_place at;
    enum layout layout;
    enum extra extras[CSV_FIELDS_MAX];
    bool chained; /* the next layer follows the last one */
    struct op *ops;
    size_t count, room;
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
    for (int i = 0; i < CSV_FIELDS_MAX; i++)
        r->extras[i] = i < usual ? EXTRA_OTHER : extra_of_title(csv_field(row, i));
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
    op->kind = OP_CONV2D;
    op->in = (struct shape){.dim = {x->batch, v[4], v[0], v[1]}, .dims = 4};
    op->out = (struct shape){
        .dim = {x->batch, v[5], (v[0] - v[2]) / v[6] + 1, (v[1] - v[3]) / x->stride + 1},
        .dims = 4};
    op->u.conv.kernel[0] = (int32_t)v[2];
    op->u.conv.kernel[1] = (int32_t)v[3];
    op->u.conv.stride[0] = (int32_t)v[6];
    op->u.conv.stride[1] = (int32_t)x->stride;
    op->u.conv.dilation[0] = op->u.conv.dilation[1] = 1;
    op->u.conv.groups = 1;
    return true;
}

static bool fill_gemm(struct reading *r, const struct csv_row *row, struct op *op, struct extras *x)
{
    op->kind = OP_MATMUL;
    TRY(csv_size(&r->at, row, 1, "M", &op->u.matmul.m));
    TRY(csv_size(&r->at, row, 2, "N", &op->u.matmul.n));
    TRY(csv_size(&r->at, row, 3, "K", &op->u.matmul.k));
    TRY(read_extras(r, row, x));
    op->u.matmul.batch = 1;
    if (__builtin_mul_overflow(op->u.matmul.m, x->batch, &op->u.matmul.m))
        return diag_input(r->at.d, r->at.path, r->at.line, "M times the batch is beyond 2^63");
    return true;
}

static void fill_stats(struct reading *r, struct op *op, double density)
{
    if (!(density > 0))
        return;
    struct op_stats *stats = ARENA_NEW(r->keep, struct op_stats);
    stats->activation = stats_default_activation(r->options->activation_bits);
    stats->weights = stats_from_density(density, r->options->weight_bits, true);
    op->stats = stats;
}

static bool fill_names(struct reading *r, const struct csv_row *row, struct op *op)
{
    const char *text = csv_field(row, 0);
    if (strlen(text) > NAME_MAX_BYTES)
        return diag_input(r->at.d, r->at.path, r->at.line,
                          "the layer's name is longer than %d bytes", NAME_MAX_BYTES);
    op->name = text[0] != '\0' ? import_clean_name(r->keep, text, strlen(text))
                               : arena_printf(r->keep, "layer%zu", r->count + 1);
    op->weight = arena_printf(r->keep, "%zu.%s", r->count, op->name); /* rows share no tensors */
    return true;
}

static struct op *next_op(struct reading *r)
{
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 64 : 2 * r->room;
        struct op *more = ARENA_ARRAY(r->at.scratch, struct op, room);
        if (r->count > 0)
            memcpy(more, r->ops, r->count * sizeof *more);
        r->ops = more;
        r->room = room;
    }
    r->ops[r->count] = (struct op){.id = (int32_t)r->count};
    return &r->ops[r->count];
}

static void chain(struct reading *r, struct op *op)
{
    int32_t *inputs = ARENA_ARRAY(r->keep, int32_t, 1);
    inputs[0] = op->id - 1;
    op->inputs = inputs;
    op->n_inputs = r->chained ? 1 : 0;
    r->chained = true;
    r->count++;
}

static bool take_layer(struct reading *r, const struct csv_row *row)
{
    char why[OP_WHY_MAX];
    struct op *op = next_op(r);
    struct extras x = {.batch = r->options->batch > 0 ? r->options->batch : 1};
    TRY(fill_names(r, row, op));
    op->activation_bits = (uint8_t)r->options->activation_bits;
    op->weight_bits = (uint8_t)r->options->weight_bits;
    TRY(r->layout == LAYOUT_CONV ? fill_conv(r, row, op, &x) : fill_gemm(r, row, op, &x));
    fill_stats(r, op, x.density);
    if (!op_check(op, why))
        return diag_input(r->at.d, r->at.path, r->at.line, "%s", why);
    chain(r, op);
    return true;
}

/* --- rows --------------------------------------------------------------------------------- */

static bool take_row(struct reading *r, const struct csv_row *row)
{
    enum layout named = layout_of_title(row);
    if (row->n == 0)
        return true;
    if (named != LAYOUT_UNKNOWN) {
        take_header(r, row, named);
        return true;
    }
    if (row->n == 1 && r->layout != LAYOUT_UNKNOWN) { /* a title: another network */
        r->chained = false;
        return true;
    }
    if (r->layout == LAYOUT_UNKNOWN)
        TRY(guess_layout(r, row));
    return take_layer(r, row);
}

static bool take_rows(struct reading *r, const struct import_file *f)
{
    char *next = (char *)f->bytes;
    if (strlen(next) != f->size)
        return diag_input(r->at.d, r->at.path, 1, "this is not a text file: it holds a zero byte");
    while (next != NULL) {
        struct csv_row row;
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        r->at.line++;
        TRY(csv_cut(&r->at, line, &row));
        TRY(take_row(r, &row));
    }
    if (r->count == 0)
        return diag_input(r->at.d, r->at.path, r->at.line, "the file holds no layer");
    return true;
}

static void fill_trace(const struct reading *r, struct trace *out)
{
    const char *name = r->options->name;
    const char *base = import_base_name(r->at.path);
    struct trace_header *h = &out->header;
    const struct op *first = &r->ops[0];
    h->name = name != NULL ? arena_strdup(r->keep, name) : import_stem(r->keep, r->at.path);
    h->source =
        arena_printf(r->keep, "imported from %s, SCALE-Sim topology: layers chained, no padding%s",
                     import_clean_name(r->at.scratch, base, strlen(base)),
                     first->kind == OP_CONV2D ? ", depth-wise layers stand as ordinary convolutions"
                                              : ", every product with a stored second operand");
    h->work_unit = "image";
    h->phase = "inference";
    h->batch = first->kind == OP_CONV2D ? first->in.dim[0]
               : r->options->batch > 0  ? r->options->batch
                                        : 1;
    h->work_count = (double)h->batch;
    h->activation_bits = h->kv_bits = r->options->activation_bits;
    h->weight_bits = r->options->weight_bits;
    out->path = arena_strdup(r->keep, r->at.path);
    out->ops = ARENA_ARRAY(r->keep, struct op, r->count);
    memcpy(out->ops, r->ops, r->count * sizeof out->ops[0]);
    out->count = r->count;
}

static bool import_scalesim(struct arena *a, const char *path, const struct import_options *o,
                            struct trace *out, struct diag *d)
{
    struct import_file f;
    *out = (struct trace){0};
    if (o->activation_bits < 1 || o->activation_bits > OP_BITS_MAX || o->weight_bits < 1 ||
        o->weight_bits > OP_BITS_MAX)
        return diag_input(d, NULL, 0, "bits are %d and %d; 1 to %d are possible",
                          o->activation_bits, o->weight_bits, OP_BITS_MAX);
    TRY(import_file_open(path, FILE_MAX, &f, d));
    struct reading r = {.keep = a, .options = o, .at = {.path = path, .d = d}};
    r.at.scratch = arena_open();
    bool ok = take_rows(&r, &f);
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
