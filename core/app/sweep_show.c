/* The points of a sweep as a table: all, the front, the best. */
#include <math.h>
#include <string.h>

#include "core/app/result.h"
#include "core/app/sweep.h"
#include "core/base/output.h"
#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/search/front.h"

static bool is_done(const json_t *point)
{
    return !strcmp(json_string_value(json_object_get(point, "status")), "done");
}

static bool meets(const json_t *figures, const struct condition *c)
{
    const json_t *value = json_object_get(figures, c->key);
    if (json_is_string(value))
        return condition_holds_text(c, json_string_value(value));
    return json_is_number(value) && condition_holds_number(c, json_number_value(value));
}

/* Less is better; NAN: the point takes no part. */
static double worth(const struct sweep_view *v, const json_t *point, const struct objective *o)
{
    const json_t *figures = json_object_get(point, "figures"),
                 *value = json_object_get(figures, o->key);
    bool in = is_done(point) && json_is_number(value);
    for (size_t i = 0; in && i < v->condition_count; i++)
        in = meets(figures, &v->conditions[i]);
    return !in ? (double)NAN : o->most ? -json_number_value(value) : json_number_value(value);
}

/* The places of the points to show, the best first. */
static size_t choose(struct arena *a, const struct sweep_view *v, const json_t *points,
                     size_t *order)
{
    size_t count = json_array_size(points), k = v->objective_count, shown = 0;
    double *values = ARENA_ARRAY(a, double, count *k);
    bool *on = ARENA_ARRAY(a, bool, count);
    for (size_t i = 0; i < count * k; i++)
        values[i] = worth(v, json_array_get(points, i / k), &v->objectives[i % k]);
    front_mark(a, values, count, k, on);
    size_t ordered = front_order(values, count, k, order);
    for (size_t i = 0; i < ordered && (!v->top || shown < v->top); i++)
        if (!v->front || on[order[i]])
            order[shown++] = order[i];
    return shown;
}

/* --- csv -------------------------------------------------------------------------------------- */

static void put_cell(FILE *out, const json_t *value)
{
    putc(',', out);
    if (json_is_string(value))
        escape_csv(out, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        fputs(format_exact(json_real_value(value)).s, out);
}

/* Every setting, then every figure that any of the points has. */
static bool write_csv(const struct app *app, const struct sweep_view *v, const json_t *points,
                      const size_t *order, size_t count, struct diag *d)
{
    struct output out;
    const char *key;
    json_t *value, *keys = json_object();
    TRY(output_open(app->arena, app->common.output, &out, d));
    fputs("id,status,message", out.stream);
    for (size_t i = 0; i < count; i++)
        json_object_update(keys, json_object_get(json_array_get(points, order[i]), "figures"));
    for (size_t i = 0; i < v->space->count; i++) {
        putc(',', out.stream);
        escape_csv(out.stream, v->space->knobs[i].key);
        json_object_del(keys, v->space->knobs[i].key);
    }
    json_object_foreach(keys, key, value)
    {
        putc(',', out.stream);
        escape_csv(out.stream, key);
    }
    putc('\n', out.stream);
    for (size_t i = 0; i < count; i++) {
        const json_t *p = json_array_get(points, order[i]), *s = json_object_get(p, "settings");
        fprintf(out.stream, "%lld", (long long)json_integer_value(json_object_get(p, "id")));
        put_cell(out.stream, json_object_get(p, "status"));
        put_cell(out.stream, json_object_get(p, "message"));
        for (size_t k = 0; k < v->space->count; k++)
            put_cell(out.stream, json_object_get(s, v->space->knobs[k].key));
        json_object_foreach(keys, key, value)
            put_cell(out.stream, json_object_get(json_object_get(p, "figures"), key));
        putc('\n', out.stream);
    }
    json_decref(keys);
    return output_commit(&out, d);
}

/* --- other formats ---------------------------------------------------------------------------- */

static json_t *summary(const struct sweep_view *v, const json_t *points, const size_t *order,
                       size_t count)
{
    json_t *o = json_object();
    size_t done = 0, all = json_array_size(points);
    const char *why = NULL;
    for (size_t i = 0; i < all; i++) {
        const json_t *p = json_array_get(points, i);
        done += is_done(p);
        if (!is_done(p) && !why)
            why = json_string_value(json_object_get(p, "message"));
    }
    put_int(o, "points", (int64_t)all);
    put_int(o, "failed", (int64_t)(all - done));
    if (why)
        put_text(o, "first_failure", why);
    json_t *rows = put_list(o, v->front ? "front" : "best");
    for (size_t i = 0; i < count; i++) {
        const json_t *p = json_array_get(points, order[i]);
        json_t *row = add_row(rows);
        json_object_set(row, "id", json_object_get(p, "id"));
        json_object_update(row, json_object_get(p, "settings"));
        for (size_t k = 0; k < v->objective_count; k++)
            json_object_set(row, v->objectives[k].key,
                            json_object_get(json_object_get(p, "figures"), v->objectives[k].key));
        for (size_t k = 0; k < v->condition_count; k++)
            json_object_set(row, v->conditions[k].key,
                            json_object_get(json_object_get(p, "figures"), v->conditions[k].key));
    }
    return o;
}

int sweep_show(const struct app *app, const struct sweep_view *v, const json_t *points)
{
    struct diag d = {0};
    size_t all = json_array_size(points), *order = ARENA_ARRAY(app->arena, size_t, all);
    if (!v->csv)
        return app_report(app, summary(v, points, order, choose(app->arena, v, points, order)));
    size_t count = all;
    if (v->front || v->top)
        count = choose(app->arena, v, points, order);
    else
        for (size_t i = 0; i < all; i++)
            order[i] = i;
    return write_csv(app, v, points, order, count, &d) ? EXIT_DONE : app_fail(&d);
}
