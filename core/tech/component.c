#include "core/tech/component.h"

struct raw_component {
    struct quantity energy_pj, power_mw, leakage_mw;
    double rate_ghz, area_um2;
};

#define FIELD(key, type, member, unit, lo, hi, fallback, help)                                     \
    {                                                                                              \
        key, type, offsetof(struct raw_component, member), unit, lo, hi, fallback, NULL, help      \
    }

static const struct cfg_field fields[] = {
    FIELD("energy_pj", CFG_QUANTITY, energy_pj, "pJ", 0, 1e9, "0", "energy of one action"),
    FIELD("power_mw", CFG_QUANTITY, power_mw, "mW", 0, 1e9, "0",
          "dynamic power at full activity, in place of energy_pj"),
    FIELD("rate_ghz", CFG_REAL, rate_ghz, "GHz", 0, 1e3, "0",
          "actions per ns at full activity; goes with power_mw"),
    FIELD("area_um2", CFG_REAL, area_um2, "um2", 0, 1e12, "0", "area of one instance"),
    FIELD("leakage_mw", CFG_QUANTITY, leakage_mw, "mW", 0, 1e9, "0",
          "static power of one instance"),
};

const struct cfg_schema component_schema = {
    "component", "a part with a price per action: energy_pj, or power_mw with rate_ghz",
    fields,      COUNT_OF(fields),
    NULL,        NULL};

bool component_read(const struct cfg_group *g, struct component *out, struct diag *d)
{
    struct raw_component raw;
    TRY(cfg_read(g, &component_schema, &raw, d));
    bool has_energy = cfg_has(g, "energy_pj"), has_power = cfg_has(g, "power_mw");
    if (has_energy == has_power)
        return cfg_complain(g, NULL, d, "%s needs either energy_pj or power_mw with rate_ghz",
                            cfg_name(g));
    if (has_power != cfg_has(g, "rate_ghz"))
        return cfg_complain(g, NULL, d, "%s: power_mw and rate_ghz go together", cfg_name(g));
    if (has_power && raw.rate_ghz <= 0)
        return cfg_complain(g, "rate_ghz", d, "rate_ghz must be above 0");
    /* 1 mW / 1 GHz = 1 pJ */
    out->energy_pj = has_energy ? raw.energy_pj : quantity_scaled(raw.power_mw, 1 / raw.rate_ghz);
    out->area_um2 = raw.area_um2;
    out->leakage_mw = raw.leakage_mw;
    return true;
}

bool component_sub(const struct cfg_group *g, const char *key, struct component *out,
                   struct diag *d)
{
    *out = (struct component){0};
    const struct cfg_group *sub = cfg_sub_or_null(g, key);
    return sub == NULL || component_read(sub, out, d);
}
