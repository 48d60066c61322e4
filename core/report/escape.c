#include "core/report/escape.h"

#include <string.h>

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || (unsigned char)c == 0x7F;
}

void escape_text(FILE *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        putc(is_control(text[i]) ? '?' : text[i], out);
}

void escape_csv(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

void escape_md(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (is_control(*text))
            putc(' ', out);
        else if (strchr("\\`*_[]#|~$", *text))
            fprintf(out, "\\%c", *text);
        else
            putc(*text, out);
    }
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

void escape_latex(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *word = latex_word(*text);
        if (word)
            fputs(word, out);
        else if (strchr("{}$&#_%", *text))
            fprintf(out, "\\%c", *text);
        else
            putc(is_control(*text) ? ' ' : *text, out);
    }
}

void escape_html(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
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
            putc(is_control(*text) && *text != '\n' ? ' ' : *text, out);
        }
    }
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
