#include "core/base/cfg_tree.h"

#include <string.h>

/* What a group says about itself and its numbers; no model reads these. */
static const char *const meta_keys[] = {"source", "sources", "recalled", "assumed",
                                        "spread", "note",    "title",    "published"};

bool cfg_is_meta(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(meta_keys); i++)
        if (strcmp(key, meta_keys[i]) == 0)
            return true;
    return false;
}

static bool wrong_kind(const struct cfg_entry *e, struct diag *d, const char *wanted)
{
    return diag_input(d, e->place.file, e->place.line, "'%s' is %s; it must be %s", e->key,
                      cfg_kind_name(e->value.kind), wanted);
}

/* Whoever is named in a meta key of g must stand in g as a value. */
static bool check_named(const struct cfg_group *g, const struct cfg_entry *meta,
                        const struct cfg_place *place, const char *key, struct diag *d)
{
    const struct cfg_entry *e = cfg_entry(g, key);
    if (!e || cfg_is_meta(key))
        return diag_input(d, place->file, place->line,
                          "'%s' names '%s', which does not stand in this group", meta->key, key);
    if (e->value.kind == KIND_GROUP)
        return diag_input(d, place->file, place->line,
                          "'%s' names the group '%s'; name its keys inside it", meta->key, key);
    return true;
}

static bool check_text(const struct cfg_entry *e, struct diag *d)
{
    if (e->value.kind != KIND_TEXT)
        return wrong_kind(e, d, "a text in quotes");
    if (!e->value.text[0])
        return diag_input(d, e->place.file, e->place.line, "'%s' is empty", e->key);
    return true;
}

static bool check_names(const struct cfg_group *g, const struct cfg_entry *e, struct diag *d)
{
    if (e->value.kind != KIND_LIST)
        return wrong_kind(e, d, "a list of keys such as [\"energy_pj\"]");
    for (size_t i = 0; i < e->value.count; i++) {
        const struct cfg_value *item = &e->value.items[i];
        if (item->kind != KIND_TEXT)
            return diag_input(d, e->place.file, e->place.line,
                              "'%s' must hold keys in quotes, not %s", e->key,
                              cfg_kind_name(item->kind));
        TRY(check_named(g, e, &e->place, item->text, d));
    }
    return true;
}

static bool check_sources(const struct cfg_group *g, const struct cfg_entry *e, struct diag *d)
{
    if (e->value.kind != KIND_GROUP)
        return wrong_kind(e, d, "a group such as { key = \"source\"; }");
    for (size_t i = 0; i < e->value.group->count; i++) {
        const struct cfg_entry *one = &e->value.group->entries[i];
        TRY(check_named(g, e, &one->place, one->key, d));
        TRY(check_text(one, d));
    }
    return true;
}

static double number_of(const struct cfg_value *v)
{
    return v->kind == KIND_INT ? (double)v->integer : v->real;
}

static bool check_spread(const struct cfg_group *g, const struct cfg_entry *e, struct diag *d)
{
    if (e->value.kind != KIND_GROUP)
        return wrong_kind(e, d, "a group such as { key = 0.2; }");
    for (size_t i = 0; i < e->value.group->count; i++) {
        const struct cfg_entry *one = &e->value.group->entries[i];
        TRY(check_named(g, e, &one->place, one->key, d));
        if (one->value.kind != KIND_INT && one->value.kind != KIND_REAL)
            return wrong_kind(one, d, "a relative standard uncertainty such as 0.2");
        if (!(number_of(&one->value) >= 0 && number_of(&one->value) <= 10))
            return diag_input(d, one->place.file, one->place.line,
                              "the spread of '%s' is %g; it must lie between 0 and 10 (0.2 is "
                              "20 %%)",
                              one->key, number_of(&one->value));
    }
    return true;
}

static bool check_entry(const struct cfg_group *g, const struct cfg_entry *e, struct diag *d)
{
    if (strcmp(e->key, "source") == 0 || strcmp(e->key, "note") == 0 ||
        strcmp(e->key, "title") == 0)
        return check_text(e, d);
    if (strcmp(e->key, "recalled") == 0 || strcmp(e->key, "assumed") == 0)
        return check_names(g, e, d);
    if (strcmp(e->key, "sources") == 0)
        return check_sources(g, e, d);
    if (strcmp(e->key, "spread") == 0)
        return check_spread(g, e, d);
    if (strcmp(e->key, "published") == 0 && e->value.kind != KIND_GROUP)
        return wrong_kind(e, d, "a group { ... }");
    return e->value.kind != KIND_GROUP || cfg_check_meta(e->value.group, d);
}

bool cfg_check_meta(const struct cfg_group *g, struct diag *d)
{
    for (size_t i = 0; i < g->count; i++)
        TRY(check_entry(g, &g->entries[i], d));
    return true;
}

/* The entry `key` of the meta group `meta` ("sources", "spread") of g, or NULL. */
static const struct cfg_entry *meta_entry(const struct cfg_group *g, const char *meta,
                                          const char *key)
{
    const struct cfg_entry *e = cfg_entry(g, meta);
    return e && e->value.kind == KIND_GROUP ? cfg_entry(e->value.group, key) : NULL;
}

static bool is_listed(const struct cfg_group *g, const char *list, const char *key)
{
    const struct cfg_entry *e = cfg_entry(g, list);
    if (!e || e->value.kind != KIND_LIST)
        return false;
    for (size_t i = 0; i < e->value.count; i++)
        if (e->value.items[i].kind == KIND_TEXT && strcmp(e->value.items[i].text, key) == 0)
            return true;
    return false;
}

/* The source that g's numbers inherit. */
static const char *inherited_source(const struct cfg_group *g)
{
    for (; g; g = g->parent) {
        const char *source = cfg_text_or(g, "source", NULL);
        if (source)
            return source;
    }
    return NULL;
}

const char *cfg_source_of(const struct cfg_group *g, const char *key)
{
    if (!key)
        return inherited_source(g);
    const struct cfg_entry *e = cfg_entry(g, key), *own = meta_entry(g, "sources", key);
    if (!e || e->set)
        return NULL;
    if (own)
        return own->value.text;
    return is_listed(g, "assumed", key) ? NULL : inherited_source(g);
}

bool cfg_trust(const struct cfg_group *g, const struct cfg_entry *e, struct quantity *q,
               struct diag *d)
{
    const struct cfg_entry *spread = meta_entry(g, "spread", e->key);
    q->spread = 0;
    q->from = FROM_SET;
    if (e->set)
        return true;
    if (spread)
        q->spread = number_of(&spread->value);
    q->from = FROM_ASSUMED;
    if (is_listed(g, "assumed", e->key))
        return true;
    if (!cfg_source_of(g, e->key))
        return diag_input(d, e->place.file, e->place.line,
                          "'%s' has no source: write source = \"...\" in its group, or list it in "
                          "assumed = [\"%s\"]",
                          e->key, e->key);
    q->from = is_listed(g, "recalled", e->key) ? FROM_RECALLED : FROM_SOURCE;
    return true;
}
