/* Evaluating a space of designs: one array per combination of the axes, then whole chips of it. */
#include "core/validate/design_space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cim/macro.h"

enum { OVERRIDES_MAX = DESIGN_AXES_MAX * DESIGN_KEYS_MAX };

/* What the walk over one class carries. */
struct walk {
    const char *path;
    const struct cfg_override *set;
    size_t set_count;
    struct design_space *space;
    size_t of;
    size_t index[DESIGN_AXES_MAX];
    struct diag first; /* the first complaint: told when nothing can be built */
};

static double value_at(const struct walk *w, size_t axis)
{
    const struct design_axis *x = &w->space->classes[w->of].axes[axis];
    return (double)x->values.values[w->index[axis]] * x->scale;
}

static double share_at(const struct walk *w)
{
    const struct design_class *c = &w->space->classes[w->of];
    for (size_t i = 0; i < c->axis_count; i++)
        if (!strcmp(c->axes[i].name, design_share_axis))
            return value_at(w, i);
    return 1;
}

/* --- one array -------------------------------------------------------------------------------- */

/* The overrides of one axis; the number of them. */
static size_t set_axis(struct arena *a, const struct walk *w, size_t axis, struct cfg_override *out)
{
    const struct design_class *c = &w->space->classes[w->of];
    char *keys = arena_strdup(a, c->axes[axis].keys), *rest = NULL;
    size_t count = 0;
    for (char *key = strtok_r(keys, " ", &rest); key && count < DESIGN_KEYS_MAX;
         key = strtok_r(NULL, " ", &rest))
        out[count++] = (struct cfg_override){
            arena_printf(a, "designs.%s.array.%s", c->key, key),
            arena_printf(a, "%.9g", value_at(w, axis)),
        };
    return count;
}

static size_t set_all(struct arena *a, const struct walk *w, struct cfg_override *out)
{
    const struct design_class *c = &w->space->classes[w->of];
    size_t count = 0;
    for (size_t i = 0; i < w->set_count; i++)
        out[count++] = w->set[i];
    for (size_t i = 0; i < c->axis_count; i++)
        if (strcmp(c->axes[i].name, design_share_axis) != 0)
            count += set_axis(a, w, i, out + count);
    return count;
}

static bool evaluate(struct arena *a, const struct cfg *c, const char *key,
                     struct macro_result *out, struct diag *d)
{
    const struct cfg_group *designs, *one, *group;
    struct array *x;
    TRY(cfg_sub(cfg_root(c), "designs", &designs, d));
    TRY(cfg_sub(designs, key, &one, d));
    TRY(cfg_sub(one, "array", &group, d));
    TRY(array_open(a, group, &x, d));
    return macro_evaluate(a, x, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY, 0, out, d);
}

static bool open_and_evaluate(struct arena *a, const struct walk *w, struct macro_result *out,
                              struct diag *d)
{
    struct cfg_override *set = ARENA_ARRAY(a, struct cfg_override, w->set_count + OVERRIDES_MAX);
    size_t count = set_all(a, w, set);
    struct cfg *c;
    TRY(cfg_open(a, w->path, set, count, &c, d));
    bool ok = evaluate(a, c, w->space->classes[w->of].key, out, d);
    cfg_close(c);
    return ok;
}

/* --- a chip of it ----------------------------------------------------------------------------- */

/* As many equal arrays as give the published rate, else the published power. */
static struct design chip_of(const struct walk *w, const struct macro_result *r)
{
    const struct published *p = &w->space->published;
    double share = share_at(w), array_w = r->tops / r->tops_per_w;
    double arrays = round(isnan(p->tops) ? p->power_w * share / array_w : p->tops / r->tops);
    struct design x = {.of = w->of, .input_bits = r->input_bits, .weight_bits = r->weight_bits};
    x.arrays = fmax(arrays, 1);
    x.tops = x.arrays * r->tops;
    x.power_w = x.arrays * array_w / share;
    x.tops_per_w = x.tops / x.power_w;
    x.area_mm2 = x.arrays * r->area_um2 / UM2_PER_MM2;
    for (size_t i = 0; i < w->space->classes[w->of].axis_count; i++)
        x.at[i] = value_at(w, i);
    return x;
}

static bool near(double value, double wanted, double tolerance)
{
    return fabs(value / wanted - 1) <= tolerance;
}

/* The published band of TOPS/W, or its point with the tolerance. */
static struct design_range wanted_tops_per_w(const struct design_space *s)
{
    const struct published *p = &s->published;
    if (!isnan(p->tops_per_w_high))
        return (struct design_range){p->tops_per_w, p->tops_per_w_high};
    return (struct design_range){p->tops_per_w * (1 - s->tolerance),
                                 p->tops_per_w * (1 + s->tolerance)};
}

static bool rate_meets(const struct design_space *s, const struct design *x)
{
    const struct published *p = &s->published;
    if (x->arrays > (double)s->arrays_max)
        return false;
    return isnan(p->tops) || near(x->tops, p->tops, s->rate_tolerance);
}

static bool meets(const struct design_space *s, const struct design *x)
{
    struct design_range wanted = wanted_tops_per_w(s);
    return rate_meets(s, x) && near(x->power_w, s->published.power_w, s->tolerance) &&
           x->tops_per_w >= wanted.low && x->tops_per_w <= wanted.high;
}

static bool is_possible(const struct design_space *s, const struct design *x)
{
    struct design_range wanted = wanted_tops_per_w(s);
    double factor = s->classes[x->of].interval;
    return rate_meets(s, x) && x->tops_per_w * factor >= wanted.low &&
           x->tops_per_w / factor <= wanted.high;
}

/* --- the walk --------------------------------------------------------------------------------- */

static void keep(struct arena *a, struct design_space *s, const struct design *x)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 64;
        struct design *larger = ARENA_ARRAY(a, struct design, s->capacity);
        if (s->count)
            memcpy(larger, s->designs, s->count * sizeof *larger);
        s->designs = larger;
    }
    s->designs[s->count++] = *x;
}

static void judge(struct arena *a, struct walk *w, const struct macro_result *r)
{
    struct design_class *c = &w->space->classes[w->of];
    struct design x = chip_of(w, r);
    bool meeting = meets(w->space, &x);
    c->meeting += meeting;
    c->possible += meeting || is_possible(w->space, &x);
    if (meeting)
        keep(a, w->space, &x);
}

/* The scratch of one design is given back: a space has thousands. */
static void try_one(struct arena *a, struct walk *w)
{
    struct design_class *c = &w->space->classes[w->of];
    struct arena *scratch = arena_open();
    struct macro_result r;
    struct diag d = {0};
    c->tried++;
    if (open_and_evaluate(scratch, w, &r, &d)) {
        judge(a, w, &r);
    } else {
        c->refused++;
        if (!w->first.status)
            w->first = d;
    }
    arena_close(scratch);
}

/* The next combination, the last axis fastest; false after the last. */
static bool step(struct walk *w)
{
    const struct design_class *c = &w->space->classes[w->of];
    for (size_t i = c->axis_count; i-- > 0;) {
        if (++w->index[i] < c->axes[i].values.count)
            return true;
        w->index[i] = 0;
    }
    return false;
}

static bool walk_class(struct arena *a, struct walk *w, struct diag *d)
{
    const struct design_class *c = &w->space->classes[w->of];
    do
        try_one(a, w);
    while (step(w));
    if (c->refused < c->tried)
        return true;
    *d = w->first;
    return false;
}

static void widen(struct design_range *r, double value)
{
    r->low = fmin(r->low, value); /* fmin and fmax pass over NAN */
    r->high = fmax(r->high, value);
}

static void sum_up(struct design_space *s)
{
    const struct design_range none = {NAN, NAN};
    s->arrays = s->tops = s->power_w = s->tops_per_w = s->area_mm2 = none;
    for (size_t i = 0; i < s->count; i++) {
        widen(&s->arrays, s->designs[i].arrays);
        widen(&s->tops, s->designs[i].tops);
        widen(&s->power_w, s->designs[i].power_w);
        widen(&s->tops_per_w, s->designs[i].tops_per_w);
        widen(&s->area_mm2, s->designs[i].area_mm2);
    }
}

bool design_space_explore(struct arena *a, const char *path, const struct cfg_override *set,
                          size_t set_count, struct design_space *out, struct diag *d)
{
    struct cfg *c;
    TRY(cfg_open(a, path, set, set_count, &c, d));
    bool ok = design_space_read(a, cfg_root(c), out, d);
    cfg_close(c);
    TRY(ok);
    for (size_t i = 0; i < out->class_count; i++) {
        struct walk w = {path, set, set_count, out, i, {0}, {.status = 0}};
        TRY(walk_class(a, &w, d));
    }
    sum_up(out);
    return true;
}

struct design_range design_axis_range(const struct design_space *s, size_t of, size_t axis)
{
    struct design_range r = {NAN, NAN};
    for (size_t i = 0; i < s->count; i++)
        if (s->designs[i].of == of)
            widen(&r, s->designs[i].at[axis]);
    return r;
}
