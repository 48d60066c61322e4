/* run_views.h — one run in each of the written forms; render.h chooses among them. */
#ifndef CIMARRON_RUN_VIEWS_H
#define CIMARRON_RUN_VIEWS_H

#include <stdio.h>

#include "core/base/diag.h"
#include "core/report/facts.h"
#include "core/report/table.h"

#ifdef __cplusplus
extern "C" {
#endif

void run_text(FILE *out, struct arena *a, const json_t *json);
void run_md(FILE *out, struct arena *a, const json_t *run);
void run_latex(FILE *out, struct arena *a, const json_t *run);
void runs_csv(FILE *out, struct arena *a, const json_t *runs); /* one row per layer */

/* The html page; `chart_path` is the chart library's file, which is written into the page. */
FALLIBLE bool page_write(FILE *out, const json_t *demo_or_runs, const char *chart_path,
                         struct diag *d);
/* A page without charts around one generic result. */
FALLIBLE bool page_write_table(FILE *out, const json_t *result, struct diag *d);
/* The pieces of a page of another shape: its head up to <main>, and its data element. */
void page_begin(FILE *out, const char *title);
FALLIBLE bool page_data_write(FILE *out, const json_t *data, struct diag *d);
/* The body of a generic result: its list and its tables. */
void result_body(FILE *out, struct arena *a, const json_t *result, enum table_style style);

/* The demonstration's side-by-side table and its sentence, also shown on the page.  `all`: every
 * device; else A100 and H100. */
struct table *demo_table(struct arena *a, const json_t *demo, bool all);
const char *demo_verdict(struct arena *a, const json_t *demo);

FALLIBLE bool report_json(FILE *out, const json_t *value, struct diag *d);
FALLIBLE bool report_flushed(FILE *out, struct diag *d); /* false when anything was not written */

#ifdef __cplusplus
}
#endif
#endif
