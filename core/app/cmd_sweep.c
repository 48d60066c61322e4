/* cimarron sweep: many points of one system on one trace, kept in a database. */
#include <string.h>

#include "core/app/children.h"
#include "core/app/sweep.h"
#include "core/base/hash.h"
#include "core/report/run.h"
#include "core/search/sampler.h"
#include "core/search/store.h"

enum { TRIALS = 64 };

struct sweep_options {
    const char *batch, *sample, *objective, *db;
    int64_t points, jobs, top;
    struct texts where;
    bool csv, front;
};

static const struct sweep_options defaults = {
    .batch = "1", .sample = "grid", .objective = "time_s,energy_j", .db = "sweep.sqlite"};

static const struct option options[] = {
    {"batch", 0, OPTION_TEXT, offsetof(struct sweep_options, batch), "N,...", 0, 0,
     "multiply the trace's shapes: numbers as those of --set [1]"},
    {"sample", 0, OPTION_TEXT, offsetof(struct sweep_options, sample), "WAY", 0, 0,
     "grid (every point) or random [grid]"},
    {"points", 0, OPTION_INT, offsetof(struct sweep_options, points), "N", 1, SWEEP_POINTS_MAX,
     "how many --sample random draws"},
    {"objective", 0, OPTION_TEXT, offsetof(struct sweep_options, objective), "KEY,...", 0, 0,
     "keys of run's JSON; -KEY: more is better [time_s,energy_j]"},
    {"where", 0, OPTION_TEXTS, offsetof(struct sweep_options, where), "'KEY < N'", 0, 0,
     "of a knob: run those alone; of a figure: show those alone; repeatable"},
    {"db", 0, OPTION_TEXT, offsetof(struct sweep_options, db), "FILE", 0, 0,
     "SQLite file of the results [sweep.sqlite]"},
    {"jobs", 0, OPTION_INT, offsetof(struct sweep_options, jobs), "N", 1, 64,
     "points side by side [as many as cores]"},
    {"csv", 0, OPTION_FLAG, offsetof(struct sweep_options, csv), NULL, 0, 0,
     "print every point with every figure"},
    {"front", 0, OPTION_FLAG, offsetof(struct sweep_options, front), NULL, 0, 0,
     "show the points that no other beats [so without --top and --csv]"},
    {"top", 0, OPTION_INT, offsetof(struct sweep_options, top), "N", 1, SWEEP_POINTS_MAX,
     "show the N best by the first objective"},
};

struct sweep {
    struct app *app;
    const struct sweep_options *o;
    const char *system, *trace;
    struct space space;
    struct sweep_view view;
    struct points points;
    struct store_point *rows; /* of the points */
    size_t *todo, todo_count; /* places of points without a result */
    struct store *store;
    bool seen; /* a result has come, with the objectives in it */
};

/* --- what is asked for ------------------------------------------------------------------------ */

/* Every --set is a knob, the batch another. */
static bool read_knobs(struct sweep *s, struct diag *d)
{
    struct arena *a = s->app->arena;
    size_t count = s->app->common.set.count;
    struct knob *knobs = ARENA_ARRAY(a, struct knob, count + 1);
    s->space = (struct space){knobs, 0};
    for (size_t i = 0; i < count; i++, s->space.count++) {
        const struct cfg_override *set = &s->app->set[i];
        if (space_knob(&s->space, set->path) != SIZE_MAX)
            return diag_input(d, NULL, 0, "--set %s stands twice: join its values by commas",
                              set->path);
        TRY(knob_read(a, arena_printf(a, "--set %s", set->path), set->path, set->value, &knobs[i],
                      d));
    }
    TRY(knob_read(a, "--batch", "batch", s->o->batch, &knobs[count], d));
    s->space.count++;
    for (size_t i = 0; i < knobs[count].count; i++) {
        int64_t batch;
        if (!parse_int(knobs[count].values[i], 1, 1e9, &batch))
            return diag_input(d, NULL, 0,
                              "--batch takes whole numbers from 1 to 1000000000, not '%s'",
                              knobs[count].values[i]);
    }
    return true;
}

static bool read_objectives(struct sweep *s, struct diag *d)
{
    struct arena *a = s->app->arena;
    char *text = arena_strdup(a, s->o->objective), *rest = NULL;
    struct objective *list = ARENA_ARRAY(a, struct objective, strlen(text) / 2 + 1);
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        bool most = word[0] == '-';
        list[s->view.objective_count++] = (struct objective){word + most, most};
    }
    s->view.objectives = list;
    return s->view.objective_count || diag_input(d, NULL, 0, "--objective names no key");
}

/* Conditions on knobs choose points, those on figures what is shown. */
static bool choose_points(struct sweep *s, struct diag *d)
{
    struct arena *a = s->app->arena;
    const struct sampler *sampler;
    size_t count = s->o->where.count, shown = 0;
    struct condition *chosen = ARENA_ARRAY(a, struct condition, count),
                     *view = ARENA_ARRAY(a, struct condition, count), c;
    struct sampling q = {.space = &s->space,
                         .conditions = chosen,
                         .points = (size_t)s->o->points,
                         .seed = (uint64_t)s->app->common.seed};
    for (size_t i = 0; i < count; i++) {
        TRY(condition_read(a, s->o->where.items[i], &c, d));
        if (space_knob(&s->space, c.key) != SIZE_MAX)
            chosen[q.condition_count++] = c;
        else
            view[shown++] = c;
    }
    s->view.conditions = view;
    s->view.condition_count = shown;
    TRY(sampler_find(s->o->sample, &sampler, d));
    return sampler_choose(sampler, a, &q, &s->points, d);
}

/* --- a point ---------------------------------------------------------------------------------- */

/* The batch is the last knob; all others are overrides. */
static struct run_request request_of(struct arena *a, const struct sweep *s, uint64_t point)
{
    static const char *const none[] = {NULL};
    size_t count = s->space.count - 1;
    struct cfg_override *set = ARENA_ARRAY(a, struct cfg_override, count);
    struct run_request q = {.system = s->system,
                            .trace = s->trace,
                            .set = set,
                            .set_count = count,
                            .baselines = none,
                            .seed = (uint64_t)s->app->common.seed};
    for (size_t i = 0; i < count; i++)
        set[i] = (struct cfg_override){s->space.knobs[i].key, space_value(&s->space, point, i)};
    parse_int(space_value(&s->space, point, count), 1, 1e9, &q.batch);
    return q;
}

static void flatten(struct arena *a, const json_t *from, const char *before, json_t *out)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)from, key, value)
    {
        const char *name = arena_printf(a, "%s%s", before, key);
        if (json_is_object(value))
            flatten(a, value, arena_printf(a, "%s.", name), out);
        else if (json_is_number(value) || json_is_string(value) || json_is_null(value))
            json_object_set(out, name, value);
    }
}

static bool evaluate(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    static const char *const apart[] = {"cimarron", "system", "trace", "cpu_s", "batch", "seed"};
    const struct sweep *s = user;
    struct run_request q = request_of(a, s, s->points.at[s->todo[index]]);
    json_t *run, *warning, *figures = json_object();
    const char *message = "";
    size_t i;
    TRY(run_evaluate(a, &q, &run, d));
    flatten(a, run, "", figures);
    for (i = 0; i < COUNT_OF(apart); i++)
        json_object_del(figures, apart[i]);
    json_array_foreach(json_object_get(run, "warnings"), i, warning) message =
        arena_printf(a, "%s%s%s", message, i ? "; " : "", json_string_value(warning));
    *out = json_pack("{s:o, s:s}", "figures", figures, "message", message);
    return true;
}

static const char *label(const void *user, size_t index)
{
    const struct sweep *s = user;
    return s->rows[s->todo[index]].settings;
}

static bool has_objectives(struct sweep *s, const json_t *figures, struct diag *d)
{
    for (size_t i = 0; i < s->view.objective_count; i++)
        if (!json_object_get(figures, s->view.objectives[i].key))
            return diag_input(d, NULL, 0, "--objective: a run has no figure '%s'",
                              s->view.objectives[i].key);
    for (size_t i = 0; i < s->view.condition_count; i++)
        if (!json_object_get(figures, s->view.conditions[i].key))
            return diag_input(d, NULL, 0, "--where: '%s' is neither a knob nor a figure of a run",
                              s->view.conditions[i].key);
    return s->seen = true;
}

static bool keep(void *to, size_t index, const json_t *result, const struct diag *failed,
                 struct diag *d)
{
    struct sweep *s = to;
    char text[DIAG_FILE_MAX + DIAG_TEXT_MAX + 16];
    const json_t *figures = json_object_get(result, "figures");
    int64_t id = s->rows[s->todo[index]].id;
    if (!figures) {
        diag_format(failed, text, sizeof text);
        return store_put(s->store, id, NULL, text, d);
    }
    TRY(store_put(s->store, id, figures, json_string_value(json_object_get(result, "message")), d));
    return s->seen || has_objectives(s, figures, d);
}

/* --- the sweep -------------------------------------------------------------------------------- */

/* Where none of some points can be opened it is the user's words that are wrong. */
static bool try_points(const struct sweep *s, struct diag *d)
{
    struct diag first = {0};
    size_t trials = s->points.count < TRIALS ? s->points.count : TRIALS;
    for (size_t i = 0; i < trials; i++) {
        struct arena *a = arena_open();
        struct diag said = {0};
        struct system *opened;
        struct run_request q = request_of(a, s, s->points.at[i * s->points.count / trials]);
        bool ok = system_open(a, q.system, q.set, q.set_count, &opened, &said);
        arena_close(a);
        if (ok)
            return true;
        if (!i)
            first = said;
    }
    *d = first;
    return false;
}

static bool fill_rows(struct sweep *s, struct diag *d)
{
    static const char *const roles[] = {"chip", "package", "wafer", NULL};
    struct arena *a = s->app->arena;
    uint64_t config = HASH_START, trace = HASH_START, program = HASH_START;
    char words[3][HASH_WORD];
    const char *path = cfg_find(a, s->system, roles, d), *trace_path;
    if (!path || !(trace_path = run_find_trace(a, s->trace, d)))
        return false;
    TRY(try_points(s, d) && hash_config(path, &config, d) && hash_file(trace_path, &trace, d) &&
        hash_file("/proc/self/exe", &program, d));
    hash_word(config, words[0]);
    hash_word(trace, words[1]);
    hash_word(program, words[2]);
    const struct store_point same = {.system = s->system,
                                     .trace = s->trace,
                                     .config_hash = arena_strdup(a, words[0]),
                                     .trace_hash = arena_strdup(a, words[1]),
                                     .program = arena_printf(a, CIMARRON_VERSION " %s", words[2]),
                                     .seed = s->app->common.seed};
    s->rows = ARENA_ARRAY(a, struct store_point, s->points.count);
    for (size_t i = 0; i < s->points.count; i++) {
        s->rows[i] = same;
        s->rows[i].settings = space_settings(a, &s->space, s->points.at[i]);
    }
    return true;
}

static bool run_open_points(struct sweep *s, struct diag *d)
{
    json_t *none;
    s->todo = ARENA_ARRAY(s->app->arena, size_t, s->points.count);
    for (size_t i = 0; i < s->points.count; i++)
        if (s->rows[i].open)
            s->todo[s->todo_count++] = i;
    const struct children c = {.work = evaluate,
                               .user = s,
                               .count = s->todo_count,
                               .label = label,
                               .manner = children_manner_of(s->app),
                               .jobs = (size_t)s->o->jobs,
                               .take = keep,
                               .to = s};
    if (s->todo_count < s->points.count)
        app_note(s->app, "%zu of %zu points have results in %s already",
                 s->points.count - s->todo_count, s->points.count, s->o->db);
    TRY(!s->todo_count || children_run(s->app->arena, &c, &none, d));
    if (s->todo_count)
        json_decref(none);
    return true;
}

static bool read_points(struct sweep *s, json_t *list, struct diag *d)
{
    for (size_t i = 0; i < s->points.count; i++) {
        json_t *point;
        TRY(store_get(s->store, s->rows[i].id, &point, d));
        json_array_append_new(list, point);
        const json_t *figures = json_object_get(point, "figures");
        if (!s->seen && json_object_size(figures))
            TRY(has_objectives(s, figures, d));
    }
    return s->seen ||
           diag_cannot(d, "no point has a result: %s",
                       json_string_value(json_object_get(json_array_get(list, 0), "message")));
}

static int sweep_stored(struct sweep *s)
{
    struct diag d = {0};
    json_t *list = json_array();
    bool ok = store_plan(s->store, s->rows, s->points.count, &d) && run_open_points(s, &d) &&
              read_points(s, list, &d);
    int status = ok ? sweep_show(s->app, &s->view, list) : app_fail(&d);
    json_decref(list);
    return status;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct sweep_options *o = values;
    struct diag d = {0};
    struct sweep s = {.app = app, .o = o, .system = words->items[0], .trace = words->items[1]};
    s.view = (struct sweep_view){.space = &s.space,
                                 .csv = o->csv || app->format == REPORT_CSV,
                                 .front = o->front,
                                 .top = (size_t)o->top};
    s.view.front = o->front || (!o->top && !s.view.csv);
    if (!read_knobs(&s, &d) || !read_objectives(&s, &d) || !choose_points(&s, &d) ||
        !fill_rows(&s, &d) || !store_open(app->arena, o->db, &s.store, &d))
        return app_fail(&d);
    int status = sweep_stored(&s);
    store_close(s.store);
    return status;
}

const struct command command_sweep = {
    .name = "sweep",
    .summary = "many settings of a system; the best of them",
    .words = "SYSTEM TRACE",
    .about =
        "Runs a trace on every point that the values of --set (and --batch) span, and keeps each\n"
        "result in an SQLite file as it comes.  KEY=16,32,64 lists values, 1..8 whole numbers,\n"
        "128..1024*2 goes by a factor.  The same command goes on where it was stopped: a point\n"
        "that has a result, or has failed, is not run again unless config, trace, seed or program\n"
        "have changed.  GPUs are left out.\n"
        "\n"
        "RESULT\n"
        "  the front of the objectives, or what --front, --top, --csv ask for; in the database:\n"
        "  tables point (status, message, settings_json, hashes) and figure, view result with a\n"
        "  column for each setting and figure\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron sweep isaac resnet50 --set tile.arrays=48,96 --set noc.link_bits=32..256*2\n"
        "  cimarron sweep dcim_5nm resnet50 --set tile.arrays=16..32 --batch 1,64 \\\n"
        "      --objective -tops_per_w,area_mm2 --where 'time_s < 0.01'\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct sweep_options),
    .defaults = &defaults,
    .words_min = 2,
    .words_max = 2,
    .takes_set = true,
    .run = run,
};
