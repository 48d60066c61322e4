/* The DRAM controller against runs of Ramulator 2.1 on the same requests with its own parameters:
 * cycles until the last request, mean read latency. */
#include <math.h>
#include <string.h>

#include "core/base/cfg.h"
#include "core/base/csv.h"
#include "core/validate/validate.h"
#include "memory/drive.h"

/* Both count the same clock edges: what is left is rounding, and ties that both may break. */
#define LIMIT_PCT 1.0

struct dram_run {
    const char *pattern, *mapping, *refresh;
    double rate, channels, requests, cycles, latency_ns;
};

static bool read_run(const struct csv_table *t, size_t row, struct dram_run *r, struct diag *d)
{
    r->pattern = csv_text(t, row, csv_column(t, "pattern"));
    r->mapping = csv_text(t, row, csv_column(t, "mapping"));
    r->refresh = csv_text(t, row, csv_column(t, "refresh"));
    TRY(csv_real(t, row, csv_column(t, "rate"), 1e-3, 1, &r->rate, d));
    TRY(csv_real(t, row, csv_column(t, "channels"), 1, 64, &r->channels, d));
    TRY(csv_real(t, row, csv_column(t, "requests"), 1, 1e8, &r->requests, d));
    TRY(csv_real(t, row, csv_column(t, "cycles"), 1, 1e15, &r->cycles, d));
    return csv_real_or(t, row, csv_column(t, "read_latency_ns"), 0, 1e9, NAN, &r->latency_ns, d);
}

/* The run's mapping and refresh as overrides of Ramulator's own preset. */
static size_t overrides_of(const struct dram_run *r, struct cfg_override set[3])
{
    size_t n = 0;
    if (!strcmp(r->mapping, "RoBaRaCoCh")) {
        set[n++] = (struct cfg_override){"controller.mapping", "16r2b2g1p5c"};
        set[n++] = (struct cfg_override){"controller.hash", ""};
    }
    if (!strcmp(r->refresh, "none"))
        set[n++] = (struct cfg_override){"controller.refresh", "none"};
    return n;
}

static bool drive(struct arena *a, const struct dram_run *r, struct drive_result *out,
                  struct diag *d)
{
    static const char *const roles[] = {"memory", NULL};
    struct cfg_override set[3];
    struct cfg *c;
    struct memory *m;
    size_t count = overrides_of(r, set);
    const char *path = cfg_find(a, "hbm2_2000_ramulator", roles, d);
    TRY(path && cfg_open(a, path, set, count, &c, d));
    bool ok = memory_open(a, cfg_root(c), &m, d);
    cfg_close(c);
    const struct drive_options o = {.pattern = r->pattern,
                                    .requests = (int64_t)r->requests,
                                    .rate = r->rate,
                                    .channels = (int64_t)r->channels,
                                    .seed = 1};
    return ok && memory_drive(m, &o, out, d);
}

static void add(struct judged_list *l, const struct dram_run *r, const struct drive_result *o)
{
    struct judged j = {
        .case_name = arena_printf(l->arena, "hbm2:%s,%g,%gch,%s,%s", r->pattern, r->rate,
                                  r->channels, r->mapping, r->refresh),
        .chip = "hbm2_2000_ramulator",
        .family = "Ramulator 2.1",
        .metric = "cycles",
        .predicted = o->cycles,
        .reference = r->cycles,
        .limit_pct = LIMIT_PCT,
        .kind = JUDGED_MEASURED,
        .scored = true,
        .source = "Ramulator 2.1 (commit c5b1c3a, 2026), presets HBM2_8Gb and HBM2_2000Mbps, run "
                  "on the patterns of memory/drive.h"};
    judged_add(l, &j);
    if (isnan(r->latency_ns))
        return;
    j.metric = "read_latency_ns";
    j.predicted = o->avg_latency_ns;
    j.reference = r->latency_ns;
    judged_add(l, &j);
}

bool memory_runs(struct judged_list *l, struct diag *d)
{
    struct csv_table t;
    const char *path =
        arena_printf(l->arena, "%s/configs/study/data/dram_runs.csv", cfg_home(l->arena));
    TRY(csv_read(l->arena, path, &t, d));
    for (size_t i = 0; i < t.rows; i++) {
        struct dram_run r;
        struct drive_result o;
        struct arena *scratch = arena_open();
        bool ok = read_run(&t, i, &r, d) && drive(scratch, &r, &o, d);
        arena_close(scratch);
        TRY(ok);
        add(l, &r, &o);
    }
    return true;
}
