/* cfg_sample.h — the schema that the config tests, tests/bad/cfg-* and the fuzzer read by.
 *
 * A memory stack: `channels` (1..32) and `read_pj` are required, everything else has a default;
 * `area_um2` comes from a base schema; an interface may stand as the sub-group `io`. */
#ifndef CIMARRON_TESTS_CFG_SAMPLE_H
#define CIMARRON_TESTS_CFG_SAMPLE_H

#include "core/base/cfg.h"

#include <math.h>

struct sample {
    int64_t channels, burst;
    double vdd;
    struct quantity read_pj, write_pj, area_um2;
    struct cfg_ints rows;
    const char *label;
    int policy;
    bool ecc;
};

struct sample_io {
    int64_t width;
    struct quantity bit_pj;
};

enum { POLICY_OPEN, POLICY_CLOSED, POLICY_ADAPTIVE };

static const char *const sample_policies[] = {"open", "closed", "adaptive", NULL};
static const char *const sample_groups[] = {"io", NULL};

#define SAMPLE(key, type) #key, type, offsetof(struct sample, key)

static const struct cfg_field sample_base_fields[] = {
    {SAMPLE(area_um2, CFG_QUANTITY), "um2", 0, INFINITY, "0", NULL, "area"},
};

static const struct cfg_schema sample_base = {
    "part", "any part", sample_base_fields, COUNT_OF(sample_base_fields), NULL, NULL};

static const struct cfg_field sample_fields[] = {
    {SAMPLE(channels, CFG_INT), "", 1, 32, NULL, NULL, "independent channels"},
    {SAMPLE(burst, CFG_INT), "", 1, 5e9, "4", NULL, "burst length"},
    {SAMPLE(vdd, CFG_REAL), "V", 0.4, 1.2, "1.1", NULL, "supply"},
    {SAMPLE(read_pj, CFG_QUANTITY), "pJ", 0, 1e6, NULL, NULL, "energy of a read"},
    {SAMPLE(write_pj, CFG_QUANTITY), "pJ", 0, 1e6, "2.5", NULL, "energy of a write"},
    {SAMPLE(rows, CFG_INTS), "", 1, 65536, "[]", NULL, "rows of each bank"},
    {SAMPLE(label, CFG_TEXT), "", 0, 0, "none", NULL, "what is printed on it"},
    {SAMPLE(policy, CFG_CHOICE), "", 0, 0, "open", sample_policies, "row policy"},
    {SAMPLE(ecc, CFG_BOOL), "", 0, 0, "false", NULL, "error correction"},
};

static const struct cfg_schema sample_schema = {
    "memory stack", "a stack", sample_fields, COUNT_OF(sample_fields), sample_groups, &sample_base};

static const struct cfg_field sample_io_fields[] = {
    {"width", CFG_INT, offsetof(struct sample_io, width), "bits", 1, 4096, "64", NULL, "width"},
    {"bit_pj", CFG_QUANTITY, offsetof(struct sample_io, bit_pj), "pJ", 0, 100, "1", NULL, "energy"},
};

static const struct cfg_schema sample_io_schema = {
    "interface", "an interface", sample_io_fields, COUNT_OF(sample_io_fields), NULL, NULL};

/* Reads the root and, when it stands, io. */
static inline bool sample_read(const struct cfg *c, struct sample *out, struct sample_io *io,
                               struct diag *d)
{
    const struct cfg_group *g = cfg_sub_or_null(cfg_root(c), "io");
    return cfg_read(cfg_root(c), &sample_schema, out, d) &&
           (!g || cfg_read(g, &sample_io_schema, io, d));
}

#endif
