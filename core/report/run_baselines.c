/* run_baselines.c — the same trace on conventional GPUs, beside the run. */
#include <math.h>
#include <string.h>

#include "core/gpu/gpu.h"
#include "core/report/run_parts.h"

static const char *const DEFAULTS[] = {"a100_sxm", "h100_pcie", "h100_sxm", NULL};
static const char *const SERVERS[] = {"h100_pcie", "h100_sxm", "h200_sxm", NULL};

static bool has_phase(const struct run *r, const char *phase)
{
    return r->trace.header.phase && strcmp(r->trace.header.phase, phase) == 0;
}

/* What a served model alone has to say. */
static void serving_figures(const struct run *r, const struct gpu_trace_result *x, json_t *o)
{
    if (has_phase(r, "prefill"))
        json_object_set_new(o, "ttft_s", json_real(x->time_s));
    json_object_set_new(o, "collective_s", json_real(x->collective_s));
    if (x->user_tokens_per_s > 0)
        json_object_set_new(o, "user_tokens_per_s", json_real(x->user_tokens_per_s));
}

static bool open_gpu(const struct run *r, const char *name, const struct cfg_override *set,
                     size_t set_count, struct gpu **out, struct diag *d)
{
    static const char *const roles[] = {"gpu", NULL};
    struct cfg *c = NULL;
    const char *path = cfg_find(r->arena, name, roles, d);
    if (!path)
        return false;
    TRY(cfg_open(r->arena, path, set, set_count, &c, d));
    bool ok = gpu_open(r->arena, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

/* What a GPU does, whoever stands beside it. */
static json_t *figures(const struct run *r, const struct gpu *g, const struct gpu_trace_result *x)
{
    double per_batch = r->trace.header.work_count / (double)r->trace.header.batch;
    double work = per_batch * (double)x->batch;
    bool tokens = strcmp(r->trace.header.work_unit, "token") == 0;
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(gpu_name(g)));
    json_object_set_new(o, "title", json_string(gpu_title(g)));
    json_object_set_new(o, "dtype", json_string(gpu_dtype_name(x->dtype)));
    json_object_set_new(o, "devices", json_integer(x->devices));
    json_object_set_new(o, "batch", json_integer(x->batch));
    json_object_set_new(o, "power_scope", json_string("board"));
    double die_mm2 = gpu_die_mm2(g) * x->devices;
    json_object_set_new(o, "area_mm2", die_mm2 > 0 ? json_real(die_mm2) : json_null());
    json_object_set_new(o, "time_s", json_real(x->time_s));
    json_object_set_new(o, "energy_j", json_real(x->energy_j));
    json_object_set_new(o, "power_w", json_real(x->power_w));
    json_object_set_new(o, "tops", json_real(x->tops));
    json_object_set_new(o, "tops_per_w", json_real(x->tops_per_w));
    json_object_set_new(o, tokens ? "tokens_per_s" : "images_per_s", json_real(work / x->time_s));
    json_object_set_new(o, tokens ? "j_per_token" : "j_per_image", json_real(x->energy_j / work));
    if (tokens)
        serving_figures(r, x, o);
    return o;
}

/* The keys that stand both in a baseline and in its best batch. */
static json_t *beside_run(const struct run *r, const struct gpu *g,
                          const struct gpu_trace_result *x)
{
    double mine = r->trace.header.work_count;
    double work = mine / (double)r->trace.header.batch * (double)x->batch;
    double time_s = r->sim.time_ps * 1e-12, energy_j = r->sums.total_pj * 1e-12;
    json_t *o = figures(r, g, x);
    json_object_set_new(o, "speedup", json_real(x->time_s / work / (time_s / mine)));
    json_object_set_new(o, "energy_gain",
                        r->system->scope == SCOPE_BOARD
                            ? json_real(x->energy_j / work / (energy_j / mine))
                            : json_null());
    return o;
}

static bool add_gpu(const struct run *r, const char *name, json_t *list, json_t *result,
                    struct diag *d)
{
    struct gpu *g;
    struct gpu_trace_result same, best;
    struct diag why;
    memset(&why, 0, sizeof why);
    TRY(open_gpu(r, name, NULL, 0, &g, d));
    if (!gpu_run_trace(r->arena, g, &r->trace, 1, &same, &why)) {
        run_warn(result, "no baseline %s: %s", name, why.text);
        return true;
    }
    json_t *o = beside_run(r, g, &same);
    /* Decoding: the batch that is best at no worse step time than the machine beside it. */
    double limit_s = has_phase(r, "decode") ? r->sim.time_ps * 1e-12 : INFINITY;
    if (gpu_best_batch_within(r->arena, g, &r->trace, limit_s, &best, &why))
        json_object_set_new(o, "best_batch", beside_run(r, g, &best));
    json_array_append_new(list, o);
    return true;
}

bool run_baselines(const struct run *r, json_t *result, struct diag *d)
{
    const char *const *names = r->request->baselines ? r->request->baselines : DEFAULTS;
    if (!r->request->baselines && (has_phase(r, "prefill") || has_phase(r, "decode")))
        names = SERVERS;
    json_t *list = json_array();
    json_object_set_new(result, "baselines", list);
    for (; *names; names++)
        TRY(add_gpu(r, *names, list, result, d));
    return true;
}

bool run_gpu_json(const struct run *r, json_t **out, struct diag *d)
{
    const struct run_request *q = r->request;
    const struct trace_header *h = &r->trace.header;
    struct gpu_trace_result x;
    struct gpu *g;
    TRY(open_gpu(r, q->system, q->set, q->set_count, &g, d));
    TRY(gpu_run_trace(r->arena, g, &r->trace, 1, &x, d));
    json_t *o = figures(r, g, &x);
    double area_mm2 = gpu_die_mm2(g) * x.devices;
    json_object_set_new(o, "tops_per_mm2",
                        area_mm2 > 0 ? json_real(x.tops / area_mm2) : json_null());
    json_object_set_new(o, "precision",
                        json_pack("{s:i, s:i}", "activation_bits", h->activation_bits,
                                  "weight_bits", h->weight_bits));
    *out = o;
    return true;
}
