#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/validate/published_raw.h"

/* --- single values ---------------------------------------------------------------------------- */

static double figure(const struct quantity *q, struct published *p)
{
    if (q->value < 0)
        return NAN;
    p->recalled |= q->from == FROM_RECALLED;
    p->assumed |= q->from == FROM_ASSUMED;
    return q->value;
}

static const char *word(const char *text)
{
    return text && text[0] ? text : NULL;
}

bool published_bits(const char *precision, int *input_bits, int *weight_bits)
{
    double in, w;
    int end = 0, n;
    char floating[3];
    if (!precision)
        return false;
    if (sscanf(precision, "int%dxint%d%n", input_bits, weight_bits, &end) == 2 && !precision[end])
        return *input_bits > 0 && *weight_bits > 0;
    end = 0;
    if (sscanf(precision, "%lfx%lf%n", &in, &w, &end) == 2 && end && !precision[end]) {
        *input_bits = (int)ceil(in);
        *weight_bits = (int)ceil(w);
        return in > 0 && w > 0 && in <= 64 && w <= 64;
    }
    end = 0;
    if (sscanf(precision, "int%d%n", &n, &end) != 1 || !end || precision[end]) {
        end = 0;
        if (sscanf(precision, "%1[bft]%*1[pf]%d%n", floating, &n, &end) != 2 || precision[end])
            return false;
    }
    *input_bits = *weight_bits = n;
    return n > 0 && n <= 64;
}

static bool check_precision(const struct cfg_group *g, const char *precision, struct diag *d)
{
    int in, w;
    if (!word(precision) || published_bits(precision, &in, &w))
        return true;
    return cfg_complain(g, "precision", d,
                        "'precision' is \"%.40s\"; it must be as \"8x8\" (inputs x weights), "
                        "\"int8\", \"fp16\" or \"bf16\"",
                        precision);
}

/* Nothing is left out of the statistics in silence. */
static bool check_mark(const struct cfg_group *g, const struct published_raw *r, struct diag *d)
{
    if (r->scored || word(r->mark))
        return true;
    return cfg_complain(g, "scored", d, "what is not scored needs a 'mark' that says why");
}

/* --- groups of names -------------------------------------------------------------------------- */

static bool known_share(const char *key)
{
    static const char *const names[] = {
#define SHARE(key, help) #key,
#include "core/validate/shares.def"
#undef SHARE
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(names[i], key))
            return true;
    return false;
}

/* Keys of a breakdown are names of parts: the schema is made of those that stand. */
static bool read_quantities(struct arena *a, const struct cfg_group *g, size_t count,
                            struct quantity *out, struct diag *d)
{
    struct cfg_field *list = ARENA_ARRAY(a, struct cfg_field, count);
    for (size_t i = 0; i < count; i++) {
        const char *key = cfg_key_at(g, i);
        if (!known_share(key))
            return cfg_complain(g, key, d,
                                "'%s' is no part that a breakdown may name; "
                                "`cimarron list published` has them all",
                                key);
        list[i] = (struct cfg_field){
            .key = key, .type = CFG_QUANTITY, .offset = i * sizeof *out, .unit = "", .max = 1};
    }
    const struct cfg_schema schema = {"a published breakdown", "", list, count, NULL, NULL};
    return cfg_read(g, &schema, out, d);
}

static bool read_shares(struct arena *a, const struct cfg_group *published, const char *key,
                        struct published_share **out, size_t *count, struct diag *d)
{
    const struct cfg_group *g = cfg_sub_or_null(published, key);
    size_t n = 0;
    double sum = 0;
    while (g && cfg_key_at(g, n))
        n++;
    if (!g)
        return true;
    struct quantity *shares = ARENA_ARRAY(a, struct quantity, n);
    TRY(read_quantities(a, g, n, shares, d));
    *out = ARENA_ARRAY(a, struct published_share, n);
    *count = n;
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = (struct published_share){arena_strdup(a, cfg_key_at(g, i)), shares[i].value};
        sum += shares[i].value;
    }
    if (sum > 1.02)
        return cfg_complain(g, NULL, d, "the shares of '%s' sum to %.4g, which is above 1", key,
                            sum);
    return true;
}

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
    TRY(check_precision(g, r.precision, d));
    TRY(check_mark(g, &r, d));
    *out = (struct published_point){
        .name = cfg_name(g),
        .source = cfg_source_of(g, NULL),
        .precision = word(r.precision) ? r.precision : p->precision,
        .note = cfg_text_or(g, "note", NULL),
        .vdd_v = or_else(figure(&r.vdd_v, p), p->vdd_v),
        .clock_ghz = or_else(figure(&r.clock_ghz, p), p->clock_ghz),
        .tops = figure(&r.tops, p),
        .tops_per_w = figure(&r.tops_per_w, p),
        .power_w = figure(&r.power_w, p),
        .latency_ns = figure(&r.latency_ns, p),
        .energy_pj = figure(&r.energy_pj, p),
        .input_density = or_else(figure(&r.input_density, p), p->input_density),
        .weight_density = or_else(figure(&r.weight_density, p), p->weight_density),
        .scored = r.scored && p->scored,
        .mark = word(r.mark) ? r.mark : p->mark,
    };
    return true;
}

static bool read_points(struct arena *a, const struct cfg_group *published, struct published *p,
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

static bool read_misses(struct arena *a, const struct cfg_group *published, struct published *p,
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
        TRY(check_kind(one, word(r.kind), d));
        p->misses[i] =
            (struct published_miss){cfg_name(one), r.value.value, r.reason, word(r.kind)};
    }
    return true;
}

const struct published_miss *published_miss_of(const struct published *p, const char *metric,
                                               const char *kind)
{
    for (size_t i = 0; i < p->miss_count; i++)
        if (!strcmp(p->misses[i].metric, metric) &&
            (!p->misses[i].kind || !kind || !strcmp(p->misses[i].kind, kind)))
            return &p->misses[i];
    return NULL;
}

/* --- the group -------------------------------------------------------------------------------- */

static void fill_none(struct published *p)
{
    *p = (struct published){.scored = true};
    double *const all[] = {&p->tops,
                           &p->tops_per_w,
                           &p->power_w,
                           &p->area_mm2,
                           &p->tops_per_mm2,
                           &p->tops_sparse,
                           &p->tops_high,
                           &p->tops_per_w_high,
                           &p->power_w_high,
                           &p->vdd_v,
                           &p->clock_ghz,
                           &p->input_density,
                           &p->weight_density,
                           &p->latency_ns,
                           &p->energy_pj,
                           &p->sqnr_db,
                           &p->memory_gb,
                           &p->memory_gb_s,
                           &p->on_chip_mb,
                           &p->sram_bytes,
                           &p->sram_bytes_per_s,
                           &p->fabric_bits_per_s,
                           &p->cores};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        *all[i] = NAN;
}

static void fill_figures(const struct published_raw *r, struct published *p)
{
    p->tops = figure(&r->tops, p);
    p->tops_per_w = figure(&r->tops_per_w, p);
    p->power_w = figure(&r->power_w, p);
    p->area_mm2 = figure(&r->area_mm2, p);
    p->tops_per_mm2 = figure(&r->tops_per_mm2, p);
    p->tops_high = figure(&r->tops_high, p);
    p->tops_per_w_high = figure(&r->tops_per_w_high, p);
    p->power_w_high = figure(&r->power_w_high, p);
    p->tops_sparse = figure(&r->tops_sparse, p);
    p->vdd_v = figure(&r->vdd_v, p);
    p->clock_ghz = figure(&r->clock_ghz, p);
    p->input_density = figure(&r->input_density, p);
    p->weight_density = figure(&r->weight_density, p);
    p->latency_ns = figure(&r->latency_ns, p);
    p->energy_pj = figure(&r->energy_pj, p);
    p->sqnr_db = figure(&r->sqnr_db, p);
    p->memory_gb = figure(&r->memory_gb, p);
    p->memory_gb_s = figure(&r->memory_gb_s, p);
    p->on_chip_mb = figure(&r->on_chip_mb, p);
    p->sram_bytes = figure(&r->sram_bytes, p);
    p->sram_bytes_per_s = figure(&r->sram_bytes_per_s, p);
    p->fabric_bits_per_s = figure(&r->fabric_bits_per_s, p);
    p->cores = figure(&r->cores, p);
}

static bool take_benchmark(const struct cfg_group *g, const struct cfg_ints *list,
                           struct published *p, struct diag *d)
{
    if (list->count > PUBLISHED_BENCHMARK_MAX)
        return cfg_complain(g, "benchmark", d, "'benchmark' names %zu rows; at most %d may stand",
                            list->count, PUBLISHED_BENCHMARK_MAX);
    p->benchmark_count = list->count;
    for (size_t i = 0; i < list->count; i++)
        p->benchmark[i] = list->values[i];
    return true;
}

/* A compute array is a macro unless its file says what else its power counts. */
static const char *scope_of(const struct cfg_group *root, const struct cfg_group *g,
                            const struct published_raw *r)
{
    if (cfg_has(g, "power_is"))
        return published_scopes[r->power_is];
    return cfg_has(root, "rows") || cfg_has(root, "columns") ? "macro" : "chip";
}

static bool read_group(struct arena *a, const struct cfg_group *root, const struct cfg_group *g,
                       struct published *p, struct diag *d)
{
    struct published_raw r;
    memset(&r, 0, sizeof r);
    TRY(cfg_read(g, &published_schema, &r, d));
    TRY(check_precision(g, r.precision, d));
    TRY(check_mark(g, &r, d));
    TRY(take_benchmark(g, &r.benchmark, p, d));
    p->source = cfg_source_of(g, NULL);
    p->note = cfg_text_or(g, "note", NULL);
    p->precision = word(r.precision);
    p->power_is = scope_of(root, g, &r);
    p->family = word(r.family);
    p->mark = word(r.mark);
    p->scored = r.scored;
    if (word(r.chip))
        p->chip = r.chip;
    fill_figures(&r, p);
    TRY(read_shares(a, g, "breakdown", &p->breakdown, &p->breakdown_count, d));
    TRY(read_shares(a, g, "area_breakdown", &p->area_breakdown, &p->area_breakdown_count, d));
    TRY(read_points(a, g, p, d));
    return read_misses(a, g, p, d);
}

bool published_read(struct arena *a, const struct cfg_group *g, struct published *out, bool *found,
                    struct diag *d)
{
    const struct cfg_group *published = cfg_published(g);
    fill_none(out);
    out->chip = judged_base_name(a, cfg_file(g));
    out->power_is = "chip";
    *found = published != NULL;
    return !published || read_group(a, g, published, out, d);
}

double published_efficiency(double tops_per_w, double tops, double power_w)
{
    return isnan(tops_per_w) ? tops / power_w : tops_per_w;
}

bool published_counts_power(const struct published *p)
{
    return !strcmp(p->power_is, "chip") || !strcmp(p->power_is, "macro");
}
