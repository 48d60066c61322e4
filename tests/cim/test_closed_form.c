#include "tests/check_main.h"

#include <stdio.h>
#include <string.h>

#include "core/cim/closed_form.h"

#define POINTS "../shared/reference/cim/macro_points.csv"

/* Mean and largest relative error over the measured points that a law covers. */
struct errors {
    int count;
    double sum, largest;
};

static void add_error(struct errors *e, double predicted, double measured)
{
    double error = fabs(predicted / measured - 1);
    e->count++;
    e->sum += error;
    e->largest = fmax(e->largest, error);
}

/* The number after `key` in a condition such as "in=12b;w=12b;regs/col=4;V=0.8". */
static double number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? strtod(at + strlen(key), NULL) : 0;
}

/* Splits a line of the table: macro, figure, conditions, metric, value. */
static bool split(char *line, char *fields[5])
{
    for (int i = 0; i < 5; i++) {
        fields[i] = line;
        char *comma = strchr(line, ',');
        if (comma == NULL)
            return false;
        *comma = '\0';
        line = comma + 1;
    }
    return true;
}

typedef void judge(char *fields[5], struct errors *e);

/* False when the table of measured points is not at hand. */
static bool walk(judge *each, struct errors *e)
{
    char line[1024], *fields[5];
    FILE *file = fopen(POINTS, "r");
    *e = (struct errors){0};
    if (file == NULL) {
        printf("skipped: %s is missing\n", POINTS);
        return false;
    }
    while (fgets(line, sizeof line, file) != NULL)
        if (split(line, fields))
            each(fields, e);
    fclose(file);
    ck_assert_int_gt(e->count, 0);
    return true;
}

static void judge_colonnade_rate(char *f[5], struct errors *e)
{
    if (strcmp(f[0], "colonnade_jssc_2021") != 0 || strcmp(f[3], "throughput") != 0)
        return;
    int in = (int)number_after(f[2], "in="), w = (int)number_after(f[2], ";w=");
    add_error(e, colonnade_gops(in, w, (int)number_after(f[2], "regs/col=")), strtod(f[4], NULL));
}

static void judge_colonnade_latency(char *f[5], struct errors *e)
{
    if (strcmp(f[0], "colonnade_jssc_2021") != 0 || strcmp(f[3], "latency_unpipelined") != 0)
        return;
    int in = (int)number_after(f[2], "in="), w = (int)number_after(f[2], ";w=");
    int registers = (int)number_after(f[2], "regs/col=");
    add_error(e, colonnade_latency_us(in, w, registers), strtod(f[4], NULL));
}

static void judge_colonnade_energy(char *f[5], struct errors *e)
{
    if (strcmp(f[0], "colonnade_jssc_2021") != 0 || strcmp(f[3], "energy") != 0)
        return;
    int in = (int)number_after(f[2], "in="), w = (int)number_after(f[2], ";w=");
    add_error(e, colonnade_fj_per_mac(number_after(f[2], "V="), in, w), strtod(f[4], NULL));
}

static void judge_neurram(char *f[5], struct errors *e)
{
    if (strcmp(f[0], "wan_nature_2022") != 0 || strcmp(f[3], "throughput") != 0)
        return;
    int in = (int)number_after(f[2], "in="), out = (int)number_after(f[2], "out=");
    add_error(e, neurram_tops(in, out, strstr(f[2], "two-phase") != NULL), strtod(f[4], NULL));
}

static void check(judge *each, int count, double mean, double largest)
{
    struct errors e;
    if (!walk(each, &e))
        return;
    ck_assert_int_eq(e.count, count);
    ck_assert_msg(e.sum / e.count <= mean, "mean %g over %d", e.sum / e.count, e.count);
    ck_assert_msg(e.largest <= largest, "largest %g", e.largest);
}

START_TEST(colonnades_rate_is_within_one_percent_of_eighty_points)
{
    check(judge_colonnade_rate, 80, 0.01, 0.03);
}
END_TEST

START_TEST(colonnades_latency_is_within_one_percent_of_eighty_points)
{
    check(judge_colonnade_latency, 80, 0.01, 0.081);
}
END_TEST

START_TEST(colonnades_energy_is_within_four_percent_of_ninety_six_points)
{
    check(judge_colonnade_energy, 96, 0.042, 0.12);
}
END_TEST

START_TEST(neurrams_rate_is_within_four_percent_of_fourteen_points)
{
    check(judge_neurram, 14, 0.04, 0.091);
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
