/* Area and leakage of an analog array, part by part.  A family's constant holds its logic's
 * leakage. */

#include "core/base/units.h"
#include "core/cim/analog.h"
#include "core/tech/gates.h"

static double derived_area(const struct analog *x, enum analog_component c)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    struct adc adc = analog_adc(x);
    struct dac dac = analog_dac(x);
    switch (c) {
    case ANALOG_ADC:
        return adc_area_um2(&adc);
    case ANALOG_DAC:
        return dac_area_um2(&dac);
    case ANALOG_SHIFT_ADD:
        return analog_accumulator_bits(x) * (g.full_adder_um2 + g.flipflop_um2);
    case ANALOG_INPUT_REGISTER:
        return (double)x->dac_bits * g.flipflop_um2;
    case ANALOG_CELL_READ:
        return cell_area_at(&x->cell, x->node_nm);
    default:
        return 0;
    }
}

static void add_component(const struct analog *x, struct array_facts *f, enum analog_component c,
                          enum part part, double instances)
{
    double area = x->given[c] ? x->components[c].area_um2 : derived_area(x, c);
    double leakage = x->components[c].leakage_mw.value;
    bool is_logic = c == ANALOG_SHIFT_ADD || c == ANALOG_INPUT_REGISTER;
    if (!x->given[c] && is_logic && !analog_is_family(x))
        leakage = area / UM2_PER_MM2 * gates_at(x->node_nm, x->vdd_v).leakage_mw_per_mm2;
    if (c == ANALOG_CELL_READ)
        leakage += 1e-6 * x->cell.leakage_nw.value;
    array_add_part(f, part, instances * area, instances * leakage * x->vdd_v / x->reference_vdd_v);
}

static void sum_parts(const struct analog *x, struct array_facts *f)
{
    double columns = (double)x->columns, rows = (double)x->rows;
    double adcs = columns / (double)(analog_columns_per_slice(x) * x->columns_per_adc);
    f->leakage_mw = quantity_of(0, FROM_ASSUMED, 0.5);
    add_component(x, f, ANALOG_CELL_READ, PART_ARRAY_CELLS, rows * columns);
    add_component(x, f, ANALOG_DAC, PART_ARRAY_DAC, rows);
    add_component(x, f, ANALOG_SAMPLE_HOLD, PART_ARRAY_SAMPLE, columns);
    add_component(x, f, ANALOG_ADC, PART_ARRAY_ADC, adcs);
    add_component(x, f, ANALOG_SHIFT_ADD, PART_ARRAY_SHIFT_ADD, adcs);
    add_component(x, f, ANALOG_INPUT_REGISTER, PART_ARRAY_REGISTER, rows);
    add_component(x, f, ANALOG_OUTPUT_REGISTER, PART_ARRAY_REGISTER, columns);
    add_component(x, f, ANALOG_CONTROL, PART_ARRAY_CONTROL, 1);
    add_component(x, f, ANALOG_DATAPATH, PART_VECTOR, adcs);
}

void analog_facts(const struct array *base, struct array_facts *out)
{
    const struct analog *x = (const struct analog *)base;
    *out = (struct array_facts){.rows = x->rows,
                                .columns = x->columns,
                                .input_bits = (int)x->input_bits,
                                .weight_bits = (int)x->weight_bits,
                                .node_nm = x->node_nm,
                                .vdd_v = x->vdd_v,
                                .is_volatile = cell_is_volatile(&x->cell),
                                .endurance = x->cell.endurance,
                                .writes_while_computing = x->writes_while_computing,
                                .double_buffered = x->writes_while_computing,
                                .signed_inputs = x->signed_inputs};
    sum_parts(x, out);
}
