/* NeuroSim's NetWork.csv: one layer per row, numbers alone.
 *
 *     IFM length, IFM width, IFM channels, kernel length, kernel width, output channels,
 *     followed by pooling (0, 1) [, stride [, pooling window]]
 *
 * Maps stand without their padding, which no column states.  A layer gives ceil(map / stride) rows
 * and columns ("same"), unless the next row shows that it is not padded.  Rows name no edges:
 * layers are chained whole; a layer of one pixel is a product.  A pooling window that no column
 * states is the ratio of the maps of two rows, or 2.
 * Source: neurosim/DNN_NeuroSim_V1.0 to V1.4, NeuroSIM/NetWork*.csv and main.cpp. */
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "traces/import_layers.h"

extern const struct importer neurosim_importer;

enum { COLUMNS_MIN = 7, COLUMNS_MAX = 9, HEAD_BYTES = 4096 };

static const size_t FILE_MAX = (size_t)16 << 20;

/* A row: [0] along the length, [1] along the width. */
struct layer {
    int64_t in[2], channels, kernel[2], filters, stride, window; /* window: 0: not stated */
    bool pooled;
    int line;
};

struct reading {
    struct csv_place at;
    struct layer_list layers;
    struct layer last; /* the row before, which waits for its next */
    bool waiting;
};

/* --- rows --------------------------------------------------------------------------------- */

static bool read_flag(const struct csv_place *at, const struct csv_row *row, bool *out)
{
    const char *text = csv_field(row, 6);
    *out = text[0] == '1';
    if ((text[0] == '0' || text[0] == '1') && text[1] == '\0')
        return true;
    return diag_input(at->d, at->path, at->line,
                      "column 7 says whether pooling follows, 0 or 1, not '%.40s'",
                      import_clean_name(at->scratch, text, strlen(text)));
}

static bool read_layer(const struct csv_place *at, const struct csv_row *row, struct layer *l)
{
    *l = (struct layer){.stride = 1, .line = at->line};
    if (row->n < COLUMNS_MIN || row->n > COLUMNS_MAX)
        return diag_input(at->d, at->path, at->line,
                          "the row has %d columns; a layer of NeuroSim's NetWork.csv has %d to %d",
                          row->n, COLUMNS_MIN, COLUMNS_MAX);
    TRY(csv_size(at, row, 0, "IFM length", &l->in[0]));
    TRY(csv_size(at, row, 1, "IFM width", &l->in[1]));
    TRY(csv_size(at, row, 2, "IFM channels", &l->channels));
    TRY(csv_size(at, row, 3, "kernel length", &l->kernel[0]));
    TRY(csv_size(at, row, 4, "kernel width", &l->kernel[1]));
    TRY(csv_size(at, row, 5, "output channels", &l->filters));
    TRY(read_flag(at, row, &l->pooled));
    if (row->n > 7)
        TRY(csv_size(at, row, 7, "stride", &l->stride));
    return row->n < 9 || !l->pooled || csv_size(at, row, 8, "pooling window", &l->window);
}

/* --- sizes -------------------------------------------------------------------------------- */

/* What a map of `out` becomes on its way to the next row: pooled, or not. */
static int64_t handed_on(const struct layer *l, int64_t out)
{
    int64_t window = !l->pooled ? 1 : l->window > 0 ? l->window : 2;
    return out / window;
}

static bool is_near(int64_t a, int64_t b)
{
    return a == b || a == b + 1 || b == a + 1;
}

/* Whether the next row takes maps of out[0] x out[1], or a vector of all that they hold. */
static bool leads_to(const struct layer *l, const int64_t out[2], const struct layer *next)
{
    int64_t a = handed_on(l, out[0]), b = handed_on(l, out[1]);
    if (next->in[0] == 1 && next->in[1] == 1 && (a > 1 || b > 1))
        return next->channels == a * b * l->filters;
    return l->pooled ? is_near(a, next->in[0]) && is_near(b, next->in[1])
                     : a == next->in[0] && b == next->in[1];
}

static void same_sizes(const struct layer *l, int64_t out[2])
{
    for (int i = 0; i < 2; i++)
        out[i] = ceil_div(l->in[i], l->stride);
}

static bool valid_sizes(const struct layer *l, int64_t out[2])
{
    for (int i = 0; i < 2; i++)
        out[i] = (l->in[i] - l->kernel[i]) / l->stride + 1;
    return l->kernel[0] <= l->in[0] && l->kernel[1] <= l->in[1];
}

/* `next` is NULL behind the last row. */
static void find_sizes(const struct layer *l, const struct layer *next, int64_t out[2])
{
    int64_t valid[2];
    same_sizes(l, out);
    if (next && !leads_to(l, out, next) && valid_sizes(l, valid) && leads_to(l, valid, next))
        memcpy(out, valid, sizeof valid);
}

/* --- operators ---------------------------------------------------------------------------- */

/* What the sizes take beyond the map, the larger half at the end. */
static void fill_pads(const struct layer *l, const int64_t out[2], struct op *o)
{
    for (int i = 0; i < 2; i++) {
        int64_t pads = (out[i] - 1) * l->stride + l->kernel[i] - l->in[i];
        pads = pads > 0 ? pads : 0;
        o->u.conv.pad[i] = (int32_t)(pads / 2);
        o->u.conv.pad[i + 2] = (int32_t)(pads - pads / 2);
    }
}

static bool add_layer(struct reading *r, const struct layer *l, const int64_t out[2],
                      const struct csv_place *at)
{
    int64_t batch = layer_list_batch(&r->layers);
    struct op *o = layer_list_next(&r->layers);
    bool pixel = l->in[0] == 1 && l->in[1] == 1 && l->kernel[0] == 1 && l->kernel[1] == 1;
    const int64_t in[] = {l->channels, l->in[0], l->in[1]}, to[] = {l->filters, out[0], out[1]};
    const int64_t stride[] = {l->stride, l->stride};
    TRY(layer_list_name(
        &r->layers, at,
        arena_printf(r->at.scratch, "%s%zu", pixel ? "fc" : "conv", r->layers.count + 1)));
    if (pixel) {
        layer_fill_product(o, batch, l->channels, l->filters);
    } else {
        layer_fill_conv(o, batch, in, to, l->kernel, stride);
        fill_pads(l, out, o);
    }
    return layer_list_add(&r->layers, at);
}

/* Rows or columns that the next row takes; of a vector, the side of the square of maps in it.
 * 0: not known. */
static int64_t taken(const struct layer *l, const struct layer *next, int axis)
{
    int64_t side = 0;
    if (next == NULL || next->in[0] > 1 || next->in[1] > 1)
        return next ? next->in[axis] : 0;
    while (side * side * l->filters < next->channels)
        side++;
    return side;
}

/* The window: stated, or the ratio of the maps of two rows, or 2. */
static int64_t window_of(const struct layer *l, const struct layer *next, int64_t out, int axis)
{
    int64_t to = taken(l, next, axis), ratio = to > 0 ? out / to : 2;
    int64_t window = l->window > 0 ? l->window : ratio > 1 ? ratio : 2;
    return window < out ? window : out;
}

static bool add_pool(struct reading *r, const struct layer *l, const struct layer *next,
                     const int64_t out[2], const struct csv_place *at)
{
    const int64_t window[] = {window_of(l, next, out[0], 0), window_of(l, next, out[1], 1)};
    const int64_t in[] = {l->filters, out[0], out[1]};
    const int64_t to[] = {l->filters, out[0] / window[0], out[1] / window[1]};
    struct op *o = layer_list_next(&r->layers);
    layer_fill_conv(o, layer_list_batch(&r->layers), in, to, window, window);
    o->kind = OP_POOL;
    o->fn = "max";
    o->name = arena_printf(r->layers.keep, "pool%zu", r->layers.count + 1);
    return layer_list_add(&r->layers, at);
}

/* The waiting row, now that the next is known. */
static bool take_last(struct reading *r, const struct layer *next)
{
    const struct layer *l = &r->last;
    struct csv_place at = r->at;
    int64_t out[2];
    if (!r->waiting)
        return true;
    at.line = l->line;
    find_sizes(l, next, out);
    TRY(add_layer(r, l, out, &at));
    return !l->pooled || (out[0] == 1 && out[1] == 1) || add_pool(r, l, next, out, &at);
}

static bool take_row(void *user, const struct csv_row *row)
{
    struct reading *r = user;
    struct layer l;
    if (row->n == 0)
        return true;
    TRY(read_layer(&r->at, row, &l));
    TRY(take_last(r, &l));
    r->last = l;
    r->waiting = true;
    return true;
}

static bool take_rows(struct reading *r, struct import_file *f)
{
    TRY(csv_each_row(&r->at, f, take_row, r));
    TRY(take_last(r, NULL));
    return r->layers.count > 0 ||
           diag_input(r->at.d, r->at.path, r->at.line, "the file holds no layer");
}

/* --- the importer ------------------------------------------------------------------------- */

static bool import_neurosim(struct arena *a, const char *path, const struct import_options *o,
                            struct trace *out, struct diag *d)
{
    struct import_file f;
    struct reading r = {.at = {.path = path, .d = d}};
    *out = (struct trace){0};
    TRY(import_file_open(path, FILE_MAX, &f, d));
    r.at.scratch = arena_open();
    bool ok = layer_list_open(&r.layers, a, r.at.scratch, o, d) && take_rows(&r, &f);
    if (ok)
        layer_list_trace(&r.layers, path,
                         "NeuroSim network: layers chained, maps padded unless the next row shows "
                         "that they are not",
                         out);
    arena_close(r.at.scratch);
    import_file_close(&f);
    return ok;
}

/* Seven to nine whole numbers, the seventh 0 or 1. */
static bool is_network_row(const char *line)
{
    int columns = 0;
    for (; columns <= COLUMNS_MAX; line++) {
        line += strspn(line, " \t");
        size_t digits = strspn(line, "0123456789");
        if (digits == 0)
            break;
        columns++;
        if (columns == COLUMNS_MIN && !(digits == 1 && (line[0] == '0' || line[0] == '1')))
            return false;
        line += digits + strspn(line + digits, " \t\r");
        if (*line != ',')
            return columns >= COLUMNS_MIN && columns <= COLUMNS_MAX && (*line == '\n' || !*line);
    }
    return columns >= COLUMNS_MIN && columns <= COLUMNS_MAX && strspn(line, "\r\n") > 0;
}

static bool recognises_network(const char *path)
{
    char head[HEAD_BYTES + 1];
    FILE *in = import_has_suffix(path, ".csv") ? fopen(path, "rb") : NULL;
    if (in == NULL)
        return false;
    size_t got = fread(head, 1, HEAD_BYTES, in);
    fclose(in);
    head[got] = '\0';
    return is_network_row(head + text_mark_bytes(head, got));
}

const struct importer neurosim_importer = {
    .kind = "neurosim",
    .help = "NeuroSim's NetWork.csv (rows of numbers: map, kernel, channels, pooling, stride)",
    .recognises = recognises_network,
    .import = import_neurosim,
};
