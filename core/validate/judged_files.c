/* Which configs are judged: those of a role's folder, and files that stand elsewhere. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/cfg.h"
#include "core/cim/array.h"
#include "core/validate/validate.h"

const char *judged_base_name(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    bool config = length > 4 && !strcmp(name + length - 4, ".cfg");
    return arena_strndup(a, name, config ? length - 4 : length);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_config(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && !strcmp(name + length - 4, ".cfg");
}

/* `room` paths at most; NULL paths: only counted. */
static size_t scan(struct arena *a, const char *folder, const char **paths, size_t room)
{
    size_t count = 0;
    DIR *open = alloc_folder(folder);
    if (!open)
        return 0;
    for (struct dirent *e; (!paths || count < room) && (e = readdir(open));) {
        if (!is_config(e->d_name))
            continue;
        if (paths)
            paths[count] = arena_printf(a, "%s/%s", folder, e->d_name);
        count++;
    }
    closedir(open);
    return count;
}

static bool is_array(const char *kind)
{
    for (size_t i = 0; array_kind_at(i); i++)
        if (!strcmp(array_kind_at(i)->kind, kind))
            return true;
    return false;
}

const char *judged_role(const struct cfg_group *g)
{
    const char *kind = cfg_text_or(g, "kind", "");
    if (!strcmp(kind, "accelerator"))
        return "accelerator";
    if (!strcmp(kind, "design_space"))
        return "design_space";
    if (!strcmp(kind, "wafer"))
        return "wafer";
    if (is_array(kind))
        return "macro";
    if (cfg_has(g, "mac_per_clk"))
        return "gpu";
    return cfg_has(g, "tile") ? "chip" : "";
}

/* A file that cannot be read is of no role: who asked for it is told when it is checked. */
static bool is_of_role(struct arena *a, const char *path, const char *role)
{
    struct cfg *c;
    struct diag d = {0};
    if (!cfg_open(a, path, NULL, 0, &c, &d))
        return false;
    bool is = !strcmp(judged_role(cfg_root(c)), role);
    cfg_close(c);
    return is;
}

struct judged_files judged_files(const struct judged_list *l, const char *role)
{
    const char *folder = arena_printf(l->arena, "%s/configs/%s", cfg_home(l->arena), role);
    size_t shipped = scan(l->arena, folder, NULL, 0), extra = 0;
    for (const char *const *e = l->extra; e && *e; e++)
        extra++;
    struct judged_files f = {.paths = ARENA_ARRAY(l->arena, const char *, shipped + extra)};
    f.count = scan(l->arena, folder, f.paths, shipped);
    if (f.count)
        qsort(f.paths, f.count, sizeof *f.paths, by_text);
    for (const char *const *e = l->extra; e && *e; e++)
        if (is_of_role(l->arena, *e, role))
            f.paths[f.count++] = *e;
    return f;
}
