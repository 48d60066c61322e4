/* cfg_lex.h — the words of a config text, each with its line.
 *
 * Private to core/base.  Stricter than libconfig: a number literal that libconfig would bend
 * (an integer that wraps, a real that becomes inf or 0), an unknown escape, or a text that
 * does not end on its line is an error.  It knows words, not grammar. */
#ifndef CIMARRON_CFG_LEX_H
#define CIMARRON_CFG_LEX_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cfg_token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_BOOL,
    TOKEN_INT,
    TOKEN_REAL,
    TOKEN_TEXT,    /* one quoted text; `start` is behind the quote, escapes still stand */
    TOKEN_INCLUDE, /* the word @include */
    TOKEN_MARK     /* one of = : ; , { } ( ) [ ] */
};

struct cfg_token {
    enum cfg_token_kind kind;
    const char *start;
    size_t length;
    int line;
    bool flag;       /* TOKEN_BOOL */
    bool wide;       /* TOKEN_INT: written with L */
    int64_t integer; /* TOKEN_INT */
    double real;     /* TOKEN_REAL */
};

struct cfg_lexer {
    const char *file; /* for complaints */
    const char *at, *end;
    int line;
    struct diag *d;
};

/* The next word; TOKEN_END at the end of the text. */
FALLIBLE bool cfg_lex(struct cfg_lexer *l, struct cfg_token *t);

/* The text of a TOKEN_TEXT with its escapes resolved. */
char *cfg_unescape(struct arena *a, const struct cfg_token *t);

static inline bool token_is(const struct cfg_token *t, char mark)
{
    return t->kind == TOKEN_MARK && *t->start == mark;
}

#ifdef __cplusplus
}
#endif
#endif
