/* cimarron demo: what a newcomer sees first. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <stdlib.h>

#include "core/app/app.h"
#include "core/app/children.h"
#include "core/app/result.h"
#include "core/base/output.h"
#include "core/gpu/gpu_measured.h"
#include "core/report/run.h"

#define DEMO_TRACE "resnet50"
#define DEMO_STUDY "mlperf_resnet50"
#define DEMO_PAGE "cimarron-demo.html"

enum { DEMO_BATCH = 64 };

/* A modern digital chip is judged beside GPUs; ISAAC, of 2016 and 16 bits, stands beside it. */
static const char *const no_gpus[] = {NULL};
static const struct run_request demo_runs[] = {
    {.system = "dcim_5nm", .trace = DEMO_TRACE, .batch = DEMO_BATCH},
    {.system = "isaac",
     .trace = DEMO_TRACE,
     .batch = DEMO_BATCH,
     .activation_bits = 16,
     .weight_bits = 16,
     .baselines = no_gpus},
};

struct demo_options {
    bool no_html;
};

static const struct option options[] = {
    {"no-html", 0, OPTION_FLAG, offsetof(struct demo_options, no_html), NULL, 0, 0,
     "write no page"},
};

static bool evaluate(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    const struct app *app = user;
    struct run_request q = demo_runs[index];
    q.seed = (uint64_t)app->common.seed;
    return run_evaluate(a, &q, out, d);
}

static const char *label(const void *user, size_t index)
{
    (void)user;
    return demo_runs[index].system;
}

/* Measured rates per GPU, as report_demo reads them. */
static bool add_measured(const struct app *app, json_t *demo, struct diag *d)
{
    static const char *const roles[] = {"study", NULL};
    const char *path;
    struct cfg *c;
    struct gpu_measured *m;
    TRY(app_open_config(app, DEMO_STUDY, roles, &c, &path, d));
    bool ok = gpu_measured_open(app->arena, cfg_root(c), &m, d);
    cfg_close(c);
    TRY(ok);
    json_t *list = put_list(demo, "measured");
    for (size_t i = 0; i < m->count; i++) {
        json_t *row = add_row(list);
        put_text(row, "name", m->rows[i].gpu);
        put_real(row, arena_printf(app->arena, "%ss_per_s", m->unit), m->rows[i].per_s);
        put_text(row, "precision", m->rows[i].precision);
        put_text(row, "system", m->rows[i].system);
        put_text(row, "source", m->rows[i].source);
    }
    return true;
}

static bool simulate(const struct app *app, json_t *demo, struct diag *d)
{
    struct children c = {.work = evaluate,
                         .user = app,
                         .count = COUNT_OF(demo_runs),
                         .label = label,
                         .manner = children_manner_of(app)};
    json_t *runs;
    TRY(children_run(app->arena, &c, &runs, d));
    json_object_set_new(demo, "runs", runs);
    return add_measured(app, demo, d);
}

static bool print(const struct app *app, const json_t *demo, struct diag *d)
{
    switch (app->format) {
    case REPORT_TEXT:
        return report_demo(stdout, demo, d);
    case REPORT_HTML:
        return report_html_page(stdout, demo, d);
    case REPORT_JSON:
        return report_table(stdout, demo, REPORT_JSON, d);
    default:
        return report_runs(stdout, json_object_get(demo, "runs"), app->format, d);
    }
}

static bool write_page(const struct app *app, const json_t *demo, struct diag *d)
{
    struct output out;
    struct diag said = {0};
    const char *path = app->common.output ? app->common.output : DEMO_PAGE;
    TRY(output_open(app->arena, path, &out, d));
    if (!report_html_page(out.stream, demo, &said) && !ferror(out.stream)) {
        output_abandon(&out);
        *d = said;
        return false;
    }
    TRY(output_commit(&out, d));
    char *whole = realpath(path, NULL);
    app_note(app, "the same with charts: %s", whole ? whole : path);
    free(whole);
    return true;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct demo_options *o = values;
    struct diag d = {0};
    json_t *demo = json_object();
    (void)words;
    bool ok = simulate(app, demo, &d) && print(app, demo, &d) &&
              (o->no_html || write_page(app, demo, &d));
    json_decref(demo);
    return ok ? EXIT_DONE : app_fail(&d);
}

const struct command command_demo = {
    .name = "demo",
    .summary = "ResNet-50 on two chips beside GPUs, on one screen",
    .words = "",
    .about =
        "Runs ResNet-50 at batch 64 on a modern digital chip and on ISAAC (2016, 16 bits) and "
        "sets\n"
        "them beside modelled GPUs and measured MLPerf figures (per GPU).  Prints one screen and\n"
        "writes one self-contained page, " DEMO_PAGE ", into the working folder; -o FILE names\n"
        "another.  It takes a few seconds.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron demo\n"
        "  cimarron demo --no-html --format json\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct demo_options),
    .run = run,
};
