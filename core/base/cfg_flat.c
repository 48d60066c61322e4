#include "core/base/cfg_flat.h"

#include "core/base/cfg_include.h"
#include "core/base/cfg_lex.h"
#include "core/base/cfg_order.h"

#include <stdio.h>
#include <string.h>

struct flattener {
    struct arena *keep, *scratch;
    struct diag *d;
    char *text;
    size_t size, capacity;
    struct cfg_place *places;
    size_t lines, lines_capacity;
    size_t bytes;
    const struct cfg_source_file *file;
    struct cfg_order order;
};

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
    bool wide = t->wide || cfg_order_in_array(&f->order); /* arrays hold one type */
    switch (t->kind) {
    case TOKEN_END:
        return;
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

/* --- words --------------------------------------------------------------------------------- */

static bool flatten_file(struct flattener *f, struct cfg_source_file *file);

static bool take_include(struct flattener *f, struct cfg_lexer *l)
{
    struct cfg_token path;
    int line = l->line;
    TRY(cfg_order_may_include(&f->order, line));
    TRY(cfg_lex(l, &path));
    if (path.kind != TOKEN_TEXT || path.length == 0)
        return diag_input(f->d, f->file->name, line, "@include wants a file name in quotes");
    struct cfg_source_file file = {.includer = f->file, .from = {f->file->name, line}};
    file.name = cfg_include_path(f->keep, f->file->name, cfg_unescape(f->keep, &path));
    return flatten_file(f, &file);
}

static bool take_words(struct flattener *f, struct cfg_lexer *l)
{
    size_t base = f->order.depth;
    struct cfg_token t = {.kind = TOKEN_MARK, .start = ";"};
    while (t.kind != TOKEN_END) {
        bool behind_include = t.kind == TOKEN_INCLUDE;
        TRY(cfg_lex(l, &t));
        if (t.kind == TOKEN_INCLUDE) {
            TRY(take_include(f, l));
        } else if (!(behind_include && token_is(&t, ';'))) {
            TRY(cfg_order_take(&f->order, &t, base));
            put_token(f, &t);
        }
    }
    return true;
}

static bool flatten_file(struct flattener *f, struct cfg_source_file *file)
{
    TRY(cfg_include_read(f->scratch, file, CFG_BYTES_MAX - f->bytes, f->d));
    f->bytes += file->size;
    const struct cfg_source_file *includer = f->file;
    struct cfg_lexer l = {file->name, file->text, file->text + file->size, 1, f->d};
    f->file = file;
    f->order.file = file->name;
    TRY(take_words(f, &l));
    f->file = includer;
    f->order.file = includer ? includer->name : NULL;
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
    f->order.scratch = scratch;
    f->order.d = d;
    TRY(flatten_file(f, &file));
    put(f, "\n", 2); /* with its NUL */
    *out = (struct cfg_flat){f->text, f->places, f->lines};
    return true;
}
