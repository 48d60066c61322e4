/* cimarron trace info: what a trace amounts to. */
#include "core/app/app.h"
#include "core/app/result.h"
#include "core/report/run.h"
#include "traces/inspect.h"

static void put_header(json_t *o, const struct trace_header *h)
{
    put_text(o, "name", h->name);
    put_text(o, "source", h->source);
    put_text(o, "phase", h->phase);
    put_int(o, "batch", h->batch);
    put_text(o, "work_unit", h->work_unit);
    put_count(o, "work_count", h->work_count);
    put_int(o, "activation_bits", h->activation_bits);
    put_int(o, "weight_bits", h->weight_bits);
    put_int(o, "kv_bits", h->kv_bits);
    if (h->context)
        put_int(o, "context", h->context);
}

static void put_layer(json_t *list, const char *what, const struct trace_layer_info *l)
{
    if (l->id < 0)
        return;
    json_t *row = add_row(list);
    put_text(row, "most", what);
    put_int(row, "id", l->id);
    put_int(row, "line", l->line);
    put_text(row, "name", l->name);
    put_whole(row, "count", l->value);
}

static void put_kinds(json_t *list, const struct trace_info *t)
{
    for (int k = 0; k < OP_KIND_COUNT; k++) {
        if (!t->kind[k].lines)
            continue;
        json_t *row = add_row(list);
        put_text(row, "op", op_kind_name((enum op_kind)k));
        put_int(row, "lines", t->kind[k].lines);
        put_int(row, "operators", t->kind[k].operators);
        put_whole(row, "macs", t->kind[k].macs);
        put_whole(row, "weights", t->kind[k].weights);
        put_whole(row, "activations", t->kind[k].activations);
    }
}

/* What fits a line of a table of several traces. */
static json_t *short_result_of(const struct trace_info *t)
{
    json_t *o = json_object();
    put_text(o, "name", t->header.name);
    put_int(o, "batch", t->header.batch);
    put_int(o, "operators", t->operators);
    put_whole(o, "macs", t->macs);
    put_whole(o, "weights", t->weights);
    put_whole(o, "activations", t->activations);
    put_int(o, "activation_bits", t->header.activation_bits);
    put_int(o, "weight_bits", t->header.weight_bits);
    return o;
}

static json_t *result_of(const struct trace_info *t)
{
    json_t *o = json_object();
    put_header(o, &t->header);
    put_int(o, "lines", t->lines);
    put_int(o, "repeats", t->repeats);
    put_int(o, "operators", t->operators);
    put_whole(o, "macs", t->macs);
    put_whole(o, "ops", t->ops);
    put_int(o, "tensors", t->tensors);
    put_whole(o, "weights", t->weights);
    put_bytes_of_bits(o, "weight_bytes", t->weight_bits);
    put_whole(o, "activations", t->activations);
    put_bytes_of_bits(o, "activation_bytes", t->activation_bits);
    put_int(o, "lines_with_statistics", t->given_statistics);
    put_int(o, "unknown_keys", t->warnings);
    put_kinds(put_list(o, "kinds"), t);
    json_t *largest = put_list(o, "largest");
    put_layer(largest, "macs", &t->most_macs);
    put_layer(largest, "weights", &t->most_weights);
    put_layer(largest, "activations", &t->most_activations);
    return o;
}

static bool inform(struct app *app, const char *name, bool whole, json_t **out, struct diag *d)
{
    struct trace_info t;
    const char *path = run_find_trace(app->arena, name, d);
    if (!path)
        return false;
    TRY(trace_info(app->arena, path, &t, d));
    if (t.warnings)
        app_note(app, "%s: %lld unknown keys, the first: %s", path, (long long)t.warnings,
                 t.warning ? t.warning : "");
    *out = whole ? result_of(&t) : short_result_of(&t);
    return true;
}

/* One trace is told in full; several are rows of one table, in JSON each in full. */
static int run(struct app *app, const struct texts *words, void *values)
{
    struct diag d = {0};
    json_t *list = json_array(), *one = NULL;
    bool several = words->count > 1, whole = !several || app->format == REPORT_JSON;
    (void)values;
    for (size_t i = 0; i < words->count; i++) {
        if (!inform(app, words->items[i], whole, &one, &d)) {
            json_decref(list);
            return app_fail(&d);
        }
        json_array_append_new(list, one);
    }
    if (several)
        return app_report(app, list);
    json_incref(one);
    json_decref(list);
    return app_report(app, one);
}

const struct command command_trace_info = {
    .name = "trace info",
    .summary = "what a trace holds: operators, MACs, weights, by kind",
    .words = "TRACE...",
    .about = "Reads each trace to its end, checking every line, and adds it up, repeats expanded.\n"
             "Several traces make one table; json gives an array of all that is known.\n"
             "\n"
             "RESULT\n"
             "  name, source, batch, activation_bits, weight_bits, lines, operators, macs, ops, "
             "tensors,\n"
             "  weights, weight_bytes, activations, ..., kinds, largest\n"
             "\n"
             "EXAMPLES\n"
             "  cimarron trace info resnet50\n"
             "  cimarron trace info resnet50 vgg19 my.jsonl.gz --format csv\n",
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
