/* dram_cfg.h — the kind "dram" as memory.c knows it: its schema and how it is opened.
 *
 * Answers: a config to an open memory.  The model is dram.h. */
#ifndef CIMARRON_MEMORY_DRAM_CFG_H
#define CIMARRON_MEMORY_DRAM_CFG_H

#include "memory/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct cfg_schema dram_schema;

FALLIBLE bool dram_open(struct arena *a, const struct cfg_group *g, int64_t stacks,
                        struct memory **out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
