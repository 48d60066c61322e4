#include "core/sim/steady.h"

#include <math.h>
#include <string.h>

static const double TOLERANCE = 1e-3;
enum { SERVER_WORDS_MAX = 1 << 16 };

static void take_counts(struct snapshot *n, const struct pipeline *l, struct arena *a,
                        int64_t sample)
{
    const struct plan *p = l->plan;
    const struct segment *g = l->segment;
    size_t w = 0;
    n->counts = ARENA_ARRAY(a, int64_t, 2 * g->stage_count + 3 * g->edge_count);
    for (int32_t k = 0; k < g->stage_count; k++) {
        const struct stage *s = &p->stages[g->first_stage + k];
        int64_t base = (sample + 1) * s->steps;
        if (s->kind == STAGE_SOURCE) /* how far it reads ahead hangs on DRAM refresh */
            continue;
        n->counts[w++] = l->stages[k].begun - base;
        n->counts[w++] = l->stages[k].ended - base;
    }
    for (int32_t k = 0; k < g->edge_count; k++) {
        const struct stage *from = &p->stages[p->edges[g->first_edge + k].producer];
        const struct pipe_edge *at = &l->edges[k];
        int64_t flying = 0;
        for (int64_t c = at->arrived; c < at->room; c++)
            flying += at->arrivals[c].remaining > 0 ? at->arrivals[c].remaining : 0;
        n->counts[w++] = at->arrived - (sample + 1) * from->chunks;
        n->counts[w++] = at->freed - (sample + 1) * from->chunks;
        n->counts[w++] = flying;
    }
    n->count_words = w;
}

/* A server may have many words or few: they are written aside, and what there is is kept. */
static void take_times(struct steady *s, struct snapshot *n, const struct pipeline *l,
                       const struct server *network, time_ps now)
{
    size_t stages = (size_t)l->segment->stage_count, words = 0;
    if (!s->scratch)
        s->scratch = ARENA_ARRAY(s->arena, int64_t, SERVER_WORDS_MAX);
    if (network && network->ops->state)
        words = network->ops->state(network, now, s->scratch, SERVER_WORDS_MAX);
    n->time_words = stages + words;
    n->times = ARENA_ARRAY(s->arena, int64_t, n->time_words);
    for (size_t k = 0; k < stages; k++) {
        const struct pipe_stage *at = &l->stages[k];
        n->times[k] = at->busy ? now - at->steps[at->begun - 1].start : 0;
    }
    memcpy(n->times + stages, s->scratch, words * sizeof *n->times);
}

void steady_take(struct steady *s, const struct pipeline *l, int64_t sample,
                 const struct ledger *books, const struct server *network, time_ps now)
{
    memmove(&s->last[1], &s->last[0], sizeof s->last - sizeof s->last[0]);
    struct snapshot *n = &s->last[0];
    n->at = now;
    take_counts(n, l, s->arena, sample);
    take_times(s, n, l, network, now);
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

bool steady_agree(double a, double b)
{
    return fabs(a - b) <= TOLERANCE * fabs(a);
}

/* Memory's parts, and leakage, which follows time. */
static bool drifts(int p)
{
    return (p >= PART_MEMORY_ACTIVATE && p <= PART_MEMORY_BACKGROUND) || p == PART_LEAKAGE;
}

bool steady_same_energies(const double a_pj[PART_COUNT], const double b_pj[PART_COUNT], bool memory)
{
    double memory_a = 0, memory_b = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        if (drifts(p)) {
            memory_a += a_pj[p];
            memory_b += b_pj[p];
        } else if (!steady_agree(a_pj[p], b_pj[p])) {
            return false;
        }
    }
    return !memory || steady_agree(memory_a, memory_b);
}

/* Do the last two periods of `m` samples agree in time and in every part's energy?  Memory's enters
 * by its mean over both. */
static bool same_periods(const struct steady *s, size_t m)
{
    const struct snapshot *c = &s->last[0], *b = &s->last[m], *a = &s->last[2 * m];
    double late[PART_COUNT], early[PART_COUNT];
    for (int p = 0; p < PART_COUNT; p++) {
        late[p] = c->sums.part_pj[p] - b->sums.part_pj[p];
        early[p] = b->sums.part_pj[p] - a->sums.part_pj[p];
    }
    return steady_agree((double)(c->at - b->at), (double)(b->at - a->at)) &&
           steady_same_energies(late, early, false);
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
