/* inspect.h — what a trace holds, without holding it: for the commands info, cat and check.
 *
 * Answers: whether a trace is sound, what it amounts to by kind of operator, and its lines as
 * text with or without repeats written out.  All stream in bounded memory: a trace of ten million
 * lines costs no more than one of ten, but for info, which keeps 16 to 32 bytes per static tensor
 * (of the first 2^22; beyond, every name counts as a tensor of its own), and for expanding cat,
 * which keeps the largest repeated block and 16 to 32 bytes per line of any. */
#ifndef CIMARRON_INSPECT_H
#define CIMARRON_INSPECT_H

#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TRACE_WARNING_MAX = 240 };

struct trace_checked {
    int64_t lines;     /* operator lines */
    int64_t operators; /* with repeats expanded */
    int32_t largest_id;
    int64_t warnings;
    char warning[TRACE_WARNING_MAX]; /* the first of them, or "" */
};

/* Reads the trace to its end; `out` may be NULL. */
FALLIBLE bool trace_check(const char *path, struct trace_checked *out, struct diag *d);

/* Counts of the expanded trace unless a name says lines.  ops = 2 x macs. */
struct trace_kind_info {
    int64_t lines, operators;
    count128 macs, weights; /* weights: elements of static tensors first named by this kind */
    count128 activations;   /* elements that come out */
};

struct trace_layer_info {
    int32_t id; /* -1: no layer has any */
    int64_t line;
    const char *name;
    int64_t value;
};

struct trace_info {
    struct trace_header header;
    int64_t lines, repeats, operators;
    count128 macs, ops;
    int64_t tensors; /* distinct static tensors */
    bool tensors_exact;
    count128 weights, weight_bits;         /* elements and bits of the distinct static tensors */
    count128 activations, activation_bits; /* elements that come out of all operators */
    struct trace_layer_info most_macs, most_weights, most_activations; /* of one line */
    int64_t given_statistics; /* lines that bring value statistics of an operand */
    struct trace_kind_info kind[OP_KIND_COUNT];
    int64_t warnings;
    const char *warning; /* the first, or NULL */
};

/* Texts go into the arena. */
FALLIBLE bool trace_info(struct arena *a, const char *path, struct trace_info *out, struct diag *d);

/* One line of JSON, newline included; false stops the walk without a complaint. */
typedef bool trace_cat_line(void *user, const char *text, size_t length);

/* Every line of the trace, checked, in the writer's own form; repeats as they stand, or written
 * out when `expand` (the whole trace is then checked before the first line comes out; else the
 * lines before one that is wrong have been handed out). */
FALLIBLE bool trace_cat(const char *path, bool expand, trace_cat_line *emit, void *user,
                        struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
