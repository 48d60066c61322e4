#include "core/base/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cfg_flat.h"

enum { CHUNK_BYTES = 1 << 16 };

uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

void hash_word(uint64_t hash, char out[HASH_WORD])
{
    snprintf(out, HASH_WORD, "%016" PRIx64, hash);
}

bool hash_file(const char *path, uint64_t *hash, struct diag *d)
{
    unsigned char chunk[CHUNK_BYTES];
    size_t got;
    FILE *f = fopen(path, "rb");
    if (!f)
        return diag_system(d, path, "cannot be read", errno);
    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0)
        *hash = hash_bytes(*hash, chunk, got);
    bool ok = !ferror(f);
    int reason = errno;
    fclose(f);
    return ok || diag_system(d, path, "cannot be read", reason);
}

bool hash_config(const char *path, uint64_t *hash, struct diag *d)
{
    struct arena *a = arena_open();
    struct cfg_flat flat;
    bool ok = cfg_flatten(a, a, path, &flat, d);
    if (ok)
        *hash = hash_bytes(*hash, flat.text, strlen(flat.text));
    arena_close(a);
    return ok;
}
