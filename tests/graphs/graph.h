/* graph.h — random graphs: legal traces of 1 to 40 lines, each drawn from its seed alone.
 *
 * Answers: what a user's network may look like that nobody thought of: convolutions of every
 * kernel, stride, dilation, group and pad, of which some never read the last rows of what stands
 * before them; static products and those of two operands; attention with and without a cache;
 * branches, some of which nobody reads; pools, concatenations, element-wise work; repeated blocks;
 * odd, prime and single widths; operands with and without statistics.  Sizes are small, so that a
 * run takes a fraction of a second.  Its multiplications are counted while it is drawn, not by
 * traces/op.c.  Mixtures of experts and collectives are left out. */
#ifndef CIMARRON_TEST_GRAPH_H
#define CIMARRON_TEST_GRAPH_H

#include "traces/trace.h"

enum { GRAPH_LINES_MAX = 40, GRAPH_BLOCKS_MAX = 4, GRAPH_INPUTS_MAX = 4 };

struct graph {
    uint64_t seed;
    struct trace trace; /* as a file holds it: repeats are marks */
    int64_t batch;      /* to run it with: multiplies the trace's shapes; 1 to 64 */
    struct op ops[GRAPH_LINES_MAX];
    double macs[GRAPH_LINES_MAX]; /* of each line once */
    struct trace_mark marks[GRAPH_BLOCKS_MAX];
};

struct graph *graph_draw(struct arena *a, uint64_t seed);

/* Multiplications of the trace, repeats counted. */
double graph_macs(const struct graph *g);

/* The trace as the text of a .jsonl file; the caller frees it. */
char *graph_text(const struct graph *g, size_t *length);

/* That text read back, repeats expanded, as the program would. */
FALLIBLE bool graph_load(struct arena *a, const struct graph *g, struct trace *out, struct diag *d);

#endif
