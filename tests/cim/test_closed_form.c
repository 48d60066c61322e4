#include "tests/check_main.h"

#include <string.h>

#include "core/cim/closed_form.h"
#include "core/validate/macro_points.h"

typedef double law(const struct macro_point *p);

static double colonnade_rate(const struct macro_point *p)
{
    return 1e-3 * colonnade_gops(p->input_bits, p->weight_bits, p->registers);
}

static double colonnade_latency(const struct macro_point *p)
{
    return 1e3 * colonnade_latency_us(p->input_bits, p->weight_bits, p->registers);
}

static double colonnade_energy(const struct macro_point *p)
{
    return colonnade_fj_per_mac(p->vdd_v, p->input_bits, p->weight_bits);
}

static double neurram_rate(const struct macro_point *p)
{
    return neurram_tops(p->input_bits, p->output_bits, p->phases == 2);
}

/* Holds the mean and the largest relative error over the measured points of one figure. */
static void check(const char *chip, const char *metric, law *predict, int count, double mean,
                  double largest)
{
    struct arena *a = arena_open();
    struct macro_points points;
    struct diag d = {.status = 0};
    double sum = 0, worst = 0;
    int judged = 0;
    ck_assert_msg(macro_points_read(a, &points, &d), "%s", d.text);
    for (size_t i = 0; i < points.count; i++) {
        const struct macro_point *p = &points.at[i];
        if (strcmp(p->chip, chip) != 0 || strcmp(p->metric, metric) != 0)
            continue;
        double error = fabs(predict(p) / p->value - 1);
        sum += error;
        worst = fmax(worst, error);
        judged++;
    }
    ck_assert_int_eq(judged, count);
    ck_assert_msg(sum / judged <= mean, "mean %g over %d", sum / judged, judged);
    ck_assert_msg(worst <= largest, "largest %g", worst);
    arena_close(a);
}

START_TEST(colonnades_rate_is_within_one_percent_of_eighty_points)
{
    check("kim_2021", "tops", colonnade_rate, 80, 0.01, 0.03);
}
END_TEST

START_TEST(colonnades_latency_is_within_one_percent_of_eighty_points)
{
    check("kim_2021", "latency_ns", colonnade_latency, 80, 0.01, 0.081);
}
END_TEST

START_TEST(colonnades_energy_is_within_four_percent_of_ninety_six_points)
{
    check("kim_2021", "fj_per_mac", colonnade_energy, 96, 0.042, 0.12);
}
END_TEST

START_TEST(neurrams_rate_is_within_four_percent_of_fourteen_points)
{
    check("wan_2022", "tops", neurram_rate, 14, 0.04, 0.091);
}
END_TEST

START_TEST(colonnade_has_no_energy_at_a_supply_nobody_measured)
{
    ck_assert(colonnade_fj_per_mac(0.75, 8, 8) == 0);
}
END_TEST

SUITE("closed_form", colonnades_rate_is_within_one_percent_of_eighty_points,
      colonnades_latency_is_within_one_percent_of_eighty_points,
      colonnades_energy_is_within_four_percent_of_ninety_six_points,
      neurrams_rate_is_within_four_percent_of_fourteen_points,
      colonnade_has_no_energy_at_a_supply_nobody_measured)
