#include "core/report/render.h"

#include <stdio.h>
#include <string.h>

#include "core/report/format.h"
#include "core/report/run_views.h"

bool report_format_find(const char *name, enum report_format *f)
{
    static const char *const names[] = {"text", "json", "csv", "md", "latex", "html"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            *f = (enum report_format)i;
            return true;
        }
    }
    return false;
}

bool report_flushed(FILE *out, struct diag *d)
{
    if (fflush(out) != 0 || ferror(out))
        return diag_cannot(d, "the report could not be written in full: is the disk full?");
    return true;
}

bool report_json(FILE *out, const json_t *value, struct diag *d)
{
    size_t flags = JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY;
    if (json_dumpf(value, out, flags) != 0)
        return diag_cannot(d, "the result could not be written as JSON");
    putc('\n', out);
    return report_flushed(out, d);
}

static const char *cell_text(struct arena *a, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return arena_printf(a, "%lld", (long long)json_integer_value(value));
    return json_is_real(value) ? arena_strdup(a, format_exact(json_real_value(value)).s) : "";
}

void runs_csv(FILE *out, struct arena *a, const json_t *runs)
{
    static const char *const of_run[] = {"system", "trace", "batch"};
    static const char *const of_layer[] = {"id",      "name",  "op",       "instances",   "ops",
                                           "start_s", "end_s", "energy_j", "utilization", "arrays"};
    struct table *t = table_open(a);
    for (size_t c = 0; c < COUNT_OF(of_run); c++)
        table_column(t, of_run[c], ALIGN_LEFT);
    for (size_t c = 0; c < COUNT_OF(of_layer); c++)
        table_column(t, of_layer[c], ALIGN_LEFT);
    for (size_t r = 0; r < json_array_size(runs); r++) {
        const json_t *run = json_array_get(runs, r), *layers = json_object_get(run, "layers");
        for (size_t i = 0; i < json_array_size(layers); i++) {
            for (size_t c = 0; c < COUNT_OF(of_run); c++)
                table_cell(t, cell_text(a, json_object_get(run, of_run[c])));
            for (size_t c = 0; c < COUNT_OF(of_layer); c++)
                table_cell(t,
                           cell_text(a, json_object_get(json_array_get(layers, i), of_layer[c])));
        }
    }
    table_write(out, t, TABLE_CSV);
}

static void write_each(FILE *out, struct arena *a, const json_t *runs,
                       void (*view)(FILE *out, struct arena *a, const json_t *run))
{
    for (size_t i = 0; i < json_array_size(runs); i++) {
        if (i > 0)
            fputs("\n\n", out);
        view(out, a, json_array_get(runs, i));
    }
}

static bool write_runs(FILE *out, struct arena *a, const json_t *runs, enum report_format f,
                       struct diag *d)
{
    switch (f) {
    case REPORT_TEXT:
        write_each(out, a, runs, run_text);
        break;
    case REPORT_JSON:
        return report_json(out, json_array_size(runs) == 1 ? json_array_get(runs, 0) : runs, d);
    case REPORT_CSV:
        runs_csv(out, a, runs);
        break;
    case REPORT_MD:
        write_each(out, a, runs, run_md);
        break;
    case REPORT_LATEX:
        write_each(out, a, runs, run_latex);
        break;
    case REPORT_HTML:
        return report_html_page(out, runs, d);
    }
    return report_flushed(out, d);
}

bool report_runs(FILE *out, const json_t *runs, enum report_format f, struct diag *d)
{
    json_t *list = json_is_object(runs) ? json_pack("[O]", runs) : json_incref((json_t *)runs);
    if (!json_is_array(list) || json_array_size(list) == 0) {
        json_decref(list);
        return diag_cannot(d, "there is no run to report");
    }
    struct arena *a = arena_open();
    bool ok = write_runs(out, a, list, f, d);
    arena_close(a);
    json_decref(list);
    return ok;
}

bool report_html_page(FILE *out, const json_t *demo_or_runs, struct diag *d)
{
    return page_write(out, demo_or_runs, CIMARRON_CHART_JS, d);
}

bool report_table(FILE *out, const json_t *result, enum report_format f, struct diag *d)
{
    static const enum table_style styles[] = {
        [REPORT_TEXT] = TABLE_TEXT,   [REPORT_CSV] = TABLE_CSV,   [REPORT_MD] = TABLE_MD,
        [REPORT_LATEX] = TABLE_LATEX, [REPORT_HTML] = TABLE_HTML,
    };
    if (!json_is_object(result) && !json_is_array(result))
        return diag_cannot(d, "there is no result to report");
    if (f == REPORT_JSON)
        return report_json(out, result, d);
    if (f == REPORT_HTML)
        return page_write_table(out, result, d);
    struct arena *a = arena_open();
    result_body(out, a, result, styles[f]);
    arena_close(a);
    return report_flushed(out, d);
}
