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
    char text[DIAG_TEXT_MAX]; /* one sentence, UTF-8, as text.h shows it; "": it was told already */
};

/* Records the complaint unless one stands already. */
void diag_record(struct diag *d, int status, const char *file, int line, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* Macros that are visibly false, so that `return diag_input(d, file, line, "...")` reads as one
 * step and a static analyser does not go on as if the step had succeeded.  `file` may be NULL. */
#define diag_input(d, file, line, ...) (diag_record(d, 2, file, line, __VA_ARGS__), diag_false())
#define diag_cannot(d, ...) (diag_record(d, 1, NULL, 0, __VA_ARGS__), diag_false())

/* The system's reason (an errno) why `file` cannot be used: "what: reason".  Status 1 where the
 * machine has run short (memory, disk, open files) or fails, 2 where the name is to blame. */
void diag_record_system(struct diag *d, const char *file, const char *what, int reason);
#define diag_system(d, file, what, reason) (diag_record_system(d, file, what, reason), diag_false())

static inline bool diag_false(void)
{
    return false;
}

/* "FILE:LINE: text", "FILE: text" or "text" into `out`. */
void diag_format(const struct diag *d, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
