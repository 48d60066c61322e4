/* write_json.h — the lines of a trace as text: keys in the order of the format's description,
 * defaults left out.  No checks: the writer makes them. */
#ifndef CIMARRON_WRITE_JSON_H
#define CIMARRON_WRITE_JSON_H

#include "traces/json_text.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

void write_json_header(struct json_text *t, const struct trace_header *h);

/* The op's bits are written where they differ from the header's. */
void write_json_op(struct json_text *t, const struct op *op, int activation_bits, int weight_bits);
void write_json_repeat(struct json_text *t, const struct trace_repeat *r);

#ifdef __cplusplus
}
#endif
#endif
