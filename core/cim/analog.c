#include "core/cim/analog.h"

#include <math.h>

#include "core/base/units.h"
#include "core/tech/adc.h"
#include "core/tech/dac.h"
#include "core/tech/gates.h"
#include "core/tech/node.h"
#include "core/tech/wire.h"

#define GATE_FF 0.35   /* an access transistor on a row wire: half a NAND2 input at 28 nm */
#define SAMPLE_FF 10.0 /* a sampling capacitor, assumed */
#define ACCUMULATOR_TOGGLE 0.5

int analog_slice_bits(const struct analog *x)
{
    return (int)(x->cell.bits * x->columns_per_conversion);
}

bool analog_holds_sign(const struct analog *x)
{
    return x->encoding == ANALOG_DIFFERENTIAL || x->encoding == ANALOG_IN_CELL;
}

/* Sign and magnitude: one bit less in each column. */
static int64_t level_bits(const struct analog *x, int64_t weight_bits)
{
    return weight_bits - (analog_holds_sign(x) && weight_bits > 1 ? 1 : 0);
}

/* Slices below the bits that have a cell each. */
static int64_t wide_slices(const struct analog *x, int64_t weight_bits)
{
    int64_t rest = level_bits(x, weight_bits) - x->slc_bits;
    return rest > 0 ? ceil_div(rest, analog_slice_bits(x)) : 0;
}

int64_t analog_slices(const struct analog *x, int64_t weight_bits)
{
    int64_t bits = level_bits(x, weight_bits);
    return wide_slices(x, weight_bits) + (bits < x->slc_bits ? bits : x->slc_bits);
}

int analog_slice_width(const struct analog *x, int64_t weight_bits, int64_t slice)
{
    return slice < wide_slices(x, weight_bits) ? analog_slice_bits(x) : 1;
}

int analog_slice_shift(const struct analog *x, int64_t weight_bits, int64_t slice)
{
    int64_t wide = wide_slices(x, weight_bits), low = slice < wide ? slice : wide;
    return (int)(low * analog_slice_bits(x) + slice - low);
}

int64_t analog_columns_per_slice(const struct analog *x)
{
    return x->columns_per_conversion * (x->encoding == ANALOG_DIFFERENTIAL ? 2 : 1);
}

bool analog_is_family(const struct analog *x)
{
    return x->activity != ANALOG_PRODUCT;
}

double analog_time_factor(const struct analog *x)
{
    return x->vdd_v == x->reference_vdd_v ? 1 : node_alpha_power(x->vdd_v, x->reference_vdd_v);
}

double analog_largest_sum(const struct analog *x)
{
    double sum =
        (double)x->active_rows * (exp2((double)x->dac_bits) - 1) * (exp2(analog_slice_bits(x)) - 1);
    return x->flip_columns ? sum / 2 : sum;
}

struct analog_counts analog_count(const struct analog *x, const struct array_job *job)
{
    struct analog_counts n;
    int64_t slices = analog_slices(x, job->weight_bits);
    int64_t conversions = job->outputs * slices;
    int64_t adcs = x->columns / analog_columns_per_slice(x) / x->columns_per_adc;
    int64_t muxed = ceil_div(conversions, adcs > 0 ? adcs : 1);
    n.steps = (double)ceil_div(job->input_bits, x->dac_bits);
    n.groups = (double)ceil_div(job->rows, x->active_rows);
    n.slices = (double)slices;
    n.conversions = (double)conversions;
    n.columns = (double)(conversions * analog_columns_per_slice(x));
    double read = x->read_ns, convert = x->adc_gsps > 0 ? 1 / x->adc_gsps : 0;
    bool own_read = x->sampling == ANALOG_PER_CONVERSION;
    n.passes = own_read ? (double)muxed : 1;
    double ns =
        own_read ? (double)muxed * fmax(read, convert) : fmax(read, (double)muxed * convert);
    n.step_ps = ns * analog_time_factor(x) * PS_PER_NS;
    return n;
}

double analog_digit_mean(const struct analog *x, const struct array_job *job)
{
    return job->input_bits <= x->dac_bits ? job->input.mean : job->input.bit_density;
}

double analog_digit_mean_square(const struct analog *x, const struct array_job *job)
{
    if (x->dac_bits == 1)
        return job->input.bit_density;
    if (job->input_bits <= x->dac_bits)
        return job->input.mean_square;
    return array_bit_stats(job->input.bit_density, (int)x->dac_bits).mean_square;
}

/* --- prices ---------------------------------------------------------------------------------- */

static double row_capacitance_ff(const struct analog *x)
{
    if (x->row_ff > 0)
        return x->row_ff;
    double pitch = sqrt(cell_area_at(&x->cell, x->node_nm));
    return (double)x->columns * (pitch * WIRE_FF_PER_UM + GATE_FF * fmax(1, x->node_nm / 28));
}

struct adc analog_adc(const struct analog *x)
{
    struct adc c = {.kind = (enum adc_kind)x->adc_kind,
                    .bits = (int)x->adc_bits,
                    .rate_gsps = x->adc_gsps,
                    .nm = x->node_nm,
                    .vdd_v = x->vdd_v};
    return c;
}

struct dac analog_dac(const struct analog *x)
{
    struct dac c = {.kind = (enum dac_kind)x->dac_kind,
                    .bits = (int)x->dac_bits,
                    .row_ff = row_capacitance_ff(x),
                    .unit_ff = x->cell.capacitance_ff.value,
                    .unit_kohm = x->dac_kohm,
                    .ns = x->read_ns * analog_time_factor(x),
                    .nm = x->node_nm,
                    .vdd_v = cell_is_resistive(&x->cell) ? x->cell.read_v : x->vdd_v};
    return c;
}

double analog_accumulator_bits(const struct analog *x)
{
    return (double)(x->adc_bits + x->max_input_bits);
}

static struct quantity derived_price(const struct analog *x, const struct array_job *job,
                                     enum analog_component c)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    struct adc adc = analog_adc(x);
    struct dac dac = analog_dac(x);
    switch (c) {
    case ANALOG_ADC:
        return quantity_of(adc_energy_pj(&adc), FROM_SOURCE, adc_spread(adc.kind));
    case ANALOG_DAC:
        return quantity_of(dac_energy_pj(&dac, job->input.bit_density, analog_digit_mean(x, job)),
                           FROM_ASSUMED, 0.5);
    case ANALOG_SAMPLE_HOLD:
        if (!cell_is_resistive(&x->cell))
            return quantity_of(0, FROM_SOURCE, 0);
        return quantity_of(PJ_PER_FJ * SAMPLE_FF * x->vdd_v * x->vdd_v, FROM_ASSUMED, 0.5);
    case ANALOG_SHIFT_ADD:
        return quantity_of(PJ_PER_FJ * analog_accumulator_bits(x) *
                               (ACCUMULATOR_TOGGLE * g.full_adder_fj + g.flipflop_fj),
                           FROM_SOURCE, GATES_SPREAD);
    case ANALOG_INPUT_REGISTER:
        return quantity_of(PJ_PER_FJ * (double)x->dac_bits * g.flipflop_fj, FROM_SOURCE,
                           GATES_SPREAD);
    default: /* in the shift-add's registers, or not modelled */
        return quantity_of(0, FROM_SOURCE, 0);
    }
}

/* What a family's constant holds already, and must not be priced again. */
static bool in_family(const struct analog *x, const struct array_job *job, enum analog_component c)
{
    if (!analog_is_family(x))
        return false;
    if (cell_is_resistive(&x->cell)) /* the constant is that of whole macros */
        return true;
    bool is_static = x->dac_kind == DAC_RESISTOR_LADDER; /* few macros drive rows so */
    bool recombines = job->input_bits > x->dac_bits || analog_slices(x, job->weight_bits) > 1;
    return (c == ANALOG_DAC && !is_static) || c == ANALOG_SAMPLE_HOLD ||
           c == ANALOG_INPUT_REGISTER || (c == ANALOG_SHIFT_ADD && !recombines);
}

static struct quantity price(const struct analog *x, const struct array_job *job,
                             enum analog_component c)
{
    if (!x->given[c] && in_family(x, job, c))
        return quantity_of(0, FROM_SOURCE, 0);
    if (!x->given[c])
        return derived_price(x, job, c);
    double v = x->vdd_v / x->reference_vdd_v;
    return quantity_scaled(x->components[c].energy_pj, v * v);
}

void analog_mvm(const struct analog *x, const struct array_job *job, struct quantity cell_pj,
                struct cost *out)
{
    struct analog_counts n = analog_count(x, job);
    double rounds = n.steps * n.groups;
    double row_steps = (double)job->rows * n.steps;
    double conversions = n.conversions * rounds;
    cost_clear(out);
    out->duration_ps = rounds * n.step_ps;
    cost_add(out, PART_ARRAY_REGISTER, "input", row_steps, price(x, job, ANALOG_INPUT_REGISTER));
    cost_add(out, PART_ARRAY_DAC, "convert", row_steps * n.passes, price(x, job, ANALOG_DAC));
    cost_add(out, PART_ARRAY_CELLS, "read", row_steps * n.columns,
             x->given[ANALOG_CELL_READ] ? price(x, job, ANALOG_CELL_READ) : cell_pj);
    cost_add(out, PART_ARRAY_SAMPLE, "sample", conversions, price(x, job, ANALOG_SAMPLE_HOLD));
    cost_add(out, PART_ARRAY_ADC, "convert", conversions, price(x, job, ANALOG_ADC));
    cost_add(out, PART_ARRAY_SHIFT_ADD, "add", conversions, price(x, job, ANALOG_SHIFT_ADD));
    cost_add(out, PART_ARRAY_REGISTER, "output", conversions,
             price(x, job, ANALOG_OUTPUT_REGISTER));
    cost_add(out, PART_ARRAY_CONTROL, "step", rounds, price(x, job, ANALOG_CONTROL));
    cost_add(out, PART_VECTOR, "datapath", conversions, price(x, job, ANALOG_DATAPATH));
}

void analog_write(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct analog *x = (const struct analog *)base;
    struct analog_counts n = analog_count(x, job);
    double at_once = x->write_cells > 0 ? (double)x->write_cells : (double)x->columns;
    double pulses = ceil(n.columns / at_once) * x->cell.write_pulses;
    cost_clear(out);
    out->duration_ps = (double)job->rows * pulses * x->cell.write_pulse_ns * PS_PER_NS;
    cost_add(out, PART_ARRAY_WRITE, "write", (double)job->rows * n.columns, x->cell.write_pj);
}

double analog_latency_ps(const struct array *base, const struct array_job *job)
{
    const struct analog *x = (const struct analog *)base;
    struct analog_counts n = analog_count(x, job);
    /* Conversion of a step overlaps the next read where all columns are sampled. */
    double drain = x->sampling == ANALOG_ALL_COLUMNS && x->adc_gsps > 0 ? 1 : 0;
    return (n.steps * n.groups + drain) * n.step_ps;
}

int64_t analog_outputs(const struct array *base, int weight_bits)
{
    const struct analog *x = (const struct analog *)base;
    int64_t slices = analog_slices(x, weight_bits);
    return x->columns / (slices * analog_columns_per_slice(x));
}

bool analog_precision(const struct array *base, int *input_bits, int *weight_bits)
{
    const struct analog *x = (const struct analog *)base;
    if (*input_bits > x->max_input_bits || *weight_bits > x->max_weight_bits)
        return false;
    int64_t slices = analog_slices(x, *weight_bits);
    int held = analog_slice_shift(x, *weight_bits, slices) + (analog_holds_sign(x) ? 1 : 0);
    *input_bits = array_whole_bits(*input_bits, x->dac_bits, x->max_input_bits);
    *weight_bits = array_whole_bits(held, 1, x->max_weight_bits);
    return true;
}

bool analog_at_vdd(struct arena *a, const struct array *base, double vdd_v, struct array **out,
                   struct diag *d)
{
    const struct analog *x = (const struct analog *)base;
    double lowest = NODE_THRESHOLD_V + 0.1, highest = 1.6 * x->reference_vdd_v;
    if (!(vdd_v >= lowest && vdd_v <= highest))
        return diag_input(d, NULL, 0, "a supply of %g V is outside %g to %g V of this array", vdd_v,
                          lowest, highest);
    struct analog *copy = ARENA_NEW(a, struct analog);
    *copy = *x;
    copy->vdd_v = vdd_v;
    *out = &copy->base;
    return true;
}
