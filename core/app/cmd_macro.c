/* cimarron macro: one compute-in-memory array by itself at its peak. */
#include "core/app/app.h"
#include "core/app/result.h"
#include "core/fit/macro_interval.h"

struct macro_options {
    double input_density, weight_density, vdd_v;
    bool sqnr;
    int64_t samples, uncertainty;
};

static const struct macro_options defaults = {
    .input_density = MACRO_INPUT_DENSITY, .weight_density = MACRO_WEIGHT_DENSITY, .samples = 256};

static const struct option options[] = {
    {"input-density", 0, OPTION_REAL, offsetof(struct macro_options, input_density), "SHARE", 0, 1,
     "share of ones over the bits of the inputs, 0 to 1 [0.35]"},
    {"weight-density", 0, OPTION_REAL, offsetof(struct macro_options, weight_density), "SHARE", 0,
     1, "share of ones over the bits of the weights, 0 to 1 [0.5]"},
    {"vdd", 0, OPTION_REAL, offsetof(struct macro_options, vdd_v), "V", 0.05, 10,
     "supply, where the array scales with it [its own]"},
    {"sqnr", 0, OPTION_FLAG, offsetof(struct macro_options, sqnr), NULL, 0, 0,
     "compute on numbers, too: signal to quantisation-and-noise ratio in dB"},
    {"samples", 0, OPTION_INT, offsetof(struct macro_options, samples), "N", 1, 1000000,
     "random vectors of --sqnr [256]"},
    {"uncertainty", 0, OPTION_INT, offsetof(struct macro_options, uncertainty), "N", 0,
     FIT_SAMPLES_MAX, "samples of the 90 % interval of TOPS/W; 0: none [0]"},
};

static bool open_array(struct app *app, const char *name, struct array **out, const char **path,
                       struct diag *d)
{
    static const char *const roles[] = {"macro", NULL};
    struct cfg *c;
    TRY(app_open_config(app, name, roles, &c, path, d));
    bool ok = array_open(app->arena, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

struct macro_case {
    const char *name;
    struct array *array;
    const struct macro_options *options;
    struct macro_result r;
};

static json_t *result_of(const struct macro_case *m)
{
    json_t *o = json_object();
    put_text(o, "macro", m->name);
    put_text(o, "title", m->array->name);
    put_text(o, "kind", m->array->ops->kind);
    put_real(o, "tops", m->r.tops);
    if (m->r.sustained_tops != m->r.tops)
        put_real(o, "sustained_tops", m->r.sustained_tops);
    put_real(o, "tops_per_w", m->r.tops_per_w);
    put_real(o, "tops_per_mm2", m->r.tops_per_mm2);
    put_real(o, "latency_ns", m->r.latency_ns);
    put_real(o, "energy_pj", m->r.energy_pj);
    put_real(o, "area_um2", m->r.area_um2);
    put_int(o, "input_bits", m->r.input_bits);
    put_int(o, "weight_bits", m->r.weight_bits);
    put_real(o, "vdd_v", m->r.vdd_v);
    put_real(o, "input_density", m->options->input_density);
    put_real(o, "weight_density", m->options->weight_density);
    put_parts(o, "breakdown", m->r.part_pj, 1);
    put_parts(o, "area_by_part_um2", m->r.part_um2, 1);
    return o;
}

static bool add_sqnr(const struct app *app, const struct macro_case *m, json_t *result,
                     struct diag *d)
{
    if (!m->array->ops->compute)
        return diag_cannot(d, "%s arrays do not compute on numbers: no --sqnr",
                           m->array->ops->kind);
    struct array_job job =
        array_full_job(m->array, m->options->input_density, m->options->weight_density);
    put_real(result, "sqnr_db",
             array_sqnr_db(app->arena, m->array, &job, (unsigned)m->options->samples,
                           (uint64_t)app->common.seed));
    put_int(result, "sqnr_samples", m->options->samples);
    return true;
}

/* Densities that differ from the assumed ones are the user's: they are not drawn. */
static bool has_own_density(const struct macro_options *o)
{
    return o->input_density != MACRO_INPUT_DENSITY || o->weight_density != MACRO_WEIGHT_DENSITY;
}

static void put_interval(json_t *result, const char *key, double low, double high)
{
    json_t *pair = put_list(result, key);
    json_array_append_new(pair, json_real(low));
    json_array_append_new(pair, json_real(high));
}

static bool add_uncertainty(const struct app *app, const struct macro_case *m, json_t *result,
                            struct diag *d)
{
    const struct macro_options *o = m->options;
    struct macro_question q = {.array = m->array,
                               .input_density = o->input_density,
                               .weight_density = o->weight_density,
                               .fixed_density = has_own_density(o),
                               .samples = (size_t)o->uncertainty,
                               .seed = (uint64_t)app->common.seed};
    struct array *scaled;
    struct benchmark b;
    struct macro_interval w;
    if (o->uncertainty < MACRO_SAMPLES_MIN)
        return diag_input(d, NULL, 0, "an interval needs at least %d samples: --uncertainty 1000",
                          MACRO_SAMPLES_MIN);
    if (o->vdd_v > 0) {
        TRY(array_at_vdd(app->arena, m->array, o->vdd_v, &scaled, d));
        q.array = scaled;
    }
    TRY(benchmark_open(app->arena, &b, d));
    macro_interval(app->arena, &q, &b, &w);
    double ops = m->r.energy_pj * m->r.tops_per_w;
    put_interval(result, "tops_per_w_interval", w.low, w.high);
    put_interval(result, "energy_pj_interval", ops / w.high, ops / w.low);
    put_text(result, "interval_from", w.by_family ? "family" : "prices");
    put_int(result, "interval_samples", o->uncertainty);
    return true;
}

static bool add_extras(const struct app *app, const struct macro_case *m, json_t *result,
                       struct diag *d)
{
    if (m->options->sqnr)
        TRY(add_sqnr(app, m, result, d));
    return !m->options->uncertainty || add_uncertainty(app, m, result, d);
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct macro_options *o = values;
    struct macro_case m = {.options = o};
    struct diag d = {0};
    if (!open_array(app, words->items[0], &m.array, &m.name, &d) ||
        !macro_evaluate(app->arena, m.array, o->input_density, o->weight_density, o->vdd_v, &m.r,
                        &d))
        return app_fail(&d);
    m.name = app_base_name(app->arena, m.name);
    json_t *result = result_of(&m);
    if (add_extras(app, &m, result, &d))
        return app_report(app, result);
    json_decref(result);
    return app_fail(&d);
}

const struct command command_macro = {
    .name = "macro",
    .summary = "one array: TOPS, TOPS/W, TOPS/mm2, latency, breakdown",
    .words = "NAME",
    .about =
        "One array of configs/macro at its native precision: all rows and outputs in use, vectors\n"
        "back to back, leakage included, nothing around it (buffers, network) counted.  The data\n"
        "statistics that the energy depends on stand in the result.\n"
        "\n"
        "RESULT\n"
        "  tops, sustained_tops (DRAM-PIM: with opening rows and refresh), tops_per_w,\n"
        "  tops_per_mm2, latency_ns, energy_pj (of one matrix-vector product),\n"
        "  area_um2, input_bits, weight_bits, breakdown (pJ by part, sums to energy_pj),\n"
        "  area_by_part_um2; with --sqnr sqnr_db (200: every result is exact); with --uncertainty\n"
        "  tops_per_w_interval and energy_pj_interval (90 %), interval_from: family (constants,\n"
        "  density and design style of the published chips of its family) or prices (spreads of\n"
        "  the config's and the gates' prices, density)\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron macro isaac_xbar\n"
        "  cimarron macro isaac_xbar --sqnr --set adc_bits=6\n"
        "  cimarron macro papistas_2021 --uncertainty 1000\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct macro_options),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .takes_set = true,
    .run = run,
};
