/* Whether the labels of the fit mean anything. */
#include <stdlib.h>
#include <string.h>

#include "core/accelerator/accelerator_fit.h"
#include "core/base/rng.h"

enum { DEALS = 9 };

static size_t first_row_of(const struct chip_data *data, size_t at)
{
    size_t first = 0;
    while (strcmp(data->rows[first].chip, data->rows[at].chip) != 0)
        first++;
    return first;
}

/* Swaps the classes of chips at random; rows of a chip keep one class. */
static void deal(const struct chip_data *data, struct chip_row *rows, size_t *chips, struct rng *r)
{
    size_t count = 0;
    for (size_t i = 0; i < data->count; i++) {
        rows[i] = data->rows[i];
        if (first_row_of(data, i) == i && data->rows[i].kind != CHIP_PREDICT)
            chips[count++] = i;
    }
    for (size_t i = count; i > 1; i--) {
        size_t other = chips[rng_below(r, i)], last = chips[i - 1];
        enum chip_class held = rows[last].point.design;
        rows[last].point.design = rows[other].point.design;
        rows[other].point.design = held;
    }
    for (size_t i = 0; i < data->count; i++)
        rows[i].point.design = rows[first_row_of(data, i)].point.design;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double accelerator_fit_shuffled(struct arena *a, const struct chip_data *data, uint64_t seed)
{
    struct rng r = rng_open(seed, "accelerator.shuffled");
    struct chip_row *rows = ARENA_ARRAY(a, struct chip_row, data->count);
    size_t *chips = ARENA_ARRAY(a, size_t, data->count);
    struct accelerator_fit f;
    double geo_mean[DEALS];
    for (int i = 0; i < DEALS; i++) {
        struct chip_data dealt = *data;
        deal(data, rows, chips, &r);
        dealt.rows = rows;
        accelerator_fit(a, &dealt, &f);
        geo_mean[i] = f.leave_chip.geo_mean;
    }
    qsort(geo_mean, DEALS, sizeof *geo_mean, by_value);
    return geo_mean[DEALS / 2];
}
