/* table.h — a small table: columns with an alignment, rows of text, five ways to write it.
 *
 * Answers: aligned text (UTF-8 aware, wrapped to a width), csv, Markdown, LaTeX (plain tabular)
 * and HTML from the same cells, each escaped for its place.  It computes nothing: cells arrive
 * as text.  All memory is the arena's. */
#ifndef CIMARRON_TABLE_H
#define CIMARRON_TABLE_H

#include <stdio.h>

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

enum table_style { TABLE_TEXT, TABLE_CSV, TABLE_MD, TABLE_LATEX, TABLE_HTML };
enum table_align { ALIGN_LEFT, ALIGN_RIGHT };

enum { TABLE_COLUMNS_MAX = 48, REPORT_WIDTH = 100 };

struct table;

/* An empty table without columns; then its columns, then its cells, row by row. */
struct table *table_open(struct arena *a);
void table_column(struct table *t, const char *title, enum table_align align);
void table_spread(struct table *t, int width); /* text: right-aligned columns at least so wide */
void table_cell(struct table *t, const char *text); /* NULL reads "-"; the text is copied */

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
