#include "core/base/cfg_flat.h"

#include "core/base/cfg_include.h"
#include "core/base/cfg_lex.h"

#include <stdio.h>
#include <string.h>

/* An open bracket; the outermost frame is the file itself. */
struct frame {
    char bracket; /* '\0' outermost */
    struct cfg_place place;
    uint32_t group;
    size_t keys;
};

/* A key that was seen, for finding it a second time. */
struct seen {
    const char *key;
    size_t length;
    uint32_t group;
    struct cfg_place place;
};

struct flattener {
    struct arena *keep, *scratch;
    struct diag *d;
    char *text;
    size_t size, capacity;
    struct cfg_place *places;
    size_t lines, lines_capacity;
    struct frame frames[CFG_NESTING_MAX + 1];
    size_t depth;
    uint32_t groups;
    size_t bytes, keys;
    struct seen *seen; /* open addressing, at most half full */
    size_t seen_mask;
    const struct cfg_source_file *file;
    struct cfg_token last; /* the word before, for what may follow it */
};

static bool complain(struct flattener *f, int line, const char *what)
{
    return diag_input(f->d, f->file->name, line, "%s", what);
}

/* --- the text ------------------------------------------------------------------------------ */

static void put(struct flattener *f, const char *text, size_t length)
{
    if (f->size + length + 1 > f->capacity) {
        f->capacity = 2 * (f->size + length + 1);
        char *larger = arena_alloc(f->scratch, f->capacity, 1);
        if (f->size)
            memcpy(larger, f->text, f->size);
        f->text = larger;
    }
    memcpy(f->text + f->size, text, length);
    f->size += length;
}

static void put_place(struct flattener *f, struct cfg_place place)
{
    if (f->lines == f->lines_capacity) {
        f->lines_capacity = f->lines ? 2 * f->lines : 256;
        struct cfg_place *larger = ARENA_ARRAY(f->scratch, struct cfg_place, f->lines_capacity);
        if (f->lines)
            memcpy(larger, f->places, f->lines * sizeof *larger);
        f->places = larger;
    }
    f->places[f->lines++] = place;
}

/* Words of one source line share a line of the text. */
static void put_word(struct flattener *f, int line, const char *word, size_t length)
{
    const struct cfg_place *here = f->lines ? &f->places[f->lines - 1] : NULL;
    if (!here || here->file != f->file->name || here->line != line) {
        put(f, "\n", here ? 1 : 0);
        put_place(f, (struct cfg_place){f->file->name, line});
    }
    put(f, word, length);
    put(f, " ", 1);
}

/* Numbers are written anew in the one form that libconfig reads without a doubt. */
static void put_token(struct flattener *f, const struct cfg_token *t)
{
    char number[64];
    bool wide = t->wide || f->frames[f->depth].bracket == '['; /* arrays hold one type */
    switch (t->kind) {
    case TOKEN_INT:
        snprintf(number, sizeof number, "%lld%s", (long long)t->integer, wide ? "L" : "");
        put_word(f, t->line, number, strlen(number));
        return;
    case TOKEN_REAL:
        snprintf(number, sizeof number, "%.17e", t->real);
        put_word(f, t->line, number, strlen(number));
        return;
    case TOKEN_TEXT:
        put_word(f, t->line, t->start - 1, t->length + 2);
        return;
    default:
        put_word(f, t->line, t->start, t->length);
    }
}

/* --- keys ---------------------------------------------------------------------------------- */

static size_t seen_slot(const struct flattener *f, const struct seen *s)
{
    uint64_t h = s->group;
    for (size_t i = 0; i < s->length; i++)
        h = (h ^ (unsigned char)s->key[i]) * 0x100000001b3u;
    size_t slot = (h ^ h >> 32) & f->seen_mask;
    while (f->seen[slot].key &&
           (f->seen[slot].group != s->group || f->seen[slot].length != s->length ||
            memcmp(f->seen[slot].key, s->key, s->length) != 0))
        slot = (slot + 1) & f->seen_mask;
    return slot;
}

static void seen_grow(struct flattener *f)
{
    struct seen *old = f->seen;
    size_t size = f->seen ? f->seen_mask + 1 : 0;
    f->seen_mask = size ? 2 * size - 1 : 255;
    f->seen = ARENA_ARRAY(f->scratch, struct seen, f->seen_mask + 1);
    for (size_t i = 0; i < size; i++)
        if (old[i].key)
            f->seen[seen_slot(f, &old[i])] = old[i];
}

static bool count_key(struct flattener *f, struct frame *frame, int line)
{
    if (++frame->keys > CFG_GROUP_KEYS_MAX)
        return complain(f, line, "a group may have at most 4,096 keys");
    if (++f->keys > CFG_KEYS_MAX)
        return complain(f, line, "a config may have at most 16,384 keys in all");
    return true;
}

static bool take_key(struct flattener *f, const struct cfg_token *name)
{
    struct frame *frame = &f->frames[f->depth];
    TRY(count_key(f, frame, name->line));
    if (!f->seen || 2 * f->keys > f->seen_mask)
        seen_grow(f);
    struct seen key = {name->start, name->length, frame->group, {f->file->name, name->line}};
    struct seen *before = &f->seen[seen_slot(f, &key)];
    if (before->key)
        return diag_input(f->d, f->file->name, name->line,
                          "the key '%.*s' stands twice in its group, first at %s:%d",
                          (int)name->length, name->start, before->place.file, before->place.line);
    *before = key;
    return true;
}

/* --- brackets ------------------------------------------------------------------------------ */

static bool open_bracket(struct flattener *f, const struct cfg_token *t)
{
    char around = f->frames[f->depth].bracket;
    if (f->depth == CFG_NESTING_MAX)
        return complain(f, t->line, "brackets nest more than 32 deep");
    if (*t->start == '{' && around && around != '{')
        return complain(f, t->line, "a group may not stand in a list; give each group a name");
    f->frames[++f->depth] = (struct frame){*t->start, {f->file->name, t->line}, ++f->groups, 0};
    return true;
}

static bool close_bracket(struct flattener *f, const struct cfg_token *t, size_t base)
{
    const struct frame *frame = &f->frames[f->depth];
    char opens = *t->start == '}' ? '{' : *t->start == ')' ? '(' : '[';
    if (f->depth == base)
        return diag_input(f->d, f->file->name, t->line, "'%c' closes nothing that this file opened",
                          *t->start);
    if (frame->bracket != opens)
        return diag_input(f->d, f->file->name, t->line, "'%c' does not close the '%c' of line %d",
                          *t->start, frame->bracket, frame->place.line);
    f->depth--;
    return true;
}

static bool all_closed(struct flattener *f, size_t base)
{
    const struct frame *frame = &f->frames[f->depth];
    if (f->depth == base)
        return true;
    return diag_input(f->d, frame->place.file, frame->place.line, "this '%c' is not closed",
                      frame->bracket);
}

/* --- words --------------------------------------------------------------------------------- */

static bool flatten_file(struct flattener *f, struct cfg_source_file *file);

static bool wants_value(const struct cfg_token *t)
{
    return token_is(t, '=') || token_is(t, ':');
}

/* What a name is shows at the word behind it. */
static bool check_name(struct flattener *f, const struct cfg_token *next)
{
    const struct cfg_token *name = &f->last;
    if (name->kind != TOKEN_NAME)
        return true;
    if (wants_value(next))
        return take_key(f, name);
    return diag_input(f->d, f->file->name, name->line,
                      "'%.*s' is neither a key (no = behind it) nor a value (texts stand in "
                      "quotes)",
                      (int)name->length, name->start);
}

static bool take_include(struct flattener *f, struct cfg_lexer *l, bool for_value)
{
    struct cfg_token path;
    char around = f->frames[f->depth].bracket;
    int line = l->line;
    if (for_value || (around && around != '{'))
        return complain(f, line, "@include may stand only where a key may stand");
    TRY(cfg_lex(l, &path));
    if (path.kind != TOKEN_TEXT || path.length == 0)
        return complain(f, line, "@include wants a file name in quotes");
    struct cfg_source_file file = {.includer = f->file, .from = {f->file->name, line}};
    file.name = cfg_include_path(f->keep, f->file->name, cfg_unescape(f->keep, &path));
    return flatten_file(f, &file);
}

static bool take_mark(struct flattener *f, const struct cfg_token *t, size_t base)
{
    if (strchr("{([", *t->start))
        return open_bracket(f, t);
    if (strchr("})]", *t->start))
        return close_bracket(f, t, base);
    return true;
}

static bool take_words(struct flattener *f, struct cfg_lexer *l, size_t base)
{
    struct cfg_token t;
    for (;;) {
        TRY(cfg_lex(l, &t));
        TRY(check_name(f, &t));
        if (wants_value(&f->last) && t.kind == TOKEN_END)
            return complain(f, f->last.line, "the value behind this key is missing");
        if (t.kind == TOKEN_END)
            return true;
        bool behind_include = f->last.kind == TOKEN_INCLUDE, for_value = wants_value(&f->last);
        f->last = t;
        if (t.kind == TOKEN_INCLUDE) {
            f->last.kind = TOKEN_END; /* the included file begins anew */
            TRY(take_include(f, l, for_value));
            f->last = t;
        } else if (!(behind_include && token_is(&t, ';'))) {
            if (t.kind == TOKEN_MARK)
                TRY(take_mark(f, &t, base));
            put_token(f, &t);
        }
    }
}

static bool flatten_file(struct flattener *f, struct cfg_source_file *file)
{
    TRY(cfg_include_read(f->scratch, file, CFG_BYTES_MAX - f->bytes, f->d));
    f->bytes += file->size;
    const struct cfg_source_file *includer = f->file;
    size_t base = f->depth;
    struct cfg_lexer l = {file->name, file->text, file->text + file->size, 1, f->d};
    f->file = file;
    TRY(take_words(f, &l, base));
    TRY(all_closed(f, base));
    bool ends_open = f->last.kind != TOKEN_END && f->last.kind != TOKEN_INCLUDE &&
                     !token_is(&f->last, ';') && !token_is(&f->last, ',');
    if (includer && ends_open)
        put_word(f, f->last.line, ";", 1);
    f->file = includer;
    return true;
}

bool cfg_flatten(struct arena *keep, struct arena *scratch, const char *path, struct cfg_flat *out,
                 struct diag *d)
{
    struct flattener *f = ARENA_NEW(scratch, struct flattener);
    struct cfg_source_file file = {.name = arena_strdup(keep, path)};
    f->keep = keep;
    f->scratch = scratch;
    f->d = d;
    TRY(flatten_file(f, &file));
    put(f, "\n", 2); /* with its NUL */
    *out = (struct cfg_flat){f->text, f->places, f->lines};
    return true;
}
