/* trial.h — one run of a pair in a process of its own. */
#ifndef CIMARRON_TEST_TRIAL_H
#define CIMARRON_TEST_TRIAL_H

#include "tests/graphs/pair.h"

struct trial {
    char *text;     /* the run's JSON without its CPU time */
    json_t *result; /* NULL: refused, or it did not end */
    int status;     /* of a refusal; 0: none */
    char said[256]; /* the refusal, or how the process ended */
    bool ended;     /* by itself */
};

struct trial trial_run(const struct pair *p, const struct trace *t, int64_t batch, bool exact);
void trial_close(struct trial *t);

#endif
