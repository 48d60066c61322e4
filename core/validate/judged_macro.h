/* judged_macro.h — a macro's config opened for judging: its array, what was published of it, its
 * figures at its own supply.
 *
 * Answers: what several providers of core/validate ask of configs/macro, and rows that carry what
 * the published group says of chip, family, source, marks and known misses.  It judges nothing. */
#ifndef CIMARRON_JUDGED_MACRO_H
#define CIMARRON_JUDGED_MACRO_H

#include "core/cim/macro.h"
#include "core/validate/macro_points.h"
#include "core/validate/validate.h"

#ifdef __cplusplus
extern "C" {
#endif

struct judged_macro {
    const char *name, *path; /* of its file */
    const struct array *array;
    struct published published; /* chip is never NULL */
    bool has_published;
    struct macro_result at_home; /* at its own supply */
    double home_v;
    struct judged_list *list;
};

/* Opens and evaluates the config of m->path at the densities of core/cim/macro.h. */
FALLIBLE bool judged_macro_open(struct judged_list *l, const char *path, struct judged_macro *m,
                                struct diag *d);

/* Calls `judge` for every macro that has published figures and is asked for. */
typedef bool judge_macro(const struct judged_macro *m, const struct macro_points *points,
                         struct diag *d);
FALLIBLE bool judged_macro_each(struct judged_list *l, judge_macro *judge, struct diag *d);

FALLIBLE bool judged_macro_at(const struct judged_macro *m, double vdd_v, struct macro_result *out,
                              struct diag *d);

bool judged_macro_is_sram(const struct judged_macro *m);       /* charge or digital */
bool judged_macro_is_components(const struct judged_macro *m); /* NAME_components.cfg */

struct judged judged_macro_row(const struct judged_macro *m, enum judged_kind kind,
                               const char *metric);

/* Takes a known miss recorded as METRIC_WHERE, of one point, not of the whole chip. */
void judged_macro_know(const struct judged_macro *m, const char *where, struct judged *j);

/* Adds the row unless prediction or reference is NAN. */
void judged_macro_add(const struct judged_macro *m, struct judged *j);

#ifdef __cplusplus
}
#endif
#endif
