/* Area and time laws of the families.
 *
 * Cores of SRAM arrays by their transistors or bits and the area ratio of Stillmaker and Baas to
 * 28 nm; resistive cores by cells and the node, which says little: what stands around few cells is
 * most of them.  The step of a digital array is a delay at 28 nm and 0.9 V, as the root of the node
 * and by the alpha-power law of the supply (core/tech/node.h).  Analog and resistive cycles are not
 * predicted: no law comes within a factor three, they are structure. A-priori constants: a 6T cell
 * at 28 nm is 0.12 um2 and dense logic three times that per transistor pair (assumed); a resistive
 * cell with its decoders 1 um2 (assumed); twenty gate delays of 0.15 ns (core/tech/gates.h, assumed
 * depth). */
#include "core/fit/laws.h"
#include "core/tech/node.h"

static double area_ratio(const struct family_facts *f)
{
    return node_area_factor(FAMILY_NM, f->node_nm);
}

static const struct fit_constant analog_constants[] = {
    {"transistor_um2", "um2", "per transistor of a cell, a capacitor counted as two", 0.1},
};

static double analog_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    return k[0] * f->transistors * f->bits * area_ratio(f);
}

const struct fit_family fit_family_analog_area = {
    .name = "analog_area",
    .help = "area of an analog SRAM core",
    .form = "transistor_um2 t bits A(node)/A(28 nm)",
    .unit = "um2",
    .of = FAMILY_ANALOG_SRAM,
    .law = {analog_constants, COUNT_OF(analog_constants), analog_value, NULL,
            sizeof(struct family_facts)},
    .published = law_area_um2,
    .per_chip = true,
};

static const struct fit_constant digital_constants[] = {
    {"bit_um2", "um2", "per stored bit, with its share of multiplier and tree", 2.0},
};

static double digital_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    return k[0] * f->bits * area_ratio(f);
}

const struct fit_family fit_family_digital_area = {
    .name = "digital_area",
    .help = "area of a digital core",
    .form = "bit_um2 bits A(node)/A(28 nm)",
    .unit = "um2",
    .of = FAMILY_DIGITAL,
    .law = {digital_constants, COUNT_OF(digital_constants), digital_value, NULL,
            sizeof(struct family_facts)},
    .published = law_area_um2,
    .per_chip = true,
};

static const struct fit_constant resistive_constants[] = {
    {"bit_um2", "um2", "per cell, with its share of decoders, drivers and converters", 1.0},
};

static double resistive_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    return k[0] * f->bits * law_node(f);
}

const struct fit_family fit_family_resistive_area = {
    .name = "resistive_area",
    .help = "area of a resistive core",
    .form = "bit_um2 bits s",
    .unit = "um2",
    .of = FAMILY_RESISTIVE,
    .law = {resistive_constants, COUNT_OF(resistive_constants), resistive_value, NULL,
            sizeof(struct family_facts)},
    .published = law_area_um2,
    .per_chip = true,
};

static const struct fit_constant step_constants[] = {
    {"step_ns", "ns", "of one input bit at 28 nm and 0.9 V", 3.0},
};

#define STEP_V 0.9

static double step_value(const double *k, const void *facts)
{
    const struct family_facts *f = facts;
    if (!(f->vdd_v > NODE_THRESHOLD_V))
        return NAN;
    return k[0] * sqrt(law_node(f)) * node_alpha_power(f->vdd_v, STEP_V);
}

static double step_ns(const struct benchmark_row *b)
{
    return b->step_ns;
}

const struct fit_family fit_family_digital_step = {
    .name = "digital_step",
    .help = "cycle of a digital array per input bit",
    .form = "step_ns sqrt(s) alpha(V)",
    .unit = "ns",
    .of = FAMILY_DIGITAL,
    .law = {step_constants, COUNT_OF(step_constants), step_value, NULL,
            sizeof(struct family_facts)},
    .published = step_ns,
};
