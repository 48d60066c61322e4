/* steady.h — has the pipeline come to repeat itself?
 *
 * At the end of every sample the state is taken: what every stage and edge has done beyond that
 * sample, how long busy stages and links still are, and the books.  When it equals an earlier one
 * (counts exactly, times within 0.1 % of the period) and two successive periods agree within 0.1 %
 * in time and in every part's energy, everything between the two ends may be repeated. */
#ifndef CIMARRON_STEADY_H
#define CIMARRON_STEADY_H

#include "core/base/server.h"
#include "core/sim/pipeline.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { STEADY_PERIODS = 4 }; /* a period may be 1 to 4 samples long */

struct snapshot {
    time_ps at;
    int64_t *counts, *times;
    size_t count_words, time_words;
    struct ledger *ledger;
    struct ledger_sums sums;
};

struct steady {
    struct arena *arena;
    int64_t *scratch; /* where a server writes its state before it is kept */
    struct snapshot last[2 * STEADY_PERIODS + 1]; /* newest first */
    size_t taken;
};

/* Takes the state at the end of `sample` (books must be up to date); `network` may be NULL. */
void steady_take(struct steady *s, const struct pipeline *l, int64_t sample,
                 const struct ledger *books, const struct server *network, time_ps now);

/* Equal within 0.1 % of a. */
bool steady_agree(double a, double b);

/* Do two spells agree in every part's energy?  Refresh has a period of its own: `memory` says
 * whether memory's parts and leakage are compared too, by their sum. */
bool steady_same_energies(const double a_pj[PART_COUNT], const double b_pj[PART_COUNT],
                          bool memory);

/* Samples per period (1..STEADY_PERIODS) when the newest state repeats; 0 when it does not. */
int steady_period(const struct steady *s);

#ifdef __cplusplus
}
#endif
#endif
