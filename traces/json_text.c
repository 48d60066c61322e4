#include "traces/json_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

static void fail(struct json_text *t, const char *why)
{
    if (!t->failure)
        t->failure = why;
}

static void reserve(struct json_text *t, size_t more)
{
    if (t->length + more <= t->room)
        return;
    size_t room = (t->length + more) * 2 + 1024;
    char *text = realloc(t->text, room);
    if (!text)
        alloc_end();
    t->text = text;
    t->room = room;
}

static void append(struct json_text *t, const char *text, size_t length)
{
    reserve(t, length);
    memcpy(t->text + t->length, text, length);
    t->length += length;
}

void json_text_clear(struct json_text *t)
{
    t->length = 0;
    t->failure = NULL;
}

void json_text_close(struct json_text *t)
{
    free(t->text);
    *t = (struct json_text){0};
}

/* A value or key that follows another one is parted from it. */
static void part(struct json_text *t)
{
    if (t->length > 0 && !strchr("{[:\n", t->text[t->length - 1]))
        append(t, ",", 1);
}

void json_text_open(struct json_text *t, char bracket)
{
    part(t);
    append(t, &bracket, 1);
}

void json_text_end(struct json_text *t, char bracket)
{
    append(t, &bracket, 1);
}

void json_text_key(struct json_text *t, const char *key)
{
    part(t);
    append(t, "\"", 1);
    append(t, key, strlen(key));
    append(t, "\":", 2);
}

static int append_piece(const char *piece, size_t length, void *text)
{
    append(text, piece, length);
    return 0;
}

void json_text_string(struct json_text *t, const char *value)
{
    part(t);
    json_t *string = json_string(value);
    if (!string) {
        fail(t, "a name is not UTF-8");
        return;
    }
    if (json_dump_callback(string, append_piece, t, JSON_ENCODE_ANY) != 0)
        fail(t, "there is not enough memory");
    json_decref(string);
}

void json_text_int(struct json_text *t, int64_t value)
{
    char digits[32];
    part(t);
    append(t, digits, (size_t)snprintf(digits, sizeof digits, "%" PRId64, value));
}

void json_text_real(struct json_text *t, double value)
{
    char digits[40];
    int length = 0;
    part(t);
    if (!isfinite(value)) {
        fail(t, "a number is not finite");
        return;
    }
    for (int precision = 6; precision <= 17; precision++) {
        length = snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    append(t, digits, (size_t)length);
}

void json_text_newline(struct json_text *t)
{
    append(t, "\n", 1);
}
