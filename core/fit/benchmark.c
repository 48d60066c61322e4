#include "core/fit/benchmark.h"

#include <math.h>
#include <string.h>

#include "core/base/cfg.h"
#include "core/base/csv.h"
#include "core/base/units.h"

#define BENCHMARK_FILE "configs/study/data/imc_benchmark.csv"

enum column {
#define COLUMN(name) COL_##name,
#include "core/fit/benchmark_columns.def"
#undef COLUMN
    COLUMNS
};

static const char *const column_names[COLUMNS] = {
#define COLUMN(name) #name,
#include "core/fit/benchmark_columns.def"
#undef COLUMN
};

struct reading {
    struct csv_table csv;
    int place[COLUMNS];
    struct diag *d;
};

static const char *text(const struct reading *r, size_t row, enum column c)
{
    return csv_text(&r->csv, row, r->place[c]);
}

/* A number from 0 to 1e9, or NAN where the cell is empty. */
static bool number(const struct reading *r, size_t row, enum column c, double *out)
{
    return csv_real_or(&r->csv, row, r->place[c], 0, 1e9, NAN, out, r->d);
}

static double positive(double x)
{
    return x > 0 ? x : NAN;
}

static bool word(const struct reading *r, size_t row, enum column c, const char *const *words,
                 int *out)
{
    const char *t = text(r, row, c);
    for (*out = 0; words[*out]; ++*out)
        if (strcmp(t, words[*out]) == 0)
            return true;
    return csv_complain(&r->csv, row, r->d, "%s is '%.40s': must be '%s' or another word of it",
                        column_names[c], t, words[0]);
}

static bool read_labels(const struct reading *r, size_t row, struct family_facts *f)
{
    static const char *const readouts[] = {"", "sar", "sense", NULL};
    static const char *const flags[] = {"", "no", "yes", NULL};
    int family, readout, current;
    if (*text(r, row, COL_family) == '\0')
        family = FAMILY_NONE;
    else
        TRY(word(r, row, COL_family, array_family_words, &family));
    TRY(word(r, row, COL_readout, readouts, &readout));
    TRY(word(r, row, COL_static_current, flags, &current));
    f->family = (enum array_family)family;
    f->sense = readout == 2;
    f->static_current = current == 2;
    return true;
}

/* Cells that one conversion reads, and idle ones on its bit lines. */
static bool read_cells(const struct reading *r, size_t row, struct family_facts *f)
{
    double rows, all_rows, columns, cells, reads;
    TRY(number(r, row, COL_conversion_rows, &rows));
    TRY(number(r, row, COL_rows, &all_rows));
    TRY(number(r, row, COL_conversion_columns, &columns));
    TRY(number(r, row, COL_conversion_cells, &cells));
    TRY(number(r, row, COL_reads, &reads));
    if (!(columns > 0))
        columns = 1;
    if (!(rows > 0)) /* not stated: the inputs of a product */
        TRY(number(r, row, COL_summed, &rows));
    f->cells = positive(cells > 0 ? cells : rows * columns) * (reads > 0 ? reads : 1);
    f->idle_cells = all_rows > rows ? (all_rows - rows) * columns : 0;
    return true;
}

static bool read_facts(const struct reading *r, size_t row, struct family_facts *f)
{
    double kb, bits;
    TRY(read_labels(r, row, f));
    TRY(csv_real(&r->csv, row, r->place[COL_node_nm], 2, 180, &f->node_nm, r->d));
    TRY(number(r, row, COL_vdd_v, &f->vdd_v));
    TRY(read_cells(r, row, f));
    TRY(number(r, row, COL_adc_bits, &f->adc_bits));
    TRY(number(r, row, COL_cycle_ns, &f->cycle_ns));
    TRY(number(r, row, COL_tree_bits, &f->tree_bits));
    TRY(number(r, row, COL_transistors, &f->transistors));
    TRY(number(r, row, COL_adcs, &f->adcs));
    TRY(number(r, row, COL_core_kb, &kb));
    TRY(number(r, row, COL_area_bits, &bits));
    f->bits = bits > 0 ? bits : positive(kb) * (double)BYTES_PER_KIB;
    f->cycle_ns = positive(f->cycle_ns);
    return true;
}

/* Whether a figure is printed to two digits or more: an area from one digit is worth nothing. */
static bool is_precise(const char *figure)
{
    int digits = 0;
    for (; *figure != '\0'; figure++)
        digits += *figure >= (digits ? '0' : '1') && *figure <= '9';
    return digits >= 2;
}

static bool read_published(const struct reading *r, size_t row, struct benchmark_row *b)
{
    double summed, input_bits, weight_bits, tops, tops_per_w, tops_per_mm2;
    TRY(number(r, row, COL_summed, &summed));
    TRY(number(r, row, COL_input_bits, &input_bits));
    TRY(number(r, row, COL_weight_bits, &weight_bits));
    TRY(number(r, row, COL_tops_1b, &tops));
    TRY(number(r, row, COL_tops_per_w_1b, &tops_per_w));
    TRY(number(r, row, COL_tops_per_mm2_1b, &tops_per_mm2));
    b->mac_fj = 2e3 / positive(tops_per_w);
    b->event_fj = b->facts.family == FAMILY_DIGITAL
                      ? b->mac_fj
                      : positive(b->mac_fj * summed * input_bits * weight_bits);
    b->step_ns = b->facts.cycle_ns / positive(input_bits);
    b->area_um2 = positive(tops) / positive(tops_per_mm2) * UM2_PER_MM2;
    if (!is_precise(text(r, row, COL_tops_1b)) || !is_precise(text(r, row, COL_tops_per_mm2_1b)))
        b->area_um2 = NAN;
    return true;
}

static bool read_row(struct arena *a, const struct reading *r, size_t row, struct benchmark_row *b)
{
    b->chip = text(r, row, COL_index);
    b->title = text(r, row, COL_title);
    b->venue = arena_printf(a, "%s %s", text(r, row, COL_venue), text(r, row, COL_year));
    b->cell = text(r, row, COL_cell);
    b->node = text(r, row, COL_node_nm);
    b->left_out = text(r, row, COL_left_out);
    b->line = r->csv.lines[row];
    TRY(read_facts(r, row, &b->facts));
    return read_published(r, row, b);
}

bool benchmark_read(struct arena *a, const char *path, struct benchmark *out, struct diag *d)
{
    struct reading r = {.d = d};
    TRY(csv_read(a, path, &r.csv, d));
    for (int c = 0; c < COLUMNS; c++)
        TRY(csv_need(&r.csv, column_names[c], &r.place[c], d));
    out->count = r.csv.rows;
    out->rows = ARENA_ARRAY(a, struct benchmark_row, out->count);
    for (size_t i = 0; i < out->count; i++)
        TRY(read_row(a, &r, i, &out->rows[i]));
    return true;
}

bool benchmark_open(struct arena *a, struct benchmark *out, struct diag *d)
{
    const char *path = arena_printf(a, "%s/%s", cfg_home(a), BENCHMARK_FILE);
    return benchmark_read(a, path, out, d);
}
