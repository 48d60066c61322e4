#include "core/base/cfg_lex.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 128, NUMBER_MAX_BYTES = 64 };

/* The C locale's classes: configs must not read differently elsewhere. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool starts_with(const struct cfg_lexer *l, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(l->end - l->at) >= length && memcmp(l->at, text, length) == 0;
}

static void skip_line(struct cfg_lexer *l)
{
    while (l->at < l->end && *l->at != '\n')
        l->at++;
}

static bool skip_block_comment(struct cfg_lexer *l)
{
    int opened = l->line;
    for (l->at += 2; l->at < l->end; l->at++) {
        if (starts_with(l, "*/")) {
            l->at += 2;
            return true;
        }
        l->line += *l->at == '\n';
    }
    return diag_input(l->d, l->file, opened, "this comment is not closed; write */ at its end");
}

static bool skip_blanks(struct cfg_lexer *l)
{
    while (l->at < l->end) {
        if (*l->at == '#' || starts_with(l, "//")) {
            skip_line(l);
        } else if (starts_with(l, "/*")) {
            TRY(skip_block_comment(l));
        } else if (strchr(" \t\r\n\f", *l->at) && *l->at) {
            l->line += *l->at == '\n';
            l->at++;
        } else {
            break;
        }
    }
    return true;
}

static bool is_word(const struct cfg_token *t, const char *lower)
{
    if (t->length != strlen(lower))
        return false;
    for (size_t i = 0; i < t->length; i++)
        if ((t->start[i] | 0x20) != lower[i])
            return false;
    return true;
}

static bool lex_name(struct cfg_lexer *l, struct cfg_token *t)
{
    while (l->at < l->end && is_name(*l->at))
        l->at++;
    t->length = (size_t)(l->at - t->start);
    t->flag = is_word(t, "true");
    t->kind = t->flag || is_word(t, "false") ? TOKEN_BOOL : TOKEN_NAME;
    if (t->length > NAME_MAX_BYTES)
        return diag_input(l->d, l->file, t->line,
                          "a key may have at most %d characters, this has "
                          "%zu",
                          NAME_MAX_BYTES, t->length);
    return true;
}

/* How long the escape at `at` is; 0 when it is none. */
static size_t escape_length(const char *at, const char *end)
{
    if (end - at >= 2 && at[1] && strchr("nrtf\\\"", at[1]))
        return 2;
    if (end - at >= 4 && at[1] == 'x' && hex_digit(at[2]) >= 0 && hex_digit(at[3]) >= 0 &&
        (at[2] != '0' || at[3] != '0'))
        return 4;
    return 0;
}

static bool lex_text(struct cfg_lexer *l, struct cfg_token *t)
{
    t->kind = TOKEN_TEXT;
    t->start = ++l->at;
    while (l->at < l->end && *l->at != '"' && *l->at != '\n') {
        size_t step = *l->at == '\\' ? escape_length(l->at, l->end) : 1;
        if (!step)
            return diag_input(l->d, l->file, t->line,
                              "a backslash in a text must be one of "
                              "\\\\ \\\" \\n \\r \\t \\f \\xHH (not \\x00)");
        l->at += step;
    }
    t->length = (size_t)(l->at - t->start);
    if (l->at == l->end || *l->at != '"')
        return diag_input(l->d, l->file, t->line,
                          "this text is not closed on its line; close it "
                          "with \" and go on with a second \"...\" on the next line");
    l->at++;
    return true;
}

char *cfg_unescape(struct arena *a, const struct cfg_token *t)
{
    char *text = arena_alloc(a, t->length + 1, 1), *out = text;
    for (const char *at = t->start, *end = at + t->length; at < end;) {
        if (*at != '\\') {
            *out++ = *at++;
        } else if (at[1] == 'x') {
            *out++ = (char)(hex_digit(at[2]) * 16 + hex_digit(at[3]));
            at += 4;
        } else {
            const char *which = strchr("nrtf\\\"", at[1]);
            *out++ = "\n\r\t\f\\\""[which - "nrtf\\\""];
            at += 2;
        }
    }
    return text;
}

static size_t digits(const char *text)
{
    size_t n = 0;
    while (is_digit(text[n]))
        n++;
    return n;
}

/* Cuts the L or LL off; whether there was one. */
static bool cut_wide(char *number)
{
    size_t length = strlen(number), cut = length;
    while (cut && length - cut < 2 && number[cut - 1] == 'L')
        cut--;
    number[cut] = '\0';
    return cut < length;
}

static bool is_hex(const char *number)
{
    size_t n = 2;
    if (number[0] != '0' || (number[1] != 'x' && number[1] != 'X'))
        return false;
    while (hex_digit(number[n]) >= 0)
        n++;
    return n > 2 && !number[n];
}

static bool is_decimal(const char *number)
{
    number += *number == '+' || *number == '-';
    size_t n = digits(number);
    return n && !number[n];
}

static bool is_real(const char *number)
{
    number += *number == '+' || *number == '-';
    size_t whole = digits(number), fraction = 0;
    number += whole;
    bool dot = *number == '.';
    if (dot) {
        fraction = digits(++number);
        number += fraction;
    }
    if (!whole && !fraction)
        return false;
    if (*number != 'e' && *number != 'E')
        return dot && !*number;
    number++;
    number += *number == '+' || *number == '-';
    size_t exponent = digits(number);
    return exponent && !number[exponent];
}

static bool complain_number(struct cfg_lexer *l, const char *number, const char *what)
{
    return diag_input(l->d, l->file, l->line, "%s %s", number, what);
}

static bool lex_integer(struct cfg_lexer *l, struct cfg_token *t, const char *number, int base)
{
    errno = 0;
    t->kind = TOKEN_INT;
    t->integer = strtoll(number, NULL, base);
    if (errno == ERANGE)
        return complain_number(l, number, "does not fit into 64 bits; write a real (1e20) instead");
    if (!t->wide && (t->integer > INT32_MAX || t->integer < INT32_MIN))
        return complain_number(l, number, "is beyond 2^31; write an L behind it");
    return true;
}

static bool lex_real(struct cfg_lexer *l, struct cfg_token *t, const char *number)
{
    t->kind = TOKEN_REAL;
    t->real = strtod(number, NULL);
    if (!isfinite(t->real))
        return complain_number(l, number, "is too large for a real number (1.8e308)");
    if (t->real == 0 && strcspn(number, "123456789") < strcspn(number, "eE"))
        return complain_number(l, number, "is too small for a real number; write 0.0");
    return true;
}

static bool lex_number(struct cfg_lexer *l, struct cfg_token *t)
{
    char number[NUMBER_MAX_BYTES + 1];
    for (char before = 0; l->at < l->end; before = *l->at++) {
        bool sign = *l->at == '+' || *l->at == '-';
        if (sign ? before && before != 'e' && before != 'E' : !is_name(*l->at) && *l->at != '.')
            break;
    }
    t->length = (size_t)(l->at - t->start);
    if (t->length > NUMBER_MAX_BYTES)
        return diag_input(l->d, l->file, t->line, "a number may have at most %d characters",
                          NUMBER_MAX_BYTES);
    memcpy(number, t->start, t->length);
    number[t->length] = '\0';
    if (is_real(number))
        return lex_real(l, t, number);
    t->wide = cut_wide(number);
    if (is_hex(number))
        return lex_integer(l, t, number, 16);
    if (is_decimal(number))
        return lex_integer(l, t, number, 10);
    return diag_input(l->d, l->file, t->line, "'%.*s' is not a number", (int)t->length, t->start);
}

bool cfg_lex(struct cfg_lexer *l, struct cfg_token *t)
{
    TRY(skip_blanks(l));
    *t = (struct cfg_token){.kind = TOKEN_END, .start = l->at, .line = l->line};
    if (l->at == l->end)
        return true;
    char c = *l->at;
    if (is_letter(c))
        return lex_name(l, t);
    if (is_digit(c) || (c && strchr("+-.", c)))
        return lex_number(l, t);
    if (c == '"')
        return lex_text(l, t);
    if (starts_with(l, "@include")) {
        t->kind = TOKEN_INCLUDE;
        t->length = strlen("@include");
    } else if (c && strchr("=:;,{}()[]", c)) {
        t->kind = TOKEN_MARK;
        t->length = 1;
    } else {
        return diag_input(l->d, l->file, l->line, "the character 0x%02x has no meaning here",
                          (unsigned)(unsigned char)c);
    }
    l->at += t->length;
    return true;
}
