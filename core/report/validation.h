/* validation.h — how a suite of judged figures reads.
 *
 * Answers: per chip predicted beside published; the statistics of each family, metric and kind of
 * prediction, never mixed; what is beyond its limit and which misses are known; the plot of
 * predicted against published.  It computes ratios and nothing else: core/validate judges. */
#ifndef CIMARRON_VALIDATION_H
#define CIMARRON_VALIDATION_H

#include "core/report/render.h"
#include "core/validate/statistics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct validation {
    const char *suite;
    const struct judged_list *list;
    struct statistics_list families, chips;
    struct statistic_verdicts limits; /* none when only some chips were asked for */
    size_t chip_count, beyond, known;
};

void validation_fill(struct arena *a, const char *suite, const struct judged_list *l,
                     struct validation *out);

/* Text of at most 100 columns, Markdown, LaTeX, one html page, or csv with a row per figure.
 * `data` is what json prints (the command's): a page carries it. */
FALLIBLE bool report_validations(FILE *out, const struct validation *v, size_t count,
                                 enum report_format f, const json_t *data, struct diag *d);

/* TOPS/W predicted against published, a panel for each kind that has any: one svg file.
 * False with a complaint when there is nothing to draw. */
FALLIBLE bool report_validation_plot(FILE *out, const struct validation *v, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
