/* input.h — the bytes of a fuzz target as a file that a reader can open by its path.
 *
 * The file lies in memory and has no name of its own: it goes with the process, also when that
 * crashes, and targets that run side by side do not meet.  It is a regular file, read under the
 * name that /proc gives it (Linux); a reader that looks at the ending or at the folder of a path
 * sees those.  A target that cannot have its input aborts: what is not read proves nothing. */
#ifndef CIMARRON_FUZZ_INPUT_H
#define CIMARRON_FUZZ_INPUT_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct fuzz_input {
    int file;
    char path[32];
};

static inline struct fuzz_input fuzz_input_open(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    char name[64];
    snprintf(name, sizeof name, "/cimarron-input-%ld", (long)getpid());
    in.file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (in.file < 0 || shm_unlink(name) != 0)
        abort();
    for (size_t done = 0; done < size;) {
        ssize_t n = write(in.file, data + done, size - done);
        if (n <= 0)
            abort();
        done += (size_t)n;
    }
    snprintf(in.path, sizeof in.path, "/proc/self/fd/%d", in.file);
    return in;
}

static inline void fuzz_input_close(struct fuzz_input *in)
{
    close(in->file);
}

#endif
