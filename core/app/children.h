/* children.h — work in child processes: a simulation kernel can be started once per process.
 *
 * Each piece of work runs in a forked child and sends its JSON, or its complaint, through a pipe.
 * Children run side by side, as many as there are cores; results come back in order.  Where
 * several fail, the complaint of the first in order is told, whichever ended first.  While work
 * lasts longer than a second, a bar shows on a terminal. */
#ifndef CIMARRON_CHILDREN_H
#define CIMARRON_CHILDREN_H

#include <jansson.h>

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The index-th piece of work, called in its child; *out is an object. */
typedef bool children_work(struct arena *a, const void *user, size_t index, json_t **out,
                           struct diag *d);

/* How the user wants it. */
struct children_manner {
    bool bar;     /* show progress on a terminal */
    bool untimed; /* results say nothing of the time that they took */
};

struct app;
struct children_manner children_manner_of(const struct app *app);

struct children {
    children_work *work;
    const void *user;
    size_t count;
    const char *(*label)(const void *user, size_t index); /* for complaints: "isaac on resnet50" */
    struct children_manner manner;
    size_t jobs; /* side by side; 0: as many as there are cores */
    /* Takes each result as it comes, or (NULL) what was wrong: then a failure does not end the
     * others, and children_run gives an empty array.  False ends all. */
    bool (*take)(void *to, size_t index, const json_t *result, const struct diag *failed,
                 struct diag *d);
    void *to;
};

/* *out is an array of `count` results.  A result without a `cpu_s` gets its child's, in seconds;
 * untimed ones have neither `cpu_s` nor `wall_s`. */
FALLIBLE bool children_run(struct arena *a, const struct children *c, json_t **out, struct diag *d);

/* One piece of work, index 0; *out is its object. */
FALLIBLE bool children_run_one(struct arena *a, children_work *work, const void *user,
                               const char *name, struct children_manner manner, json_t **out,
                               struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
