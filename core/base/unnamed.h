/* unnamed.h — a file that has no name until it is complete.
 *
 * Whatever ends the program before, SIGKILL included, leaves nothing behind: the system frees a
 * file without a name.  Where the file system has none (NFS), one is made and its name taken away
 * at once, and naming it is a copy. */
#ifndef CIMARRON_UNNAMED_H
#define CIMARRON_UNNAMED_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { UNNAMED_RIGHTS = 0777 };

/* A descriptor of a new, empty file in `folder`, with the rights that the user's new files have;
 * -1 and errno.  `aside` is a path in that folder that ends in XXXXXX; it is overwritten. */
int unnamed_open(const char *folder, char *aside);

/* The file, with its rights, takes the place of `path`, in the same folder; false and errno: `path`
 * is as it was.  Its bytes must have been written; the descriptor stays open. */
FALLIBLE bool unnamed_give_name(int file, char *aside, const char *path);

#ifdef __cplusplus
}
#endif
#endif
