#include "core/cim/closed_form.h"

#include <assert.h>
#include <math.h>

enum { COLONNADE_ROWS = 128, COLONNADE_COLUMNS = 128 };

static double colonnade_step_ns(int weight_bits, int registers)
{
    int shared_rows = COLONNADE_ROWS / registers;
    return 0.4 * (weight_bits + 7 + shared_rows + 2);
}

static int colonnade_macs(int weight_bits)
{
    return COLONNADE_ROWS * (COLONNADE_COLUMNS / (weight_bits + 7));
}

double colonnade_gops(int input_bits, int weight_bits, int registers)
{
    assert(input_bits >= 1 && weight_bits >= 1 && registers >= 1);
    double ns = colonnade_step_ns(weight_bits, registers) * input_bits;
    return 2.0 * colonnade_macs(weight_bits) / ns;
}

double colonnade_latency_us(int input_bits, int weight_bits, int registers)
{
    return 1e-3 * colonnade_step_ns(weight_bits, registers) * input_bits * (registers + 1);
}

double colonnade_fj_per_mac(double vdd_v, int input_bits, int weight_bits)
{
    static const struct {
        double vdd_v, cycle_pj;
    } measured[] = {{0.6, 37.7}, {0.7, 94.0}, {0.8, 147.8}};
    for (size_t i = 0; i < COUNT_OF(measured); i++)
        if (fabs(vdd_v - measured[i].vdd_v) < 1e-6)
            return 1e3 * measured[i].cycle_pj * input_bits / colonnade_macs(weight_bits);
    return 0;
}

double neurram_tops(int input_bits, int output_bits, bool two_phase)
{
    const double macs = 48.0 * 256 * 128, integrate_us = 0.27, step_us = 0.3, phase_us = 0.3;
    assert(input_bits >= 1 && input_bits <= 8 && output_bits >= 2);
    int magnitude = input_bits > 1 ? input_bits - 1 : 1;
    bool splits = two_phase && input_bits > 4;
    int high = splits ? (magnitude + 1) / 2 : magnitude, low = magnitude - high;
    double integrations = exp2(high) - 1 + exp2(low) - 1;
    double steps = splits ? 2 * (output_bits - 1) : output_bits;
    double us = integrate_us * integrations + step_us * steps + phase_us * (splits ? 2 : 1);
    return 2 * macs / us * 1e-6;
}

static double tops_of(double macs, double ns)
{
    return 2 * macs / ns * 1e-3;
}

double jia_tops(double vdd_v, int input_bits)
{
    assert(vdd_v > 0 && input_bits >= 1);
    return tops_of(2304 * 256, 54 * 25.0 * pow(0.85 / vdd_v, 2.66) * input_bits);
}

double jia_tops_per_w(double vdd_v)
{
    if (fabs(vdd_v - 0.85) < 1e-6)
        return 2 * 2304 / (1.79 + 9.7);
    return fabs(vdd_v - 1.2) < 1e-6 ? 2 * 2304 / (3.56 + 20.4) : 0;
}

double sinangil_tops(double vdd_v)
{
    assert(vdd_v > 0);
    return tops_of(64 * 16, 5.5 * (0.6 + 0.4 * pow(0.8 / vdd_v, 2.75)));
}

double wang_tops(double vdd_v)
{
    assert(vdd_v > 0);
    return tops_of(64 * 16, 6.9 * pow(0.7 / vdd_v, 1.1));
}
