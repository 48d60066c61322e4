/* adc.h — what one analog-to-digital conversion costs when nobody published it.
 *
 * Answers: energy per conversion and area of one converter, by kind.  In-memory kinds (sar,
 * flash, sense) are laws fitted on the published macros of the UIUC in-memory-computing
 * benchmark: totals, so they carry the converter's share of drivers and control.  time is a
 * time-domain converter: the benchmark puts it beside the sense amplifiers.  slope is single-slope
 * conversion by gates: a comparator and a counter that counts through all codes.  survey is the
 * regression of stand-alone converters (Andrulis and Chen on the Murmann ADC survey); in-macro
 * converters lie between 0.32 and 3.6 times it, and it is nearly flat below 6 bits.  No law is
 * known within a factor two: see adc_spread. */
#ifndef CIMARRON_ADC_H
#define CIMARRON_ADC_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum adc_kind {
    ADC_SURVEY, /* the Murmann-survey regression */
    ADC_SAR,    /* k 2^b V^2: family_fit.h */
    ADC_FLASH,  /* the same law */
    ADC_SENSE,  /* sense amplifier, comparator: k' b V^2, k' = 2.9 fF */
    ADC_TIME,   /* time domain: the same law */
    ADC_SLOPE   /* k' V^2 + 2^b counts of two flip-flop toggles each (core/tech/gates.h) */
};

extern const char *const adc_kind_words[]; /* for a config's choice, NULL-terminated */

struct adc {
    enum adc_kind kind;
    int bits;         /* 1 .. 16 */
    double rate_gsps; /* of one converter; read by `survey` alone, > 0 */
    double nm, vdd_v;
};

double adc_energy_pj(const struct adc *c); /* per conversion */
double adc_area_um2(const struct adc *c);
double adc_spread(enum adc_kind kind); /* relative standard uncertainty of the energy */

#ifdef __cplusplus
}
#endif
#endif
