#include "traces/read_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "traces/line_read.h"
#include "traces/trace.h"

static const char *const KEY_NAMES[] = {
#define KEY(word) #word,
#include "traces/keys.def"
#undef KEY
};

_Static_assert(KEY_COUNT <= 64, "struct line keeps a bit per key");

const char *key_name(enum key k)
{
    return KEY_NAMES[k];
}

/* Brackets opened in all bound the depth; only a line beyond the bound is walked with care. */
static bool depth_is_fine(const char *text, size_t length)
{
    size_t opened = 0;
    for (size_t i = 0; i < length; i++)
        opened += (text[i] == '{') | (text[i] == '[');
    if (opened <= TRACE_DEPTH_MAX)
        return true;
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < length && depth <= TRACE_DEPTH_MAX; i++) {
        char c = text[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    }
    return depth <= TRACE_DEPTH_MAX;
}

static json_t *refuse_text(const char *path, int64_t number, const char *text, size_t length,
                           const json_error_t *error, struct diag *d)
{
    size_t blank = 0;
    while (blank < length && strchr(" \t\r", text[blank]) && text[blank])
        blank++;
    if (blank == length)
        line_wrong(d, path, number, "the line is empty; every line is one JSON object");
    else if (number == 1 && text[blank] != '{')
        line_wrong(d, path, number,
                   "this is neither gzip nor JSON Lines; the first line would be "
                   "{\"cimarron_trace\": 1, ...}");
    else
        line_wrong(d, path, number, "the line is not JSON: %s at byte %d", error->text,
                   error->position);
    return NULL;
}

json_t *line_parse(const char *path, int64_t number, const char *text, size_t length,
                   struct diag *d)
{
    if (!depth_is_fine(text, length)) {
        line_wrong(d, path, number, "the line nests deeper than %d", TRACE_DEPTH_MAX);
        return NULL;
    }
    json_error_t error;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return refuse_text(path, number, text, length, &error, d);
    if (json_is_object(object))
        return object;
    json_decref(object);
    line_wrong(d, path, number, "the line is not a JSON object");
    return NULL;
}

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
    while (at < length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
        at++;
    return at;
}

bool line_starts_repeat(const char *text, size_t length)
{
    static const char KEY[] = "\"repeat\"";
    size_t at = skip_blanks(text, length, 0);
    if (at >= length || text[at] != '{')
        return false;
    at = skip_blanks(text, length, at + 1);
    return length - at >= sizeof KEY - 1 && memcmp(text + at, KEY, sizeof KEY - 1) == 0;
}

void line_warn(struct line *l, const char *format, ...)
{
    if (l->warnings->count++ > 0)
        return;
    char text[WARNING_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(l->warnings->first, sizeof l->warnings->first, "line %lld: %.200s",
             (long long)l->number, text);
}

static enum key find_key(const char *name)
{
    int low = 0, high = KEY_COUNT - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = strcmp(name, KEY_NAMES[middle]);
        if (order == 0)
            return (enum key)middle;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return KEY_COUNT;
}

void line_sort_keys(struct line *l)
{
    memset(l->value, 0, sizeof l->value);
    l->present = 0;
    for (void *i = json_object_iter(l->object); i; i = json_object_iter_next(l->object, i)) {
        enum key k = find_key(json_object_iter_key(i));
        if (k == KEY_COUNT) {
            line_warn(l, "unknown key \"%.60s\"", json_object_iter_key(i));
            continue;
        }
        l->value[k] = json_object_iter_value(i);
        l->present |= UINT64_C(1) << k;
    }
}

bool line_require(struct line *l, uint64_t keys, const char *for_whom)
{
    uint64_t missing = keys & ~l->present;
    if (missing == 0)
        return true;
    enum key k = (enum key)__builtin_ctzll(missing);
    return line_wrong(l->d, l->path, l->number, "the key \"%s\" is missing; %s needs it",
                      key_name(k), for_whom);
}

static const char *type_name(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

bool line_bad_type(struct line *l, const char *what, const json_t *v, const char *needed)
{
    return line_wrong(l->d, l->path, l->number, "\"%s\" is %s; %s is needed", what, type_name(v),
                      needed);
}

bool line_to_int(struct line *l, const char *what, const json_t *v, int64_t *out)
{
    const int64_t limit = INT64_C(1) << 53;
    if (!json_is_integer(v))
        return line_bad_type(l, what, v, "an integer");
    *out = json_integer_value(v);
    if (*out > limit || *out < -limit)
        return line_wrong(l->d, l->path, l->number, "\"%s\" is %lld; integers reach 2^53", what,
                          (long long)*out);
    return true;
}

bool line_to_real(struct line *l, const char *what, const json_t *v, double *out)
{
    int64_t whole = 0;
    if (!json_is_number(v))
        return line_bad_type(l, what, v, "a number");
    if (json_is_integer(v))
        TRY(line_to_int(l, what, v, &whole));
    *out = json_number_value(v);
    return true;
}

static bool to_int32(struct line *l, const char *what, const json_t *v, int32_t *out)
{
    int64_t wide = 0;
    TRY(line_to_int(l, what, v, &wide));
    if (wide > INT32_MAX || wide < INT32_MIN)
        return line_wrong(l->d, l->path, l->number, "\"%s\" is %lld; it reaches 2^31 - 1", what,
                          (long long)wide);
    *out = (int32_t)wide;
    return true;
}

bool line_int(struct line *l, enum key k, int64_t *out)
{
    return line_to_int(l, key_name(k), l->value[k], out);
}

bool line_int32(struct line *l, enum key k, int32_t *out)
{
    return to_int32(l, key_name(k), l->value[k], out);
}

bool line_int32s(struct line *l, enum key k, int32_t *out, size_t count)
{
    const json_t *v = l->value[k];
    if (!json_is_array(v))
        return line_bad_type(l, key_name(k), v, "a list of integers");
    if (json_array_size(v) != count)
        return line_wrong(l->d, l->path, l->number, "\"%s\" has %zu numbers; %zu are needed",
                          key_name(k), json_array_size(v), count);
    for (size_t i = 0; i < count; i++)
        TRY(to_int32(l, key_name(k), json_array_get(v, i), &out[i]));
    return true;
}

bool line_text(struct line *l, enum key k, const char **out)
{
    if (!json_is_string(l->value[k]))
        return line_bad_type(l, key_name(k), l->value[k], "a text");
    *out = json_string_value(l->value[k]);
    return true;
}
