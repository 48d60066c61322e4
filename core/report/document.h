/* document.h — headings, sentences, tables and pictures in one of four written forms.
 *
 * Answers: how a report of several tables reads as text, Markdown, LaTeX (booktabs) or as one
 * self-contained page.  It knows no result: callers bring titles, tables and sentences.  csv and
 * json are not documents. */
#ifndef CIMARRON_DOCUMENT_H
#define CIMARRON_DOCUMENT_H

#include "core/report/render.h"
#include "core/report/table.h"

#ifdef __cplusplus
extern "C" {
#endif

struct document {
    FILE *out;
    enum report_format format; /* REPORT_TEXT, REPORT_MD, REPORT_LATEX or REPORT_HTML */
};

void document_begin(const struct document *d, const char *title);
void document_heading(const struct document *d, const char *text);
void document_text(const struct document *d, const char *text);
void document_table(const struct document *d, const struct table *t);
/* An item with its label: "[1]" and a footnote. */
void document_item(const struct document *d, const char *label, const char *text);
/* Behind the last of some items. */
void document_items_end(const struct document *d);
/* A drawing, on pages only: `draw` writes an svg element. */
void document_picture(const struct document *d, void (*draw)(FILE *out, const void *user),
                      const void *user);
/* Footnotes are numbered from 1 in the order in which they are first asked for; equal texts are
 * one. */
struct footnotes {
    struct arena *arena;
    const char **texts;
    size_t count, room;
};
size_t footnote_number(struct footnotes *f, const char *text);
void document_footnotes(const struct document *d, const struct footnotes *f);

/* `data` stands in a page's element cimarron-data. */
FALLIBLE bool document_end(const struct document *d, const json_t *data, struct diag *said);

#ifdef __cplusplus
}
#endif
#endif
