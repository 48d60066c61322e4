/* The strict reader of comma-separated tables. */
#include "core/base/csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/input.h"
#include "core/base/text.h"

static const size_t FILE_BYTES_MAX = (size_t)64 << 20;

struct reading {
    struct arena *a;
    const char *path;
    struct diag *d;
    int line;
    size_t room;        /* rows that fit */
    const char **cells; /* grows by doubling */
    int *lines;
};

#define COMPLAIN(r, ...) diag_input((r)->d, (r)->path, (r)->line, __VA_ARGS__)

/* --- bytes ------------------------------------------------------------------------------------ */

/* The whole of an open file, with a zero behind it. */
static bool slurp(struct reading *r, FILE *file, char **text)
{
    size_t size = 0, room = 1 << 16;
    char *bytes = arena_alloc(r->a, room + 1, 1);
    for (;;) {
        size += fread(bytes + size, 1, room - size, file);
        if (size < room)
            break;
        if (room >= FILE_BYTES_MAX)
            return COMPLAIN(r, "the table is larger than %zu MiB", FILE_BYTES_MAX >> 20);
        char *more = arena_alloc(r->a, 2 * room + 1, 1);
        memcpy(more, bytes, size);
        bytes = more;
        room *= 2;
    }
    if (ferror(file))
        return COMPLAIN(r, "cannot be read: %s", strerror(errno));
    bytes[size] = '\0';
    const char *zero = memchr(bytes, '\0', size);
    if (zero) {
        for (r->line = 1; bytes < zero; bytes++)
            r->line += *bytes == '\n';
        return COMPLAIN(r, "the line holds a zero byte: this is not a text file");
    }
    *text = bytes + text_mark_bytes(bytes, size);
    return true;
}

static bool read_text(struct reading *r, char **text)
{
    FILE *file = input_stream(r->path, r->d);
    if (!file)
        return false;
    bool good = slurp(r, file, text);
    fclose(file);
    return good;
}

/* --- lines and cells -------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static char *skip_blanks(char *s)
{
    while (is_blank(*s))
        s++;
    return s;
}

/* Moves *rest to the next line that says something: *line, ended by a zero; NULL: there is none. */
static bool next_line(struct reading *r, char **rest, char **line)
{
    while (*rest) {
        char *start = *rest, *end = strchr(start, '\n');
        size_t length = end ? (size_t)(end - start) : strlen(start);
        if (end)
            *end = '\0';
        *rest = end ? end + 1 : NULL;
        r->line++;
        if (length > CSV_LINE_MAX)
            return COMPLAIN(r, "the line is longer than %d bytes", CSV_LINE_MAX);
        *line = skip_blanks(start);
        if (**line != '\0' && **line != '#')
            return true;
    }
    *line = NULL;
    return true;
}

/* Undoes the quotes of the cell that begins at *s, in place; *s ends on what follows it. */
static bool unquote(struct reading *r, char **s, char **cell)
{
    char *from = *s + 1, *to = *s;
    bool closed = false;
    *cell = to;
    while (!closed && *from != '\0') {
        closed = *from == '"' && *++from != '"';
        if (!closed)
            *to++ = *from++;
    }
    if (!closed)
        return COMPLAIN(r, "a quoted cell has no closing quote in its line");
    *to = '\0'; /* at least two quotes before `from` */
    *s = skip_blanks(from);
    return **s == ',' || **s == '\0' ||
           COMPLAIN(r, "text stands behind a closing quote: a comma must follow");
}

/* The bare cell at *s up to the comma, without blanks at its end; *s ends on the comma or zero. */
static char *bare(char **s, char *separator)
{
    char *cell = *s, *end = cell + strcspn(cell, ",");
    *s = end;
    *separator = *end;
    while (end > cell && is_blank(end[-1]))
        end--;
    *end = '\0';
    return cell;
}

/* Cuts a line, in place, into at most `max` cells. */
static bool cut(struct reading *r, char *line, size_t max, const char **cells, size_t *count)
{
    char separator = ',';
    *count = 0;
    for (char *s = line; separator == ','; s++) {
        char *cell;
        s = skip_blanks(s);
        if (*s == '"') {
            TRY(unquote(r, &s, &cell));
            separator = *s;
        } else {
            cell = bare(&s, &separator);
        }
        if (*count < max)
            cells[*count] = cell;
        ++*count;
    }
    return true;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool read_header(struct reading *r, char *line, struct csv_table *t)
{
    t->header_line = r->line;
    TRY(cut(r, line, CSV_COLUMNS_MAX, t->names, &t->columns));
    if (t->columns > CSV_COLUMNS_MAX)
        return COMPLAIN(r, "%zu columns; %d are possible", t->columns, CSV_COLUMNS_MAX);
    for (size_t i = 0; i < t->columns; i++) {
        if (t->names[i][0] == '\0')
            return COMPLAIN(r, "column %zu has no name", i + 1);
        for (size_t j = 0; j < i; j++)
            if (strcmp(t->names[i], t->names[j]) == 0)
                return COMPLAIN(r, "column '%.40s' stands twice", t->names[i]);
    }
    return true;
}

static void grow(struct reading *r, const struct csv_table *t)
{
    size_t room = r->room ? 2 * r->room : 64;
    const char **cells = ARENA_ARRAY(r->a, const char *, room * t->columns);
    int *lines = ARENA_ARRAY(r->a, int, room);
    if (t->rows > 0) {
        memcpy(cells, r->cells, t->rows * t->columns * sizeof *cells);
        memcpy(lines, r->lines, t->rows * sizeof *lines);
    }
    r->cells = cells;
    r->lines = lines;
    r->room = room;
}

static bool read_row(struct reading *r, char *line, struct csv_table *t)
{
    size_t count;
    if (t->rows == CSV_ROWS_MAX)
        return COMPLAIN(r, "more than %d rows: cut the table", CSV_ROWS_MAX);
    if (t->rows == r->room)
        grow(r, t);
    const char **cells = &r->cells[t->rows * t->columns];
    TRY(cut(r, line, t->columns, cells, &count));
    if (count > t->columns)
        return COMPLAIN(r, "%zu cells, but the first line names %zu columns", count, t->columns);
    for (size_t i = count; i < t->columns; i++)
        cells[i] = "";
    r->lines[t->rows++] = r->line;
    return true;
}

bool csv_read(struct arena *a, const char *path, struct csv_table *out, struct diag *d)
{
    struct reading r = {.a = a, .path = path, .d = d};
    char *rest, *line;
    memset(out, 0, sizeof *out);
    out->path = path;
    TRY(read_text(&r, &rest));
    TRY(next_line(&r, &rest, &line));
    if (!line) {
        r.line = 0;
        return COMPLAIN(&r, "the file is empty: the first line must name the columns");
    }
    TRY(read_header(&r, line, out));
    for (;;) {
        TRY(next_line(&r, &rest, &line));
        if (!line)
            break;
        TRY(read_row(&r, line, out));
    }
    out->cells = r.cells;
    out->lines = r.lines;
    return true;
}

/* --- cells ------------------------------------------------------------------------------------ */

int csv_column(const struct csv_table *t, const char *name)
{
    for (size_t i = 0; i < t->columns; i++)
        if (strcmp(t->names[i], name) == 0)
            return (int)i;
    return -1;
}

bool csv_need(const struct csv_table *t, const char *name, int *column, struct diag *d)
{
    *column = csv_column(t, name);
    return *column >= 0 || diag_input(d, t->path, t->header_line,
                                      "no column '%s': the first line must name it", name);
}

const char *csv_text(const struct csv_table *t, size_t row, int column)
{
    return column < 0 ? "" : t->cells[row * t->columns + (size_t)column];
}

bool csv_real_or(const struct csv_table *t, size_t row, int column, double min, double max,
                 double fallback, double *out, struct diag *d)
{
    const char *text = csv_text(t, row, column);
    char *end;
    *out = fallback;
    if (*text == '\0')
        return true;
    *out = strtod(text, &end);
    return (end != text && *end == '\0' && *out >= min && *out <= max && isfinite(*out)) ||
           csv_complain(t, row, d, "%s is '%.40s': must be a number from %g to %g",
                        t->names[column], text, min, max);
}

bool csv_real(const struct csv_table *t, size_t row, int column, double min, double max,
              double *out, struct diag *d)
{
    if (*csv_text(t, row, column) == '\0')
        return csv_complain(t, row, d, "%s is missing: give a number from %g to %g",
                            column < 0 ? "a column" : t->names[column], min, max);
    return csv_real_or(t, row, column, min, max, NAN, out, d);
}
