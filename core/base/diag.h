/* diag.h — what is wrong with the user's input: file, line, one sentence.
 *
 * A fallible function returns bool and fills a struct diag when it returns false.  The first
 * complaint wins.  Models never print one: core/app does, as `FILE:LINE: sentence`, exit 2.
 * `status` distinguishes wrong input (2) from a simulation that cannot succeed (1). */
#ifndef CIMARRON_DIAG_H
#define CIMARRON_DIAG_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DIAG_FILE_MAX = 512, DIAG_TEXT_MAX = 1024 };

struct diag {
    char file[DIAG_FILE_MAX]; /* "" when no file is to blame */
    int line;                 /* 0 when no line is to blame */
    int status; /* exit status: 2 wrong input, 1 cannot be simulated, 0 no complaint */
    char text[DIAG_TEXT_MAX]; /* one sentence, no newline */
};

/* Both record the complaint (unless one stands already) and return false, so that
 * `return diag_input(d, file, line, "...")` reads as one step.  `file` may be NULL. */
bool diag_input(struct diag *d, const char *file, int line, const char *format, ...)
    PRINTF_LIKE(4, 5);
bool diag_cannot(struct diag *d, const char *format, ...) PRINTF_LIKE(2, 3); /* exit 1 */

/* "FILE:LINE: text", "FILE: text" or "text" into `out`. */
void diag_format(const struct diag *d, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
