/* closed_form.h — published chips whose rate follows from their structure in one line.
 *
 * Answers: throughput, latency and energy of Colonnade (H. Kim et al., JSSC 2021), the rate of a
 * NeuRRAM chip (Wan et al., Nature 608, 2022) at any precision they run, and the rates of three
 * charge-domain macros (Jia, Sinangil, Wang) over their supplies.  They cross-check the
 * general kinds and stand in validation tables; no system is built from them.  Not for other
 * chips: the stage times and the energy constants are these chips' own. */
#ifndef CIMARRON_CLOSED_FORM_H
#define CIMARRON_CLOSED_FORM_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Colonnade: 128 x 128 bit cells with an adder each; a weight of w bits takes w + 7 columns, a
 * pipeline stage 0.4 ns x (w + 7 + rows per register + 2) at 0.8 V.  Bits 1 .. 16; registers per
 * column 1, 2, 4, 8 or 16. */
double colonnade_gops(int input_bits, int weight_bits, int registers);
double colonnade_latency_us(int input_bits, int weight_bits, int registers); /* unpipelined */

/* fJ per MAC at 0.6, 0.7 or 0.8 V: one energy per array cycle and supply (37.7, 94.0, 147.8 pJ),
 * measured; 0 at another supply. */
double colonnade_fj_per_mac(double vdd_v, int input_bits, int weight_bits);

/* NeuRRAM, 48 cores of 256 x 256 cells: 0.27 us an integration, 2^n - 1 of them for n magnitude
 * bits, 0.3 us a converter step and a phase.  Two phases split the magnitude bits of inputs over
 * four bits and convert twice.  input_bits 1 .. 8, output_bits 2 .. 10. */
double neurram_tops(int input_bits, int output_bits, bool two_phase);

/* Jia et al., JSSC 2020: 2304 x 256 one-bit products in 54 cycles of 25 ns at 0.85 V a step, as
 * supply^-2.66; one input bit a step.  TOPS/W of one step from the energies of Table I, measured at
 * 0.85 and 1.2 V (converter and array, no datapath); 0 at another supply. */
double jia_tops(double vdd_v, int input_bits);
double jia_tops_per_w(double vdd_v);

/* Sinangil et al., JSSC 2021: 64 x 16 products of 4 bits in 5.5 ns at 0.8 V, of which 40 % goes as
 * supply^-2.75. */
double sinangil_tops(double vdd_v);

/* Wang et al., JSSC 2023: 64 x 16 products of 8 bits in 6.9 ns at 0.7 V, as supply^-1.1. */
double wang_tops(double vdd_v);

#ifdef __cplusplus
}
#endif
#endif
