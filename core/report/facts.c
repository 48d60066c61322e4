#include "core/report/facts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

double facts_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

const char *facts_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "-";
}

bool facts_same_scope(const char *one, const char *other)
{
    return strcmp(one, "-") != 0 && strcmp(one, other) == 0;
}

/* --- shares --------------------------------------------------------------------------------- */

static void insert_share(struct shares *s, const char *name, double value)
{
    size_t at = s->count++;
    while (at > 0 && s->items[at - 1].value < value) {
        s->items[at] = s->items[at - 1];
        at--;
    }
    s->items[at].name = name;
    s->items[at].value = value;
    s->total += value;
}

static void merge_rest(struct arena *a, struct shares *s, size_t most)
{
    double rest = 0;
    size_t merged = s->count - most + 1;
    for (size_t i = most - 1; i < s->count; i++)
        rest += s->items[i].value;
    s->count = most;
    s->items[most - 1].name = arena_printf(a, "other (%zu)", merged);
    s->items[most - 1].value = rest;
}

struct shares facts_shares(struct arena *a, const json_t *object, size_t most)
{
    struct shares s = {NULL, 0, 0};
    const char *name;
    json_t *value;
    s.items = ARENA_ARRAY(a, struct share, json_object_size(object) + 1);
    json_object_foreach((json_t *)object, name, value)
    {
        if (json_is_number(value) && json_number_value(value) > 0)
            insert_share(&s, name, json_number_value(value));
    }
    if (s.count > most)
        merge_rest(a, &s, most);
    for (size_t i = 0; i < s.count; i++)
        s.items[i].fraction = s.items[i].value / s.total;
    return s;
}

/* --- names ---------------------------------------------------------------------------------- */

/* "h100_pcie" -> "H100 PCIe", "dcim_5nm" -> as it is: only words of device families are known. */
static const char *device_title(struct arena *a, const json_t *object, const char *name)
{
    const char *given = json_string_value(json_object_get(object, "title"));
    if (given)
        return given;
    char *title = arena_strdup(a, name);
    for (char *c = title; *c; c++)
        *c = *c == '_' ? ' ' : (char)toupper((unsigned char)*c);
    char *pcie = strstr(title, "PCIE");
    if (pcie)
        pcie[3] = 'e';
    return title;
}

static const char *run_title(struct arena *a, const json_t *run, const char *system)
{
    const char *given = json_string_value(json_object_get(run, "title"));
    if (given)
        return given;
    return strncmp(system, "isaac", 5) == 0 ? "ISAAC (2016)" : arena_strdup(a, system);
}

static const char *precision_of(struct arena *a, const json_t *precision)
{
    double x = facts_number(precision, "activation_bits");
    double w = facts_number(precision, "weight_bits");
    double kv = facts_number(precision, "kv_bits");
    if (!isfinite(x) || !isfinite(w))
        return json_is_string(precision) ? json_string_value(precision) : "-";
    if (kv > 0)
        return arena_printf(a, "W%.0fA%.0fKV%.0f", w, x, kv);
    if (x < w || x > w)
        return arena_printf(a, "W%.0fA%.0f", w, x);
    return arena_printf(a, "int%.0f", x);
}

/* --- runs and baselines --------------------------------------------------------------------- */

static void read_steady(const json_t *steady, struct run_facts *out)
{
    out->steady_interval_s = facts_number(steady, "interval_s");
    out->steady_energy_j = facts_number(steady, "energy_j");
    out->steady_tops = facts_number(steady, "tops");
    out->steady_tops_per_w = facts_number(steady, "tops_per_w");
}

static void read_figures(const json_t *run, struct run_facts *out)
{
    out->batch = facts_number(run, "batch");
    out->devices = facts_number(run, "devices");
    out->time_s = facts_number(run, "time_s");
    out->energy_j = facts_number(run, "energy_j");
    out->power_w = facts_number(run, "power_w");
    out->tops = facts_number(run, "tops");
    out->tops_per_w = facts_number(run, "tops_per_w");
    out->area_mm2 = facts_number(run, "area_mm2");
    out->lower_bound_s = facts_number(run, "lower_bound_s");
    out->gap = out->time_s / out->lower_bound_s - 1;
    out->assumed = facts_number(run, "assumed_energy_fraction");
    out->baselines = json_array_size(json_object_get(run, "baselines"));
}

/* The result's own rate where it has one (a decode rate is not count over time). */
static void read_rates(struct arena *a, struct run_facts *out)
{
    double rate = facts_number(out->json, arena_printf(a, "%ss_per_s", out->unit));
    double cost = facts_number(out->json, arena_printf(a, "j_per_%s", out->unit));
    out->units_per_s = isfinite(rate) ? rate : out->count / out->time_s;
    out->j_per_unit = isfinite(cost) ? cost : out->energy_j / out->count;
    out->units_per_j = 1 / out->j_per_unit;
}

void facts_run(struct arena *a, const json_t *run, struct run_facts *out)
{
    const json_t *work = json_object_get(run, "work");
    const json_t *precision = json_object_get(run, "precision");
    memset(out, 0, sizeof *out);
    out->json = run;
    out->system = facts_text(run, "system");
    out->title = run_title(a, run, out->system);
    out->trace = facts_text(run, "trace");
    out->fidelity = facts_text(run, "fidelity");
    out->scope = facts_text(run, "power_scope");
    out->binding = facts_text(run, "binding_cause");
    out->unit = json_is_string(json_object_get(work, "unit")) ? facts_text(work, "unit") : "image";
    out->precision = precision_of(a, precision);
    out->bits = facts_number(precision, "activation_bits");
    out->count = facts_number(work, "count");
    read_figures(run, out);
    read_steady(json_object_get(run, "steady"), out);
    read_rates(a, out);
}

/* Reads the figures that a device has at the run's batch and, once more, at its best batch. */
static void read_device(const struct run_facts *run, const json_t *b, struct baseline_facts *out)
{
    out->devices = facts_number(b, "devices");
    out->batch = facts_number(b, "batch");
    out->time_s = facts_number(b, "time_s");
    out->energy_j = facts_number(b, "energy_j");
    out->tops = facts_number(b, "tops");
    out->tops_per_w = facts_number(b, "tops_per_w");
    double count = run->count * out->batch / run->batch;
    out->units_per_s = count / out->time_s;
    out->units_per_j = count / out->energy_j;
    out->speedup = facts_number(b, "speedup");
    out->energy_gain =
        facts_same_scope(run->scope, out->scope) ? facts_number(b, "energy_gain") : (double)NAN;
}

void facts_baseline(struct arena *a, const struct run_facts *run, size_t index,
                    struct baseline_facts *out)
{
    const json_t *b = json_array_get(json_object_get(run->json, "baselines"), index);
    memset(out, 0, sizeof *out);
    out->json = b;
    out->name = facts_text(b, "name");
    out->title = device_title(a, b, out->name);
    out->dtype = facts_text(b, "dtype");
    out->scope = facts_text(b, "power_scope");
    out->area_mm2 = facts_number(b, "area_mm2");
    read_device(run, b, out);
}

bool facts_best_batch(struct arena *a, const struct run_facts *run,
                      const struct baseline_facts *device, struct baseline_facts *out)
{
    const json_t *best = json_object_get(device->json, "best_batch");
    if (!json_is_object(best))
        return false;
    *out = *device;
    out->json = best;
    out->title = arena_strdup(a, "  best batch");
    if (json_is_string(json_object_get(best, "power_scope")))
        out->scope = facts_text(best, "power_scope");
    if (json_is_string(json_object_get(best, "dtype")))
        out->dtype = facts_text(best, "dtype");
    read_device(run, best, out);
    if (!isfinite(out->devices))
        out->devices = device->devices;
    return true;
}

bool facts_find_baseline(struct arena *a, const struct run_facts *run, const char *prefix,
                         struct baseline_facts *out)
{
    for (size_t i = 0; i < run->baselines; i++) {
        facts_baseline(a, run, i, out);
        if (strncmp(out->name, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

/* --- layers --------------------------------------------------------------------------------- */

static double hunger_of(const struct layer_facts *l)
{
    return l->energy_j;
}

static double idleness_of(const struct layer_facts *l)
{
    return (1 - l->utilization) * l->duration_s;
}

static void read_layer(const json_t *layer, double energy_j, struct layer_facts *out)
{
    out->json = layer;
    out->name = facts_text(layer, "name");
    out->op = facts_text(layer, "op");
    out->energy_j = facts_number(layer, "energy_j");
    out->energy_fraction = out->energy_j / energy_j;
    out->duration_s = facts_number(layer, "end_s") - facts_number(layer, "start_s");
    out->utilization = facts_number(layer, "utilization");
}

static size_t worst_layers(const json_t *run, double (*badness)(const struct layer_facts *),
                           struct layer_facts *out, size_t most)
{
    const json_t *layers = json_object_get(run, "layers");
    double energy_j = facts_number(run, "energy_j");
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(layers); i++) {
        struct layer_facts l;
        read_layer(json_array_get(layers, i), energy_j, &l);
        if (facts_number(l.json, "id") < 0 || !(badness(&l) > 0))
            continue;
        size_t at = found < most ? found++ : most;
        if (at == most && !(badness(&l) > badness(&out[most - 1])))
            continue;
        at = at == most ? most - 1 : at;
        for (; at > 0 && badness(&out[at - 1]) < badness(&l); at--)
            out[at] = out[at - 1];
        out[at] = l;
    }
    return found;
}

size_t facts_hungriest(const json_t *run, struct layer_facts *out, size_t most)
{
    return worst_layers(run, hunger_of, out, most);
}

size_t facts_idlest(const json_t *run, struct layer_facts *out, size_t most)
{
    return worst_layers(run, idleness_of, out, most);
}
