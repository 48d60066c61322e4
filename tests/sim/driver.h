/* driver.h — the pipeline's rules played without SystemC: a clock, a list of events, made-up
 * durations.  After each event it asks every stage again, in order, as the platform does. */
#ifndef CIMARRON_TEST_DRIVER_H
#define CIMARRON_TEST_DRIVER_H

#include "core/base/rng.h"
#include "core/sim/pipeline.h"
#include "core/sim/steady.h"
#include "tests/plan/fixture.h"

enum { EVENTS_MAX = 4096 };

struct driver_event {
    time_ps at;
    bool arrival; /* else a step ends */
    int32_t index;
    int64_t number;
};

struct driver {
    struct arena *arena;
    struct plan *plan;
    struct pipeline pipe;
    struct driver_event events[EVENTS_MAX];
    size_t pending;
    time_ps now, least_ps, spread_ps; /* durations lie in [least, least + spread] */
    time_ps way_ps;                   /* of a chunk over an edge; 0: at once */
    uint64_t random;
    time_ps slow_ps; /* further time of a step of `slow` */
    int32_t slow;
    int64_t fullest; /* most chunks alive in the buffer of `watched` */
    int32_t watched;
    size_t played;
};

static inline time_ps driver_draw(struct driver *r)
{
    r->random = r->random * 6364136223846793005ULL + 1442695040888963407ULL;
    return r->least_ps +
           (r->spread_ps ? (time_ps)((r->random >> 33) % (uint64_t)(r->spread_ps + 1)) : 0);
}

static inline void driver_open(struct driver *r, struct arena *a, struct plan *p, int64_t samples)
{
    memset(r, 0, sizeof *r);
    r->arena = a;
    r->plan = p;
    r->least_ps = 1000;
    r->slow = r->watched = -1;
    struct moment start = {0};
    pipeline_open(&r->pipe, a, p, &p->segments[0], samples, &start);
}

static inline void driver_push(struct driver *r, time_ps at, bool arrival, int32_t index,
                               int64_t number)
{
    ck_assert_uint_lt(r->pending, EVENTS_MAX);
    r->events[r->pending++] = (struct driver_event){at, arrival, index, number};
}

static inline int64_t driver_alive(const struct driver *r, int32_t stage)
{
    const struct stage *s = &r->plan->stages[stage];
    int64_t freed = INT64_MAX, begun = r->pipe.stages[stage].begun;
    for (size_t i = 0; i < s->out_count; i++)
        if (r->pipe.edges[s->out[i]].freed < freed)
            freed = r->pipe.edges[s->out[i]].freed;
    return (s->emits_last_only ? begun / s->steps : begun) - (s->out_count ? freed : begun);
}

/* Nobody may hold more than its buffer takes. */
static inline void driver_check(struct driver *r)
{
    for (int32_t k = 0; k < r->plan->segments[0].stage_count; k++) {
        int64_t alive = driver_alive(r, k);
        if (r->plan->stages[k].out_count)
            ck_assert_int_le(alive, r->plan->stages[k].capacity_chunks);
        if (k == r->watched && alive > r->fullest)
            r->fullest = alive;
    }
}

static inline void driver_begin_all(struct driver *r)
{
    for (int32_t k = 0; k < r->plan->segments[0].stage_count; k++)
        while (pipeline_ready(&r->pipe, k) && pipeline_earliest(&r->pipe, k) <= r->now) {
            struct pipe_step s = pipeline_begin(&r->pipe, k, r->now);
            time_ps lasts = driver_draw(r) + (k == r->slow ? r->slow_ps : 0);
            driver_push(r, r->now + lasts, false, k, s.step);
            driver_check(r);
        }
}

static inline void driver_emit(struct driver *r, int32_t stage, int64_t chunk)
{
    const struct stage *s = &r->plan->stages[stage];
    for (size_t i = 0; i < s->out_count; i++) {
        pipeline_send(&r->pipe, s->out[i], chunk, r->way_ps ? 1 : 0, r->now);
        if (r->way_ps)
            driver_push(r, r->now + r->way_ps + driver_draw(r), true, s->out[i], chunk);
    }
}

static inline struct driver_event driver_pop(struct driver *r)
{
    size_t first = 0;
    for (size_t i = 1; i < r->pending; i++)
        if (r->events[i].at < r->events[first].at)
            first = i;
    struct driver_event e = r->events[first];
    memmove(&r->events[first], &r->events[first + 1], (--r->pending - first) * sizeof r->events[0]);
    return e;
}

/* Plays the next event; false when nothing is left to happen. */
static inline bool driver_step(struct driver *r)
{
    driver_begin_all(r);
    if (!r->pending)
        return false;
    struct driver_event e = driver_pop(r);
    r->now = e.at;
    r->played++;
    if (e.arrival) {
        pipeline_arrive(&r->pipe, e.index, e.number, r->now);
        return true;
    }
    enum cause why = (enum cause)(e.index % CAUSE_COUNT);
    int64_t chunk = pipeline_step(&r->pipe, e.index, e.number).chunk;
    pipeline_end(&r->pipe, e.index, e.number, why, r->now);
    if (chunk >= 0)
        driver_emit(r, e.index, chunk);
    return true;
}

static inline void driver_run(struct driver *r)
{
    while (driver_step(r))
        ;
}

static inline int32_t index_of(const struct plan *p, int32_t id)
{
    return (int32_t)(stage_of(p, id) - p->stages);
}

#endif
