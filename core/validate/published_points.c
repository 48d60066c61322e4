/* The groups within a `published` group: further operating points, and misses that are known. */
#include <math.h>
#include <string.h>

#include "core/validate/published_raw.h"

static double or_else(double value, double fallback)
{
    return isnan(value) ? fallback : value;
}

static bool read_point(const struct cfg_group *g, struct published *p, struct published_point *out,
                       struct diag *d)
{
    struct published_raw r;
    memset(&r, 0, sizeof r);
    TRY(cfg_read(g, &published_point_schema, &r, d));
    TRY(published_check_precision(g, r.precision, d));
    TRY(published_check_mark(g, &r, d));
    *out = (struct published_point){
        .name = cfg_name(g),
        .source = cfg_source_of(g, NULL),
        .precision = published_word(r.precision) ? r.precision : p->precision,
        .note = cfg_text_or(g, "note", NULL),
        .vdd_v = or_else(published_figure(&r.vdd_v, p), p->vdd_v),
        .clock_ghz = or_else(published_figure(&r.clock_ghz, p), p->clock_ghz),
        .tops = published_figure(&r.tops, p),
        .tops_per_w = published_figure(&r.tops_per_w, p),
        .power_w = published_figure(&r.power_w, p),
        .latency_ns = published_figure(&r.latency_ns, p),
        .energy_pj = published_figure(&r.energy_pj, p),
        .input_density = or_else(published_figure(&r.input_density, p), p->input_density),
        .weight_density = or_else(published_figure(&r.weight_density, p), p->weight_density),
        .scored = r.scored && p->scored,
        .mark = published_word(r.mark) ? r.mark : p->mark,
    };
    return true;
}

bool published_read_points(struct arena *a, const struct cfg_group *published, struct published *p,
                           struct diag *d)
{
    const struct cfg_group *g = cfg_sub_or_null(published, "points");
    if (!g)
        return true;
    if (cfg_key_at(g, 0))
        return cfg_complain(g, cfg_key_at(g, 0), d,
                            "'points' holds a group for each point: NAME = { ... }");
    p->point_count = cfg_sub_count(g);
    p->points = ARENA_ARRAY(a, struct published_point, p->point_count);
    for (size_t i = 0; i < p->point_count; i++)
        TRY(read_point(cfg_sub_at(g, i), p, &p->points[i], d));
    return true;
}

/* A kind that does not exist would never be looked for. */
static bool check_kind(const struct cfg_group *g, const char *kind, struct diag *d)
{
    for (int k = 0; kind && k < JUDGED_KIND_COUNT; k++)
        if (!strcmp(judged_kind_name((enum judged_kind)k), kind))
            return true;
    if (!kind)
        return true;
    return cfg_complain(g, "kind", d,
                        "'kind' is \"%.40s\"; it must be structure, blind, leave_one_out, "
                        "component, closed_form, point, in_sample or measured",
                        kind);
}

bool published_read_misses(struct arena *a, const struct cfg_group *published, struct published *p,
                           struct diag *d)
{
    const struct cfg_group *g = cfg_sub_or_null(published, "known_miss");
    if (!g)
        return true;
    if (cfg_key_at(g, 0))
        return cfg_complain(g, cfg_key_at(g, 0), d,
                            "'known_miss' holds a group for each metric: tops_per_w = { ... }");
    p->miss_count = cfg_sub_count(g);
    p->misses = ARENA_ARRAY(a, struct published_miss, p->miss_count);
    for (size_t i = 0; i < p->miss_count; i++) {
        const struct cfg_group *one = cfg_sub_at(g, i);
        struct published_raw_miss r;
        memset(&r, 0, sizeof r);
        TRY(cfg_read(one, &published_miss_schema, &r, d));
        TRY(check_kind(one, published_word(r.kind), d));
        p->misses[i] =
            (struct published_miss){cfg_name(one), r.value.value, r.reason, published_word(r.kind)};
    }
    return true;
}
