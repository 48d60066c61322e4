/* read_header.h — the lines of a trace that are no operators: its header and its repeats. */
#ifndef CIMARRON_READ_HEADER_H
#define CIMARRON_READ_HEADER_H

#include "traces/read_line.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Texts live as long as l->object. */
FALLIBLE bool read_header(struct line *l, struct trace_header *h);

/* Needs sorted keys; lines and times are at least 1, not yet held against the trace. */
FALLIBLE bool read_repeat(struct line *l, struct trace_repeat *repeat);

#ifdef __cplusplus
}
#endif
#endif
