#include "core/search/condition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/search/number.h"

/* The longer ones first. */
static const struct {
    const char *word;
    enum relation relation;
} relations[] = {{"<=", AT_MOST}, {">=", AT_LEAST}, {"!=", OTHER}, {"==", EQUAL},
                 {"<", LESS},     {">", MORE},      {"=", EQUAL}};

static const char *trimmed(struct arena *a, const char *from, const char *to)
{
    while (from < to && *from == ' ')
        from++;
    while (to > from && to[-1] == ' ')
        to--;
    return arena_strndup(a, from, (size_t)(to - from));
}

bool condition_read(struct arena *a, const char *text, struct condition *out, struct diag *d)
{
    const char *at = strpbrk(text, "<>=!");
    for (size_t i = 0; at && i < COUNT_OF(relations); i++) {
        size_t length = strlen(relations[i].word);
        if (strncmp(at, relations[i].word, length) != 0)
            continue;
        out->relation = relations[i].relation;
        out->key = trimmed(a, text, at);
        out->text = trimmed(a, at + length, text + strlen(text));
        out->is_number = number_read(out->text, &out->value);
        bool word = out->relation == EQUAL || out->relation == OTHER;
        if (out->key[0] && out->text[0] && (out->is_number || word))
            return true;
        break;
    }
    return diag_input(d, NULL, 0, "--where takes 'KEY < VALUE' (<, <=, >, >=, =, !=), not '%s'",
                      text);
}

bool condition_holds_number(const struct condition *c, double value)
{
    if (!c->is_number || isnan(value))
        return c->relation == OTHER && !isnan(value);
    switch (c->relation) {
    case LESS:
        return value < c->value;
    case AT_MOST:
        return value <= c->value;
    case MORE:
        return value > c->value;
    case AT_LEAST:
        return value >= c->value;
    case EQUAL:
        return value == c->value;
    case OTHER:
        return value != c->value;
    }
    return false;
}

bool condition_holds_text(const struct condition *c, const char *value)
{
    double number;
    if (number_read(value, &number))
        return condition_holds_number(c, number);
    bool same = !strcmp(c->text, value);
    return c->relation == EQUAL ? same : c->relation == OTHER && !same;
}
