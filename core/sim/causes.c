/* causes.c — the critical path, followed backwards.
 *
 * Every step began the moment its last dependency was settled: an arrival (then the chunk's way
 * over the network and its producer's step come before), a freed slot (then the consumer's step),
 * the end of the stage's own step before, its weights, or, under a pace, when its time came.  So
 * the spans have no gaps. */
#include <string.h>

#include "core/sim/pipeline.h"

struct event { /* the end of this step is where the path stands */
    int32_t stage;
    int64_t step;
};

static void add_span(struct cause_path *p, time_ps from, time_ps to, enum cause cause)
{
    if (to <= from)
        return;
    if (p->count == p->room) {
        size_t room = p->room ? 2 * p->room : 256;
        struct cause_span *more = ARENA_ARRAY(p->arena, struct cause_span, room);
        if (p->count)
            memcpy(more, p->spans, p->count * sizeof *more);
        p->spans = more;
        p->room = room;
    }
    p->spans[p->count++] = (struct cause_span){from, to, cause};
}

enum dependency_kind { FROM_START, FROM_SELF, FROM_ARRIVAL, FROM_SLOT, FROM_WEIGHTS };

/* The latest dependency of a step. */
struct dependency {
    time_ps at;
    enum dependency_kind kind;
    int32_t edge;
    int64_t number; /* own step, chunk, or consumer step */
};

static void later(struct dependency *best, time_ps at, enum dependency_kind kind, int32_t edge,
                  int64_t number)
{
    if (at > best->at) {
        best->at = at;
        best->kind = kind;
        best->edge = edge;
        best->number = number;
    }
}

static void look_at_slots(const struct pipeline *l, const struct stage *s, int64_t chunk,
                          struct dependency *best)
{
    int64_t wanted = chunk - s->capacity_chunks; /* this chunk had to be freed */
    if (chunk < 0 || wanted < 0)
        return;
    for (size_t i = 0; i < s->out_count; i++) {
        const struct pipe_edge *e = pipeline_edge(l, s->out[i]);
        const struct pipe_stage *to = pipeline_stage(l, l->plan->edges[s->out[i]].consumer);
        int64_t step = e->freed_by[wanted];
        later(best, to->steps[step].end, FROM_SLOT, s->out[i], step);
    }
}

static struct dependency last_dependency(const struct pipeline *l, struct event at)
{
    const struct stage *s = &l->plan->stages[at.stage];
    const struct pipe_stage *me = pipeline_stage(l, at.stage);
    struct dependency best = {l->start, FROM_START, -1, 0};
    if (at.step == 0)
        later(&best, me->weights_at, FROM_WEIGHTS, -1, 0);
    if (at.step > 0 && !me->overlaps)
        later(&best, me->steps[at.step - 1].end, FROM_SELF, -1, at.step - 1);
    for (size_t i = 0; i < s->in_count; i++) {
        const struct edge *e = &l->plan->edges[s->in[i]];
        int64_t chunk = at.step / s->steps * l->plan->stages[e->producer].chunks +
                        e->needs[at.step % s->steps] - 1;
        if (chunk >= 0)
            later(&best, pipeline_edge(l, s->in[i])->arrivals[chunk].at, FROM_ARRIVAL, s->in[i],
                  chunk);
    }
    look_at_slots(l, s, pipeline_step(l, at.stage, at.step).chunk, &best);
    return best;
}

/* The step of `stage` that emitted a chunk. */
static int64_t emitting_step(const struct stage *s, int64_t chunk)
{
    return s->emits_last_only ? (chunk + 1) * s->steps - 1 : chunk;
}

static struct event follow(const struct pipeline *l, struct event at, const struct dependency *d,
                           struct cause_path *path)
{
    if (d->kind == FROM_SELF)
        return (struct event){at.stage, d->number};
    const struct edge *e = &l->plan->edges[d->edge];
    if (d->kind == FROM_SLOT)
        return (struct event){e->consumer, d->number};
    int64_t chunk = pipeline_edge(l, d->edge)->arrivals[d->number].last;
    time_ps sent = pipeline_edge(l, d->edge)->arrivals[chunk].sent;
    const struct stage *from = &l->plan->stages[e->producer];
    int64_t step = emitting_step(from, chunk);
    add_span(path, sent, d->at, CAUSE_NOC);
    add_span(path, pipeline_stage(l, e->producer)->steps[step].end, sent,
             from->kind == STAGE_SOURCE ? l->pace : CAUSE_NOC); /* held back, or partial sums */
    return (struct event){e->producer, step};
}

static struct event last_event(const struct pipeline *l)
{
    struct event last = {-1, -1};
    time_ps at = -1;
    for (int32_t k = 0; k < l->segment->stage_count; k++) {
        int32_t i = l->segment->first_stage + k;
        const struct pipe_stage *s = pipeline_stage(l, i);
        for (int64_t j = s->begun; j-- > 0 && j + 64 > s->begun;)
            if (s->steps[j].end > at) {
                at = s->steps[j].end;
                last = (struct event){i, j};
            }
    }
    return last;
}

void pipeline_trace_back(const struct pipeline *l, struct cause_path *out)
{
    struct event at = last_event(l);
    while (at.stage >= 0) {
        const struct step_record *r = &pipeline_stage(l, at.stage)->steps[at.step];
        add_span(out, r->start, r->end, r->cause);
        struct dependency d = last_dependency(l, at);
        add_span(out, d.at, r->start, l->pace); /* held to the pace */
        if (d.kind == FROM_WEIGHTS)
            add_span(out, l->start, d.at, CAUSE_RELOAD);
        if (d.kind == FROM_START || d.kind == FROM_WEIGHTS)
            return;
        at = follow(l, at, &d, out);
    }
}

void cause_path_add(const struct cause_path *path, time_ps from, time_ps to, double times,
                    double cause_ps[CAUSE_COUNT])
{
    for (size_t i = 0; i < path->count; i++) {
        time_ps a = path->spans[i].from > from ? path->spans[i].from : from;
        time_ps b = path->spans[i].to < to ? path->spans[i].to : to;
        if (b > a)
            cause_ps[path->spans[i].cause] += times * (double)(b - a);
    }
}

const char *cause_name(enum cause c)
{
    static const char *const names[CAUSE_COUNT] = {"array",  "vector", "buffer", "noc",
                                                   "memory", "link",   "reload", "idle"};
    return names[c];
}
