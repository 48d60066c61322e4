/* json_text.h — compact JSON written into a growing text, key by key, in the caller's order.
 *
 * Reals are the shortest decimal that reads back to the same double; strings are escaped by
 * jansson.  The first failure (out of memory, a string that is not UTF-8, a real that is not
 * finite) sticks and is asked for once, at the end. */
#ifndef CIMARRON_JSON_TEXT_H
#define CIMARRON_JSON_TEXT_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct json_text {
    char *text; /* not terminated */
    size_t length, room;
    const char *failure; /* NULL, or what went wrong */
};

void json_text_clear(struct json_text *t); /* keeps the memory */
void json_text_close(struct json_text *t);

/* A comma goes before whatever follows a finished value. */
void json_text_open(struct json_text *t, char bracket); /* '{' or '[' */
void json_text_end(struct json_text *t, char bracket);  /* '}' or ']' */
void json_text_key(struct json_text *t, const char *key);
void json_text_string(struct json_text *t, const char *value);
void json_text_int(struct json_text *t, int64_t value);
void json_text_real(struct json_text *t, double value);
void json_text_newline(struct json_text *t);

#ifdef __cplusplus
}
#endif
#endif
