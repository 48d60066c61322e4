/* cimarron validate: predicted beside published or measured, with error statistics. */
#include <string.h>

#include "core/app/app.h"
#include "core/app/result.h"
#include "core/base/output.h"
#include "core/report/validation.h"

struct validate_options {
    struct texts only;
    const char *plot;
};

static const struct option options[] = {
    {"only", 0, OPTION_TEXTS, offsetof(struct validate_options, only), "NAME", 0, 0,
     "only this case or chip; repeatable [all]"},
    {"plot", 0, OPTION_TEXT, offsetof(struct validate_options, plot), "FILE.svg", 0, 0,
     "also draw TOPS/W, predicted against published, into FILE.svg"},
};

static const char *const suites[] = {"silicon", "memory", "noc", "gpu"};
enum { SUITES = COUNT_OF(suites) };

/* --- what is asked for ------------------------------------------------------------------------ */

struct asked {
    const char *suites[SUITES];
    size_t suite_count;
    const char **only, **extra; /* NULL-terminated, or NULL */
};

static bool has_provider(const char *suite)
{
    for (size_t i = 0; provider_at(i); i++)
        if (!strcmp(provider_at(i)->suite, suite))
            return true;
    return false;
}

static bool ask_suite(const char *word, struct asked *q, struct diag *d)
{
    bool all = !strcmp(word, "all");
    for (size_t i = 0; i < SUITES; i++)
        if (all ? has_provider(suites[i]) : !strcmp(word, suites[i]))
            q->suites[q->suite_count++] = suites[i];
    if (!q->suite_count)
        return diag_input(d, NULL, 0,
                          "there is no suite '%s'; there are silicon, memory, noc, gpu, and all",
                          word);
    for (size_t i = 0; i < q->suite_count; i++)
        if (!has_provider(q->suites[i]))
            return diag_cannot(d, "the %s suite has no comparison in this build", q->suites[i]);
    return true;
}

/* A config outside of the tree is checked before it is judged, and alone is asked for. */
static bool ask_file(struct app *app, const char *word, const char **path, struct diag *d)
{
    struct cfg *c;
    struct published p;
    bool found;
    *path = cfg_find(app->arena, word, NULL, d);
    if (!*path)
        return false;
    TRY(cfg_open(app->arena, *path, NULL, 0, &c, d));
    bool ok = published_read(app->arena, cfg_root(c), &p, &found, d);
    if (ok && !found)
        ok = diag_input(d, *path, 0, "it has no 'published' group that it could be judged by");
    cfg_close(c);
    return ok;
}

static bool is_shipped(struct app *app, const char *path)
{
    const char *configs = arena_printf(app->arena, "%s/configs/", cfg_home(app->arena));
    return !strncmp(path, configs, strlen(configs)) || !strncmp(path, "configs/", 8);
}

static bool ask_files(struct app *app, const struct texts *words, const struct texts *only,
                      struct asked *q, struct diag *d)
{
    size_t files = words->count > 1 ? words->count - 1 : 0, extra = 0;
    if (!files && !only->count)
        return true;
    q->only = ARENA_ARRAY(app->arena, const char *, files + only->count + 1);
    q->extra = ARENA_ARRAY(app->arena, const char *, files + 1);
    for (size_t i = 0; i < only->count; i++)
        q->only[i] = only->items[i];
    for (size_t i = 0; i < files; i++) {
        const char *path;
        TRY(ask_file(app, words->items[i + 1], &path, d));
        q->only[only->count + i] = judged_base_name(app->arena, path);
        if (!is_shipped(app, path))
            q->extra[extra++] = path;
    }
    if (!extra)
        q->extra = NULL;
    return true;
}

static bool ask(struct app *app, const struct texts *words, const struct validate_options *o,
                struct asked *q, struct diag *d)
{
    memset(q, 0, sizeof *q);
    TRY(ask_suite(words->count ? words->items[0] : "all", q, d));
    TRY(ask_files(app, words, &o->only, q, d));
    return output_check(app->arena, o->plot, d);
}

/* --- the result as JSON ----------------------------------------------------------------------- */

static void put_row(json_t *rows, const struct judged *j)
{
    json_t *row = add_row(rows);
    put_text(row, "case", j->case_name);
    put_text(row, "chip", j->chip);
    put_text(row, "family", j->family);
    put_text(row, "metric", j->metric);
    put_real(row, "predicted", j->predicted);
    put_real(row, "low", j->low);
    put_real(row, "high", j->high);
    put_real(row, "reference", j->reference);
    put_real(row, "error_pct", judged_error_pct(j));
    put_real(row, "limit_pct", j->limit_pct);
    put_text(row, "kind", judged_kind_name(j->kind));
    put_text(row, "verdict", verdict_name(judged_verdict(j)));
    put_bool(row, "scored", j->scored);
    put_text(row, "mark", j->mark);
    put_text(row, "source", j->source);
    put_text(row, "known_miss", j->known_miss);
    put_real(row, "known_value", j->known_miss ? j->known_value : (double)NAN);
}

/* "tops_per_w.leave_one_out.digital.geo_mean": a flat key for each statistic. */
static void put_summary(struct arena *a, json_t *summary, const struct statistics *s)
{
    const struct {
        const char *name;
        double value;
    } values[] = {{"geo_mean", s->geo_mean},
                  {"bias", s->bias},
                  {"worst", s->worst},
                  {"within_1_5", s->within_1_5},
                  {"within_2", s->within_2},
                  {"coverage", s->coverage},
                  {"width", s->width},
                  {"mean_points", s->mean_points},
                  {"worst_points", s->worst_points}};
    const char *key = arena_printf(a, "%s%s.%s.%s", s->scored ? "" : "not_scored.", s->metric,
                                   judged_kind_name(s->kind), s->family[0] ? s->family : "all");
    put_int(summary, arena_printf(a, "%s.chips", key), (int64_t)s->chips);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        if (isfinite(values[i].value))
            put_real(summary, arena_printf(a, "%s.%s", key, values[i].name), values[i].value);
}

static void put_limit(json_t *limits, const struct statistic_verdict *v)
{
    json_t *row = add_row(limits);
    put_text(row, "family", v->family);
    put_text(row, "metric", v->metric);
    put_text(row, "kind", judged_kind_name(v->kind));
    put_text(row, "statistic", v->statistic);
    put_real(row, "value", v->value);
    put_real(row, v->at_least ? "at_least" : "at_most", v->limit);
    put_text(row, "verdict", verdict_name(v->verdict));
    put_text(row, "known_miss", v->known_miss);
}

static json_t *result_of(struct arena *a, const struct validation *v)
{
    json_t *o = json_object();
    put_text(o, "suite", v->suite);
    put_int(o, "cases", (int64_t)v->list->count);
    put_int(o, "chips", (int64_t)v->chip_count);
    put_int(o, "beyond_limit", (int64_t)v->beyond);
    put_int(o, "known_misses", (int64_t)v->known);
    json_t *summary = put_object(o, "summary");
    for (size_t i = 0; i < v->families.count; i++)
        put_summary(a, summary, &v->families.items[i]);
    json_t *limits = put_list(o, "limits"), *rows = put_list(o, "rows");
    for (size_t i = 0; i < v->limits.count; i++)
        put_limit(limits, &v->limits.items[i]);
    for (size_t i = 0; i < v->list->count; i++)
        put_row(rows, &v->list->rows[i]);
    return o;
}

static json_t *results_of(struct arena *a, const struct validation *v, size_t count)
{
    json_t *list = json_array();
    if (count == 1) {
        json_decref(list);
        return result_of(a, v);
    }
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, result_of(a, &v[i]));
    return list;
}

/* --- the command ------------------------------------------------------------------------------ */

static bool fill(struct app *app, const struct asked *q, struct validation *out, size_t *count,
                 struct diag *d)
{
    *count = 0;
    for (size_t i = 0; i < q->suite_count; i++) {
        struct judged_list *l = ARENA_NEW(app->arena, struct judged_list);
        size_t filled;
        judged_open(l, app->arena);
        l->only = (const char *const *)q->only;
        l->extra = (const char *const *)q->extra;
        TRY(suite_fill(q->suites[i], l, &filled, d));
        if (l->count || !q->only)
            validation_fill(app->arena, q->suites[i], l, &out[(*count)++]);
    }
    if (!*count)
        return diag_input(d, NULL, 0, "no provider judges '%s'; without --only all cases are shown",
                          q->only[0]);
    return true;
}

static bool write_plot(struct app *app, const char *path, const struct validation *v,
                       struct diag *d)
{
    struct output out;
    if (!path)
        return true;
    TRY(output_open(app->arena, path, &out, d));
    if (report_validation_plot(out.stream, v, d))
        return output_commit(&out, d);
    output_abandon(&out);
    return false;
}

static bool write_all(struct app *app, const struct validation *v, size_t count, struct diag *d)
{
    struct output out;
    struct diag said = {0};
    TRY(output_open(app->arena, app->common.output, &out, d));
    json_t *data = results_of(app->arena, v, count);
    bool ok = report_validations(out.stream, v, count, app->format, data, &said);
    json_decref(data);
    if (ok || ferror(out.stream))
        return output_commit(&out, d);
    output_abandon(&out);
    *d = said;
    return false;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct validate_options *o = values;
    struct validation *v = ARENA_ARRAY(app->arena, struct validation, SUITES);
    struct asked q;
    struct diag d = {0};
    size_t count, beyond = 0;
    if (!ask(app, words, o, &q, &d) || !fill(app, &q, v, &count, &d) ||
        !write_plot(app, o->plot, v, &d) || !write_all(app, v, count, &d))
        return app_fail(&d);
    for (size_t i = 0; i < count; i++)
        beyond += v[i].beyond;
    if (beyond)
        app_note(app, "%zu figure%s beyond %s", beyond, beyond == 1 ? " is" : "s are",
                 beyond == 1 ? "its limit" : "their limits");
    return beyond ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_validate = {
    .name = "validate",
    .summary = "predicted against published and measured, with error statistics",
    .words = "[silicon|memory|noc|gpu|all] [CONFIG...]",
    .about =
        "Every figure that the tree can predict and that somebody published, side by side.  Blind\n"
        "(constants of the literature), leave-one-out (constants of a family fitted on all chips\n"
        "but this one) and component predictions (the chip's own unit costs) are never mixed.\n"
        "Power that is a TDP, a design's, a board's or a workload's is printed, marked and not\n"
        "scored.  A limit that is missed and understood is a known miss: it carries its reason, "
        "and\n"
        "fails when it gets 5 % worse or comes within the limit.\n"
        "\n"
        "CONFIG is a config with a `published` group, also one outside of the tree: it alone is\n"
        "shown (docs/ENTERING_SILICON.md).  Exit status 1 when a figure is beyond its limit.\n"
        "\n"
        "RESULT\n"
        "  suite, cases (figures), chips, beyond_limit, known_misses, summary "
        "(metric.kind.family.\n"
        "  statistic), limits, rows: case, metric, predicted, low, high, reference, error_pct,\n"
        "  limit_pct, kind, verdict, source, known_miss; several suites: an array of these\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron validate silicon\n"
        "  cimarron validate silicon --only jia_2020\n"
        "  cimarron validate silicon mymacro.cfg\n"
        "  cimarron validate silicon --format html -o silicon.html --plot silicon.svg\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct validate_options),
    .words_min = 0,
    .words_max = SIZE_MAX,
    .run = run,
};
