/* hash.h — whether two files hold the same: FNV-1a, 64 bits.
 *
 * It tells changed inputs from unchanged ones; it is no proof against somebody who wants two
 * files to look alike. */
#ifndef CIMARRON_HASH_H
#define CIMARRON_HASH_H

#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { HASH_WORD = 17 }; /* sixteen hexadecimal digits and NUL */

#define HASH_START UINT64_C(14695981039346656037)

uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes);
void hash_word(uint64_t hash, char out[HASH_WORD]);

/* Goes on from *hash with what the file holds; for a config without comments, with all that it
 * includes. */
FALLIBLE bool hash_file(const char *path, uint64_t *hash, struct diag *d);
FALLIBLE bool hash_config(const char *path, uint64_t *hash, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
