#include "core/base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

void diag_record(struct diag *d, int status, const char *file, int line, const char *format, ...)
{
    if (!d || d->status)
        return;
    char text[DIAG_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    d->status = status;
    d->line = line;
    text_show_all(file ? file : "", d->file, sizeof d->file);
    text_show_all(text, d->text, sizeof d->text);
}

static bool is_of_the_machine(int reason)
{
    static const int reasons[] = {ENOMEM, ENOSPC, EDQUOT, EIO, EMFILE, ENFILE};
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i] == reason)
            return true;
    return false;
}

void diag_record_system(struct diag *d, const char *file, const char *what, int reason)
{
    int status = is_of_the_machine(reason) ? 1 : 2;
    diag_record(d, status, file, 0, "%s: %s", what, strerror(reason));
}

void diag_format(const struct diag *d, char *out, size_t size)
{
    if (d->file[0] && d->line > 0)
        snprintf(out, size, "%s:%d: %s", d->file, d->line, d->text);
    else if (d->file[0])
        snprintf(out, size, "%s: %s", d->file, d->text);
    else
        snprintf(out, size, "%s", d->text);
}
