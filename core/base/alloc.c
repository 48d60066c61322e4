#include "core/base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void alloc_end(void)
{
    static const char sentence[] = "cimarron: there is not enough memory\n";
    (void)!write(STDERR_FILENO, sentence, sizeof sentence - 1);
    _exit(EXIT_FAILURE);
}

void *alloc_zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size ? size : 1);
    if (!memory)
        alloc_end();
    return memory;
}

void *alloc_bytes(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        alloc_end();
    return memory;
}

DIR *alloc_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder && errno == ENOMEM)
        alloc_end();
    return folder;
}
