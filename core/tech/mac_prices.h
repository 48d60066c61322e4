/* mac_prices.h — what multiplying digitally costs at 7 nm and 0.75 V: the one list of these prices.
 *
 * For MAC arrays beside memory (core/cim) and whole digital chips (core/accelerator), which share
 * the terms and scale them by (node / 7 nm)^0.39 and V^2.  Multipliers and adders: N. Jouppi et
 * al., "Ten lessons from three generations shaped Google's TPUv4i", ISCA 2021, table 2 (recalled;
 * int4, int16, fp8, fp4 by scaling).  A memory's byte: the mean of that table and of CACTI 7.
 * Flip-flops, wires, the exponent of the node and the clock tree: assumed. */
#ifndef CIMARRON_MAC_PRICES_H
#define CIMARRON_MAC_PRICES_H

#define MAC_PRICE_NM 7.0
#define MAC_PRICE_V 0.75
#define MAC_NODE_EXPONENT 0.39

#define MAC_INT4_PJ 0.035 /* an integer product with its addition */
#define MAC_INT8_PJ 0.10
#define MAC_INT16_PJ 0.31
#define MUL_FP4_PJ 0.03 /* a floating product ... */
#define MUL_FP8_PJ 0.07
#define MUL_BF16_PJ 0.21
#define MUL_FP16_PJ 0.34
#define MUL_FP32_PJ 1.31
#define ADD_FP32_PJ 0.38 /* ... and its 32-bit addition, of which a fused tree needs half */

#define FLIPFLOP_FJ 3.2         /* per bit and cycle, with its clock */
#define MEMORY_PJ_PER_BYTE 0.32 /* of MEMORY_KB; grows with the capacity to MEMORY_EXPONENT */
#define MEMORY_KB 32.0
#define MEMORY_EXPONENT 0.144
#define WIRE_PJ_PER_BIT_MM 0.10
#define CLOCK_W_PER_MM2_GHZ_V2 0.11 /* clock tree; falls with (7 nm / node)^CLOCK_EXPONENT */
#define CLOCK_EXPONENT 0.6

#endif
