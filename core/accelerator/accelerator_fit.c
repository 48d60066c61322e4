/* Gauss-Newton on five logarithms, and leaving out. */
#include "core/accelerator/accelerator_fit.h"

#include <math.h>
#include <string.h>

enum { FIT_ROUNDS = 40 };
enum { MUL, TEST, DATACENTRE, GPU, TDP }; /* places of the factors, as CHIP_FIT_MUL and on */
_Static_assert(CHIP_FIT_MUL + TEST == CHIP_FIT_TEST &&
                   CHIP_FIT_MUL + DATACENTRE == CHIP_FIT_DATACENTRE &&
                   CHIP_FIT_MUL + GPU == CHIP_FIT_GPU && CHIP_FIT_MUL + TDP == CHIP_FIT_TDP,
               "factors stand in this order");
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

/* A row's blind watts by what multiplies them: k of the class and of the multiplier, k of the class
 * alone, nothing. */
struct terms {
    double multiply_w, path_w, fixed_w;
};

static struct terms terms_of(const struct chip_row *row)
{
    const struct chip_constants blind = chip_constants_blind();
    double part_w[PART_COUNT], sum = chip_power_w(&row->point, &blind, part_w);
    double on_chip = sum / (sum - part_w[PART_REGULATOR]); /* losses fall on every part alike */
    struct terms t;
    t.multiply_w = on_chip * part_w[PART_ARRAY_MULTIPLIER];
    t.path_w = on_chip * (part_w[PART_ARRAY_REGISTER] + part_w[PART_BUFFER] + part_w[PART_BUS]);
    t.fixed_w = sum - t.multiply_w - t.path_w;
    return t;
}

/* ln of the watts that the row's source would state, and its slopes along ln of each factor. */
static double log_power(const struct chip_row *row, const struct terms *t,
                        const double at[CHIP_FACTORS], double slope[CHIP_FACTORS])
{
    enum chip_class design = row->point.design;
    double is_datacentre = design == CLASS_DATACENTRE || design == CLASS_GPU;
    double is_test = design == CLASS_TEST_CHIP, is_gpu = design == CLASS_GPU;
    double is_tdp = row->kind == CHIP_TDP;
    double k = exp(is_test * at[TEST] + is_datacentre * at[DATACENTRE] + is_gpu * at[GPU]);
    double multiply_w = k * exp(at[MUL]) * t->multiply_w, path_w = k * t->path_w;
    double sum = multiply_w + path_w + t->fixed_w, data_path = (multiply_w + path_w) / sum;
    slope[MUL] = multiply_w / sum;
    slope[TEST] = is_test * data_path;
    slope[DATACENTRE] = is_datacentre * data_path;
    slope[GPU] = is_gpu * data_path;
    slope[TDP] = is_tdp;
    return log(sum) + is_tdp * at[TDP];
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

static void add_row(const struct chip_row *row, const struct terms *t, double weight,
                    const double at[CHIP_FACTORS], double m[CHIP_FACTORS][CHIP_FACTORS],
                    double b[CHIP_FACTORS])
{
    double slope[CHIP_FACTORS], miss = log(row->power_w) - log_power(row, t, at, slope);
    for (int i = 0; i < CHIP_FACTORS; i++) {
        b[i] += weight * slope[i] * miss;
        for (int j = 0; j < CHIP_FACTORS; j++)
            m[i][j] += weight * slope[i] * slope[j];
    }
}

/* What every fit on a table shares. */
struct table {
    const struct chip_data *data;
    const struct terms *terms; /* as data->rows */
    double *weight;            /* of the fit under way: 0 where a row takes no part */
};

static struct table table_of(struct arena *a, const struct chip_data *data)
{
    struct terms *terms = ARENA_ARRAY(a, struct terms, data->count);
    for (size_t i = 0; i < data->count; i++)
        terms[i] = terms_of(&data->rows[i]);
    return (struct table){data, terms, ARENA_ARRAY(a, double, data->count)};
}

/* One step towards the least squares; its largest part. */
static double step(const struct table *t, double at[CHIP_FACTORS])
{
    double m[CHIP_FACTORS][CHIP_FACTORS] = {{0}}, b[CHIP_FACTORS], largest = 0;
    for (int i = 0; i < CHIP_FACTORS; i++) {
        m[i][i] = prior_weight;
        b[i] = -prior_weight * at[i];
    }
    for (size_t i = 0; i < t->data->count; i++)
        if (t->weight[i] > 0)
            add_row(&t->data->rows[i], &t->terms[i], t->weight[i], at, m, b);
    solve(m, b);
    for (int i = 0; i < CHIP_FACTORS; i++) {
        at[i] += b[i];
        largest = fmax(largest, fabs(b[i]));
    }
    return largest;
}

static struct chip_constants fit(const struct table *t, const struct left_out *without)
{
    double at[CHIP_FACTORS] = {0};
    for (size_t i = 0; i < t->data->count; i++) {
        const struct chip_row *row = &t->data->rows[i];
        t->weight[i] = takes_part(row, without) ? 1 / rows_of_chip(t->data, row, without) : 0;
    }
    for (int round = 0; round < FIT_ROUNDS; round++)
        if (step(t, at) < 1e-10)
            break;
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
static void leave_out(const struct table *t, struct accelerator_fit *f, size_t at)
{
    const struct chip_data *data = t->data;
    const struct chip_row *row = &data->rows[at];
    const struct left_out chip = {row->chip, NULL}, vendor = {NULL, row->vendor};
    size_t same_chip = 0, same_vendor = 0;
    while (strcmp(data->rows[same_chip].chip, row->chip) != 0)
        same_chip++;
    while (strcmp(data->rows[same_vendor].vendor, row->vendor) != 0)
        same_vendor++;
    f->rows[at].without_chip = same_chip < at ? f->rows[same_chip].without_chip : fit(t, &chip);
    f->rows[at].without_vendor =
        same_vendor < at ? f->rows[same_vendor].without_vendor : fit(t, &vendor);
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
    const struct table t = table_of(a, data);
    memset(f, 0, sizeof *f);
    f->all = fit(&t, &nothing);
    f->count = data->count;
    f->rows = ARENA_ARRAY(a, struct accelerator_fit_row, data->count);
    for (int i = 0; i < CHIP_FACTORS; i++)
        f->factor[i] = f->factor_low[i] = f->factor_high[i] = f->all.value[CHIP_FIT_MUL + i];
    for (size_t i = 0; i < data->count; i++) {
        leave_out(&t, f, i);
        fill_row(data, f, i);
        widen(f, &f->rows[i].without_chip);
    }
    summarise(a, data, f);
    chip_spread_designs(data, f);
}
