/* trace_scan.h — a quick look over a whole trace: how many lines, and which are repeated.
 *
 * Answers, without reading operators: how large the trace becomes when its repeats are expanded,
 * and how often each line stands.  It checks no line; a scan that meets something wrong says
 * `broken` and stops: the reader then says what and where. */
#ifndef CIMARRON_TRACE_SCAN_H
#define CIMARRON_TRACE_SCAN_H

#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct scan_repeat {
    int64_t end; /* operator lines before this repeat */
    struct trace_repeat repeat;
};

struct trace_scan {
    int64_t operators; /* operator lines */
    int64_t expanded;  /* with repeats */
    struct scan_repeat *repeats;
    size_t count, room;
    bool broken;     /* the reader will refuse the trace */
    bool over_limit; /* expanded passed `limit`; the scan went no further */
};

/* Whoever reads a trace twice asks this first: a pipe can be read only once. */
FALLIBLE bool trace_is_rereadable(const char *path, struct diag *d);

/* False only when the file cannot be opened twice or memory runs out. */
FALLIBLE bool trace_scan(const char *path, int64_t limit, struct trace_scan *s, struct diag *d);
void trace_scan_close(struct trace_scan *s);

/* How often the operator line `index` stands in the expanded trace, 1 or more; *r is the repeat
 * it belongs to, or NULL.  Indices rise from call to call; *at starts at 0. */
int64_t trace_scan_times(const struct trace_scan *s, size_t *at, int64_t index,
                         const struct trace_repeat **r);

#ifdef __cplusplus
}
#endif
#endif
