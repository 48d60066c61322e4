/* input.h — opening a file that the user names, which may be a pipe without an end.
 *
 * Answers a descriptor, or says why there is none.  A named pipe that nobody writes to is given
 * a second for its writer to come; after that it is an error, where open() would wait for ever. */
#ifndef CIMARRON_INPUT_H
#define CIMARRON_INPUT_H

#include <stdio.h>

#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A descriptor for reading, closed on exec; -1 with a complaint of status 2. */
int input_open(const char *path, struct diag *d);

/* The same as a stream; NULL with a complaint. */
FILE *input_stream(const char *path, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
