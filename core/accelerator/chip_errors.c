/* How far a fit's predictions lie from the chips, and what of that no constant explains. */
#include <math.h>
#include <string.h>

#include "core/accelerator/accelerator_fit.h"

/* Sums over one chip's rows of |ln ratio|, of its square, of those within 2x. */
struct chip_sums {
    double points, error, squares, near, worst;
};

static struct chip_sums sums_of(const struct chip_data *data, const double *predicted,
                                unsigned kinds, const char *chip)
{
    struct chip_sums s = {0};
    for (size_t i = 0; i < data->count; i++) {
        const struct chip_row *row = &data->rows[i];
        if (!(kinds & (1U << row->kind)) || strcmp(row->chip, chip) != 0)
            continue;
        double miss = fabs(log(predicted[i] / row->power_w));
        s.points++;
        s.error += miss;
        s.squares += miss * miss;
        s.near += miss <= log(2);
        s.worst = fmax(s.worst, miss);
    }
    return s;
}

static bool first_of_chip(const struct chip_data *data, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(data->rows[i].chip, data->rows[at].chip) == 0)
            return false;
    return true;
}

struct ratio_statistics chip_statistics(const struct chip_data *data, const double *predicted,
                                        unsigned kinds)
{
    struct ratio_statistics s = {0};
    double error = 0, squares = 0, worst = 0, near = 0;
    for (size_t i = 0; i < data->count; i++) {
        if (!first_of_chip(data, i))
            continue;
        struct chip_sums one = sums_of(data, predicted, kinds, data->rows[i].chip);
        if (one.points == 0)
            continue;
        s.chips++;
        s.points += (size_t)one.points;
        error += one.error / one.points;
        squares += one.squares / one.points;
        near += one.near / one.points;
        worst = fmax(worst, one.worst);
    }
    if (s.chips == 0)
        return s;
    s.geo_mean = exp(error / (double)s.chips);
    s.within_2x = near / (double)s.chips;
    s.worst = exp(worst);
    s.interval = exp(1.645 * sqrt(squares / (double)s.chips));
    return s;
}

double chip_constant_sigma(const struct chip_point *p, const struct chip_constants *by)
{
    double part_w[PART_COUNT], variance = 0, w = chip_power_w(p, by, part_w);
    for (int i = 0; i < CHIP_CONSTANTS; i++) {
        double spread = chip_constant_spread((enum chip_constant)i);
        struct chip_constants moved = *by;
        moved.value[i] *= 1.001;
        double slope = log(chip_power_w(p, &moved, part_w) / w) / log(1.001);
        variance += slope * slope * log(1 + spread * spread);
    }
    return sqrt(variance);
}

static bool judges(const struct chip_row *row)
{
    return row->kind == CHIP_MEASURED || row->kind == CHIP_ESTIMATED;
}

static double judged_rows_of_chip(const struct chip_data *data, const char *chip)
{
    double count = 0;
    for (size_t i = 0; i < data->count; i++)
        count += judges(&data->rows[i]) && strcmp(data->rows[i].chip, chip) == 0;
    return count;
}

/* What a 90 % interval widens by because its sigma comes from `chips` chips: Student's t to first
 * order over the normal's 1.645, and the mean's own error. */
static double few_chips(double chips)
{
    if (chips < 2)
        return 2;
    double z = 1.645, t = z + (z * z * z + z) / (4 * (chips - 1));
    return t / z * sqrt(1 + 1 / chips);
}

/* Means over the judged rows of all chips but `without` (NULL: of all), a chip weighing one. */
static void find_sigma(const struct chip_data *data, const struct accelerator_fit *f,
                       const char *without, double *residual, double *constant)
{
    double residuals = 0, constants = 0, chips = 0;
    for (size_t i = 0; i < data->count; i++) {
        const struct chip_row *row = &data->rows[i];
        if (!judges(row) || (without && strcmp(row->chip, without) == 0))
            continue;
        double weight = 1 / judged_rows_of_chip(data, row->chip);
        residuals += weight * pow(log(f->rows[i].leave_chip_w / row->power_w), 2);
        constants += weight * pow(chip_constant_sigma(&row->point, &f->all), 2);
        chips += weight;
    }
    *residual = chips > 0 ? sqrt(residuals / chips) * few_chips(chips) : 0;
    *constant = chips > 0 ? sqrt(constants / chips) : 0;
}

/* Spread between designs: what the constants' own spreads leave of the residuals. */
static double style_sigma(double residual, double constant)
{
    return sqrt(fmax(0, residual * residual - constant * constant));
}

void chip_spread_designs(const struct chip_data *data, struct accelerator_fit *f)
{
    double residual, constant;
    find_sigma(data, f, NULL, &f->residual_sigma, &f->constant_sigma);
    f->style_sigma = style_sigma(f->residual_sigma, f->constant_sigma);
    f->all.value[CHIP_STYLE] = f->style_sigma;
    for (size_t i = 0; i < data->count; i++) {
        find_sigma(data, f, data->rows[i].chip, &residual, &constant);
        f->rows[i].without_chip.value[CHIP_STYLE] = style_sigma(residual, constant);
    }
}
