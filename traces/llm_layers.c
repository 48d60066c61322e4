/* llm_layers.c — which layers a model has, and equal stretches of them as repeats. */
#include <string.h>

#include "traces/llm_build.h"

/* Longest stretch that is looked for, in layers. */
enum { STRETCH_MAX = 64 };

static char letter(const char *pattern, int64_t index)
{
    return pattern[index % (int64_t)strlen(pattern)];
}

char llm_mixer_at(const struct llm_model *m, int64_t index)
{
    if (m->family.mixers)
        return letter(m->family.mixers, index);
    return m->window > 0 ? 'w' : 'a';
}

char llm_feed_at(const struct llm_model *m, int64_t index)
{
    if (m->family.feeds)
        return letter(m->family.feeds, index);
    bool sparse = m->experts > 0 && index >= m->dense_first && (index + 1) % m->sparse_step == 0;
    return sparse ? 'e' : 'd';
}

static bool equal(const struct llm_layer *a, const struct llm_layer *b)
{
    return a->mixer == b->mixer && a->feed == b->feed && a->cross == b->cross;
}

/* How often the first `unit` layers stand in a row. */
static int64_t times_in_a_row(const struct llm_layer *l, int64_t count, int64_t unit)
{
    int64_t i = unit;
    while (i < count && equal(&l[i], &l[i - unit]))
        i++;
    return i / unit;
}

/* The stretch whose repeats cover most of what follows; the shortest of equals. */
static int64_t best_unit(const struct llm_layer *l, int64_t count, int64_t *times)
{
    int64_t best = 1, covered = 1;
    *times = 1;
    for (int64_t unit = 1; unit <= count / 2 && unit <= STRETCH_MAX; unit++) {
        int64_t t = times_in_a_row(l, count, unit);
        if (t < 2 || t * unit <= covered)
            continue;
        best = unit;
        covered = t * unit;
        *times = t;
    }
    return best;
}

void llm_layers(struct llm_work *w, int64_t layers, bool cross, int32_t memory)
{
    struct llm_layer *all = ARENA_ARRAY(w->arena, struct llm_layer, (size_t)layers);
    for (int64_t i = 0; i < layers; i++)
        all[i] = (struct llm_layer){llm_mixer_at(w->model, i), llm_feed_at(w->model, i), cross};
    for (int64_t i = 0, unit, times; i < layers; i += unit * times) {
        size_t from = w->count;
        unit = best_unit(&all[i], layers - i, &times);
        for (int64_t k = i; k < i + unit; k++)
            llm_block(w, k, &all[k], memory);
        llm_repeat(w, from, times - 1);
    }
}
