/* Energy laws of the families.
 *
 * Analog SRAM: one conversion charges or discharges what its cells hang on, and decides 2^b
 * levels: V^2 [(c m n + d n_idle) sqrt(s) + E_adc], E_adc = k 2^b for SAR and flash, k' b for
 * sense amplifiers, comparators and time-domain readout.  Idle cells load the bit lines that a
 * conversion uses; the term was added because it lowers the error of chips that are left out
 * (1.86 to 1.69, worst 4.6 to 3.2).  k' cannot be told from the data: it stays a priori.
 * Resistive: P n T sqrt(s), a current through each active cell for the published cycle T.
 * Digital: C (1 + 2/p) V^2 per 1-b multiply-accumulate, p weight bits to a tree: the full adders
 * of a tree per product bit, with no node factor from 28 to 4 nm.
 * A-priori constants: unit capacitors of 2 fF and converters of 9.7 and 10.4 fF 2^b V^2 are
 * component figures of Jia et al. (JSSC 55(9), 2020, Table I) and Wang et al. (VLSI 2022);
 * a bit line has 0.25 fF a cell and a cell draws 10 uA for 1 ns (both assumed); a full adder and
 * its registers switch 1.5 fF a bit (28 nm gates, core/tech/gates.h). */
#include "core/fit/laws.h"
#include "core/tech/adc.h"

enum { CELL, CONVERTER, CURRENT, IDLE };

static const struct fit_constant analog_constants[] = {
    [CELL] = {"cell_ff", "fF", "per active cell and conversion", 2.0},
    [CONVERTER] = {"converter_ff", "fF", "times 2^b: SAR and flash", 10.0},
    [CURRENT] = {"static_factor", "", "on cells whose bit lines carry a static current", 5.0},
    [IDLE] = {"idle_ff", "fF", "per idle cell on the bit lines of a conversion", 0.25},
};

static double sense_ff(double bits)
{
    struct adc one = {.kind = ADC_SENSE, .bits = 1, .nm = FAMILY_NM, .vdd_v = 1};
    return 1e3 * adc_energy_pj(&one) * bits;
}

static double analog_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    double cells = k[CELL] * (f->static_current ? k[CURRENT] : 1) * f->cells;
    double idle = k[IDLE] * f->idle_cells;
    double convert = f->sense ? sense_ff(f->adc_bits) : k[CONVERTER] * exp2(f->adc_bits);
    return f->vdd_v * f->vdd_v * ((cells + idle) * sqrt(law_node(f)) + convert);
}

static void analog_relabel(void *facts, const void *other)
{
    struct family_facts *f = facts;
    const struct family_facts *o = other;
    f->sense = o->sense;
    f->static_current = o->static_current;
}

const struct fit_family fit_family_analog_sram = {
    .name = "analog_sram",
    .help = "energy of one conversion of an analog SRAM array",
    .form = "V^2 [(cell_ff static_factor n + idle_ff n_idle) sqrt(s) + converter_ff 2^b | 2.9 b]",
    .unit = "fJ",
    .of = FAMILY_ANALOG_SRAM,
    .law = {analog_constants, COUNT_OF(analog_constants), analog_value, analog_relabel,
            sizeof(struct family_facts)},
    .published = law_event_fj,
    .is_energy = true,
};

static const struct fit_constant resistive_constants[] = {
    {"cell_uw", "uW", "per active cell during the cycle", 2.0},
};

static double resistive_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    return k[0] * f->cells * f->cycle_ns * sqrt(law_node(f));
}

const struct fit_family fit_family_resistive = {
    .name = "resistive",
    .help = "energy of one conversion of an RRAM or PCM array whose cycle is known",
    .form = "cell_uw n T sqrt(s)",
    .unit = "fJ",
    .of = FAMILY_RESISTIVE,
    .law = {resistive_constants, COUNT_OF(resistive_constants), resistive_value, NULL,
            sizeof(struct family_facts)},
    .published = law_event_fj,
    .is_energy = true,
};

static const struct fit_constant untimed_constants[] = {
    {"cell_fj", "fJ", "per active cell and conversion", 30.0},
};

static double untimed_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    return k[0] * f->cells;
}

const struct fit_family fit_family_resistive_untimed = {
    .name = "resistive_untimed",
    .help = "energy of one conversion of an RRAM or PCM array whose cycle is not known",
    .form = "cell_fj n",
    .unit = "fJ",
    .of = FAMILY_RESISTIVE,
    .law = {untimed_constants, COUNT_OF(untimed_constants), untimed_value, NULL,
            sizeof(struct family_facts)},
    .published = law_event_fj,
    .is_energy = true,
};

static const struct fit_constant digital_constants[] = {
    {"adder_ff", "fF", "switched per product bit and full adder", 1.5},
};

static double digital_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    return k[0] * (1 + 2 / f->tree_bits) * f->vdd_v * f->vdd_v;
}

const struct fit_family fit_family_digital = {
    .name = "digital",
    .help = "energy of one 1-b multiply-accumulate of a digital adder-tree array",
    .form = "adder_ff (1 + 2/p) V^2",
    .unit = "fJ",
    .of = FAMILY_DIGITAL,
    .law = {digital_constants, COUNT_OF(digital_constants), digital_value, NULL,
            sizeof(struct family_facts)},
    .published = law_event_fj,
    .is_energy = true,
};
