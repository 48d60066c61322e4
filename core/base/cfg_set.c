#include "core/base/cfg_tree.h"

#include <string.h>

static bool complain(const struct cfg *c, const struct cfg_override *o, struct diag *d,
                     const char *what, const char *name)
{
    return diag_input(d, NULL, 0, "--set %s%s=%s: %s%s", c->within, o->path, o->value, what, name);
}

/* The group that holds the last word of the path. */
static struct cfg_group *find_group(struct cfg *c, const struct cfg_override *o, struct diag *d)
{
    struct cfg_group *g = c->root;
    const char *at = o->path, *dot;
    while ((dot = strchr(at, '.'))) {
        const char *key = arena_strndup(c->arena, at, (size_t)(dot - at));
        struct cfg_entry *e = cfg_entry(g, key);
        if (strcmp(key, "published") == 0)
            return (void)complain(c, o, d, "published figures are not for setting", ""), NULL;
        if (!e || e->value.kind != KIND_GROUP) {
            const char *path =
                arena_printf(c->arena, "%s%.*s", c->within, (int)(dot - o->path), o->path);
            return (void)complain(c, o, d, "the config has no group ", path), NULL;
        }
        g = e->value.group;
        at = dot + 1;
    }
    return g;
}

static bool is_number(enum cfg_kind kind)
{
    return kind == KIND_INT || kind == KIND_REAL;
}

/* A text keeps what was written; numbers may turn into each other: the schema decides. */
static bool follow_kind(struct cfg *c, const struct cfg_override *o, const struct cfg_entry *old,
                        struct cfg_value *v, struct diag *d)
{
    if (old->value.kind == v->kind || (is_number(old->value.kind) && is_number(v->kind)))
        return true;
    if (old->value.kind != KIND_TEXT)
        return complain(c, o, d, "the config has there ", cfg_kind_name(old->value.kind));
    *v = (struct cfg_value){.kind = KIND_TEXT, .text = arena_strdup(c->arena, o->value)};
    return true;
}

static struct cfg_entry *add_entry(struct cfg *c, struct cfg_group *g, const char *key)
{
    struct cfg_entry *entries = ARENA_ARRAY(c->arena, struct cfg_entry, g->count + 1);
    if (g->count)
        memcpy(entries, g->entries, g->count * sizeof *entries);
    g->entries = entries;
    entries[g->count].key = arena_strdup(c->arena, key);
    return &entries[g->count++];
}

/* Where nothing stood, 16nm and ./trace.gz are texts, but 3000000000 and [1, are mistakes. */
static bool is_wordy(const char *value)
{
    return value[0] != '[' && value[0] != '"' && value[strspn(value, "0123456789+-.eExXL ")];
}

static bool parse_value(struct cfg *c, const struct cfg_override *o, const struct cfg_entry *old,
                        struct cfg_value *v, struct diag *d)
{
    struct diag why = {.status = 0};
    if (cfg_value_parse(c->arena, o->value, v, &why))
        return true;
    bool text = old ? old->value.kind == KIND_TEXT : is_wordy(o->value);
    if (!text)
        return complain(c, o, d, why.text, "");
    *v = (struct cfg_value){.kind = KIND_TEXT, .text = arena_strdup(c->arena, o->value)};
    return true;
}

bool cfg_set(struct cfg *c, const struct cfg_override *o, struct diag *d)
{
    struct cfg_group *g = find_group(c, o, d);
    if (!g)
        return false;
    const char *dot = strrchr(o->path, '.'), *key = dot ? dot + 1 : o->path;
    struct cfg_entry *e = cfg_entry(g, key);
    struct cfg_value v;
    if (!key[0])
        return complain(c, o, d, "the path ends without a key", "");
    if (strcmp(key, "published") == 0)
        return complain(c, o, d, "published figures are not for setting", "");
    TRY(parse_value(c, o, e, &v, d));
    if (e)
        TRY(follow_kind(c, o, e, &v, d));
    else
        e = add_entry(c, g, key);
    e->value = v;
    e->set = true;
    e->place.file = arena_printf(c->arena, "--set %s%s=%s", c->within, o->path, o->value);
    e->place.line = 0;
    return true;
}
