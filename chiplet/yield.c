/* yield.c — yield and manufacturing cost of dies, packages and wafers. */
#include "chiplet/yield.h"

#include <assert.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

#define AT(member) offsetof(struct yield_process, member)
static const struct cfg_field process_fields[] = {
    {"wafer_usd", CFG_REAL, AT(wafer_usd), "USD", 0, 1e7, NULL, NULL, "price of a processed wafer"},
    {"wafer_mm", CFG_REAL, AT(wafer_mm), "mm", 50, 1000, "300", NULL, "its diameter"},
    {"defects_per_cm2", CFG_REAL, AT(defects_per_cm2), "1/cm2", 0, 100, NULL, NULL,
     "defects that kill"},
    {"cluster", CFG_REAL, AT(cluster), "", 0.1, 1e6, "10", NULL,
     "clustering of defects: small for strong clusters"},
    {"edge_mm", CFG_REAL, AT(edge_mm), "mm", 0, 20, "5", NULL, "rim of the wafer that is lost"},
    {"scribe_mm", CFG_REAL, AT(scribe_mm), "mm", 0, 5, "0.2", NULL, "lane between dies"},
};
#undef AT

const struct cfg_schema yield_process_schema = {
    .name = "wafer process",
    .help = "price and defects of a wafer that dies are cut from",
    .fields = process_fields,
    .count = COUNT_OF(process_fields),
};

bool yield_process_read(const struct cfg_group *g, struct yield_process *out, struct diag *d)
{
    *out = (struct yield_process){0};
    return cfg_read(g, &yield_process_schema, out, d);
}

#define AT(member) offsetof(struct yield_assembly, member)
static const struct cfg_field assembly_fields[] = {
    {"interposer_factor", CFG_REAL, AT(interposer_factor), "", 1, 10, "1", NULL,
     "interposer area over that of what lies on it"},
    {"substrate_usd_mm2", CFG_REAL, AT(substrate_usd_mm2), "USD/mm2", 0, 10, NULL, NULL,
     "price of the organic substrate"},
    {"substrate_factor", CFG_REAL, AT(substrate_factor), "", 1, 20, NULL, NULL,
     "substrate area over that of what lies on it"},
    {"die_bump_usd_mm2", CFG_REAL, AT(die_bump_usd_mm2), "USD/mm2", 0, 10, NULL, NULL,
     "bumps under dies"},
    {"interposer_bump_usd_mm2", CFG_REAL, AT(interposer_bump_usd_mm2), "USD/mm2", 0, 10, "0", NULL,
     "bumps under the interposer"},
    {"die_bond_yield", CFG_REAL, AT(die_bond_yield), "", 0.01, 1, NULL, NULL, "of one die"},
    {"substrate_bond_yield", CFG_REAL, AT(substrate_bond_yield), "", 0.01, 1, "1", NULL,
     "of an interposer to the substrate"},
};
#undef AT

static const char *const assembly_groups[] = {"interposer", NULL};

const struct cfg_schema yield_assembly_schema = {
    .name = "package assembly",
    .help = "what a package adds to its dies: interposer, substrate, bonding",
    .fields = assembly_fields,
    .count = COUNT_OF(assembly_fields),
    .groups = assembly_groups,
};

bool yield_assembly_read(const struct cfg_group *g, struct yield_assembly *out, struct diag *d)
{
    *out = (struct yield_assembly){0};
    TRY(cfg_read(g, &yield_assembly_schema, out, d));
    const struct cfg_group *interposer = cfg_sub_or_null(g, "interposer");
    return interposer == NULL || yield_process_read(interposer, &out->interposer, d);
}

double yield_die(const struct yield_process *p, double mm2)
{
    assert(mm2 >= 0);
    return pow(1 + p->defects_per_cm2 * mm2 / 100 / p->cluster, -p->cluster);
}

double yield_dies_per_wafer(const struct yield_process *p, double mm2)
{
    assert(mm2 > 0);
    double side = sqrt(mm2) + p->scribe_mm, cell = side * side;
    double usable = p->wafer_mm - 2 * p->edge_mm;
    double dies = pi * usable * usable / 4 / cell - pi * usable / sqrt(2 * cell);
    return dies > 0 ? dies : 0;
}

void yield_die_cost(const struct yield_process *p, double mm2, struct yield_die_cost *out)
{
    out->yield = yield_die(p, mm2);
    out->per_wafer = yield_dies_per_wafer(p, mm2);
    out->raw_usd = out->per_wafer > 0 ? p->wafer_usd / out->per_wafer : HUGE_VAL;
    out->good_usd = out->raw_usd / out->yield;
}

void yield_package_cost(const struct yield_assembly *a, const struct yield_part *parts,
                        size_t count, struct yield_package_cost *out)
{
    double mm2 = 0, interposer_yield = 1, carried = 0;
    *out = (struct yield_package_cost){.yield = 1};
    for (size_t i = 0; i < count; i++) {
        double n = (double)parts[i].count;
        mm2 += parts[i].mm2 * n;
        out->parts_usd += (parts[i].good_usd + parts[i].mm2 * a->die_bump_usd_mm2) * n;
        out->yield *= pow(a->die_bond_yield, n);
    }
    carried = mm2;
    if (a->interposer.wafer_usd > 0) {
        struct yield_die_cost interposer;
        carried = mm2 * a->interposer_factor;
        yield_die_cost(&a->interposer, carried, &interposer);
        out->interposer_usd = interposer.raw_usd + carried * a->interposer_bump_usd_mm2;
        interposer_yield = interposer.yield;
    }
    double last = a->interposer.wafer_usd > 0 ? a->substrate_bond_yield : out->yield;
    out->substrate_usd = carried * a->substrate_factor * a->substrate_usd_mm2;
    out->yield *= a->interposer.wafer_usd > 0 ? a->substrate_bond_yield : 1;
    out->package_usd = out->parts_usd / out->yield +
                       out->interposer_usd / (interposer_yield * out->yield) +
                       out->substrate_usd / last;
    out->wasted_usd = out->package_usd - out->parts_usd - out->interposer_usd - out->substrate_usd;
}

double yield_segment(int64_t cores, int64_t spares, double core_yield)
{
    assert(cores >= spares && spares >= 0 && core_yield >= 0 && core_yield <= 1);
    if (core_yield >= 1 || cores == spares)
        return 1;
    if (core_yield <= 0)
        return 0;
    double sum = 0, bad = log(1 - core_yield), good = log(core_yield), n = (double)cores;
    for (int64_t k = 0; k <= spares; k++) {
        double i = (double)k;
        sum += exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * bad + (n - i) * good);
    }
    return sum < 1 ? sum : 1;
}

double yield_wafer(double segments, int64_t cores, int64_t spares, double core_yield, double seams,
                   double seam_yield)
{
    return pow(yield_segment(cores, spares, core_yield), segments) * pow(seam_yield, seams);
}
