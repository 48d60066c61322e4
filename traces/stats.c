#include "traces/stats.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Distributions are kept over cells: the values that share their top CELL_BITS bits.  Up to
 * CELL_BITS bits a cell is one value and the sums are exact; beyond, the lower bits are taken
 * as uniform within a cell. */
enum { CELL_BITS = 8, CELLS = 1 << CELL_BITS };

struct cells {
    int bits;     /* of the operand */
    int top;      /* bits that number a cell */
    double width; /* values in a cell */
    bool is_signed;
    double p[CELLS]; /* p[u]: u = cell number, from the most negative value up */
    double p_zero;   /* share of the value 0, contained in p[] */
};

static int cell_count(const struct cells *c)
{
    return 1 << c->top;
}

static int zero_cell(const struct cells *c)
{
    return c->is_signed ? cell_count(c) / 2 : 0;
}

static double values_per_cell(const struct cells *c)
{
    return c->width;
}

static double largest_magnitude(const struct cells *c)
{
    return c->is_signed ? ldexp(1, c->bits - 1) : ldexp(1, c->bits) - 1;
}

static void cells_init(struct cells *c, int bits, bool is_signed)
{
    assert(bits >= 1);
    c->bits = bits;
    c->top = bits < CELL_BITS ? bits : CELL_BITS;
    c->width = ldexp(1, bits - c->top);
    c->is_signed = is_signed;
    c->p_zero = 0;
    memset(c->p, 0, sizeof c->p);
}

/* The middle of a cell's values. */
static double cell_value(const struct cells *c, int u)
{
    double width = values_per_cell(c);
    return (u - zero_cell(c)) * width + (width - 1) / 2;
}

/* Two's complement: the bits of a cell's number, counted from the most negative value. */
static unsigned cell_pattern(const struct cells *c, int u)
{
    unsigned mask = (unsigned)cell_count(c) - 1;
    return (unsigned)(u - zero_cell(c)) & mask;
}

/* Shares of the two's complement patterns of the cells; the value 0 has no ones. */
static void pattern_shares(const struct cells *c, double *p)
{
    for (int u = 0; u < cell_count(c); u++)
        p[cell_pattern(c, u)] = c->p[u];
    p[0] -= c->p_zero;
}

static double share(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Rounding must not carry a share beyond 0 or 1. */
static struct operand_stats shares(struct operand_stats s)
{
    s.density = share(s.density);
    s.bit_density = share(s.bit_density);
    s.bit_toggle = share(s.bit_toggle);
    s.mean = share(s.mean);
    s.mean_square = share(s.mean_square);
    return s;
}

static void add_bit(struct operand_stats *s, double ones, double times)
{
    s->bit_density += times * ones;
    s->bit_toggle += times * 2 * ones * (1 - ones);
}

/* Bit by bit from the top: its share of ones is the upper half's, then the halves are folded. */
static void bit_moments(const struct cells *c, struct operand_stats *s)
{
    double p[CELLS] = {0};
    pattern_shares(c, p);
    s->bit_density = s->bit_toggle = 0;
    add_bit(s, 0.5 * (1 - c->p_zero), c->bits - c->top);
    for (int half = cell_count(c) / 2; half > 0; half /= 2) {
        double ones = 0;
        for (int i = 0; i < half; i++) {
            ones += p[half + i];
            p[i] += p[half + i];
        }
        add_bit(s, ones, 1);
    }
    s->bit_density /= c->bits;
    s->bit_toggle /= c->bits;
}

static struct operand_stats cells_stats(const struct cells *c)
{
    struct operand_stats s = {.density = 1 - c->p_zero};
    double width = values_per_cell(c), largest = largest_magnitude(c);
    double spread = (width * width - 1) / 12; /* variance within a cell */
    double mean = 0, square = 0;
    for (int u = 0; u < cell_count(c); u++) {
        double x = cell_value(c, u);
        mean += c->p[u] * fabs(x);
        square += c->p[u] * x * x;
    }
    /* The value 0 sits in a cell whose middle is not 0. */
    double middle = cell_value(c, zero_cell(c));
    s.mean = (mean - c->p_zero * middle) / largest;
    s.mean_square = (square - c->p_zero * middle * middle + spread * s.density) / largest / largest;
    bit_moments(c, &s);
    return shares(s);
}

/* exp(-x^2 / 2 sigma^2) for every cell but that of a lone 0; returns the sum.  The ratio of two
 * neighbours changes by a constant factor, which saves an exponential per cell. */
static double fill_normal(struct cells *c, double sigma)
{
    double step = values_per_cell(c) / sigma, first = cell_value(c, 0) / sigma, sum = 0;
    double value = exp(-0.5 * first * first);
    double ratio = exp(-step * (first + 0.5 * step)), factor = exp(-step * step);
    for (int u = 0; u < cell_count(c); u++) {
        bool is_zero = u == zero_cell(c) && c->bits == c->top;
        c->p[u] = is_zero ? 0 : value;
        sum += c->p[u];
        value *= ratio;
        ratio *= factor;
    }
    return sum;
}

/* Non-zero values follow a normal law of standard deviation sigma_share x 2^bits, zeros make
 * up the rest. */
static struct operand_stats normal_stats(double density, int bits, bool is_signed,
                                         double sigma_share)
{
    struct cells c;
    cells_init(&c, bits, is_signed);
    double sum = fill_normal(&c, sigma_share * ldexp(1, bits));
    for (int u = 0; u < cell_count(&c); u++)
        c.p[u] *= density / sum;
    c.p_zero = 1 - density;
    c.p[zero_cell(&c)] += c.p_zero;
    return cells_stats(&c);
}

struct operand_stats stats_from_density(double density, int bits, bool is_weight)
{
    return normal_stats(density, bits, is_weight, is_weight ? 1.0 / 5 : 1.0 / 4);
}

struct operand_stats stats_default_activation(int bits)
{
    struct operand_stats s = stats_from_density(0.5, bits, false);
    s.is_default = true;
    return s;
}

struct operand_stats stats_default_weight(int bits)
{
    struct operand_stats s = stats_from_density(1, bits, true);
    s.is_default = true;
    return s;
}

/* Spreads bin `j` of `n` evenly over the cells that it overlaps. */
static void spread_bin(struct cells *c, size_t j, size_t n, double mass)
{
    double per_bin = (double)cell_count(c) / (double)n;
    double from = (double)j * per_bin, to = (double)(j + 1) * per_bin;
    int last = cell_count(c) - 1;
    for (int u = (int)from; u <= last && u < to; u++) {
        double low = from > u ? from : u, high = to < u + 1 ? to : u + 1;
        c->p[u] += mass * (high - low) / per_bin;
    }
}

struct operand_stats stats_from_histogram(const double *bins, size_t n, int bits, bool is_signed)
{
    assert(n >= 2);
    struct cells c;
    cells_init(&c, bits, is_signed);
    double sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += bins[j];
    assert(sum > 0);
    for (size_t j = 0; j < n; j++)
        spread_bin(&c, j, n, bins[j] / sum);
    c.p_zero = c.p[zero_cell(&c)] / values_per_cell(&c);
    return cells_stats(&c);
}

/* E[|x|] and E[x^2] of a sum of independent bits; the top bit of a signed number is negative. */
static void bits_moments(const double *ones, int bits, bool is_signed, struct operand_stats *s)
{
    int plain = is_signed ? bits - 1 : bits;
    double largest = is_signed ? ldexp(1, bits - 1) : ldexp(1, bits) - 1;
    double mean = 0, variance = 0;
    for (int b = 0; b < plain; b++) {
        double weight = ldexp(1, b) / largest;
        mean += ones[b] * weight;
        variance += ones[b] * (1 - ones[b]) * weight * weight;
    }
    double sign = is_signed ? ones[bits - 1] : 0;
    double positive = variance + mean * mean;
    double negative = variance + (1 - mean) * (1 - mean);
    s->mean = (1 - sign) * mean + sign * (1 - mean);
    s->mean_square = (1 - sign) * positive + sign * negative;
}

struct operand_stats stats_from_bits(const double *ones, int bits, bool is_signed)
{
    assert(bits >= 1);
    struct operand_stats s = {0};
    double zero = 1;
    for (int b = 0; b < bits; b++) {
        s.bit_density += ones[b] / bits;
        s.bit_toggle += 2 * ones[b] * (1 - ones[b]) / bits;
        zero *= 1 - ones[b];
    }
    s.density = 1 - zero;
    bits_moments(ones, bits, is_signed, &s);
    return shares(s);
}
