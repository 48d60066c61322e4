/* Measured figures as data. */
#include "core/gpu/gpu_measured.h"

#include <stddef.h>
#include <string.h>

#define TEXT(key, type, member, help)                                                              \
    {                                                                                              \
        key, CFG_TEXT, offsetof(struct type, member), "", 0, 0, NULL, NULL, help                   \
    }

static const struct cfg_field top_fields[] = {
    TEXT("name", gpu_measured, name, "the study"),
    TEXT("workload", gpu_measured, workload, "the network"),
    TEXT("scenario", gpu_measured, scenario, "benchmark and round"),
    TEXT("unit", gpu_measured, unit, "what is counted per second"),
};

const struct cfg_schema gpu_measured_schema = {
    "measured throughput",
    "a network's measured throughput on GPUs, one sub-group per GPU",
    top_fields,
    COUNT_OF(top_fields),
    NULL,
    NULL};

static const struct cfg_field row_fields[] = {
    TEXT("system", gpu_measured_row, system, "the system that was measured"),
    TEXT("precision", gpu_measured_row, precision, "of weights and activations"),
    {"per_s", CFG_REAL, offsetof(struct gpu_measured_row, per_s), "1/s", 1e-3, 1e12, NULL, NULL,
     "per accelerator"},
    {"accelerators", CFG_INT, offsetof(struct gpu_measured_row, accelerators), "", 1, 1e6, NULL,
     NULL, "in the system"},
};

static const struct cfg_schema row_schema = {"measured GPU",       "one system", row_fields,
                                             COUNT_OF(row_fields), NULL,         NULL};

/* The sub-groups are named by the user: the schema that is read with allows exactly these. */
static bool read_top(struct arena *a, const struct cfg_group *g, struct gpu_measured *m,
                     struct diag *d)
{
    struct cfg_schema schema = gpu_measured_schema;
    const char **names = ARENA_ARRAY(a, const char *, cfg_sub_count(g) + 1);
    for (size_t i = 0; i < cfg_sub_count(g); i++)
        names[i] = cfg_name(cfg_sub_at(g, i));
    schema.groups = names;
    return cfg_read(g, &schema, m, d);
}

bool gpu_measured_open(struct arena *a, const struct cfg_group *g, struct gpu_measured **out,
                       struct diag *d)
{
    struct gpu_measured *m = ARENA_NEW(a, struct gpu_measured);
    TRY(read_top(a, g, m, d));
    m->count = cfg_sub_count(g);
    if (m->count == 0)
        return cfg_complain(g, NULL, d, "no GPU stands here: add a group named like its config");
    m->rows = ARENA_ARRAY(a, struct gpu_measured_row, m->count);
    for (size_t i = 0; i < m->count; i++) {
        const struct cfg_group *sub = cfg_sub_at(g, i);
        TRY(cfg_read(sub, &row_schema, &m->rows[i], d));
        m->rows[i].gpu = cfg_name(sub);
        m->rows[i].source = cfg_source_of(sub, "per_s");
    }
    *out = m;
    return true;
}
