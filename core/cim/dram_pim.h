/* dram_pim.h — multipliers beside the banks of a DRAM: HBM-PIM (Aquabolt-XL), GDDR6-AiM.
 *
 * Answers: peak and sustained rate, actions and capacity of a device whose units all take the
 * same command: one column access of every bank feeds `lanes` multiply-accumulates of its unit.
 * The matrix lies in the banks, outputs dealt over the units, so that a product reads each weight
 * once.  A unit that serves two banks drains the open rows of one after the other.  The rows of
 * all banks are opened by one command, and refresh takes its share of the time.  Loading inputs
 * into the units' registers, reading results and the way to the host are not modelled: a product
 * on the device takes longer by what the host sends.
 *
 * Energy: opening rows, column access up to the unit, multiply-accumulate, standby. */
#ifndef CIMARRON_DRAM_PIM_H
#define CIMARRON_DRAM_PIM_H

#include "core/cim/array.h"
#include "core/tech/component.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dram_pim {
    struct array base;
    const char *kind;
    int64_t channels, units, banks_per_unit, rows, row_bytes, lanes, element_bits;
    double clock_mhz;                    /* of the cycles below */
    double ccd, rcd, rtp, rp, rfc, refi; /* cycles */
    double node_nm, vdd_v, area_mm2;
    struct quantity activate_pj, column_pj_per_bit, background_mw;
    struct component mac;
};

extern const struct cfg_schema dram_pim_schema;

double dram_pim_peak_tops(const struct dram_pim *x); /* a command each tCCD */

/* Cycles from opening the rows of all banks of a unit to the next opening, when `commands`
 * columns of each bank are used. */
double dram_pim_row_cycles(const struct dram_pim *x, double commands);

#ifdef __cplusplus
}
#endif
#endif
