/* sweep.h — what the command sweep shows of its points; only core/app/cmd_sweep.c includes it. */
#ifndef CIMARRON_APP_SWEEP_H
#define CIMARRON_APP_SWEEP_H

#include "core/app/app.h"
#include "core/search/space.h"

#ifdef __cplusplus
extern "C" {
#endif

struct objective {
    const char *key;
    bool most; /* more is better */
};

struct sweep_view {
    const struct space *space;
    const struct objective *objectives;
    size_t objective_count;
    const struct condition *conditions; /* on figures */
    size_t condition_count;
    bool front, csv;
    size_t top; /* 0: all */
};

/* Prints the points, an array of what store_get gives, and returns the exit status. */
int sweep_show(const struct app *app, const struct sweep_view *v, const json_t *points);

#ifdef __cplusplus
}
#endif
#endif
