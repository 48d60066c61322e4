/* pass_options.h — which pass of a language model a trace shall hold: options of two commands. */
#ifndef CIMARRON_PASS_OPTIONS_H
#define CIMARRON_PASS_OPTIONS_H

#include "core/app/app.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pass_values {
    const char *phase, *name;
    struct reals bits;
    struct texts dims;
    int64_t batch, sequence, context, generate, kv_bits;
    bool steps;
};

/* Rows for a struct whose first member is a struct pass_values: which pass of a language model. */
#define MODEL_OPTIONS                                                                              \
    {"phase",     0,                                                                               \
     OPTION_TEXT, offsetof(struct pass_values, phase),                                             \
     "PHASE",     0,                                                                               \
     0,           "language models: prefill, decode or encode [decode; encoders: encode]"},        \
        {"sequence", 0, OPTION_INT, offsetof(struct pass_values, sequence),                        \
         "N",        1, 1 << 30,    "tokens of a prompt or a pass [2048; encoders 384]"},          \
        {"context", 0, OPTION_INT, offsetof(struct pass_values, context),                          \
         "N",       1, 1 << 30,    "decode: tokens in the cache before the first step [1024]"},    \
        {"generate", 0, OPTION_INT, offsetof(struct pass_values, generate),                        \
         "N",        1, 1 << 30,    "decode: steps; the trace holds the middle one [128]"},        \
        {"steps", 0, OPTION_FLAG, offsetof(struct pass_values, steps),                             \
         NULL,    0, 0,           "decode: write every step"},                                     \
    {                                                                                              \
        "kv-bits", 0, OPTION_INT, offsetof(struct pass_values, kv_bits), "N", 1, 64,               \
            "bits of keys and values in the cache [those of activations]"                          \
    }

/* A row for such a struct: sizes of an ONNX graph. */
#define DIM_OPTION                                                                                 \
    {                                                                                              \
        "dim", 0, OPTION_TEXTS, offsetof(struct pass_values, dims), "NAME=N", 0, 0,                \
            "size of an open dimension of an ONNX graph's inputs, repeatable"                      \
    }

/* Rows for such a struct: what a trace that is written shall be. */
#define PASS_OPTIONS                                                                               \
    {"name", 0, OPTION_TEXT, offsetof(struct pass_values, name),                                   \
     "NAME", 0, 0,           "name of the trace [the file's or the model's]"},                     \
        {"bits", 0, OPTION_REALS, offsetof(struct pass_values, bits),                              \
         "A,W",  1, 32,           "bits of activations and weights [8,8]"},                        \
        {"batch", 0, OPTION_INT, offsetof(struct pass_values, batch),                              \
         "N",     1, 1e9,        "batch: images or sequences [1]"},                                \
        MODEL_OPTIONS

/* Whether any of the MODEL_OPTIONS or DIM_OPTION was given. */
bool pass_import_asked(const struct pass_values *v);

/* The options as the importers and the builder take them. */
FALLIBLE bool pass_fill(const struct pass_values *v, struct import_options *o, struct diag *d);

/* Saves a trace at -o and says on stderr what it amounts to. */
FALLIBLE bool pass_save(const struct app *app, const struct trace *t, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
