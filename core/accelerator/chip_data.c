/* Reading the table of chips. */
#include "core/accelerator/chip_data.h"

#include <math.h>
#include <string.h>

#include "core/base/csv.h"

const char *const chip_kind_names[] = {"measured", "estimated", "tdp", "capped", "predict", NULL};

struct reader {
    const struct csv_table *t;
    size_t row;
    struct diag *d;
};

static bool text(const struct reader *r, const char *column, const char **out)
{
    int c;
    TRY(csv_need(r->t, column, &c, r->d));
    *out = csv_text(r->t, r->row, c);
    return true;
}

static bool name(const struct reader *r, const char *column, const char **out)
{
    TRY(text(r, column, out));
    if (!**out)
        return csv_complain(r->t, r->row, r->d, "%s is empty", column);
    return true;
}

static bool number(const struct reader *r, const char *column, double min, double max, double *out)
{
    int c;
    TRY(csv_need(r->t, column, &c, r->d));
    return csv_real(r->t, r->row, c, min, max, out, r->d);
}

static bool number_or_none(const struct reader *r, const char *column, double max, double *out)
{
    int c;
    TRY(csv_need(r->t, column, &c, r->d));
    return csv_real_or(r->t, r->row, c, 0, max, 0, out, r->d);
}

static bool word(const struct reader *r, const char *column, const char *const *words, int *out)
{
    const char *text_of;
    TRY(text(r, column, &text_of));
    *out = chip_word(words, text_of);
    if (*out < 0)
        return csv_complain(r->t, r->row, r->d, "%s \"%s\" is not one of those known", column,
                            text_of);
    return true;
}

static bool read_words(const struct reader *r, struct chip_row *out)
{
    struct chip_point *p = &out->point;
    int precision, engine, memory, process, design, scope, kind;
    TRY(word(r, "precision", chip_precision_names, &precision));
    TRY(word(r, "engine", chip_engine_names, &engine));
    TRY(word(r, "memory", chip_memory_names, &memory));
    TRY(word(r, "process", chip_process_names, &process));
    TRY(word(r, "class", chip_class_names, &design));
    TRY(word(r, "scope", chip_scope_names, &scope));
    TRY(word(r, "kind", chip_kind_names, &kind));
    p->precision = (enum chip_precision)precision;
    p->engine = (enum chip_engine)engine;
    p->memory = (enum chip_memory)memory;
    p->process = (enum chip_process)process;
    p->design = (enum chip_class)design;
    p->scope = (enum chip_scope)scope;
    out->kind = (enum chip_kind)kind;
    return true;
}

static bool read_numbers(const struct reader *r, struct chip_row *out)
{
    struct chip_point *p = &out->point;
    double busy;
    TRY(number(r, "node_nm", 2, 250, &p->node_nm));
    TRY(number(r, "vdd_v", 0.3, 3, &p->vdd_v));
    TRY(number(r, "tera_macs_per_s", 1e-6, 1e6, &p->tera_macs_per_s));
    TRY(number(r, "clock_ghz", 1e-4, 10, &p->clock_ghz));
    TRY(number(r, "area_mm2", 0.01, 1e5, &p->area_mm2));
    TRY(number(r, "rows", 1, 1e6, &p->rows));
    TRY(number(r, "columns", 1, 1e6, &p->columns));
    TRY(number(r, "hold_cycles", 1, 1e6, &p->hold_cycles));
    TRY(number(r, "near_kb", 0.01, 1e6, &p->near_kb));
    TRY(number(r, "tile", 1, 1e6, &p->tile));
    TRY(number(r, "memory_gb_s", 0, 1e6, &p->memory_gb_s));
    TRY(number(r, "memory_busy", 0, 1, &busy));
    TRY(number(r, "link_gb_s", 0, 1e6, &p->link_gb_s));
    TRY(number(r, "activity", 0, 1, &p->activity));
    TRY(number_or_none(r, "clock_max_ghz", 10, &out->clock_max_ghz));
    TRY(number_or_none(r, "volt_per_ghz", 10, &out->volt_per_ghz));
    p->memory_gb_s *= busy;
    if (out->kind != CHIP_PREDICT)
        return number(r, "power_w", 1e-6, 1e6, &out->power_w);
    out->power_w = NAN;
    return true;
}

static bool read_row(const struct reader *r, struct chip_row *out)
{
    TRY(name(r, "chip", &out->chip));
    TRY(name(r, "point", &out->name));
    TRY(name(r, "vendor", &out->vendor));
    TRY(name(r, "source", &out->source));
    TRY(text(r, "anchor", &out->anchor));
    TRY(text(r, "doubtful", &out->doubtful));
    TRY(text(r, "note", &out->note));
    out->line = r->t->lines[r->row];
    TRY(read_words(r, out));
    return read_numbers(r, out);
}

/* The row that `row` names as its anchor: of the same chip, with a power. */
static bool find_anchor(const struct csv_table *t, struct chip_row *rows, size_t at, struct diag *d)
{
    struct chip_row *row = &rows[at];
    row->anchor_row = -1;
    if (!*row->anchor)
        return true;
    for (size_t i = 0; i < t->rows; i++)
        if (i != at && strcmp(rows[i].name, row->anchor) == 0 &&
            strcmp(rows[i].chip, row->chip) == 0 && rows[i].kind == CHIP_MEASURED)
            row->anchor_row = (int)i;
    if (row->anchor_row < 0)
        return csv_complain(t, at, d, "anchor \"%s\" is no measured point of %s", row->anchor,
                            row->chip);
    return true;
}

static bool check_names(const struct csv_table *t, const struct chip_row *rows, struct diag *d)
{
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(rows[i].name, rows[j].name) == 0)
                return csv_complain(t, i, d, "point \"%s\" stands twice", rows[i].name);
    return true;
}

bool chip_data_read(struct arena *a, const char *path, struct chip_data *out, struct diag *d)
{
    struct csv_table t;
    TRY(csv_read(a, path, &t, d));
    if (t.rows > CHIP_ROWS_MAX)
        return diag_input(d, path, 0, "%zu points; %d are the limit", t.rows, CHIP_ROWS_MAX);
    struct chip_row *rows = ARENA_ARRAY(a, struct chip_row, t.rows);
    for (size_t i = 0; i < t.rows; i++) {
        struct reader r = {&t, i, d};
        TRY(read_row(&r, &rows[i]));
    }
    TRY(check_names(&t, rows, d));
    for (size_t i = 0; i < t.rows; i++)
        TRY(find_anchor(&t, rows, i, d));
    out->path = path;
    out->rows = rows;
    out->count = t.rows;
    return true;
}
