/* Gauss-Newton on five logarithms, and leaving out. */
#include "core/accelerator/accelerator_fit.h"

#include <math.h>
#include <string.h>

enum { FIT_ROUNDS = 40 };
static const double prior_weight = 0.25; /* residual variance 0.5^2 over prior variance 1 */

/* Which rows a fit may see. */
struct left_out {
    const char *chip, *vendor; /* NULL: none */
};

const char *chip_factor_name(int i)
{
    return chip_constant_name((enum chip_constant)(CHIP_FIT_MUL + i));
}

double chip_row_power_w(const struct chip_row *row, const struct chip_constants *by)
{
    double part_w[PART_COUNT];
    double w = chip_power_w(&row->point, by, part_w);
    return row->kind == CHIP_TDP ? w * by->value[CHIP_FIT_TDP] : w;
}

static bool takes_part(const struct chip_row *row, const struct left_out *without)
{
    if (row->kind == CHIP_CAPPED || row->kind == CHIP_PREDICT)
        return false;
    if (without->chip && strcmp(row->chip, without->chip) == 0)
        return false;
    return !(without->vendor && strcmp(row->vendor, without->vendor) == 0);
}

static double rows_of_chip(const struct chip_data *data, const struct chip_row *row,
                           const struct left_out *without)
{
    double count = 0;
    for (size_t i = 0; i < data->count; i++)
        count += takes_part(&data->rows[i], without) && strcmp(data->rows[i].chip, row->chip) == 0;
    return count;
}

static struct chip_constants with_factors(const double log_factor[CHIP_FACTORS])
{
    struct chip_constants c = chip_constants_blind();
    for (int i = 0; i < CHIP_FACTORS; i++)
        c.value[CHIP_FIT_MUL + i] = exp(log_factor[i]);
    return c;
}

static double log_power(const struct chip_row *row, const double log_factor[CHIP_FACTORS])
{
    struct chip_constants c = with_factors(log_factor);
    return log(chip_row_power_w(row, &c));
}

/* The slopes of ln power along each factor's logarithm. */
static void slopes(const struct chip_row *row, const double at[CHIP_FACTORS],
                   double slope[CHIP_FACTORS])
{
    const double step = 1e-5;
    double moved[CHIP_FACTORS];
    memcpy(moved, at, sizeof moved);
    for (int i = 0; i < CHIP_FACTORS; i++) {
        moved[i] = at[i] + step;
        double up = log_power(row, moved);
        moved[i] = at[i] - step;
        slope[i] = (up - log_power(row, moved)) / (2 * step);
        moved[i] = at[i];
    }
}

/* Solves the symmetric positive definite m x = b in place. */
static void solve(double m[CHIP_FACTORS][CHIP_FACTORS], double b[CHIP_FACTORS])
{
    for (int k = 0; k < CHIP_FACTORS; k++)
        for (int i = k + 1; i < CHIP_FACTORS; i++) {
            double f = m[i][k] / m[k][k];
            for (int j = k; j < CHIP_FACTORS; j++)
                m[i][j] -= f * m[k][j];
            b[i] -= f * b[k];
        }
    for (int k = CHIP_FACTORS - 1; k >= 0; k--) {
        for (int j = k + 1; j < CHIP_FACTORS; j++)
            b[k] -= m[k][j] * b[j];
        b[k] /= m[k][k];
    }
}

static void add_row(const struct chip_row *row, double weight, const double at[CHIP_FACTORS],
                    double m[CHIP_FACTORS][CHIP_FACTORS], double b[CHIP_FACTORS])
{
    double slope[CHIP_FACTORS], miss = log(row->power_w) - log_power(row, at);
    slopes(row, at, slope);
    for (int i = 0; i < CHIP_FACTORS; i++) {
        b[i] += weight * slope[i] * miss;
        for (int j = 0; j < CHIP_FACTORS; j++)
            m[i][j] += weight * slope[i] * slope[j];
    }
}

static struct chip_constants fit(const struct chip_data *data, const struct left_out *without)
{
    double at[CHIP_FACTORS] = {0};
    for (int round = 0; round < FIT_ROUNDS; round++) {
        double m[CHIP_FACTORS][CHIP_FACTORS] = {{0}}, b[CHIP_FACTORS], largest = 0;
        for (int i = 0; i < CHIP_FACTORS; i++) {
            m[i][i] = prior_weight;
            b[i] = -prior_weight * at[i];
        }
        for (size_t i = 0; i < data->count; i++)
            if (takes_part(&data->rows[i], without))
                add_row(&data->rows[i], 1 / rows_of_chip(data, &data->rows[i], without), at, m, b);
        solve(m, b);
        for (int i = 0; i < CHIP_FACTORS; i++) {
            at[i] += b[i];
            largest = fmax(largest, fabs(b[i]));
        }
        if (largest < 1e-10)
            break;
    }
    return with_factors(at);
}

/* One column of the rows. */
static const double *column(struct arena *a, const struct accelerator_fit *f, size_t member)
{
    double *out = ARENA_ARRAY(a, double, f->count);
    for (size_t i = 0; i < f->count; i++)
        memcpy(&out[i], (const char *)&f->rows[i] + member, sizeof out[i]);
    return out;
}

static void summarise(struct arena *a, const struct chip_data *data, struct accelerator_fit *f)
{
    const unsigned judged = 1U << CHIP_MEASURED | 1U << CHIP_ESTIMATED, tdp = 1U << CHIP_TDP;
    const double *blind = column(a, f, offsetof(struct accelerator_fit_row, blind_w));
    const double *leave = column(a, f, offsetof(struct accelerator_fit_row, leave_chip_w));
    const double *vendor = column(a, f, offsetof(struct accelerator_fit_row, leave_vendor_w));
    const double *fitted = column(a, f, offsetof(struct accelerator_fit_row, fitted_w));
    f->blind = chip_statistics(data, blind, judged);
    f->leave_chip = chip_statistics(data, leave, judged);
    f->leave_vendor = chip_statistics(data, vendor, judged);
    f->fitted = chip_statistics(data, fitted, judged);
    f->blind_tdp = chip_statistics(data, blind, tdp);
    f->leave_chip_tdp = chip_statistics(data, leave, tdp);
}

static void widen(struct accelerator_fit *f, const struct chip_constants *c)
{
    for (int i = 0; i < CHIP_FACTORS; i++) {
        f->factor_low[i] = fmin(f->factor_low[i], c->value[CHIP_FIT_MUL + i]);
        f->factor_high[i] = fmax(f->factor_high[i], c->value[CHIP_FIT_MUL + i]);
    }
}

/* Both fits of a row; rows of one chip, and of one vendor, share theirs. */
static void leave_out(const struct chip_data *data, struct accelerator_fit *f, size_t at)
{
    const struct chip_row *row = &data->rows[at];
    const struct left_out chip = {row->chip, NULL}, vendor = {NULL, row->vendor};
    size_t same_chip = 0, same_vendor = 0;
    while (strcmp(data->rows[same_chip].chip, row->chip) != 0)
        same_chip++;
    while (strcmp(data->rows[same_vendor].vendor, row->vendor) != 0)
        same_vendor++;
    f->rows[at].without_chip = same_chip < at ? f->rows[same_chip].without_chip : fit(data, &chip);
    f->rows[at].without_vendor =
        same_vendor < at ? f->rows[same_vendor].without_vendor : fit(data, &vendor);
}

static void fill_row(const struct chip_data *data, struct accelerator_fit *f, size_t at)
{
    const struct chip_constants blind = chip_constants_blind();
    const struct chip_row *row = &data->rows[at];
    struct accelerator_fit_row *out = &f->rows[at];
    out->blind_w = chip_row_power_w(row, &blind);
    out->fitted_w = chip_row_power_w(row, &f->all);
    out->leave_chip_w = chip_row_power_w(row, &out->without_chip);
    out->leave_vendor_w = chip_row_power_w(row, &out->without_vendor);
    out->published_w = row->power_w;
}

void accelerator_fit(struct arena *a, const struct chip_data *data, struct accelerator_fit *f)
{
    const struct left_out nothing = {NULL, NULL};
    memset(f, 0, sizeof *f);
    f->all = fit(data, &nothing);
    f->count = data->count;
    f->rows = ARENA_ARRAY(a, struct accelerator_fit_row, data->count);
    for (int i = 0; i < CHIP_FACTORS; i++)
        f->factor[i] = f->factor_low[i] = f->factor_high[i] = f->all.value[CHIP_FIT_MUL + i];
    for (size_t i = 0; i < data->count; i++) {
        leave_out(data, f, i);
        fill_row(data, f, i);
        widen(f, &f->rows[i].without_chip);
    }
    summarise(a, data, f);
    chip_spread_designs(data, f);
}
