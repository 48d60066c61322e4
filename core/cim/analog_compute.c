/* The MVM of an analog array on numbers: slice, vary, sum, drop, convert, recombine. */
#include <assert.h>
#include <math.h>

#include "core/base/rng.h"
#include "core/cim/analog.h"

enum { ROWS_MAX = 4096, SLICES_MAX = 32 };

/* One conversion column and what reads it. */
struct column {
    const struct analog *x;
    const struct array_job *job;
    const int32_t *in;
    struct rng cells, noise;
    bool ideal;
    double off; /* conductance of level 0, in level steps */
    double low[SLICES_MAX],
        high[SLICES_MAX];   /* what a calibrated converter's codes begin and end at */
    double level[ROWS_MAX]; /* effective, with variation, bias taken off */
    bool flipped;           /* holds the complement */
};

/* Conductance of level 0 in level steps of a cell of so many bits. */
static double level_offset(const struct analog *x, int bits)
{
    double on = x->cell.g_on_us.value, off = x->cell.g_off_us.value;
    return on > off ? off / (on - off) * (exp2(bits) - 1) : 0;
}

static uint32_t input_code(const struct column *c, int64_t row)
{
    int32_t shift = c->x->signed_inputs ? INT32_C(1) << (c->job->input_bits - 1) : 0;
    return (uint32_t)(c->in[row] + shift);
}

static double input_digit(const struct column *c, int64_t row, int step)
{
    int bits = (int)c->x->dac_bits;
    return (double)((input_code(c, row) >> (step * bits)) & ((UINT32_C(1) << bits) - 1));
}

/* The weight's digit in `slice`; `negative` selects the second column of a pair. */
static double weight_digit(const struct analog *x, int32_t weight, int bits, int slice,
                           bool negative)
{
    int width = analog_slice_width(x, bits, slice), shift = analog_slice_shift(x, bits, slice);
    int64_t code = weight;
    if (x->encoding == ANALOG_OFFSET)
        code += INT64_C(1) << (bits - 1);
    else if (analog_holds_sign(x))
        code = negative ? (weight < 0 ? -(int64_t)weight : 0) : (weight > 0 ? weight : 0);
    uint64_t pattern = (uint64_t)code;
    return (double)((pattern >> shift) & ((UINT64_C(1) << width) - 1));
}

static double vary(struct column *c, double digit)
{
    if (c->ideal || c->x->cell.sigma == 0)
        return digit;
    return (digit + c->off) * (1 + c->x->cell.sigma * rng_normal(&c->cells)) - c->off;
}

/* ISAAC's encoding: rows first..last hold the complement when their sum could overflow. */
static void program(struct column *c, const int32_t *w, int64_t output, int slice, int64_t first,
                    int64_t last)
{
    const struct analog *x = c->x;
    int width = analog_slice_width(x, c->job->weight_bits, slice);
    double top = exp2(width) - 1, sum = 0;
    c->off = level_offset(x, width < x->cell.bits ? width : (int)x->cell.bits);
    for (int64_t i = first; i < last; i++) {
        int32_t weight = w[i * c->job->outputs + output];
        double digit = weight_digit(x, weight, c->job->weight_bits, slice, false);
        c->level[i] = digit;
        sum += digit;
    }
    c->flipped = x->flip_columns && sum > (double)x->active_rows * top / 2;
    for (int64_t i = first; i < last; i++) {
        int32_t weight = w[i * c->job->outputs + output];
        double digit = c->flipped ? top - c->level[i] : c->level[i];
        c->level[i] = vary(c, digit);
        if (analog_holds_sign(x))
            c->level[i] -= vary(c, weight_digit(x, weight, c->job->weight_bits, slice, true));
    }
}

/* First-order loss along the column wire, as a share of each row's current: row i's current
 * passes min(i, j) + 1 segments in common with row j's.  Conductances in siemens. */
static double wire_loss(const struct column *c, int64_t first, int64_t last, int step)
{
    const struct analog *x = c->x;
    double per_level =
        (x->cell.g_on_us.value - x->cell.g_off_us.value) / (exp2((double)x->cell.bits) - 1) * 1e-6;
    double top = exp2((double)x->dac_bits) - 1;
    double total = 0, near = 0, before = 0, lost = 0;
    for (int64_t i = first; i < last; i++)
        total += input_digit(c, i, step) / top * (fabs(c->level[i]) + c->off) * per_level;
    for (int64_t i = first; i < last; i++) {
        double here = input_digit(c, i, step) * (fabs(c->level[i]) + c->off) * per_level / top;
        double place = (double)(i - first + 1);
        before += here;
        near += here * place;
        lost +=
            input_digit(c, i, step) * c->level[i] * x->wire_ohm * (near + place * (total - before));
    }
    return lost;
}

static double read_sum(struct column *c, int64_t first, int64_t last, int step)
{
    double sum = 0, noise2 = 0;
    for (int64_t i = first; i < last; i++) {
        double digit = input_digit(c, i, step), level = c->level[i] + c->off;
        sum += digit * c->level[i];
        noise2 += digit * level * digit * level;
    }
    if (c->ideal)
        return sum;
    if (c->x->wire_ohm > 0)
        sum -= wire_loss(c, first, last, step);
    if (c->x->cell.read_noise > 0)
        sum += c->x->cell.read_noise * sqrt(noise2) * rng_normal(&c->noise);
    return sum;
}

/* Mean and mean square of the digits of one slice over all weights. */
static void weight_moments(const struct column *c, const int32_t *w, int slice, double *mean,
                           double *square)
{
    const struct array_job *job = c->job;
    bool is_pair = analog_holds_sign(c->x);
    double count = (double)(job->rows * job->outputs);
    *mean = *square = 0;
    for (int64_t i = 0; i < job->rows * job->outputs; i++) {
        double level = weight_digit(c->x, w[i], job->weight_bits, slice, false);
        if (is_pair)
            level -= weight_digit(c->x, w[i], job->weight_bits, slice, true);
        *mean += level / count;
        *square += level * level / count;
    }
}

/* A calibrated converter covers the layer's sums to both sides of their mean as far as is best for
 * a uniform quantiser of normal values: 1.6 + 0.335 (bits - 1) standard deviations, a line within
 * 3 % of the table in J. Max, IRE Trans. Information Theory 6, 1960. */
static void calibrate(struct column *c, const int32_t *w, int slice, int steps)
{
    const struct array_job *job = c->job;
    double rows = (double)(job->rows < c->x->active_rows ? job->rows : c->x->active_rows);
    double level, level2, mean = 0, square = 0;
    weight_moments(c, w, slice, &level, &level2);
    for (int step = 0; step < steps; step++) {
        double digit = 0, digit2 = 0;
        for (int64_t i = 0; i < job->rows; i++) {
            double value = input_digit(c, i, step);
            digit += value / (double)job->rows;
            digit2 += value * value / (double)job->rows;
        }
        double at = rows * digit * level;
        mean += at / steps;
        square += (at * at + rows * (digit2 * level2 - digit * digit * level * level)) / steps;
    }
    double sigma = sqrt(fmax(square - mean * mean, 0));
    double reach = (1.6 + 0.335 * (double)(c->x->adc_bits - 1)) * sigma;
    c->low[slice] = floor(mean - reach);
    c->high[slice] = fmax(ceil(mean + reach), c->low[slice] + 1);
}

static double convert_calibrated(const struct column *c, double sum, int slice)
{
    double codes = exp2((double)c->x->adc_bits) - 1, low = c->low[slice];
    double step = fmax(1, (c->high[slice] - low) / codes);
    if (codes < 2 && step > 1) /* a comparator: two levels, each in the middle of its half */
        return low + step * (sum < low + step / 2 ? 0.25 : 0.75);
    return low + step * fmin(fmax(round((sum - low) / step), 0), codes);
}

static double convert(const struct column *c, double sum, int slice)
{
    const struct analog *x = c->x;
    if (c->ideal)
        return sum;
    if (x->adc_calibrated)
        return convert_calibrated(c, sum, slice);
    bool is_signed = analog_holds_sign(x);
    double codes = is_signed ? exp2((double)x->adc_bits - 1) - 1 : exp2((double)x->adc_bits) - 1;
    double narrow = (exp2(analog_slice_width(x, c->job->weight_bits, slice)) - 1) /
                    (exp2(analog_slice_bits(x)) - 1);
    double scale = floor(analog_largest_sum(x) * narrow) * x->adc_range;
    double step = codes >= 1 ? fmax(1, scale / codes) : scale;
    double low = is_signed ? -codes - 1 : 0;
    return step * fmin(fmax(round(sum / step), low), fmax(codes, 1));
}

/* What the converter's code stands for: a flipped column counts from the top. */
static double unflip(const struct column *c, double code, int64_t first, int64_t last, int step)
{
    if (!c->flipped)
        return code;
    double inputs = 0;
    for (int64_t i = first; i < last; i++)
        inputs += input_digit(c, i, step);
    return (exp2(analog_slice_bits(c->x)) - 1) * inputs - code;
}

static double column_product(struct column *c, const int32_t *w, int64_t output, int slice,
                             int steps)
{
    const struct analog *x = c->x;
    double product = 0;
    for (int64_t first = 0; first < c->job->rows; first += x->active_rows) {
        int64_t last =
            first + x->active_rows < c->job->rows ? first + x->active_rows : c->job->rows;
        program(c, w, output, slice, first, last);
        for (int step = 0; step < steps; step++) {
            double code = convert(c, read_sum(c, first, last, step), slice);
            product += ldexp(unflip(c, code, first, last, step), step * (int)x->dac_bits);
        }
    }
    return product;
}

/* The digital corrections: the bias column of offset weights, the offset of signed inputs. */
static double correction(const struct column *c, const int32_t *w, int64_t output)
{
    double y = 0;
    double bias = exp2(c->job->weight_bits - 1), input_shift = exp2(c->job->input_bits - 1);
    for (int64_t i = 0; i < c->job->rows; i++) {
        if (c->x->encoding == ANALOG_OFFSET)
            y -= bias * (double)input_code(c, i);
        if (c->x->signed_inputs)
            y -= input_shift * (double)w[i * c->job->outputs + output];
    }
    return y;
}

void analog_compute(const struct array *base, const struct array_job *job, const int32_t *in,
                    const int32_t *w, double *y, uint64_t seed, bool ideal)
{
    const struct analog *x = (const struct analog *)base;
    assert(job->rows <= x->rows && job->rows <= ROWS_MAX);
    struct column c = {.x = x,
                       .job = job,
                       .in = in,
                       .cells = rng_open(seed, "array.cells"),
                       .noise = rng_open(seed, "array.noise"),
                       .ideal = ideal};
    struct analog_counts n = analog_count(x, job);
    int slices = (int)n.slices, steps = (int)n.steps;
    for (int s = 0; x->adc_calibrated && !ideal && s < slices; s++)
        calibrate(&c, w, s, steps);
    for (int64_t o = 0; o < job->outputs; o++) {
        double sum = correction(&c, w, o);
        for (int s = 0; s < slices; s++) {
            bool top = x->encoding == ANALOG_TWOS_COMPLEMENT && s == job->weight_bits - 1;
            double product = column_product(&c, w, o, s, steps);
            sum += (top ? -1 : 1) * ldexp(product, analog_slice_shift(x, job->weight_bits, s));
        }
        y[o] = sum;
    }
}
