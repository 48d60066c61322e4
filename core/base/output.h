/* output.h — where a result goes: stdout, or a file that is there whole or not at all.
 *
 * A file is written without a name and takes its name when it is complete: whatever ends the
 * program before leaves nothing behind.  It keeps the rights of the file that it replaces, and a
 * link to it stays a link.  A device or a pipe is written directly; a named pipe waits for its
 * reader.  A write that fails (a full disk) is an error with exit status 1; a reader that has gone
 * (`| head`) has what it wanted: the output ends there, without a word. */
#ifndef CIMARRON_OUTPUT_H
#define CIMARRON_OUTPUT_H

#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

struct output {
    FILE *stream;
    const char *path; /* NULL: stdout */
    char *aside;      /* the file's first name, in the same folder; NULL: written directly */
};

/* Whether a file could be made there: asked before long work.  NULL, "-" and what stdout is
 * already are stdout. */
FALLIBLE bool output_check(struct arena *a, const char *path, struct diag *d);

FALLIBLE bool output_open(struct arena *a, const char *path, struct output *out, struct diag *d);

/* Ends the output, also when it fails; the file is then as it was before. */
FALLIBLE bool output_commit(struct output *o, struct diag *d);
void output_abandon(struct output *o);

#ifdef __cplusplus
}
#endif
#endif
