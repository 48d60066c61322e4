/* fixture.h — a chip for a test: opened from a shipped config, with overrides. */
#ifndef CIMARRON_TEST_SYSTEM_H
#define CIMARRON_TEST_SYSTEM_H

#include "core/system/system.h"
#include "tests/check_main.h"

static inline struct system *open_chip_with(struct arena *a, const char *name,
                                            const struct cfg_override *set, size_t count)
{
    struct system *s = NULL;
    struct diag d = {.status = 0};
    ck_assert_msg(system_open(a, name, set, count, &s, &d), "%s: %s", name, d.text);
    return s;
}

static inline struct system *open_chip(struct arena *a, const char *name)
{
    return open_chip_with(a, name, NULL, 0);
}

static inline struct system_peak peak_of(const struct system *s, int input_bits, int weight_bits)
{
    struct system_work w = system_usual_work(s, input_bits, weight_bits);
    struct system_peak p;
    struct diag d = {.status = 0};
    ck_assert_msg(system_peak(s, &w, &p, &d), "%s", d.text);
    return p;
}

/* With every part at full activity. */
static inline struct system_power full_power_of(const struct system *s)
{
    struct system_work w = system_usual_work(s, 0, 0);
    struct system_power p;
    struct diag d = {.status = 0};
    ck_assert_msg(system_full_power(s, &w, &p, &d), "%s", d.text);
    return p;
}

#endif
