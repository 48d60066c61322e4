/* cimarron trace import: a foreign workload file becomes a layer trace. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/app/pass_options.h"

struct import_values {
    struct pass_values pass; /* first: its rows are shared */
    const char *from;
    bool keep_norm;
};

static const struct import_values defaults = {.pass.batch = 1};

static const struct option options[] = {
    {"from", 0, OPTION_TEXT, offsetof(struct import_values, from), "KIND", 0, 0,
     "what the file is: cimarron list importers [by its name and first bytes]"},
    {"keep-norm", 0, OPTION_FLAG, offsetof(struct import_values, keep_norm), NULL, 0, 0,
     "do not fold batch norms into the convolutions before them"},
    DIM_OPTION,
    PASS_OPTIONS,
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

/* A file that is not there, or can be read only once, is told before its kind is guessed. */
static bool readable(const char *path, struct diag *d)
{
    struct stat info;
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        return diag_input(d, path, 0, "cannot be opened: is the name right?");
    return S_ISREG(info.st_mode) ||
           diag_input(d, path, 0, "is not a regular file: an importer reads it more than once");
}

static bool import(struct app *app, const char *path, const struct import_values *v,
                   struct trace *t, struct diag *d)
{
    struct import_options o;
    if (!app->common.output)
        return diag_input(d, NULL, 0, "trace import needs -o OUT.jsonl.gz");
    TRY(pass_fill(&v->pass, &o, d));
    o.keep_norm = v->keep_norm;
    TRY(readable(path, d));
    const struct importer *i = importer_of(app->arena, v->from, path, d);
    if (!i)
        return false;
    TRY(importer_takes(i, &o, d));
    TRY(i->import(app->arena, path, &o, t, d));
    return pass_save(app, t, d);
}

static int run(struct app *app, const struct texts *words, void *values)
{
    struct trace t = {0};
    struct diag d = {0};
    return import(app, words->items[0], values, &t, &d) ? EXIT_DONE : app_fail(&d);
}

const struct command command_trace_import = {
    .name = "trace import",
    .summary = "turn a file of ONNX, Hugging Face or a simulator into a trace",
    .words = "FILE",
    .about =
        "Reads a foreign workload file and writes a layer trace (gzip around JSON Lines), which "
        "is\n"
        "there whole or not at all.  ONNX: shapes are inferred, batch norms and scales behind a\n"
        "convolution are folded into it, and what reaches no output is left out.  An open\n"
        "dimension is the batch where it comes first; any other is named by --dim (INPUT:INDEX\n"
        "where it has no name), and so is the value of an input that is one integer.  SCALE-Sim\n"
        "and NeuroSim: CSVs of layers, chained.  Timeloop: a problem file, one layer.  Hugging\n"
        "Face: the config.json of a language model; --phase and the options after it say which\n"
        "pass.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron trace import resnet50.onnx -o resnet50.jsonl.gz\n"
        "  cimarron trace import asr.onnx --dim frames=1000 -o asr.jsonl.gz\n"
        "  cimarron trace import alexnet.csv --from scalesim --bits 8,4 -o alexnet.jsonl.gz\n"
        "  cimarron trace import config.json --phase decode --batch 64 -o decode.jsonl.gz\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct import_values),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
