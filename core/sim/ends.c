#include "core/sim/ends.h"

#include <math.h>
#include <string.h>

void ends_restart(struct sample_ends *e)
{
    e->count = e->added = e->added_from = 0;
}

void ends_play(struct sample_ends *e, struct arena *a, const struct moment *end)
{
    if (e->count == e->room) {
        int64_t room = e->room ? 2 * e->room : 64;
        struct moment *more = ARENA_ARRAY(a, struct moment, room);
        if (e->count)
            memcpy(more, e->played, (size_t)e->count * sizeof *more);
        e->played = more;
        e->room = room;
    }
    e->played[e->count++] = *end;
}

void ends_add(struct sample_ends *e, int64_t count, const struct spell *each)
{
    e->added_from = e->count;
    e->added = count;
    e->each = *each;
}

/* The largest cause takes what rounding leaves. */
struct moment moment_after(struct moment m, const struct spell *each, double times)
{
    int largest = 0;
    time_ps left = llround(times * each->ps);
    m.at += left;
    for (int c = 0; c < CAUSE_COUNT; c++) {
        time_ps ps = llround(times * each->cause_ps[c]);
        m.by_cause[c] += ps;
        left -= ps;
        if (each->cause_ps[c] > each->cause_ps[largest])
            largest = c;
    }
    m.by_cause[largest] += left;
    return m;
}

struct moment ends_at(const struct sample_ends *e, int64_t k)
{
    if (k < e->added_from || e->added == 0)
        return e->played[k];
    if (k < e->added_from + e->added)
        return moment_after(e->played[e->added_from - 1], &e->each,
                            (double)(k - e->added_from + 1));
    return moment_after(e->played[k - e->added], &e->each, (double)e->added);
}

double ends_interval_ps(const struct sample_ends *e)
{
    int64_t samples = e->count + e->added, first = samples / 4, last = samples - 1 - samples / 4;
    if (samples < 2)
        return 0;
    return (double)(ends_at(e, last).at - ends_at(e, first).at) / (double)(last - first);
}
