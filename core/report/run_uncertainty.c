/* run_uncertainty.c — error bars: every price drawn within its spread, the books added up anew.
 *
 * Prices of one kind (same part, action and trust) move together, by a log-normal factor.  A price
 * without a stated spread is given one by its trust.  Time is not resampled: the interval is that
 * of the energy.  A GPU's energy is drawn with the error of its power model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/report/run_parts.h"

/* Relative standard uncertainty of a GPU's energy (docs/MODELS.md: held-out power error). */
static const double GPU_SPREAD = 0.15;

struct family {
    enum part part;
    const char *action;
    enum provenance from;
    double spread, pj;
};

static size_t find_families(const struct run *r, struct family *out)
{
    size_t n = 0;
    for (size_t i = 0; i < ledger_rows(r->sim.ledger); i++) {
        const struct ledger_row *row = ledger_row(r->sim.ledger, i);
        double pj = row->count * row->pj.value, spread = quantity_spread(&row->pj);
        size_t k = 0;
        while (k < n && (out[k].part != row->part || out[k].from != row->pj.from ||
                         out[k].spread != spread || strcmp(out[k].action, row->action) != 0))
            k++;
        if (k == n)
            out[n++] = (struct family){row->part, row->action, row->pj.from, spread, 0};
        out[k].pj += pj;
    }
    return n;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The middle 90 % of sorted samples. */
static json_t *interval(const double *sorted, int n, double scale_low, double scale_high)
{
    int low = (int)floor(0.05 * (n - 1)), high = (int)ceil(0.95 * (n - 1));
    return json_pack("[f, f]", scale_low * sorted[low], scale_high * sorted[high]);
}

static json_t *inverse_interval(const double *sorted, int n, double numerator)
{
    int low = (int)floor(0.05 * (n - 1)), high = (int)ceil(0.95 * (n - 1));
    return json_pack("[f, f]", numerator / sorted[high], numerator / sorted[low]);
}

static void add_gains(json_t *result, const double *energy, int n, struct rng *random)
{
    double *gain = malloc((size_t)n * sizeof *gain);
    size_t index;
    json_t *gpu;
    double mine = json_number_value(json_object_get(result, "energy_j"));
    json_array_foreach(json_object_get(result, "baselines"), index, gpu)
    {
        json_t *middle = json_object_get(gpu, "energy_gain");
        int wins = 0;
        if (!gain || !json_is_number(middle))
            continue;
        for (int i = 0; i < n; i++) {
            gain[i] =
                json_number_value(middle) * mine / energy[i] * exp(GPU_SPREAD * rng_normal(random));
            wins += gain[i] > 1;
        }
        qsort(gain, (size_t)n, sizeof *gain, by_value);
        json_object_set_new(gpu, "energy_gain_interval", interval(gain, n, 1, 1));
        json_object_set_new(gpu, "p_win", json_real((double)wins / n));
    }
    free(gain);
}

void run_uncertainty(const struct run *r, json_t *result)
{
    int n = r->request->uncertainty;
    struct rng random = rng_open(r->request->seed, "uncertainty");
    struct family *families = ARENA_ARRAY(r->arena, struct family, ledger_rows(r->sim.ledger) + 1);
    double *energy = ARENA_ARRAY(r->arena, double, n), *sorted = ARENA_ARRAY(r->arena, double, n);
    size_t count = find_families(r, families);
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < count; k++) {
            double sigma = sqrt(log1p(families[k].spread * families[k].spread));
            energy[i] +=
                families[k].pj * 1e-12 * exp(sigma * rng_normal(&random) - 0.5 * sigma * sigma);
        }
    memcpy(sorted, energy, (size_t)n * sizeof *energy);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    json_object_set_new(result, "tops_per_w_interval",
                        inverse_interval(sorted, n, 2e-12 * r->plan->macs));
    bool tokens = strcmp(r->trace.header.work_unit, "token") == 0;
    json_object_set_new(
        result, tokens ? "j_per_token_interval" : "j_per_image_interval",
        interval(sorted, n, 1 / r->trace.header.work_count, 1 / r->trace.header.work_count));
    add_gains(result, energy, n, &random);
}
