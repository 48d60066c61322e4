#include "core/base/alloc.h"
#include "core/base/cfg_include.h"
#include "core/base/cfg_tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUGGESTIONS_MAX = 8, LISTED_MAX = 16, PATH_BYTES = 4096 };

/* A growing list of words. */
struct words {
    struct arena *arena;
    const char **items;
    size_t count, capacity;
};

static void words_add(struct words *w, const char *word)
{
    if (w->count == w->capacity) {
        w->capacity = w->count ? 2 * w->count : 32;
        const char **larger = ARENA_ARRAY(w->arena, const char *, w->capacity);
        if (w->count)
            memcpy(larger, w->items, w->count * sizeof *larger);
        w->items = larger;
    }
    w->items[w->count++] = word;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* readdir's order is the file system's: sorted, equal trees give equal messages. */
static void words_sort(struct words *w)
{
    if (w->count)
        qsort(w->items, w->count, sizeof *w->items, by_text);
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* PREFIX/share/cimarron of a program in PREFIX/bin, wherever it was installed; or NULL. */
static const char *home_beside_program(struct arena *a)
{
    char path[PATH_BYTES];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return NULL;
        *slash = '\0';
    }
    const char *home = arena_printf(a, "%s/share/cimarron", path);
    return is_folder(home) ? home : NULL;
}

const char *cfg_home(struct arena *a)
{
    const char *set = getenv("CIMARRON_HOME");
    if (set && set[0])
        return arena_strdup(a, set);
    const char *beside = home_beside_program(a); /* an installed program keeps to its own share */
    if (beside)
        return beside;
    return is_folder(CIMARRON_SOURCE_HOME "/configs") ? CIMARRON_SOURCE_HOME : CIMARRON_DATA_HOME;
}

/* All role folders of configs/, by name. */
static struct words all_roles(struct arena *a, const char *configs)
{
    struct words roles = {.arena = a};
    DIR *folder = alloc_folder(configs);
    if (!folder)
        return roles;
    for (struct dirent *e; (e = readdir(folder));)
        if (e->d_name[0] != '.' && is_folder(arena_printf(a, "%s/%s", configs, e->d_name)))
            words_add(&roles, arena_strdup(a, e->d_name));
    closedir(folder);
    words_sort(&roles);
    return roles;
}

static struct words roles_of(struct arena *a, const char *configs, const char *const *roles)
{
    struct words list = {.arena = a};
    if (!roles)
        return all_roles(a, configs);
    for (; *roles; roles++)
        words_add(&list, *roles);
    return list;
}

static void add_names(struct words *names, const char *configs, const char *role)
{
    DIR *folder = alloc_folder(arena_printf(names->arena, "%s/%s", configs, role));
    if (!folder)
        return;
    for (struct dirent *e; (e = readdir(folder));) {
        size_t length = strlen(e->d_name);
        if (length > 4 && strcmp(e->d_name + length - 4, ".cfg") == 0)
            words_add(names, arena_strndup(names->arena, e->d_name, length - 4));
    }
    closedir(folder);
}

static bool resembles(const char *name, const char *known)
{
    return cfg_is_near(name, known) || strstr(known, name) || strstr(name, known);
}

static const char *join(struct arena *a, const struct words *w, size_t limit)
{
    const char *text = "";
    for (size_t i = 0; i < w->count && i < limit; i++)
        text = arena_printf(a, "%s%s%s", text, i ? ", " : "", w->items[i]);
    return w->count > limit ? arena_printf(a, "%s, ...", text) : text;
}

static const char *complain(struct arena *a, const char *name, const char *configs,
                            const struct words *roles, struct diag *d)
{
    struct words names = {.arena = a}, near = {.arena = a};
    for (size_t i = 0; i < roles->count; i++)
        add_names(&names, configs, roles->items[i]);
    words_sort(&names);
    for (size_t i = 0; i < names.count; i++)
        if (resembles(name, names.items[i]))
            words_add(&near, names.items[i]);
    const char *where =
        roles->count == 1 ? arena_printf(a, "%s/%s", configs, roles->items[0]) : configs;
    if (near.count)
        diag_input(d, NULL, 0, "'%s' is no file and no config in %s; did you mean %s?", name, where,
                   join(a, &near, SUGGESTIONS_MAX));
    else if (names.count)
        diag_input(d, NULL, 0, "'%s' is no file and no config in %s; there are %s", name, where,
                   join(a, &names, LISTED_MAX));
    else
        diag_input(d, NULL, 0, "'%s' is no file, and %s holds no configs (is CIMARRON_HOME right?)",
                   name, where);
    return NULL;
}

/* Without a list of roles a name that two roles have says nothing. */
static const char *only_one(struct arena *a, const struct words *found, const char *name,
                            bool any_role, struct diag *d)
{
    if (!any_role || found->count == 1)
        return found->items[0];
    diag_input(d, NULL, 0, "'%s' may be %s; give the path", name, join(a, found, SUGGESTIONS_MAX));
    return NULL;
}

/* configs/ROLE/NAME.cfg of one of the roles. */
static const char *find_shipped(struct arena *a, const char *name, const char *const *roles,
                                struct diag *d)
{
    const char *configs = arena_printf(a, "%s/configs", cfg_home(a));
    struct words list = roles_of(a, configs, roles), found = {.arena = a};
    for (size_t i = 0; i < list.count; i++) {
        const char *path = arena_printf(a, "%s/%s/%s.cfg", configs, list.items[i], name);
        if (is_file(path))
            words_add(&found, path);
    }
    if (found.count)
        return only_one(a, &found, name, !roles, d);
    return complain(a, name, configs, &list, d);
}

const char *cfg_find(struct arena *a, const char *name, const char *const *roles, struct diag *d)
{
    return is_file(name) ? arena_strdup(a, name) : find_shipped(a, name, roles, d);
}

const char *cfg_find_beside(struct arena *a, const char *file, const char *name,
                            const char *const *roles, struct diag *d)
{
    const char *path = cfg_include_path(a, file, name);
    return is_file(path) ? path : find_shipped(a, name, roles, d);
}

const char *cfg_find_named(struct arena *a, const struct cfg_group *g, const char *key,
                           const char *const *roles, struct diag *d)
{
    const struct cfg_entry *e = cfg_entry(g, key);
    const char *name = cfg_text_or(g, key, "");
    return e && !e->set ? cfg_find_beside(a, e->place.file, name, roles, d)
                        : cfg_find(a, name, roles, d);
}
