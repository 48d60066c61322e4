#include "core/report/document.h"

#include <string.h>

#include "core/report/escape.h"
#include "core/report/run_views.h"

/* What stands around each thing, by format; text is wrapped instead. */
struct markup {
    enum table_style style;
    void (*escape)(FILE *out, const char *text);
    const char *heading[2], *text[2], *table[2], *label[3], *items_end;
};

static const struct markup markups[] = {
    [REPORT_MD] = {TABLE_MD,
                   escape_md,
                   {"\n## ", "\n\n"},
                   {"", "\n\n"},
                   {"", "\n"},
                   {"- **", "** ", "\n"},
                   "\n"},
    [REPORT_LATEX] = {TABLE_BOOKTABS,
                      escape_latex,
                      {"\n\\subsection*{", "}\n\n"},
                      {"\\noindent ", "\n\n"},
                      {"\\begin{center}\n\\small\n", "\\end{center}\n\n"},
                      {"\\noindent\\textsuperscript{", "} ", "\n\n"},
                      ""},
    [REPORT_HTML] = {TABLE_HTML,
                     escape_html,
                     {"<h2>", "</h2>\n"},
                     {"<p class=\"note\">", "</p>\n"},
                     {"<div class=\"panel compact\"><div class=\"scroll\">\n", "</div></div>\n"},
                     {"<p class=\"note\"><b>", "</b> ", "</p>\n"},
                     ""},
};

static void put(const struct document *d, const char *begin, const char *text, const char *end)
{
    fputs(begin, d->out);
    markups[d->format].escape(d->out, text);
    fputs(end, d->out);
}

static bool is_text(const struct document *d)
{
    return d->format == REPORT_TEXT;
}

void document_begin(const struct document *d, const char *title)
{
    if (is_text(d)) {
        fprintf(d->out, "%s\n", title);
    } else if (d->format == REPORT_MD) {
        put(d, "# ", title, "\n\n");
    } else if (d->format == REPORT_LATEX) {
        fputs("% needs \\usepackage{booktabs}\n", d->out);
        put(d, "\\section*{", title, "}\n\n");
    } else {
        page_begin(d->out, title);
        put(d, "<header><h1>", title, "</h1></header>\n");
    }
}

void document_heading(const struct document *d, const char *text)
{
    if (is_text(d))
        fprintf(d->out, "\n%s\n", text);
    else
        put(d, markups[d->format].heading[0], text, markups[d->format].heading[1]);
}

void document_text(const struct document *d, const char *text)
{
    if (is_text(d))
        table_wrap(d->out, "  ", text, REPORT_WIDTH);
    else
        put(d, markups[d->format].text[0], text, markups[d->format].text[1]);
}

void document_table(const struct document *d, const struct table *t)
{
    if (is_text(d)) {
        table_write(d->out, t, TABLE_TEXT);
        return;
    }
    fputs(markups[d->format].table[0], d->out);
    table_write(d->out, t, markups[d->format].style);
    fputs(markups[d->format].table[1], d->out);
}

void document_item(const struct document *d, const char *label, const char *text)
{
    if (is_text(d)) {
        char lead[64];
        snprintf(lead, sizeof lead, "  %.56s  ", label);
        table_wrap(d->out, lead, text, REPORT_WIDTH);
        return;
    }
    put(d, markups[d->format].label[0], label, markups[d->format].label[1]);
    put(d, "", text, markups[d->format].label[2]);
}

void document_items_end(const struct document *d)
{
    if (!is_text(d))
        fputs(markups[d->format].items_end, d->out);
}

size_t footnote_number(struct footnotes *f, const char *text)
{
    for (size_t i = 0; i < f->count; i++)
        if (!strcmp(f->texts[i], text))
            return i + 1;
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 16;
        const char **larger = ARENA_ARRAY(f->arena, const char *, f->room);
        if (f->count)
            memcpy(larger, f->texts, f->count * sizeof *larger);
        f->texts = larger;
    }
    f->texts[f->count++] = text;
    return f->count;
}

void document_footnotes(const struct document *d, const struct footnotes *f)
{
    for (size_t i = 0; i < f->count; i++)
        document_item(d, arena_printf(f->arena, "[%zu]", i + 1), f->texts[i]);
    if (f->count)
        document_items_end(d);
}

void document_picture(const struct document *d, void (*draw)(FILE *out, const void *user),
                      const void *user)
{
    if (d->format != REPORT_HTML)
        return;
    fputs("<div class=\"panel picture\">\n", d->out);
    draw(d->out, user);
    fputs("</div>\n", d->out);
}

bool document_end(const struct document *d, const json_t *data, struct diag *said)
{
    if (d->format == REPORT_HTML) {
        fputs("</main>\n", d->out);
        TRY(page_data_write(d->out, data, said));
        fputs("</body>\n</html>\n", d->out);
    }
    return report_flushed(d->out, said);
}
