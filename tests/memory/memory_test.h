/* memory_test.h — what the memory tests share: opening a config, driving it, running transfers. */
#ifndef CIMARRON_TESTS_MEMORY_H
#define CIMARRON_TESTS_MEMORY_H

#include <stdio.h>
#include <string.h>

#include "memory/dram.h"
#include "memory/drive.h"
#include "tests/check_main.h"

#define RAMULATOR_HBM2 "configs/memory/hbm2_2000_ramulator.cfg"
#define HBM2 "configs/memory/hbm2_2000.cfg"

/* `set` is a NULL-terminated list of PATH, VALUE pairs; may be NULL. */
static inline struct memory *open_memory(struct arena *a, const char *path, const char *const *set)
{
    struct cfg_override overrides[16] = {{NULL, NULL}};
    size_t count = 0;
    struct diag d = {.status = 0};
    struct cfg *c = NULL;
    struct memory *m = NULL;
    char text[1200];
    for (; set && set[2 * count]; count++)
        overrides[count] = (struct cfg_override){set[2 * count], set[2 * count + 1]};
    bool good = cfg_open(a, path, overrides, count, &c, &d) && memory_open(a, cfg_root(c), &m, &d);
    diag_format(&d, text, sizeof text);
    ck_assert_msg(good, "%s", text);
    cfg_close(c);
    return m;
}

static inline struct drive_result drive_by(const char *path, const char *const *set,
                                           const struct drive_options *o)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    struct drive_result r;
    bool good = memory_drive(open_memory(a, path, set), o, &r, &d);
    ck_assert_msg(good, "%s", d.text);
    arena_close(a);
    return r;
}

static inline struct drive_result drive(const char *path, const char *const *set,
                                        const char *pattern, int64_t requests, double rate,
                                        int64_t channels)
{
    struct drive_options o = {
        .pattern = pattern, .requests = requests, .rate = rate, .channels = channels, .seed = 1};
    return drive_by(path, set, &o);
}

static inline bool submit(struct memory *m, uint64_t id, uint64_t address, int64_t bytes,
                          bool write, time_ps now)
{
    struct transfer t = {
        .id = id, .bytes = bytes, .address = address, .layer = (int32_t)id, .write = write};
    return m->base.ops->submit(&m->base, &t, now);
}

/* Runs until nothing is pending; returns the time of the last news. */
static inline time_ps run_dry(struct memory *m, time_ps now)
{
    for (time_ps next; (next = m->base.ops->advance(&m->base, now)) != TIME_NEVER;) {
        ck_assert_int_gt(next, now);
        now = next;
    }
    return now;
}

/* When one transfer alone is done. */
static inline time_ps time_alone(struct memory *m, uint64_t address, int64_t bytes, bool write)
{
    uint64_t id;
    time_ps done;
    ck_assert(submit(m, 1, address, bytes, write, 0));
    run_dry(m, 0);
    ck_assert(m->base.ops->collect(&m->base, &id, &done));
    return done;
}

#endif
