/* fixture.h — a small chip whose every term can be done by hand, and the tree's table of chips. */
#ifndef CIMARRON_TEST_ACCELERATOR_FIXTURE_H
#define CIMARRON_TEST_ACCELERATOR_FIXTURE_H

#include "core/accelerator/accelerator.h"
#include "core/accelerator/accelerator_fit.h"
#include "tests/check_main.h"

#define CHIPS "configs/study/data/chips_structure.csv"

/* 1e12 int8 MAC/s at the node and supply of the constants, so that watts are pJ. */
static inline struct chip_point small_chip(void)
{
    struct chip_point p = {.precision = CHIP_INT8,
                           .engine = ENGINE_SYSTOLIC,
                           .memory = CHIP_MEMORY_NONE,
                           .process = PROCESS_LOW_POWER,
                           .design = CLASS_PRODUCT,
                           .scope = CHIP_SCOPE_CORE,
                           .node_nm = 7,
                           .vdd_v = 0.75,
                           .clock_ghz = 1,
                           .area_mm2 = 4,
                           .tera_macs_per_s = 1,
                           .rows = 32,
                           .columns = 32,
                           .hold_cycles = 32,
                           .near_kb = 32,
                           .tile = 32,
                           .activity = 1};
    return p;
}

static inline double watts(const struct chip_point *p)
{
    double part_w[PART_COUNT];
    struct chip_constants c = chip_constants_blind();
    return chip_power_w(p, &c, part_w);
}

static inline struct chip_data chips(struct arena *a)
{
    struct chip_data data;
    struct diag d = {.status = 0};
    ck_assert_msg(chip_data_read(a, CHIPS, &data, &d), "%s", d.text);
    ck_assert_uint_gt(data.count, 40);
    return data;
}

#endif
