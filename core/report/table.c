#include "core/report/table.h"

#include <assert.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"

enum { INDENT = 2, GAP = 2, COLUMN_MIN = 10 };

struct table {
    struct arena *arena;
    size_t columns, cells, room;
    int spread;
    const char *title[TABLE_COLUMNS_MAX];
    const char *alone[TABLE_COLUMNS_MAX]; /* the title without the column before; NULL: the same */
    enum table_align align[TABLE_COLUMNS_MAX];
    const char **cell;
};

struct table *table_open(struct arena *a)
{
    struct table *t = ARENA_NEW(a, struct table);
    t->arena = a;
    return t;
}

void table_column(struct table *t, const char *title, enum table_align align)
{
    assert(t->columns < TABLE_COLUMNS_MAX && t->cells == 0);
    t->title[t->columns] = arena_strdup(t->arena, title);
    t->align[t->columns] = align;
    t->columns++;
}

void table_column_beside(struct table *t, const char *title, enum table_align align)
{
    assert(t->columns > 0);
    t->alone[t->columns] = arena_printf(t->arena, "%s (%s)", t->title[t->columns - 1], title);
    table_column(t, title, align);
}

void table_spread(struct table *t, int width)
{
    t->spread = width;
}

void table_cell(struct table *t, const char *text)
{
    assert(t->columns > 0);
    if (t->cells == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        const char **cell = ARENA_ARRAY(t->arena, const char *, room);
        for (size_t i = 0; i < t->cells; i++)
            cell[i] = t->cell[i];
        t->cell = cell;
        t->room = room;
    }
    t->cell[t->cells++] = arena_strdup(t->arena, text ? text : "-");
}

size_t table_rows(const struct table *t)
{
    return t->columns ? t->cells / t->columns : 0;
}

/* Rows that name others carry this in their second cell: no text of a cell can be this pointer. */
static const char section_mark[] = "";

void table_section(struct table *t, const char *text)
{
    assert(t->columns > 1 && t->cells % t->columns == 0);
    for (size_t c = 0; c < t->columns; c++)
        table_cell(t, c ? "" : text);
    t->cell[t->cells - t->columns + 1] = section_mark;
}

static bool is_section(const struct table *t, size_t row)
{
    return t->columns > 1 && t->cell[row * t->columns + 1] == section_mark;
}

static const char *cell_at(const struct table *t, size_t row, size_t column)
{
    return t->cell[row * t->columns + column];
}

static bool is_empty(const struct table *t, size_t column)
{
    for (size_t r = 0; r < table_rows(t); r++)
        if (!is_section(t, r) && strcmp(cell_at(t, r, column), "-") != 0)
            return false;
    return true;
}

void table_drop_empty(struct table *t)
{
    size_t kept = 0, at = 0, rows = table_rows(t), columns = t->columns;
    bool keep[TABLE_COLUMNS_MAX];
    for (size_t c = 0; c < columns; c++) {
        keep[c] = c == 0 || !is_empty(t, c);
        if (!keep[c])
            continue;
        bool alone = c > 0 && !keep[c - 1] && t->alone[c];
        t->title[kept] = alone ? t->alone[c] : t->title[c];
        t->align[kept++] = t->align[c];
    }
    for (size_t r = 0; r < rows; r++) {
        bool section = is_section(t, r);
        size_t first = at;
        for (size_t c = 0; c < columns; c++)
            if (keep[c])
                t->cell[at++] = t->cell[r * columns + c];
        if (section && kept > 1)
            t->cell[first + 1] = section_mark;
    }
    t->columns = kept;
    t->cells = at;
}

/* --- text ----------------------------------------------------------------------------------- */

/* Where a name of `bytes` may be cut: after one of its joints, else anywhere. */
static size_t joint_before(const char *text, size_t bytes)
{
    size_t joint = bytes;
    while (joint > 0 && !strchr("_@:,.", text[joint - 1]))
        joint--;
    return joint > 0 ? joint : bytes;
}

/* Bytes of the next line of `text` in `width` columns: broken at a space where there is one, else
 * at the joints of a name. */
static size_t line_bytes(const char *text, int width, int *columns)
{
    size_t bytes = format_fit(text, width, columns);
    if (bytes == 0 && *text)
        bytes = 1;
    size_t space = bytes;
    while (text[bytes] && space > 0 && (text[space] != ' ' || text[space + 1] == '%'))
        space--; /* a number keeps its percent sign */
    if (text[bytes])
        bytes = space > 0 ? space : joint_before(text, bytes);
    *columns = format_columns(text, bytes);
    return bytes;
}

static void put_spaces(FILE *out, int count)
{
    for (int i = 0; i < count; i++)
        putc(' ', out);
}

void table_wrap(FILE *out, const char *lead, const char *text, int width)
{
    int indent = format_width(lead), columns;
    escape_text(out, lead, SIZE_MAX);
    do {
        size_t bytes = line_bytes(text, width - indent, &columns);
        escape_text(out, text, bytes);
        putc('\n', out);
        text += bytes;
        text += strspn(text, " ");
        if (*text)
            put_spaces(out, indent);
    } while (*text);
}

static int longest_word(const char *text)
{
    int longest = 0;
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t bytes = strcspn(text, " ");
        int columns = format_columns(text, bytes);
        longest = columns > longest ? columns : longest;
        text += bytes;
    }
    return longest;
}

/* The widest left-aligned column above its least; the number of columns: none is. */
static size_t widest_column(const struct table *t, const int *width, const int *least)
{
    size_t widest = t->columns;
    for (size_t c = 0; c < t->columns; c++)
        if (t->align[c] == ALIGN_LEFT && width[c] > least[c] &&
            (widest == t->columns || width[c] > width[widest]))
            widest = c;
    return widest;
}

/* Takes columns away until the row fits, or none has more than its least. */
static void shrink(const struct table *t, int *width, const int *least, int *total)
{
    while (*total > REPORT_WIDTH) {
        size_t widest = widest_column(t, width, least);
        if (widest == t->columns)
            return;
        width[widest]--;
        --*total;
    }
}

/* The natural widths, then the widest left-aligned column gives way until the row fits: first
 * between words, then inside them. */
static void fit_widths(const struct table *t, int *width)
{
    int total = INDENT - GAP, word[TABLE_COLUMNS_MAX], least[TABLE_COLUMNS_MAX];
    for (size_t c = 0; c < t->columns; c++) {
        least[c] = COLUMN_MIN;
        word[c] = COLUMN_MIN;
        width[c] = format_width(t->title[c]);
        if (t->align[c] == ALIGN_RIGHT && width[c] < t->spread)
            width[c] = t->spread;
        for (size_t r = 0; r < table_rows(t); r++) {
            if (is_section(t, r))
                continue;
            int w = format_width(cell_at(t, r, c)), longest = longest_word(cell_at(t, r, c));
            width[c] = w > width[c] ? w : width[c];
            word[c] = longest > word[c] ? longest : word[c];
        }
        total += width[c] + GAP;
    }
    shrink(t, width, word, &total);
    shrink(t, width, least, &total);
}

/* Columns of a table that stand beside each other on a terminal. */
struct block {
    size_t column[TABLE_COLUMNS_MAX], count;
};

/* The next block from column `*from`: as many as fit, behind the first one again. */
static struct block next_block(const struct table *t, const int *width, size_t *from)
{
    struct block b = {.count = 0};
    int total = INDENT - GAP;
    if (*from > 0) {
        b.column[b.count++] = 0;
        total += width[0] + GAP;
    }
    for (size_t least = b.count + 1; *from < t->columns; ++*from) {
        total += width[*from] + GAP;
        if (total > REPORT_WIDTH && b.count >= least)
            break;
        b.column[b.count++] = *from;
    }
    return b;
}

/* One row of cells, over as many lines as its longest cell needs. */
static void write_text_row(FILE *out, const struct table *t, const struct block *b,
                           const char *const *cells, const int *width)
{
    const char *rest[TABLE_COLUMNS_MAX];
    memcpy(rest, cells, t->columns * sizeof *rest);
    bool more = true;
    while (more) {
        int at = 0, start = INDENT;
        more = false;
        for (size_t i = 0; i < b->count; i++) {
            size_t c = b->column[i];
            int columns;
            size_t bytes = line_bytes(rest[c], width[c], &columns);
            int where = start + (t->align[c] == ALIGN_RIGHT ? width[c] - columns : 0);
            if (bytes > 0) {
                put_spaces(out, where - at);
                escape_text(out, rest[c], bytes);
                at = where + columns;
            }
            start += width[c] + GAP;
            rest[c] += bytes;
            rest[c] += strspn(rest[c], " ");
            more = more || *rest[c];
        }
        putc('\n', out);
    }
}

static void write_block(FILE *out, const struct table *t, const struct block *b, const int *width)
{
    write_text_row(out, t, b, t->title, width);
    put_spaces(out, INDENT);
    for (size_t i = 0; i < b->count; i++) {
        for (int k = 0; k < width[b->column[i]] + (i + 1 < b->count ? GAP : 0); k++)
            fputs("\u2500", out);
    }
    putc('\n', out);
    for (size_t r = 0; r < table_rows(t); r++) {
        if (is_section(t, r))
            table_wrap(out, "  ", cell_at(t, r, 0), REPORT_WIDTH);
        else
            write_text_row(out, t, b, t->cell + r * t->columns, width);
    }
}

/* A table of more columns than fit is continued below itself. */
static void write_text(FILE *out, const struct table *t)
{
    int width[TABLE_COLUMNS_MAX];
    fit_widths(t, width);
    for (size_t from = 0; from < t->columns;) {
        fputs(from ? "\n" : "", out);
        struct block b = next_block(t, width, &from);
        write_block(out, t, &b, width);
    }
}

/* --- the other styles ----------------------------------------------------------------------- */

static void write_csv(FILE *out, const struct table *t)
{
    for (size_t c = 0; c < t->columns; c++) {
        fputs(c ? "," : "", out);
        escape_csv(out, t->title[c]);
    }
    putc('\n', out);
    for (size_t r = 0; r < table_rows(t); r++) {
        if (is_section(t, r))
            continue;
        for (size_t c = 0; c < t->columns; c++) {
            fputs(c ? "," : "", out);
            escape_csv(out, cell_at(t, r, c));
        }
        putc('\n', out);
    }
}

static void write_md(FILE *out, const struct table *t)
{
    for (size_t c = 0; c < t->columns; c++) {
        fputs("| ", out);
        escape_md(out, t->title[c]);
        putc(' ', out);
    }
    fputs("|\n", out);
    for (size_t c = 0; c < t->columns; c++)
        fputs(t->align[c] == ALIGN_RIGHT ? "|---:" : "|:---", out);
    fputs("|\n", out);
    for (size_t r = 0; r < table_rows(t); r++) {
        for (size_t c = 0; c < t->columns; c++) {
            const char *bold = c == 0 && is_section(t, r) ? "**" : "";
            fprintf(out, "| %s", bold);
            escape_md(out, cell_at(t, r, c));
            fprintf(out, "%s ", bold);
        }
        fputs("|\n", out);
    }
}

static void write_latex_row(FILE *out, const struct table *t, const char *const *cells)
{
    for (size_t c = 0; c < t->columns; c++) {
        fputs(c ? " & " : "", out);
        escape_latex(out, cells[c]);
    }
    fputs(" \\\\\n", out);
}

static void write_latex_section(FILE *out, const struct table *t, const char *text)
{
    fprintf(out, "\\multicolumn{%zu}{l}{\\emph{", t->columns);
    escape_latex(out, text);
    fputs("}} \\\\\n", out);
}

/* `rules`: above, below the titles, and at the foot. */
static void write_latex(FILE *out, const struct table *t, const char *const rules[3])
{
    fputs("\\begin{tabular}{", out);
    for (size_t c = 0; c < t->columns; c++)
        putc(t->align[c] == ALIGN_RIGHT ? 'r' : 'l', out);
    fprintf(out, "}\n%s\n", rules[0]);
    write_latex_row(out, t, t->title);
    fprintf(out, "%s\n", rules[1]);
    for (size_t r = 0; r < table_rows(t); r++) {
        if (is_section(t, r))
            write_latex_section(out, t, cell_at(t, r, 0));
        else
            write_latex_row(out, t, t->cell + r * t->columns);
    }
    fprintf(out, "%s\n\\end{tabular}\n", rules[2]);
}

static void write_html_cell(FILE *out, const struct table *t, const char *tag, size_t c,
                            const char *text)
{
    fprintf(out, "<%s%s>", tag, t->align[c] == ALIGN_RIGHT ? " class=\"n\"" : "");
    escape_html(out, text);
    fprintf(out, "</%s>", tag);
}

static void write_html_section(FILE *out, const struct table *t, const char *text)
{
    fprintf(out, "<tr><th colspan=\"%zu\">", t->columns);
    escape_html(out, text);
    fputs("</th></tr>\n", out);
}

static void write_html(FILE *out, const struct table *t)
{
    fputs("<table>\n<thead><tr>", out);
    for (size_t c = 0; c < t->columns; c++)
        write_html_cell(out, t, "th", c, t->title[c]);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t r = 0; r < table_rows(t); r++) {
        if (is_section(t, r)) {
            write_html_section(out, t, cell_at(t, r, 0));
            continue;
        }
        fputs("<tr>", out);
        for (size_t c = 0; c < t->columns; c++)
            write_html_cell(out, t, "td", c, cell_at(t, r, c));
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table>\n", out);
}

void table_write(FILE *out, const struct table *t, enum table_style style)
{
    static const char *const plain[] = {"\\hline", "\\hline", "\\hline"};
    static const char *const booktabs[] = {"\\toprule", "\\midrule", "\\bottomrule"};
    switch (style) {
    case TABLE_TEXT:
        write_text(out, t);
        break;
    case TABLE_CSV:
        write_csv(out, t);
        break;
    case TABLE_MD:
        write_md(out, t);
        break;
    case TABLE_LATEX:
        write_latex(out, t, plain);
        break;
    case TABLE_BOOKTABS:
        write_latex(out, t, booktabs);
        break;
    case TABLE_HTML:
        write_html(out, t);
        break;
    }
}
