/* steady.h — does the pipeline keep one rate, so that further samples may be added by arithmetic?
 *
 * Fed as fast as buffers allow, a pipeline never quite repeats itself, but the ends of its samples
 * come to lie along a straight line, from which they stray by no more than its buffers let them.
 * A line through N samples that all lie in a band of width R tells the time of a sample to within
 * R / N.  So samples are played until, over the second half of those since the start,
 *   - R / N is within 0.4 % of the time of a sample (in practice the error is a fraction of it),
 *   - both halves of that window have the same rate within 0.4 %,
 *   - no stage gains or loses more than 0.4 % of a sample per sample on the ends (then no buffer
 *     fills or drains any more, after which another part might bind),
 *   - every part's energy per sample is that of the quarter before, within 0.2 % of the whole,
 *   - beside a memory it lasts for some thirty refreshes: of a shorter one the mean hangs on how
 *     many fell into it.
 *
 * This is looked at after 16, 24, 32, 48, 64 ... samples; where it never holds, all are played. */
#ifndef CIMARRON_STEADY_H
#define CIMARRON_STEADY_H

#include "core/sim/pipeline.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { STEADY_MARKS = 5, STEADY_LEAST = 16 };

/* The state when so many samples had ended since the start. */
struct steady_mark {
    int64_t samples;
    double *lead;  /* by stage: how far it was ahead, summed over samples */
    double *drift; /* ... each times its number */
    struct ledger *books;
    struct ledger_sums sums;
};

struct steady {
    struct arena *arena;
    int64_t first;        /* the sample with which it started */
    int64_t samples;      /* ended since */
    double *lead, *drift; /* as in a mark, up to now */
    size_t stages;
    double least_ps;                        /* of the window */
    struct steady_mark marks[STEADY_MARKS]; /* newest first */
};

/* What samples take from here on, one by one; books of a stretch that was played. */
struct steady_rate {
    struct spell each;
    const struct ledger *before, *after;
    int64_t samples; /* between the two */
};

/* `least_ps`: what a window must last at least. */
void steady_open(struct steady *s, struct arena *a, const struct pipeline *l, double least_ps);

/* Forgets all; the next sample to end is number `first`. */
void steady_start(struct steady *s, int64_t first);

/* A sample has ended.  True when it is time to look: then steady_look comes next. */
bool steady_take(struct steady *s, const struct pipeline *l);

/* Notes the state, books being up to date; true when the pipeline keeps a rate, which is in *out.
 * `ends` are those of all samples so far. */
bool steady_look(struct steady *s, const struct sample_ends *ends, const struct ledger *books,
                 struct steady_rate *out);

/* Equal within 0.1 % of a. */
bool steady_agree(double a, double b);

/* Do two spells agree in every part's energy?  Refresh has a period of its own: `memory` says
 * whether memory's parts and leakage are compared too, by their sum. */
bool steady_same_energies(const double a_pj[PART_COUNT], const double b_pj[PART_COUNT],
                          bool memory);

#ifdef __cplusplus
}
#endif
#endif
