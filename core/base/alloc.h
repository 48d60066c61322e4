/* alloc.h — running out of memory: what can go on nowhere ends here, alike.
 *
 * The process ends with one sentence on stderr and status 1.  What it had not yet written stays
 * unwritten, and files that are not whole have no name (output.h), so nothing half is left. */
#ifndef CIMARRON_ALLOC_H
#define CIMARRON_ALLOC_H

#include <dirent.h>

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

void alloc_end(void) __attribute__((noreturn));

/* Zeroed bytes, to be given back with free(); never NULL. */
void *alloc_zeroed(size_t count, size_t size);

/* As malloc(), but never NULL: for libraries that take an allocator and do not look. */
void *alloc_bytes(size_t size);

/* As opendir(): NULL where the folder cannot be read, but never for want of memory. */
DIR *alloc_folder(const char *path);

#ifdef __cplusplus
}
#endif
#endif
