/* folder.h — the names in a folder, sorted: tests that walk over files do so in the same order on
 * every machine, and new files join by themselves.
 *
 * A folder that cannot be opened fails the test; one without such names gives none, so a test that
 * needs some says how many.  Names that start with a dot are left out. */
#ifndef CIMARRON_TEST_FOLDER_H
#define CIMARRON_TEST_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "tests/check_main.h"

struct folder_names {
    char **at;
    size_t count;
};

/* In `folder` those that start with `prefix` and end with `ending`, with neither cut off. */
static inline struct folder_names folder_list(struct arena *a, const char *folder,
                                              const char *prefix, const char *ending)
{
    struct dirent **entries;
    struct folder_names n = {NULL, 0};
    int found = scandir(folder, &entries, NULL, alphasort);
    if (found < 0) { /* not by an assertion: some are listed before any test runs */
        fprintf(stderr, "cannot open the folder %s\n", folder);
        exit(EXIT_FAILURE);
    }
    n.at = ARENA_ARRAY(a, char *, (size_t)found);
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        size_t length = strlen(name), head = strlen(prefix), tail = strlen(ending);
        if (name[0] != '.' && length >= head + tail && strncmp(name, prefix, head) == 0 &&
            strcmp(name + length - tail, ending) == 0)
            n.at[n.count++] = arena_strdup(a, name);
        free(entries[i]);
    }
    free(entries);
    return n;
}

/* `name` without the `ending` that it has. */
static inline char *without_ending(struct arena *a, const char *name, const char *ending)
{
    return arena_strndup(a, name, strlen(name) - strlen(ending));
}

#endif
