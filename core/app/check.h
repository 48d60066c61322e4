/* check.h — reading files strictly, one after the other: what check and trace check share.
 *
 * A file that is sound gives a line `FILE: ok` on stdout (or a row, in other formats), one that is
 * not its first complaint on stderr; the next file is read all the same. */
#ifndef CIMARRON_CHECK_H
#define CIMARRON_CHECK_H

#include "core/app/app.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one word names and whether it is sound: its path, what it is ("chip", "trace"). */
struct checked {
    const char *path, *kind;
};

typedef bool check_one(struct app *app, const char *word, struct checked *out, struct diag *d);

/* The exit status: 2 when any file is wrong. */
int check_all(struct app *app, const struct texts *words, check_one *check);

/* A trace by name or path. */
FALLIBLE bool check_trace(struct app *app, const char *word, struct checked *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
