#include "traces/read_header.h"

#include <string.h>

#include "traces/line_read.h"
#include "traces/op_check.h"

static void warn_of_unknown_keys(struct line *l, json_t *object, const char *const *known,
                                 size_t count)
{
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        size_t k = 0;
        while (k < count && strcmp(key, known[k]) != 0)
            k++;
        if (k == count)
            line_warn(l, "unknown key \"%.60s\"", key);
    }
}

static bool check_version(struct line *l)
{
    const json_t *v = json_object_get(l->object, "cimarron_trace");
    int64_t version = 0;
    if (!v)
        return line_wrong(l->d, l->path, l->number,
                          "the header is missing; the first line would be {\"cimarron_trace\": 1, "
                          "...}");
    TRY(line_to_int(l, "cimarron_trace", v, &version));
    if (version != 1)
        return line_wrong(l->d, l->path, l->number,
                          "\"cimarron_trace\" is %lld; version 1 is the one known here",
                          (long long)version);
    return true;
}

/* A text; `fallback` NULL: the key is required. */
static bool header_text(struct line *l, const char *key, const char *fallback, const char **out)
{
    const json_t *v = json_object_get(l->object, key);
    *out = fallback;
    if (!v && fallback)
        return true;
    if (!v)
        return line_wrong(l->d, l->path, l->number, "the key \"%s\" is missing; a header needs it",
                          key);
    if (!json_is_string(v))
        return line_bad_type(l, key, v, "a text");
    *out = json_string_value(v);
    return true;
}

/* An integer in [low, high]; fallback < 0: the key is required. */
static bool header_int(struct line *l, const char *key, int64_t fallback, int64_t low, int64_t high,
                       int64_t *out)
{
    const json_t *v = json_object_get(l->object, key);
    *out = fallback;
    if (!v && fallback >= 0)
        return true;
    if (!v)
        return line_wrong(l->d, l->path, l->number, "the key \"%s\" is missing; a header needs it",
                          key);
    TRY(line_to_int(l, key, v, out));
    if (*out < low || *out > high)
        return line_wrong(l->d, l->path, l->number, "\"%s\" is %lld; %lld to %lld are possible",
                          key, (long long)*out, (long long)low, (long long)high);
    return true;
}

static bool header_bits(struct line *l, const char *key, int fallback, int *out)
{
    int64_t bits = 0;
    TRY(header_int(l, key, fallback, 1, OP_BITS_MAX, &bits));
    *out = (int)bits;
    return true;
}

static bool one_of(struct line *l, const char *key, const char *value, const char *const *words,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(value, words[i]) == 0)
            return true;
    }
    return line_wrong(l->d, l->path, l->number, "\"%s\" is \"%.40s\"; %s, %s, ... are known", key,
                      value, words[0], words[1]);
}

static bool read_work(struct line *l, struct trace_header *h)
{
    static const char *const UNITS[] = {"image", "token"}, *const KNOWN[] = {"unit", "count"};
    json_t *work = json_object_get(l->object, "work");
    h->work_unit = "image";
    h->work_count = (double)h->batch;
    if (!work)
        return true;
    if (!json_is_object(work))
        return line_bad_type(l, "work", work, "an object with unit and count");
    warn_of_unknown_keys(l, work, KNOWN, COUNT_OF(KNOWN));
    const json_t *unit = json_object_get(work, "unit"), *count = json_object_get(work, "count");
    if (!unit || !count)
        return line_wrong(l->d, l->path, l->number, "\"work\" needs unit and count");
    if (!json_is_string(unit))
        return line_bad_type(l, "unit", unit, "a text");
    h->work_unit = json_string_value(unit);
    TRY(one_of(l, "unit", h->work_unit, UNITS, COUNT_OF(UNITS)));
    TRY(line_to_real(l, "count", count, &h->work_count));
    if (!(h->work_count > 0))
        return line_wrong(l->d, l->path, l->number, "\"count\" of \"work\" is %g; it is above 0",
                          h->work_count);
    return true;
}

bool read_header(struct line *l, struct trace_header *h)
{
    static const char *const KNOWN[] = {
        "cimarron_trace",  "name",        "source",  "batch", "work",
        "activation_bits", "weight_bits", "kv_bits", "phase", "context"};
    static const char *const PHASES[] = {"inference", "prefill", "decode", "training"};
    TRY(check_version(l));
    warn_of_unknown_keys(l, l->object, KNOWN, COUNT_OF(KNOWN));
    TRY(header_text(l, "name", NULL, &h->name));
    TRY(header_text(l, "source", "", &h->source));
    TRY(header_text(l, "phase", PHASES[0], &h->phase));
    TRY(one_of(l, "phase", h->phase, PHASES, COUNT_OF(PHASES)));
    TRY(header_int(l, "batch", 1, 1, INT32_MAX, &h->batch));
    TRY(header_int(l, "context", 0, 0, INT32_MAX, &h->context));
    TRY(header_bits(l, "activation_bits", -1, &h->activation_bits));
    TRY(header_bits(l, "weight_bits", -1, &h->weight_bits));
    TRY(header_bits(l, "kv_bits", h->activation_bits, &h->kv_bits));
    return read_work(l, h);
}

static bool repeat_int(struct line *l, const json_t *repeat, const char *key, int64_t *out)
{
    const json_t *v = json_object_get(repeat, key);
    if (!v)
        return line_wrong(l->d, l->path, l->number, "the key \"%s\" is missing; repeat needs it",
                          key);
    TRY(line_to_int(l, key, v, out));
    if (*out < 1)
        return line_wrong(l->d, l->path, l->number, "\"%s\" is %lld; repeat needs at least 1", key,
                          (long long)*out);
    return true;
}

bool read_repeat(struct line *l, struct trace_repeat *repeat)
{
    static const char *const KNOWN[] = {"lines", "times", "weights"};
    json_t *object = l->value[KEY_repeat];
    if (!json_is_object(object))
        return line_bad_type(l, "repeat", object, "an object with lines, times and weights");
    warn_of_unknown_keys(l, object, KNOWN, COUNT_OF(KNOWN));
    TRY(repeat_int(l, object, "lines", &repeat->lines));
    TRY(repeat_int(l, object, "times", &repeat->times));
    const char *weights = json_string_value(json_object_get(object, "weights"));
    repeat->distinct = weights && strcmp(weights, "distinct") == 0;
    if (!weights || (!repeat->distinct && strcmp(weights, "shared") != 0))
        return line_wrong(l->d, l->path, l->number,
                          "\"weights\" of repeat is \"distinct\" or \"shared\"");
    return true;
}
