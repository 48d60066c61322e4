/* cimarron trace import: a foreign workload file becomes a layer trace. */
#include "core/app/app.h"
#include "traces/trace.h"

struct import_values {
    const char *from, *name;
    struct reals bits;
    int64_t batch;
    bool keep_norm;
};

static const struct import_values defaults = {.batch = 1};

static const struct option options[] = {
    {"from", 0, OPTION_TEXT, offsetof(struct import_values, from), "KIND", 0, 0,
     "what the file is: cimarron list importers [by its name and first bytes]"},
    {"bits", 0, OPTION_REALS, offsetof(struct import_values, bits), "A,W", 1, 32,
     "bits of activations and weights [8,8]"},
    {"batch", 0, OPTION_INT, offsetof(struct import_values, batch), "N", 1, 1e9,
     "batch, where the file leaves it open [1]"},
    {"keep-norm", 0, OPTION_FLAG, offsetof(struct import_values, keep_norm), NULL, 0, 0,
     "do not fold batch norms into the convolutions before them"},
    {"name", 0, OPTION_TEXT, offsetof(struct import_values, name), "NAME", 0, 0,
     "name of the trace [the file's]"},
};

static const struct importer *importer_of(struct arena *a, const char *from, const char *path,
                                          struct diag *d)
{
    const char *known = "";
    const struct importer *i = from ? importer_find(from) : importer_for(path);
    if (i)
        return i;
    for (size_t k = 0; importer_at(k); k++)
        known = arena_printf(a, "%s%s%s", known, k ? ", " : "", importer_at(k)->kind);
    if (from)
        diag_input(d, NULL, 0, "--from takes %s, not '%s'", known, from);
    else
        diag_input(d, path, 0, "is nothing that an importer recognises; say which with --from: %s",
                   known);
    return NULL;
}

/* A file that is not there is told before its kind is guessed. */
static bool readable(const char *path, struct diag *d)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return diag_input(d, path, 0, "cannot be opened: is the name right?");
    fclose(f);
    return true;
}

static bool import(struct app *app, const char *path, const struct import_values *v,
                   struct trace *t, struct diag *d)
{
    struct import_options o = {.activation_bits = 8,
                               .weight_bits = 8,
                               .keep_norm = v->keep_norm,
                               .batch = v->batch,
                               .name = v->name};
    if (!app->common.output)
        return diag_input(d, NULL, 0, "trace import needs -o OUT.jsonl.gz");
    TRY(app_bits("bits", &v->bits, &o.activation_bits, &o.weight_bits, d));
    TRY(readable(path, d));
    const struct importer *i = importer_of(app->arena, v->from, path, d);
    if (!i)
        return false;
    TRY(i->import(app->arena, path, &o, t, d));
    return trace_save(t, app->common.output, d);
}

static int run(struct app *app, const struct texts *words, void *values)
{
    struct trace t = {0};
    struct diag d = {0};
    if (!import(app, words->items[0], values, &t, &d))
        return app_fail(&d);
    if (t.warnings)
        app_note(app, "%lld remarks, the first: %s", (long long)t.warnings,
                 t.warning ? t.warning : "");
    app_note(app, "%s: %zu operators, %.4g MACs, %.4g weights", app->common.output, t.count,
             trace_macs(&t), trace_weights(&t));
    return EXIT_DONE;
}

const struct command command_trace_import = {
    .name = "trace import",
    .summary = "turn an ONNX or SCALE-Sim file into a trace",
    .words = "FILE",
    .about =
        "Reads a foreign workload file and writes a layer trace (gzip around JSON Lines), which "
        "is\n"
        "there whole or not at all.  ONNX: shapes are inferred, batch norms and scales behind a\n"
        "convolution are folded into it.  SCALE-Sim: topology CSVs, layers chained.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron trace import resnet50.onnx -o resnet50.jsonl.gz\n"
        "  cimarron trace import alexnet.csv --from scalesim --bits 8,4 -o alexnet.jsonl.gz\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct import_values),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
