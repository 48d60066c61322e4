#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/app/list.h"
#include "core/app/result.h"
#include "core/base/alloc.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length > tail && !strcmp(name + length - tail, ending);
}

static size_t count_files(const char *path, const char *ending)
{
    size_t count = 0;
    DIR *folder = alloc_folder(path);
    if (!folder)
        return 0;
    for (struct dirent *e; (e = readdir(folder));)
        count += ends_in(e->d_name, ending);
    closedir(folder);
    return count;
}

/* readdir's order is the file system's: sorted, equal trees give equal lists. */
struct texts list_files(struct app *app, const char *folder, const char *ending)
{
    struct arena *a = app->arena;
    const char *path = arena_printf(a, "%s/%s", cfg_home(a), folder);
    size_t room = count_files(path, ending);
    struct texts names = {.items = ARENA_ARRAY(a, const char *, room + 1)};
    DIR *open = room ? alloc_folder(path) : NULL;
    if (!open)
        return names;
    for (struct dirent *e; names.count < room && (e = readdir(open));)
        if (ends_in(e->d_name, ending))
            names.items[names.count++] =
                arena_strndup(a, e->d_name, strlen(e->d_name) - strlen(ending));
    closedir(open);
    qsort(names.items, names.count, sizeof *names.items, by_text);
    return names;
}

void list_year(struct app *app, json_t *row, int64_t year)
{
    if (app->format == REPORT_JSON || app->format == REPORT_CSV)
        put_int(row, "year", year);
    else
        put_text(row, "year", arena_printf(app->arena, "%lld", (long long)year));
}

static bool open_one(struct app *app, const char *path, list_open *open, json_t *row,
                     struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(app->arena, path, NULL, 0, &c, d));
    put_text(row, "title", cfg_text_or(cfg_root(c), "title", NULL));
    bool ok = open(app, path, cfg_root(c), row, d);
    cfg_close(c);
    return ok;
}

void list_configs(struct app *app, json_t *list, const char *role, list_open *open)
{
    struct arena *a = app->arena;
    struct texts names = list_files(app, arena_printf(a, "configs/%s", role), ".cfg");
    for (size_t i = 0; i < names.count; i++) {
        struct diag d = {0};
        char text[DIAG_FILE_MAX + DIAG_TEXT_MAX + 16];
        json_t *row = add_row(list);
        put_text(row, "name", names.items[i]);
        const char *path =
            arena_printf(a, "%s/configs/%s/%s.cfg", cfg_home(a), role, names.items[i]);
        if (open_one(app, path, open, row, &d))
            continue;
        diag_format(&d, text, sizeof text);
        put_text(row, "error", text);
    }
}
