/* The structural facts of arrays that laws of families need. */
#include "core/cim/family.h"

#include <math.h>

#include "core/base/units.h"
#include "core/cim/analog.h"
#include "core/cim/digital.h"
#include "core/tech/adc.h"

const char *const array_family_words[] = {"none", "analog_sram", "resistive", "digital", NULL};

/* Transistors of a cell, a capacitor counted as two; NAN for cells that are not SRAM. */
static double transistors_of(const struct cell *c)
{
    switch (c->kind) {
    case CELL_SRAM6T:
        return 6;
    case CELL_SRAM8T:
        return 8;
    case CELL_SRAM10T1C:
    case CELL_SRAM12T:
        return 12;
    default:
        return NAN;
    }
}

/* Laws of resistive cells were fitted on RRAM and hold for PCM; MRAM and transistors differ. */
static enum array_family family_of(const struct cell *c)
{
    if (!cell_is_resistive(c))
        return FAMILY_ANALOG_SRAM;
    return c->kind == CELL_RRAM || c->kind == CELL_PCM ? FAMILY_RESISTIVE : FAMILY_NONE;
}

/* Single-slope converters count through their levels: they are no class of the laws. */
void analog_family(const struct array *base, const struct array_job *job, struct family_facts *out)
{
    const struct analog *x = (const struct analog *)base;
    struct analog_counts n = analog_count(x, job);
    double columns = n.columns / n.conversions; /* of one conversion */
    if (cell_is_resistive(&x->cell) && x->encoding == ANALOG_DIFFERENTIAL)
        columns /= 2; /* a pair counts once, as in the data: its other cell is off */
    double active = fmin((double)job->rows, (double)x->active_rows);
    double converted = n.columns / n.conversions * (double)x->columns_per_adc;
    *out = (struct family_facts){
        .family = x->adc_kind == ADC_SLOPE ? FAMILY_NONE : family_of(&x->cell),
        .node_nm = x->node_nm,
        .vdd_v = x->vdd_v,
        .cells = active * columns,
        .idle_cells = ((double)x->rows - active) * columns,
        .adc_bits = (double)x->adc_bits,
        .sense = x->adc_kind == ADC_SENSE || x->adc_kind == ADC_TIME,
        .static_current = x->activity == ANALOG_FAMILY_CURRENT,
        .cycle_ns = n.step_ps / n.passes / PS_PER_NS,
        .tree_bits = NAN,
        .bits = (double)(x->rows * x->columns * x->cell.bits),
        .transistors = transistors_of(&x->cell),
        .adcs = floor((double)x->columns / converted),
        .ops = 2.0 * (double)job->rows * (double)job->outputs,
        .events = n.conversions * n.steps * n.groups,
        .prices_by_family = analog_is_family(x) && !x->given[ANALOG_CELL_READ],
    };
}

/* Chains of adders and carry-save cells are no trees: they have no family here. */
void digital_family(const struct array *base, const struct array_job *job, struct family_facts *out)
{
    const struct digital *x = (const struct digital *)base;
    double macs = (double)job->rows * (double)job->outputs;
    *out = (struct family_facts){
        .family = x->accumulation == DIGITAL_TREE ? FAMILY_DIGITAL : FAMILY_NONE,
        .node_nm = x->node_nm,
        .vdd_v = x->vdd_v,
        .cycle_ns = x->cycle_ns > 0 ? x->cycle_ns : NAN,
        .tree_bits = (double)x->tree_bits,
        .bits = (double)(x->rows * x->columns * x->cell.bits),
        .transistors = transistors_of(&x->cell),
        .ops = 2 * macs,
        .events = macs * job->input_bits * job->weight_bits,
    };
}
