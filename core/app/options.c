#include "core/app/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/near.h"

/* The words still to be read, and where they go. */
struct parser {
    struct arena *arena;
    int argc, next;
    char **argv;
    const struct option_table *tables;
    size_t table_count;
    struct diag *d;
};

/* A number begins at once: strtod would skip blanks, and take "inf" and "nan". */
static bool begins_number(const char *text)
{
    text += *text == '-' || *text == '+';
    return (*text >= '0' && *text <= '9') || *text == '.';
}

bool parse_int(const char *text, double min, double max, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!begins_number(text) || *end || errno || (double)value < min || (double)value > max)
        return false;
    *out = value;
    return true;
}

bool parse_real(const char *text, double min, double max, double *out)
{
    char *end;
    double value = strtod(text, &end);
    if (!begins_number(text) || *end || !isfinite(value) || value < min || value > max)
        return false;
    *out = value;
    return true;
}

static bool parse_reals(struct arena *a, const char *text, const struct option *o,
                        struct reals *out)
{
    out->count = 0;
    while (out->count < REALS_MAX) {
        size_t length = strcspn(text, ",");
        const char *word = arena_strndup(a, text, length);
        TRY(parse_real(word, o->min, o->max, &out->items[out->count]));
        out->count++;
        if (!text[length])
            return true;
        text += length + 1;
    }
    return false;
}

static void add_text(struct arena *a, struct texts *list, const char *text)
{
    if ((list->count & (list->count + 1)) == 0) { /* full at 0, 1, 3, 7, ... with its NULL */
        const char **larger = ARENA_ARRAY(a, const char *, 2 * (list->count + 1));
        if (list->count)
            memcpy(larger, list->items, list->count * sizeof *larger);
        list->items = larger;
    }
    list->items[list->count++] = text;
    list->items[list->count] = NULL;
}

static bool bad_number(struct parser *p, const struct option *o, const char *kind, const char *text)
{
    return diag_input(p->d, NULL, 0, "--%s takes %s from %.17g to %.17g, not '%s'", o->name, kind,
                      o->min, o->max, text);
}

static bool store(struct parser *p, const struct option *o, void *values, const char *text)
{
    char *at = (char *)values + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        *(bool *)(void *)at = true;
        return true;
    case OPTION_TEXT:
        *(const char **)(void *)at = text;
        return true;
    case OPTION_TEXTS:
        add_text(p->arena, (struct texts *)(void *)at, text);
        return true;
    case OPTION_INT:
        return parse_int(text, o->min, o->max, (int64_t *)(void *)at) ||
               bad_number(p, o, "a whole number", text);
    case OPTION_REAL:
        return parse_real(text, o->min, o->max, (double *)(void *)at) ||
               bad_number(p, o, "a number", text);
    case OPTION_REALS:
        return parse_reals(p->arena, text, o, (struct reals *)(void *)at) ||
               bad_number(p, o, "numbers joined by commas, each", text);
    }
    return false;
}

/* --- finding ---------------------------------------------------------------------------------- */

static const struct option *find(const struct parser *p, const char *name, size_t length,
                                 char letter, void **values)
{
    for (size_t t = 0; t < p->table_count; t++) {
        for (size_t i = 0; i < p->tables[t].count; i++) {
            const struct option *o = &p->tables[t].options[i];
            bool named = name && strlen(o->name) == length && !memcmp(o->name, name, length);
            if (named || (!name && o->letter && o->letter == letter)) {
                *values = p->tables[t].values;
                return o;
            }
        }
    }
    return NULL;
}

/* The option that a mistyped name is nearest to, or NULL. */
static const char *nearest(const struct parser *p, const char *name)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t t = 0; t < p->table_count; t++) {
        for (size_t i = 0; i < p->tables[t].count; i++) {
            const char *known = p->tables[t].options[i].name;
            size_t distance = cfg_distance(name, known, 4);
            if (cfg_is_near(name, known) && distance < best_distance) {
                best = known;
                best_distance = distance;
            }
        }
    }
    return best;
}

static bool unknown(struct parser *p, const char *name)
{
    const char *meant = nearest(p, name);
    if (meant)
        return diag_input(p->d, NULL, 0, "there is no option --%s; did you mean --%s?", name,
                          meant);
    return diag_input(p->d, NULL, 0, "there is no option --%s; --help lists all", name);
}

/* --- words ------------------------------------------------------------------------------------ */

static bool looks_like_option(const char *word)
{
    return word[0] == '-' && word[1] == '-' && word[2];
}

static bool take_value(struct parser *p, const struct option *o, const char **value)
{
    if (p->next >= p->argc || looks_like_option(p->argv[p->next]))
        return diag_input(p->d, NULL, 0, "--%s needs a value: --%s %s", o->name, o->name, o->value);
    *value = p->argv[p->next++];
    return true;
}

static bool take_long(struct parser *p, const char *word)
{
    void *values;
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : NULL;
    const struct option *o = find(p, word, length, 0, &values);
    if (!o)
        return unknown(p, arena_strndup(p->arena, word, length));
    if (o->type == OPTION_FLAG && value)
        return diag_input(p->d, NULL, 0, "--%s takes no value", o->name);
    if (o->type != OPTION_FLAG && !value)
        TRY(take_value(p, o, &value));
    return store(p, o, values, value);
}

static bool take_letters(struct parser *p, const char *letters)
{
    for (; *letters; letters++) {
        void *values;
        const char *value = NULL;
        const struct option *o = find(p, NULL, 0, *letters, &values);
        if (!o)
            return diag_input(p->d, NULL, 0, "there is no option -%c; --help lists all", *letters);
        bool rest = o->type != OPTION_FLAG && letters[1];
        if (rest)
            value = letters + 1;
        else if (o->type != OPTION_FLAG)
            TRY(take_value(p, o, &value));
        TRY(store(p, o, values, value));
        if (rest)
            break;
    }
    return true;
}

bool options_parse(struct arena *a, int argc, char **argv, const struct option_table *tables,
                   size_t table_count, struct texts *words, struct diag *d)
{
    struct parser p = {.arena = a,
                       .argc = argc,
                       .argv = argv,
                       .tables = tables,
                       .table_count = table_count,
                       .d = d};
    bool ended = false;
    while (p.next < argc) {
        const char *word = argv[p.next++];
        if (ended || word[0] != '-' || !word[1])
            add_text(a, words, word);
        else if (!strcmp(word, "--"))
            ended = true;
        else if (word[1] == '-')
            TRY(take_long(&p, word + 2));
        else
            TRY(take_letters(&p, word + 1));
    }
    return true;
}
