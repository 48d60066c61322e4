#include "core/report/run_tables.h"

#include <math.h>
#include <string.h>

static void headline(struct headline *out, size_t *count, const char *label, struct arena *a,
                     struct shown value)
{
    out[*count].label = label;
    out[*count].value = arena_strdup(a, value.s);
    ++*count;
}

static struct shown shown_devices(const struct run_facts *run)
{
    struct shown text = format_plain(run->devices);
    double sharing = facts_number(run->json, "tensor_parallel");
    if (sharing > 1 && sharing < run->devices)
        snprintf(text.s, sizeof text.s, "%.0f, %.0f tensor-parallel", run->devices, sharing);
    else if (sharing > 1)
        snprintf(text.s, sizeof text.s, "%.0f, tensor-parallel", run->devices);
    return text;
}

static struct shown shown_segments(const struct run_facts *run)
{
    struct shown text = format_plain(facts_number(run->json, "segments"));
    size_t used = strlen(text.s);
    if (facts_number(run->json, "banks") > 1)
        snprintf(text.s + used, sizeof text.s - used, ", two banks");
    return text;
}

/* Weights are written before the run, or read in its course, segment by segment. */
static void weights_headlines(struct arena *a, const struct run_facts *run, struct headline *out,
                              size_t *n)
{
    const json_t *j = run->json, *weights = json_object_get(j, "weights");
    if (json_is_string(weights) && strcmp(json_string_value(weights), "reload") == 0) {
        headline(out, n, "weights", a, (struct shown){"reloaded"});
        headline(out, n, "segments", a, shown_segments(run));
        return;
    }
    headline(out, n, "loading weights", a, format_si(facts_number(j, "load_s"), "s"));
    headline(out, n, "loading energy", a, format_si(facts_number(j, "load_energy_j"), "J"));
}

/* What only language models have. */
static void token_headlines(struct arena *a, const struct run_facts *run, struct headline *out,
                            size_t *n)
{
    headline(out, n, "user tokens/s", a,
             format_plain(facts_number(run->json, "user_tokens_per_s")));
    headline(out, n, "first token", a, format_si(facts_number(run->json, "ttft_s"), "s"));
    headline(out, n, "devices", a, shown_devices(run));
}

size_t run_headlines(struct arena *a, const struct run_facts *run, struct headline *out)
{
    const json_t *j = run->json;
    size_t n = 0;
    headline(out, &n, "time", a, format_si(run->time_s, "s"));
    headline(out, &n, "energy", a, format_si(run->energy_j, "J"));
    headline(out, &n, "performance", a, format_si(run->tops * 1e12, "OPS"));
    headline(out, &n, "latency of one", a, format_si(facts_number(j, "latency_s"), "s"));
    headline(out, &n, arena_printf(a, "energy per %s", run->unit), a,
             format_si(run->j_per_unit, "J"));
    headline(out, &n, "efficiency", a, format_unit(run->tops_per_w, "TOPS/W"));
    headline(out, &n, "interval", a, format_si(facts_number(j, "interval_s"), "s"));
    headline(out, &n, "average power", a, format_si(run->power_w, "W"));
    headline(out, &n, arena_printf(a, "%ss/s", run->unit), a, format_plain(run->units_per_s));
    headline(out, &n, "area", a, format_unit(run->area_mm2, "mm2"));
    headline(out, &n, "power density", a, format_unit(facts_number(j, "w_per_mm2"), "W/mm2"));
    headline(out, &n, arena_printf(a, "%ss/J", run->unit), a, format_plain(run->units_per_j));
    headline(out, &n, "array use", a, format_percent(facts_number(j, "array_utilization")));
    headline(out, &n, "arrays used", a, format_plain(facts_number(j, "arrays_used")));
    headline(out, &n, "density", a, format_unit(facts_number(j, "tops_per_mm2"), "TOPS/mm2"));
    weights_headlines(a, run, out, &n);
    headline(out, &n, "repeated work", a, format_percent(facts_number(j, "repeated_fraction")));
    if (strcmp(run->unit, "token") == 0)
        token_headlines(a, run, out, &n);
    if (isfinite(facts_number(j, "lifetime_years")))
        headline(out, &n, "endurance", a, format_unit(facts_number(j, "lifetime_years"), "years"));
    return n;
}

struct table *run_headline_table(struct arena *a, const struct run_facts *run)
{
    struct headline lines[HEADLINES_MAX];
    size_t count = run_headlines(a, run, lines);
    struct table *t = table_open(a);
    table_column(t, "figure", ALIGN_LEFT);
    table_column(t, "value", ALIGN_RIGHT);
    const struct headline settings[] = {
        {"system", run->system},
        {"trace", run->trace},
        {"batch", arena_strdup(a, format_plain(run->batch).s)},
        {"precision", run->precision},
        {"power scope", run->scope},
        {"fidelity", run->fidelity},
    };
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        table_cell(t, settings[i].label);
        table_cell(t, settings[i].value);
    }
    for (size_t i = 0; i < count; i++) {
        table_cell(t, lines[i].label);
        table_cell(t, lines[i].value);
    }
    return t;
}

static struct table *share_table(struct arena *a, const json_t *object, const char *title,
                                 const char *value_title, const char *unit)
{
    struct shares s = facts_shares(a, object, PARTS_MAX);
    struct table *t = table_open(a);
    table_column(t, title, ALIGN_LEFT);
    table_column(t, value_title, ALIGN_RIGHT);
    table_column(t, "share", ALIGN_RIGHT);
    for (size_t i = 0; i < s.count; i++) {
        table_cell(t, s.items[i].name);
        table_cell(t, format_si(s.items[i].value, unit).s);
        table_cell(t, format_percent(s.items[i].fraction).s);
    }
    return t;
}

struct table *run_parts_table(struct arena *a, const struct run_facts *run)
{
    return share_table(a, json_object_get(run->json, "energy_by_part_j"), "part", "energy", "J");
}

struct table *run_causes_table(struct arena *a, const struct run_facts *run)
{
    return share_table(a, json_object_get(run->json, "time_by_cause_s"), "cause", "time", "s");
}

static void layer_cells(struct table *t, const json_t *layer, double energy_j)
{
    table_cell(t, format_plain(facts_number(layer, "id")).s);
    table_cell(t, facts_text(layer, "name"));
    table_cell(t, facts_text(layer, "op"));
    table_cell(t, format_plain(facts_number(layer, "instances")).s);
    table_cell(t, format_si(facts_number(layer, "ops"), "op").s);
    table_cell(t, format_si(facts_number(layer, "start_s"), "s").s);
    table_cell(t, format_si(facts_number(layer, "end_s"), "s").s);
    table_cell(t, format_si(facts_number(layer, "energy_j"), "J").s);
    table_cell(t, format_percent(facts_number(layer, "energy_j") / energy_j).s);
    table_cell(t, format_percent(facts_number(layer, "utilization")).s);
    table_cell(t, format_plain(facts_number(layer, "arrays")).s);
}

struct table *run_layers_table(struct arena *a, const struct run_facts *run)
{
    static const char *const titles[] = {"id",  "layer",  "op",    "instances",   "ops",   "start",
                                         "end", "energy", "share", "utilization", "arrays"};
    const json_t *layers = json_object_get(run->json, "layers");
    struct table *t = table_open(a);
    for (size_t c = 0; c < COUNT_OF(titles); c++)
        table_column(t, titles[c], c == 1 || c == 2 ? ALIGN_LEFT : ALIGN_RIGHT);
    for (size_t i = 0; i < json_array_size(layers); i++)
        layer_cells(t, json_array_get(layers, i), run->energy_j);
    return t;
}

static void baseline_cells(struct table *t, const struct baseline_facts *b)
{
    table_cell(t, b->title);
    table_cell(t, b->dtype);
    table_cell(t, format_plain(b->devices).s);
    table_cell(t, format_plain(b->batch).s);
    table_cell(t, b->scope);
    table_cell(t, format_si(b->time_s, "s").s);
    table_cell(t, format_si(b->energy_j, "J").s);
    table_cell(t, format_plain(b->tops_per_w).s);
    table_cell(t, format_times(b->speedup).s);
    table_cell(t, format_times(b->energy_gain).s);
}

struct table *run_baselines_table(struct arena *a, const struct run_facts *run)
{
    static const char *const titles[] = {"device", "dtype",  "devices", "batch",   "power at",
                                         "time",   "energy", "TOPS/W",  "speedup", "energy gain"};
    struct table *t = table_open(a);
    for (size_t c = 0; c < COUNT_OF(titles); c++)
        table_column(t, titles[c], c < 2 || c == 4 ? ALIGN_LEFT : ALIGN_RIGHT);
    for (size_t i = 0; i < run->baselines; i++) {
        struct baseline_facts same, best;
        facts_baseline(a, run, i, &same);
        baseline_cells(t, &same);
        if (facts_best_batch(a, run, &same, &best))
            baseline_cells(t, &best);
    }
    return t;
}

const char *run_steady_line(struct arena *a, const struct run_facts *run)
{
    if (!isfinite(run->steady_interval_s))
        return "- (fewer than two samples)";
    if (!isfinite(run->gap))
        return arena_printf(a, "bound by %s", run->binding);
    return arena_printf(
        a, "one %s every %s, %s each, %s, %s", run->unit, format_si(run->steady_interval_s, "s").s,
        format_si(run->steady_energy_j, "J").s, format_si(run->steady_tops * 1e12, "OPS").s,
        format_unit(run->steady_tops_per_w, "TOPS/W").s);
}

const char *run_bound_line(struct arena *a, const struct run_facts *run)
{
    if (!isfinite(run->gap))
        return arena_printf(a, "bound by %s", run->binding);
    return arena_printf(
        a, "at least %s by single resources; contention and mapping add %s; bound by %s",
        format_si(run->lower_bound_s, "s").s, format_percent(run->gap).s, run->binding);
}

const char *run_trust_line(struct arena *a, const struct run_facts *run)
{
    if (!isfinite(run->assumed))
        return "-";
    const char *trust =
        arena_printf(a, "%s of the energy rests on assumed unit costs, which nobody published",
                     format_percent(run->assumed).s);
    const json_t *interval = json_object_get(run->json, "tops_per_w_interval");
    if (!json_is_array(interval))
        return trust;
    return arena_printf(a, "%s; 90 %% interval of the efficiency %s to %s TOPS/W", trust,
                        format_plain(json_number_value(json_array_get(interval, 0))).s,
                        format_plain(json_number_value(json_array_get(interval, 1))).s);
}
