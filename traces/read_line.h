/* read_line.h — one line of a trace: from text to a checked JSON object with its keys sorted out.
 *
 * Answers: the value of a key, in the type and range asked for.  A wrong type, an integer beyond
 * 2^53 or a missing key is an error that names line and key.  Knows no operator. */
#ifndef CIMARRON_READ_LINE_H
#define CIMARRON_READ_LINE_H

#include <jansson.h>

#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum key {
#define KEY(word) KEY_##word,
#include "traces/keys.def"
#undef KEY
    KEY_COUNT
};

#define KEY_BIT(word) (UINT64_C(1) << KEY_##word)

enum { WARNING_MAX = 240 };

struct warnings {
    int64_t count;
    char first[WARNING_MAX]; /* "" when there is none */
};

/* A line being read. */
struct line {
    const char *path;
    int64_t number;
    json_t *object;
    json_t *value[KEY_COUNT]; /* NULL: the line has no such key */
    uint64_t present;         /* bit per key */
    struct warnings *warnings;
    struct diag *d;
};

const char *key_name(enum key k);

/* The JSON object of a line, or NULL; the caller frees it.  Depth is checked before jansson sees
 * the text. */
json_t *line_parse(const char *path, int64_t number, const char *text, size_t length,
                   struct diag *d);

/* Whether "repeat" is the first key of the line. */
bool line_starts_repeat(const char *text, size_t length);

void line_sort_keys(struct line *l); /* unknown keys are warnings */
void line_warn(struct line *l, const char *format, ...) PRINTF_LIKE(2, 3);
FALLIBLE bool line_require(struct line *l, uint64_t keys, const char *for_whom);

FALLIBLE bool line_int(struct line *l, enum key k, int64_t *out);   /* present; within 2^53 */
FALLIBLE bool line_int32(struct line *l, enum key k, int32_t *out); /* present */
FALLIBLE bool line_int32s(struct line *l, enum key k, int32_t *out, size_t count);
FALLIBLE bool line_text(struct line *l, enum key k, const char **out); /* lives as l->object */

/* The same of any value; `what` names it in a message. */
FALLIBLE bool line_to_int(struct line *l, const char *what, const json_t *v, int64_t *out);
FALLIBLE bool line_to_real(struct line *l, const char *what, const json_t *v, double *out);
bool line_bad_type(struct line *l, const char *what, const json_t *v, const char *needed);

#ifdef __cplusplus
}
#endif
#endif
