#include "core/base/cfg.h"

#include "core/base/cfg_tree.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

/* --- from libconfig's tree to ours --------------------------------------------------------- */

struct builder {
    struct arena *arena;
    const struct cfg_flat *flat;
    struct diag *d;
};

static struct cfg_place place_of(const struct cfg_flat *flat, long line)
{
    if (line < 1 || !flat->lines)
        return (struct cfg_place){"", 0};
    size_t index = (size_t)line - 1;
    return flat->places[index < flat->lines ? index : flat->lines - 1];
}

/* How many bytes the UTF-8 character at `at` has; 0 when it is none. */
static size_t utf8_length(const unsigned char *at)
{
    size_t length = at[0] < 0x80                    ? 1
                    : at[0] >= 0xc2 && at[0] < 0xe0 ? 2
                    : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
                    : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
                                                    : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool beyond = (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf4 && at[1] > 0x8f);
    return overlong || beyond ? 0 : length;
}

static bool is_utf8(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t length = utf8_length(at);
        if (!length)
            return false;
        at += length;
    }
    return true;
}

static bool build_group(struct builder *b, config_setting_t *from, struct cfg_group *g);
static bool build_value(struct builder *b, config_setting_t *from, struct cfg_place place,
                        struct cfg_value *v);

static bool build_text(struct builder *b, config_setting_t *from, struct cfg_place place,
                       struct cfg_value *v)
{
    const char *text = config_setting_get_string(from);
    v->kind = KIND_TEXT;
    v->text = arena_strdup(b->arena, text ? text : "");
    if (is_utf8(v->text))
        return true;
    return diag_input(b->d, place.file, place.line, "this text is not UTF-8");
}

static bool build_list(struct builder *b, config_setting_t *from, struct cfg_place place,
                       struct cfg_value *v)
{
    size_t count = (size_t)config_setting_length(from);
    struct cfg_value *items = ARENA_ARRAY(b->arena, struct cfg_value, count);
    for (size_t i = 0; i < count; i++)
        TRY(build_value(b, config_setting_get_elem(from, (unsigned)i), place, &items[i]));
    *v = (struct cfg_value){.kind = KIND_LIST, .count = count, .items = items};
    return true;
}

static bool build_value(struct builder *b, config_setting_t *from, struct cfg_place place,
                        struct cfg_value *v)
{
    switch (config_setting_type(from)) {
    case CONFIG_TYPE_BOOL:
        *v = (struct cfg_value){.kind = KIND_BOOL, .flag = config_setting_get_bool(from)};
        return true;
    case CONFIG_TYPE_INT:
        *v = (struct cfg_value){.kind = KIND_INT, .integer = config_setting_get_int(from)};
        return true;
    case CONFIG_TYPE_INT64:
        *v = (struct cfg_value){.kind = KIND_INT, .integer = config_setting_get_int64(from)};
        return true;
    case CONFIG_TYPE_FLOAT:
        *v = (struct cfg_value){.kind = KIND_REAL, .real = config_setting_get_float(from)};
        return true;
    case CONFIG_TYPE_STRING:
        return build_text(b, from, place, v);
    case CONFIG_TYPE_GROUP:
        v->kind = KIND_GROUP;
        v->group = ARENA_NEW(b->arena, struct cfg_group);
        v->group->arena = b->arena;
        v->group->place = place;
        return build_group(b, from, v->group);
    default:
        return build_list(b, from, place, v);
    }
}

static bool build_group(struct builder *b, config_setting_t *from, struct cfg_group *g)
{
    g->count = (size_t)config_setting_length(from);
    g->entries = ARENA_ARRAY(b->arena, struct cfg_entry, g->count);
    for (size_t i = 0; i < g->count; i++) {
        config_setting_t *one = config_setting_get_elem(from, (unsigned)i);
        struct cfg_entry *e = &g->entries[i];
        e->key = arena_strdup(b->arena, config_setting_name(one));
        e->place = place_of(b->flat, (long)config_setting_source_line(one));
        TRY(build_value(b, one, e->place, &e->value));
        if (e->value.kind == KIND_GROUP) {
            e->value.group->key = e->key;
            e->value.group->parent = g;
        }
    }
    return true;
}

/* --- opening ------------------------------------------------------------------------------- */

/* cfg_flatten lets nothing through that libconfig refuses; should it, this says where. */
static void complain_syntax(const config_t *config, const struct cfg *c,
                            const struct cfg_flat *flat, struct diag *d)
{
    struct cfg_place place = place_of(flat, config_error_line(config));
    const char *text = config_error_text(config);
    diag_input(d, place.file[0] ? place.file : c->root->place.file, place.line, "libconfig: %s",
               text ? text : "syntax error");
}

static bool parse(struct cfg *c, const struct cfg_flat *flat, struct diag *d)
{
    config_t config;
    bool done = false;
    config_init(&config);
    if (config_read_string(&config, flat->text)) {
        struct builder b = {c->arena, flat, d};
        done = build_group(&b, config_root_setting(&config), c->root);
    } else {
        complain_syntax(&config, c, flat, d);
    }
    config_destroy(&config);
    return done;
}

static bool read_file(struct cfg *c, const char *path, struct diag *d)
{
    struct arena *scratch = arena_open();
    struct cfg_flat flat;
    bool done = cfg_flatten(c->arena, scratch, path, &flat, d) && parse(c, &flat, d);
    arena_close(scratch);
    return done;
}

bool cfg_open(struct arena *a, const char *path, const struct cfg_override *set, size_t set_count,
              struct cfg **out, struct diag *d)
{
    return cfg_open_within(a, path, "", set, set_count, out, d);
}

bool cfg_open_within(struct arena *a, const char *path, const char *within,
                     const struct cfg_override *set, size_t set_count, struct cfg **out,
                     struct diag *d)
{
    struct cfg *c = ARENA_NEW(a, struct cfg);
    c->arena = a;
    c->within = within;
    c->root = ARENA_NEW(a, struct cfg_group);
    c->root->arena = a;
    c->root->key = "";
    c->root->place = (struct cfg_place){arena_strdup(a, path), 1};
    TRY(read_file(c, path, d));
    for (size_t i = 0; i < set_count; i++)
        TRY(cfg_set(c, &set[i], d));
    TRY(cfg_check_meta(c->root, d));
    *out = c;
    return true;
}

/* The tree lies in the arena; the root is taken away so that a late use shows. */
void cfg_close(struct cfg *c)
{
    if (c)
        c->root = NULL;
}

const struct cfg_group *cfg_root(const struct cfg *c)
{
    return c->root;
}

/* --- looking at groups --------------------------------------------------------------------- */

struct cfg_entry *cfg_entry(const struct cfg_group *g, const char *key)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->entries[i].key, key) == 0)
            return &g->entries[i];
    return NULL;
}

const struct cfg_group *cfg_sub_or_null(const struct cfg_group *g, const char *key)
{
    const struct cfg_entry *e = cfg_entry(g, key);
    return e && e->value.kind == KIND_GROUP ? e->value.group : NULL;
}

bool cfg_sub(const struct cfg_group *g, const char *key, const struct cfg_group **sub,
             struct diag *d)
{
    *sub = cfg_sub_or_null(g, key);
    if (*sub)
        return true;
    if (cfg_has(g, key))
        return cfg_complain(g, key, d, "'%s' must be a group { ... }", key);
    return cfg_complain(g, NULL, d, "the group '%s' is missing here", key);
}

const struct cfg_group *cfg_published(const struct cfg_group *g)
{
    return cfg_sub_or_null(g, "published");
}

static bool is_sub(const struct cfg_entry *e)
{
    return e->value.kind == KIND_GROUP && !cfg_is_meta(e->key);
}

size_t cfg_sub_count(const struct cfg_group *g)
{
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++)
        count += is_sub(&g->entries[i]);
    return count;
}

const char *cfg_key_at(const struct cfg_group *g, size_t index)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->entries[i].value.kind != KIND_GROUP && !cfg_is_meta(g->entries[i].key) &&
            index-- == 0)
            return g->entries[i].key;
    return NULL;
}

const struct cfg_group *cfg_sub_at(const struct cfg_group *g, size_t index)
{
    for (size_t i = 0; i < g->count; i++)
        if (is_sub(&g->entries[i]) && index-- == 0)
            return g->entries[i].value.group;
    return NULL;
}

const char *cfg_name(const struct cfg_group *g)
{
    return g->key;
}

const char *cfg_file(const struct cfg_group *g)
{
    return g->place.file;
}

int cfg_line(const struct cfg_group *g)
{
    return g->place.line;
}

bool cfg_has(const struct cfg_group *g, const char *key)
{
    return cfg_entry(g, key) != NULL;
}

int cfg_key_line(const struct cfg_group *g, const char *key, const char **file)
{
    const struct cfg_entry *e = key ? cfg_entry(g, key) : NULL;
    const struct cfg_place *place = e ? &e->place : &g->place;
    if (file)
        *file = place->file;
    return place->line;
}

const char *cfg_text_or(const struct cfg_group *g, const char *key, const char *fallback)
{
    const struct cfg_entry *e = cfg_entry(g, key);
    return e && e->value.kind == KIND_TEXT ? e->value.text : fallback;
}

void cfg_record(const struct cfg_group *g, const char *key, struct diag *d, const char *format, ...)
{
    char text[DIAG_TEXT_MAX];
    const char *file;
    int line = cfg_key_line(g, key, &file);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_record(d, 2, file, line, "%s", text);
}
