/* cimarron noc: one network under synthetic traffic. */
#include <string.h>

#include "core/app/app.h"
#include "core/app/children.h"
#include "core/app/result.h"
#include "core/system/system.h"
#include "noc/drive.h"

struct noc_options {
    const char *traffic, *mesh;
    double rate;
    int64_t packet_flits, warmup, cycles, concentration;
    bool no_self;
};

static const struct noc_options defaults = {.traffic = "uniform",
                                            .rate = 0.1,
                                            .packet_flits = 1,
                                            .warmup = 10000,
                                            .cycles = 10000,
                                            .concentration = 1};

static const struct option options[] = {
    {"traffic", 0, OPTION_TEXT, offsetof(struct noc_options, traffic), "PATTERN", 0, 0,
     "where packets go, as named above [uniform]"},
    {"rate", 0, OPTION_REAL, offsetof(struct noc_options, rate), "F", 1e-9, 1e6,
     "flits offered per node and cycle [0.1]"},
    {"packet-flits", 0, OPTION_INT, offsetof(struct noc_options, packet_flits), "P", 1, 1e6,
     "flits of a packet [1]"},
    {"warmup", 0, OPTION_INT, offsetof(struct noc_options, warmup), "C", 0, 1e9,
     "cycles before the measurement [10000]"},
    {"cycles", 0, OPTION_INT, offsetof(struct noc_options, cycles), "C", 1, 1e9,
     "cycles of the measurement [10000]"},
    {"mesh", 0, OPTION_TEXT, offsetof(struct noc_options, mesh), "WxH", 0, 0,
     "routers, for a NAME of configs/noc [8x8]"},
    {"concentration", 0, OPTION_INT, offsetof(struct noc_options, concentration), "N", 1, 64,
     "nodes on a router, for a NAME of configs/noc [1]"},
    {"no-self", 0, OPTION_FLAG, offsetof(struct noc_options, no_self), NULL, 0, 0,
     "uniform: never to the sender itself"},
};

struct noc_work {
    const char *name;
    struct network *network;
    const struct network_shape *shape;
    const struct drive *drive;
};

static bool play(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    const struct noc_work *w = user;
    struct drive_result r;
    (void)index;
    TRY(network_drive(a, w->network, w->drive, &r, d));
    json_t *o = *out = json_object();
    put_text(o, "network", w->name);
    put_text(o, "traffic", drive_pattern_name(w->drive->pattern));
    put_int(o, "width", w->shape->width);
    put_int(o, "height", w->shape->height);
    put_int(o, "nodes", w->shape->tiles);
    put_real(o, "avg_packet_latency_cycles", r.avg_packet_latency_cycles);
    put_real(o, "p99_packet_latency_cycles", r.p99_packet_latency_cycles);
    put_real(o, "min_packet_latency_cycles", r.min_packet_latency_cycles);
    put_real(o, "max_packet_latency_cycles", r.max_packet_latency_cycles);
    put_real(o, "avg_hops", r.avg_hops);
    put_real(o, "offered_flits_per_node_cycle", r.offered_flits_per_node_cycle);
    put_real(o, "accepted_flits_per_node_cycle", r.accepted_flits_per_node_cycle);
    put_bool(o, "stable", r.stable);
    put_count(o, "packets", r.packets);
    put_count(o, "flit_hops", r.flit_hops);
    put_parts(o, "energy_pj", r.energy_pj, 1);
    put_int(o, "cycles", r.end_cycle);
    return true;
}

static bool read_mesh(const struct noc_options *o, struct network_shape *shape, struct diag *d)
{
    int width = 8, height = 8, end = 0;
    if (o->mesh && (sscanf(o->mesh, "%4dx%4d%n", &width, &height, &end) != 2 || o->mesh[end] ||
                    width < 1 || height < 1 || width > 1024 || height > 1024))
        return diag_input(d, NULL, 0, "--mesh takes WIDTHxHEIGHT, each from 1 to 1024, not '%s'",
                          o->mesh);
    *shape = (struct network_shape){.width = width,
                                    .height = height,
                                    .concentration = o->concentration,
                                    .tiles = width * (int64_t)height * o->concentration};
    return true;
}

/* A network by itself has the shape asked for; that of a chip or package has its own. */
static bool open_network(struct app *app, const char *name, const struct noc_options *o,
                         struct noc_work *w, struct diag *d)
{
    static const char *const roles[] = {"noc", "chip", "package", NULL};
    struct cfg *c;
    const char *path;
    struct network_shape *shape = ARENA_NEW(app->arena, struct network_shape);
    struct system *s;
    w->shape = shape;
    TRY(app_open_config(app, name, roles, &c, &path, d));
    w->name = app_base_name(app->arena, path);
    bool system = cfg_has(cfg_root(c), "tile") || cfg_has(cfg_root(c), "dies");
    bool ok = system || (read_mesh(o, shape, d) &&
                         network_open(app->arena, cfg_root(c), shape, &w->network, d));
    cfg_close(c);
    TRY(ok);
    if (!system)
        return true;
    TRY(system_open(app->arena, path, app->set, app->common.set.count, &s, d));
    w->network = s->noc;
    *shape = s->shape;
    return true;
}

static bool read_drive(const struct app *app, const struct noc_options *o, struct drive *drive,
                       struct diag *d)
{
    *drive = (struct drive){.rate = o->rate,
                            .packet_flits = o->packet_flits,
                            .warmup_cycles = o->warmup,
                            .cycles = o->cycles,
                            .seed = (uint64_t)app->common.seed,
                            .no_self = o->no_self};
    if (!drive_pattern_find(o->traffic, &drive->pattern)) {
        const char *known = drive_pattern_name((enum drive_pattern)0);
        for (int p = 1; p < DRIVE_PATTERNS; p++)
            known = arena_printf(app->arena, "%s, %s", known,
                                 drive_pattern_name((enum drive_pattern)p));
        return diag_input(d, NULL, 0, "--traffic takes %s, not '%s'", known, o->traffic);
    }
    if (o->rate > (double)o->packet_flits)
        return diag_input(d, NULL, 0,
                          "--rate %g is more than one packet of %g flits per node and cycle",
                          o->rate, (double)o->packet_flits);
    return true;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct noc_options *o = values;
    struct noc_work work = {0};
    struct drive drive;
    struct diag d = {0};
    json_t *result;
    if (!read_drive(app, o, &drive, &d) || !open_network(app, words->items[0], o, &work, &d))
        return app_fail(&d);
    drive.nodes = work.shape->tiles;
    work.drive = &drive;
    if (!children_run_one(app->arena, play, &work, work.name, children_manner_of(app), &result, &d))
        return app_fail(&d);
    return app_report(app, result);
}

const struct command command_noc = {
    .name = "noc",
    .summary = "one network under synthetic traffic: latency, throughput",
    .words = "NAME",
    .about =
        "Each node creates packets at random; those of the measurement are followed to their\n"
        "arrival.  Latency runs from creation to the last byte, waiting at the source included.\n"
        "NAME is a network of configs/noc, on a mesh of --mesh WxH routers, or a system, whose "
        "own\n"
        "network and shape are taken.  Traffic: uniform, transpose, bitcomp, bitrev, shuffle,\n"
        "tornado, neighbor, hotspot.\n"
        "\n"
        "RESULT\n"
        "  avg_packet_latency_cycles, p99_packet_latency_cycles, avg_hops, flits offered and\n"
        "  accepted per node and cycle, stable, packets, flit_hops, energy_pj by part (warm-up "
        "and\n"
        "  draining included), cycles, cpu_s\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron noc mesh_22nm --traffic tornado --rate 0.2\n"
        "  cimarron noc isaac --traffic neighbor --packet-flits 5 --format json\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct noc_options),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .takes_set = true,
    .run = run,
};
