#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/render.h"
#include "core/report/run_views.h"
#include "core/report/text_blocks.h"

enum { DEMO_RUNS_MAX = 2, PAGE_RUNS_MAX = 8, COLUMNS_MAX = 24, COLUMN_WIDTH = 18, BARS = 7 };

/* One column of the comparison: a simulated chip or a modelled GPU. */
struct contender {
    const char *title, *precision, *scope, *source;
    double units_per_s, filled_per_s, best_per_s, measured_per_s;
    double units_per_j, best_per_j;
    double tops, tops_per_w, area_mm2, batch, devices;
};

static struct contender of_run(const struct run_facts *run)
{
    struct contender c;
    c.title = run->title;
    c.precision = run->precision;
    c.scope = run->scope;
    c.source = "-";
    c.units_per_s = run->units_per_s;
    c.filled_per_s = 1 / run->steady_interval_s;
    c.best_per_s = c.measured_per_s = c.best_per_j = (double)NAN;
    c.units_per_j = run->units_per_j;
    c.tops = run->tops;
    c.tops_per_w = run->tops_per_w;
    c.area_mm2 = run->area_mm2;
    c.batch = run->batch;
    c.devices = run->devices;
    return c;
}

static const json_t *measured_of(const json_t *demo, const char *name)
{
    const json_t *list = json_object_get(demo, "measured");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        if (strcmp(facts_text(m, "name"), name) == 0)
            return m;
    }
    return NULL;
}

static struct contender of_baseline(struct arena *a, const json_t *demo,
                                    const struct run_facts *run, const struct baseline_facts *b)
{
    struct contender c;
    struct baseline_facts best;
    bool has_best = facts_best_batch(a, run, b, &best);
    c.title = b->title;
    c.precision = b->dtype;
    c.scope = b->scope;
    c.units_per_s = b->units_per_s;
    c.filled_per_s = (double)NAN;
    c.best_per_s = has_best ? best.units_per_s : (double)NAN;
    c.best_per_j = has_best ? best.units_per_j : (double)NAN;
    const json_t *measured = measured_of(demo, b->name);
    c.source = facts_text(measured, "source");
    c.measured_per_s = facts_number(measured, arena_printf(a, "%ss_per_s", run->unit));
    c.units_per_j = b->units_per_j;
    c.tops = b->tops;
    c.tops_per_w = b->tops_per_w;
    c.area_mm2 = b->area_mm2;
    c.batch = b->batch;
    c.devices = b->devices;
    return c;
}

/* A100 and H100 (the SXM board where there are two), or every device. */
static size_t baseline_columns(struct arena *a, const json_t *demo, const struct run_facts *run,
                               bool all, struct contender *out, size_t room)
{
    struct baseline_facts b;
    size_t count = 0;
    for (size_t i = 0; all && i < run->baselines && count < room; i++) {
        facts_baseline(a, run, i, &b);
        out[count++] = of_baseline(a, demo, run, &b);
    }
    if (all)
        return count;
    if (facts_find_baseline(a, run, "a100", &b))
        out[count++] = of_baseline(a, demo, run, &b);
    if (facts_find_baseline(a, run, "h100_sxm", &b) || facts_find_baseline(a, run, "h100", &b))
        out[count++] = of_baseline(a, demo, run, &b);
    return count;
}

/* The runs of the first run's trace, then the devices of the first run. */
static size_t contenders(struct arena *a, const json_t *demo, bool all, struct contender *out)
{
    const json_t *runs = json_object_get(demo, "runs");
    struct run_facts first, run;
    size_t count = 0;
    facts_run(a, json_array_get(runs, 0), &first);
    for (size_t i = 0; i < json_array_size(runs); i++) {
        facts_run(a, json_array_get(runs, i), &run);
        if (strcmp(run.trace, first.trace) == 0 &&
            count < (all ? (size_t)PAGE_RUNS_MAX : (size_t)DEMO_RUNS_MAX))
            out[count++] = of_run(&run);
    }
    return count + baseline_columns(a, demo, &first, all, out + count, COLUMNS_MAX - count);
}

/* --- the table -------------------------------------------------------------------------------- */

static const char *copy(struct arena *a, struct shown value)
{
    return arena_strdup(a, value.s);
}

static const char *rate(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->units_per_s));
}

static const char *filled_rate(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->filled_per_s));
}

static const char *best_rate(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->best_per_s));
}

static const char *measured_rate(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->measured_per_s));
}

/* A measured rate is at a batch of the submitter's choice: the best batch answers it. */
static const char *rate_error(struct arena *a, const struct contender *c)
{
    double modelled = isfinite(c->best_per_s) ? c->best_per_s : c->units_per_s;
    return copy(a, format_signed_percent(modelled / c->measured_per_s - 1));
}

static const char *economy(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->units_per_j));
}

static const char *best_economy(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->best_per_j));
}

static const char *efficiency(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->tops_per_w));
}

static const char *performance(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->tops));
}

static const char *precision(struct arena *a, const struct contender *c)
{
    (void)a;
    return c->precision;
}

static const char *scope(struct arena *a, const struct contender *c)
{
    (void)a;
    return c->scope;
}

static const char *area(struct arena *a, const struct contender *c)
{
    return copy(a, format_unit(c->area_mm2, "mm2"));
}

static const char *batch(struct arena *a, const struct contender *c)
{
    return copy(a, format_plain(c->batch));
}

/* One device is not worth a line. */
static const char *devices(struct arena *a, const struct contender *c)
{
    return c->devices > 1 ? copy(a, format_plain(c->devices)) : "-";
}

struct demo_line {
    const char *label; /* %s is the unit of work */
    const char *(*cell)(struct arena *a, const struct contender *c);
};

static const struct demo_line demo_lines[] = {
    {"%ss/s", rate},
    {"  pipeline filled", filled_rate},
    {"  at best batch", best_rate},
    {"  measured", measured_rate},
    {"  model error", rate_error},
    {"%ss/J", economy},
    {"  at best batch", best_economy},
    {"TOPS/W", efficiency},
    {"TOPS", performance},
    {"precision", precision},
    {"power at the", scope},
    {"area", area},
    {"  of devices", devices},
    {"batch", batch},
};

static const char *line_label(struct arena *a, const struct demo_line *line, const char *unit)
{
    bool named = strncmp(line->label, "%s", 2) == 0;
    return named ? arena_printf(a, "%s%s", unit, line->label + 2) : line->label;
}

/* A line that says nothing about any contender is left out. */
static void put_line(struct arena *a, struct table *t, const struct demo_line *line,
                     const struct contender *c, size_t count, const char *unit)
{
    bool says = false;
    for (size_t i = 0; i < count; i++)
        says = says || strcmp(line->cell(a, &c[i]), "-") != 0;
    if (!says && line->label[0] == ' ')
        return;
    table_cell(t, line_label(a, line, unit));
    for (size_t i = 0; i < count; i++)
        table_cell(t, line->cell(a, &c[i]));
}

struct table *demo_table(struct arena *a, const json_t *demo, bool all)
{
    struct contender c[COLUMNS_MAX];
    struct run_facts first;
    size_t count = contenders(a, demo, all, c);
    facts_run(a, json_array_get(json_object_get(demo, "runs"), 0), &first);
    struct table *t = table_open(a);
    table_column(t, "", ALIGN_LEFT);
    for (size_t i = 0; i < count; i++)
        table_column(t, all ? c[i].title : format_cut(a, c[i].title, COLUMN_WIDTH), ALIGN_RIGHT);
    table_spread(t, COLUMN_WIDTH);
    for (size_t i = 0; i < COUNT_OF(demo_lines); i++)
        put_line(a, t, &demo_lines[i], c, count, first.unit);
    return t;
}

/* --- the page of text ----------------------------------------------------------------------- */

static void put_heading(FILE *out, struct arena *a, const struct run_facts *run)
{
    table_wrap(out, "",
               arena_printf(a, "CIMARRON %s   %s, batch %s: compute-in-memory beside GPUs",
                            facts_text(run->json, "cimarron"), run->trace,
                            format_plain(run->batch).s),
               REPORT_WIDTH);
    text_rule(out);
}

/* Where the measured figures of the shown devices come from: each source once. */
static const char *sources(struct arena *a, const json_t *demo)
{
    struct contender c[COLUMNS_MAX];
    size_t count = contenders(a, demo, false, c);
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        if (strcmp(c[i].source, "-") != 0 && !strstr(text, c[i].source))
            text = arena_printf(a, "%s%s%s", text, *text ? "; " : "", c[i].source);
    return text;
}

static void put_sources(FILE *out, struct arena *a, const json_t *demo)
{
    const char *from = sources(a, demo);
    const char *text = "Chips are simulated, GPUs are modelled.";
    if (*from)
        text = arena_printf(a, "Chips are simulated, GPUs are modelled; measured: %s.", from);
    table_wrap(out, "  ", text, REPORT_WIDTH);
}

bool report_demo(FILE *out, const json_t *demo, struct diag *d)
{
    const json_t *first = json_array_get(json_object_get(demo, "runs"), 0);
    if (!json_is_object(first))
        return diag_cannot(d, "there is no run to demonstrate");
    struct arena *a = arena_open();
    struct run_facts run;
    facts_run(a, first, &run);
    put_heading(out, a, &run);
    table_write(out, demo_table(a, demo, false), TABLE_TEXT);
    put_sources(out, a, demo);
    fprintf(out, "\n");
    text_bars(out, a, &run, BARS);
    fprintf(out, "\n");
    text_worst_layers(out, a, &run);
    fprintf(out, "\n");
    table_wrap(out, "  ", demo_verdict(a, demo), REPORT_WIDTH);
    fputs("\n  Try next:  cimarron run isaac resnet50 --format html -o isaac.html\n"
          "             cimarron macro isaac_xbar\n",
          out);
    arena_close(a);
    return report_flushed(out, d);
}
