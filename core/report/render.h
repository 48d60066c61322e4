/* render.h — results into text, json, csv, md, latex and html.
 *
 * Answers: how a result reads.  A run's result is a jansson object with the keys of
 * `cimarron run --format json`; everything here renders from it and computes
 * nothing but shares, ratios and rates.  A key that is missing or null reads "-".  Same input,
 * same bytes: no clock, no locale, no environment.
 *
 * Errors: a stream that cannot be written, a shape that is no result, a missing chart library;
 * each fills the diag with status 1. */
#ifndef CIMARRON_RENDER_H
#define CIMARRON_RENDER_H

#include <jansson.h>
#include <stdio.h>

#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_CSV, REPORT_MD, REPORT_LATEX, REPORT_HTML };

/* "text", "json", "csv", "md", "latex" or "html"; false for any other word. */
bool report_format_find(const char *name, enum report_format *f);

/* An array of run results (one object is taken as an array of one).  JSON of a single run is its
 * object, of several an array; csv has one row per layer, over all runs.  Text has at most 100
 * columns. */
FALLIBLE bool report_runs(FILE *out, const json_t *runs, enum report_format f, struct diag *d);

/* The demonstration: { "runs": [the judged chip, others...], "measured": [ { "name": a baseline's,
 * "images_per_s", "source" }, ... ] }.  Text, at most 100 columns and 50 lines. */
FALLIBLE bool report_demo(FILE *out, const json_t *demo, struct diag *d);

/* One self-contained static page of a demonstration, an array of runs or a run: it opens without
 * a network and carries its own JSON in <script id="cimarron-data">. */
FALLIBLE bool report_html_page(FILE *out, const json_t *demo_or_runs, struct diag *d);

/* Any other result: an object of scalars, one-level objects and arrays of flat objects (or such
 * an array itself).  Scalars become a list, each object and array a table.  csv carries the rows
 * of the arrays, or, when there are none, `key,value` lines with dotted keys. */
FALLIBLE bool report_table(FILE *out, const json_t *result, enum report_format f, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
