#include "core/search/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *digits(const char *at)
{
    size_t count = strspn(at, "0123456789");
    return count ? at + count : NULL;
}

/* Where a number of JSON ends; NULL: none begins here. */
static const char *end_of(const char *at)
{
    bool zero = (at += *at == '-', *at == '0');
    at = digits(at);
    if (!at || (zero && at[-1] != '0'))
        return NULL;
    if (*at == '.' && !(at = digits(at + 1)))
        return NULL;
    if (*at == 'e' || *at == 'E') {
        at++;
        at = digits(at + (*at == '+' || *at == '-'));
    }
    return at;
}

bool number_read(const char *text, double *out)
{
    const char *end = end_of(text);
    if (!end || *end)
        return false;
    *out = strtod(text, NULL);
    return isfinite(*out);
}
