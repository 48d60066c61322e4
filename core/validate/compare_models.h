/* compare_models.h — what a row of a comparison table asks a model for.
 *
 * Private to core/validate: compare_peak.c reads rows, compare_models.c and compare_accelerator.c
 * ask the models. */
#ifndef CIMARRON_COMPARE_MODELS_H
#define CIMARRON_COMPARE_MODELS_H

#include "core/validate/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a row asks a model for. */
struct compare_asking {
    struct arena *arena;
    const struct compare_models *models;
    const struct compare_row *row;
    const struct cfg_group *g;
    const char *path;
    const struct cfg_override *set;
    size_t set_count, samples;
    uint64_t seed;
};

/* Fills the figures of the role that the config is of; its published figures stand in `f`. */
FALLIBLE bool compare_ask(const struct compare_asking *q, struct compare_figures *f,
                          struct diag *d);

/* The same for a config of configs/accelerator. */
FALLIBLE bool compare_accelerator(const struct compare_asking *q, struct compare_figures *f,
                                  struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
