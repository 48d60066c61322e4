/* line_read.h — the lines of a file, gzip or plain, in bounded memory.
 *
 * Answers: the next line and its number.  A cut or corrupt stream, bytes after the stream and a
 * line beyond TRACE_LINE_MAX are errors that name the line reached.  Several gzip members in a
 * row are one stream; zeros after the last one are padding. */
#ifndef CIMARRON_LINE_READ_H
#define CIMARRON_LINE_READ_H

#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

struct line_reader;

enum line_item { LINE_TEXT, LINE_END, LINE_ERROR };

FALLIBLE bool line_open(const char *path, struct line_reader **out, struct diag *d);

/* The next line without its newline; not terminated, valid until the next call. */
enum line_item line_next(struct line_reader *r, const char **text, size_t *length, struct diag *d);

int64_t line_number(const struct line_reader *r); /* of the last line read, from 1; 0: none yet */
const char *line_path(const struct line_reader *r);
void line_close(struct line_reader *r); /* NULL is allowed */

/* diag_input at a line number that may be beyond an int. */
bool line_wrong(struct diag *d, const char *path, int64_t line, const char *format, ...)
    PRINTF_LIKE(4, 5);

#ifdef __cplusplus
}
#endif
#endif
