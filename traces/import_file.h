/* import_file.h — what every importer needs of the file it reads: its bytes, its name, clean text.
 *
 * Not for traces: those are streamed, a foreign file is read whole. */
#ifndef CIMARRON_IMPORT_FILE_H
#define CIMARRON_IMPORT_FILE_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

struct import_file {
    uint8_t *bytes; /* followed by a 0 byte that size does not count */
    size_t size;
};

/* Reads the regular file PATH of at most max_bytes, without a byte order mark; import_file_close
 * gives the bytes back. */
FALLIBLE bool import_file_open(const char *path, size_t max_bytes, struct import_file *out,
                               struct diag *d);
void import_file_close(struct import_file *f);

/* "net.onnx" of "a/b/net.onnx"; points into path. */
const char *import_base_name(const char *path);

/* "net" of "a/b/net.onnx". */
char *import_stem(struct arena *a, const char *path);

/* A name fit for JSON and a terminal: control characters and broken UTF-8 become '?'. */
char *import_clean_name(struct arena *a, const char *text, size_t length);

/* True when PATH ends in `suffix`, letters of either case. */
bool import_has_suffix(const char *path, const char *suffix);

#ifdef __cplusplus
}
#endif
#endif
