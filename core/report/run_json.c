/* run_json.c — the canonical result of a run: the keys of `run --format json`. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/report/run_parts.h"

/* --- small words ----------------------------------------------------------------------------- */

static void set(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, isfinite(x) ? json_real(x) : json_null());
}

static void set_text(json_t *o, const char *key, const char *text)
{
    json_object_set_new(o, key, json_string(text));
}

static void set_whole(json_t *o, const char *key, int64_t n)
{
    json_object_set_new(o, key, json_integer(n));
}

static void set_null(json_t *o, const char *key)
{
    json_object_set_new(o, key, json_null());
}

void run_warn(json_t *result, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_array_append_new(json_object_get(result, "warnings"), json_string(text));
}

/* --- totals ---------------------------------------------------------------------------------- */

static double ops_of(const struct run *r)
{
    return 2 * r->plan->macs;
}

double run_steady_energy_pj(const struct run *r)
{
    double samples = (double)r->plan->samples; /* work is the same for each; static power is not */
    double lost_pj = r->sums.part_pj[PART_REGULATOR], used_pj = r->sums.total_pj - lost_pj;
    double standing_pj = r->static_pj - lost_pj;
    double used =
        (used_pj - standing_pj) / samples + standing_pj / r->sim.time_ps * r->sim.interval_ps;
    return used * (1 + lost_pj / used_pj);
}

static void add_work(json_t *o, const struct run *r)
{
    const struct trace_header *h = &r->trace.header;
    json_t *work = json_object();
    set_text(work, "unit", h->work_unit);
    set(work, "count", h->work_count);
    json_object_set_new(o, "work", work);
    set_whole(o, "devices", r->plan->devices);
    set_whole(o, "tensor_parallel", r->plan->tensor);
    set_whole(o, "batch", h->batch);
}

static void add_times(json_t *o, const struct run *r)
{
    const struct sim_result *s = &r->sim;
    set(o, "time_s", s->time_ps * 1e-12);
    set(o, "latency_s", s->latency_ps * 1e-12);
    if (s->interval_ps > 0)
        set(o, "interval_s", s->interval_ps * 1e-12);
    else
        set_null(o, "interval_s");
    set(o, "load_s", r->plan->load_s);
    set(o, "load_energy_j", r->plan->load_energy_pj * 1e-12);
    set(o, "repeated_fraction", s->repeated_fraction);
}

static void add_totals(json_t *o, const struct run *r)
{
    double energy_j = r->sums.total_pj * 1e-12, time_s = r->sim.time_ps * 1e-12;
    double tops = ops_of(r) / time_s * 1e-12;
    set(o, "energy_j", energy_j);
    set(o, "power_w", energy_j / time_s);
    json_object_set_new(o, "ops", count_json(2 * trace_macs_exact(&r->trace)));
    set(o, "tops", tops);
    set(o, "tops_per_w", ops_of(r) / energy_j * 1e-12);
    set(o, "area_mm2", r->area_mm2);
    set(o, "tops_per_mm2", tops / r->area_mm2);
    set(o, "w_per_mm2", energy_j / time_s / r->area_mm2);
}

static void add_steady(json_t *o, const struct run *r)
{
    double interval_s = r->sim.interval_ps * 1e-12;
    if (interval_s <= 0) {
        set_null(o, "steady");
        return;
    }
    json_t *steady = json_object();
    double energy_j = run_steady_energy_pj(r) * 1e-12, ops = ops_of(r) / (double)r->plan->samples;
    set(steady, "interval_s", interval_s);
    set(steady, "energy_j", energy_j);
    set(steady, "tops", ops / interval_s * 1e-12);
    set(steady, "tops_per_w", ops / energy_j * 1e-12);
    json_object_set_new(o, "steady", steady);
}

static void add_rates(json_t *o, const struct run *r)
{
    double count = r->trace.header.work_count, time_s = r->sim.time_ps * 1e-12;
    double energy_j = r->sums.total_pj * 1e-12;
    bool tokens = strcmp(r->trace.header.work_unit, "token") == 0;
    set(o, tokens ? "tokens_per_s" : "images_per_s", count / time_s);
    if (tokens)
        set(o, "user_tokens_per_s", count / time_s / (double)r->trace.header.batch);
    set(o, tokens ? "j_per_token" : "j_per_image", energy_j / count);
    bool prefill = strcmp(r->trace.header.phase, "prefill") == 0;
    if (tokens)
        set(o, "ttft_s", prefill ? r->sim.latency_ps * 1e-12 : NAN);
}

static const char *binding_cause(const struct run *r)
{
    int worst = 0;
    for (int c = 0; c < CAUSE_COUNT; c++)
        if (r->sim.cause_ps[c] > r->sim.cause_ps[worst])
            worst = c;
    return cause_name((enum cause)worst);
}

/* Years until the most rewritten cells are worn out at this rate; null when nothing wears. */
static void add_lifetime(json_t *o, const struct run *r)
{
    /* Of the cells written most often, per run: each segment rewrites its device's arrays, those of
     * its bank. */
    int64_t in_turn = r->plan->devices / r->plan->tensor * r->plan->banks;
    double writes =
        r->plan->resident ? 0 : (double)ceil_div((int64_t)r->plan->segment_count, in_turn);
    if (r->system->facts.endurance <= 0 || writes == 0) {
        set_null(o, "lifetime_years");
        return;
    }
    double seconds = r->system->facts.endurance / writes * r->sim.time_ps * 1e-12;
    set(o, "lifetime_years", seconds / (365.25 * 86400));
}

static void add_judgement(json_t *o, const struct run *r)
{
    json_t *precision = json_object();
    set_text(o, "power_scope", power_scope_name(r->system->scope));
    set_text(o, "binding_cause", binding_cause(r));
    set(o, "assumed_energy_fraction", r->sums.assumed_pj / r->sums.total_pj);
    add_lifetime(o, r);
    set(o, "lower_bound_s", r->bound.largest_ps * 1e-12);
    set_text(o, "lower_bound_by", r->bound.name);
    set(o, "array_utilization", ops_of(r) / (r->peak.tops * r->sim.time_ps));
    set_whole(o, "arrays_used", r->plan->arrays_used * r->plan->tensor);
    set_whole(o, "arrays", r->system->arrays * r->plan->devices);
    set_text(o, "weights", r->plan->resident ? "resident" : "reload");
    set_whole(o, "segments", (int64_t)r->plan->segment_count);
    if (!r->plan->resident)
        set_whole(o, "banks", r->plan->banks);
    if (r->plan->spread)
        set_whole(o, "regions_per_device", r->plan->regions);
    set_whole(precision, "activation_bits", r->plan->input_bits);
    set_whole(precision, "weight_bits", r->plan->weight_bits);
    if (r->trace.header.context > 0)
        set_whole(precision, "kv_bits", r->trace.header.kv_bits);
    else
        set_null(precision, "kv_bits");
    json_object_set_new(o, "precision", precision);
    set(o, "peak_tops", r->peak.tops);
    set(o, "peak_tops_per_w", r->peak.tops / r->peak.power.total_w);
}

static void add_shares(json_t *o, const struct run *r)
{
    json_t *energy = json_object(), *time = json_object();
    for (int p = 0; p < PART_COUNT; p++)
        if (r->sums.part_pj[p] > 0)
            set(energy, part_name((enum part)p), r->sums.part_pj[p] * 1e-12);
    for (int c = 0; c < CAUSE_COUNT; c++)
        set(time, cause_name((enum cause)c), r->sim.cause_ps[c] * 1e-12);
    json_object_set_new(o, "energy_by_part_j", energy);
    json_object_set_new(o, "time_by_cause_s", time);
}

/* Of what was played: repeated work and further regions of a wafer are not in it. */
static void add_traffic(json_t *o, const struct run *r)
{
    set(o, "network_sent_bytes", r->sim.bytes_sent);
    set(o, "network_received_bytes", r->sim.bytes_received);
}

static void add_warnings(json_t *o, const struct run *r)
{
    double density = r->sums.total_pj / r->sim.time_ps / r->area_mm2;
    json_object_set_new(o, "warnings", json_array());
    if (r->plan->default_stats)
        run_warn(o, "the trace has no value statistics for some operands: defaults were used");
    if (r->imported && r->trace.warnings)
        run_warn(o, "imported: %s%s", r->trace.warning, r->trace.warnings > 1 ? ", and more" : "");
    if (!r->imported && r->trace.warnings)
        run_warn(o, "%lld unknown keys in the trace, first: %s", (long long)r->trace.warnings,
                 r->trace.warning);
    if (density > r->system->cooling_w_per_mm2)
        run_warn(o, "%.3g W/mm2 is more than the package can cool (%.3g W/mm2)", density,
                 r->system->cooling_w_per_mm2);
    if (r->request->ideal_memory_gb_s > 0)
        run_warn(o, "an ideal memory stands in for the system's: its energy is not booked");
    double years = json_number_value(json_object_get(o, "lifetime_years"));
    if (json_is_real(json_object_get(o, "lifetime_years")) && years < 5)
        run_warn(o, "rewriting the cells at this rate wears them out in %.3g years", years);
}

json_t *run_json(const struct run *r)
{
    json_t *o = json_object();
    set_text(o, "cimarron", CIMARRON_VERSION);
    set_text(o, "system", r->system->name);
    set_text(o, "title", r->system->title);
    set_text(o, "trace", r->trace.header.name);
    set_text(o, "fidelity",
             r->system->memory ? "pipeline of row chunks, packet-level mesh, command-level DRAM"
             : r->plan->spread ? "pipeline of row chunks, packet-level mesh in each region"
                               : "pipeline of row chunks, packet-level mesh");
    set_whole(o, "seed", (int64_t)r->request->seed);
    add_work(o, r);
    add_times(o, r);
    add_totals(o, r);
    add_steady(o, r);
    add_rates(o, r);
    add_judgement(o, r);
    add_shares(o, r);
    add_traffic(o, r);
    json_object_set_new(o, "layers", run_layers_json(r));
    add_warnings(o, r);
    return o;
}
