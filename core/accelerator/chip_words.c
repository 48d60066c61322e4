/* The words of configs and data files for what a chip is made of. */
#include <string.h>

#include "core/accelerator/chip_power.h"

const char *const chip_precision_names[] = {"int4", "int8", "int16", "fp4",  "fp8",
                                            "fp16", "bf16", "tf32",  "fp32", NULL};
const char *const chip_engine_names[] = {"systolic", "tree", "mma_sync", "wgmma", "tcgen",
                                         "mfma",     "simd", "rf",       NULL};
const char *const chip_memory_names[] = {"none",   "hbm2", "hbm3", "gddr6", "lpddr4",
                                         "lpddr5", "ddr3", "ddr4", "other", NULL};
const char *const chip_process_names[] = {"high_performance", "low_power", NULL};
const char *const chip_class_names[] = {"product", "test_chip", "datacentre", "gpu", NULL};
const char *const chip_scope_names[] = {"core", "chip", "board", NULL};

int chip_word(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}
