/* The power cap: which clock a sequence of kernels settles at. */
#include "core/gpu/gpu_model.h"

#include <math.h>

enum { SETTLE_STEPS = 30 };
static const double lowest_clock = 0.3; /* of the full one: below it the voltage is at its floor */

double gpu_voltage_factor(const struct gpu *g, double phi)
{
    double volt = g->power.volt - g->power.volt_per_ghz * g->clock_ghz * (1 - phi);
    volt = fmax(volt, g->power.volt_min) / g->power.volt;
    return volt * volt;
}

/* Average power of the kernels, one after another, at a clock. */
static double average_power(const struct gpu *g, const struct gpu_cost *c, size_t count, double phi,
                            double *time)
{
    double core = 0, memory = 0;
    *time = 0;
    for (size_t i = 0; i < count; i++) {
        *time += gpu_cost_time(&c[i], phi);
        core += c[i].core_j;
        memory += c[i].memory_j;
    }
    return g->power.floor_w + (core * gpu_voltage_factor(g, phi) + memory) / *time;
}

double gpu_settle(const struct gpu *g, const struct gpu_cost *c, size_t count, double *stretch)
{
    double low = lowest_clock, high = 1, time, watts;
    *stretch = 1;
    if (average_power(g, c, count, 1, &time) <= g->power.cap_w)
        return 1;
    watts = average_power(g, c, count, low, &time);
    if (watts > g->power.cap_w) {
        *stretch = (watts - g->power.floor_w) / (g->power.cap_w - g->power.floor_w);
        return low;
    }
    for (int i = 0; i < SETTLE_STEPS; i++) {
        double middle = (low + high) / 2;
        if (average_power(g, c, count, middle, &time) <= g->power.cap_w)
            low = middle;
        else
            high = middle;
    }
    return low;
}
