/* Reading an accelerator's config. */
#include <stddef.h>
#include <string.h>

#include "core/accelerator/accelerator.h"

/* What cfg_read fills before the engine's values are spread over the precisions. */
struct engine_group {
    int kind;
    double rows, columns, hold_cycles, near_kb, tile;
};

#define FIELD(key, type, unit, lo, hi, fallback, words, help)                                      \
    {                                                                                              \
#key, type, offsetof(struct accelerator, key), unit, lo, hi, fallback, words, help         \
    }
#define AT(key, member, type, unit, lo, hi, fallback, words, help)                                 \
    {                                                                                              \
        key, type, offsetof(struct accelerator, member), unit, lo, hi, fallback, words, help       \
    }

static const char *const top_groups[] = {"engine",  "precision", "sram", "memory", "links",
                                         "voltage", "points",    "cap",  NULL};

static const struct cfg_field top_fields[] = {
    AT("kind", kind, CFG_TEXT, "", 0, 0, NULL, NULL, "\"accelerator\""),
    FIELD(name, CFG_TEXT, "", 0, 0, NULL, NULL, "the name that reports carry"),
    FIELD(year, CFG_INT, "", 1970, 2100, NULL, NULL, "year of publication"),
    FIELD(node_nm, CFG_REAL, "nm", 2, 250, NULL, NULL, "process node"),
    FIELD(vdd_v, CFG_QUANTITY, "V", 0.3, 3, NULL, NULL, "supply of the logic"),
    FIELD(clock_ghz, CFG_REAL, "GHz", 0.0001, 10, NULL, NULL, "clock of the MAC units"),
    FIELD(die_mm2, CFG_REAL, "mm2", 0.01, 1e5, NULL, NULL,
          "silicon with clock and leakage: the die, or the core where the scope is core"),
    FIELD(process_class, CFG_CHOICE, "", 0, 0, NULL, chip_process_names, "for leakage"),
    FIELD(design_class, CFG_CHOICE, "", 0, 0, NULL, chip_class_names, "for the fitted overhead"),
    AT("power_scope", scope, CFG_CHOICE, "", 0, 0, NULL, chip_scope_names, "what power counts"),
    FIELD(units, CFG_INT, "", 1, 1e8, "1", NULL, "equal cores"),
    FIELD(activity, CFG_QUANTITY, "", 0, 1, "1.0", NULL, "1: random dense operands, 0.6: ReLU"),
    FIELD(headline, CFG_TEXT, "", 0, 0, "", NULL, "precision of data sheets; else the fastest"),
    FIELD(sparse_factor, CFG_REAL, "", 1, 4, "1.0", NULL, "rate with 2:4 sparse weights"),
};
const struct cfg_schema accelerator_schema = {
    "accelerator", "a digital accelerator, NPU or GPU at chip level",
    top_fields,    COUNT_OF(top_fields),
    top_groups,    NULL};

static const struct cfg_field sram_fields[] = {
    AT("mb", sram_mb, CFG_REAL, "MiB", 0, 1e6, NULL, NULL, "all SRAM on the chip"),
};
static const struct cfg_field memory_fields[] = {
    AT("kind", memory_kind, CFG_CHOICE, "", 0, 0, NULL, chip_memory_names, "what it is"),
    AT("gb", memory_gb, CFG_REAL, "GB", 0, 1e5, NULL, NULL, "capacity"),
    AT("gb_s", memory_gb_s, CFG_REAL, "GB/s", 0, 1e6, NULL, NULL, "peak bandwidth"),
    AT("busy_gb_s", memory_busy_gb_s, CFG_REAL, "GB/s", 0, 1e6, "-1.0", NULL,
       "traffic at peak compute; -1: half the bandwidth"),
    AT("pj_per_bit", memory_pj_per_bit, CFG_REAL, "pJ/bit", 0, 1e3, "0.0", NULL,
       "with its interface; 0: by its kind"),
};
static const struct cfg_field link_fields[] = {
    AT("gb_s", link_gb_s, CFG_REAL, "GB/s", 0, 1e6, NULL, NULL, "both directions together"),
};
static const struct cfg_field voltage_fields[] = {
    AT("volt", voltage.volt, CFG_REAL, "V", 0.3, 3, NULL, NULL, "supply at ghz"),
    AT("ghz", voltage.ghz, CFG_REAL, "GHz", 0.0001, 10, NULL, NULL, "a clock"),
    AT("volt_per_ghz", voltage.volt_per_ghz, CFG_REAL, "V/GHz", 0, 10, NULL, NULL, "slope"),
    AT("volt_min", voltage.volt_min, CFG_REAL, "V", 0.2, 3, NULL, NULL, "lowest supply"),
};
static const struct cfg_field cap_fields[] = {
    AT("w", cap_w, CFG_REAL, "W", 0.001, 1e6, NULL, NULL, "board power limit"),
};
static const struct cfg_schema sram_schema = {
    "SRAM", "on-chip memory", sram_fields, COUNT_OF(sram_fields), NULL, NULL};
static const struct cfg_schema memory_schema = {
    "memory",      "weight or working memory behind the SRAM",
    memory_fields, COUNT_OF(memory_fields),
    NULL,          NULL};
static const struct cfg_schema link_schema = {
    "links", "links that leave the die", link_fields, COUNT_OF(link_fields), NULL, NULL};
static const struct cfg_schema voltage_schema = {
    "voltage", "supply that a clock needs", voltage_fields, COUNT_OF(voltage_fields), NULL, NULL};
static const struct cfg_schema cap_schema = {"cap",      "power limit, for the sustained rate only",
                                             cap_fields, COUNT_OF(cap_fields),
                                             NULL,       NULL};

#define ENGINE(key, unit, lo, hi, help)                                                            \
    {                                                                                              \
#key, CFG_REAL, offsetof(struct engine_group, key), unit, lo, hi, NULL, NULL, help         \
    }
static const struct cfg_field engine_fields[] = {
    {"kind", CFG_CHOICE, offsetof(struct engine_group, kind), "", 0, 0, NULL, chip_engine_names,
     "how operands reach the MACs"},
    ENGINE(rows, "MAC", 1, 1e6, "MACs summed before a partial result leaves the engine"),
    ENGINE(columns, "MAC", 1, 1e6, "MACs that share one operand read"),
    ENGINE(hold_cycles, "cycles", 1, 1e6, "cycles that a weight stays in its register"),
    ENGINE(near_kb, "KiB", 0.01, 1e6, "the memory that feeds the engine"),
    ENGINE(tile, "elements", 1, 1e6, "side of the block that the next memory feeds"),
};
static const struct cfg_schema engine_schema = {"engine",      "what multiplies, and how it is fed",
                                                engine_fields, COUNT_OF(engine_fields),
                                                NULL,          NULL};

#define RATE(key, unit, lo, hi, fallback, help)                                                    \
    {                                                                                              \
#key, CFG_REAL, offsetof(struct accelerator_engine, key), unit, lo, hi, fallback, NULL,    \
            help                                                                                   \
    }
static const struct cfg_field rate_fields[] = {
    RATE(macs_per_clk, "MAC", 0.001, 1e9, NULL, "of one unit, dense"),
    RATE(rows, "MAC", 1, 1e6, "0.0", "0: the engine's"),
    RATE(columns, "MAC", 1, 1e6, "0.0", "0: the engine's"),
    RATE(hold_cycles, "cycles", 1, 1e6, "0.0", "0: the engine's"),
    RATE(tile, "elements", 1, 1e6, "0.0", "0: the engine's"),
};
static const struct cfg_schema rate_schema = {
    "precision", "MACs of one precision", rate_fields, COUNT_OF(rate_fields), NULL, NULL};
static const struct cfg_schema rates_schema = {
    "precisions", "the precisions that the chip has", NULL, 0, chip_precision_names, NULL};

static const struct cfg_field point_fields[] = {
    {"vdd_v", CFG_REAL, offsetof(struct accelerator_point, vdd_v), "V", 0.3, 3, NULL, NULL,
     "supply"},
    {"clock_ghz", CFG_REAL, offsetof(struct accelerator_point, clock_ghz), "GHz", 0.0001, 10, NULL,
     NULL, "clock"},
};
static const struct cfg_schema point_schema = {
    "point", "a further operating point", point_fields, COUNT_OF(point_fields), NULL, NULL};

const struct cfg_schema *accelerator_group_at(size_t index, const char **path)
{
    static const struct {
        const char *path;
        const struct cfg_schema *schema;
    } groups[] = {
        {"engine", &engine_schema},  {"precision.*", &rate_schema}, {"sram", &sram_schema},
        {"memory", &memory_schema},  {"links", &link_schema},       {"voltage", &voltage_schema},
        {"points.*", &point_schema}, {"cap", &cap_schema},
    };
    if (index >= COUNT_OF(groups))
        return NULL;
    *path = groups[index].path;
    return groups[index].schema;
}

static bool read_optional(const struct cfg_group *g, const char *key,
                          const struct cfg_schema *schema, struct accelerator *x, struct diag *d)
{
    const struct cfg_group *sub = cfg_sub_or_null(g, key);
    return !sub || cfg_read(sub, schema, x, d);
}

static void inherit(double *own, double engine)
{
    if (*own == 0)
        *own = engine;
}

static bool read_engines(const struct cfg_group *g, struct accelerator *x, struct diag *d)
{
    struct engine_group e;
    const struct cfg_group *sub;
    TRY(cfg_sub(g, "engine", &sub, d));
    TRY(cfg_read(sub, &engine_schema, &e, d));
    x->engine_kind = e.kind;
    x->near_kb = e.near_kb;
    TRY(cfg_sub(g, "precision", &sub, d));
    TRY(cfg_read(sub, &rates_schema, x, d));
    if (cfg_sub_count(sub) == 0)
        return cfg_complain(sub, NULL, d, "an accelerator needs at least one precision");
    for (size_t i = 0; i < cfg_sub_count(sub); i++) {
        const struct cfg_group *one = cfg_sub_at(sub, i);
        struct accelerator_engine *r = &x->engine[chip_word(chip_precision_names, cfg_name(one))];
        TRY(cfg_read(one, &rate_schema, r, d));
        inherit(&r->rows, e.rows);
        inherit(&r->columns, e.columns);
        inherit(&r->hold_cycles, e.hold_cycles);
        inherit(&r->tile, e.tile);
    }
    return true;
}

static bool read_points(struct arena *a, const struct cfg_group *g, struct accelerator *x,
                        struct diag *d)
{
    const struct cfg_group *sub = cfg_sub_or_null(g, "points");
    if (!sub)
        return true;
    size_t count = cfg_sub_count(sub);
    const char **names = ARENA_ARRAY(a, const char *, count + 1);
    x->points = ARENA_ARRAY(a, struct accelerator_point, count);
    for (size_t i = 0; i < count; i++)
        names[i] = cfg_name(cfg_sub_at(sub, i));
    const struct cfg_schema points_schema = {"points", "further operating points", NULL, 0, names,
                                             NULL};
    TRY(cfg_read(sub, &points_schema, x, d));
    for (size_t i = 0; i < count; i++) {
        TRY(cfg_read(cfg_sub_at(sub, i), &point_schema, &x->points[i], d));
        x->points[i].name = arena_strdup(a, names[i]);
    }
    x->point_count = count;
    return true;
}

static bool check(const struct cfg_group *g, const struct accelerator *x, struct diag *d)
{
    if (strcmp(x->kind, "accelerator") != 0)
        return cfg_complain(g, "kind", d, "kind is \"%s\", not \"accelerator\"", x->kind);
    int headline = chip_word(chip_precision_names, x->headline);
    if (*x->headline && (headline < 0 || x->engine[headline].macs_per_clk == 0))
        return cfg_complain(g, "headline", d, "headline \"%s\" is none of the chip's precisions",
                            x->headline);
    if (x->memory_kind == CHIP_MEMORY_OTHER && x->memory_pj_per_bit == 0)
        return cfg_complain(cfg_sub_or_null(g, "memory"), "kind", d,
                            "a memory of kind other needs pj_per_bit");
    if (x->memory_busy_gb_s > x->memory_gb_s)
        return cfg_complain(cfg_sub_or_null(g, "memory"), "busy_gb_s", d,
                            "busy_gb_s must be at most gb_s");
    return true;
}

bool accelerator_open(struct arena *a, const struct cfg_group *g, struct accelerator **out,
                      struct diag *d)
{
    struct accelerator *x = ARENA_NEW(a, struct accelerator);
    TRY(cfg_read(g, &accelerator_schema, x, d));
    x->title = arena_strdup(a, cfg_text_or(g, "title", x->name));
    TRY(read_engines(g, x, d));
    TRY(read_optional(g, "sram", &sram_schema, x, d));
    TRY(read_optional(g, "memory", &memory_schema, x, d));
    TRY(read_optional(g, "links", &link_schema, x, d));
    TRY(read_optional(g, "voltage", &voltage_schema, x, d));
    TRY(read_optional(g, "cap", &cap_schema, x, d));
    TRY(read_points(a, g, x, d));
    TRY(check(g, x, d));
    *out = x;
    return true;
}
