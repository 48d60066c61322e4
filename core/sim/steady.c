#include "core/sim/steady.h"

#include <math.h>
#include <string.h>

static const double TOLERANCE = 1e-3;
enum { SERVER_WORDS_MAX = 1 << 16 };

static void take_counts(struct snapshot *n, const struct pipeline *l, struct arena *a,
                        int64_t sample)
{
    const struct plan *p = l->plan;
    size_t w = 0;
    n->counts = ARENA_ARRAY(a, int64_t, 2 * p->stage_count + 3 * p->edge_count);
    for (int32_t k = 0; k < l->segment->stage_count; k++) {
        int32_t i = l->segment->first_stage + k;
        int64_t base = (sample + 1) * p->stages[i].steps;
        if (p->stages[i].kind == STAGE_SOURCE) /* how far it reads ahead hangs on DRAM refresh */
            continue;
        n->counts[w++] = l->stages[i].begun - base;
        n->counts[w++] = l->stages[i].ended - base;
    }
    for (size_t e = 0; e < p->edge_count; e++) {
        const struct stage *from = &p->stages[p->edges[e].producer];
        const struct pipe_edge *at = &l->edges[e];
        if (from->segment != p->stages[l->segment->first_stage].segment)
            continue;
        int64_t flying = 0;
        for (int64_t c = at->arrived; c < at->room; c++)
            flying += at->arrivals[c].remaining > 0 ? at->arrivals[c].remaining : 0;
        n->counts[w++] = at->arrived - (sample + 1) * from->chunks;
        n->counts[w++] = at->freed - (sample + 1) * from->chunks;
        n->counts[w++] = flying;
    }
    n->count_words = w;
}

static void take_times(struct snapshot *n, const struct pipeline *l, struct arena *a,
                       const struct server *network, time_ps now)
{
    size_t w = 0;
    bool asks = network && network->ops->state;
    n->times =
        ARENA_ARRAY(a, int64_t, (size_t)l->segment->stage_count + (asks ? SERVER_WORDS_MAX : 0));
    for (int32_t k = 0; k < l->segment->stage_count; k++) {
        const struct pipe_stage *s = &l->stages[l->segment->first_stage + k];
        n->times[w++] = s->busy ? now - s->steps[s->begun - 1].start : 0;
    }
    if (asks)
        w += network->ops->state(network, now, n->times + w, SERVER_WORDS_MAX);
    n->time_words = w;
}

void steady_take(struct steady *s, const struct pipeline *l, int64_t sample,
                 const struct ledger *books, const struct server *network, time_ps now)
{
    memmove(&s->last[1], &s->last[0], sizeof s->last - sizeof s->last[0]);
    struct snapshot *n = &s->last[0];
    n->at = now;
    take_counts(n, l, s->arena, sample);
    take_times(n, l, s->arena, network, now);
    n->ledger = ledger_snapshot(books, s->arena);
    ledger_sum(books, &n->sums);
    s->taken++;
}

static bool same_state(const struct snapshot *a, const struct snapshot *b, double period)
{
    if (a->count_words != b->count_words || a->time_words != b->time_words ||
        memcmp(a->counts, b->counts, a->count_words * sizeof *a->counts) != 0)
        return false;
    for (size_t i = 0; i < a->time_words; i++)
        if (fabs((double)a->times[i] - (double)b->times[i]) > TOLERANCE * period)
            return false; /* some words are hashes: far apart, and beyond what a difference holds */
    return true;
}

static bool agree(double a, double b)
{
    return fabs(a - b) <= TOLERANCE * fabs(a);
}

/* Refresh has a period of its own: memory's energy enters by its mean over both periods. */
static bool of_memory(enum part p)
{
    return p >= PART_MEMORY_ACTIVATE && p <= PART_MEMORY_BACKGROUND;
}

/* Do the last two periods of `m` samples agree in time and in every part's energy? */
static bool same_periods(const struct steady *s, size_t m)
{
    const struct snapshot *c = &s->last[0], *b = &s->last[m], *a = &s->last[2 * m];
    if (!agree((double)(c->at - b->at), (double)(b->at - a->at)))
        return false;
    for (int p = 0; p < PART_COUNT; p++)
        if (!of_memory((enum part)p) && !agree(c->sums.part_pj[p] - b->sums.part_pj[p],
                                               b->sums.part_pj[p] - a->sums.part_pj[p]))
            return false;
    return true;
}

int steady_period(const struct steady *s)
{
    for (size_t m = 1; m <= STEADY_PERIODS; m++) {
        if (s->taken < 2 * m + 1)
            return 0;
        double period = (double)(s->last[0].at - s->last[m].at);
        if (period > 0 && same_state(&s->last[0], &s->last[m], period) && same_periods(s, m))
            return (int)m;
    }
    return 0;
}
