#include "core/report/run.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/report/run_parts.h"

enum { RUN_OPS_MAX = 4000000 };

const char *run_find_trace(struct arena *a, const char *name, struct diag *d)
{
    if (access(name, R_OK) == 0)
        return arena_strdup(a, name);
    const char *places[] = {"traces/samples", "traces/samples", "traces"};
    const char *endings[] = {".jsonl.gz", "", ".jsonl.gz"};
    for (size_t i = 0; i < COUNT_OF(places) && !strchr(name, '/'); i++) {
        char *path = arena_printf(a, "%s/%s/%s%s", cfg_home(a), places[i], name, endings[i]);
        if (access(path, R_OK) == 0)
            return path;
    }
    diag_input(d, NULL, 0,
               "there is no trace \"%s\": neither a file nor a sample (see `cimarron list traces`)",
               name);
    return NULL;
}

static bool set_bits(struct trace *t, int activation_bits, int weight_bits, struct diag *d)
{
    if (!activation_bits && !weight_bits)
        return true;
    if (activation_bits < 1 || activation_bits > 64 || weight_bits < 1 || weight_bits > 64)
        return diag_input(d, NULL, 0, "bits must be 1 to 64, not %d,%d", activation_bits,
                          weight_bits);
    t->header.activation_bits = activation_bits;
    t->header.weight_bits = weight_bits;
    for (size_t i = 0; i < t->count; i++) {
        t->ops[i].activation_bits = (uint8_t)activation_bits;
        t->ops[i].weight_bits = (uint8_t)weight_bits;
    }
    return true;
}

/* One sample at the bits asked for: the batch multiplies it, as it does a trace. */
static bool import_trace(struct run *r, const struct importer *i, const char *path, struct diag *d)
{
    const struct run_request *q = r->request;
    struct import_options o = q->import ? *q->import : (struct import_options){0};
    struct trace given;
    o.activation_bits = q->activation_bits ? q->activation_bits : 8;
    o.weight_bits = q->weight_bits ? q->weight_bits : 8;
    o.batch = 1;
    r->imported = true;
    TRY(importer_takes(i, &o, d));
    TRY(i->import(r->arena, path, &o, &given, d));
    return trace_expand(r->arena, &given, RUN_OPS_MAX, &r->trace, d);
}

static bool load_trace(struct run *r, const char *path, struct diag *d)
{
    const struct run_request *q = r->request;
    if (q->import)
        return diag_input(d, path, 0,
                          "is a trace already: options of an import mean nothing to it");
    return trace_load(r->arena, path, RUN_OPS_MAX, &r->trace, d);
}

static bool open_trace(struct run *r, struct diag *d)
{
    const char *path = run_find_trace(r->arena, r->request->trace, d);
    if (!path)
        return false;
    const struct importer *i = importer_unless_trace(path);
    return i ? import_trace(r, i, path, d) : load_trace(r, path, d);
}

static bool open_inputs(struct run *r, struct diag *d)
{
    const struct run_request *q = r->request;
    TRY(system_open(r->arena, q->system, q->set, q->set_count, &r->system, d));
    return open_trace(r, d);
}

/* An imported trace has its bits already, and its caches their own. */
static bool as_requested(struct run *r, struct diag *d)
{
    const struct run_request *q = r->request;
    TRY(r->imported || set_bits(&r->trace, q->activation_bits, q->weight_bits, d));
    return q->batch == 1 || trace_scale_batch(&r->trace, q->batch, d);
}

static bool play(struct run *r, struct diag *d)
{
    struct sim_options o = {r->request->exact, r->request->ideal_memory_ns,
                            r->request->ideal_memory_gb_s};
    struct system_area area;
    int32_t none = LEDGER_STATIC;
    struct plan_options how = {
        .exact = r->request->exact, .devices = r->request->devices, .tensor = r->request->tensor};
    TRY(plan_make_with(r->arena, r->system, &r->trace, &how, &r->plan, d));
    assert(r->plan);
    if (r->request->ideal_memory_gb_s > 0)
        plan_bound_with_memory(r->plan, r->plan->samples, r->request->ideal_memory_gb_s, &r->bound);
    else
        plan_bound(r->plan, r->plan->samples, &r->bound);
    TRY(plan_check_times(r->plan, &r->bound, d));
    TRY(sim_run(r->arena, r->plan, &o, &r->sim, d));
    r->leasts = plan_leasts_open(r->plan);
    TRY(plan_peak(r->leasts, &r->peak, d));
    ledger_sum(r->sim.ledger, &r->sums);
    ledger_sum_layers(r->sim.ledger, &none, 1, &r->static_pj);
    system_area(r->system, &area);
    r->area_mm2 = area.total_um2 * 1e-6 * (double)r->plan->devices;
    return true;
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static bool evaluate(struct run *r, json_t **out, struct diag *d)
{
    TRY(as_requested(r, d));
    TRY(play(r, d));
    json_t *result = run_json(r);
    if (!run_baselines(r, result, d)) {
        json_decref(result);
        return false;
    }
    if (r->request->uncertainty > 0)
        run_uncertainty(r, result);
    json_object_set_new(result, "cpu_s", json_real(cpu_seconds()));
    *out = result;
    return true;
}

bool run_evaluate(struct arena *a, const struct run_request *q, json_t **out, struct diag *d)
{
    struct run r = {.request = q, .arena = a};
    TRY(open_inputs(&r, d));
    return evaluate(&r, out, d);
}

bool run_evaluate_gpu(struct arena *a, const struct run_request *q, json_t **out, struct diag *d)
{
    struct run r = {.request = q, .arena = a};
    TRY(open_trace(&r, d));
    TRY(as_requested(&r, d));
    return run_gpu_json(&r, out, d);
}

bool run_evaluate_open(struct arena *a, struct system *s, const struct trace *t,
                       const struct run_request *q, json_t **out, struct diag *d)
{
    struct run r = {.request = q, .arena = a, .system = s, .trace = *t};
    return evaluate(&r, out, d);
}
