#include "core/tech/node.h"

#include <assert.h>
#include <math.h>

/* Stillmaker and Baas, Integration 58 (2017), tables of the delay and energy polynomials and of
 * area; `delay_lo`..`delay_hi` and `energy_lo` are where the polynomials are physical (found by
 * their derivatives: delay falls, energy rises at least linearly); the supply range is assumed
 * from the supplies in use at the node. */
struct fit {
    double nm;
    double delay[4], energy[3]; /* highest power first */
    double delay_lo, delay_hi, energy_lo;
    double min_v, max_v;
};

static const struct fit high_performance[] = {
    {180, {0, 97.09, -356.7, 406.5}, {0, 24.64, -17.98}, 0.8, 1.8, 0.8, 0.7, 2.0},
    {130, {-76.65, 334.9, -493.4, 275.8}, {7.171, -6.709, 2.904}, 0.6, 1.6, 0.65, 0.6, 1.6},
    {90, {-60.34, 262.5, -384.2, 210.9}, {4.762, -4.781, 2.092}, 0.6, 1.4, 0.7, 0.5, 1.4},
    {65, {-53.3, 230.4, -333.9, 178.6}, {3.755, -4.398, 1.975}, 0.6, 1.4, 0.75, 0.45, 1.4},
    {45, {-501.6, 1567, -1619, 566.1}, {1.018, -0.3107, 0.1539}, 0.7, 0.9, 0.4, 0.4, 1.3},
    {32, {-1047, 2982, -2797, 873.5}, {0.8367, -0.4341, 0.1701}, 0.7, 0.84, 0.5, 0.4, 1.2},
    {20, {0, 34.63, -66.37, 41.15}, {0.373, -0.1582, 0.04104}, 0.5, 0.95, 0.4, 0.4, 1.2},
    {16, {0, 24.8, -47.52, 28.87}, {0.2958, -0.1241, 0.03024}, 0.5, 0.95, 0.4, 0.4, 1.2},
    {14, {-40.66, 109.2, -100.6, 35.92}, {0.2363, -0.09675, 0.02239}, 0.5, 1.1, 0.4, 0.4, 1.1},
    {10, {-34.95, 93.65, -85.99, 30.4}, {0.2068, -0.09311, 0.02375}, 0.5, 1.1, 0.4, 0.4, 1.1},
    {7, {-28.58, 76.6, -70.26, 24.69}, {0.1776, -0.09097, 0.02447}, 0.5, 1.1, 0.4, 0.4, 1.1},
};

static const struct fit low_power[] = {
    {180, {0, 97.09, -356.7, 406.5}, {0, 24.64, -17.98}, 0.8, 1.8, 0.8, 0.7, 2.0},
    {130, {-76.65, 334.9, -493.4, 275.8}, {7.171, -6.709, 2.904}, 0.6, 1.6, 0.65, 0.6, 1.6},
    {90, {-60.34, 262.5, -384.2, 210.9}, {4.762, -4.781, 2.092}, 0.6, 1.4, 0.7, 0.5, 1.4},
    {65, {-53.3, 230.4, -333.9, 178.6}, {3.755, -4.398, 1.975}, 0.6, 1.4, 0.75, 0.45, 1.4},
    {45, {-285.7, 1239, -1795, 898.8}, {1.103, -0.362, 0.2767}, 0.7, 1.3, 0.55, 0.5, 1.3},
    {32, {-325.9, 1374, -1922, 913.2}, {0.9559, -0.7823, 0.471}, 0.7, 1.2, 0.75, 0.5, 1.2},
    {20, {-160.5, 514.1, -558.6, 217.5}, {0.2632, -0.14, 0.06841}, 0.6, 1.2, 0.55, 0.4, 1.2},
    {16, {-114.6, 366.7, -397.4, 153.6}, {0.2139, -0.1187, 0.05639}, 0.6, 1.2, 0.55, 0.4, 1.2},
    {14, {-85.37, 271.6, -292.2, 111.4}, {0.1556, -0.06472, 0.03066}, 0.6, 1.1, 0.45, 0.4, 1.1},
    {10, {-71.76, 228.6, -246.3, 93.91}, {0.1261, -0.0518, 0.02769}, 0.6, 1.1, 0.5, 0.4, 1.1},
    {7, {-61.79, 196.1, -210.3, 79.55}, {0.09365, -0.03409, 0.02043}, 0.6, 1.1, 0.5, 0.4, 1.1},
};

/* Area of a layout relative to 7 nm, same table. */
static const double area_of[] = {320, 110, 48, 25, 17, 7.8, 3.6, 3.2, 2.9, 1.7, 1};

enum { NODES = COUNT_OF(high_performance) };
#define SMALLEST_FIT_NM 7.0

/* The table rows around a node: value = row[hi]^(1-t) * row[hi+1]^t. */
struct between {
    size_t hi, lo;
    double t;
};

static struct between find_rows(double nm)
{
    struct between b = {NODES - 1, NODES - 1, 0};
    for (size_t i = 0; i + 1 < NODES; i++) {
        double large = high_performance[i].nm, small = high_performance[i + 1].nm;
        if (nm > small) {
            b.hi = i;
            b.lo = i + 1;
            b.t = log(large / fmin(nm, large)) / log(large / small);
            return b;
        }
    }
    return b;
}

static const struct fit *fit_at(enum node_flavor flavor, size_t row)
{
    return flavor == NODE_LOW_POWER ? &low_power[row] : &high_performance[row];
}

double node_alpha_power(double vdd_v, double reference_v)
{
    const double exponent = 1.3;
    assert(vdd_v > NODE_THRESHOLD_V && reference_v > NODE_THRESHOLD_V);
    return vdd_v / reference_v *
           pow((reference_v - NODE_THRESHOLD_V) / (vdd_v - NODE_THRESHOLD_V), exponent);
}

static double fit_delay(const struct fit *f, double v)
{
    double edge = fmin(fmax(v, f->delay_lo), f->delay_hi);
    double at_edge = ((f->delay[0] * edge + f->delay[1]) * edge + f->delay[2]) * edge + f->delay[3];
    return at_edge * node_alpha_power(v, edge);
}

static double fit_energy(const struct fit *f, double v)
{
    double edge = fmax(v, f->energy_lo);
    double at_edge = (f->energy[0] * edge + f->energy[1]) * edge + f->energy[2];
    return at_edge * (v / edge) * (v / edge);
}

static double interpolate(struct node_point p, double (*value)(const struct fit *, double))
{
    struct between b = find_rows(p.nm);
    double large = value(fit_at(p.flavor, b.hi), p.vdd_v);
    double small = value(fit_at(p.flavor, b.lo), p.vdd_v);
    return large * pow(small / large, b.t);
}

void node_supply_range(double nm, enum node_flavor flavor, double *min_v, double *max_v)
{
    struct between b = find_rows(nm);
    *min_v = fmax(fit_at(flavor, b.hi)->min_v, fit_at(flavor, b.lo)->min_v);
    *max_v = fmin(fit_at(flavor, b.hi)->max_v, fit_at(flavor, b.lo)->max_v);
}

static bool check_point(struct node_point p, struct diag *d)
{
    if (!(p.nm >= NODE_MIN_NM && p.nm <= NODE_MAX_NM))
        return diag_input(d, NULL, 0, "a node of %g nm is outside %g to %g nm", p.nm, NODE_MIN_NM,
                          NODE_MAX_NM);
    double min_v, max_v;
    node_supply_range(p.nm, p.flavor, &min_v, &max_v);
    if (!(p.vdd_v >= min_v && p.vdd_v <= max_v))
        return diag_input(d, NULL, 0, "a supply of %g V is outside %g to %g V at %g nm", p.vdd_v,
                          min_v, max_v, p.nm);
    return true;
}

bool node_energy_factor(struct node_point from, struct node_point to, double *factor,
                        struct diag *d)
{
    TRY(check_point(from, d));
    TRY(check_point(to, d));
    double below_7 = sqrt(fmin(to.nm, SMALLEST_FIT_NM) / fmin(from.nm, SMALLEST_FIT_NM));
    *factor = below_7 * interpolate(to, fit_energy) / interpolate(from, fit_energy);
    return true;
}

bool node_delay_factor(struct node_point from, struct node_point to, double *factor, struct diag *d)
{
    TRY(check_point(from, d));
    TRY(check_point(to, d));
    *factor = interpolate(to, fit_delay) / interpolate(from, fit_delay);
    return true;
}

static double relative_area(double nm)
{
    struct between b = find_rows(nm);
    double fit = area_of[b.hi] * pow(area_of[b.lo] / area_of[b.hi], b.t);
    return fit * fmin(nm, SMALLEST_FIT_NM) / SMALLEST_FIT_NM;
}

double node_area_factor(double from_nm, double to_nm)
{
    assert(from_nm >= NODE_MIN_NM && to_nm >= NODE_MIN_NM);
    assert(from_nm <= NODE_MAX_NM && to_nm <= NODE_MAX_NM);
    return relative_area(to_nm) / relative_area(from_nm);
}
