/* store.h — the results of a sweep in an SQLite file.
 *
 * Table `point` has a row for each point that a sweep has planned, with what its result depends on
 * and its status: open, done, failed (`message` says why; of a point that is done, its warnings).
 * Table `figure` has its figures, view `result` one column for each setting and figure.  The file
 * is in WAL mode and a point is one transaction: a process that is killed loses what it had not
 * yet stored, no more.  Others may read the file meanwhile; one sweep at a time writes. */
#ifndef CIMARRON_SEARCH_STORE_H
#define CIMARRON_SEARCH_STORE_H

#include <jansson.h>

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a point is: two that agree in all of this are one. */
struct store_point {
    const char *system, *trace, *settings; /* a JSON object */
    const char *config_hash, *trace_hash, *program;
    int64_t seed;
    int64_t id; /* filled by store_plan */
    bool open;  /* filled by store_plan: it has no result yet */
};

struct store;

/* Opens the file, making it where there is none.  A file of another kind, and one that another
 * sweep is writing, is an error. */
FALLIBLE bool store_open(struct arena *a, const char *path, struct store **out, struct diag *d);
void store_close(struct store *s);

/* Enters the points that are not there yet, all or none. */
FALLIBLE bool store_plan(struct store *s, struct store_point *points, size_t count, struct diag *d);

/* The result of a point: `figures` is a flat object of numbers, texts and nulls; NULL: it has
 * failed, and `message` says why. */
FALLIBLE bool store_put(struct store *s, int64_t id, const json_t *figures, const char *message,
                        struct diag *d);

/* The point as {"id", "status", "message", "settings": {...}, "figures": {...}}. */
FALLIBLE bool store_get(struct store *s, int64_t id, json_t **out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
