#include "core/cim/neuron.h"

#include <math.h>

#include "core/base/units.h"
#include "core/tech/adc.h"
#include "core/tech/dac.h"
#include "core/tech/gates.h"
#include "core/tech/node.h"

/* --- opening --------------------------------------------------------------------------------- */

static const char *const component_keys[NEURON_COMPONENTS + 1] = {
    "sample", "integrate", "convert", "shift_add", "driver", "control", NULL};

static const char *const groups[] = {"cell",      "sample", "integrate", "convert",
                                     "shift_add", "driver", "control",   NULL};

#define NUMBER(key, type, unit, lo, hi, fallback, help)                                            \
    {                                                                                              \
#key, type, offsetof(struct neuron, key), unit, lo, hi, fallback, NULL, help               \
    }

static const struct cfg_field fields[] = {
    NUMBER(kind, CFG_TEXT, "", 0, 0, NULL, "the array style"),
    NUMBER(rows, CFG_INT, "", 1, 4096, NULL, "rows of weights, each a pair of cells"),
    NUMBER(columns, CFG_INT, "", 1, 65536, NULL, "columns, each with a neuron"),
    NUMBER(input_bits, CFG_INT, "bits", 1, 12, NULL, "native inputs, signed; one bit: a magnitude"),
    NUMBER(max_input_bits, CFG_INT, "bits", 0, 12, "0", "widest input; 0: the native one"),
    NUMBER(output_bits, CFG_INT, "bits", 2, 16, NULL, "steps of a conversion in one phase"),
    NUMBER(phase_bits, CFG_INT, "bits", 1, 12, "12",
           "magnitude bits beyond which a product takes two phases"),
    NUMBER(integrate_ns, CFG_REAL, "ns", 1e-3, 1e6, NULL, "one integration of a sample"),
    NUMBER(convert_ns, CFG_REAL, "ns", 1e-3, 1e6, NULL, "one step of a conversion"),
    NUMBER(phase_ns, CFG_REAL, "ns", 0, 1e6, "0", "sampling and start of a phase"),
    NUMBER(settle_ns, CFG_REAL, "ns", 1e-3, 1e6, NULL, "how long cells conduct for a sample"),
    NUMBER(node_nm, CFG_REAL, "nm", NODE_MIN_NM, NODE_MAX_NM, NULL, "process node"),
    NUMBER(vdd_v, CFG_REAL, "V", 0.4, 5, NULL, "supply of word lines and neurons"),
    NUMBER(word_line_ff, CFG_REAL, "fF", 0, 1e6, NULL, "a word line with its driver"),
    NUMBER(bit_line_ff, CFG_REAL, "fF", 0, 1e6, NULL, "a row line with its driver"),
    NUMBER(range, CFG_REAL, "", 1e-3, 1, "1", "largest sum converted, of the largest possible"),
};

const struct cfg_schema neuron_schema = {"voltage-mode array with integrating neurons",
                                         "pairs of resistive cells, sampled and integrated bit by "
                                         "bit, one conversion a phase",
                                         fields,
                                         COUNT_OF(fields),
                                         groups,
                                         NULL};

#define CAPACITOR_FF 10.0 /* of a sample, and of an integration: assumed */

static double capacitor_pj(const struct neuron *x)
{
    return PJ_PER_FJ * CAPACITOR_FF * x->vdd_v * x->vdd_v;
}

/* What nobody priced, of one instance. */
static struct component derived(const struct neuron *x, enum neuron_component c)
{
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    struct adc step = {.kind = ADC_SENSE, .bits = 1, .nm = x->node_nm, .vdd_v = x->vdd_v};
    struct adc whole = {.kind = ADC_SENSE, .bits = (int)x->output_bits, .nm = x->node_nm};
    struct dac pulse = {.kind = DAC_PULSE, .bits = 1, .nm = x->node_nm, .vdd_v = x->vdd_v};
    double bits = (double)(x->output_bits + x->max_input_bits);
    switch (c) {
    case NEURON_SAMPLE:
    case NEURON_INTEGRATE:
        return (struct component){.energy_pj = quantity_of(capacitor_pj(x), FROM_ASSUMED, 1.0)};
    case NEURON_CONVERT:
        return (struct component){
            .energy_pj = quantity_of(adc_energy_pj(&step), FROM_SOURCE, adc_spread(step.kind)),
            .area_um2 = adc_area_um2(&whole)};
    case NEURON_SHIFT_ADD:
        return (struct component){
            .energy_pj = quantity_of(PJ_PER_FJ * (g.flipflop_fj + 0.5 * g.full_adder_fj),
                                     FROM_SOURCE, GATES_SPREAD),
            .area_um2 = bits * (g.full_adder_um2 + g.flipflop_um2)};
    case NEURON_DRIVER:
        return (struct component){.area_um2 = dac_area_um2(&pulse)};
    default:
        return (struct component){0};
    }
}

static bool neuron_open(struct arena *a, const struct cfg_group *g, struct array **out,
                        struct diag *d)
{
    struct neuron *x = ARENA_NEW(a, struct neuron);
    const struct cfg_group *cell;
    TRY(cfg_read(g, &neuron_schema, x, d));
    TRY(cfg_sub(g, "cell", &cell, d));
    TRY(cell_read(cell, &x->cell, d));
    for (int c = 0; c < NEURON_COMPONENTS; c++) {
        TRY(component_sub(g, component_keys[c], &x->components[c], d));
        x->given[c] = cfg_sub_or_null(g, component_keys[c]) != NULL;
    }
    for (int c = 0; c < NEURON_COMPONENTS; c++)
        if (!x->given[c])
            x->components[c] = derived(x, (enum neuron_component)c);
    if (x->max_input_bits == 0)
        x->max_input_bits = x->input_bits;
    if (!cell_is_resistive(&x->cell))
        return cfg_complain(g, "cell", d, "a neuron array needs a cell with conductances");
    if (x->max_input_bits < x->input_bits)
        return cfg_complain(g, "max_input_bits", d, "max_input_bits is below input_bits");
    *out = &x->base;
    return true;
}

/* --- one product ----------------------------------------------------------------------------- */

struct neuron_schedule neuron_schedule(const struct neuron *x, int input_bits)
{
    struct neuron_schedule s = {.magnitude_bits = input_bits > 1 ? input_bits - 1 : 1};
    bool splits = s.magnitude_bits > x->phase_bits;
    s.phases = splits ? 2 : 1;
    s.phase_bits[0] = splits ? (s.magnitude_bits + 1) / 2 : s.magnitude_bits;
    s.phase_bits[1] = s.magnitude_bits - s.phase_bits[0];
    s.integrations = exp2(s.phase_bits[0]) - 1 + exp2(s.phase_bits[1]) - 1;
    s.steps = splits ? 2 * ((double)x->output_bits - 1) : (double)x->output_bits;
    s.ns = x->integrate_ns * s.integrations + x->convert_ns * s.steps + x->phase_ns * s.phases;
    return s;
}

static int weight_bits(const struct neuron *x)
{
    return (int)x->cell.bits + 1;
}

/* A driven row draws V^2 G t through its cells to the settled columns; zeros draw nothing. */
static struct quantity cell_price(const struct neuron *x, const struct array_job *job)
{
    double on = x->cell.g_on_us.value, off = x->cell.g_off_us.value;
    double mean_us = off + (on - off) * job->weight.mean / 2;
    double fj = x->cell.read_v * x->cell.read_v * job->input.bit_density * mean_us * x->settle_ns;
    return quantity_of(PJ_PER_FJ * fj, x->cell.g_on_us.from, x->cell.g_on_us.spread);
}

static void neuron_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct neuron *x = (const struct neuron *)base;
    const struct component *c = x->components;
    struct neuron_schedule s = neuron_schedule(x, job->input_bits);
    double bits = s.magnitude_bits, outputs = (double)job->outputs;
    double lines = 2 * (double)job->rows;
    double word_pj = PJ_PER_FJ * x->word_line_ff * x->vdd_v * x->vdd_v;
    double bit_pj =
        PJ_PER_FJ * x->bit_line_ff * x->cell.read_v * x->cell.read_v * job->input.bit_density;
    cost_clear(out);
    out->duration_ps = s.ns * PS_PER_NS;
    cost_add(out, PART_ARRAY_DRIVER, "word line", bits * outputs,
             quantity_of(word_pj, FROM_SOURCE, 0.2));
    cost_add(out, PART_ARRAY_DAC, "drive", bits * lines, quantity_of(bit_pj, FROM_ASSUMED, 0.5));
    cost_add(out, PART_ARRAY_CELLS, "read", bits * lines * outputs, cell_price(x, job));
    cost_add(out, PART_ARRAY_SAMPLE, "sample", bits * outputs, c[NEURON_SAMPLE].energy_pj);
    cost_add(out, PART_ARRAY_SAMPLE, "integrate", s.integrations * outputs,
             c[NEURON_INTEGRATE].energy_pj);
    cost_add(out, PART_ARRAY_ADC, "step", s.steps * outputs, c[NEURON_CONVERT].energy_pj);
    cost_add(out, PART_ARRAY_SHIFT_ADD, "add", s.steps * outputs, c[NEURON_SHIFT_ADD].energy_pj);
    cost_add(out, PART_ARRAY_CONTROL, "phase", s.phases, c[NEURON_CONTROL].energy_pj);
}

static void neuron_write(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct neuron *x = (const struct neuron *)base;
    double lines = 2 * (double)job->rows;
    cost_clear(out);
    out->duration_ps = lines * x->cell.write_pulses * x->cell.write_pulse_ns * PS_PER_NS;
    cost_add(out, PART_ARRAY_WRITE, "write", lines * (double)job->outputs, x->cell.write_pj);
}

static double neuron_latency_ps(const struct array *base, const struct array_job *job)
{
    return neuron_schedule((const struct neuron *)base, job->input_bits).ns * PS_PER_NS;
}

static int64_t neuron_outputs(const struct array *base, int bits)
{
    (void)bits; /* a weight is one pair of cells */
    return ((const struct neuron *)base)->columns;
}

/* Up to the least that an array takes; false above the most. */
static bool round_up(int *bits, int64_t least, int64_t most)
{
    if (*bits < least)
        *bits = (int)least;
    return *bits <= most;
}

static bool neuron_precision(const struct array *base, int *input_bits, int *bits)
{
    const struct neuron *x = (const struct neuron *)base;
    return round_up(input_bits, 1, x->max_input_bits) &&
           round_up(bits, weight_bits(x), weight_bits(x));
}

/* --- area ------------------------------------------------------------------------------------ */

static void add_part(struct array_facts *f, enum part part, double instances,
                     const struct component *c)
{
    array_add_part(f, part, instances * c->area_um2, instances * c->leakage_mw.value);
}

static void neuron_facts(const struct array *base, struct array_facts *out)
{
    const struct neuron *x = (const struct neuron *)base;
    const struct component *c = x->components;
    double columns = (double)x->columns, lines = 2 * (double)x->rows;
    struct component cell = {.area_um2 = cell_area_at(&x->cell, x->node_nm),
                             .leakage_mw = quantity_scaled(x->cell.leakage_nw, 1e-6)};
    *out = (struct array_facts){.rows = x->rows,
                                .columns = x->columns,
                                .input_bits = (int)x->input_bits,
                                .weight_bits = weight_bits(x),
                                .node_nm = x->node_nm,
                                .vdd_v = x->vdd_v,
                                .is_volatile = false,
                                .endurance = x->cell.endurance,
                                .signed_inputs = x->input_bits > 1};
    out->leakage_mw = quantity_of(0, FROM_ASSUMED, 0.5);
    add_part(out, PART_ARRAY_CELLS, lines * columns, &cell);
    add_part(out, PART_ARRAY_SAMPLE, columns, &c[NEURON_SAMPLE]);
    add_part(out, PART_ARRAY_SAMPLE, columns, &c[NEURON_INTEGRATE]);
    add_part(out, PART_ARRAY_ADC, columns, &c[NEURON_CONVERT]);
    add_part(out, PART_ARRAY_SHIFT_ADD, columns, &c[NEURON_SHIFT_ADD]);
    add_part(out, PART_ARRAY_DRIVER, lines + columns, &c[NEURON_DRIVER]);
    add_part(out, PART_ARRAY_CONTROL, 1, &c[NEURON_CONTROL]);
}

const struct array_ops array_neuron_ops = {
    .kind = "neuron",
    .help = "pairs of resistive cells read by voltage, integrating neurons (NeuRRAM)",
    .schema = &neuron_schema,
    .open = neuron_open,
    .facts = neuron_facts,
    .precision = neuron_precision,
    .outputs = neuron_outputs,
    .mvm = neuron_mvm,
    .write = neuron_write,
    .compute = neuron_compute,
    .latency_ps = neuron_latency_ps,
};
