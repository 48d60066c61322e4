#include "core/cim/mac_array.h"

#include <math.h>

#include "core/base/units.h"
#include "core/tech/mac_prices.h"
#include "core/tech/node.h"

static const double int_mac_pj[MAC_WIDTHS] = {MAC_INT4_PJ, MAC_INT8_PJ, MAC_INT16_PJ};
static const double float_multiply_pj[MAC_WIDTHS] = {MUL_FP4_PJ, MUL_FP8_PJ, MUL_FP16_PJ};
#define PRICE_SPREAD 0.4 /* chips predicted blind by this law: a factor 1.52 */

const int mac_widths[MAC_WIDTHS] = {4, 8, 16};

int mac_array_widest(const struct mac_array *x)
{
    for (int i = MAC_WIDTHS - 1; i > 0; i--)
        if (x->formats[i].number != MAC_NONE)
            return i;
    return 0;
}

/* The narrowest format that holds `bits`, or the widest, in slices. */
static int format_for(const struct mac_array *x, int bits)
{
    for (int i = 0; i < MAC_WIDTHS; i++)
        if (x->formats[i].number != MAC_NONE && mac_widths[i] >= bits)
            return i;
    return mac_array_widest(x);
}

/* Counts of one job. */
struct work {
    int format;
    double passes; /* slices of the inputs x slices of the weights */
    double macs;   /* of all passes */
    double cycles;
    double input_bytes, weight_bytes, sum_bytes; /* read; read; read and written */
    double activity;                             /* 1: random dense operands */
};

/* Cycles for which a cell keeps a weight: of a lot shorter than the engine could hold, when the
 * tiles take turns. */
static double held_cycles(const struct mac_array *x, const struct array_job *job, int64_t tiles)
{
    bool is_short = job->vectors > 0 && job->vectors < x->hold_cycles;
    return (double)(is_short && tiles > 1 ? job->vectors : x->hold_cycles);
}

static struct work work_of(const struct mac_array *x, const struct array_job *job)
{
    struct work w;
    int widest_bits = job->input_bits > job->weight_bits ? job->input_bits : job->weight_bits;
    w.format = format_for(x, widest_bits);
    int64_t width = mac_widths[w.format];
    int64_t input_slices = ceil_div(job->input_bits, width);
    int64_t weight_slices = ceil_div(job->weight_bits, width);
    double rows = (double)job->rows, outputs = (double)job->outputs;
    int64_t row_tiles = ceil_div(job->rows, x->engine_rows * x->formats[w.format].macs);
    int64_t column_tiles = ceil_div(job->outputs, x->engine_columns);
    int64_t rounds = ceil_div(column_tiles, x->engines);
    w.passes = (double)(input_slices * weight_slices);
    w.macs = rows * outputs * w.passes;
    double hold = held_cycles(x, job, row_tiles * rounds * input_slices * weight_slices);
    w.cycles = (double)(row_tiles * rounds) * w.passes * fmax(1, (double)x->load_cycles / hold);
    w.input_bytes = rows * (double)column_tiles * (double)(job->input_bits * weight_slices) / 8;
    w.weight_bytes = rows * outputs * (double)(job->weight_bits * input_slices) / 8 / hold;
    w.sum_bytes = 2 * outputs * (double)row_tiles * w.passes * (double)x->accumulator_bits / 8;
    w.activity = 4 * job->input.bit_toggle * job->weight.bit_density;
    return w;
}

/* --- prices ---------------------------------------------------------------------------------- */

static double supply_factor(const struct mac_array *x)
{
    return x->vdd_v * x->vdd_v / (MAC_PRICE_V * MAC_PRICE_V);
}

static double logic_factor(const struct mac_array *x)
{
    return pow(x->node_nm / MAC_PRICE_NM, MAC_NODE_EXPONENT) * supply_factor(x);
}

static double cycle_ps(const struct mac_array *x)
{
    bool same = x->vdd_v == x->reference_vdd_v;
    return mhz_to_ps(x->clock_mhz) * (same ? 1 : node_alpha_power(x->vdd_v, x->reference_vdd_v));
}

static double mac_pj(const struct mac_array *x, int format)
{
    int number = x->formats[format].number;
    if (number == MAC_INT)
        return int_mac_pj[format];
    bool is_bfloat16 = number == MAC_BFLOAT && mac_widths[format] == 16;
    bool is_fused = x->engine == MAC_DOT_PRODUCT && x->engine_rows * x->formats[format].macs > 1;
    double multiply = is_bfloat16 ? MUL_BF16_PJ : float_multiply_pj[format];
    return multiply + ADD_FP32_PJ * (is_fused ? 0.5 : 1);
}

static double memory_pj_per_byte(double bytes)
{
    return MEMORY_PJ_PER_BYTE * pow(bytes / (MEMORY_KB * 1024), MEMORY_EXPONENT);
}

static double buffer_bytes(const struct mac_array *x)
{
    return (double)(x->buffer_bytes > 0 ? x->buffer_bytes : x->store_bytes);
}

static struct quantity recalled(double pj)
{
    return quantity_of(pj, FROM_RECALLED, PRICE_SPREAD);
}

static struct quantity assumed(double pj)
{
    return quantity_of(pj, FROM_ASSUMED, PRICE_SPREAD);
}

static void add_cells(const struct mac_array *x, const struct work *w, struct cost *out)
{
    double f = logic_factor(x), flipflop_pj = f * PJ_PER_FJ * FLIPFLOP_FJ;
    double per_cell = mac_array_flipflops(x);
    double busy = w->macs / (double)x->formats[w->format].macs;
    cost_add(out, PART_ARRAY_MULTIPLIER, "mac", w->macs,
             recalled(f * w->activity * mac_pj(x, w->format)));
    /* All cells are clocked, those in use also change their values. */
    cost_add(out, PART_ARRAY_REGISTER, "clock", w->cycles * mac_array_cells(x) * per_cell,
             assumed(0.5 * flipflop_pj));
    cost_add(out, PART_ARRAY_REGISTER, "data", busy * per_cell,
             assumed(0.5 * w->activity * flipflop_pj));
}

static struct quantity store_price(const struct mac_array *x, double activity)
{
    double v = x->vdd_v / x->reference_vdd_v;
    if (!cell_is_volatile(&x->cell))
        return quantity_scaled(x->store_read.energy_pj, v * v);
    return recalled(activity * logic_factor(x) * memory_pj_per_byte((double)x->store_bytes));
}

static void add_memories(const struct mac_array *x, const struct work *w, struct cost *out)
{
    double activity = 0.6 + 0.4 * w->activity;
    double byte_pj = activity * logic_factor(x) * memory_pj_per_byte(buffer_bytes(x));
    double mm = x->wire_mm > 0 ? x->wire_mm : mac_array_side_mm(x) / 2;
    cost_add(out, PART_ARRAY_CELLS, "read", w->weight_bytes, store_price(x, activity));
    cost_add(out, PART_BUFFER, "input", w->input_bytes, recalled(byte_pj));
    cost_add(out, PART_BUFFER, "sum", w->sum_bytes, recalled(byte_pj));
    cost_add(out, PART_ARRAY_DRIVER, "wire", 8 * (w->input_bytes + w->weight_bytes),
             assumed(activity * WIRE_PJ_PER_BIT_MM * mm * supply_factor(x)));
}

static void add_clock(const struct mac_array *x, const struct work *w, struct cost *out)
{
    struct array_facts f = {0};
    mac_array_sum_parts(x, &f);
    double tree = CLOCK_W_PER_MM2_GHZ_V2 * 1e3 * f.area_um2 / UM2_PER_MM2 * x->vdd_v * x->vdd_v *
                  pow(MAC_PRICE_NM / x->node_nm, CLOCK_EXPONENT);
    double v = x->vdd_v / x->reference_vdd_v;
    cost_add(out, PART_ARRAY_CONTROL, "clock", w->cycles, assumed(tree));
    cost_add(out, PART_ARRAY_CONTROL, "cycle", w->cycles,
             quantity_scaled(x->control.energy_pj, v * v));
}

static void mac_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct mac_array *x = (const struct mac_array *)base;
    struct work w = work_of(x, job);
    cost_clear(out);
    out->duration_ps = w.cycles * cycle_ps(x);
    add_cells(x, &w, out);
    add_memories(x, &w, out);
    add_clock(x, &w, out);
}

static void mac_write(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct mac_array *x = (const struct mac_array *)base;
    double bits = (double)job->rows * (double)job->outputs * job->weight_bits;
    double words = ceil(bits / 8 / (double)x->write_bytes);
    double pulse_ps = x->cell.write_pulse_ns * x->cell.write_pulses * PS_PER_NS;
    cost_clear(out);
    out->duration_ps = words * fmax(cycle_ps(x), pulse_ps);
    if (cell_is_volatile(&x->cell))
        cost_add(out, PART_ARRAY_WRITE, "write", bits / 8, store_price(x, 1));
    else
        cost_add(out, PART_ARRAY_WRITE, "write", ceil(bits / (double)x->cell.bits),
                 x->cell.write_pj);
}

static double mac_latency_ps(const struct array *base, const struct array_job *job)
{
    const struct mac_array *x = (const struct mac_array *)base;
    struct work w = work_of(x, job);
    return (w.cycles + (double)x->pipeline_stages - 1) * cycle_ps(x);
}

/* What the store holds, in whole rounds of the engines where it holds more than one. */
static int64_t mac_outputs(const struct array *base, int weight_bits)
{
    const struct mac_array *x = (const struct mac_array *)base;
    int64_t held = x->store_bytes * 8 / (x->rows * weight_bits);
    int64_t round = x->engine_columns * x->engines;
    return held > round ? held - held % round : held;
}

static bool fit(const struct mac_array *x, int64_t most, int *bits)
{
    if (*bits > most)
        return false;
    *bits = array_whole_bits(*bits, mac_widths[format_for(x, *bits)], most);
    return true;
}

static bool mac_precision(const struct array *base, int *input_bits, int *weight_bits)
{
    const struct mac_array *x = (const struct mac_array *)base;
    return fit(x, x->max_input_bits, input_bits) && fit(x, x->max_weight_bits, weight_bits);
}

static bool mac_at_vdd(struct arena *a, const struct array *base, double vdd_v, struct array **out,
                       struct diag *d)
{
    const struct mac_array *x = (const struct mac_array *)base;
    double lowest = NODE_THRESHOLD_V + 0.1, highest = 1.6 * x->reference_vdd_v;
    if (!(vdd_v >= lowest && vdd_v <= highest))
        return diag_input(d, NULL, 0, "a supply of %g V is outside %g to %g V of this array", vdd_v,
                          lowest, highest);
    struct mac_array *copy = ARENA_NEW(a, struct mac_array);
    *copy = *x;
    copy->vdd_v = vdd_v;
    *out = &copy->base;
    return true;
}

/* --- facts ----------------------------------------------------------------------------------- */

static void mac_facts(const struct array *base, struct array_facts *out)
{
    const struct mac_array *x = (const struct mac_array *)base;
    bool is_volatile = cell_is_volatile(&x->cell);
    *out = (struct array_facts){.rows = x->rows,
                                .columns = x->store_bytes * 8 / x->rows,
                                .input_bits = (int)x->input_bits,
                                .weight_bits = (int)x->weight_bits,
                                .node_nm = x->node_nm,
                                .vdd_v = x->vdd_v,
                                .is_volatile = is_volatile,
                                .endurance = x->cell.endurance,
                                .writes_while_computing = x->writes_while_computing,
                                .double_buffered = x->writes_while_computing,
                                .signed_inputs = true,
                                .dynamic_operands = is_volatile};
    mac_array_sum_parts(x, out);
}

/* --- on numbers ------------------------------------------------------------------------------ */

static void mac_compute(const struct array *base, const struct array_job *job, const int32_t *in,
                        const int32_t *w, double *y, uint64_t seed, bool ideal)
{
    (void)base, (void)seed, (void)ideal; /* integer sums are exact */
    for (int64_t o = 0; o < job->outputs; o++) {
        int64_t sum = 0;
        for (int64_t i = 0; i < job->rows; i++)
            sum += (int64_t)in[i] * w[i * job->outputs + o];
        y[o] = (double)sum;
    }
}

const struct array_ops array_mac_array_ops = {
    .kind = "mac_array",
    .help = "systolic or dot-product engines beside the memory of their weights",
    .schema = &mac_array_schema,
    .open = mac_array_open,
    .facts = mac_facts,
    .precision = mac_precision,
    .outputs = mac_outputs,
    .mvm = mac_mvm,
    .write = mac_write,
    .compute = mac_compute,
    .latency_ps = mac_latency_ps,
    .at_vdd = mac_at_vdd,
};
