/* cimarron dram: one memory, driven by a pattern or a request trace. */
#include <string.h>

#include "core/app/app.h"
#include "core/app/children.h"
#include "core/app/result.h"
#include "memory/drive.h"

struct dram_options {
    const char *pattern;
    int64_t requests, channels;
    double rate;
    const char *inject;
};

static const struct dram_options defaults = {
    .pattern = "stream-read", .rate = 1, .inject = "per-channel"};

static const struct option options[] = {
    {"pattern", 0, OPTION_TEXT, offsetof(struct dram_options, pattern), "PATTERN", 0, 0,
     "a pattern named above, or FILE.gz [stream-read]"},
    {"requests", 0, OPTION_INT, offsetof(struct dram_options, requests), "N", 1, 1e12,
     "requests of one burst each [100000; all of a FILE]"},
    {"rate", 0, OPTION_REAL, offsetof(struct dram_options, rate), "R", 1e-9, 1,
     "offered share of the peak bandwidth; 1: as fast as accepted [1]"},
    {"channels", 0, OPTION_INT, offsetof(struct dram_options, channels), "C", 1, 65536,
     "channels that are driven [all]"},
    {"inject", 0, OPTION_TEXT, offsetof(struct dram_options, inject), "HOW", 0, 0,
     "one list before all channels, or per-channel [per-channel]"},
};

/* What the child that plays the requests is given. */
struct dram_work {
    const char *name;
    const struct memory *memory;
    const struct drive_options *drive;
};

static void put_energy(json_t *o, const struct drive_result *r)
{
    json_t *e = put_object(o, "energy_pj");
    put_real(e, "activate", r->activate_pj);
    put_real(e, "read", r->read_pj);
    put_real(e, "write", r->write_pj);
    put_real(e, "io", r->io_pj);
    put_real(e, "refresh", r->refresh_pj);
    put_real(e, "background", r->background_pj);
    put_real(o, "total_energy_pj", r->energy_pj);
    put_real(o, "pj_per_bit", r->pj_per_bit);
}

static bool play(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    const struct dram_work *w = user;
    struct drive_result r;
    (void)a;
    (void)index;
    TRY(memory_drive(w->memory, w->drive, &r, d));
    json_t *o = *out = json_object();
    put_text(o, "memory", w->name);
    put_text(o, "pattern", w->drive->pattern);
    put_count(o, "cycles", r.cycles);
    put_real(o, "time_ns", r.time_ns);
    put_real(o, "bandwidth_gb_s", r.bandwidth_gb_s);
    put_real(o, "row_hit_rate", r.row_hit_rate);
    put_real(o, "avg_latency_ns", r.avg_latency_ns);
    put_real(o, "p99_latency_ns", r.p99_latency_ns);
    put_real(o, "max_latency_ns", r.max_latency_ns);
    put_energy(o, &r);
    put_count(o, "requests", r.requests);
    put_count(o, "reads", r.reads);
    put_count(o, "writes", r.writes);
    put_count(o, "activates", r.activates);
    put_count(o, "refreshes", r.refreshes);
    return true;
}

static bool open_memory(struct app *app, const char *name, struct memory **out, const char **path,
                        struct diag *d)
{
    static const char *const roles[] = {"memory", NULL};
    struct cfg *c;
    TRY(app_open_config(app, name, roles, &c, path, d));
    bool ok = memory_open(app->arena, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct dram_options *o = values;
    bool one_list = strcmp(o->inject, "list") == 0;
    struct drive_options drive = {.pattern = o->pattern,
                                  .requests = o->requests,
                                  .rate = o->rate,
                                  .channels = o->channels,
                                  .one_list = one_list,
                                  .seed = (uint64_t)app->common.seed};
    struct dram_work work = {.drive = &drive};
    struct memory *memory;
    struct diag d = {0};
    json_t *result;
    if (!one_list && strcmp(o->inject, "per-channel") != 0) {
        diag_input(&d, NULL, 0, "--inject takes list or per-channel, not %s", o->inject);
        return app_fail(&d);
    }
    if (!open_memory(app, words->items[0], &memory, &work.name, &d))
        return app_fail(&d);
    work.memory = memory;
    work.name = app_base_name(app->arena, work.name);
    if (!children_run_one(app->arena, play, &work, work.name, children_manner_of(app), &result, &d))
        return app_fail(&d);
    return app_report(app, result);
}

const struct command command_dram = {
    .name = "dram",
    .summary = "one memory under a pattern: bandwidth, latency, energy",
    .words = "NAME",
    .about =
        "Drives a memory of configs/memory request by request, one burst each, at the level of\n"
        "DRAM commands.  Patterns: stream-read, stream-write, mix21 (every third request writes),\n"
        "stride-N (steps of N bytes), random, random-mix21, chase (one request outstanding), or a\n"
        "FILE of lines `R|W hex-address`, 64 bytes each, gzip or plain.\n"
        "\n"
        "RESULT\n"
        "  cycles, time_ns, bandwidth_gb_s, row_hit_rate, avg_latency_ns, p99_latency_ns (of "
        "reads,\n"
        "  from acceptance to data), energy_pj {activate, read, write, io, refresh, background},\n"
        "  total_energy_pj, pj_per_bit, requests, reads, writes, activates, refreshes, cpu_s\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron dram hbm3_6400 --pattern random --requests 1000000\n"
        "  cimarron dram ddr4_2400 --pattern stream-read --rate 0.5 --format json\n"
        "  cimarron dram hbm3_6400 --pattern random-mix21 --inject list\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct dram_options),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .takes_set = true,
    .run = run,
};
