#include "core/sim/pipeline.h"

#include <assert.h>
#include <string.h>

static const struct stage *plan_stage(const struct pipeline *l, int32_t stage)
{
    return &l->plan->stages[stage];
}

static void play(struct pipeline *l, int64_t samples)
{
    l->samples = samples;
    l->unfinished = 0;
    for (int32_t i = 0; i < l->segment->stage_count; i++)
        l->unfinished += !pipeline_stage_finished(l, l->segment->first_stage + i);
}

void pipeline_open(struct pipeline *l, struct arena *a, const struct plan *p,
                   const struct segment *g, int64_t samples, const struct moment *start)
{
    memset(l, 0, sizeof *l);
    l->arena = a;
    l->plan = p;
    l->segment = g;
    l->start = l->latest = l->ended = *start;
    l->stages = ARENA_ARRAY(a, struct pipe_stage, g->stage_count);
    l->edges = ARENA_ARRAY(a, struct pipe_edge, g->edge_count);
    for (int32_t i = 0; i < g->stage_count; i++) {
        struct pipe_stage *s = &l->stages[i];
        s->overlaps = stage_is_outside(&p->stages[g->first_stage + i]);
        s->weights = s->last = *start;
        s->steps = ring_of(sizeof(struct step_record));
    }
    for (int32_t i = 0; i < g->edge_count; i++) {
        l->edges[i].arrivals = ring_of(sizeof(struct arrival_record));
        l->edges[i].frees = ring_of(sizeof(struct free_record));
    }
    play(l, samples);
}

int64_t pipeline_untouched(const struct pipeline *l)
{
    int64_t most = 0;
    for (int32_t i = 0; i < l->segment->stage_count; i++) {
        int64_t steps = l->plan->stages[l->segment->first_stage + i].steps;
        int64_t begun = ceil_div(l->stages[i].begun, steps);
        most = begun > most ? begun : most;
    }
    return most;
}

void pipeline_add(struct pipeline *l, int64_t count, const struct spell *each)
{
    l->added_from = pipeline_untouched(l);
    l->added = count;
    l->each = *each;
    play(l, l->samples - count);
}

static struct arrival_record *arrival_at(struct pipeline *l, int32_t edge, int64_t chunk)
{
    struct ring *r = &pipeline_edge(l, edge)->arrivals;
    ring_reach(r, l->arena, chunk + 1);
    return ring_at(r, chunk);
}

static void happened(struct pipeline *l, const struct moment *m)
{
    if (m->at >= l->latest.at)
        l->latest = *m;
}

/* --- starting ------------------------------------------------------------------------------ */

struct pipe_step pipeline_step(const struct pipeline *l, int32_t stage, int64_t step)
{
    const struct stage *s = plan_stage(l, stage);
    struct pipe_step p = {step, -1, 0, 1};
    int64_t sample = step / s->steps, k = step % s->steps;
    if (s->emits_last_only) {
        p.rows = 1;
        p.share = 1.0 / (double)s->steps;
        p.chunk = k + 1 == s->steps ? sample : -1;
    } else {
        p.rows = stage_chunk_rows(s, k);
        p.chunk = sample * s->chunks + k;
    }
    return p;
}

/* Chunks of the producer, over all samples, that must have arrived before this step. */
static int64_t chunks_needed(const struct pipeline *l, int32_t edge, int64_t step)
{
    const struct edge *e = &l->plan->edges[edge];
    const struct stage *to = plan_stage(l, e->consumer);
    int64_t per_sample = plan_stage(l, e->producer)->chunks;
    return step / to->steps * per_sample + e->needs[step % to->steps];
}

/* Chunks that every reader is done with. */
static int64_t chunks_freed(const struct pipeline *l, const struct stage *s)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < s->out_count; i++)
        if (pipeline_edge(l, s->out[i])->freed < least)
            least = pipeline_edge(l, s->out[i])->freed;
    return least;
}

static bool has_slot(const struct pipeline *l, int32_t stage, int64_t chunk)
{
    const struct stage *s = plan_stage(l, stage);
    return chunk < 0 || s->out_count == 0 || chunk - chunks_freed(l, s) < s->capacity_chunks;
}

void pipeline_weights(struct pipeline *l, int32_t stage, time_ps at)
{
    struct pipe_stage *s = pipeline_stage(l, stage);
    s->awaits_weights = at == TIME_NEVER;
    if (!s->awaits_weights)
        s->weights = moment_until(&l->start, at > l->start.at ? at : l->start.at, CAUSE_RELOAD);
}

bool pipeline_stage_finished(const struct pipeline *l, int32_t stage)
{
    return pipeline_stage(l, stage)->ended >= l->samples * plan_stage(l, stage)->steps;
}

bool pipeline_ready(const struct pipeline *l, int32_t stage)
{
    const struct stage *s = plan_stage(l, stage);
    const struct pipe_stage *at = pipeline_stage(l, stage);
    if (at->busy || at->awaits_weights || at->begun >= l->samples * s->steps)
        return false;
    for (size_t i = 0; i < s->in_count; i++)
        if (pipeline_edge(l, s->in[i])->arrived < chunks_needed(l, s->in[i], at->begun))
            return false;
    return has_slot(l, stage, pipeline_step(l, stage, at->begun).chunk);
}

/* When a sample is handed over by the region before, in the time of this one.  What the time up to
 * then was spent on goes on from the first sample's. */
static struct moment handed_over(const struct pipeline *l, int64_t sample)
{
    bool behind = l->added > 0 && sample >= l->added_from; /* those that come by arithmetic */
    struct moment first = ends_at(l->upstream, 0);
    struct moment m = ends_at(l->upstream, behind ? sample + l->added : sample);
    if (behind)
        m = moment_after(m, &l->each, -(double)l->added);
    m.at += l->start.at - first.at;
    for (int c = 0; c < CAUSE_COUNT; c++)
        m.by_cause[c] += l->start.by_cause[c] - first.by_cause[c];
    return m;
}

static bool is_handed_over(const struct pipeline *l, const struct stage *s)
{
    return l->upstream && s->kind == STAGE_SOURCE && s->handover;
}

time_ps pipeline_earliest(const struct pipeline *l, int32_t stage)
{
    const struct stage *s = plan_stage(l, stage);
    const struct pipe_stage *at = pipeline_stage(l, stage);
    time_ps weights = at->begun == 0 ? at->weights.at : 0;
    time_ps handed = is_handed_over(l, s) ? handed_over(l, at->begun / s->steps).at : 0;
    return weights > handed ? weights : handed;
}

/* --- what a step waited for ------------------------------------------------------------------ */

/* The slot of the chunk that this step makes was another's before. */
static void keep_slots(const struct pipeline *l, const struct stage *s, int64_t chunk,
                       struct moment *best)
{
    int64_t wanted = chunk - s->capacity_chunks; /* this chunk had to be freed */
    if (chunk < 0 || wanted < 0)
        return;
    for (size_t i = 0; i < s->out_count; i++) {
        struct ring *r = &pipeline_edge(l, s->out[i])->frees;
        while (((struct free_record *)ring_at(r, r->first))->up_to <= wanted)
            ring_forget(r, r->first + 1);
        moment_keep_later(best, &((struct free_record *)ring_at(r, r->first))->when);
    }
}

/* The last chunk that it reads of every input.  Those before that one are not looked at again. */
static void keep_arrivals(const struct pipeline *l, const struct stage *s, int64_t step,
                          struct moment *best)
{
    for (size_t i = 0; i < s->in_count; i++) {
        struct pipe_edge *e = pipeline_edge(l, s->in[i]);
        int64_t chunk = chunks_needed(l, s->in[i], step) - 1;
        if (chunk < 0)
            continue;
        moment_keep_later(best, &((struct arrival_record *)ring_at(&e->arrivals, chunk))->when);
        ring_forget(&e->arrivals, chunk);
    }
}

/* The moment of the last of all that a step waited for. */
static struct moment last_dependency(const struct pipeline *l, int32_t stage,
                                     const struct pipe_step *p)
{
    const struct stage *s = plan_stage(l, stage);
    const struct pipe_stage *at = pipeline_stage(l, stage);
    struct moment best = l->start;
    if (p->step == 0)
        moment_keep_later(&best, &at->weights);
    if (is_handed_over(l, s)) {
        struct moment handed = handed_over(l, p->step / s->steps);
        moment_keep_later(&best, &handed);
    }
    if (!at->overlaps)
        moment_keep_later(&best, &at->last);
    keep_arrivals(l, s, p->step, &best);
    keep_slots(l, s, p->chunk, &best);
    return best;
}

struct pipe_step pipeline_begin(struct pipeline *l, int32_t stage, time_ps now)
{
    struct pipe_stage *at = pipeline_stage(l, stage);
    assert(pipeline_ready(l, stage));
    struct pipe_step p = pipeline_step(l, stage, at->begun);
    struct moment after = last_dependency(l, stage, &p);
    ring_reach(&at->steps, l->arena, p.step + 1);
    struct step_record *r = ring_at(&at->steps, p.step);
    r->start = moment_until(&after, now, CAUSE_IDLE);
    if (p.step == 0)
        at->first_start = now;
    at->begun++;
    at->busy = !at->overlaps;
    return p;
}

/* --- ending -------------------------------------------------------------------------------- */

static void free_inputs(struct pipeline *l, int32_t stage, int64_t step, const struct moment *end)
{
    const struct stage *s = plan_stage(l, stage);
    for (size_t i = 0; i < s->in_count; i++) {
        const struct edge *e = &l->plan->edges[s->in[i]];
        const struct stage *from = plan_stage(l, e->producer);
        struct pipe_edge *at = pipeline_edge(l, s->in[i]);
        int64_t freed = step / s->steps * from->chunks + e->frees[step % s->steps];
        if (freed <= at->freed)
            continue;
        at->freed = freed;
        ring_reach(&at->frees, l->arena, at->frees.end + 1);
        *(struct free_record *)ring_at(&at->frees, at->frees.end - 1) =
            (struct free_record){freed, *end};
    }
}

/* The chunk that a step made is there to be sent over every edge. */
static void make_chunk(struct pipeline *l, const struct stage *s, int64_t chunk,
                       const struct moment *end)
{
    for (size_t i = 0; chunk >= 0 && i < s->out_count; i++)
        arrival_at(l, s->out[i], chunk)->when = *end;
}

void pipeline_end(struct pipeline *l, int32_t stage, int64_t step, enum cause cause, time_ps now)
{
    const struct stage *s = plan_stage(l, stage);
    struct pipe_stage *at = pipeline_stage(l, stage);
    struct step_record *r = ring_at(&at->steps, step);
    l->ended = at->last = moment_until(&r->start, now, cause);
    at->busy_ps += (double)(now - r->start.at);
    at->last_end = now;
    at->busy = false;
    r->done = true;
    happened(l, &l->ended);
    make_chunk(l, s, pipeline_step(l, stage, step).chunk, &l->ended);
    for (; at->ended < at->begun && ((struct step_record *)ring_at(&at->steps, at->ended))->done;
         at->ended++)
        free_inputs(l, stage, at->ended, &l->ended);
    ring_forget(&at->steps, at->ended);
    l->unfinished -= pipeline_stage_finished(l, stage);
}

static bool settle(struct pipeline *l, int32_t edge, const struct moment *now)
{
    struct pipe_edge *e = pipeline_edge(l, edge);
    int64_t before = e->arrived;
    for (; e->arrived < e->arrivals.end; e->arrived++) {
        struct arrival_record *r = ring_at(&e->arrivals, e->arrived);
        if (!r->left || r->remaining > 0)
            break;
        r->when = *now;
    }
    return e->arrived > before;
}

void pipeline_send(struct pipeline *l, int32_t edge, int64_t chunk, int32_t transfers, time_ps now)
{
    struct arrival_record *r = arrival_at(l, edge, chunk);
    r->remaining = transfers;
    r->left = true;
    r->when = moment_until(&r->when, now, CAUSE_NOC); /* partial sums were added up */
    struct moment there = r->when;
    happened(l, &there);
    if (transfers == 0)
        settle(l, edge, &there);
}

bool pipeline_arrive(struct pipeline *l, int32_t edge, int64_t chunk, time_ps now)
{
    struct arrival_record *r = arrival_at(l, edge, chunk);
    assert(r->remaining > 0);
    if (--r->remaining > 0)
        return false;
    struct moment there = moment_until(&r->when, now, CAUSE_NOC);
    happened(l, &there);
    return settle(l, edge, &there);
}

bool pipeline_sample_done(const struct pipeline *l, int64_t sample)
{
    for (int32_t k = 0; k < l->segment->stage_count; k++) {
        int32_t i = l->segment->first_stage + k;
        const struct stage *s = plan_stage(l, i);
        if (s->kind == STAGE_SINK && pipeline_stage(l, i)->ended < (sample + 1) * s->steps)
            return false;
    }
    return true;
}

bool pipeline_finished(const struct pipeline *l)
{
    return l->unfinished == 0;
}

void pipeline_times(const struct pipeline *l, int32_t stage, struct stage_times *out)
{
    const struct pipe_stage *at = pipeline_stage(l, stage);
    *out = (struct stage_times){(double)at->first_start, (double)at->last_end, at->busy_ps};
}
