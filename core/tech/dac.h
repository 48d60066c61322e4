/* dac.h — what turning an input digit into a voltage, a charge or a pulse train costs.
 *
 * Answers: energy per conversion and area of one row's converter.  A driver switches the row
 * wire (1 bit); capacitive is a SAR-style array of 50 fF per bit; ladder is a C-2C ladder with
 * its node equations, averaged over independent input bits; resistor_ladder is an R-2R ladder with
 * the same equations, that conducts for `ns`; pulse sends as many unit pulses as the value says.
 * Energies are textbook C V^2; the 50 fF is from converters of published CIM macros (ZigZag-IMC),
 * the areas are assumed. */
#ifndef CIMARRON_DAC_H
#define CIMARRON_DAC_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dac_kind { DAC_DRIVER, DAC_CAPACITIVE, DAC_LADDER, DAC_PULSE, DAC_RESISTOR_LADDER };

extern const char *const dac_kind_words[]; /* for a config's choice, NULL-terminated */

struct dac {
    enum dac_kind kind;
    int bits;       /* 1 .. 12; a driver has 1 */
    double row_ff;  /* capacitance of the row wire with its gates */
    double unit_ff; /* ladder: its unit capacitor */
    double unit_kohm,
        ns; /* resistor_ladder: R, whose branches to the bits are 2 R; time it conducts */
    double nm, vdd_v;
};

/* Mean energy of one conversion, pJ.  bit_density: share of ones over the digit's bits;
 * mean: E[value] / largest value. */
double dac_energy_pj(const struct dac *c, double bit_density, double mean);
double dac_area_um2(const struct dac *c);

/* Mean of sum over bits of b_i (1 - V_i / V) of an unloaded ladder of `bits` (1 .. 16) with
 * independent bits of density `d`: times C V^2 (C-2C) or G V^2 t (R-2R) it is the energy drawn. */
double dac_ladder_activity(int bits, double d);

#ifdef __cplusplus
}
#endif
#endif
