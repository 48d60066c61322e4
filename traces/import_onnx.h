/* import_onnx.h — the inside of the ONNX importer: one value per tensor name and scope, one handler
 * per operator type, and what handlers share.
 *
 * The importer walks the nodes in file order and infers every shape itself.  A value is known by
 * its shape; a constant one (an initialiser, or computed from such) may also be known by content,
 * as far as shape arithmetic needs it.  Nodes whose inputs are all constant give no operator, and
 * neither do nodes whose results reach no output.  Branches, loops and functions are written out
 * where they stand, each in a scope of its own.
 * Operator semantics: ONNX operator schemas, onnx/onnx docs/Operators.md, and for the domain
 * com.microsoft onnxruntime docs/ContribOperators.md.
 *
 * New operator type: a line in import_onnx_ops.def, and a handler if none fits. */
#ifndef CIMARRON_IMPORT_ONNX_H
#define CIMARRON_IMPORT_ONNX_H

#include "onnx.pb-c.h"
#include "traces/import_file.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    ONNX_CONTENT_MAX = 4096,    /* elements of a constant that are kept */
    ONNX_CONTENT_ALL = 1 << 23, /* ... of all that are computed */
    ONNX_WINDOW_MAX = 1 << 24,  /* kernel, stride, dilation, pad */
    ONNX_NAME_MAX = 4096,       /* bytes of a name */
    ONNX_INNER_NODES = 1 << 16, /* of branches, loops and functions, written out: these, */
    ONNX_INNER_PER_NODE = 16,   /* and so many for each in the file */
    ONNX_SCOPES_MAX = 64        /* one inside the other */
};

#define ONNX_ELEMENTS_MAX 9007199254740992LL /* 2^53: exact in a double */

struct onnx_value {
    const char *name;   /* as in the file */
    struct shape shape; /* pads not yet merged included */
    bool defined, constant;
    bool absent;                     /* an input that the call of a function leaves out */
    bool integer;                    /* content is of an integer type */
    const double *content;           /* shape_elements(shape) numbers, or NULL: not known */
    const char *root;                /* constant: the tensor's own name, through renamings */
    const Onnx__TensorProto *tensor; /* constant: its data in the file, or NULL */
    int32_t op;              /* operator that makes it; -1: the graph's input or a constant */
    int32_t absorber;        /* operator whose weights can take a scale per channel; -1: none */
    int uses;                /* consumers, graph outputs included */
    bool wanted;             /* an output, or read by a node whose results are wanted */
    unsigned reads;          /* as what: bits of enum onnx_read */
    bool padded;             /* an explicit Pad waits to be merged into a convolution or pool */
    struct shape bare;       /* padded: the shape before, */
    int32_t pad[4];          /* and the pads top, left, bottom, right */
    struct onnx_value *next; /* in its bucket */
};

/* The names of a graph, of a branch, of one trip of a loop or of one call of a function. */
struct onnx_scope {
    struct onnx_scope *outer; /* whose names are seen from here too; NULL: a graph or function */
    const char *name;         /* of the node that opened it; NULL: the graph itself */
    struct onnx_value **buckets;
    size_t n_buckets;
    const struct onnx_scope *caller; /* of the function that holds it; NULL: no function */
    const Onnx__NodeProto *call;     /* ... its node, */
    const struct onnx_function *function;
    int depth;
};

/* A function of the model. */
struct onnx_function {
    const Onnx__FunctionProto *proto;
    Onnx__AttributeProto *const *defaults; /* attributes that a call may leave out */
    size_t n_defaults;
    const struct onnx_function *next; /* in its bucket */
};

struct onnx_import {
    struct arena *keep;    /* what the trace holds */
    struct arena *scratch; /* what is gone afterwards */
    const char *path;
    const struct import_options *options;
    struct diag *d;
    int64_t batch;      /* for dynamic first axes */
    bool dynamic_batch; /* at least one input had such an axis */
    int64_t opset;
    const Onnx__ModelProto *model;
    const struct onnx_function **functions; /* of the model by name: one bucket more than these */
    struct onnx_scope *scope;
    int64_t inner_nodes;  /* of branches, loops and functions: entered so far, */
    int64_t inner_most;   /* and at most */
    int64_t content_held; /* numbers */
    const struct onnx_needed *needed;
    int64_t remarks;
    const char *remark; /* the first */
    struct op *ops;
    size_t n_ops, room;
    struct op unused; /* what an operator on constants is written to */
    /* the node at hand */
    const Onnx__NodeProto *node;
    struct onnx_value **in; /* NULL where an optional input is left out */
    size_t n_in;
    bool fold; /* all inputs are constant */
};

typedef bool onnx_handler(struct onnx_import *c, const char *fn);
#define ONNX_OP(type, handler, fn) onnx_handler handler;
#include "traces/import_onnx_ops.def"
#undef ONNX_OP
onnx_handler onnx_packed_attention; /* of com.microsoft */

/* --- complaints, names (import_onnx_graph.c) -------------------------------------------- */

/* "node 'NAME' (OpType): sentence"; false. */
#define onnx_fail(c, ...) (onnx_complain(c, __VA_ARGS__), diag_false())
void onnx_complain(struct onnx_import *c, const char *format, ...) PRINTF_LIKE(2, 3);

/* Something to know about a file that is read all the same: "node 'NAME' (OpType): sentence". */
void onnx_remark(struct onnx_import *c, const char *format, ...) PRINTF_LIKE(2, 3);

/* protobuf-c leaves absent repeated strings out, but an absent string is NULL: "" for it. */
const char *onnx_text(const char *s);

/* --- values ----------------------------------------------------------------------------- */

/* Of the scope at hand or one around it; made here when missing. */
struct onnx_value *onnx_value(struct onnx_import *c, const char *name);
struct onnx_value *onnx_local(struct onnx_import *c, const char *name); /* of this scope alone */

/* One without a name. */
struct onnx_value *onnx_nameless(struct onnx_import *c);

/* Input i of the node, or NULL. */
const struct onnx_value *onnx_input(const struct onnx_import *c, size_t i);

/* The first n inputs must be there. */
FALLIBLE bool onnx_need(struct onnx_import *c, size_t n);

/* Sizes of at least 1 (of a constant 0, too), at most 2^53 elements. */
FALLIBLE bool onnx_check_shape(struct onnx_import *c, const char *what, const struct shape *s,
                               bool constant);

/* Defines output i with this shape; *out may then be filled further. */
FALLIBLE bool onnx_define(struct onnx_import *c, size_t i, const struct shape *s,
                          struct onnx_value **out);

/* Output i is the same data as v in shape s. */
FALLIBLE bool onnx_alias(struct onnx_import *c, size_t i, const struct onnx_value *v,
                         const struct shape *s);

FALLIBLE bool onnx_define_tensor(struct onnx_import *c, struct onnx_value *v,
                                 const Onnx__TensorProto *t);

/* A pad that nobody merges becomes an elementwise copy into the larger shape. */
FALLIBLE bool onnx_materialise_pad(struct onnx_import *c, struct onnx_value *v);

/* --- operators -------------------------------------------------------------------------- */

/* Appends an operator whose inputs are the node's non-constant ones; `out` is what it makes. */
FALLIBLE bool onnx_emit(struct onnx_import *c, enum op_kind kind, const char *fn,
                        struct onnx_value *out, struct op **op);

/* The same with n inputs of one's choice, NULL and constant ones left out. */
FALLIBLE bool onnx_emit_of(struct onnx_import *c, enum op_kind kind, const char *fn,
                           const struct onnx_value *const *from, size_t n, struct onnx_value *out,
                           struct op **op);

/* A step inside a node: reads one value (two), makes a nameless one of shape `out`. */
FALLIBLE bool onnx_step(struct onnx_import *c, enum op_kind kind, const char *fn,
                        const struct onnx_value *from, const struct shape *in,
                        const struct shape *out, struct onnx_value **made);
FALLIBLE bool onnx_step2(struct onnx_import *c, enum op_kind kind, const char *fn,
                         const struct onnx_value *from, const struct onnx_value *with,
                         const struct shape *out, struct onnx_value **made);

/* A product inside a node, of `from` with stored weights, or of two values (weight NULL). */
struct onnx_product {
    const struct onnx_value *from, *with, *weight;
    int64_t batch, m, k, n;
};
FALLIBLE bool onnx_multiply(struct onnx_import *c, const struct onnx_product *p,
                            const struct shape *out, struct onnx_value **made);

/* Output i is `v`, in its shape. */
FALLIBLE bool onnx_give(struct onnx_import *c, size_t i, const struct onnx_value *v);

/* One output of shape `out`, one operator with shapes in and out. */
FALLIBLE bool onnx_simple(struct onnx_import *c, enum op_kind kind, const char *fn,
                          const struct shape *in, const struct shape *out, struct op **op);

/* The node's first input in another size: every element of shape s is written once.  `spread`: it
 * is the input, broadcast. */
FALLIBLE bool onnx_copy(struct onnx_import *c, const char *fn, const struct shape *s, bool spread);

/* Names the operator's weights and, where the file holds them, says what they look like; `out`,
 * what the operator makes, may from now on hand a scale per channel down to them. */
void onnx_set_weight(struct onnx_import *c, struct op *op, const struct onnx_value *w,
                     struct onnx_value *out);

/* Statistics of the quantised weights (import_onnx_stats.c). */
void onnx_weight_stats(struct onnx_import *c, struct op *op, const struct onnx_value *w);

/* --- names (import_onnx_name.c) ----------------------------------------------------------- */

/* Absent, or only numbered ("n12"), as some exporters do. */
bool onnx_says_nothing(const char *name);

/* Gives operators whose names say nothing the name of their weights ("conv1" for "conv1_w_0"),
 * or of what they follow ("conv1.relu"). */
void onnx_name_operators(struct onnx_import *c);

/* --- attributes (import_onnx_attr.c) ----------------------------------------------------- */

int64_t onnx_int(const struct onnx_import *c, const char *name, int64_t otherwise);
bool onnx_string_is(const struct onnx_import *c, const char *name, const char *text);
const Onnx__AttributeProto *onnx_attribute(const struct onnx_import *c, const char *name);
bool onnx_is_microsoft(const struct onnx_import *c); /* the node's domain is com.microsoft */

/* A list of integers, from the attribute or, in newer opsets, the constant input `index`
 * (SIZE_MAX: no such input).  *n is 0 when neither is given.  At most `max`. */
FALLIBLE bool onnx_ints(struct onnx_import *c, const char *name, size_t index, int64_t *out,
                        size_t max, size_t *n);

/* An axis in [-dims, dims) to [0, dims). */
FALLIBLE bool onnx_axis(struct onnx_import *c, int64_t axis, int dims, int *out);

/* A double to an integer, clamped to +-2^62. */
int64_t onnx_whole(double x);

/* --- shapes ------------------------------------------------------------------------------ */

struct shape onnx_shape2(int64_t a, int64_t b);
struct shape onnx_shape4(int64_t n, int64_t ch, int64_t h, int64_t w);

/* Product of dimensions [from, to); shapes are checked, so it cannot overflow. */
int64_t onnx_span(const struct shape *s, int from, int to);

bool onnx_same_shape(const struct shape *a, const struct shape *b);

/* a x b, at most 2^53. */
FALLIBLE bool onnx_times(struct onnx_import *c, int64_t a, int64_t b, int64_t *out);

FALLIBLE bool onnx_broadcast(struct onnx_import *c, const struct shape *a, const struct shape *b,
                             struct shape *out);

#ifdef __cplusplus
}
#endif
#endif
