#include "core/tech/adc.h"

#include <assert.h>
#include <math.h>

#include "core/tech/family_fit.h"

#include "core/tech/gates.h"

#define SENSE_FF 2.9
#define AREA_UM2 5.3 /* per 2^bits, not scaled with the node: fitted, sd 0.25 */

const char *const adc_kind_words[] = {"survey", "sar", "flash", "sense", "time", "slope", NULL};

/* Walden's figure at half the survey's optimism, as the regression states it. */
static double survey_energy_pj(const struct adc *c)
{
    double rate_line = 213.7807 - 2.8719 * log(c->rate_gsps * 1e9);
    double foms_db = fmin(rate_line, 128.3068 + 3.22051 * c->bits);
    double sndr_db = 6.0206 * c->bits + 1.7609;
    double node = exp(26.04962 + 1.880037 * log(c->nm) - 2.829126 * log(c->bits) - 1.470202);
    return 0.5 * pow(10, -(foms_db - sndr_db) / 10) * node;
}

double adc_energy_pj(const struct adc *c)
{
    assert(c->bits >= 1 && c->bits <= 16);
    double v2 = c->vdd_v * c->vdd_v;
    switch (c->kind) {
    case ADC_SURVEY:
        return survey_energy_pj(c);
    case ADC_SAR:
    case ADC_FLASH:
        return 1e-3 * FAMILY_FIT_CONVERTER_FF * exp2(c->bits) * v2;
    case ADC_SLOPE: /* a binary counter toggles two bits a count in the mean */
        return 1e-3 * (SENSE_FF * v2 + exp2(c->bits) * 2 * gates_at(c->nm, c->vdd_v).flipflop_fj);
    case ADC_SENSE:
    case ADC_TIME:
        return 1e-3 * SENSE_FF * c->bits * v2;
    }
    assert(false && "an ADC kind of the list");
    return 0;
}

double adc_area_um2(const struct adc *c)
{
    if (c->kind != ADC_SURVEY)
        return AREA_UM2 * exp2(c->bits);
    double energy = survey_energy_pj(c);
    return exp(1.346192 + 0.993279 * log(c->nm) + 0.180715 * log(c->rate_gsps * 1e9) +
               0.299124 * log(energy));
}

double adc_spread(enum adc_kind kind)
{
    return kind == ADC_SURVEY
               ? 1.0
               : FAMILY_FIT_ANALOG_SPREAD; /* sigma of the logarithm, leave one chip out */
}
