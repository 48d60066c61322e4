/* llm_build.h — lines of a transformer's trace, for the files llm_*.c only. */
#ifndef CIMARRON_LLM_BUILD_H
#define CIMARRON_LLM_BUILD_H

#include "traces/llm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A trace on its way. */
struct llm_work {
    struct arena *arena;
    const struct llm_model *model;
    struct op *ops;
    size_t count, room;
    struct trace_mark *marks;
    size_t mark_count, mark_room;
    const char *prefix; /* of the names of lines and tensors: "layers.0." */
    const char *step;   /* of the names of lines alone, before the prefix: "step2." */
    int32_t last;       /* id of the last line; -1: none yet */
    int64_t batch;
    int64_t queries; /* tokens of each sequence that are worked on */
    int64_t keys;    /* tokens that they attend to */
    int64_t source;  /* two-sided: tokens of the encoder */
    bool cached;     /* keys and values go through a cache */
    int activation_bits, weight_bits, kv_bits;
};

enum llm_phase { LLM_PREFILL, LLM_DECODE, LLM_ENCODE, LLM_TRAINING, LLM_PHASE_COUNT };

/* What is asked for, defaults filled in. */
struct llm_pass {
    enum llm_phase phase;
    int64_t batch, sequence, context, generate;
    bool steps;
};

FALLIBLE bool llm_plan_pass(const struct llm_model *m, const struct import_options *o,
                            struct llm_pass *p, struct diag *d);

/* A remark of the trace where more tokens are asked for than the model was made for. */
void llm_tell_length(struct arena *a, const struct llm_model *m, const struct llm_pass *p,
                     struct trace *t);

/* Tokens that the step in the middle of what is generated attends to. */
int64_t llm_middle_step(const struct llm_pass *p);

void llm_fill_header(struct llm_work *w, const struct llm_pass *p, const char *how,
                     const struct import_options *o, struct trace_header *h);

/* limit 0: none. */
int64_t llm_at_most(int64_t value, int64_t limit);

/* Products of sizes stop at 2^63 - 1; what is beyond the format is refused when all is written. */
int64_t llm_times(int64_t a, int64_t b);

/* A new line; unused inputs are -1.  The pointer holds until the next line. */
struct op *llm_emit(struct llm_work *w, enum op_kind kind, const char *part, int32_t a, int32_t b);

/* The tensor of that part: the same in every step. */
const char *llm_weight(struct llm_work *w, const char *part);

/* Marks the lines since `from` (a count of lines) as repeated `times` further times. */
void llm_repeat(struct llm_work *w, size_t from, int64_t times);

struct shape llm_shape(const struct llm_work *w, int64_t tokens, int64_t width);

/* Each returns the id of its line. */
int32_t llm_linear(struct llm_work *w, const char *part, int32_t x, int64_t tokens, int64_t k,
                   int64_t n);
int32_t llm_unary(struct llm_work *w, enum op_kind kind, const char *part, const char *fn,
                  int32_t x, const struct shape *s);
int32_t llm_pair(struct llm_work *w, const char *part, const char *fn, int32_t a, int32_t b,
                 int64_t width);
int32_t llm_norm(struct llm_work *w, const char *part, int32_t x, int64_t tokens);
int32_t llm_slice(struct llm_work *w, const char *part, int32_t x, const struct shape *in,
                  const struct shape *out);

/* A table that is looked up for every token worked on; `weight` is its tensor. */
int32_t llm_table(struct llm_work *w, const char *part, const char *weight, int64_t rows,
                  int64_t width, int32_t x);

/* A name within a part: "attn.q". */
const char *llm_part(const struct llm_work *w, const char *part, const char *leaf);

/* What a layer is made of: letters of llm_family, and whether it attends across. */
struct llm_layer {
    char mixer, feed;
    bool cross;
};

/* All layers of one side, equal ones in a row as a repeat.  `cross`: they also attend to line
 * `memory` (or its cache, -1). */
void llm_layers(struct llm_work *w, int64_t layers, bool cross, int32_t memory);
void llm_block(struct llm_work *w, int64_t index, const struct llm_layer *layer, int32_t memory);

/* Tokens that a layer attends to. */
int64_t llm_keys(const struct llm_work *w, const struct llm_layer *layer);

/* Lines of the cache of one layer; `width`: elements of a token. */
int32_t llm_cache_append(struct llm_work *w, const char *part, int32_t a, int32_t b, int64_t width,
                         int64_t tokens, int64_t position);
int32_t llm_cache_read(struct llm_work *w, const char *part, int32_t appended, int64_t width,
                       int64_t tokens);

void llm_attention(struct llm_work *w, const struct llm_layer *layer, const char *part, int32_t x,
                   int32_t memory);
void llm_latent(struct llm_work *w, const struct llm_layer *layer, const char *part, int32_t x);
void llm_experts(struct llm_work *w, int32_t x);
void llm_mlp(struct llm_work *w, const char *part, int32_t x, int64_t width);

#ifdef __cplusplus
}
#endif
#endif
