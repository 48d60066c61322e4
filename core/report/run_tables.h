/* run_tables.h — the tables of a run that text, md, latex and html share. */
#ifndef CIMARRON_RUN_TABLES_H
#define CIMARRON_RUN_TABLES_H

#include "core/report/facts.h"
#include "core/report/format.h"
#include "core/report/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A headline figure: "energy per image", "472 uJ". */
struct headline {
    const char *label, *value;
};

enum { HEADLINES_MAX = 24, PARTS_MAX = 32 };

size_t run_headlines(struct arena *a, const struct run_facts *run, struct headline *out);

struct table *run_headline_table(struct arena *a, const struct run_facts *run);
struct table *run_parts_table(struct arena *a, const struct run_facts *run);
struct table *run_causes_table(struct arena *a, const struct run_facts *run);
struct table *run_layers_table(struct arena *a, const struct run_facts *run);
struct table *run_baselines_table(struct arena *a, const struct run_facts *run);

/* "one image every 36.1 us, ..." of the filled pipeline, or why there is none. */
const char *run_steady_line(struct arena *a, const struct run_facts *run);
/* "lower bound 1.86 ms: the run takes 26.6 % longer; bound by array" */
const char *run_bound_line(struct arena *a, const struct run_facts *run);
/* "23 % of the energy rests on unit costs that nobody published" */
const char *run_trust_line(struct arena *a, const struct run_facts *run);

#ifdef __cplusplus
}
#endif
#endif
