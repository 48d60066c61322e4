#include "tests/check_main.h"
#include "traces/stats.h"

static void check_shares(const struct operand_stats *s)
{
    const double shares[] = {s->density, s->bit_density, s->bit_toggle, s->mean, s->mean_square};
    for (size_t i = 0; i < COUNT_OF(shares); i++)
        ck_assert_msg(shares[i] >= 0 && shares[i] <= 1 + 1e-12, "share %zu is %g", i, shares[i]);
    ck_assert(s->mean_square <= s->mean + 1e-12); /* magnitudes are at most 1 */
    ck_assert(s->mean * s->mean <= s->mean_square + 1e-12);
    ck_assert(s->mean <= s->density + 1e-12);
}

START_TEST(all_widths_give_shares)
{
    for (int bits = 1; bits <= 64; bits++) {
        struct operand_stats a = stats_default_activation(bits), w = stats_default_weight(bits);
        check_shares(&a);
        check_shares(&w);
        ck_assert(a.is_default && w.is_default);
        ASSERT_NEAR(a.density, 0.5, 1e-12);
        ASSERT_NEAR(w.density, 1, 1e-12);
    }
}
END_TEST

/* The same sums over every integer, by the definition and not by cells. */
static struct operand_stats by_definition(double density, int bits, bool is_weight)
{
    int low = is_weight ? -(1 << (bits - 1)) : 0;
    int high = is_weight ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    double sigma = (1 << bits) * (is_weight ? 0.2 : 0.25), largest = is_weight ? -low : high;
    double sum = 0, ones[32] = {0};
    struct operand_stats s = {.density = density};
    for (int v = low; v <= high; v++)
        sum += v == 0 ? 0 : exp(-0.5 * v * v / sigma / sigma);
    for (int v = low; v <= high; v++) {
        double p = v == 0 ? 0 : density * exp(-0.5 * v * v / sigma / sigma) / sum;
        s.mean += p * abs(v) / largest;
        s.mean_square += p * v * v / largest / largest;
        for (int b = 0; b < bits; b++)
            ones[b] += ((unsigned)v >> b & 1) ? p : 0;
    }
    for (int b = 0; b < bits; b++) {
        s.bit_density += ones[b] / bits;
        s.bit_toggle += 2 * ones[b] * (1 - ones[b]) / bits;
    }
    return s;
}

static void compare(const struct operand_stats *a, const struct operand_stats *b, double within)
{
    ASSERT_NEAR(a->density, b->density, 1e-12);
    ASSERT_NEAR(a->bit_density, b->bit_density, within);
    ASSERT_NEAR(a->bit_toggle, b->bit_toggle, within);
    ASSERT_NEAR(a->mean, b->mean, within);
    ASSERT_NEAR(a->mean_square, b->mean_square, within);
}

START_TEST(up_to_eight_bits_the_sums_are_exact)
{
    for (int bits = 2; bits <= 8; bits++) {
        for (int w = 0; w < 2; w++) {
            struct operand_stats s = stats_from_density(0.7, bits, w);
            struct operand_stats t = by_definition(0.7, bits, w);
            compare(&s, &t, 1e-9);
        }
    }
}
END_TEST

START_TEST(beyond_eight_bits_the_sums_are_close)
{
    for (int bits = 9; bits <= 16; bits++) {
        for (int w = 0; w < 2; w++) {
            struct operand_stats s = stats_from_density(0.7, bits, w);
            struct operand_stats t = by_definition(0.7, bits, w);
            compare(&s, &t, 0.01);
        }
    }
}
END_TEST

START_TEST(more_zeros_mean_fewer_ones)
{
    struct operand_stats few = stats_from_density(0.2, 8, false);
    struct operand_stats many = stats_from_density(0.9, 8, false);
    ck_assert(few.bit_density < many.bit_density && few.mean < many.mean);
    struct operand_stats none = stats_from_density(0, 8, false);
    ASSERT_NEAR(none.bit_density, 0, 0);
    ASSERT_NEAR(none.bit_toggle, 0, 0);
    ck_assert(!none.is_default);
}
END_TEST

START_TEST(a_flat_histogram_is_uniform)
{
    const double flat[4] = {0.25, 0.25, 0.25, 0.25};
    struct operand_stats s = stats_from_histogram(flat, 4, 8, false);
    ASSERT_NEAR(s.density, 255.0 / 256, 1e-12);
    ASSERT_NEAR(s.bit_density, 0.5, 1e-12);
    ASSERT_NEAR(s.bit_toggle, 0.5, 1e-12);
    ASSERT_NEAR(s.mean, 0.5, 1e-12);
    ASSERT_NEAR(s.mean_square, 511.0 / 6 / 255, 1e-12);
}
END_TEST

START_TEST(one_bin_per_value_is_taken_as_it_is)
{
    const double bins[4] = {0.4, 0.3, 0.2, 0.1}; /* 2 bits: 0, 1, 2, 3 */
    struct operand_stats s = stats_from_histogram(bins, 4, 2, false);
    ASSERT_NEAR(s.density, 0.6, 1e-12);
    ASSERT_NEAR(s.bit_density, (0.4 + 0.3) / 2, 1e-12);
    ASSERT_NEAR(s.bit_toggle, (2 * 0.4 * 0.6 + 2 * 0.3 * 0.7) / 2, 1e-12);
    ASSERT_NEAR(s.mean, 1.0 / 3, 1e-12);
    ASSERT_NEAR(s.mean_square, 2.0 / 9, 1e-12);
}
END_TEST

START_TEST(a_signed_histogram_counts_from_the_most_negative_value)
{
    const double bins[4] = {0.1, 0.2, 0.3, 0.4}; /* 2 bits: -2, -1, 0, 1 */
    struct operand_stats s = stats_from_histogram(bins, 4, 2, true);
    ASSERT_NEAR(s.density, 0.7, 1e-12);
    ASSERT_NEAR(s.mean, (0.1 * 2 + 0.2 + 0.4) / 2, 1e-12);
    /* low bit: -1 and 1; high bit: -2 and -1 */
    ASSERT_NEAR(s.bit_density, (0.6 + 0.3) / 2, 1e-12);
}
END_TEST

START_TEST(a_histogram_of_a_wide_operand_keeps_its_moments)
{
    double bins[1000];
    for (size_t i = 0; i < 1000; i++)
        bins[i] = 2.0 * (999.5 - (double)i) / 1e6; /* falls to zero: E[x] = 1/3, E[x^2] = 1/6 */
    struct operand_stats s = stats_from_histogram(bins, 1000, 16, false);
    ASSERT_NEAR(s.mean, 1.0 / 3, 1e-3);
    ASSERT_NEAR(s.mean_square, 1.0 / 6, 1e-3);
    check_shares(&s);
}
END_TEST

START_TEST(independent_bits_give_the_moments_of_their_sum)
{
    const double half[3] = {0.5, 0.5, 0.5};
    struct operand_stats u = stats_from_bits(half, 3, false);
    ASSERT_NEAR(u.density, 7.0 / 8, 1e-12);
    ASSERT_NEAR(u.mean, 0.5, 1e-12);
    ASSERT_NEAR(u.mean_square, 140.0 / 8 / 49, 1e-12); /* 0 + 1 + 4 + ... + 49 = 140 */
    struct operand_stats s = stats_from_bits(half, 3, true);
    ASSERT_NEAR(s.mean, (4 + 3 + 2 + 1 + 0 + 1 + 2 + 3) / 8.0 / 4, 1e-12);
    ASSERT_NEAR(s.mean_square, (16 + 9 + 4 + 1 + 0 + 1 + 4 + 9) / 8.0 / 16, 1e-12);
    ASSERT_NEAR(s.bit_toggle, 0.5, 1e-12);
}
END_TEST

SUITE("stats", all_widths_give_shares, up_to_eight_bits_the_sums_are_exact,
      beyond_eight_bits_the_sums_are_close, more_zeros_mean_fewer_ones, a_flat_histogram_is_uniform,
      one_bin_per_value_is_taken_as_it_is, a_signed_histogram_counts_from_the_most_negative_value,
      a_histogram_of_a_wide_operand_keeps_its_moments,
      independent_bits_give_the_moments_of_their_sum)
