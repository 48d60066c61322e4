/* cimarron check: read configs and traces strictly, simulate nothing. */
#include <string.h>

#include "chiplet/link.h"
#include "chiplet/wafer.h"
#include "core/accelerator/accelerator.h"
#include "core/app/check.h"
#include "core/cim/array.h"
#include "core/gpu/gpu.h"
#include "core/gpu/gpu_measured.h"
#include "core/report/run.h"
#include "core/system/system.h"
#include "core/tech/cell.h"
#include "core/validate/compare.h"
#include "core/validate/design_space.h"
#include "memory/memory.h"
#include "noc/network.h"

/* --- opening a config as what it is --------------------------------------------------------- */

typedef bool open_config(struct app *app, const struct cfg_group *g, struct diag *d);

static bool open_accelerator(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct accelerator *x;
    return accelerator_open(app->arena, g, &x, d);
}

static bool open_macro(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct array *x;
    return array_open(app->arena, g, &x, d);
}

static bool open_memory(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct memory *m;
    return memory_open(app->arena, g, &m, d);
}

/* The smallest shape that any network can have. */
static bool open_noc(struct app *app, const struct cfg_group *g, struct diag *d)
{
    const struct network_shape shape = {.width = 1, .height = 1, .concentration = 1, .tiles = 1};
    struct network *n;
    return network_open(app->arena, g, &shape, &n, d);
}

static bool open_link(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct link l;
    (void)app;
    return link_open(g, &l, d);
}

static bool open_wafer(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct wafer *w;
    return wafer_open(app->arena, g, (uint64_t)app->common.seed, &w, d);
}

static bool open_gpu(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct gpu *x;
    return gpu_open(app->arena, g, &x, d);
}

static bool open_cell(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct cell c;
    (void)app;
    return cell_read(g, &c, d);
}

static bool open_study(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct gpu_measured *m;
    struct compare_table t;
    struct design_space space;
    if (!strcmp(cfg_text_or(g, "kind", ""), "table"))
        return compare_read(app->arena, g, &t, d);
    if (!strcmp(cfg_text_or(g, "kind", ""), "design_space"))
        return design_space_read(app->arena, g, &space, d);
    return gpu_measured_open(app->arena, g, &m, d);
}

static bool open_system(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct system *s;
    return system_open(app->arena, cfg_file(g), app->set, app->common.set.count, &s, d);
}

/* --- telling what it is --------------------------------------------------------------------- */

static bool is_array_kind(const char *kind)
{
    for (size_t i = 0; array_kind_at(i); i++)
        if (!strcmp(array_kind_at(i)->kind, kind))
            return true;
    return false;
}

static bool is_memory_kind(const char *kind)
{
    for (size_t i = 0; memory_kind_at(i); i++)
        if (!strcmp(memory_kind_at(i)->kind, kind))
            return true;
    return false;
}

static bool is_network_kind(const char *kind)
{
    for (size_t i = 0; network_kind_at(i); i++)
        if (!strcmp(network_kind_at(i)->kind, kind))
            return true;
    return false;
}

static bool is_cell_kind(const char *kind)
{
    for (size_t i = 0; i < cell_schema.count; i++)
        for (const char *const *word = cell_schema.fields[i].choices; word && *word; word++)
            if (!strcmp(cell_schema.fields[i].key, "kind") && !strcmp(*word, kind))
                return true;
    return false;
}

static bool is_package_kind(const char *kind)
{
    return !strcmp(kind, "package");
}

static bool is_wafer_kind(const char *kind)
{
    return !strcmp(kind, "wafer");
}

static bool is_accelerator_kind(const char *kind)
{
    return !strcmp(kind, "accelerator");
}

static bool is_study_kind(const char *kind)
{
    return !strcmp(kind, "table") || !strcmp(kind, "design_space");
}

/* A config is told by its kind or by a key that only it has; one without either by its folder. */
struct role {
    const char *folder;
    bool (*is_kind)(const char *kind);
    const char *key;
    open_config *open;
};

static const struct role roles[] = {
    {"accelerator", is_accelerator_kind, NULL, open_accelerator},
    {"cell", is_cell_kind, NULL, open_cell},
    {"chip", NULL, "tile", open_system},
    {"gpu", NULL, "mac_per_clk", open_gpu},
    {"link", NULL, "gb_per_s", open_link},
    {"macro", is_array_kind, NULL, open_macro},
    {"memory", is_memory_kind, NULL, open_memory},
    {"noc", is_network_kind, NULL, open_noc},
    {"package", is_package_kind, NULL, open_system},
    {"study", is_study_kind, "scenario", open_study},
    {"wafer", is_wafer_kind, NULL, open_wafer},
};

static const struct role *role_of_keys(const struct cfg_group *g)
{
    const char *kind = cfg_text_or(g, "kind", "");
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if ((roles[i].is_kind && roles[i].is_kind(kind)) ||
            (roles[i].key && cfg_has(g, roles[i].key)))
            return &roles[i];
    return NULL;
}

/* The role whose folder holds the file. */
static const struct role *role_of_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; slash && i < COUNT_OF(roles); i++) {
        size_t length = strlen(roles[i].folder);
        const char *at = slash - length;
        if (slash >= path + length && !strncmp(at, roles[i].folder, length) &&
            (at == path || at[-1] == '/'))
            return &roles[i];
    }
    return NULL;
}

static const struct role *role_of(struct app *app, const char *path, const struct cfg_group *g,
                                  struct diag *d)
{
    const struct role *role = role_of_keys(g);
    const char *known = "";
    if (!role)
        role = role_of_folder(path);
    for (size_t i = 0; !role && i < COUNT_OF(roles); i++)
        known = arena_printf(app->arena, "%s%s%s", known, i ? ", " : "", roles[i].folder);
    if (!role)
        cfg_complain(g, NULL, d, "neither its keys nor its folder tell what this describes: %s",
                     known);
    return role;
}

/* --- the command ---------------------------------------------------------------------------- */

/* What was published about the part is read as strictly as the part. */
static bool check_published(struct app *app, const struct cfg_group *g, struct diag *d)
{
    struct published p;
    bool found;
    return published_read(app->arena, g, &p, &found, d);
}

/* What run takes; a wafer that names no chip has only its own figures. */
static bool is_system(const struct role *r, const struct cfg_group *g)
{
    return r->open == open_system || (r->open == open_wafer && cfg_has(g, "chip"));
}

static bool check_as(struct app *app, const char *path, open_config *open,
                     const struct cfg_override *set, size_t set_count, struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(app->arena, path, set, set_count, &c, d));
    bool ok = open(app, cfg_root(c), d) && check_published(app, cfg_root(c), d);
    cfg_close(c);
    return ok;
}

/* A system places overrides itself: some are for the chip within it. */
static bool check_config(struct app *app, struct checked *out, struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(app->arena, out->path, NULL, 0, &c, d));
    const struct role *role = role_of(app, out->path, cfg_root(c), d);
    bool system = role && is_system(role, cfg_root(c));
    cfg_close(c);
    if (!role)
        return false;
    out->kind = role->folder;
    return system ? check_as(app, out->path, open_system, NULL, 0, d)
                  : check_as(app, out->path, role->open, app->set, app->common.set.count, d);
}

static bool ends_in_cfg(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && !strcmp(name + length - 4, ".cfg");
}

/* A name without its ending is a config's, or else a sample trace's. */
static bool check_file(struct app *app, const char *word, struct checked *out, struct diag *d)
{
    struct diag no_trace = {0}, no_config = {0};
    const char *trace = ends_in_cfg(word) ? NULL : run_find_trace(app->arena, word, &no_trace);
    const char *config =
        trace && strchr(word, '.') ? NULL : cfg_find(app->arena, word, NULL, &no_config);
    if (config && ends_in_cfg(config)) {
        out->path = config;
        return check_config(app, out, d);
    }
    if (trace)
        return check_trace(app, word, out, d);
    *d = no_config;
    return false;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    (void)values;
    return check_all(app, words, check_file);
}

const struct command command_check = {
    .name = "check",
    .summary = "read configs and traces strictly, simulate nothing",
    .words = "FILE...",
    .about =
        "Opens each .cfg as what its keys or its folder say it is (accelerator, cell, chip, gpu,\n"
        "link, macro, memory, noc, package, study, wafer), with its published figures, and reads\n"
        "each trace to its end.  Prints `FILE: ok`, or the first complaint as FILE:LINE: sentence\n"
        "on stderr, and goes on with the next.  Exit status 2 when any is wrong.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron check configs/*/*.cfg\n"
        "  cimarron check mychip.cfg --set tile.arrays=48\n",
    .words_min = 1,
    .words_max = SIZE_MAX,
    .takes_set = true,
    .run = run,
};
