/* input.h — the bytes of a fuzz target as a file that a reader can open by its path.
 *
 * The file has no name of its own: it goes with the process, also when that crashes, and targets
 * that run side by side do not meet.  It is a regular file, read under the name that /proc gives
 * it (Linux); a reader that looks at the ending or at the folder of a path sees those.  A target
 * that cannot have its input aborts: what is not read proves nothing. */
#ifndef CIMARRON_FUZZ_INPUT_H
#define CIMARRON_FUZZ_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct fuzz_input {
    FILE *file;
    char path[32];
};

static inline struct fuzz_input fuzz_input_open(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {.file = tmpfile()};
    if (!in.file || fwrite(data, 1, size, in.file) != size || fflush(in.file) != 0)
        abort();
    snprintf(in.path, sizeof in.path, "/proc/self/fd/%d", fileno(in.file));
    return in;
}

static inline void fuzz_input_close(struct fuzz_input *in)
{
    fclose(in->file);
}

#endif
