/* shrink.h — a smaller graph that breaks the same law on the same system. */
#ifndef CIMARRON_TEST_SHRINK_H
#define CIMARRON_TEST_SHRINK_H

#include "tests/graphs/pair.h"

/* Cuts the end, lines, repeats and samples off *g and p->batch while law `l` stays broken. */
void shrink(struct arena *a, struct pair *p, struct graph *g, enum law l);

#endif
