#include "core/search/space.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/search/number.h"

struct reader {
    struct arena *arena;
    const char *option;
    struct knob *knob;
    size_t room;
    struct diag *d;
};

/* --- values ----------------------------------------------------------------------------------- */

static bool add_value(struct reader *r, const char *text)
{
    struct knob *k = r->knob;
    for (size_t i = 0; i < k->count; i++)
        if (!strcmp(k->values[i], text))
            return diag_input(r->d, NULL, 0, "%s: the value '%s' stands twice", r->option, text);
    if (k->count == KNOB_VALUES_MAX)
        return diag_input(r->d, NULL, 0, "%s: more than %d values", r->option, KNOB_VALUES_MAX);
    if (k->count == r->room) {
        r->room = r->room ? 2 * r->room : 16;
        const char **larger = ARENA_ARRAY(r->arena, const char *, r->room);
        for (size_t i = 0; i < k->count; i++)
            larger[i] = k->values[i];
        k->values = larger;
    }
    k->values[k->count++] = text;
    return true;
}

static bool is_whole(double x)
{
    return x == floor(x) && fabs(x) <= 9007199254740992.0;
}

static const char *written(struct arena *a, double x)
{
    return is_whole(x) ? arena_printf(a, "%.0f", x) : arena_printf(a, "%.12g", x);
}

static bool bad_range(struct reader *r, const char *text)
{
    return diag_input(r->d, NULL, 0,
                      "%s: '%s' is no range: whole numbers upwards as 1..8, or a factor above 1 "
                      "as 128..1024*2",
                      r->option, text);
}

/* By steps of one, or by a factor; the end belongs to it where a step meets it. */
static bool add_range(struct reader *r, const char *text)
{
    char *copy = arena_strdup(r->arena, text), *dots = strstr(copy, ".."), *star;
    double first, last, factor = 0;
    *dots = '\0';
    star = strchr(dots + 2, '*');
    if (star)
        *star = '\0';
    if (!number_read(copy, &first) || !number_read(dots + 2, &last) || first > last ||
        (star && (!number_read(star + 1, &factor) || factor <= 1 || first <= 0)) ||
        (!star && (!is_whole(first) || !is_whole(last))))
        return bad_range(r, text);
    for (double x = first; x <= last * (star ? 1 + 1e-12 : 1) || x == last;
         x = star ? x * factor : x + 1)
        TRY(add_value(r, written(r->arena, x)));
    return true;
}

/* "1..8", but not a text with two dots in it. */
static bool is_range(const char *text)
{
    const char *dots = strstr(text, "..");
    return dots && dots > text && text[strspn(text, "0123456789.eE+-*")] == '\0';
}

/* The end of the value that begins here: a comma outside brackets and quotes, or the end. */
static const char *value_end(const char *at)
{
    int depth = 0;
    bool quoted = false;
    for (; *at && (*at != ',' || depth > 0 || quoted); at++) {
        quoted ^= *at == '"';
        depth += (*at == '[' || *at == '(') - (*at == ']' || *at == ')');
    }
    return at;
}

bool knob_read(struct arena *a, const char *option, const char *key, const char *text,
               struct knob *out, struct diag *d)
{
    *out = (struct knob){.key = key};
    struct reader r = {.arena = a, .option = option, .knob = out, .d = d};
    for (const char *at = text, *end;; at = end + 1) {
        end = value_end(at);
        const char *value = arena_strndup(a, at, (size_t)(end - at));
        if (!value[0])
            return diag_input(d, NULL, 0, "%s: a value is missing in '%s'", option, text);
        TRY(is_range(value) ? add_range(&r, value) : add_value(&r, value));
        if (!*end)
            return true;
    }
}

/* --- points ----------------------------------------------------------------------------------- */

bool space_size(const struct space *s, uint64_t *out, struct diag *d)
{
    *out = 1;
    for (size_t i = 0; i < s->count; i++) {
        if (*out > (UINT64_C(1) << 62) / s->knobs[i].count)
            return diag_input(d, NULL, 0, "the knobs span more than 2^62 points");
        *out *= s->knobs[i].count;
    }
    return true;
}

const char *space_value(const struct space *s, uint64_t point, size_t knob)
{
    for (size_t i = s->count - 1; i > knob; i--)
        point /= s->knobs[i].count;
    return s->knobs[knob].values[point % s->knobs[knob].count];
}

static json_t *value_of(const char *text)
{
    double number;
    if (!number_read(text, &number))
        return json_string(text);
    return strpbrk(text, ".eE") || !is_whole(number) ? json_real(number)
                                                     : json_integer((json_int_t)number);
}

const char *space_settings(struct arena *a, const struct space *s, uint64_t point)
{
    json_t *o = json_object();
    for (size_t i = 0; i < s->count; i++)
        json_object_set_new(o, s->knobs[i].key, value_of(space_value(s, point, i)));
    char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    const char *kept = arena_strdup(a, text ? text : "{}");
    free(text);
    json_decref(o);
    return kept;
}

size_t space_knob(const struct space *s, const char *key)
{
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->knobs[i].key, key))
            return i;
    return SIZE_MAX;
}

bool space_meets(const struct space *s, uint64_t point, const struct condition *c)
{
    return condition_holds_text(c, space_value(s, point, space_knob(s, c->key)));
}
