#include "core/base/cfg_tree.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LIST_TEXT_MAX = 400 };

/* One field being read. */
struct reading {
    const struct cfg_group *group;
    const struct cfg_schema *schema; /* of the whole read, for its name */
    const struct cfg_field *field;
    const struct cfg_entry *entry; /* NULL: the default */
    void *out;
    struct diag *d;
};

/* --- messages ------------------------------------------------------------------------------ */

static void append(char *out, size_t size, const char *text)
{
    size_t used = strlen(out);
    if (used + 1 < size)
        snprintf(out + used, size - used, "%s", text);
}

static void append_word(char *out, size_t size, const char *word)
{
    if (out[0])
        append(out, size, ", ");
    append(out, size, word);
}

static void join_choices(const struct cfg_field *f, char *out, size_t size)
{
    out[0] = '\0';
    for (const char *const *word = f->choices; word && *word; word++)
        append_word(out, size, *word);
}

/* What a field may hold; a bound beyond 1e300 is none: "a number from 0.4 to 1.2 V". */
static void describe(const struct cfg_field *f, char *out, size_t size)
{
    static const char *const kinds[] = {
        [CFG_BOOL] = "true or false",     [CFG_INT] = "an integer",
        [CFG_REAL] = "a number",          [CFG_QUANTITY] = "a number",
        [CFG_TEXT] = "a text in quotes",  [CFG_CHOICE] = "one of: ",
        [CFG_INTS] = "a list of integers"};
    char range[96] = "", words[LIST_TEXT_MAX];
    bool open_below = !(f->min > -1e300), open_above = !(f->max < 1e300);
    snprintf(out, size, "%s", kinds[f->type]);
    if (f->type == CFG_CHOICE) {
        join_choices(f, words, sizeof words);
        append(out, size, words);
        return;
    }
    if (f->min != 0 || f->max != 0) {
        if (!open_below && !open_above)
            snprintf(range, sizeof range, " from %.10g to %.10g", f->min, f->max);
        else if (!open_below)
            snprintf(range, sizeof range, " of at least %.10g", f->min);
        else if (!open_above)
            snprintf(range, sizeof range, " of at most %.10g", f->max);
    }
    append(out, size, range);
    if (f->unit && f->unit[0]) {
        append(out, size, range[0] ? " " : " in ");
        append(out, size, f->unit);
    }
}

static bool complain(const struct reading *r, const char *what)
{
    char wanted[LIST_TEXT_MAX + 100];
    describe(r->field, wanted, sizeof wanted);
    return cfg_complain(r->group, r->field->key, r->d, "'%s' %s; it must be %s", r->field->key,
                        what, wanted);
}

/* The article is right for every schema name only without one. */
static const char *name_of(const struct cfg_schema *s)
{
    return s->name && s->name[0] ? s->name : "this group";
}

static bool complain_missing(const struct reading *r)
{
    char wanted[LIST_TEXT_MAX + 100];
    describe(r->field, wanted, sizeof wanted);
    return cfg_complain(r->group, NULL, r->d, "%s: the key '%s' is missing; it must be %s",
                        name_of(r->schema), r->field->key, wanted);
}

/* --- unknown keys -------------------------------------------------------------------------- */

static bool is_group_name(const struct cfg_schema *schema, const char *key)
{
    for (; schema; schema = schema->base)
        for (const char *const *name = schema->groups; name && *name; name++)
            if (strcmp(*name, key) == 0)
                return true;
    return false;
}

static bool is_field(const struct cfg_schema *schema, const char *key)
{
    for (; schema; schema = schema->base)
        for (size_t i = 0; i < schema->count; i++)
            if (strcmp(schema->fields[i].key, key) == 0)
                return true;
    return false;
}

static void keep_nearest(const char *key, const char *known, const char **best, size_t *distance)
{
    size_t d = cfg_distance(key, known, 4);
    if (cfg_is_near(key, known) && (!*best || d < *distance)) {
        *best = known;
        *distance = d;
    }
}

/* The known key that `key` may mean; all known ones into `all`. */
static const char *nearest(const struct cfg_schema *schema, const char *key, char *all, size_t size)
{
    const char *best = NULL;
    size_t distance = 0;
    all[0] = '\0';
    for (; schema; schema = schema->base) {
        for (size_t i = 0; i < schema->count; i++) {
            keep_nearest(key, schema->fields[i].key, &best, &distance);
            append_word(all, size, schema->fields[i].key);
        }
        for (const char *const *name = schema->groups; name && *name; name++) {
            keep_nearest(key, *name, &best, &distance);
            append_word(all, size, *name);
        }
    }
    return best;
}

static bool refuse_unknown(const struct cfg_group *g, const struct cfg_schema *schema,
                           const struct cfg_entry *e, struct diag *d)
{
    char all[LIST_TEXT_MAX];
    if (cfg_is_meta(e->key) || is_field(schema, e->key))
        return true;
    if (is_group_name(schema, e->key)) {
        if (e->value.kind == KIND_GROUP)
            return true;
        return cfg_complain(g, e->key, d, "'%s' is %s; it must be a group { ... }", e->key,
                            cfg_kind_name(e->value.kind));
    }
    const char *near = nearest(schema, e->key, all, sizeof all);
    if (near)
        return cfg_complain(g, e->key, d, "%s: '%s' is not known; did you mean '%s'?",
                            name_of(schema), e->key, near);
    return cfg_complain(g, e->key, d, "%s: '%s' is not known; known are: %s", name_of(schema),
                        e->key, all);
}

/* --- values -------------------------------------------------------------------------------- */

static bool has_range(const struct cfg_field *f)
{
    return f->min != 0 || f->max != 0;
}

/* A default may lie outside of the range: 0 for "none". */
static bool check_range(const struct reading *r, double value)
{
    char what[64];
    if (!r->entry || !has_range(r->field) || (value >= r->field->min && value <= r->field->max))
        return true;
    snprintf(what, sizeof what, "%s %.10g", r->field->type == CFG_INTS ? "holds" : "is", value);
    return complain(r, what);
}

static bool complain_kind(const struct reading *r, const struct cfg_value *v)
{
    char what[32];
    snprintf(what, sizeof what, "is %s", cfg_kind_name(v->kind));
    return complain(r, what);
}

static bool take_integer(const struct reading *r, const struct cfg_value *v, int64_t *out)
{
    if (v->kind != KIND_INT)
        return complain_kind(r, v);
    TRY(check_range(r, (double)v->integer));
    *out = v->integer;
    return true;
}

static bool take_number(const struct reading *r, const struct cfg_value *v, double *out)
{
    double value = v->kind == KIND_INT ? (double)v->integer : v->real;
    if (v->kind != KIND_INT && v->kind != KIND_REAL)
        return complain_kind(r, v);
    TRY(check_range(r, value));
    *out = value;
    return true;
}

static bool take_text(const struct reading *r, const struct cfg_value *v, const char **out)
{
    if (v->kind != KIND_TEXT)
        return complain_kind(r, v);
    *out = v->text;
    return true;
}

static bool take_bool(const struct reading *r, const struct cfg_value *v, bool *out)
{
    if (v->kind != KIND_BOOL)
        return complain_kind(r, v);
    *out = v->flag;
    return true;
}

static bool take_choice(const struct reading *r, const struct cfg_value *v, int *out)
{
    char what[160];
    if (v->kind != KIND_TEXT)
        return complain_kind(r, v);
    for (int i = 0; r->field->choices && r->field->choices[i]; i++) {
        if (strcmp(r->field->choices[i], v->text) == 0) {
            *out = i;
            return true;
        }
    }
    snprintf(what, sizeof what, "is \"%.100s\"", v->text);
    return complain(r, what);
}

static bool take_integers(const struct reading *r, const struct cfg_value *v, struct cfg_ints *out)
{
    if (v->kind != KIND_LIST)
        return complain_kind(r, v);
    int64_t *values = ARENA_ARRAY(r->group->arena, int64_t, v->count);
    for (size_t i = 0; i < v->count; i++) {
        if (v->items[i].kind != KIND_INT)
            return complain(r, "holds something else than integers");
        TRY(take_integer(r, &v->items[i], &values[i]));
    }
    *out = (struct cfg_ints){values, v->count};
    return true;
}

static bool take_value(const struct reading *r, const struct cfg_value *v)
{
    void *to = (char *)r->out + r->field->offset;
    struct quantity trust = quantity_of(0, FROM_ASSUMED, 0);
    switch (r->field->type) {
    case CFG_BOOL:
        return take_bool(r, v, to);
    case CFG_TEXT:
        return take_text(r, v, to);
    case CFG_CHOICE:
        return take_choice(r, v, to);
    case CFG_INT:
        TRY(take_integer(r, v, to));
        break;
    case CFG_INTS:
        TRY(take_integers(r, v, to));
        break;
    case CFG_REAL:
        TRY(take_number(r, v, to));
        break;
    case CFG_QUANTITY:
        TRY(take_number(r, v, &trust.value));
        break;
    }
    if (r->entry)
        TRY(cfg_trust(r->group, r->entry, &trust, r->d));
    if (r->field->type == CFG_QUANTITY)
        *(struct quantity *)to = trust;
    return true;
}

/* Texts and choices may be written without quotes in a schema. */
static bool parse_fallback(const struct reading *r, struct cfg_value *v)
{
    const struct cfg_field *f = r->field;
    if ((f->type == CFG_TEXT || f->type == CFG_CHOICE) && f->fallback[0] != '"') {
        *v = (struct cfg_value){.kind = KIND_TEXT, .text = f->fallback};
        return true;
    }
    return cfg_value_parse(r->group->arena, f->fallback, v, r->d);
}

static bool read_field(struct reading *r)
{
    struct cfg_value v;
    r->entry = cfg_entry(r->group, r->field->key);
    if (r->entry)
        return take_value(r, &r->entry->value);
    if (!r->field->fallback)
        return complain_missing(r);
    return parse_fallback(r, &v) && take_value(r, &v);
}

static bool read_fields(struct reading *r, const struct cfg_schema *schema)
{
    for (; schema; schema = schema->base) {
        for (size_t i = 0; i < schema->count; i++) {
            r->field = &schema->fields[i];
            TRY(read_field(r));
        }
    }
    return true;
}

bool cfg_read(const struct cfg_group *g, const struct cfg_schema *schema, void *out, struct diag *d)
{
    struct reading r = {.group = g, .schema = schema, .out = out, .d = d};
    for (size_t i = 0; i < g->count; i++)
        TRY(refuse_unknown(g, schema, &g->entries[i], d));
    return read_fields(&r, schema);
}
