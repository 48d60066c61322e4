/* judge.h — what every target asks of a reader: it takes the bytes, or refuses them as the user's
 * mistake, in one sentence. */
#ifndef CIMARRON_FUZZ_JUDGE_H
#define CIMARRON_FUZZ_JUDGE_H

#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"

static inline bool fuzz_took(bool good, const struct diag *d)
{
    if (good == (d->status != 0) || (!good && !d->text[0]) || d->status > 2 ||
        strpbrk(d->text, "\n\r"))
        abort();
    return good;
}

/* FNV-1a: choices that the bytes themselves make. */
static inline uint64_t fuzz_hash(const uint8_t *data, size_t size)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * UINT64_C(1099511628211);
    return h ^ h >> 32;
}

#endif
