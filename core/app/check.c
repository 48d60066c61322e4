#include "core/app/check.h"

#include "core/app/result.h"
#include "core/base/output.h"
#include "core/report/escape.h"
#include "core/report/run.h"
#include "traces/inspect.h"

bool check_trace(struct app *app, const char *word, struct checked *out, struct diag *d)
{
    struct trace_checked t;
    out->kind = "trace";
    out->path = run_find_trace(app->arena, word, d);
    if (!out->path)
        return false;
    TRY(trace_check(out->path, &t, d));
    if (t.warnings)
        app_note(app, "%s: %lld unknown keys, the first: %s", out->path, (long long)t.warnings,
                 t.warning);
    return true;
}

static void add(json_t *list, const char *word, const struct checked *c, const struct diag *d)
{
    char text[DIAG_FILE_MAX + DIAG_TEXT_MAX + 16];
    json_t *row = add_row(list);
    diag_format(d, text, sizeof text);
    put_text(row, "file", c->path ? c->path : word);
    put_text(row, "kind", c->kind);
    put_bool(row, "ok", !d->status);
    put_text(row, "error", d->status ? text : NULL);
}

static void print_ok(FILE *out, const char *file)
{
    escape_text(out, file, SIZE_MAX);
    fputs(": ok\n", out);
}

static int print_lines(const struct app *app, const json_t *list)
{
    struct output out;
    struct diag d = {0};
    if (!output_open(app->arena, app->common.output, &out, &d))
        return app_fail(&d);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        if (json_is_true(json_object_get(row, "ok")))
            print_ok(out.stream, json_string_value(json_object_get(row, "file")));
    }
    return output_commit(&out, &d) ? EXIT_DONE : app_fail(&d);
}

int check_all(struct app *app, const struct texts *words, check_one *check)
{
    int status = EXIT_DONE;
    json_t *list = json_array();
    for (size_t i = 0; i < words->count; i++) {
        struct checked c = {0};
        struct diag d = {0};
        if (!check(app, words->items[i], &c, &d)) {
            int told = app_fail(&d);
            status = status == EXIT_DONE || told == EXIT_FAILED ? told : status;
        }
        add(list, words->items[i], &c, &d);
    }
    int printed;
    if (app->format == REPORT_TEXT)
        printed = print_lines(app, list);
    else
        printed = app_report(app, json_incref(list));
    json_decref(list);
    return printed ? printed : status;
}
