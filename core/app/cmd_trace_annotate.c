/* cimarron trace annotate: value histograms from a side file, put on a trace's products. */
#include "core/app/app.h"
#include "core/report/run.h"
#include "traces/annotate.h"

enum { OPS_MAX = 10000000 };

struct annotate_values {
    const char *net;
};

static const struct option options[] = {
    {"net", 0, OPTION_TEXT, offsetof(struct annotate_values, net), "NAME", 0, 0,
     "the network in the file [the trace's name]"},
};

static bool annotate(struct app *app, const struct texts *words, const struct annotate_values *v,
                     struct diag *d)
{
    struct trace t;
    struct annotated done;
    if (!app->common.output)
        return diag_input(d, NULL, 0, "trace annotate needs -o OUT.jsonl.gz");
    const char *path = run_find_trace(app->arena, words->items[0], d);
    if (!path)
        return false;
    TRY(trace_load(app->arena, path, OPS_MAX, &t, d));
    const char *net = v->net ? v->net : t.header.name;
    TRY(trace_annotate(app->arena, &t, words->items[1], net, &done, d));
    t.header.source = arena_printf(app->arena, "%s; values of %s", t.header.source, net);
    TRY(trace_save(&t, app->common.output, d));
    app_note(app, "%s: %lld of %lld products have values now, from %lld rows", app->common.output,
             (long long)done.matched, (long long)done.products, (long long)done.rows);
    return true;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    struct diag d = {0};
    return annotate(app, words, values, &d) ? EXIT_DONE : app_fail(&d);
}

const struct command command_trace_annotate = {
    .name = "trace annotate",
    .summary = "put measured value histograms on a trace",
    .words = "TRACE HISTOGRAMS.csv",
    .about =
        "Products with weights take the rows of their sizes, in order; products of two\n"
        "activations take the rows of attention, when there are as many.  Repeats are written\n"
        "out, for each copy has values of its own.  Columns of the file: net, op, dims,\n"
        "hist_inputs, hist_weights; bins of equal width, centred on zero.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron trace annotate gpt2m.jsonl.gz layers.csv --net gpt2_medium -o out.jsonl.gz\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct annotate_values),
    .words_min = 2,
    .words_max = 2,
    .run = run,
};
