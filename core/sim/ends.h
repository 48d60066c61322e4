/* ends.h — when the samples of a segment ended: those that were played, and those that were added
 * by arithmetic between two of them.
 *
 * Whoever takes the samples over, the next region of a wafer, gets each no earlier than here. */
#ifndef CIMARRON_ENDS_H
#define CIMARRON_ENDS_H

#include "core/base/arena.h"
#include "core/sim/moment.h"

#ifdef __cplusplus
extern "C" {
#endif

/* So long, and what it was spent on (the causes sum to ps). */
struct spell {
    double ps, cause_ps[CAUSE_COUNT];
};

struct sample_ends {
    struct moment *played;
    int64_t count, room;
    int64_t added_from; /* the number of the first sample that was added */
    int64_t added;      /* how many were */
    struct spell each;  /* what one of them takes */
};

/* No sample has ended yet; room that is there stays. */
void ends_restart(struct sample_ends *e);

/* The next sample was played to its end. */
void ends_play(struct sample_ends *e, struct arena *a, const struct moment *end);

/* `count` samples come by arithmetic, each so long after the one before.  At most once. */
void ends_add(struct sample_ends *e, int64_t count, const struct spell *each);

/* m, `times` spells later, or earlier: in whole picoseconds, of which causes still sum to the time.
 */
struct moment moment_after(struct moment m, const struct spell *each, double times);

/* The end of sample k, counted from 0 over played and added ones. */
struct moment ends_at(const struct sample_ends *e, int64_t k);

/* The mean time between samples in the filled pipeline, in ps: over the middle half of them, since
 * the first find it empty and the last leave it so.  0 below two samples. */
double ends_interval_ps(const struct sample_ends *e);

#ifdef __cplusplus
}
#endif
#endif
