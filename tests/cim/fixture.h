/* fixture.h — arrays of shipped macros, opened for a test, and what they answer. */
#ifndef CIMARRON_TEST_CIM_H
#define CIMARRON_TEST_CIM_H

#include <string.h>

#include "core/cim/macro.h"
#include "tests/check_main.h"

enum { SETS_MAX = 8 };

/* The array of configs/macro/NAME.cfg with "key=value" settings, at most SETS_MAX, then NULL. */
static inline struct array *open_macro(struct arena *a, const char *name,
                                       const char *const *settings)
{
    struct cfg_override set[SETS_MAX];
    size_t count = 0;
    struct diag d = {0};
    struct cfg *c;
    struct array *x;
    for (; settings && settings[count]; count++) {
        ck_assert_uint_lt(count, SETS_MAX);
        const char *equals = strchr(settings[count], '=');
        set[count].path = arena_strndup(a, settings[count], (size_t)(equals - settings[count]));
        set[count].value = equals + 1;
    }
    const char *path = arena_printf(a, CIMARRON_SOURCE_DIR "/configs/macro/%s.cfg", name);
    ck_assert_msg(cfg_open(a, path, set, count, &c, &d) && array_open(a, cfg_root(c), &x, &d),
                  "%s:%d: %s", d.file, d.line, d.text);
    cfg_close(c);
    return x;
}

#define OPEN(a, name, ...) open_macro((a), (name), (const char *const[]){__VA_ARGS__, NULL})

/* At the densities that macros are quoted at; vdd_v 0 is the macro's own supply. */
static inline struct macro_result evaluate(struct arena *a, const struct array *x, double vdd_v)
{
    struct macro_result r;
    struct diag d = {0};
    ck_assert_msg(macro_evaluate(a, x, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY, vdd_v, &r, &d),
                  "%s", d.text);
    return r;
}

static inline struct cost mvm(const struct array *x, struct array_job job)
{
    struct cost c;
    x->ops->mvm(x, &job, &c);
    return c;
}

static inline double mvm_pj(const struct array *x, struct array_job job)
{
    struct cost c = mvm(x, job);
    return cost_energy_pj(&c);
}

#endif
