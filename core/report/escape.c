#include "core/report/escape.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

/* Writes the first `bytes` bytes of a text as they may be shown, each byte by `put`. */
static void put_shown(FILE *out, const char *text, size_t bytes, void (*put)(FILE *out, char c))
{
    for (size_t used = 0; used < bytes && text[used];) {
        char shown[TEXT_SHOWN_MAX];
        used += text_show(text + used, shown);
        for (const char *c = shown; *c; c++)
            put(out, *c);
    }
}

static void put_plain(FILE *out, char c)
{
    putc(c, out);
}

void escape_text(FILE *out, const char *text, size_t bytes)
{
    put_shown(out, text, bytes, put_plain);
}

/* --- csv -------------------------------------------------------------------------------------- */

/* "-" alone is how a table says that there is nothing. */
static bool is_formula(const char *text)
{
    char *end;
    if (!*text || !strchr("=+-@\t\r", *text) || !strcmp(text, "-"))
        return false;
    strtod(text, &end);
    return *end != '\0';
}

static void put_csv(FILE *out, char c)
{
    if (c == '"')
        putc('"', out);
    putc(c, out);
}

void escape_csv(FILE *out, const char *text)
{
    bool formula = is_formula(text), quoted = formula || strpbrk(text, ",\"");
    if (quoted)
        putc('"', out);
    if (formula)
        putc('\'', out);
    put_shown(out, text, SIZE_MAX, quoted ? put_csv : put_plain);
    if (quoted)
        putc('"', out);
}

/* --- markup ----------------------------------------------------------------------------------- */

static void put_md(FILE *out, char c)
{
    if (c == '<')
        fputs("&lt;", out);
    else if (c == '&')
        fputs("&amp;", out);
    else if (strchr("\\`*_[]#|~$", c))
        fprintf(out, "\\%c", c);
    else
        putc(c, out);
}

void escape_md(FILE *out, const char *text)
{
    put_shown(out, text, SIZE_MAX, put_md);
}

static const char *latex_word(char c)
{
    switch (c) {
    case '\\':
        return "\\textbackslash{}";
    case '^':
        return "\\textasciicircum{}";
    case '~':
        return "\\textasciitilde{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    default:
        return NULL;
    }
}

static void put_latex(FILE *out, char c)
{
    const char *word = latex_word(c);
    if (word)
        fputs(word, out);
    else if (strchr("{}$&#_%", c))
        fprintf(out, "\\%c", c);
    else
        putc(c, out);
}

void escape_latex(FILE *out, const char *text)
{
    put_shown(out, text, SIZE_MAX, put_latex);
}

static void put_html(FILE *out, char c)
{
    switch (c) {
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '&':
        fputs("&amp;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        putc(c, out);
    }
}

void escape_html(FILE *out, const char *text)
{
    put_shown(out, text, SIZE_MAX, put_html);
}

void escape_json_html(FILE *out, const char *json)
{
    for (; *json; json++) {
        if (*json == '<')
            fputs("\\u003c", out);
        else
            putc(*json, out);
    }
}
