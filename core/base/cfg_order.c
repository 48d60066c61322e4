#include "core/base/cfg_order.h"

#include <string.h>

/* A key that was seen, for finding it a second time. */
struct cfg_seen {
    const char *key;
    size_t length;
    uint32_t group;
    struct cfg_place place;
};

static bool complain(const struct cfg_order *o, int line, const char *what)
{
    return diag_input(o->d, o->file, line, "%s", what);
}

static bool complain_word(const struct cfg_order *o, const struct cfg_token *t, const char *what)
{
    return diag_input(o->d, o->file, t->line, "'%.*s' %s", (int)t->length, t->start, what);
}

static bool in_list(const struct cfg_order *o)
{
    char bracket = o->frames[o->depth].bracket;
    return bracket == '[' || bracket == '(';
}

/* --- keys ---------------------------------------------------------------------------------- */

static size_t seen_slot(const struct cfg_order *o, const struct cfg_seen *s)
{
    uint64_t h = s->group;
    for (size_t i = 0; i < s->length; i++)
        h = (h ^ (unsigned char)s->key[i]) * 0x100000001b3u;
    size_t slot = (h ^ h >> 32) & o->seen_mask;
    while (o->seen[slot].key &&
           (o->seen[slot].group != s->group || o->seen[slot].length != s->length ||
            memcmp(o->seen[slot].key, s->key, s->length) != 0))
        slot = (slot + 1) & o->seen_mask;
    return slot;
}

static void seen_grow(struct cfg_order *o)
{
    struct cfg_seen *old = o->seen;
    size_t size = o->seen ? o->seen_mask + 1 : 0;
    o->seen_mask = size ? 2 * size - 1 : 255;
    o->seen = ARENA_ARRAY(o->scratch, struct cfg_seen, o->seen_mask + 1);
    for (size_t i = 0; i < size; i++)
        if (old[i].key)
            o->seen[seen_slot(o, &old[i])] = old[i];
}

static bool count_key(struct cfg_order *o, int line)
{
    if (++o->frames[o->depth].keys > CFG_GROUP_KEYS_MAX)
        return complain(o, line, "a group may have at most 4,096 keys");
    if (++o->keys > CFG_KEYS_MAX)
        return complain(o, line, "a config may have at most 16,384 keys in all");
    return true;
}

static bool take_key(struct cfg_order *o, const struct cfg_token *name)
{
    TRY(count_key(o, name->line));
    if (!o->seen || 2 * o->keys > o->seen_mask)
        seen_grow(o);
    struct cfg_seen key = {
        name->start, name->length, o->frames[o->depth].group, {o->file, name->line}};
    struct cfg_seen *before = &o->seen[seen_slot(o, &key)];
    if (before->key)
        return diag_input(o->d, o->file, name->line,
                          "the key '%.*s' stands twice in its group, first at %s:%d",
                          (int)name->length, name->start, before->place.file, before->place.line);
    *before = key;
    return true;
}

/* --- brackets ------------------------------------------------------------------------------ */

static bool open_bracket(struct cfg_order *o, const struct cfg_token *t)
{
    bool group = *t->start == '{';
    if (o->depth == CFG_NESTING_MAX)
        return complain(o, t->line, "brackets nest more than 32 deep");
    if (group && in_list(o))
        return complain(o, t->line, "a group may not stand in a list; give each group a name");
    if (!group && cfg_order_in_array(o))
        return complain(o, t->line, "an array in [ ] holds no lists; use ( ) around them");
    o->frames[++o->depth] =
        (struct cfg_frame){.bracket = *t->start, .place = {o->file, t->line}, .group = ++o->groups};
    o->wanted = group ? WANT_KEY : WANT_VALUE_OR_END;
    return true;
}

static bool close_bracket(struct cfg_order *o, const struct cfg_token *t, size_t base)
{
    const struct cfg_frame *frame = &o->frames[o->depth];
    char opens = *t->start == '}' ? '{' : *t->start == ')' ? '(' : '[';
    if (o->depth == base)
        return complain_word(o, t, "closes nothing that this file opened");
    if (frame->bracket != opens)
        return diag_input(o->d, o->file, t->line, "'%c' does not close the '%c' of line %d",
                          *t->start, frame->bracket, frame->place.line);
    o->depth--;
    o->wanted = BEHIND_VALUE;
    return true;
}

static bool take_end(struct cfg_order *o, size_t base)
{
    const struct cfg_frame *frame = &o->frames[o->depth];
    if (o->wanted == BEHIND_TEXT)
        o->wanted = BEHIND_VALUE; /* the next file's text does not continue this one's */
    if (o->depth == base)
        return true;
    return diag_input(o->d, frame->place.file, frame->place.line, "this '%c' is not closed",
                      frame->bracket);
}

/* --- what is wanted ------------------------------------------------------------------------ */

static bool is_mark(const struct cfg_token *t, const char *marks)
{
    return t->kind == TOKEN_MARK && strchr(marks, *t->start);
}

/* libconfig's arrays hold one type. */
static bool check_array(struct cfg_order *o, const struct cfg_token *t)
{
    struct cfg_frame *frame = &o->frames[o->depth];
    if (frame->bracket != '[')
        return true;
    if (frame->has_kind && frame->kind != t->kind)
        return complain_word(o, t,
                             "has another type than the values before it; an array in [ ] "
                             "holds one type (reals are written 1.0)");
    frame->has_kind = true;
    frame->kind = t->kind;
    return true;
}

static bool take_value(struct cfg_order *o, const struct cfg_token *t)
{
    if (is_mark(t, "{[("))
        return open_bracket(o, t);
    if (t->kind == TOKEN_NAME)
        return complain_word(o, t, "is no value; a text stands in quotes");
    if (t->kind == TOKEN_MARK)
        return complain_word(o, t, "stands where a value is wanted");
    TRY(check_array(o, t));
    o->wanted = t->kind == TOKEN_TEXT ? BEHIND_TEXT : BEHIND_VALUE;
    return true;
}

static bool take_name(struct cfg_order *o, const struct cfg_token *t)
{
    if (t->kind != TOKEN_NAME)
        return complain_word(o, t, "stands where a key is wanted");
    o->name = *t;
    o->wanted = WANT_EQUALS;
    return true;
}

static bool take_equals(struct cfg_order *o, const struct cfg_token *t)
{
    if (!is_mark(t, "=:"))
        return complain_word(o, &o->name, "is a key without a value; write = behind it");
    o->wanted = WANT_VALUE;
    return take_key(o, &o->name);
}

static bool take_behind_value(struct cfg_order *o, const struct cfg_token *t)
{
    if (o->wanted == BEHIND_TEXT && t->kind == TOKEN_TEXT)
        return true;
    bool list = in_list(o);
    if (list && !is_mark(t, ","))
        return complain_word(o, t, "stands where a , or the end of the list is wanted");
    if (!list && !is_mark(t, ",;"))
        return take_name(o, t); /* the ; between settings may be left out */
    o->wanted = list ? WANT_VALUE : WANT_KEY;
    return true;
}

/* A bracket may close behind a value and where nothing was begun. */
static bool may_close(const struct cfg_order *o)
{
    return o->wanted != WANT_EQUALS && o->wanted != WANT_VALUE;
}

bool cfg_order_take(struct cfg_order *o, const struct cfg_token *t, size_t base)
{
    if (t->kind == TOKEN_END && o->wanted == WANT_VALUE && !in_list(o))
        return complain_word(o, &o->name, "has no value");
    if (t->kind == TOKEN_END && o->wanted != WANT_EQUALS)
        return take_end(o, base);
    if (is_mark(t, "}])") && may_close(o))
        return close_bracket(o, t, base);
    switch (o->wanted) {
    case WANT_KEY:
        return take_name(o, t);
    case WANT_EQUALS:
        return take_equals(o, t);
    case WANT_VALUE:
    case WANT_VALUE_OR_END:
        return take_value(o, t);
    default:
        return take_behind_value(o, t);
    }
}

bool cfg_order_may_include(const struct cfg_order *o, int line)
{
    if (o->wanted == WANT_EQUALS)
        return complain_word(o, &o->name, "is a key without a value; write = behind it");
    if (in_list(o) || o->wanted == WANT_VALUE)
        return complain(o, line, "@include may stand only where a key may stand");
    return true;
}
