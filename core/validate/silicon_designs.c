/* Designs and chips of resistive arrays by their own component prices: ISAAC and PUMA whole, PUMA's
 * matrix-vector unit, NeuRRAM's energy by part at eight precisions, IBM's 64 cores by the law of
 * their family with their digital periphery, DRAM-PIMs' peak rates, PRIME printed.
 *
 * Designs are not silicon: they are judged in component mode alone, which tests the counting, in a
 * family of their own, and every row says so.  The links that leave a chip are not in the shares,
 * which are published of a tile. */
#include <math.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cim/macro.h"
#include "core/system/system.h"
#include "core/validate/silicon_designs.h"

#define CHIP_LIMIT_PCT 5.0

static const char not_silicon[] = "a design, not silicon";

struct judged design_row(const char *name, const struct published *p, enum judged_kind kind,
                         const char *metric)
{
    bool is_design = p->family && !strcmp(p->family, "design");
    return (struct judged){.case_name = name,
                           .chip = p->chip,
                           .family = p->family,
                           .metric = metric,
                           .reference = NAN,
                           .kind = kind,
                           .scored = true,
                           .mark = is_design ? not_silicon : p->mark,
                           .source = p->source};
}

void design_add(struct judged_list *l, const struct published *p, struct judged *j)
{
    judged_know(j, p);
    judged_add(l, j);
}

/* --- shares --------------------------------------------------------------------------------- */

/* "noc_router" for "noc.router", "adc" for "array.adc". */
static bool is_part(const char *share, enum part part)
{
    const char *name = part_name(part);
    if (!strncmp(name, "array.", 6))
        name += 6;
    size_t n = strlen(name);
    if (strlen(share) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (share[i] != (name[i] == '.' ? '_' : name[i]))
            return false;
    return true;
}

double design_share(const char *share, const double *by_part)
{
    double sum = 0;
    for (int p = 0; p < PART_COUNT; p++)
        if (is_part(share, (enum part)p))
            sum += by_part[p];
    return sum;
}

static void add_shares(struct judged_list *l, const char *name, const struct published *p,
                       const struct published_share *shares, size_t count, const char *prefix,
                       const double *by_part, double total)
{
    for (size_t i = 0; i < count; i++) {
        const char *metric = arena_printf(l->arena, "%s%s", prefix, shares[i].part);
        struct judged j = design_row(name, p, JUDGED_COMPONENT, metric);
        j.predicted = design_share(shares[i].part, by_part) / total;
        j.reference = shares[i].share;
        j.limit_pct = DESIGN_SHARE_POINTS;
        design_add(l, p, &j);
    }
}

/* --- whole chips ---------------------------------------------------------------------------- */

struct chip_case {
    const char *name, *path;
    struct published p;
    struct system_peak peak;
    struct system_power full; /* every part at full activity, as designs are published */
    struct system_area area;
};

static bool open_chip(struct judged_list *l, const char *name, const struct cfg_override *set,
                      size_t count, struct chip_case *c, struct diag *d)
{
    struct arena *a = l->arena;
    struct cfg *file;
    struct system *s;
    bool found;
    *c = (struct chip_case){.name = name};
    c->path = arena_printf(a, "%s/configs/chip/%s.cfg", cfg_home(a), name);
    TRY(cfg_open(a, c->path, NULL, 0, &file, d));
    bool ok = published_read(a, cfg_root(file), &c->p, &found, d);
    cfg_close(file);
    TRY(ok);
    TRY(system_open(a, c->path, set, count, &s, d));
    struct system_work w = system_usual_work(s, 0, 0);
    TRY(system_peak(s, &w, &c->peak, d));
    TRY(system_full_power(s, &w, &c->full, d));
    system_area(s, &c->area);
    return true;
}

static void add_figure(struct judged_list *l, const struct chip_case *c, enum judged_kind kind,
                       const char *metric, double predicted, double reference)
{
    struct judged j = design_row(c->name, &c->p, kind, metric);
    j.predicted = predicted;
    j.reference = reference;
    j.limit_pct = CHIP_LIMIT_PCT;
    design_add(l, &c->p, &j);
}

static bool add_design(struct judged_list *l, const char *name, struct diag *d)
{
    struct chip_case c;
    TRY(open_chip(l, name, NULL, 0, &c, d));
    double inside_w = c.full.total_w - c.full.part_w[PART_HOST] - c.full.part_w[PART_LINK];
    double inside_um2 = c.area.total_um2 - c.area.part_um2[PART_LINK];
    add_figure(l, &c, JUDGED_STRUCTURE, "tops", c.peak.tops, c.p.tops);
    add_figure(l, &c, JUDGED_COMPONENT, "power_w", c.full.total_w, c.p.power_w);
    add_figure(l, &c, JUDGED_COMPONENT, "area_mm2", c.peak.area_mm2, c.p.area_mm2);
    add_shares(l, name, &c.p, c.p.breakdown, c.p.breakdown_count, "share.", c.full.part_w,
               inside_w);
    add_shares(l, name, &c.p, c.p.area_breakdown, c.p.area_breakdown_count, "share.area.",
               c.area.part_um2, inside_um2);
    return true;
}

/* The cycle that PUMA's published rate needs: printed beside the 1,600 ns of its 16 reads. */
static bool add_puma_cycle(struct judged_list *l, struct diag *d)
{
    struct chip_case c;
    TRY(open_chip(l, "puma", NULL, 0, &c, d));
    double read_ns = 100 * c.peak.tops / c.p.tops;
    const struct cfg_override set[] = {
        {"tile.array.read_ns", arena_printf(l->arena, "%.6f", read_ns)},
        {"tile.array.adc_gsps", arena_printf(l->arena, "%.6f", 128 / read_ns)}};
    TRY(open_chip(l, "puma", set, COUNT_OF(set), &c, d));
    struct judged j = design_row(arena_printf(l->arena, "puma@%.0fns", 16 * read_ns), &c.p,
                                 JUDGED_STRUCTURE, "tops");
    j.predicted = c.peak.tops;
    j.reference = c.p.tops;
    j.scored = false;
    j.mark = "the cycle is taken from the published rate: no test";
    judged_add(l, &j);
    return true;
}

/* --- IBM's cores: the law of the family, in which they took no part, and digital periphery -- */

static bool add_cores(struct judged_list *l, const char *read_ns, const char *where, double tops,
                      double power_w, struct diag *d)
{
    struct chip_case c;
    const struct cfg_override set[] = {{"tile.array.read_ns", read_ns}};
    TRY(open_chip(l, "ibm_64core", set, COUNT_OF(set), &c, d));
    c.name = arena_printf(l->arena, "ibm_64core%s", where);
    struct judged rate = design_row(c.name, &c.p, JUDGED_STRUCTURE, "tops");
    rate.predicted = c.peak.tops;
    rate.reference = tops;
    rate.scored = false;
    rate.mark = "the cycle is taken from the published rate: no test";
    judged_add(l, &rate);
    struct judged power = design_row(c.name, &c.p, JUDGED_LEAVE_ONE_OUT, "power_w");
    power.predicted = c.peak.power.total_w;
    power.reference = power_w;
    power.mark = "its digital periphery is assumed";
    design_add(l, &c.p, &power);
    return true;
}

static bool add_all_cores(struct judged_list *l, struct diag *d)
{
    struct chip_case c;
    TRY(open_chip(l, "ibm_64core", NULL, 0, &c, d));
    TRY(add_cores(l, "133.0", "", c.p.tops, c.p.power_w, d));
    for (size_t i = 0; i < c.p.point_count; i++)
        TRY(add_cores(l, "521.0", "@4_phases", c.p.points[i].tops, c.p.points[i].power_w, d));
    return true;
}

/* --- macros --------------------------------------------------------------------------------- */

static bool add_unit(const struct judged_macro *m)
{
    const struct published *p = &m->published;
    struct judged power = design_row(m->name, p, JUDGED_COMPONENT, "power_w");
    power.predicted = m->at_home.tops / m->at_home.tops_per_w;
    power.reference = p->power_w;
    power.limit_pct = CHIP_LIMIT_PCT;
    design_add(m->list, p, &power);
    struct judged area = design_row(m->name, p, JUDGED_COMPONENT, "area_mm2");
    area.predicted = m->at_home.area_um2 / UM2_PER_MM2;
    area.reference = p->area_mm2;
    area.limit_pct = CHIP_LIMIT_PCT;
    design_add(m->list, p, &area);
    return true;
}

/* Peak between openings of rows: what its makers quote. */
static bool add_dram_pim(const struct judged_macro *m)
{
    struct judged j = design_row(m->name, &m->published, JUDGED_STRUCTURE, "tops");
    j.predicted = m->at_home.tops;
    j.reference = m->published.tops;
    j.limit_pct = CHIP_LIMIT_PCT;
    design_add(m->list, &m->published, &j);
    return true;
}

static void print_design(const struct judged_macro *m)
{
    static const char *const metrics[] = {"tops", "tops_per_w"};
    const double predicted[] = {m->at_home.tops, m->at_home.tops_per_w};
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        struct judged j = design_row(m->name, &m->published, JUDGED_COMPONENT, metrics[i]);
        j.predicted = predicted[i];
        j.scored = false;
        j.mark = m->published.mark;
        judged_add(m->list, &j);
    }
}

static bool judge(const struct judged_macro *m, const struct macro_points *points, struct diag *d)
{
    if (!strcmp(m->array->ops->kind, "neuron"))
        return !judged_macro_is_components(m) || design_add_neurram(m, points, d);
    if (m->published.family && !strcmp(m->published.family, "dram_pim"))
        return add_dram_pim(m);
    if (!m->published.family || strcmp(m->published.family, "design") != 0)
        return true;
    if (m->published.power_w > 0)
        return add_unit(m);
    print_design(m);
    return true;
}

bool silicon_designs(struct judged_list *l, struct diag *d)
{
    if (judged_wanted(l, "isaac", "isaac"))
        TRY(add_design(l, "isaac", d));
    if (judged_wanted(l, "puma", "puma")) {
        TRY(add_design(l, "puma", d));
        TRY(add_puma_cycle(l, d));
    }
    if (judged_wanted(l, "ibm_64core", "ibm_64core"))
        TRY(add_all_cores(l, d));
    return judged_macro_each(l, judge, d);
}
