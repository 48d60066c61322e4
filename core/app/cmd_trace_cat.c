/* cimarron trace cat: the lines of a trace as text. */
#include <sys/stat.h>

#include "core/app/app.h"
#include "core/base/output.h"
#include "core/report/run.h"
#include "traces/inspect.h"

struct cat_values {
    bool expand;
};

static const struct option options[] = {
    {"expand", 0, OPTION_FLAG, offsetof(struct cat_values, expand), NULL, 0, 0,
     "write repeats out"},
};

static bool emit(void *user, const char *text, size_t length)
{
    return fwrite(text, 1, length, user) == length;
}

/* A file is checked whole before its first line is printed; a pipe can be read only once. */
static bool check_first(const char *path, struct diag *d)
{
    struct stat info;
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode))
        return trace_check(path, NULL, d);
    return true;
}

static bool cat_all(struct app *app, const struct texts *words, bool expand, FILE *out,
                    struct diag *d)
{
    for (size_t i = 0; i < words->count; i++) {
        const char *path = run_find_trace(app->arena, words->items[i], d);
        if (!path)
            return false;
        TRY(check_first(path, d));
        TRY(trace_cat(path, expand, emit, out, d));
    }
    return true;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct cat_values *o = values;
    struct output out;
    struct diag d = {0};
    if (!output_open(app->arena, app->common.output, &out, &d))
        return app_fail(&d);
    if (cat_all(app, words, o->expand, out.stream, &d))
        return output_commit(&out, &d) ? EXIT_DONE : app_fail(&d);
    output_abandon(&out);
    return app_fail(&d);
}

const struct command command_trace_cat = {
    .name = "trace cat",
    .summary = "print a trace's lines, repeats written out if asked",
    .words = "TRACE...",
    .about = "Prints every line, checked, in the writer's own form: JSON Lines, whatever --format "
             "says.\n"
             "A file that is wrong prints nothing but its complaint.\n"
             "\n"
             "EXAMPLES\n"
             "  cimarron trace cat resnet50 | head\n"
             "  cimarron trace cat model.jsonl.gz --expand -o model.jsonl\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct cat_values),
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
