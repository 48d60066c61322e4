/* A space of designs: which of them would show the published figures, and how wide it is. */
#include <math.h>

#include "core/app/peak.h"
#include "core/app/result.h"
#include "core/validate/design_space.h"

enum { EXAMPLES = 5 };

static void put_range(json_t *o, const char *key, struct design_range r)
{
    json_object_set_new(o, key, isnan(r.low) ? json_null() : json_pack("[f, f]", r.low, r.high));
}

static void put_published(json_t *o, const struct published *p)
{
    json_t *inner = put_object(o, "published");
    put_real(inner, "tops", p->tops);
    put_real(inner, "power_w", p->power_w);
    put_real(inner, "tops_per_w", p->tops_per_w);
    put_real(inner, "tops_per_w_high", p->tops_per_w_high);
    put_text(inner, "source", p->source);
    put_text(inner, "mark", p->mark);
}

static void put_classes(json_t *o, const struct design_space *s)
{
    json_t *list = put_list(o, "classes");
    for (size_t i = 0; i < s->class_count; i++) {
        const struct design_class *c = &s->classes[i];
        json_t *row = add_row(list);
        put_text(row, "class", c->key);
        put_text(row, "title", c->title);
        put_int(row, "designs", (int64_t)c->tried);
        put_int(row, "refused", (int64_t)c->refused);
        put_int(row, "meeting", (int64_t)c->meeting);
        put_int(row, "within_interval", (int64_t)c->possible);
    }
}

static const char *range_text(struct arena *a, struct design_range r)
{
    if (isnan(r.low))
        return "none";
    return r.low == r.high ? arena_printf(a, "%.6g", r.low)
                           : arena_printf(a, "%.6g to %.6g", r.low, r.high);
}

static struct design_range range_tried(const struct design_axis *x)
{
    struct design_range r = {NAN, NAN};
    for (size_t i = 0; i < x->values.count; i++) {
        r.low = fmin(r.low, (double)x->values.values[i] * x->scale);
        r.high = fmax(r.high, (double)x->values.values[i] * x->scale);
    }
    return r;
}

static void put_axes(struct arena *a, json_t *o, const struct design_space *s)
{
    json_t *list = put_list(o, "ranges");
    for (size_t i = 0; i < s->class_count; i++)
        for (size_t k = 0; k < s->classes[i].axis_count; k++) {
            const struct design_axis *x = &s->classes[i].axes[k];
            json_t *row = add_row(list);
            put_text(row, "class", s->classes[i].key);
            put_text(row, "parameter", x->name);
            put_text(row, "tried", range_text(a, range_tried(x)));
            put_text(row, "meeting", range_text(a, design_axis_range(s, i, k)));
        }
}

static const char *design_text(struct arena *a, const struct design_class *c,
                               const struct design *x)
{
    const char *text = "";
    for (size_t i = 0; i < c->axis_count; i++)
        text = arena_printf(a, "%s%s%s %.6g", text, i ? ", " : "", c->axes[i].name, x->at[i]);
    return text;
}

static void put_design(struct arena *a, json_t *list, const struct design_space *s,
                       const struct design *x)
{
    json_t *row = add_row(list);
    put_text(row, "class", s->classes[x->of].key);
    put_text(row, "design", design_text(a, &s->classes[x->of], x));
    put_count(row, "arrays", x->arrays);
    put_real(row, "tops", x->tops);
    put_real(row, "power_w", x->power_w);
    put_real(row, "tops_per_w", x->tops_per_w);
    put_real(row, "arrays_mm2", x->area_mm2);
}

/* People see some of each class, evenly spaced, so that no one design looks like the answer. */
static void put_designs(const struct app *app, json_t *o, const struct design_space *s)
{
    bool all = app->format == REPORT_JSON || app->format == REPORT_CSV;
    json_t *list = put_list(o, all ? "designs" : "examples");
    for (size_t i = 0, from = 0; i < s->class_count; i++) {
        size_t count = s->classes[i].meeting, shown = all || count < EXAMPLES ? count : EXAMPLES;
        for (size_t k = 0; k < shown; k++)
            put_design(app->arena, list, s, &s->designs[from + k * count / shown]);
        from += count;
    }
}

static bool refuse_options(const struct peak_options *o, struct diag *d)
{
    if (!o->precision && !o->point && !o->sparse && !o->uncertainty && !peak_has_density(o))
        return true;
    return diag_input(d, NULL, 0,
                      "a space of designs is evaluated as its file says: no --precision, --point, "
                      "--sparse, --uncertainty or densities");
}

bool peak_space(const struct app *app, const char *path, const struct peak_options *options,
                json_t **out, struct diag *d)
{
    struct design_space s;
    TRY(refuse_options(options, d));
    TRY(design_space_explore(app->arena, path, app->set, app->common.set.count, &s, d));
    json_t *o = *out = json_object();
    put_text(o, "system", s.name);
    put_text(o, "title", s.title);
    put_bool(o, "parametric", true);
    put_int(o, "designs_meeting", (int64_t)s.count);
    put_range(o, "tops_range", s.tops);
    put_range(o, "power_w_range", s.power_w);
    put_range(o, "tops_per_w_range", s.tops_per_w);
    put_range(o, "arrays_range", s.arrays);
    put_range(o, "arrays_mm2_range", s.area_mm2);
    put_published(o, &s.published);
    put_classes(o, &s);
    put_axes(app->arena, o, &s);
    put_designs(app, o, &s);
    return true;
}
