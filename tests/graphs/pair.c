#include "tests/graphs/pair.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "tests/folder.h"
#include "tests/graphs/trial.h"

static const char *const PROMISES[] = {
#define LAW(id, promise, known) #promise,
#include "tests/graphs/laws.def"
#undef LAW
};

const char *law_promise(enum law l)
{
    return PROMISES[l];
}

/* --- the pair --------------------------------------------------------------------------------- */

struct pair pair_of(const struct graph *g, const char *name, struct system *s)
{
    static const int others[][2] = {{8, 8}, {4, 4}, {2, 2}, {1, 1}};
    const struct trace_header *h = &g->trace.header;
    struct pair p = {.graph = g, .name = name, .system = s, .batch = g->batch, .cpu_s = PAIR_CPU_S};
    int input = p.activation_bits = h->activation_bits, weight = p.weight_bits = h->weight_bits;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (s->array->ops->precision(s->array, &input, &weight))
            break;
        input = p.activation_bits = others[i][0];
        weight = p.weight_bits = others[i][1];
    }
    return p;
}

void pair_command(const struct pair *p, const char *file, char *out, size_t size)
{
    snprintf(out, size, "cimarron run %s %s --batch %" PRId64 " --bits %d,%d --gpu none", p->name,
             file, p->batch, p->activation_bits, p->weight_bits);
}

/* --- judging ---------------------------------------------------------------------------------- */

struct judging {
    const struct pair *pair;
    struct verdict *verdict;
};

static void breaks(const struct judging *j, enum law l, const char *format, ...) PRINTF_LIKE(3, 4);

/* The first complaint about a law stands. */
static void breaks(const struct judging *j, enum law l, const char *format, ...)
{
    va_list args;
    if (j->verdict->broken[l][0])
        return;
    va_start(args, format);
    vsnprintf(j->verdict->broken[l], sizeof j->verdict->broken[l], format, args);
    va_end(args);
}

static double number(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key)); /* 0: null or not there */
}

static bool near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

static double sum_of(const json_t *object)
{
    const char *key;
    json_t *value;
    double sum = 0;
    json_object_foreach((json_t *)object, key, value) sum += json_number_value(value);
    return sum;
}

static double sum_over_layers(const json_t *run, const char *key)
{
    size_t i;
    json_t *row;
    double sum = 0;
    json_array_foreach(json_object_get(run, "layers"), i, row) sum += number(row, key);
    return sum;
}

static void judge_books(const struct judging *j, const json_t *o)
{
    double energy = number(o, "energy_j"), time = number(o, "time_s");
    double parts = sum_of(json_object_get(o, "energy_by_part_j"));
    double layers = sum_over_layers(o, "energy_j");
    double causes = sum_of(json_object_get(o, "time_by_cause_s"));
    if (!near(parts, energy, 1e-9))
        breaks(j, LAW_PARTS, "parts sum to %.12g J of %.12g", parts, energy);
    if (!near(layers, energy, 1e-9))
        breaks(j, LAW_LAYERS, "layers sum to %.12g J of %.12g", layers, energy);
    if (!near(causes, time, 1e-9))
        breaks(j, LAW_CAUSES, "causes sum to %.12g s of %.12g", causes, time);
}

static void judge_work(const struct judging *j, const json_t *o, int64_t batch)
{
    double drawn = 2 * graph_macs(j->pair->graph) * (double)batch, ops = number(o, "ops");
    double layers = sum_over_layers(o, "ops");
    if (!near(ops, drawn, 1e-12) || !near(layers, drawn, 1e-12))
        breaks(j, LAW_OPS, "%.15g ops, in the layers %.15g, drawn %.15g", ops, layers, drawn);
}

static void judge_times(const struct judging *j, const json_t *o, int64_t batch)
{
    double time = number(o, "time_s"), bound = number(o, "lower_bound_s");
    double first = number(o, "latency_s"), interval = number(o, "interval_s");
    if (!(bound > 0 && bound <= time * (1 + 1e-9)))
        breaks(j, LAW_BOUND, "%.9g s, bound by %s %.9g s", time,
               json_string_value(json_object_get(o, "lower_bound_by")), bound);
    /* Segments that reload end with the last sample; a picosecond may be rounded away. */
    double rest = number(o, "segments") > 1 ? time : time - first + 1e-12;
    if (batch == 1 ? !near(first, time, 1e-12) || interval > 0
                   : !(first > 0 && first <= time && interval > 0 && interval <= rest))
        breaks(j, LAW_ORDER, "the first after %.9g s, all %lld after %.9g s, interval %.9g s",
               first, (long long)batch, time, interval);
}

static void judge_peak(const struct judging *j, const json_t *o)
{
    const json_t *steady = json_object_get(o, "steady");
    double most = number(o, "peak_tops"), tops = number(o, "tops");
    double peak = number(o, "peak_tops_per_w"), per_w = number(o, "tops_per_w");
    double steady_tops = number(steady, "tops"), steady_per_w = number(steady, "tops_per_w");
    if (tops > most * (1 + 1e-9) || steady_tops > most * (1 + 1e-3))
        breaks(j, LAW_PEAK_RATE, "%.6g TOPS, steady %.6g, of %.6g", tops, steady_tops, most);
    if (per_w > peak * (1 + 1e-9) || steady_per_w > peak * (1 + 1e-3))
        breaks(j, LAW_PEAK_EFFICIENCY, "%.6g TOPS/W, steady %.6g, of %.6g", per_w, steady_per_w,
               peak);
}

static void judge_use(const struct judging *j, const json_t *o)
{
    size_t i;
    json_t *row;
    if (number(o, "array_utilization") > 1 || number(o, "arrays_used") > number(o, "arrays"))
        breaks(j, LAW_USE, "arrays are used %.6g, %g of %g", number(o, "array_utilization"),
               number(o, "arrays_used"), number(o, "arrays"));
    json_array_foreach(json_object_get(o, "layers"), i, row)
    {
        double use = number(row, "utilization");
        if (use > 1.001) /* steps last whole picoseconds */
            breaks(j, LAW_USE, "layer %lld uses its arrays %.6g",
                   (long long)json_integer_value(json_object_get(row, "id")), use);
    }
}

static void judge_run(const struct judging *j, const struct trial *t, int64_t batch)
{
    judge_books(j, t->result);
    judge_work(j, t->result, batch);
    judge_times(j, t->result, batch);
    judge_peak(j, t->result);
    judge_use(j, t->result);
}

/* --- several runs ----------------------------------------------------------------------------- */

/* False: there is no result to go on with. */
static bool ran(const struct judging *j, const struct trial *t, const char *which)
{
    if (!t->ended)
        breaks(j, LAW_ENDS, "%s %s", which, t->said);
    else if (!t->result && (t->status < 1 || t->status > 2 || !t->said[0] || strchr(t->said, '\n')))
        breaks(j, LAW_REFUSED, "%s status %d: %s", which, t->status, t->said);
    return t->result != NULL;
}

static void differs(const struct judging *j, enum law l, const struct trial *fast,
                    const struct trial *exact, const char *key)
{
    double one = number(fast->result, key), other = number(exact->result, key);
    if (!near(one, other, 0.005))
        breaks(j, l, "%s %.9g, exact %.9g (%+.2f %%)", key, one, other, 100 * (one / other - 1));
}

static void judge_exact(const struct judging *j, const struct trace *t, const struct trial *fast)
{
    struct trial exact = trial_run(j->pair, t, j->pair->batch, true);
    if (ran(j, &exact, "exact")) {
        double sent = number(exact.result, "network_sent_bytes");
        double received = number(exact.result, "network_received_bytes");
        judge_run(j, &exact, j->pair->batch);
        if (!near(sent, received, 1e-9))
            breaks(j, LAW_BYTES, "%.12g bytes sent, %.12g received", sent, received);
        differs(j, LAW_EXACT_TIME, fast, &exact, "time_s");
        differs(j, LAW_EXACT_INTERVAL, fast, &exact, "interval_s");
        differs(j, LAW_EXACT_ENERGY, fast, &exact, "energy_j");
    } else if (exact.ended)
        breaks(j, LAW_REFUSED, "refused with --exact alone: %s", exact.said);
    trial_close(&exact);
}

static void judge_batch(const struct judging *j, const struct trace *t, const struct trial *one)
{
    struct rng rng = rng_open(j->pair->graph->seed, "batch");
    int64_t times = (int64_t)rng_below(&rng, 3) + 2, batch = times * j->pair->batch;
    struct trial more = trial_run(j->pair, t, batch, false);
    if (ran(j, &more, "of a larger batch") &&
        near(number(more.result, "devices"), number(one->result, "devices"), 0)) {
        double few = number(one->result, "time_s"), many = number(more.result, "time_s");
        judge_run(j, &more, batch);
        if (many < few)
            breaks(j, LAW_BATCH_RISES, "batch %lld %.9g s, %lld %.9g s", (long long)j->pair->batch,
                   few, (long long)batch, many);
        if (many > 1.01 * (double)times * few)
            breaks(j, LAW_BATCH_SUMS, "batch %lld %.9g s, %lld %.9g s (%+.2f %%)",
                   (long long)j->pair->batch, few, (long long)batch, many,
                   100 * (many / few / (double)times - 1));
    }
    trial_close(&more);
}

static void judge(const struct judging *j, const struct trace *t)
{
    struct trial first = trial_run(j->pair, t, j->pair->batch, false);
    struct trial again = trial_run(j->pair, t, j->pair->batch, false);
    bool once = ran(j, &first, "first"), twice = ran(j, &again, "again");
    if (first.ended && again.ended && strcmp(first.text, again.text) != 0)
        breaks(j, LAW_SAME, "%.100s ... and another result", first.said);
    snprintf(j->verdict->said, sizeof j->verdict->said, "%s", first.said);
    j->verdict->ran = once && twice;
    if (j->verdict->ran) {
        judge_run(j, &first, j->pair->batch);
        judge_exact(j, t, &first);
        judge_batch(j, t, &first);
    }
    trial_close(&first);
    trial_close(&again);
}

void pair_judge(const struct pair *p, struct verdict *out)
{
    struct judging j = {p, out};
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    memset(out, 0, sizeof *out);
    if (graph_load(a, p->graph, &t, &d))
        judge(&j, &t);
    else
        breaks(&j, LAW_REFUSED, "not a legal trace: %s", d.text);
    arena_close(a);
}

/* --- systems ---------------------------------------------------------------------------------- */

static void add_folder(struct arena *a, const char *folder, struct systems *s)
{
    struct folder_names files = folder_list(a, folder, "", ".cfg");
    for (size_t i = 0; i < files.count && s->count < SYSTEMS_MAX; i++)
        s->name[s->count++] = without_ending(a, files.at[i], ".cfg");
}

struct systems systems_open(struct arena *a, const char *list)
{
    struct systems s = {.count = 0};
    struct diag d = {.status = 0};
    char *names = list ? arena_strdup(a, list) : NULL, *rest = NULL;
    for (char *name = list ? strtok_r(names, ",", &rest) : NULL; name && s.count < SYSTEMS_MAX;
         name = strtok_r(NULL, ",", &rest))
        s.name[s.count++] = name;
    const char *const folders[] = {"configs/chip", "configs/package", "configs/wafer"};
    for (size_t i = 0; i < COUNT_OF(folders) && !list; i++)
        add_folder(a, folders[i], &s);
    for (size_t i = 0; i < s.count; i++)
        if (!system_open(a, s.name[i], NULL, 0, &s.at[i], &d)) {
            fprintf(stderr, "%s\n", d.text);
            exit(EXIT_FAILURE);
        }
    return s;
}
