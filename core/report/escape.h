/* escape.h — names that come from outside, made harmless for the place they are written to.
 *
 * Answers: how a text is written into csv, Markdown, LaTeX, HTML, or onto a terminal, so that
 * it reads as itself and is never taken for markup.  Control and bidirectional characters are
 * shown as escapes everywhere (see text.h).  Text is UTF-8, as jansson guarantees. */
#ifndef CIMARRON_ESCAPE_H
#define CIMARRON_ESCAPE_H

#include <stdio.h>

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

void escape_text(FILE *out, const char *text, size_t bytes); /* its first bytes, or all of it */
/* RFC 4180, quoted where needed.  What a spreadsheet would take for a formula and is no number
 * gets an apostrophe in front. */
void escape_csv(FILE *out, const char *text);
void escape_md(FILE *out, const char *text); /* a cell of a Markdown table */
void escape_latex(FILE *out, const char *text);
void escape_html(FILE *out, const char *text);      /* element text and quoted attributes */
void escape_json_html(FILE *out, const char *json); /* JSON for a script element: '<' as \u003c */

#ifdef __cplusplus
}
#endif
#endif
