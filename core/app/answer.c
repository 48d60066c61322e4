/* What commands answer with: complaints, remarks, results; and the words that they share. */
#include <stdarg.h>
#include <string.h>

#include "core/app/app.h"
#include "core/base/output.h"
#include "core/report/escape.h"

enum { REMARK_MAX = 4096 };

/* --- answers ---------------------------------------------------------------------------------- */

int app_fail(const struct diag *d)
{
    char text[DIAG_FILE_MAX + DIAG_TEXT_MAX + 16];
    if (d->status && !d->text[0])
        return d->status;
    diag_format(d, text, sizeof text);
    fprintf(stderr, "%s%s\n", d->file[0] ? "" : "cimarron: ", text);
    return d->status ? d->status : EXIT_FAILED;
}

static void remark(const char *format, va_list args)
{
    char text[REMARK_MAX];
    vsnprintf(text, sizeof text, format, args);
    fputs("cimarron: ", stderr);
    escape_text(stderr, text, SIZE_MAX);
    putc('\n', stderr);
}

void app_note(const struct app *app, const char *format, ...)
{
    va_list args;
    if (app->common.quiet)
        return;
    va_start(args, format);
    remark(format, args);
    va_end(args);
}

void app_detail(const struct app *app, const char *format, ...)
{
    va_list args;
    if (!app->common.verbose || app->common.quiet)
        return;
    va_start(args, format);
    remark(format, args);
    va_end(args);
}

/* The renderer's own word on a failed write is vaguer than the stream's. */
static bool write_table(const struct app *app, const json_t *result, struct diag *d)
{
    struct output out;
    TRY(output_open(app->arena, app->common.output, &out, d));
    struct diag said = {0};
    if (report_table(out.stream, result, app->format, &said))
        return output_commit(&out, d);
    if (ferror(out.stream))
        return output_commit(&out, d);
    output_abandon(&out);
    *d = said;
    return false;
}

int app_report(const struct app *app, json_t *result)
{
    struct diag d = {0};
    bool ok = write_table(app, result, &d);
    json_decref(result);
    return ok ? EXIT_DONE : app_fail(&d);
}

/* --- words on the command line ---------------------------------------------------------------- */

bool app_open_config(const struct app *app, const char *name, const char *const *roles,
                     struct cfg **out, const char **path, struct diag *d)
{
    *path = cfg_find(app->arena, name, roles, d);
    if (!*path)
        return false;
    return cfg_open(app->arena, *path, app->set, app->common.set.count, out, d);
}

const char *app_base_name(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    bool config = length > 4 && !strcmp(name + length - 4, ".cfg");
    return arena_strndup(a, name, config ? length - 4 : length);
}

bool app_bits(const char *option, const struct reals *given, int *activation, int *weight,
              struct diag *d)
{
    if (given->count == 0)
        return true;
    double a = given->items[0], w = given->items[1];
    if (given->count != 2 || a != (double)(int)a || w != (double)(int)w)
        return diag_input(d, NULL, 0,
                          "--%s takes two whole numbers, activations and weights: --%s 8,4", option,
                          option);
    *activation = (int)a;
    *weight = (int)w;
    return true;
}
