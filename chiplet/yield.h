/* yield.h — what fraction of dies works, how many a wafer gives, and what that costs.
 *
 * Answers: yield of a die of some area (negative binomial, defects in clusters), dies per round
 * wafer, dollars per raw and per known good die; dollars of a package of such dies with bonding and
 * substrate losses; yield of a stitched wafer with spare cores.  Dollars are manufacturing prices
 * as published estimates give them, not quotations; design, test time and margins are left out.
 *
 * Y = (1 + D A / a)^-a, dies = pi (W/2 - e)^2 / A' - pi (W - 2e) / sqrt(2 A'), with the scribe lane
 * in A' = (sqrt(A) + s)^2: Y. Feng and K. Ma, Chiplet Actuary, DAC 2022, who take a = 10, e = 5 mm,
 * s = 0.2 mm, W = 300 mm. */
#ifndef CIMARRON_YIELD_H
#define CIMARRON_YIELD_H

#include "core/base/cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of a die, an interposer, or anything else that is cut from a wafer. */
struct yield_process {
    double wafer_usd, wafer_mm;
    double defects_per_cm2, cluster; /* cluster: a above; infinite would be Poisson */
    double edge_mm, scribe_mm;
};

extern const struct cfg_schema yield_process_schema;

FALLIBLE bool yield_process_read(const struct cfg_group *g, struct yield_process *out,
                                 struct diag *d);

/* Fraction of dies of `mm2` that works, 0..1. */
double yield_die(const struct yield_process *p, double mm2);

/* Dies of `mm2` on a wafer, not rounded; 0 when none fits. */
double yield_dies_per_wafer(const struct yield_process *p, double mm2);

struct yield_die_cost {
    double yield, per_wafer;
    double raw_usd;  /* of a die as cut; infinite when none fits */
    double good_usd; /* of a known good die: those that fail are paid by those that work */
};
void yield_die_cost(const struct yield_process *p, double mm2, struct yield_die_cost *out);

/* What a package adds to its dies. */
struct yield_assembly {
    struct yield_process interposer; /* wafer_usd 0: none, dies lie on the substrate */
    double interposer_factor;        /* interposer area over that of the dies and stacks on it */
    double substrate_usd_mm2;        /* of organic substrate */
    double substrate_factor;         /* substrate area over that of what lies on it */
    double die_bump_usd_mm2;         /* bumps under dies */
    double interposer_bump_usd_mm2;  /* bumps under the interposer */
    double die_bond_yield;           /* of bonding one die or stack */
    double substrate_bond_yield;     /* of bonding an interposer to the substrate */
};

extern const struct cfg_schema yield_assembly_schema; /* a sub-group `interposer` may stand */

FALLIBLE bool yield_assembly_read(const struct cfg_group *g, struct yield_assembly *out,
                                  struct diag *d);

/* Parts that are bonded side by side: dies and memory stacks. */
struct yield_part {
    double mm2, good_usd;
    int64_t count;
};

struct yield_package_cost {
    double parts_usd; /* known good dies and stacks, with their bumps */
    double interposer_usd, substrate_usd;
    double yield;       /* that all bonds hold, of what was good before */
    double wasted_usd;  /* lost with assemblies that fail */
    double package_usd; /* all of it, per package that works */
};
/* Chip last: known good parts are bonded one by one to an interposer, and that to the substrate; an
 * assembly that fails is lost with all in it.  The source's formulas for what is lost when. */
void yield_package_cost(const struct yield_assembly *a, const struct yield_part *parts,
                        size_t count, struct yield_package_cost *out);

/* Probability that at most `spares` of `cores` (spares among them) fail, each with `core_yield`. */
double yield_segment(int64_t cores, int64_t spares, double core_yield);

/* A wafer whose every segment must be whole and whose `seams` between fields must all be joined,
 * each with `seam_yield`. */
double yield_wafer(double segments, int64_t cores, int64_t spares, double core_yield, double seams,
                   double seam_yield);

#ifdef __cplusplus
}
#endif
#endif
