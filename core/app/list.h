/* list.h — what is built in or found on disk, as results: one row per thing.
 *
 * Everything comes from registries, schemas and the configs folder; nothing here is a list kept by
 * hand.  A config that does not open is a row with its complaint. */
#ifndef CIMARRON_LIST_H
#define CIMARRON_LIST_H

#include "core/app/app.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One kind of thing that can be listed.  `fill` adds lists of rows to the result, the things
 * themselves first. */
struct listing {
    const char *name;
    const char *also; /* other words for it, each between blanks: " noc network " */
    const char *help;
    void (*fill)(struct app *app, json_t *result);
};

const struct listing *listing_at(size_t index); /* NULL past the end */

/* --- schemas (list_schema.c) ------------------------------------------------------------------ */

/* A row per parameter: of, parameter, type, unit, range, default (null: required), help. */
void list_schema(struct app *app, json_t *list, const char *of, const struct cfg_schema *schema);

/* --- files (list_files.c) --------------------------------------------------------------------- */

/* Sorted names, without the ending, of the files in FOLDER (under cfg_home) that have it. */
struct texts list_files(struct app *app, const char *folder, const char *ending);

/* Opens the config as what it is and fills its row. */
typedef bool list_open(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                       struct diag *d);

/* A row per config of configs/ROLE: name, title, what `open` knows. */
void list_configs(struct app *app, json_t *list, const char *role, list_open *open);

/* A year, for people without a comma in it: 2016, not 2,016. */
void list_year(struct app *app, json_t *row, int64_t year);

/* --- what is found, by role (list_found.c, list_packaging.c) -------------------------------- */

void list_systems(struct app *app, json_t *result);
void list_arrays(struct app *app, json_t *result);
void list_macros(struct app *app, json_t *result);
void list_accelerators(struct app *app, json_t *result);
void list_cells(struct app *app, json_t *result);
void list_memories(struct app *app, json_t *result);
void list_networks(struct app *app, json_t *result);
void list_links(struct app *app, json_t *result);
void list_packages(struct app *app, json_t *result);
void list_wafers(struct app *app, json_t *result);
void list_gpus(struct app *app, json_t *result);
void list_traces(struct app *app, json_t *result);
void list_tables(struct app *app, json_t *result);
void list_published(struct app *app, json_t *result);

#ifdef __cplusplus
}
#endif
#endif
