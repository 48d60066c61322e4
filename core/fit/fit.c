/* Levenberg-Marquardt in logarithms, one weight per chip. */
#include "core/fit/fit.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 60 };

static const double log_reach = 6.907755; /* ln 1000 */
static const double step = 1e-5;

/* The normal equations of one iteration. */
struct normal {
    double matrix[FIT_CONSTANTS_MAX][FIT_CONSTANTS_MAX];
    double right[FIT_CONSTANTS_MAX];
    double cost;
};

static void exponentials(const struct fit_law *law, const double *logs, double *constants)
{
    for (size_t i = 0; i < law->constant_count; i++)
        constants[i] = exp(logs[i]);
}

double fit_residual(const struct fit_law *law, const double *constants, const struct fit_point *p)
{
    double predicted = law->value(constants, p->facts);
    assert(predicted > 0 && p->published > 0);
    return log(predicted / p->published);
}

static bool is_kept(const bool *keep, size_t i)
{
    return !keep || keep[i];
}

/* One over the kept points of the point's chip. */
static double weight_of(const struct fit_set *s, const bool *keep, size_t at)
{
    size_t same = 0;
    for (size_t i = 0; i < s->count; i++)
        same += is_kept(keep, i) && strcmp(s->points[i].chip, s->points[at].chip) == 0;
    return 1.0 / (double)same;
}

static double cost_at(const struct fit_law *law, const struct fit_set *s, const double *weights,
                      const double *logs)
{
    double constants[FIT_CONSTANTS_MAX], cost = 0;
    exponentials(law, logs, constants);
    for (size_t i = 0; i < s->count; i++)
        if (weights[i] > 0) {
            double r = fit_residual(law, constants, &s->points[i]);
            cost += weights[i] * r * r;
        }
    return cost;
}

static void add_point(const struct fit_law *law, const struct fit_point *p, double weight,
                      const double *logs, struct normal *n)
{
    double constants[FIT_CONSTANTS_MAX], slope[FIT_CONSTANTS_MAX];
    exponentials(law, logs, constants);
    double r = fit_residual(law, constants, p);
    for (size_t i = 0; i < law->constant_count; i++) {
        double kept = constants[i];
        constants[i] = kept * exp(step);
        slope[i] = (fit_residual(law, constants, p) - r) / step;
        constants[i] = kept;
    }
    for (size_t i = 0; i < law->constant_count; i++) {
        n->right[i] -= weight * slope[i] * r;
        for (size_t j = 0; j < law->constant_count; j++)
            n->matrix[i][j] += weight * slope[i] * slope[j];
    }
    n->cost += weight * r * r;
}

/* Gauss elimination of the damped equations; the damping keeps the pivots positive. */
static void solve(const struct normal *n, size_t count, double damping, double *x)
{
    double m[FIT_CONSTANTS_MAX][FIT_CONSTANTS_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        memcpy(m[i], n->matrix[i], count * sizeof m[i][0]);
        m[i][i] += damping * (n->matrix[i][i] + 1e-9);
        m[i][count] = n->right[i];
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++) {
            double factor = m[k][i] / m[i][i];
            for (size_t j = i; j <= count; j++)
                m[k][j] -= factor * m[i][j];
        }
    for (size_t i = count; i-- > 0;) {
        x[i] = m[i][count];
        for (size_t j = i + 1; j < count; j++)
            x[i] -= m[i][j] * x[j];
        x[i] /= m[i][i];
    }
}

static void step_to(const struct fit_law *law, const double *logs, const double *delta, double *to)
{
    for (size_t i = 0; i < law->constant_count; i++) {
        double start = log(law->constants[i].a_priori);
        to[i] = fmin(fmax(logs[i] + delta[i], start - log_reach), start + log_reach);
    }
}

/* One damped step that lowers the cost; false: there is none worth taking. */
static bool improve(const struct fit_law *law, const struct fit_set *s, const double *weights,
                    double *logs, double *damping)
{
    struct normal n = {.cost = 0};
    for (size_t i = 0; i < s->count; i++)
        if (weights[i] > 0)
            add_point(law, &s->points[i], weights[i], logs, &n);
    while (*damping < 1e9) {
        double delta[FIT_CONSTANTS_MAX], to[FIT_CONSTANTS_MAX];
        solve(&n, law->constant_count, *damping, delta);
        step_to(law, logs, delta, to);
        double cost = cost_at(law, s, weights, to);
        if (cost < n.cost) {
            memcpy(logs, to, law->constant_count * sizeof *logs);
            *damping /= 10;
            return n.cost - cost > 1e-13 * (1e-6 + n.cost);
        }
        *damping *= 10;
    }
    return false;
}

static void fit_weighted(const struct fit_law *law, const struct fit_set *s, const double *weights,
                         double *constants)
{
    double logs[FIT_CONSTANTS_MAX], damping = 1e-3;
    for (size_t i = 0; i < law->constant_count; i++)
        logs[i] = log(law->constants[i].a_priori);
    for (int i = 0; i < ITERATIONS_MAX; i++)
        if (!improve(law, s, weights, logs, &damping))
            break;
    exponentials(law, logs, constants);
}

void fit_constants(const struct fit_law *law, const struct fit_set *s, const bool *keep,
                   double *constants)
{
    struct arena *scratch = arena_open();
    double *weights = ARENA_ARRAY(scratch, double, s->count);
    for (size_t i = 0; i < s->count; i++)
        weights[i] = is_kept(keep, i) ? weight_of(s, keep, i) : 0;
    fit_weighted(law, s, weights, constants);
    arena_close(scratch);
}
