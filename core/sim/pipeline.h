/* pipeline.h — the rules of the pipeline, without a clock: who may start, what a step frees.
 *
 * A step of a stage may start when the producers' chunks that it reads have arrived, when the
 * stage is free and has its weights, and when its output buffer has a slot; a slot is free again
 * when every consumer is done with its chunk.  The caller (core/sim's SystemC modules) says when
 * things happen; everything that happened is kept, so that the critical path can be followed
 * backwards.
 *
 * A pipeline that is fed as fast as it takes never quite repeats itself.  Under a pace every step
 * begins no earlier than one period after the same step of the sample before, as in a static
 * schedule: offsets within a period can then only grow until nothing is ever late, and from there
 * on every period is the same.
 *
 * One pipeline is one segment of a plan.  Steps and chunks are numbered through all samples. */
#ifndef CIMARRON_PIPELINE_H
#define CIMARRON_PIPELINE_H

#include "core/sim/sim.h"

#ifdef __cplusplus
extern "C" {
#endif

struct step_record {
    time_ps start, end;
    enum cause cause; /* what the time between was spent on */
    bool done;
};

struct arrival_record {
    time_ps sent;      /* when it left its producer */
    time_ps at;        /* when this chunk and all before it were there */
    int64_t last;      /* the chunk whose arrival settled it */
    int32_t remaining; /* transfers still under way; -1: not sent yet */
};

/* When a source's chunk left, or is to leave, and of which sample it was. */
struct pipe_gate {
    int64_t sample;
    time_ps at;
};

struct pipe_stage {
    int64_t begun, ended; /* steps begun; steps ended without a gap */
    bool busy;            /* a step holds the arrays */
    bool overlaps;        /* steps of a source or sink may overlap */
    bool awaits_weights;  /* some of its weights have not come yet */
    time_ps weights_at;   /* else when they were in its arrays */
    struct step_record *steps;
    int64_t room;
    struct pipe_gate *gates; /* of a source, by chunk of a sample: the latest */
};

struct pipe_edge {
    int64_t arrived; /* chunks there without a gap */
    int64_t freed;   /* chunks the consumer is done with */
    struct arrival_record *arrivals;
    int64_t *freed_by; /* per chunk: the consumer step that freed it */
    int64_t room;
};

struct pipeline {
    struct arena *arena;
    const struct plan *plan;
    const struct segment *segment;
    struct pipe_stage *stages; /* of the segment: pipeline_stage */
    struct pipe_edge *edges;   /* of the segment: pipeline_edge */
    int64_t samples;           /* to be played */
    time_ps start;
    int64_t paced_from; /* the first sample that keeps the pace; INT64_MAX: none yet */
    time_ps pace_ps;    /* no step of it begins earlier than this after its twin before */
    enum cause pace;    /* what such waiting is booked on */
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
                   const struct segment *g, int64_t samples, time_ps start);

/* The stage has its weights from `at` on, or (TIME_NEVER) waits until it is told so. */
void pipeline_weights(struct pipeline *l, int32_t stage, time_ps at);

/* Has the stage done all that there is to do?  Then its arrays are free. */
bool pipeline_stage_finished(const struct pipeline *l, int32_t stage);

/* May the next step of this stage begin? */
bool pipeline_ready(const struct pipeline *l, int32_t stage);

/* The earliest time at which the next step may begin: under the pace, or when the weights are in;
 * 0 when it is free. */
time_ps pipeline_earliest(const struct pipeline *l, int32_t stage);
/* When a source's chunk that is ready `now` leaves: one pace after the same chunk of the sample
 * before, which may itself be waiting for that.  Asked again, it says the same.  Any other stage's
 * chunk leaves now. */
time_ps pipeline_leaves(struct pipeline *l, int32_t stage, int64_t chunk, time_ps now);

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
bool pipeline_finished(const struct pipeline *l);

/* The first step that began and the last that ended, and the time spent in steps, of a stage. */
void pipeline_times(const struct pipeline *l, int32_t stage, struct stage_times *out);

/* --- the critical path ---------------------------------------------------------------------- */

struct cause_span {
    time_ps from, to;
    enum cause cause;
};

struct cause_path {
    struct arena *arena;
    struct cause_span *spans; /* latest first, without gaps, down to the pipeline's start */
    size_t count, room;
};

/* Follows the last-arriving dependency back from the last step that ended. */
void pipeline_trace_back(const struct pipeline *l, struct cause_path *out);

/* Adds `times` x the path's time within [from, to) to cause_ps. */
void cause_path_add(const struct cause_path *path, time_ps from, time_ps to, double times,
                    double cause_ps[CAUSE_COUNT]);

#ifdef __cplusplus
}
#endif
#endif
