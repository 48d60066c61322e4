/* annotate.h — value histograms from a side file, put on the products of a trace.
 *
 * Answers: a trace whose convolutions and matrix products carry the statistics of a network that
 * somebody has measured.  The file is a CSV with the columns net, op, dims, hist_inputs and
 * hist_weights: dims as words "C=64 M=192 R=3 S=3 G=1" (inputs, outputs, kernel, groups), bins
 * apart by blanks, of equal width, centred on zero (an odd number of them).  Inputs that are never
 * negative are taken as unsigned: the bins from zero on.
 *
 * A product with a static weight takes the first row not yet taken that has its K and N; products
 * of two activations take the rows whose op ends in "Attention", in order, when there are as many
 * of both.  What finds no row keeps what it has.  It does not check that the network is the same
 * one: that is the user's word. */
#ifndef CIMARRON_ANNOTATE_H
#define CIMARRON_ANNOTATE_H

#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct annotated {
    int64_t products, matched, rows;
};

/* `t` is a loaded trace: all copies of a block stand in it.  No match at all is an error. */
FALLIBLE bool trace_annotate(struct arena *a, struct trace *t, const char *csv, const char *net,
                             struct annotated *out, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
