#include "core/base/cfg_lex.h"
#include "core/base/cfg_tree.h"

#include <string.h>

const char *cfg_kind_name(enum cfg_kind kind)
{
    static const char *const names[] = {
        [KIND_BOOL] = "a boolean", [KIND_INT] = "an integer", [KIND_REAL] = "a real number",
        [KIND_TEXT] = "a text",    [KIND_LIST] = "a list",    [KIND_GROUP] = "a group"};
    return names[kind];
}

static bool scalar_of(struct arena *a, const struct cfg_token *t, struct cfg_value *out)
{
    switch (t->kind) {
    case TOKEN_BOOL:
        *out = (struct cfg_value){.kind = KIND_BOOL, .flag = t->flag};
        return true;
    case TOKEN_INT:
        *out = (struct cfg_value){.kind = KIND_INT, .integer = t->integer};
        return true;
    case TOKEN_REAL:
        *out = (struct cfg_value){.kind = KIND_REAL, .real = t->real};
        return true;
    case TOKEN_TEXT:
        *out = (struct cfg_value){.kind = KIND_TEXT, .text = cfg_unescape(a, t)};
        return true;
    default:
        return false;
    }
}

static bool bad_list(struct diag *d, const char *text)
{
    return diag_input(d, NULL, 0, "'%s' is not a list such as [1, 2]", text);
}

/* The items behind the opening bracket, up to the closing one and the end. */
static bool parse_list(struct arena *a, struct cfg_lexer *l, const char *text,
                       struct cfg_value *out)
{
    struct cfg_token t;
    struct cfg_value *items = ARENA_ARRAY(a, struct cfg_value, strlen(text) / 2 + 1);
    size_t count = 0;
    TRY(cfg_lex(l, &t));
    while (!token_is(&t, ']')) {
        if (!scalar_of(a, &t, &items[count++]))
            return bad_list(l->d, text);
        TRY(cfg_lex(l, &t));
        if (token_is(&t, ','))
            TRY(cfg_lex(l, &t));
        else if (!token_is(&t, ']'))
            return bad_list(l->d, text);
    }
    *out = (struct cfg_value){.kind = KIND_LIST, .count = count, .items = items};
    TRY(cfg_lex(l, &t));
    return t.kind == TOKEN_END || bad_list(l->d, text);
}

/* Whether the text starts like a value that has its own grammar; all else is a bare text. */
static bool is_bare(const char *text)
{
    return !text[0] || !strchr("0123456789+-.\"[", text[0]);
}

static bool parse_scalar(struct arena *a, struct cfg_lexer *l, const char *text,
                         struct cfg_value *out)
{
    struct cfg_token t, end;
    TRY(cfg_lex(l, &t));
    if (token_is(&t, '['))
        return parse_list(a, l, text, out);
    TRY(cfg_lex(l, &end));
    if (end.kind != TOKEN_END || !scalar_of(a, &t, out))
        return diag_input(l->d, NULL, 0, "'%s' is more than one value", text);
    return true;
}

static bool is_bool(const char *text, bool flag)
{
    return strcmp(text, flag ? "true" : "false") == 0;
}

bool cfg_value_parse(struct arena *a, const char *text, struct cfg_value *out, struct diag *d)
{
    struct cfg_lexer l = {NULL, text, text + strlen(text), 0, d};
    if (is_bool(text, true) || is_bool(text, false)) {
        *out = (struct cfg_value){.kind = KIND_BOOL, .flag = is_bool(text, true)};
        return true;
    }
    if (!is_bare(text))
        return parse_scalar(a, &l, text, out);
    *out = (struct cfg_value){.kind = KIND_TEXT, .text = arena_strdup(a, text)};
    return true;
}
