/* family_fit.h — constants of the families of compute-in-memory arrays, as `cimarron fit` prints
 * them.
 *
 * Answers: what arrays take that price a conversion by the law of their family: fitted on the
 * published macros of configs/study/data/imc_benchmark.csv (UIUC In-Memory-Computing benchmark,
 * Shanbhag and Roy, 2022), docs/MODELS.md, "Families".  tests/fit holds them to the fit: when the
 * data or a law change, these change with them.  A spread is sigma of the logarithm, chips left
 * out one at a time. */
#ifndef CIMARRON_FAMILY_FIT_H
#define CIMARRON_FAMILY_FIT_H

#define FAMILY_FIT_NM 28.0 /* where they hold: capacitances go as the root of the node */

/* Analog SRAM, per conversion. */
#define FAMILY_FIT_CELL_FF 2.294      /* per active cell */
#define FAMILY_FIT_IDLE_FF 0.1695     /* per idle cell on the same bit lines */
#define FAMILY_FIT_STATIC_FACTOR 5.02 /* on active cells whose bit lines carry a current */
#define FAMILY_FIT_CONVERTER_FF 11.0  /* times 2^bits: SAR and flash */
#define FAMILY_FIT_ANALOG_SPREAD 0.624

/* Resistive: per active cell during the cycle, 1 uW x 1 ns = 1 fJ. */
#define FAMILY_FIT_CELL_UW 2.057
#define FAMILY_FIT_RESISTIVE_SPREAD 0.945

#endif
