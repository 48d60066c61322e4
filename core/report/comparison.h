/* comparison.h — how a comparison table reads: published beside predicted, normalised columns,
 * footnotes.
 *
 * Answers: one row per system with its precision, node, rate, power and efficiency; the same
 * efficiency at 1 b x 1 b and brought to one node; rates dense and with 2:4 sparsity; and what each
 * figure rests on: whose power it is, what is recalled or assumed, which prediction it is.  It
 * computes ratios and the stated normalisations, nothing else. */
#ifndef CIMARRON_COMPARISON_H
#define CIMARRON_COMPARISON_H

#include "core/report/render.h"
#include "core/report/table.h"
#include "core/validate/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

struct comparison_row {
    const struct compare_row *asked;
    struct compare_figures f;
};

struct comparison {
    const struct compare_table *table;
    const struct comparison_row *rows; /* table->count of them */
};

/* Text of at most 100 columns, Markdown, LaTeX (booktabs), one html page, or csv with a row per
 * system.  `data` is what json prints; a page carries it. */
FALLIBLE bool report_comparison(FILE *out, const struct comparison *c, enum report_format f,
                                const json_t *data, struct diag *d);

/* What is left of a figure's meaning: sentences for the row's footnotes, at most `room`. */
size_t comparison_remarks(struct arena *a, const struct comparison_row *r, const char **out,
                          size_t room);

#ifdef __cplusplus
}
#endif
#endif
