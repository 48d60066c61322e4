/* The product of a neuron array on numbers: pairs with variation, one conversion a phase. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/rng.h"
#include "core/cim/neuron.h"

enum { ROWS_MAX = 4096 };

struct column {
    const struct neuron *x;
    const struct array_job *job;
    const int32_t *in;
    struct rng cells, noise;
    int magnitude_bits;
    double off;             /* conductance of level 0, in level steps */
    double level[ROWS_MAX]; /* of the pairs, signed, with variation */
    double pair[ROWS_MAX];  /* root of the sum of both cells' squares: what read noise goes with */
};

static double vary(struct column *c, double level)
{
    if (c->x->cell.sigma == 0)
        return level;
    return (level + c->off) * (1 + c->x->cell.sigma * rng_normal(&c->cells)) - c->off;
}

static void program(struct column *c, const int32_t *w, int64_t output)
{
    for (int64_t i = 0; i < c->job->rows; i++) {
        int32_t weight = w[i * c->job->outputs + output];
        double plus = vary(c, weight > 0 ? weight : 0);
        double minus = vary(c, weight < 0 ? -weight : 0);
        c->level[i] = plus - minus;
        c->pair[i] = hypot(plus + c->off, minus + c->off);
    }
}

/* Bits low .. low + bits - 1 of the magnitude, with the input's sign. */
static double input_digit(const struct column *c, int64_t row, int low, int bits)
{
    int32_t most = (1 << c->magnitude_bits) - 1, in = c->in[row];
    int32_t magnitude = abs(in) < most ? abs(in) : most; /* the lowest number saturates */
    magnitude = (magnitude >> low) & ((1 << bits) - 1);
    return in < 0 ? -magnitude : magnitude;
}

static double read_sum(struct column *c, int low, int bits)
{
    double sum = 0, noise2 = 0;
    for (int64_t i = 0; i < c->job->rows; i++) {
        double digit = input_digit(c, i, low, bits);
        sum += digit * c->level[i];
        noise2 += digit * digit * c->pair[i] * c->pair[i];
    }
    if (c->x->cell.read_noise == 0)
        return sum;
    return sum + c->x->cell.read_noise * sqrt(noise2) * rng_normal(&c->noise);
}

static double convert(const struct column *c, double sum, int bits, int steps)
{
    double codes = exp2(steps - 1) - 1;
    double largest = (double)c->x->rows * (exp2(bits) - 1) * (exp2((double)c->x->cell.bits) - 1);
    double step = fmax(1, largest * c->x->range / fmax(codes, 1));
    return step * fmin(fmax(round(sum / step), -codes - 1), fmax(codes, 1));
}

static double product(struct column *c, const struct neuron_schedule *s)
{
    double y = 0;
    int steps = (int)s->steps / s->phases;
    for (int phase = 0; phase < s->phases; phase++) {
        int low = phase == 0 ? s->magnitude_bits - s->phase_bits[0] : 0,
            bits = s->phase_bits[phase];
        y += ldexp(convert(c, read_sum(c, low, bits), bits, steps), low);
    }
    return y;
}

static void exact_products(const struct array_job *job, const int32_t *in, const int32_t *w,
                           double *y)
{
    for (int64_t o = 0; o < job->outputs; o++) {
        y[o] = 0;
        for (int64_t i = 0; i < job->rows; i++)
            y[o] += (double)in[i] * w[i * job->outputs + o];
    }
}

void neuron_compute(const struct array *base, const struct array_job *job, const int32_t *in,
                    const int32_t *w, double *y, uint64_t seed, bool ideal)
{
    const struct neuron *x = (const struct neuron *)base;
    double on = x->cell.g_on_us.value, off = x->cell.g_off_us.value;
    assert(job->rows <= x->rows && job->rows <= ROWS_MAX);
    struct neuron_schedule s = neuron_schedule(x, job->input_bits);
    struct column c = {.x = x,
                       .job = job,
                       .in = in,
                       .cells = rng_open(seed, "array.cells"),
                       .noise = rng_open(seed, "array.noise"),
                       .magnitude_bits = s.magnitude_bits,
                       .off = off / (on - off) * (exp2((double)x->cell.bits) - 1)};
    if (ideal) {
        exact_products(job, in, w, y);
        return;
    }
    for (int64_t o = 0; o < job->outputs; o++) {
        program(&c, w, o);
        y[o] = product(&c, &s);
    }
}
