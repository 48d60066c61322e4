/* The packet-level mesh against BookSim2 on an 8 x 8 mesh: mean packet latency at loads up to seven
 * tenths of saturation.  Ours has neither virtual channels nor allocators, so that it leaves
 * BookSim as the load rises: points above half of saturation have no limit of their own. */
#include <string.h>

#include "core/base/cfg.h"
#include "core/base/csv.h"
#include "core/validate/validate.h"
#include "noc/drive.h"

enum { SIDE = 8, NODES = SIDE * SIDE, WARMUP_CYCLES = 1500, CYCLES = 8000, PACKETS = 20000 };
#define LIMIT_PCT 3.0 /* the noise between seeds and sample periods of the reference */

struct noc_point {
    const char *curve;
    enum drive_pattern pattern;
    double packet_flits, rate, saturation, latency;
};

static bool read_point(const struct csv_table *t, size_t row, struct noc_point *p, struct diag *d)
{
    const char *pattern = csv_text(t, row, csv_column(t, "pattern"));
    p->curve = csv_text(t, row, csv_column(t, "curve"));
    if (!drive_pattern_find(pattern, &p->pattern))
        return csv_complain(t, row, d, "there is no pattern '%s'", pattern);
    TRY(csv_real(t, row, csv_column(t, "packet_flits"), 1, 64, &p->packet_flits, d));
    TRY(csv_real(t, row, csv_column(t, "rate"), 1e-6, 1, &p->rate, d));
    TRY(csv_real(t, row, csv_column(t, "saturation"), 1e-6, 1, &p->saturation, d));
    return csv_real(t, row, csv_column(t, "latency_cycles"), 1, 1e6, &p->latency, d);
}

/* Long enough that a mean over few packets is no matter of chance. */
static int64_t cycles_of(const struct noc_point *p)
{
    double needed = PACKETS * p->packet_flits / (p->rate * NODES);
    return needed > CYCLES ? (int64_t)needed : CYCLES;
}

static bool drive(struct arena *a, const struct noc_point *p, double *latency, struct diag *d)
{
    static const char *const roles[] = {"noc", NULL};
    const struct network_shape shape = {
        .width = SIDE, .height = SIDE, .concentration = 1, .tiles = NODES};
    const struct drive o = {.pattern = p->pattern,
                            .rate = p->rate,
                            .packet_flits = (int64_t)p->packet_flits,
                            .warmup_cycles = WARMUP_CYCLES,
                            .cycles = cycles_of(p),
                            .seed = 1};
    struct drive_result r;
    struct network *n;
    struct cfg *c;
    const char *path = cfg_find(a, "mesh_booksim", roles, d);
    TRY(path && cfg_open(a, path, NULL, 0, &c, d));
    bool ok = network_open(a, cfg_root(c), &shape, &n, d);
    cfg_close(c);
    TRY(ok && network_drive(a, n, &o, &r, d));
    /* BookSim counts from the cycle of injection, not from the one before it. */
    *latency = r.avg_packet_latency_cycles - 1;
    return true;
}

static void add(struct judged_list *l, const struct noc_point *p, double latency)
{
    const struct judged j = {
        .case_name = arena_printf(l->arena, "%s:%.3g", p->curve, p->rate),
        .chip = p->curve,
        .family = "BookSim2",
        .metric = "latency_cycles",
        .predicted = latency,
        .reference = p->latency,
        .limit_pct = p->rate <= 0.5 * p->saturation ? LIMIT_PCT : 0,
        .kind = JUDGED_MEASURED,
        .scored = true,
        .source = "BookSim2 (28f4329), 8 x 8 mesh, dimension order, R = V = S = X = 1, 8 flits a "
                  "virtual channel"};
    judged_add(l, &j);
}

bool noc_points(struct judged_list *l, struct diag *d)
{
    struct csv_table t;
    const char *path =
        arena_printf(l->arena, "%s/configs/study/data/noc_points.csv", cfg_home(l->arena));
    TRY(csv_read(l->arena, path, &t, d));
    for (size_t i = 0; i < t.rows; i++) {
        struct noc_point p;
        double latency = 0;
        struct arena *scratch = arena_open();
        bool ok = read_point(&t, i, &p, d) && drive(scratch, &p, &latency, d);
        arena_close(scratch);
        TRY(ok);
        add(l, &p, latency);
    }
    return true;
}
