/* result.h — building results: a key and its value, one line each. */
#ifndef CIMARRON_RESULT_H
#define CIMARRON_RESULT_H

#include <jansson.h>
#include <math.h>

#include "core/base/count.h"
#include "core/base/part.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A number that is none (not finite) is null. */
static inline void put_real(json_t *o, const char *key, double value)
{
    json_object_set_new(o, key, isfinite(value) ? json_real(value) : json_null());
}

static inline void put_int(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

/* A count kept whole. */
static inline void put_whole(json_t *o, const char *key, count128 value)
{
    json_object_set_new(o, key, count_json(value));
}

/* Bits as bytes: a whole number where they are. */
static inline void put_bytes_of_bits(json_t *o, const char *key, count128 bits)
{
    if (bits % 8 == 0)
        put_whole(o, key, bits / 8);
    else
        put_real(o, key, (double)bits / 8);
}

/* A count that a model keeps as a double: a whole number where it is one. */
static inline void put_count(json_t *o, const char *key, double value)
{
    if (value == floor(value) && fabs(value) < 9007199254740992.0)
        put_int(o, key, (int64_t)value);
    else
        put_real(o, key, value);
}

static inline void put_bool(json_t *o, const char *key, bool value)
{
    json_object_set_new(o, key, json_boolean(value));
}

/* NULL and text that is not UTF-8 are null. */
static inline void put_text(json_t *o, const char *key, const char *value)
{
    json_t *text = value ? json_string(value) : NULL;
    json_object_set_new(o, key, text ? text : json_null());
}

static inline json_t *put_object(json_t *o, const char *key)
{
    json_t *inner = json_object();
    json_object_set_new(o, key, inner);
    return inner;
}

static inline json_t *put_list(json_t *o, const char *key)
{
    json_t *inner = json_array();
    json_object_set_new(o, key, inner);
    return inner;
}

static inline json_t *add_row(json_t *list)
{
    json_t *row = json_object();
    json_array_append_new(list, row);
    return row;
}

/* The parts that have any, by name, each times `factor`. */
static inline void put_parts(json_t *o, const char *key, const double *by_part, double factor)
{
    json_t *parts = put_object(o, key);
    for (int p = 0; p < PART_COUNT; p++)
        if (by_part[p] != 0)
            put_real(parts, part_name((enum part)p), by_part[p] * factor);
}

#ifdef __cplusplus
}
#endif
#endif
