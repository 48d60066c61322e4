/* gpu_measured.h — measured throughput of whole networks on GPUs, to print beside predictions.
 *
 * Data only: nothing here enters a model.  One sub-group per GPU, named like its config. */
#ifndef CIMARRON_GPU_MEASURED_H
#define CIMARRON_GPU_MEASURED_H

#include "core/base/cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gpu_measured_row {
    const char *gpu;       /* base name of its config: "h100_sxm" */
    const char *system;    /* "8x H100 SXM (DGX H100)" */
    const char *precision; /* "int8" */
    const char *source;
    double per_s; /* samples per second and accelerator */
    int64_t accelerators;
};

struct gpu_measured {
    const char *name;     /* of the study */
    const char *workload; /* "ResNet-50 v1.5" */
    const char *scenario; /* "MLPerf Inference v3.0 Offline" */
    const char *unit;     /* "image" */
    struct gpu_measured_row *rows;
    size_t count;
};

extern const struct cfg_schema gpu_measured_schema;

/* Reads a study such as configs/study/mlperf_resnet50.cfg. */
FALLIBLE bool gpu_measured_open(struct arena *a, const struct cfg_group *g,
                                struct gpu_measured **out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
