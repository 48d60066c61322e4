/* table.h — a small table: columns with an alignment, rows of text, six ways to write it.
 *
 * Answers: aligned text (UTF-8 aware, wrapped to a width), csv, Markdown, LaTeX (plain tabular,
 * or with the rules of booktabs) and HTML from the same cells, each escaped for its place.  It
 * computes nothing: cells arrive as text.  All memory is the arena's. */
#ifndef CIMARRON_TABLE_H
#define CIMARRON_TABLE_H

#include <stdio.h>

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

enum table_style { TABLE_TEXT, TABLE_CSV, TABLE_MD, TABLE_LATEX, TABLE_HTML, TABLE_BOOKTABS };
enum table_align { ALIGN_LEFT, ALIGN_RIGHT };

enum { TABLE_COLUMNS_MAX = 48, REPORT_WIDTH = 100 };

struct table;

/* An empty table without columns; then its columns, then its cells, row by row. */
struct table *table_open(struct arena *a);
void table_column(struct table *t, const char *title, enum table_align align);
/* One that continues the column before it: alone it reads "BEFORE (TITLE)". */
void table_column_beside(struct table *t, const char *title, enum table_align align);
void table_spread(struct table *t, int width); /* text: right-aligned columns at least so wide */
void table_cell(struct table *t, const char *text); /* NULL reads "-"; the text is copied */

/* A row that names the rows below it; csv leaves it out.  Only between complete rows. */
void table_section(struct table *t, const char *text);

/* Takes out the columns whose cells are all "-"; the first stays.  What continues one that goes is
 * alone from then on. */
void table_drop_empty(struct table *t);

size_t table_rows(const struct table *t); /* complete rows */

/* Text is indented by two and wrapped inside its left-aligned columns to REPORT_WIDTH columns
 * where it can be; the other styles ignore the width.  HTML writes one table element. */
void table_write(FILE *out, const struct table *t, enum table_style style);

/* `text` over several lines of at most `width` columns, the first led by `lead`, the others by as
 * many spaces. */
void table_wrap(FILE *out, const char *lead, const char *text, int width);

#ifdef __cplusplus
}
#endif
#endif
