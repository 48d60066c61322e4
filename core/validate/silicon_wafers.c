/* Wafers from their structure: memory, its bandwidth, the fabric's, cores in use. */
#include <math.h>

#include "chiplet/wafer.h"
#include "core/validate/validate.h"

/* Sources round to two digits and do not say at which clock. */
#define LIMIT_PCT 10.0
#define SEED 1

/* A config may describe the part of a wafer that a paper maps. */
static const char count_mark[] =
    "cores of the mesh that the structure's source maps, beside the product's announced count";

static void add(struct judged_list *l, const char *name, const struct published *p,
                const char *metric, double predicted, double reference, const char *mark)
{
    if (isnan(reference))
        return;
    struct judged j = {.case_name = name,
                       .chip = p->chip,
                       .family = "wafer",
                       .metric = metric,
                       .predicted = predicted,
                       .reference = reference,
                       .limit_pct = LIMIT_PCT,
                       .kind = JUDGED_STRUCTURE,
                       .scored = p->scored && !mark,
                       .mark = mark ? mark : p->mark,
                       .source = p->source};
    judged_know(&j, p);
    judged_add(l, &j);
}

static bool judge(struct judged_list *l, const char *path, const struct cfg_group *g,
                  struct diag *d)
{
    struct published p;
    struct wafer *w;
    bool found;
    const char *name = judged_base_name(l->arena, path);
    TRY(published_read(l->arena, g, &p, &found, d));
    if (!found || !judged_wanted(l, name, p.chip))
        return true;
    TRY(wafer_open(l->arena, g, SEED, &w, d));
    add(l, name, &p, "sram_bytes", wafer_sram_bytes(w), p.sram_bytes, NULL);
    add(l, name, &p, "sram_bytes_per_s", wafer_sram_bytes_per_s(w), p.sram_bytes_per_s, NULL);
    add(l, name, &p, "fabric_bits_per_s", wafer_fabric_bits_per_s(w), p.fabric_bits_per_s, NULL);
    add(l, name, &p, "cores", (double)wafer_cores(w), p.cores, count_mark);
    return true;
}

bool silicon_wafers(struct judged_list *l, struct diag *d)
{
    struct judged_files f = judged_files(l, "wafer");
    for (size_t i = 0; i < f.count; i++) {
        struct cfg *c;
        TRY(cfg_open(l->arena, f.paths[i], NULL, 0, &c, d));
        bool ok = judge(l, f.paths[i], cfg_root(c), d);
        cfg_close(c);
        TRY(ok);
    }
    return true;
}
