/* builder.h — what the files that make stages of operators share; within core/plan only.
 *
 * Every op has a value: the stages that make its parts, and element-wise work that is left to who
 * reads it.  build.c walks the ops, connect.c has values and edges, fuse.c says what joins an
 * earlier stage, stored.c what comes from memory. */
#ifndef CIMARRON_PLAN_BUILDER_H
#define CIMARRON_PLAN_BUILDER_H

#include "core/plan/internal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A part of an op's output: made by `stage`, lying at these shares of the channels. */
struct leaf {
    int32_t stage;
    double low, high;
};

struct value { /* the output of one op */
    struct leaf *leaves;
    size_t count;
    const struct op *pending[STAGE_OPS_MAX]; /* element-wise work left to the reader */
    size_t pending_count;
    int32_t uses;   /* ops that read it */
    int32_t reader; /* the last of them */
};

struct builder {
    struct plan *p;
    struct value *values;    /* by op index */
    const struct op **tails; /* by stage: the last op that joined it */
    int32_t source;          /* the graph's input, -1 before it is needed */
    size_t tail_capacity;
};

/* connect.c: the value of input `k` of an op. */
struct value *builder_input(struct builder *b, const struct op *o, size_t k);
/* A value that one stage makes whole. */
void builder_set_leaf(struct builder *b, struct value *v, int32_t stage);
/* The op that joined a stage last (NULL: nothing can join it); whether op `id` is that.  Every
 * stage of a leaf has its tail set. */
void builder_set_tail(struct builder *b, int32_t stage, const struct op *o);
bool builder_ends_with(const struct builder *b, int32_t stage, int32_t id);
/* Stage `consumer` reads a value: edges from all of its parts, and the work left to the reader. */
void builder_read(struct builder *b, const struct value *v, int32_t consumer, bool slides,
                  bool whole);
/* The source of the graph's input.  Readers of inputs of one shape share it: they read the same
 * image. */
FALLIBLE bool builder_graph_input(struct builder *b, const struct op *o, int32_t *stage,
                                  struct diag *d);
/* Rows, width and bytes of what a stage makes, in the activations' bits of `o`. */
FALLIBLE bool builder_shape(struct plan *p, int32_t index, const struct tensor_view *v,
                            const struct op *o);

/* stored.c: keys and values, and rows of tables. */
bool op_is_cache(const struct op *o);
/* The keys or values that a product of two operands reads, once per KV head.  What the step itself
 * appends goes the same way: the cache is read as it stands at the step's end. */
void builder_read_cache(struct builder *b, const struct op *product, const struct op *cache,
                        int32_t consumer);
/* Keys and values that join the cache leave for memory, or stay where they are made when there is
 * none and no step reads them. */
void builder_append_cache(struct builder *b, const struct op *o, const struct value *out);
/* A table look-up: rows of the table come from memory, or over the host link without one. */
FALLIBLE bool builder_look_up(struct builder *b, const struct op *o, struct value *out,
                              struct diag *d);

/* fuse.c: work that needs no stage of its own. */
bool op_is_elementwise(const struct op *o);
/* May the work of `o` wait for the stage that reads it? */
bool builder_reader_takes(const struct builder *b, const struct op *o, const struct value *v);
/* The latest stage that ends in an operand that only `o` reads; -1 when there is none. */
int32_t builder_host(struct builder *b, const struct op *o);
FALLIBLE bool builder_join(struct builder *b, const struct op *o, struct value *out, int32_t host);

#ifdef __cplusplus
}
#endif
#endif
