#include "core/cim/digital.h"

#include <math.h>

#include "core/base/units.h"
#include "core/tech/node.h"

double digital_weight_columns(const struct digital *x)
{
    return (double)(x->tree_bits + x->guard_columns);
}

double digital_accumulator_bits(const struct digital *x, int64_t input_bits)
{
    return (double)(x->tree_bits + input_bits) + ceil(log2((double)x->rows));
}

double digital_booth_digits(const struct digital *x)
{
    return floor((double)x->step_bits / 2) + (x->signed_inputs ? 0 : 1);
}

double digital_product_bits(const struct digital *x)
{
    if (x->accumulation == DIGITAL_CHAIN)
        return digital_weight_columns(x);
    return (double)(x->tree_bits + x->step_bits - 1);
}

/* A carry ripples through the columns of the weight, its sum down the rows to the register. */
static double chain_delay_ps(const struct digital *x, const struct gates *g)
{
    return digital_weight_columns(x) * 2 * g->nand_ps + (double)x->chain_rows * 2 * g->xor_ps;
}

/* Partial products are summed by a tree of their own. */
static double multiplier_delay_ps(const struct digital *x, const struct gates *g)
{
    if (x->step_bits == 1)
        return g->nand_ps;
    bool booth = x->multiplier == DIGITAL_BOOTH;
    double products = booth ? digital_booth_digits(x) : (double)x->step_bits;
    double recode = booth ? 2 * g->xor_ps : 0;
    return recode + g->nand_ps + ceil(log2(products)) * 2 * g->xor_ps;
}

double digital_cycle_ps(const struct digital *x)
{
    if (x->cycle_ns > 0) {
        bool same = x->vdd_v == x->reference_vdd_v;
        double slower = same ? 1 : node_alpha_power(x->vdd_v, x->reference_vdd_v);
        return x->cycle_ns * PS_PER_NS * slower;
    }
    struct gates g = gates_at(x->node_nm, x->vdd_v);
    if (x->accumulation == DIGITAL_CHAIN)
        return g.nand_ps + chain_delay_ps(x, &g);
    double tree = adder_tree_delay_ps(&g, (double)x->active_rows, (int)digital_product_bits(x));
    double accumulate = digital_accumulator_bits(x, x->input_bits) * 2 * g.nand_ps;
    return (multiplier_delay_ps(x, &g) + tree + accumulate) / (double)x->pipeline_stages;
}

static void digital_write(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct digital *x = (const struct digital *)base;
    int64_t used = job->outputs * ceil_div(job->weight_bits, x->tree_bits) * x->tree_bits;
    double at_once = x->write_cells > 0 ? (double)x->write_cells : (double)x->columns;
    double pulses = ceil((double)used / at_once) * x->cell.write_pulses;
    cost_clear(out);
    out->duration_ps = (double)job->rows * pulses * x->cell.write_pulse_ns * PS_PER_NS;
    cost_add(out, PART_ARRAY_WRITE, "write", (double)job->rows * (double)used, x->cell.write_pj);
}

static double digital_latency_ps(const struct array *base, const struct array_job *job)
{
    const struct digital *x = (const struct digital *)base;
    double steps = (double)ceil_div(job->input_bits, x->step_bits);
    double groups = (double)ceil_div(job->rows, x->active_rows);
    int64_t stretches = x->active_rows / x->chain_rows; /* the result passes each of them */
    double more =
        x->accumulation == DIGITAL_CHAIN ? (double)stretches : (double)x->pipeline_stages - 1;
    return (steps * groups + more) * digital_cycle_ps(x);
}

static int64_t digital_outputs(const struct array *base, int weight_bits)
{
    const struct digital *x = (const struct digital *)base;
    return x->columns / (ceil_div(weight_bits, x->tree_bits) * (x->tree_bits + x->guard_columns));
}

static bool digital_precision(const struct array *base, int *input_bits, int *weight_bits)
{
    const struct digital *x = (const struct digital *)base;
    if (*input_bits > x->max_input_bits || *weight_bits > x->max_weight_bits)
        return false;
    *input_bits = array_whole_bits(*input_bits, x->step_bits, x->max_input_bits);
    *weight_bits = array_whole_bits(*weight_bits, x->tree_bits, x->max_weight_bits);
    return true;
}

static bool digital_at_vdd(struct arena *a, const struct array *base, double vdd_v,
                           struct array **out, struct diag *d)
{
    const struct digital *x = (const struct digital *)base;
    double lowest = NODE_THRESHOLD_V + 0.1, highest = 1.6 * x->reference_vdd_v;
    if (!(vdd_v >= lowest && vdd_v <= highest))
        return diag_input(d, NULL, 0, "a supply of %g V is outside %g to %g V of this array", vdd_v,
                          lowest, highest);
    struct digital *copy = ARENA_NEW(a, struct digital);
    *copy = *x;
    copy->vdd_v = vdd_v;
    *out = &copy->base;
    return true;
}

static void digital_facts(const struct array *base, struct array_facts *out)
{
    const struct digital *x = (const struct digital *)base;
    *out = (struct array_facts){.rows = x->rows,
                                .columns = x->columns,
                                .input_bits = (int)x->input_bits,
                                .weight_bits = (int)x->weight_bits,
                                .node_nm = x->node_nm,
                                .vdd_v = x->vdd_v,
                                .is_volatile = true,
                                .endurance = x->cell.endurance,
                                .writes_while_computing = x->writes_while_computing,
                                .signed_inputs = x->signed_inputs,
                                .dynamic_operands = true};
    digital_sum_parts(x, out);
}

/* --- on numbers ------------------------------------------------------------------------------ */

/* Digit number `k` of `digits`, `width` bits each, of a value in two's complement: the top digit
 * carries the sign, so the digits recombine to the value. */
static int64_t digit_of(int64_t value, int k, int digits, int width)
{
    int64_t shifted = value >> (k * width);
    return k == digits - 1 ? shifted : shifted & ((INT64_C(1) << width) - 1);
}

static int64_t tree_sum(const struct digital *x, const struct array_job *job, const int32_t *in,
                        const int32_t *w, int64_t first, int step, int slice)
{
    int steps = (int)ceil_div(job->input_bits, x->step_bits);
    int slices = (int)ceil_div(job->weight_bits, x->tree_bits);
    int64_t last = first + x->active_rows < job->rows ? first + x->active_rows : job->rows;
    int64_t sum = 0;
    for (int64_t i = first; i < last; i++)
        sum += digit_of(in[i], step, steps, (int)x->step_bits) *
               digit_of(w[i * job->outputs], slice, slices, (int)x->tree_bits);
    return sum;
}

static void digital_compute(const struct array *base, const struct array_job *job,
                            const int32_t *in, const int32_t *w, double *y, uint64_t seed,
                            bool ideal)
{
    const struct digital *x = (const struct digital *)base;
    int steps = (int)ceil_div(job->input_bits, x->step_bits);
    int slices = (int)ceil_div(job->weight_bits, x->tree_bits);
    (void)seed, (void)ideal; /* digital sums are exact */
    for (int64_t o = 0; o < job->outputs; o++) {
        double sum = 0;
        for (int64_t first = 0; first < job->rows; first += x->active_rows)
            for (int k = 0; k < steps; k++)
                for (int s = 0; s < slices; s++)
                    sum += ldexp((double)tree_sum(x, job, in, w + o, first, k, s),
                                 k * (int)x->step_bits + s * (int)x->tree_bits);
        y[o] = sum;
    }
}

const struct array_ops array_digital_ops = {
    .kind = "digital",
    .help = "SRAM cells with multipliers and adder trees",
    .schema = &digital_schema,
    .open = digital_open,
    .facts = digital_facts,
    .precision = digital_precision,
    .outputs = digital_outputs,
    .mvm = digital_mvm,
    .write = digital_write,
    .compute = digital_compute,
    .latency_ps = digital_latency_ps,
    .family = digital_family,
    .at_vdd = digital_at_vdd,
};
