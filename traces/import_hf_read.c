/* import_hf_read.c — keys of a config.json, each error with its line. */
#include "traces/import_hf.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

/* --- text to JSON ---------------------------------------------------------------------------- */

static bool check_depth(const struct import_file *f, const char *path, struct diag *d)
{
    int depth = 0, line = 1;
    bool quoted = false;
    for (size_t i = 0; i < f->size; i++) {
        char c = (char)f->bytes[i];
        line += c == '\n';
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth > DEPTH_MAX)
            return diag_input(d, path, line, "the file nests deeper than %d", DEPTH_MAX);
    }
    return true;
}

json_t *hf_parse(const struct import_file *f, const char *path, struct diag *d)
{
    json_error_t error;
    if (!check_depth(f, path, d))
        return NULL;
    json_t *root = json_loadb((const char *)f->bytes, f->size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        diag_input(d, path, error.line > 0 ? error.line : 1, "this is not JSON: %s", error.text);
        return NULL;
    }
    if (json_is_object(root))
        return root;
    json_decref(root);
    diag_input(d, path, 1, "this is not a JSON object, as the config of a model is");
    return NULL;
}

static const char *last_word(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot ? dot + 1 : key;
}

int hf_line_of(const struct hf_config *c, const char *key)
{
    int line = 1;
    const char *at = strstr(c->text, arena_printf(c->arena, "\"%s\"", last_word(key)));
    for (const char *s = c->text; at && s < at; s++)
        line += *s == '\n';
    return at ? line : 0;
}

/* --- single keys ----------------------------------------------------------------------------- */

/* The value under "key" or "outer.inner". */
static json_t *value_at(struct arena *a, const json_t *root, const char *key)
{
    const char *dot = strchr(key, '.');
    if (!dot)
        return json_object_get(root, key);
    return json_object_get(json_object_get(root, arena_strndup(a, key, (size_t)(dot - key))),
                           dot + 1);
}

json_t *hf_value(const struct hf_config *c, const char *spellings, const char **key)
{
    while (*spellings) {
        size_t length = strcspn(spellings, " ");
        *key = arena_strndup(c->arena, spellings, length);
        json_t *v = value_at(c->arena, c->root, *key);
        if (v && !json_is_null(v))
            return v;
        spellings += length + (spellings[length] == ' ');
    }
    return NULL;
}

bool hf_read_size(struct hf_config *c, const char *spellings, int64_t *out)
{
    const char *key = "";
    json_t *v = hf_value(c, spellings, &key);
    if (!v)
        return true;
    if (!json_is_integer(v))
        return diag_input(c->d, c->path, hf_line_of(c, key), "\"%s\" is not a whole number", key);
    *out = json_integer_value(v);
    if (*out < 0 || *out > INT32_MAX)
        return diag_input(c->d, c->path, hf_line_of(c, key),
                          "\"%s\" is %lld; 0 to 2^31 - 1 are possible", key, (long long)*out);
    return true;
}

bool hf_read_flag(struct hf_config *c, const char *spellings, bool *out)
{
    const char *key = "";
    json_t *v = hf_value(c, spellings, &key);
    if (v && !json_is_boolean(v))
        return diag_input(c->d, c->path, hf_line_of(c, key), "\"%s\" is neither true nor false",
                          key);
    if (v)
        *out = json_is_true(v);
    return true;
}

bool hf_read_text(struct hf_config *c, const char *spellings, const char **out)
{
    const char *key = "";
    json_t *v = hf_value(c, spellings, &key);
    *out = NULL;
    if (v && !json_is_string(v))
        return diag_input(c->d, c->path, hf_line_of(c, key), "\"%s\" is not a text", key);
    if (v)
        *out = import_clean_name(c->arena, json_string_value(v), json_string_length(v));
    return true;
}

bool hf_has(const struct hf_config *c, const char *key)
{
    return json_object_get(c->root, key) != NULL;
}
