/* cfg_include.h — the bytes of an included file.
 *
 * Private to core/base.  Regular files only; a file that is being read may not be read again
 * inside itself.  The chain of files that are open leads from the innermost to the outermost. */
#ifndef CIMARRON_CFG_INCLUDE_H
#define CIMARRON_CFG_INCLUDE_H

#include "core/base/cfg_flat.h"

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cfg_source_file {
    const struct cfg_source_file *includer; /* NULL for the first file */
    struct cfg_place from;                  /* the @include; file NULL for the first file */
    const char *name;                       /* as shown to the user, and opened */
    dev_t device;
    ino_t inode;
    const char *text;
    size_t size;
};

/* Where `path`, written in the file `includer`, points to: beside it, or, where nothing is there,
 * to a part that the tree ships: "cell/sram_charge.cfg" is one of configs/. */
const char *cfg_include_path(struct arena *keep, const char *includer, const char *path);

/* Reads file->name (at most `limit` bytes) into `scratch`; a complaint goes to file->from. */
FALLIBLE bool cfg_include_read(struct arena *scratch, struct cfg_source_file *file, size_t limit,
                               struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
