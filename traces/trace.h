/* trace.h — layer traces: gzip around JSON Lines, streamed in bounded memory.
 *
 * Answers: which operators a network has, in execution order.  The reader checks as it goes: a
 * truncated, corrupt, oversized or bomb-like file, an unknown op, a missing or impossible key,
 * a dangling or cyclic input is an error that names the line.  Unknown keys are counted as
 * warnings.  Limits: a line 4 MiB, JSON depth 32, expanded operators 10^9.
 * It does not know any hardware.
 *
 * Statistics of an operand are {"density": d}, {"hist": [..], "density": d} (the histogram wins;
 * off by more than 0.05 is a warning), {"bits": [share of ones, least significant first]}, or the
 * five moments of stats.h under their own names; "signed" says how a histogram or bits are
 * meant (activations: false, weights: true).
 *
 * Repeats: the copies get fresh ids above the largest id of the file, in execution order.  Later
 * lines that name a line of the block mean its last copy.  Inside a copy, inputs into the block
 * move with it, the line just before the block becomes the last line of the previous copy, all
 * others stay.  With distinct weights copy k of tensor "w" is "w#k", k from 1. */
#ifndef CIMARRON_TRACE_H
#define CIMARRON_TRACE_H

#include "core/base/arena.h"
#include "core/base/diag.h"
#include "traces/op.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TRACE_LINE_MAX = 4 << 20, TRACE_DEPTH_MAX = 32, TRACE_OPS_MAX = 1000000000 };

struct trace_header {
    const char *name, *source; /* source: origin in words; "" when not given */
    const char *work_unit;     /* "image", "token"; default "image" */
    const char *phase;         /* "inference", "prefill", "decode", "training" */
    double work_count;         /* default: the batch */
    int64_t batch, context;
    int activation_bits, weight_bits, kv_bits;
};

struct trace_repeat {
    int64_t lines, times;
    bool distinct;
};

/* --- streaming ------------------------------------------------------------------------- */

struct trace_reader;

enum trace_item { TRACE_OP, TRACE_REPEAT, TRACE_END, TRACE_ERROR };

/* Opens PATH (gzip or plain) and reads the header, whose texts live as long as the reader. */
FALLIBLE bool trace_open(const char *path, struct trace_reader **out, struct diag *d);
const struct trace_header *trace_header(const struct trace_reader *r);

/* The next line as it stands, checked; *op is valid until the next call. */
enum trace_item trace_next(struct trace_reader *r, struct op *op, struct trace_repeat *repeat,
                           struct diag *d);

/* Of the lines read so far: operators with all repeats expanded, and the largest id (-1: none). */
int64_t trace_operators(const struct trace_reader *r);
int32_t trace_largest_id(const struct trace_reader *r);

int64_t trace_line(const struct trace_reader *r);        /* number of the last line read */
int64_t trace_warnings(const struct trace_reader *r);    /* unknown keys met so far */
const char *trace_warning(const struct trace_reader *r); /* the first of them, or NULL */
void trace_close(struct trace_reader *r);

/* --- whole ----------------------------------------------------------------------------- */

/* Of an importer's trace: ops[0 .. end-1] stand before this repeat. */
struct trace_mark {
    size_t end;
    struct trace_repeat repeat;
};

/* A trace in memory; ops in execution order, each input's index resolved.  Repeats of a loaded
 * trace are expanded.  An importer's trace may hold blocks once and mark their repeats: saving
 * writes them, sums count them. */
struct trace {
    struct trace_header header;
    const char *path;
    struct op *ops;
    size_t count;
    int64_t warnings;
    const char *warning;
    const uint32_t *by_id; /* indices into ops in rising order of id; NULL: ops are in that order */
    const struct trace_mark *marks; /* in rising order of end, blocks apart; none when loaded */
    size_t mark_count;
};

/* Expanded operators at most `max_ops` (else a diag says how many it would be). */
FALLIBLE bool trace_load(struct arena *a, const char *path, size_t max_ops, struct trace *out,
                         struct diag *d);

/* What loading would hold of an importer's trace, once saved: checked, repeats written out. */
FALLIBLE bool trace_expand(struct arena *a, const struct trace *t, size_t max_ops,
                           struct trace *out, struct diag *d);

/* Sets by_id of a trace whose ops were given places anew. */
FALLIBLE bool trace_index_ids(struct arena *a, struct trace *t, struct diag *d);

/* Index of the op with this id in t->ops, or -1.  O(log n). */
int64_t trace_index(const struct trace *t, int32_t id);

/* Multiplies all shapes by n (see op_scale_batch) and header batch and work count. */
FALLIBLE bool trace_scale_batch(struct trace *t, int64_t n, struct diag *d);

/* Marked repeats count. */
double trace_operator_count(const struct trace *t);
count128 trace_macs_exact(const struct trace *t);
double trace_macs(const struct trace *t);
double trace_weights(const struct trace *t); /* distinct tensors, elements */

/* --- writing ---------------------------------------------------------------------------- */

struct trace_writer;

/* PATH takes its name on trace_commit (see output.h); gzip level 9, no time stamp: same ops, same
 * bytes. */
FALLIBLE bool trace_create(const char *path, const struct trace_header *h,
                           struct trace_writer **out, struct diag *d);

/* What could not be read back (see op_check.h; an id twice, an input that is no earlier
 * operator) is an error that names the operator. */
FALLIBLE bool trace_write(struct trace_writer *w, const struct op *op, struct diag *d);
FALLIBLE bool trace_write_repeat(struct trace_writer *w, const struct trace_repeat *r,
                                 struct diag *d);

/* Ends the writer, also when it fails; PATH is then as it was before. */
FALLIBLE bool trace_commit(struct trace_writer *w, struct diag *d);
void trace_abandon(struct trace_writer *w); /* ends it, PATH as before; NULL is allowed */

/* --- importers: fill a trace in memory; kinds in importers.def --------------------------- */

struct import_options {
    int activation_bits, weight_bits; /* 8, 8 unless the user says otherwise */
    bool keep_norm;                   /* ONNX: do not fold batch norms into convolutions */
    int64_t batch;                    /* batch for formats or axes without one; 1 */
    const char *name;                 /* NULL: the file's base name */
    const char *const *dims;          /* ONNX: "NAME=N", the sizes of open dimensions, */
    size_t dim_count;                 /* so many of them */

    /* Language models; 0 or NULL: the default of that model. */
    const char *phase; /* "prefill", "decode", "encode"; NULL: decode, encoders encode */
    int64_t sequence;  /* tokens of a prompt or a pass; 2048, encoders 384, two-sided 512 */
    int64_t context;   /* decode: tokens in the cache when generation begins; 1024 */
    int64_t generate;  /* decode: tokens generated; 128 */
    bool steps;        /* decode: every step; else the middle one alone */
    int kv_bits;       /* of keys and values in the cache; those of activations */
};

struct importer {
    const char *kind; /* "hf", "onnx", "scalesim" */
    const char *help;
    bool takes_dims;                      /* import_options.dims mean something to it */
    bool (*recognises)(const char *path); /* by name or first bytes */
    bool (*import)(struct arena *a, const char *path, const struct import_options *o,
                   struct trace *out, struct diag *d);
};

const struct importer *importer_find(const char *kind); /* NULL: no such kind */
const struct importer *importer_for(const char *path);  /* NULL: nobody recognises it */
const struct importer *importer_at(size_t index);       /* NULL past the end */

/* False, and why, when options are given that this importer has no use for. */
FALLIBLE bool importer_takes(const struct importer *i, const struct import_options *o,
                             struct diag *d);

/* The same for a file that may be a trace already, whatever its name: then NULL. */
const struct importer *importer_unless_trace(const char *path);

/* Writes a whole trace in memory to PATH. */
FALLIBLE bool trace_save(const struct trace *t, const char *path, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
