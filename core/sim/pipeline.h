/* pipeline.h — the rules of the pipeline, without a clock: who may start, what a step frees.
 *
 * A step of a stage may start when the producers' chunks that it reads have arrived, when the
 * stage is free and has its weights, and when its output buffer has a slot; a slot is free again
 * when every consumer is done with its chunk.  Nothing else holds it back.  The caller (core/sim's
 * SystemC modules) says when things happen.  Whatever happened carries its moment (moment.h): when,
 * and what the time up to it was spent on; and only what is still under way is kept.
 *
 * One pipeline is one segment of a plan.  Steps and chunks are numbered through all samples. */
#ifndef CIMARRON_PIPELINE_H
#define CIMARRON_PIPELINE_H

#include "core/sim/ends.h"
#include "core/sim/ring.h"
#include "core/sim/sim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct step_record {
    struct moment start;
    bool done;
};

/* A chunk on an edge, from the end of the step that made it on. */
struct arrival_record {
    struct moment when; /* made; after that sent; and then when it and all before it were there */
    int32_t remaining;  /* transfers still under way */
    bool left;          /* it has been sent */
};

/* A consumer's step that made room for the producer. */
struct free_record {
    int64_t up_to; /* chunks before this one are no longer needed */
    struct moment when;
};

struct pipe_stage {
    int64_t begun, ended;  /* steps begun; steps ended without a gap */
    bool busy;             /* a step holds the arrays */
    bool overlaps;         /* steps of a source or sink may overlap */
    bool awaits_weights;   /* some of its weights have not come yet */
    struct moment weights; /* else when they were in its arrays */
    struct moment last;    /* the end of the step that ended last */
    struct ring steps;     /* step_record: those under way */
    time_ps first_start, last_end;
    double busy_ps; /* in steps that have ended */
};

/* Invariants: arrived <= what was sent; records of chunks that are wanted or on their way are in
 * `arrivals`, those of slots that the producer may still ask for in `frees`. */
struct pipe_edge {
    int64_t arrived; /* chunks there without a gap */
    int64_t freed;   /* chunks the consumer is done with; some that nobody reads may yet arrive */
    struct ring arrivals; /* arrival_record, by chunk */
    struct ring frees;    /* free_record, in the order of the consumer's steps */
};

struct pipeline {
    struct arena *arena;
    const struct plan *plan;
    const struct segment *segment;
    struct pipe_stage *stages; /* of the segment: pipeline_stage */
    struct pipe_edge *edges;   /* of the segment: pipeline_edge */
    int64_t samples;           /* to be played */
    int32_t unfinished;        /* stages with steps left to end */
    struct moment start;
    struct moment latest; /* the last thing that happened */
    struct moment ended;  /* the end of the step that pipeline_end was told of last */
    /* Samples handed over by the region before: sample k is here as long after `start` as it ended
     * there after the first.  NULL: all are here from the start on. */
    const struct sample_ends *upstream;
    /* Samples [added_from, added_from + added) come by arithmetic, each so long after the one
     * before: those behind them are played as much earlier, and numbered on from added_from. */
    int64_t added_from, added;
    struct spell each;
};

/* By stage and edge index of the plan. */
static inline struct pipe_stage *pipeline_stage(const struct pipeline *l, int32_t stage)
{
    return &l->stages[stage - l->segment->first_stage];
}

static inline struct pipe_edge *pipeline_edge(const struct pipeline *l, int32_t edge)
{
    return &l->edges[edge - l->segment->first_edge];
}

/* The segment must have stages of its own: not a twin. */
void pipeline_open(struct pipeline *l, struct arena *a, const struct plan *p,
                   const struct segment *g, int64_t samples, const struct moment *start);

/* The first sample that no stage has begun yet. */
int64_t pipeline_untouched(const struct pipeline *l);

/* `count` samples from there on come by arithmetic, and are not played.  At most once. */
void pipeline_add(struct pipeline *l, int64_t count, const struct spell *each);

/* The stage has its weights from `at` on, or (TIME_NEVER) waits until it is told so. */
void pipeline_weights(struct pipeline *l, int32_t stage, time_ps at);

/* Has the stage done all that there is to do?  Then its arrays are free. */
bool pipeline_stage_finished(const struct pipeline *l, int32_t stage);

/* May the next step of this stage begin, from pipeline_earliest on? */
bool pipeline_ready(const struct pipeline *l, int32_t stage);

/* The earliest time at which the next step may begin: when its weights are in, or its sample is
 * handed over; 0 when nothing of that kind holds it back. */
time_ps pipeline_earliest(const struct pipeline *l, int32_t stage);

struct pipe_step {
    int64_t step;  /* global number */
    int64_t chunk; /* global number of the chunk it emits; -1: none */
    int64_t rows;  /* output rows it makes */
    double share;  /* of the output rows' work: 1 except for a reduction done piecewise */
};

/* Begins the next step; asserts pipeline_ready. */
struct pipe_step pipeline_begin(struct pipeline *l, int32_t stage, time_ps now);

/* What step number `step` is. */
struct pipe_step pipeline_step(const struct pipeline *l, int32_t stage, int64_t step);

/* Ends a step: its inputs are free (edges' `freed` move).  `cause` is what bounded it. */
void pipeline_end(struct pipeline *l, int32_t stage, int64_t step, enum cause cause, time_ps now);

/* The chunk, its partial sums added up, leaves over this edge in `transfers` pieces (0: it is there
 * at once). */
void pipeline_send(struct pipeline *l, int32_t edge, int64_t chunk, int32_t transfers, time_ps now);

/* One piece has arrived.  True when the edge's `arrived` moved. */
bool pipeline_arrive(struct pipeline *l, int32_t edge, int64_t chunk, time_ps now);

/* Have all sinks finished sample k? */
bool pipeline_sample_done(const struct pipeline *l, int64_t sample);

/* Has every stage done everything?  Rows that nobody reads may still be under way. */
bool pipeline_finished(const struct pipeline *l);

/* The first step that began and the last that ended, and the time spent in steps, of a stage. */
void pipeline_times(const struct pipeline *l, int32_t stage, struct stage_times *out);

#ifdef __cplusplus
}
#endif
#endif
