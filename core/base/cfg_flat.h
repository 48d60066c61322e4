/* cfg_flat.h — one config text out of a file and what it includes.
 *
 * Private to core/base.  Resolves @include, keeps the limits, refuses duplicate keys, and
 * remembers for each line of the text where it stood.  Comments are gone from the text.
 *
 * Limits: includes nest at most 10 deep, 4 MiB in all, 4,096 keys in a group, 16,384 keys in
 * all (libconfig looks keys up one by one), brackets 32 deep (its parser recurses). */
#ifndef CIMARRON_CFG_FLAT_H
#define CIMARRON_CFG_FLAT_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CFG_INCLUDE_DEPTH = 10,
    CFG_BYTES_MAX = 4 * 1024 * 1024,
    CFG_GROUP_KEYS_MAX = 4096,
    CFG_KEYS_MAX = 16384,
    CFG_NESTING_MAX = 32
};

struct cfg_place {
    const char *file;
    int line;
};

struct cfg_flat {
    char *text;               /* for libconfig; ends with NUL */
    struct cfg_place *places; /* places[n - 1] is where line n of the text stood */
    size_t lines;
};

/* File names live in `keep`, the text and its map in `scratch`. */
FALLIBLE bool cfg_flatten(struct arena *keep, struct arena *scratch, const char *path,
                          struct cfg_flat *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
