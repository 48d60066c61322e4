#include "traces/stats.h"

#include <assert.h>
#include <math.h>

/* Distributions are kept over cells: the values that share their top CELL_BITS bits.  Up to
 * CELL_BITS bits a cell is one value and the sums are exact; beyond, the lower bits are taken
 * as uniform within a cell. */
enum { CELL_BITS = 8, CELLS = 1 << CELL_BITS };

struct cells {
    int bits; /* of the operand */
    int top;  /* bits that number a cell */
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
    return ldexp(1, c->bits - c->top);
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
    c->is_signed = is_signed;
    c->p_zero = 0;
    for (int u = 0; u < cell_count(c); u++)
        c->p[u] = 0;
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

static void bit_moments(const struct cells *c, struct operand_stats *s)
{
    double ones[CELL_BITS] = {0};
    for (int u = 0; u < cell_count(c); u++) {
        double p = c->p[u] - (u == zero_cell(c) ? c->p_zero : 0);
        unsigned pattern = cell_pattern(c, u);
        for (int b = 0; b < c->top; b++)
            ones[b] += (pattern >> b & 1) ? p : 0;
    }
    double low = 0.5 * (1 - c->p_zero);
    double lower = c->bits - c->top;
    s->bit_density = low * lower;
    s->bit_toggle = 2 * low * (1 - low) * lower;
    for (int b = 0; b < c->top; b++) {
        s->bit_density += ones[b];
        s->bit_toggle += 2 * ones[b] * (1 - ones[b]);
    }
    s->bit_density /= c->bits;
    s->bit_toggle /= c->bits;
}

static struct operand_stats cells_stats(const struct cells *c)
{
    struct operand_stats s = {.density = 1 - c->p_zero};
    double width = values_per_cell(c), largest = largest_magnitude(c);
    double spread = (width * width - 1) / 12; /* variance within a cell */
    for (int u = 0; u < cell_count(c); u++) {
        double p = c->p[u] - (u == zero_cell(c) ? c->p_zero : 0);
        double x = cell_value(c, u);
        s.mean += p * fabs(x) / largest;
        s.mean_square += p * (x * x + spread) / (largest * largest);
    }
    bit_moments(c, &s);
    return s;
}

/* Non-zero values follow a normal law of standard deviation sigma_share x 2^bits, zeros make
 * up the rest. */
static struct operand_stats normal_stats(double density, int bits, bool is_signed,
                                         double sigma_share)
{
    struct cells c;
    cells_init(&c, bits, is_signed);
    double sigma = sigma_share * ldexp(1, bits), sum = 0;
    for (int u = 0; u < cell_count(&c); u++) {
        if (u == zero_cell(&c) && c.bits == c.top)
            continue;
        double z = cell_value(&c, u) / sigma;
        c.p[u] = exp(-0.5 * z * z);
        sum += c.p[u];
    }
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
    return s;
}
