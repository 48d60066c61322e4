/* gates.h — energy, delay and area of the few gates that in-memory digital logic is made of.
 *
 * Answers: NAND2, XOR2, flip-flop and full adder at a node and supply; adder trees; registers.
 * 28 nm, 0.9 V: NAND2 0.7 fF, 0.614 um2, 47.8 ps; XOR2 1.5 x the capacitance, 2.4 x area and
 * delay; flip-flop 3 x capacitance, 6 x area; full adder 3 NAND2 + 2 XOR2 (unit gates of the
 * ZigZag-IMC model: Sun et al., 2024), but 5.33 NAND2 in area, as a cell of its own is drawn (FA_X1
 * of the Nangate 45 nm open cell library).  One output toggle costs C V^2.  The capacitance is held
 * below 28 nm (published digital macros from 28 to 4 nm show no node factor) and grows linearly
 * with the node above it; delay as the square root of the node and the alpha-power law of the
 * supply; area by node.h.  Glitches, clock trees and long wires are not modelled. */
#ifndef CIMARRON_GATES_H
#define CIMARRON_GATES_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gates {
    double nm, vdd_v;
    double nand_fj, xor_fj, flipflop_fj, full_adder_fj; /* per toggle */
    double nand_um2, xor_um2, flipflop_um2, full_adder_um2;
    double nand_ps, xor_ps;
    double leakage_mw_per_mm2; /* low-power logic, assumed */
};

/* nm within node.h's range, vdd_v above the threshold plus 0.05 V. */
struct gates gates_at(double nm, double vdd_v);

/* The relative standard uncertainty of an energy from these gates: what is left of the digital
 * macros of the UIUC in-memory-computing benchmark (sigma of the logarithm). */
#define GATES_SPREAD 0.32

/* One-bit adders of a tree that sums `inputs` (>= 1) numbers of `bits` bits each:
 * bits (N - 1) + N - 1 - log2 N. */
double adder_tree_adders(double inputs, int bits);
double adder_tree_delay_ps(const struct gates *g, double inputs, int bits);

/* Mean toggle rate over the adders of a tree whose input bits toggle at `toggle` (0..0.5): sum
 * bits of independent inputs tend to 0.5 level by level, adders halve level by level. */
double adder_tree_toggle(double inputs, double toggle);

#ifdef __cplusplus
}
#endif
#endif
