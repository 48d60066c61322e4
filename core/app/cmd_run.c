/* cimarron run: a system plays traces; the report stands beside GPUs on the same traces. */
#include <string.h>

#include "core/app/app.h"
#include "core/app/children.h"
#include "core/app/pass_options.h"
#include "core/app/progress.h"
#include "core/base/output.h"
#include "core/report/run.h"

struct run_options {
    struct pass_values pass; /* first: its rows are shared */
    int64_t batch, devices, tensor, uncertainty;
    struct reals bits, ideal_memory;
    struct texts gpus;
    bool exact;
};

static const struct run_options defaults = {.batch = 1};

static const struct option options[] = {
    {"batch", 0, OPTION_INT, offsetof(struct run_options, batch), "N", 1, 1e9,
     "multiply the trace's shapes by N; the GPUs run the same batch [1]"},
    {"devices", 0, OPTION_INT, offsetof(struct run_options, devices), "N", 1, 4096,
     "equal systems that share the model [as few as hold it]"},
    {"tensor", 0, OPTION_INT, offsetof(struct run_options, tensor), "T", 1, 4096,
     "of these, those that share each layer [all where one holds too little]"},
    {"bits", 0, OPTION_REALS, offsetof(struct run_options, bits), "A,W", 1, 32,
     "bits of activations and weights [the trace's]"},
    {"gpu", 0, OPTION_TEXTS, offsetof(struct run_options, gpus), "NAME", 0, 0,
     "a baseline, repeatable; or none [a100_sxm, h100_pcie, h100_sxm]"},
    {"exact", 0, OPTION_FLAG, offsetof(struct run_options, exact), NULL, 0, 0,
     "play every sample, repeat none by arithmetic"},
    {"ideal-memory", 0, OPTION_REALS, offsetof(struct run_options, ideal_memory), "NS,GB_S", 0.001,
     1e9, "an ideal TLM memory in place of the system's [none]"},
    {"uncertainty", 0, OPTION_INT, offsetof(struct run_options, uncertainty), "N", 0, 10000,
     "draw N sets of unit costs and give intervals [0]"},
    DIM_OPTION,
    MODEL_OPTIONS,
};

struct run_work {
    struct run_request request; /* of every trace */
    struct import_options import;
    const char *const *traces;
};

static bool evaluate(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    const struct run_work *w = user;
    struct run_request q = w->request;
    q.trace = w->traces[index];
    return run_evaluate(a, &q, out, d);
}

static const char *label(const void *user, size_t index)
{
    return ((const struct run_work *)user)->traces[index];
}

/* "none" stands alone: an empty list. */
static bool read_gpus(const struct texts *given, const char *const **out, struct diag *d)
{
    static const char *const none[] = {NULL};
    *out = given->count ? (const char *const *)given->items : NULL;
    for (size_t i = 0; i < given->count; i++) {
        if (strcmp(given->items[i], "none") != 0)
            continue;
        if (given->count > 1)
            return diag_input(d, NULL, 0, "--gpu none stands alone");
        *out = none;
    }
    return true;
}

/* A name that is wrong is told before anything is simulated. */
static bool find_all(const struct app *app, const struct texts *words, const struct texts *gpus,
                     struct diag *d)
{
    static const char *const system[] = {"chip", "package", "wafer", NULL};
    static const char *const gpu[] = {"gpu", NULL};
    TRY(cfg_find(app->arena, words->items[0], system, d) != NULL);
    for (size_t i = 1; i < words->count; i++)
        TRY(run_find_trace(app->arena, words->items[i], d) != NULL);
    for (size_t i = 0; i < gpus->count; i++)
        if (strcmp(gpus->items[i], "none") != 0)
            TRY(cfg_find(app->arena, gpus->items[i], gpu, d) != NULL);
    return true;
}

static bool read_request(const struct app *app, const struct run_options *o, struct run_work *w,
                         struct diag *d)
{
    struct run_request *q = &w->request;
    *q = (struct run_request){.batch = o->batch,
                              .set = app->set,
                              .set_count = app->common.set.count,
                              .seed = (uint64_t)app->common.seed,
                              .uncertainty = (int)o->uncertainty,
                              .devices = o->devices,
                              .tensor = o->tensor,
                              .exact = o->exact};
    if (o->ideal_memory.count == 2) {
        q->ideal_memory_ns = o->ideal_memory.items[0];
        q->ideal_memory_gb_s = o->ideal_memory.items[1];
    } else if (o->ideal_memory.count) {
        return diag_input(d, NULL, 0, "--ideal-memory takes two numbers: latency in ns, GB/s");
    }
    TRY(pass_fill(&o->pass, &w->import, d));
    q->import = pass_import_asked(&o->pass) ? &w->import : NULL;
    TRY(app_bits("bits", &o->bits, &q->activation_bits, &q->weight_bits, d));
    return read_gpus(&o->gpus, &q->baselines, d);
}

static bool write_runs(const struct app *app, const json_t *runs, struct diag *d)
{
    struct output out;
    struct diag said = {0};
    TRY(output_open(app->arena, app->common.output, &out, d));
    if (report_runs(out.stream, runs, app->format, &said) || ferror(out.stream))
        return output_commit(&out, d);
    output_abandon(&out);
    *d = said;
    return false;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct run_options *o = values;
    struct run_work work = {.traces = words->items + 1};
    struct children c = {.work = evaluate,
                         .user = &work,
                         .count = words->count - 1,
                         .label = label,
                         .manner = children_manner_of(app)};
    struct diag d = {0};
    json_t *runs;
    double begun_s = wall_clock_s();
    if (!read_request(app, o, &work, &d) || !find_all(app, words, &o->gpus, &d))
        return app_fail(&d);
    work.request.system = words->items[0];
    if (!children_run(app->arena, &c, &runs, &d))
        return app_fail(&d);
    app_detail(app, "%zu simulated in %.2f s", c.count, wall_clock_s() - begun_s);
    bool ok = write_runs(app, runs, &d);
    json_decref(runs);
    return ok ? EXIT_DONE : app_fail(&d);
}

const struct command command_run = {
    .name = "run",
    .summary = "simulate: time, energy, TOPS/W, beside GPUs",
    .words = "SYSTEM TRACE...",
    .about =
        "Plans each trace on the system, plays it, books the energy of every part, and runs the\n"
        "same trace on GPUs.  SYSTEM is a chip, a package of equal dies or a wafer (cimarron list\n"
        "systems, packages, wafers) or a path to such a config; TRACE is a sample (cimarron list\n"
        "traces), a path, or a file of another kind, which is imported on the way (cimarron list\n"
        "importers): net.onnx, the config.json of a language model.  A model that one device\n"
        "cannot hold is spread over --devices: a part of every layer on each (--tensor) where\n"
        "their memories, link and heads allow it, else whole layers.\n"
        "Several traces run side by side and are reported in order.\n"
        "\n"
        "RESULT\n"
        "  time_s, latency_s, interval_s, energy_j, power_w, ops (2 per multiply-accumulate), "
        "tops,\n"
        "  tops_per_w, steady, energy_by_part_j, time_by_cause_s, layers, baselines, warnings, "
        "...;\n"
        "  json: one object, or an array for several traces; csv: one row per layer\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron run isaac resnet50 --bits 16,16 --batch 64\n"
        "  cimarron run isaac alexnet vgg19 --gpu h100_sxm --format json -o runs.json\n"
        "  cimarron run isaac resnet50 --format html -o isaac.html\n"
        "  cimarron run dcim_5nm_hbm3 config.json --phase prefill --sequence 512\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct run_options),
    .defaults = &defaults,
    .words_min = 2,
    .words_max = SIZE_MAX,
    .takes_set = true,
    .run = run,
};
