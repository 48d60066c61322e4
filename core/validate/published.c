#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/validate/published_raw.h"

/* --- single values ---------------------------------------------------------------------------- */

double published_figure(const struct quantity *q, struct published *p)
{
    if (q->value < 0)
        return NAN;
    p->recalled |= q->from == FROM_RECALLED;
    p->assumed |= q->from == FROM_ASSUMED;
    return q->value;
}

const char *published_word(const char *text)
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

bool published_check_precision(const struct cfg_group *g, const char *precision, struct diag *d)
{
    int in, w;
    if (!published_word(precision) || published_bits(precision, &in, &w))
        return true;
    return cfg_complain(g, "precision", d,
                        "'precision' is \"%.40s\"; it must be as \"8x8\" (inputs x weights), "
                        "\"int8\", \"fp16\" or \"bf16\"",
                        precision);
}

/* Nothing is left out of the statistics in silence. */
bool published_check_mark(const struct cfg_group *g, const struct published_raw *r, struct diag *d)
{
    if (r->scored || published_word(r->mark))
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
    p->tops = published_figure(&r->tops, p);
    p->tops_per_w = published_figure(&r->tops_per_w, p);
    p->power_w = published_figure(&r->power_w, p);
    p->area_mm2 = published_figure(&r->area_mm2, p);
    p->tops_per_mm2 = published_figure(&r->tops_per_mm2, p);
    p->tops_high = published_figure(&r->tops_high, p);
    p->tops_per_w_high = published_figure(&r->tops_per_w_high, p);
    p->power_w_high = published_figure(&r->power_w_high, p);
    p->tops_sparse = published_figure(&r->tops_sparse, p);
    p->vdd_v = published_figure(&r->vdd_v, p);
    p->clock_ghz = published_figure(&r->clock_ghz, p);
    p->input_density = published_figure(&r->input_density, p);
    p->weight_density = published_figure(&r->weight_density, p);
    p->latency_ns = published_figure(&r->latency_ns, p);
    p->energy_pj = published_figure(&r->energy_pj, p);
    p->sqnr_db = published_figure(&r->sqnr_db, p);
    p->memory_gb = published_figure(&r->memory_gb, p);
    p->memory_gb_s = published_figure(&r->memory_gb_s, p);
    p->on_chip_mb = published_figure(&r->on_chip_mb, p);
    p->sram_bytes = published_figure(&r->sram_bytes, p);
    p->sram_bytes_per_s = published_figure(&r->sram_bytes_per_s, p);
    p->fabric_bits_per_s = published_figure(&r->fabric_bits_per_s, p);
    p->cores = published_figure(&r->cores, p);
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
    TRY(published_check_precision(g, r.precision, d));
    TRY(published_check_mark(g, &r, d));
    TRY(take_benchmark(g, &r.benchmark, p, d));
    p->source = cfg_source_of(g, NULL);
    p->note = cfg_text_or(g, "note", NULL);
    p->precision = published_word(r.precision);
    p->power_is = scope_of(root, g, &r);
    p->family = published_word(r.family);
    p->mark = published_word(r.mark);
    p->scored = r.scored;
    if (published_word(r.chip))
        p->chip = r.chip;
    fill_figures(&r, p);
    TRY(read_shares(a, g, "breakdown", &p->breakdown, &p->breakdown_count, d));
    TRY(read_shares(a, g, "area_breakdown", &p->area_breakdown, &p->area_breakdown_count, d));
    TRY(published_read_points(a, g, p, d));
    return published_read_misses(a, g, p, d);
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

const struct published_miss *published_miss_of(const struct published *p, const char *metric,
                                               const char *kind)
{
    for (size_t i = 0; i < p->miss_count; i++)
        if (!strcmp(p->misses[i].metric, metric) &&
            (!p->misses[i].kind || !kind || !strcmp(p->misses[i].kind, kind)))
            return &p->misses[i];
    return NULL;
}
