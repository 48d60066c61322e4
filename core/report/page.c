#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cimarron_report_page.h"
#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/run_tables.h"
#include "core/report/run_views.h"

static void put_element(FILE *out, const char *tag, const char *text)
{
    fprintf(out, "<%s>", tag);
    escape_html(out, text);
    fprintf(out, "</%s>\n", tag);
}

/* Nothing may be loaded: the policy lets the page's own styles and scripts run, and no more. */
void page_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n",
          out);
    put_element(out, "title", title);
    fputs("<style>\n", out);
    fwrite(cimarron_page_css, 1, sizeof cimarron_page_css, out);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
}

static void put_header(FILE *out, struct arena *a, const char *title, const char *version)
{
    fputs("<header>\n", out);
    put_element(out, "h1", title);
    put_element(out, "p", arena_printf(a, "Cimarron %s: compute-in-memory, simulated", version));
    fputs("</header>\n", out);
}

static void put_panel_table(FILE *out, const struct table *t, const char *scroll)
{
    fprintf(out, "<div class=\"panel\"><div class=\"%s\">\n", scroll);
    if (table_rows(t))
        table_write(out, t, TABLE_HTML);
    else
        fputs("-\n", out);
    fputs("</div></div>\n", out);
}

static void put_chart(FILE *out, const char *title, const char *id, size_t index, const char *size)
{
    fprintf(out,
            "<div class=\"panel\"><h3>%s</h3><div class=\"chart%s\">"
            "<canvas id=\"%s-%zu\" role=\"img\" aria-label=\"%s\"></canvas></div></div>\n",
            title, size, id, index, title);
}

/* --- one run -------------------------------------------------------------------------------- */

static void put_tags(FILE *out, struct arena *a, const struct run_facts *run)
{
    const char *const tags[] = {
        arena_printf(a, "batch %s", format_plain(run->batch).s),
        run->precision,
        arena_printf(a, "power at the %s", run->scope),
        run->fidelity,
        arena_printf(a, "seed %s", format_plain(facts_number(run->json, "seed")).s),
    };
    fputs("<ul class=\"tags\">\n", out);
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        put_element(out, "li", tags[i]);
    fputs("</ul>\n", out);
}

static void put_cards(FILE *out, struct arena *a, const struct run_facts *run)
{
    struct headline lines[HEADLINES_MAX];
    size_t count = run_headlines(a, run, lines);
    fputs("<div class=\"cards\">\n", out);
    for (size_t i = 0; i < count; i++) {
        fputs("<div class=\"card\"><b>", out);
        escape_html(out, lines[i].value);
        fputs("</b><span>", out);
        escape_html(out, lines[i].label);
        fputs("</span></div>\n", out);
    }
    fputs("</div>\n", out);
}

static void put_pair(FILE *out, const char *term, const char *text)
{
    put_element(out, "dt", term);
    put_element(out, "dd", text);
}

static void put_limits(FILE *out, struct arena *a, const struct run_facts *run)
{
    const json_t *warnings = json_object_get(run->json, "warnings");
    fputs("<h3>Limits and provenance</h3>\n<div class=\"panel\"><dl>\n", out);
    put_pair(out, "Steady state", run_steady_line(a, run));
    put_pair(out, "Time", run_bound_line(a, run));
    put_pair(out, "Trust", run_trust_line(a, run));
    put_pair(out, "Fidelity", run->fidelity);
    fputs("</dl></div>\n", out);
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        if (!text)
            continue;
        fputs("<p class=\"warn\">", out);
        escape_html(out, text);
        fputs("</p>\n", out);
    }
}

static void put_baselines(FILE *out, struct arena *a, const struct run_facts *run)
{
    fputs("<h3>Beside GPUs</h3>\n", out);
    put_panel_table(out, run_baselines_table(a, run), "scroll");
    fputs("<p class=\"note\">GPUs are modelled on the same trace. Speedup and energy gain are this "
          "system's over the device; a gain between power measured at different places is not "
          "stated (-).</p>\n",
          out);
}

static void put_run(FILE *out, struct arena *a, const json_t *json, size_t index)
{
    struct run_facts run;
    facts_run(a, json, &run);
    put_element(out, "h2", arena_printf(a, "%s on %s", run.trace, run.title));
    put_tags(out, a, &run);
    put_cards(out, a, &run);
    fputs("<div class=\"two\">\n", out);
    put_chart(out, "Energy by part", "energy", index, "");
    put_chart(out, "Time by cause", "time", index, "");
    fputs("</div>\n", out);
    put_chart(out, "Energy by layer", "layer-energy", index, " tall");
    put_chart(out, "Array utilization by layer", "layer-use", index, " tall");
    put_limits(out, a, &run);
    put_baselines(out, a, &run);
    fputs("<h3>Layers</h3>\n", out);
    put_panel_table(out, run_layers_table(a, &run), "scroll long");
}

/* --- the page ------------------------------------------------------------------------------- */

static void put_comparison(FILE *out, struct arena *a, const json_t *data)
{
    fputs("<h2>Side by side</h2>\n", out);
    put_panel_table(out, demo_table(a, data, true), "scroll");
    const json_t *measured = json_object_get(data, "measured");
    for (size_t i = 0; i < json_array_size(measured); i++) {
        const json_t *m = json_array_get(measured, i);
        fputs("<p class=\"note\">Measured, ", out);
        escape_html(out, facts_text(m, "name"));
        fputs(": ", out);
        escape_html(out, facts_text(m, "source"));
        fputs("</p>\n", out);
    }
    fputs(
        "<div class=\"two\" style=\"margin-top:12px\">\n"
        "<div class=\"panel\"><h3>Throughput, GPUs at their best batch</h3><div class=\"chart "
        "low\">"
        "<canvas id=\"compare-rate\" role=\"img\" aria-label=\"Throughput\"></canvas></div></div>\n"
        "<div class=\"panel\"><h3>Work per joule (where the power is taken)</h3>"
        "<div class=\"chart low\"><canvas id=\"compare-economy\" role=\"img\" "
        "aria-label=\"Work per joule\"></canvas></div></div>\n</div>\n",
        out);
}

static void put_body(FILE *out, struct arena *a, const json_t *data)
{
    const json_t *runs = json_object_get(data, "runs");
    struct run_facts first;
    facts_run(a, json_array_get(runs, 0), &first);
    const char *what = arena_printf(a, "%s on %s", first.trace, first.title);
    size_t more = json_array_size(runs) - 1;
    const char *title = more ? arena_printf(a, "%s, and %zu more", what, more) : what;
    page_begin(out, arena_printf(a, "%s - Cimarron", title));
    put_header(out, a, title, facts_text(first.json, "cimarron"));
    fputs("<p class=\"verdict\">", out);
    escape_html(out, demo_verdict(a, data));
    fputs("</p>\n", out);
    if (more || first.baselines)
        put_comparison(out, a, data);
    for (size_t i = 0; i < json_array_size(runs); i++)
        put_run(out, a, json_array_get(runs, i), i);
}

bool page_data_write(FILE *out, const json_t *data, struct diag *d)
{
    char *text = json_dumps(data, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));
    if (!text)
        return diag_cannot(d, "the result could not be written as JSON");
    fputs("<script type=\"application/json\" id=\"cimarron-data\">", out);
    escape_json_html(out, text);
    fputs("</script>\n", out);
    free(text);
    return true;
}

static void put_foot(FILE *out)
{
    fputs("<footer>All of this page's data stands in its element <code>cimarron-data</code>, as "
          "<code>cimarron run --format json</code> prints it.</footer>\n</main>\n",
          out);
}

static bool read_chart(const char *path, char **text, size_t *size, struct diag *d)
{
    enum { CHART_MAX = 8 << 20 };
    FILE *file = fopen(path, "rb");
    if (!file)
        return diag_cannot(d, "the chart library %s cannot be read (%s): install libjs-chart.js",
                           path, strerror(errno));
    *text = malloc(CHART_MAX);
    *size = *text ? fread(*text, 1, CHART_MAX, file) : 0;
    bool ok = *size > 0 && *size < CHART_MAX && !ferror(file);
    fclose(file);
    if (!ok) {
        free(*text);
        return diag_cannot(
            d, "the chart library %s is empty or too large: reinstall libjs-chart.js", path);
    }
    return true;
}

/* {"runs": [...], "measured": [...]} from a demonstration, an array of runs or one run. */
static json_t *page_data(const json_t *given)
{
    if (json_is_array(given))
        return json_pack("{s:O}", "runs", given);
    if (json_is_array(json_object_get(given, "runs")))
        return json_incref((json_t *)given);
    return json_pack("{s:[O]}", "runs", given);
}

static bool put_page(FILE *out, const json_t *data, const char *chart, size_t chart_size,
                     struct diag *d)
{
    struct arena *a = arena_open();
    put_body(out, a, data);
    put_foot(out);
    arena_close(a);
    TRY(page_data_write(out, data, d));
    fputs("<script>\n", out);
    fwrite(chart, 1, chart_size, out);
    fputs("\n</script>\n<script>\n", out);
    fwrite(cimarron_page_js, 1, sizeof cimarron_page_js, out);
    fputs("</script>\n</body>\n</html>\n", out);
    return report_flushed(out, d);
}

bool page_write(FILE *out, const json_t *demo_or_runs, const char *chart_path, struct diag *d)
{
    char *chart = NULL;
    size_t chart_size = 0;
    json_t *data = page_data(demo_or_runs);
    if (!json_is_object(json_array_get(json_object_get(data, "runs"), 0))) {
        json_decref(data);
        return diag_cannot(d, "there is no run to report");
    }
    bool ok = read_chart(chart_path, &chart, &chart_size, d);
    if (ok) {
        ok = put_page(out, data, chart, chart_size, d);
        free(chart);
    }
    json_decref(data);
    return ok;
}

/* What a result is of: its title, or the word that it begins with. */
static const char *result_title(struct arena *a, const json_t *result)
{
    const char *title = json_string_value(json_object_get(result, "title"));
    const char *key = json_object_iter_key(json_object_iter((json_t *)result));
    const char *word = key ? json_string_value(json_object_get(result, key)) : NULL;
    if (title || !word)
        return title ? title : "Cimarron";
    return arena_printf(a, "%s %s", format_label(a, key), word);
}

bool page_write_table(FILE *out, const json_t *result, struct diag *d)
{
    struct arena *a = arena_open();
    page_begin(out, arena_printf(a, "%s - Cimarron", result_title(a, result)));
    put_header(out, a, result_title(a, result), CIMARRON_VERSION);
    fputs("<div class=\"panel result\"><div class=\"scroll\">\n", out);
    result_body(out, a, result, TABLE_HTML);
    fputs("</div></div>\n</main>\n", out);
    arena_close(a);
    TRY(page_data_write(out, result, d));
    fputs("</body>\n</html>\n", out);
    return report_flushed(out, d);
}
