#include "core/sim/pipeline.h"

#include <assert.h>
#include <string.h>

static const struct stage *plan_stage(const struct pipeline *l, int32_t stage)
{
    return &l->plan->stages[stage];
}

static void open_gates(struct pipeline *l, const struct stage *s, struct pipe_stage *at)
{
    int64_t count = s->kind == STAGE_SOURCE ? s->chunks : 0;
    at->gates = ARENA_ARRAY(l->arena, struct pipe_gate, count);
    for (int64_t k = 0; k < count; k++)
        at->gates[k].sample = -1;
}

void pipeline_open(struct pipeline *l, struct arena *a, const struct plan *p,
                   const struct segment *g, int64_t samples, time_ps start)
{
    memset(l, 0, sizeof *l);
    l->arena = a;
    l->plan = p;
    l->segment = g;
    l->samples = samples;
    l->start = start;
    l->paced_from = INT64_MAX;
    l->stages = ARENA_ARRAY(a, struct pipe_stage, g->stage_count);
    l->edges = ARENA_ARRAY(a, struct pipe_edge, g->edge_count);
    for (int32_t i = 0; i < g->stage_count; i++) {
        const struct stage *s = &p->stages[g->first_stage + i];
        l->stages[i].overlaps = stage_is_outside(s);
        open_gates(l, s, &l->stages[i]);
    }
}

/* --- records grow with what is played ------------------------------------------------------ */

static void *grown(struct arena *a, void *old, int64_t *room, int64_t needed, size_t size)
{
    if (needed <= *room)
        return old;
    int64_t more = *room < 32 ? 64 : 2 * *room;
    void *fresh = arena_alloc(a, (size_t)more, size);
    if (*room)
        memcpy(fresh, old, (size_t)*room * size);
    *room = more;
    return fresh;
}

static struct arrival_record *arrival_at(struct pipeline *l, int32_t edge, int64_t chunk)
{
    struct pipe_edge *e = pipeline_edge(l, edge);
    int64_t before = e->room, room = e->room;
    if (chunk >= room) {
        e->arrivals = grown(l->arena, e->arrivals, &room, chunk + 1, sizeof *e->arrivals);
        e->freed_by = grown(l->arena, e->freed_by, &e->room, chunk + 1, sizeof *e->freed_by);
        for (int64_t i = before; i < e->room; i++)
            e->arrivals[i].remaining = -1;
    }
    return &e->arrivals[chunk];
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
    s->weights_at = s->awaits_weights ? 0 : at;
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

time_ps pipeline_earliest(const struct pipeline *l, int32_t stage)
{
    const struct pipe_stage *at = pipeline_stage(l, stage);
    int64_t per_sample = plan_stage(l, stage)->steps;
    if (at->begun == 0)
        return at->weights_at;
    if (at->overlaps || at->begun / per_sample < l->paced_from)
        return 0;
    return at->steps[at->begun - per_sample].start + l->pace_ps;
}

time_ps pipeline_leaves(struct pipeline *l, int32_t stage, int64_t chunk, time_ps now)
{
    const struct stage *s = plan_stage(l, stage);
    if (s->kind != STAGE_SOURCE)
        return now;
    struct pipe_gate *gate = &pipeline_stage(l, stage)->gates[chunk % s->chunks];
    int64_t sample = chunk / s->chunks, later = sample - gate->sample;
    if (later <= 0) /* asked before; or memory answered a later one first */
        return later == 0 && gate->at > now ? gate->at : now;
    time_ps at = gate->at + later * l->pace_ps;
    bool paced = gate->sample >= 0 && sample >= l->paced_from;
    *gate = (struct pipe_gate){sample, paced && at > now ? at : now};
    return gate->at;
}

struct pipe_step pipeline_begin(struct pipeline *l, int32_t stage, time_ps now)
{
    struct pipe_stage *at = pipeline_stage(l, stage);
    assert(pipeline_ready(l, stage));
    struct pipe_step p = pipeline_step(l, stage, at->begun);
    at->steps = grown(l->arena, at->steps, &at->room, p.step + 1, sizeof *at->steps);
    at->steps[p.step].start = now;
    at->begun++;
    at->busy = !at->overlaps;
    return p;
}

/* --- ending -------------------------------------------------------------------------------- */

static void free_inputs(struct pipeline *l, int32_t stage, int64_t step)
{
    const struct stage *s = plan_stage(l, stage);
    for (size_t i = 0; i < s->in_count; i++) {
        const struct edge *e = &l->plan->edges[s->in[i]];
        struct pipe_edge *at = pipeline_edge(l, s->in[i]);
        int64_t freed =
            step / s->steps * plan_stage(l, e->producer)->chunks + e->frees[step % s->steps];
        for (int64_t c = at->freed; c < freed; c++)
            at->freed_by[c] = step;
        at->freed = freed > at->freed ? freed : at->freed;
    }
}

void pipeline_end(struct pipeline *l, int32_t stage, int64_t step, enum cause cause, time_ps now)
{
    struct pipe_stage *at = pipeline_stage(l, stage);
    struct step_record *r = &at->steps[step];
    r->end = now;
    r->cause = cause;
    r->done = true;
    at->busy = false;
    for (; at->ended < at->begun && at->steps[at->ended].done; at->ended++)
        free_inputs(l, stage, at->ended);
}

static bool settle(struct pipeline *l, int32_t edge, int64_t chunk, time_ps now)
{
    struct pipe_edge *e = pipeline_edge(l, edge);
    int64_t before = e->arrived;
    for (; e->arrived < e->room && e->arrivals[e->arrived].remaining == 0; e->arrived++) {
        e->arrivals[e->arrived].at = now;
        e->arrivals[e->arrived].last = chunk;
    }
    return e->arrived > before;
}

void pipeline_send(struct pipeline *l, int32_t edge, int64_t chunk, int32_t transfers, time_ps now)
{
    struct arrival_record *r = arrival_at(l, edge, chunk);
    r->remaining = transfers;
    r->sent = now;
    if (transfers == 0)
        settle(l, edge, chunk, now);
}

bool pipeline_arrive(struct pipeline *l, int32_t edge, int64_t chunk, time_ps now)
{
    struct arrival_record *r = arrival_at(l, edge, chunk);
    assert(r->remaining > 0);
    return --r->remaining == 0 && settle(l, edge, chunk, now);
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
    return pipeline_sample_done(l, l->samples - 1);
}

void pipeline_times(const struct pipeline *l, int32_t stage, struct stage_times *out)
{
    const struct pipe_stage *at = pipeline_stage(l, stage);
    memset(out, 0, sizeof *out);
    for (int64_t i = 0; i < at->begun; i++) {
        const struct step_record *r = &at->steps[i];
        out->busy_ps += (double)(r->end - r->start);
        if (i == 0 || (double)r->start < out->start_ps)
            out->start_ps = (double)r->start;
        if ((double)r->end > out->end_ps)
            out->end_ps = (double)r->end;
    }
}
