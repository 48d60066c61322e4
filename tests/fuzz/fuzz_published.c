/* fuzz_published.c — any bytes as a config with published figures, or as a comparison table: read,
 * or refused with a sentence; what was read keeps its promises. */
#include <math.h>
#include <stdlib.h>

#include "core/validate/compare.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const struct diag *d)
{
    if (good == (d->status != 0) || (!good && (d->status != 2 || !d->text[0])))
        abort();
}

static void check_figure(double value)
{
    if (!isnan(value) && !(value >= 0 && value <= 1e20))
        abort();
}

static void check_published(const struct published *p)
{
    check_figure(p->tops);
    check_figure(p->power_w);
    check_figure(p->input_density);
    if (!p->chip || !p->power_is || (!p->scored && !p->mark))
        abort();
    for (size_t i = 0; i < p->breakdown_count; i++)
        if (!(p->breakdown[i].share >= 0 && p->breakdown[i].share <= 1))
            abort();
    for (size_t i = 0; i < p->point_count; i++)
        check_figure(p->points[i].tops_per_w);
    for (size_t i = 0; i < p->miss_count; i++)
        if (!p->misses[i].reason)
            abort();
}

static void check_table(const struct compare_table *t)
{
    if (!t->count || !t->title)
        abort();
    for (size_t i = 0; i < t->count; i++) {
        const struct compare_row *r = &t->rows[i];
        if (!r->key || (!r->system && !r->space && !r->has_published))
            abort();
        check_published(&r->published);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct cfg *c = NULL;
    struct published p;
    struct compare_table t;
    struct diag opened = {.status = 0}, read = opened, table = opened;
    struct fuzz_input in = fuzz_input_open(data, size);
    bool found, good = cfg_open(a, in.path, NULL, 0, &c, &opened);
    check(good, &opened);
    if (good) {
        good = published_read(a, cfg_root(c), &p, &found, &read);
        check(good, &read);
        if (good)
            check_published(&p);
        good = compare_read(a, cfg_root(c), &t, &table);
        check(good, &table);
        if (good)
            check_table(&t);
    }
    cfg_close(c);
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
